// The help sheet, and on narrow screens the drawer with vector and settings.
import { byId } from './dom.ts';

export class Panels {
  private readonly help = byId<HTMLDialogElement>('help');
  private readonly side = byId('side');
  private readonly button = byId('drawer');

  constructor() {
    byId('help-open').addEventListener('click', () => this.help.showModal());
    this.help.addEventListener('click', (event) => {
      if (event.target === this.help) this.help.close(); // beside the sheet
    });
    this.button.addEventListener('click', () => this.drawer(!this.side.classList.contains('open')));
    byId('stage').addEventListener('pointerdown', () => this.drawer(false));
  }

  get helping(): boolean {
    return this.help.open;
  }

  showHelp(): void {
    this.help.showModal();
  }

  // True if there was something to close.
  close(): boolean {
    const open = this.side.classList.contains('open');
    this.drawer(false);
    return open;
  }

  private drawer(open: boolean): void {
    this.side.classList.toggle('open', open);
    this.button.setAttribute('aria-expanded', String(open));
  }
}
