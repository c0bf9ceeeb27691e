// "Export": what is on the screen as files, and as lines to copy.
import { curlLine, exportOf, sizeOf, type Kind, type Present } from '../core/exports.ts';
import { counted } from '../core/format.ts';
import { byId } from './dom.ts';
import { copy } from './copy.ts';
import { Menu } from './menu.ts';
import { say } from './say.ts';

export interface ExportSource {
  present(): Present | null; // null: nothing is shown
  link(): string; // of this view
  complain(sentence: string): void;
}

function element(name: string, className = '', text = ''): HTMLElement {
  const one = document.createElement(name);
  one.className = className;
  one.textContent = text;
  return one;
}

export class ExportMenu {
  private readonly menu: Menu;
  private readonly root = byId('export-menu');
  private readonly button = byId<HTMLButtonElement>('export');
  private colorbar = true;

  constructor(private readonly source: ExportSource) {
    this.menu = new Menu(this.button, this.root, () => this.fill());
  }

  // True if there was something to close.
  close(): boolean {
    const open = this.menu.isOpen();
    this.menu.close(true);
    return open;
  }

  private fill(): void {
    const present = this.source.present();
    if (!present) {
      const none = element('p', '', 'There is nothing to export until a picture is shown.');
      return this.root.replaceChildren(none);
    }
    const size = (kind: 'picture' | 'grid'): string => sizeOf(kind, present).join(' × ');
    const { state, map } = present;
    const whole = present.scene.picture ? 'at the picture’s size' : 'one pixel a cell';
    const groups: [string, HTMLElement[]][] = [
      ['Picture', [
        this.file('picture', present, `PNG, ${whole}`, size('picture')),
        ...(present.scene.picture ?
          [this.file('grid', present, 'PNG, on the map’s grid', size('grid'))] : []),
        this.check(),
      ]],
      ['Numbers', [
        this.file('raw', present, state.mode === 'similarity' ? 'Similarities' : 'Values', '.npy'),
        this.file('parameters', present, 'All parameters', '.json'),
      ]],
      [`Vector of the reference, ${counted(map.d, 'value')}`, [
        this.file('vector.npy', present, 'For NumPy', '.npy'),
        this.file('vector.csv', present, 'For a spreadsheet', '.csv'),
        this.file('vector.json', present, 'With cell and norm', '.json'),
      ]],
      ['Copy', [
        this.action('Link to this view', '', () => this.copied(this.source.link(), 'The link')),
        this.action('curl line for the picture', '', () =>
          this.copied(this.curl(), 'The curl line')),
      ]],
    ];
    this.root.replaceChildren(...groups.map(([name, items]) => {
      const group = element('div', 'group');
      group.setAttribute('role', 'group');
      group.setAttribute('aria-label', name);
      const head = element('div', 'head', name);
      head.setAttribute('aria-hidden', 'true');
      group.append(head, ...items);
      return group;
    }));
  }

  private curl(): string {
    const present = this.source.present();
    const absolute = (url: string): string => {
      const whole = new URL(url, location.href);
      whole.hash = '';
      return whole.href;
    };
    return present ? curlLine(present, absolute, this.colorbar) : '';
  }

  private item(tag: 'a' | 'button', role: string, text: string, note: string): HTMLElement {
    const item = element(tag);
    if (tag === 'button') item.setAttribute('type', 'button');
    item.setAttribute('role', role);
    item.append(element('span', 'what', text), element('small', '', note));
    return item;
  }

  private file(kind: Kind, present: Present, text: string, note: string): HTMLElement {
    const item = this.item('a', 'menuitem', text, note) as HTMLAnchorElement;
    const { url, name } = exportOf(kind, present, this.colorbar);
    item.href = url;
    item.download = name;
    item.dataset['kind'] = kind;
    item.addEventListener('click', (event) => {
      event.preventDefault();
      this.menu.close(true);
      void this.fetch(url, name);
    });
    return item;
  }

  // Fetched by the page, so that what the server has to say about it can be read.
  private async fetch(url: string, name: string): Promise<void> {
    this.button.setAttribute('aria-busy', 'true');
    say(`${name} is being made.`);
    try {
      const answer = await fetch(url);
      if (!answer.ok) throw new Error(await sentenceOf(answer));
      save(await answer.blob(), name);
      say(`${name} is saved.`);
    } catch (error) {
      const lost = error instanceof TypeError;
      const why = error instanceof Error ? error.message : String(error);
      this.source.complain(
        lost ? `${name} could not be fetched: the server did not answer; try again.` : why,
      );
    } finally {
      this.button.removeAttribute('aria-busy');
    }
  }

  private check(): HTMLElement {
    const item = this.item('button', 'menuitemcheckbox', 'with colour bar, lo and hi', '');
    item.setAttribute('aria-checked', String(this.colorbar));
    item.addEventListener('click', () => {
      this.colorbar = !this.colorbar;
      this.fill();
      for (const each of this.menu.items()) each.tabIndex = -1;
      this.root.querySelector<HTMLElement>('[role="menuitemcheckbox"]')?.focus();
    });
    return item;
  }

  private action(text: string, note: string, act: () => void): HTMLElement {
    const item = this.item('button', 'menuitem', text, note);
    item.addEventListener('click', () => {
      this.menu.close(true);
      act();
    });
    return item;
  }

  private copied(text: string, what: string): void {
    void copy(text).then((done) => {
      say(done ? `${what} is copied.` : `${what} could not be copied.`);
      if (!done) this.source.complain(`The browser did not allow copying; here it is: ${text}`);
      this.told(done);
    });
  }

  private told(done: boolean): void {
    const word = this.button.querySelector('span') as HTMLElement;
    word.textContent = done ? 'Copied' : 'Export';
    setTimeout(() => (word.textContent = 'Export'), 2200);
  }
}

async function sentenceOf(answer: Response): Promise<string> {
  try {
    const { message } = (await answer.json()) as { message?: string };
    if (typeof message === 'string') return message;
  } catch {
    // no JSON: the status must do
  }
  return `The server refused it (HTTP ${answer.status}); reload the page and try again.`;
}

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
