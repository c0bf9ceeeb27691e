// "Why similar?": the channels that make the largest part of what is measured between the two vectors.
// Without a second vector: of what the vector is made.
import { strongest, type Share, type Shares, type Summand } from '../core/channels.ts';
import { fixed, significant } from '../core/format.ts';
import { axisValue } from '../core/wave.ts';
import type { Vectors } from './bars.ts';
import { byId, setText } from './dom.ts';

export interface StrongestEvents {
  hover(channel: number | null): void;
  keep(channel: number): void;
}

const MOST = 8; // rows; small windows show fewer of them
const KEY = 'farlook.why';

const SUMS: Record<Summand, string> = {
  product: 'of the dot product',
  centred: 'of the correlation',
  square: 'of the squared distance',
  absolute: 'of the distance',
  root: 'of the distance',
};

interface Row {
  item: HTMLElement;
  button: HTMLButtonElement;
  name: HTMLElement;
  values: HTMLElement;
  part: HTMLElement;
  share: HTMLElement;
  channel: number;
}

function span(className: string): HTMLElement {
  const element = document.createElement('span');
  element.className = className;
  return element;
}

export class Strongest {
  private readonly root = byId('why-similar');
  private readonly toggle = byId<HTMLButtonElement>('why-toggle');
  private readonly list = byId('strongest');
  private readonly rows: Row[] = [];

  constructor(private readonly events: StrongestEvents) {
    for (let k = 0; k < MOST; k++) this.rows.push(this.row());
    this.list.append(...this.rows.map((row) => row.item));
    this.toggle.addEventListener('click', () => this.open(!this.isOpen(), true));
    let closed = false;
    try {
      closed = localStorage.getItem(KEY) === 'closed';
    } catch {
      // storage may be forbidden
    }
    this.open(!closed, false);
  }

  private row(): Row {
    const button = document.createElement('button');
    button.type = 'button';
    const [name, values, bar, share] = [span('name'), span('values'), span('bar'), span('share')];
    const part = document.createElement('i');
    bar.append(part);
    button.append(name, values, bar, share);
    const item = document.createElement('li');
    item.append(button);
    const row: Row = { item, button, name, values, part, share, channel: 0 };
    button.addEventListener('pointerenter', (e) => {
      if (e.pointerType !== 'touch') this.events.hover(row.channel);
    });
    button.addEventListener('pointerleave', () => this.events.hover(null));
    button.addEventListener('focus', () => {
      if (button.matches(':focus-visible')) this.events.hover(row.channel);
    });
    button.addEventListener('blur', () => this.events.hover(null));
    button.addEventListener('click', () => this.events.keep(row.channel));
    return row;
  }

  private isOpen(): boolean {
    return this.toggle.getAttribute('aria-expanded') === 'true';
  }

  private open(open: boolean, remember: boolean): void {
    this.toggle.setAttribute('aria-expanded', String(open));
    this.root.classList.toggle('closed', !open);
    if (!remember) return;
    try {
      localStorage.setItem(KEY, open ? 'open' : 'closed');
    } catch {
      return; // then it is open again next time
    }
  }

  show(vectors: Vectors, shares: Shares | null): void {
    const { here, other, otherName } = vectors;
    const two = otherName !== '';
    const distance = two && shares !== null && !['product', 'centred'].includes(shares.summand);
    setText(byId('why-similar-title'),
      !two ? 'Strongest channels' : distance ? 'Why apart?' : 'Why similar?');
    const waits = two && !other;
    const list = here && shares && !waits ? strongest(shares, here, other ?? here, MOST) : [];
    setText(byId('why-similar-of'),
      waits || !shares ? '' : two ? SUMS[shares.summand] : 'of the squared norm');
    const largest = Math.max(1e-9, ...list.map((each) => Math.abs(each.share)));
    this.rows.forEach((row, k) => this.fill(row, list[k], vectors, largest));
    const none = byId('strongest-none');
    none.hidden = list.length > 0;
    setText(none, here && two && other ? 'No channel adds anything.' : '');
  }

  private fill(row: Row, share: Share | undefined, vectors: Vectors, largest: number): void {
    row.button.hidden = share === undefined;
    if (!share) return;
    const { axis, kept, otherName } = vectors;
    row.channel = share.channel;
    const value = axis?.values[share.channel];
    setText(row.name, axis && value !== undefined ? axisValue(axis, value) : `channel ${share.channel}`);
    const mine = significant(share.here, 3);
    setText(row.values, otherName === '' ? mine : `${mine} | ${significant(share.other, 3)}`);
    setText(row.share, `${fixed(100 * share.share, 1)} %`);
    row.part.style.width = `${(100 * Math.abs(share.share)) / largest}%`;
    row.part.classList.toggle('against', share.share < 0);
    row.button.setAttribute('aria-pressed', String(share.channel === kept));
    row.button.title = `Show channel ${share.channel} as the picture`;
  }
}
