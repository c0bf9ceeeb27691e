// The keyboard, wherever it does not belong to a field.

export interface KeyEvents {
  move(di: number, dj: number): void;
  pin(): void;
  hold(): void;
  zoom(factor: number): void;
  fit(): void;
  picture(): void;
  layer(step: number): void;
  help(): void;
  escape(): void;
  busy(): boolean; // a dialog has the keyboard
}

const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function inField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, select, textarea, dialog') !== null;
}

export function startKeys(events: KeyEvents): void {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || events.busy()) return;
    if (event.key === 'Escape') return events.escape();
    if (inField(event.target)) return;
    const arrow = ARROWS[event.key];
    if (arrow) {
      const step = event.shiftKey ? 10 : 1;
      events.move(arrow[0] * step, arrow[1] * step);
    } else if (!plain(event.key, events, event.target)) {
      return;
    }
    event.preventDefault();
  });
}

function plain(key: string, events: KeyEvents, target: EventTarget | null): boolean {
  switch (key.toLowerCase()) {
    case 'enter':
    case ' ':
      if (!(target instanceof Element) || !target.matches('.stage')) return false; // buttons want it
      events.pin();
      return true;
    case 'p':
      events.pin();
      return true;
    case 'h':
      events.hold();
      return true;
    case '+':
    case '=':
      events.zoom(1.5);
      return true;
    case '-':
      events.zoom(1 / 1.5);
      return true;
    case '0':
      events.fit();
      return true;
    case 'c':
      events.picture();
      return true;
    case '[':
      events.layer(-1);
      return true;
    case ']':
      events.layer(1);
      return true;
    case '?':
      events.help();
      return true;
    default:
      return false;
  }
}
