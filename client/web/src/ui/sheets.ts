// The help sheet, and on narrow screens the drawer with vector and settings.
import { byId } from './dom.ts';

export class Sheets {
  private readonly help = byId<HTMLDialogElement>('help');
  private readonly button = byId<HTMLButtonElement>('drawer');
  private readonly side = byId('side');

  constructor() {
    byId('help-open').addEventListener('click', () => this.showHelp());
    this.help.addEventListener('click', (event) => {
      if (event.target === this.help) this.help.close(); // beside the sheet
    });
    this.button.addEventListener('click', () => this.drawer(!this.isOpen()));
    byId('drawer-close').addEventListener('click', () => this.close());
    const narrow = matchMedia('(max-width: 640px)');
    narrow.addEventListener('change', () => this.drawer(false));
  }

  // A dialog has the keyboard.
  get helping(): boolean {
    return document.querySelector('dialog[open]') !== null;
  }

  showHelp(): void {
    if (!this.help.open) this.help.showModal();
  }

  // True if there was something to close.
  close(): boolean {
    const open = this.isOpen();
    const inside = this.side.contains(document.activeElement);
    this.drawer(false);
    if (open && inside) this.button.focus();
    return open;
  }

  private isOpen(): boolean {
    return document.body.classList.contains('drawer');
  }

  private drawer(open: boolean): void {
    document.body.classList.toggle('drawer', open);
    this.button.setAttribute('aria-expanded', String(open));
  }
}
