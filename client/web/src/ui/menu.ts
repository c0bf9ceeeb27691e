// A menu behind a button, as WAI-ARIA wants it: arrows and letters walk, Enter takes, Esc closes and
// gives the focus back.
export class Menu {
  constructor(
    private readonly button: HTMLButtonElement,
    private readonly menu: HTMLElement,
    private readonly fill: () => void, // before it opens
  ) {
    button.addEventListener('click', () => (this.isOpen() ? this.close(false) : this.open('first')));
    button.addEventListener('keydown', (event) => {
      if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
      this.open(event.key === 'ArrowDown' ? 'first' : 'last');
      event.preventDefault();
      event.stopPropagation();
    });
    menu.addEventListener('keydown', (event) => this.key(event));
    menu.addEventListener('pointermove', (event) => {
      const item = (event.target as Element).closest<HTMLElement>('[role^="menuitem"]');
      if (item && item !== document.activeElement) item.focus({ preventScroll: true });
    });
    addEventListener('pointerdown', (event) => {
      const inside = event.target instanceof Node &&
        (menu.contains(event.target) || button.contains(event.target));
      if (!inside) this.close(false);
    });
    menu.addEventListener('focusout', (event) => {
      const to = event.relatedTarget;
      if (to instanceof Node && !menu.contains(to) && to !== button) this.close(false);
    });
  }

  isOpen(): boolean {
    return !this.menu.hidden;
  }

  items(): HTMLElement[] {
    return [...this.menu.querySelectorAll<HTMLElement>('[role^="menuitem"]')];
  }

  open(which: 'first' | 'last'): void {
    this.fill();
    this.menu.hidden = false;
    this.button.setAttribute('aria-expanded', 'true');
    for (const item of this.items()) item.tabIndex = -1;
    this.items().at(which === 'first' ? 0 : -1)?.focus();
  }

  close(giveBack: boolean): void {
    if (!this.isOpen()) return;
    this.menu.hidden = true;
    this.button.setAttribute('aria-expanded', 'false');
    if (giveBack) this.button.focus();
  }

  private key(event: KeyboardEvent): void {
    const items = this.items();
    const at = items.indexOf(document.activeElement as HTMLElement);
    const walk: Record<string, number> = {
      ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1,
    };
    const to = walk[event.key];
    if (to !== undefined) items[to % items.length]?.focus();
    else if (event.key === 'Escape') this.close(true);
    else if (event.key === 'Tab') return this.close(false);
    else if (event.key === ' ') items[at]?.click();
    else if (/^\p{L}$/u.test(event.key)) this.jump(items, at, event.key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private jump(items: HTMLElement[], at: number, letter: string): void {
    const behind = [...items.slice(at + 1), ...items.slice(0, at + 1)];
    const begins = (item: HTMLElement): boolean =>
      item.textContent?.trim().toLowerCase().startsWith(letter.toLowerCase()) ?? false;
    behind.find(begins)?.focus();
  }
}
