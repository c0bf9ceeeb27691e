// The help sheet, and on narrow screens the drawer with vector and settings.
import { byId } from './dom.ts';

export class Sheets {
  private readonly help = byId<HTMLDialogElement>('help');
  private readonly button = byId('drawer');

  constructor() {
    byId('help-open').addEventListener('click', () => this.help.showModal());
    this.help.addEventListener('click', (event) => {
      if (event.target === this.help) this.help.close(); // beside the sheet
    });
    this.button.addEventListener('click', () => this.drawer(!this.isOpen()));
  }

  get helping(): boolean {
    return this.help.open;
  }

  showHelp(): void {
    this.help.showModal();
  }

  // True if there was something to close.
  close(): boolean {
    const open = this.isOpen();
    this.drawer(false);
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
