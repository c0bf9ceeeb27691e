// The keyboard, wherever it does not belong to a field: one table, from which a help sheet can be made.

export interface Key {
  keys: readonly string[]; // as KeyboardEvent.key tells them, letters small
  shown: string; // on the help sheet; '': it stands there with another
  what: string;
  only?: string; // a selector: only while this has the focus
  run(event: KeyboardEvent): void;
}

function inField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, select, textarea, dialog') !== null;
}

// `busy`: a dialog has the keyboard.
export function startKeys(table: readonly Key[], busy: () => boolean): void {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || busy()) return;
    const { key, target } = event;
    const name = key.length === 1 ? key.toLowerCase() : key;
    const found = table.find((each) => each.keys.includes(name));
    if (!found || (inField(target) && name !== 'Escape')) return;
    if (found.only && !(target instanceof Element && target.matches(found.only))) return;
    found.run(event);
    if (name !== 'Escape') event.preventDefault();
  });
}
