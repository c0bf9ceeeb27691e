// "Why slow?": where the time between the pointer and the picture goes. Opened from the foot line.
import { bytes } from '../core/format.ts';
import type { Frame } from '../core/protocol.ts';
import { STAGES, Timings, verdict, type Stage, type Summary } from '../core/timings.ts';
import { byId, setText } from './dom.ts';
import type { Arrival } from './frames.ts';

const SLOW = 300; // ms between changes of the numbers, so that they can be read

const MEANINGS: Record<Stage, string> = {
  ask: 'until the server is told',
  wait: 'for its turn there',
  render: 'computing it',
  read: 'from the GPU',
  encode: 'packing it',
  network: 'there and back',
  decode: 'unpacking it here',
  draw: 'onto the screen',
};

interface Row {
  median: HTMLElement;
  p95: HTMLElement;
}

function element(name: string, className = '', text = ''): HTMLElement {
  const one = document.createElement(name);
  if (className) one.className = className;
  one.textContent = text;
  return one;
}

function number(ms: number): string {
  return ms < 99.95 ? ms.toFixed(1) : String(Math.round(ms));
}

export class Why {
  private readonly panel = byId('why');
  private readonly button = byId<HTMLButtonElement>('late');
  private readonly bar = byId('why-bar');
  private readonly rows = new Map<Stage | 'total', Row>();
  private readonly parts = new Map<Stage, HTMLElement>();
  private readonly timings = new Timings();
  private loading = true;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    for (const stage of STAGES) {
      const part = element('span', `stage-${stage}`);
      this.parts.set(stage, part);
      this.bar.append(part);
      this.rows.set(stage, this.row(stage, MEANINGS[stage]));
    }
    this.rows.set('total', this.row('total', 'pointer to picture'));
    this.button.addEventListener('click', () => (this.panel.hidden ? this.open() : this.close()));
    byId('why-close').addEventListener('click', () => this.close());
  }

  private row(name: Stage | 'total', meaning: string): Row {
    const row = element('tr', name === 'total' ? 'total' : '');
    const head = element('th');
    head.setAttribute('scope', 'row');
    head.append(element('i', `stage-${name}`), name, element('small', '', meaning));
    const [median, p95] = [element('td'), element('td')];
    row.append(head, median, p95);
    byId('why-rows').append(row);
    return { median, p95 };
  }

  // A frame is on the screen; `start`: when drawing it began.
  add(frame: Frame, { asked, at, decode, bytes }: Arrival, start: number): void {
    if (!asked) return; // it follows no event: a still, say
    const { loading } = this;
    this.loading = false;
    if (loading) return;
    const shown = performance.now();
    const times = { event: asked.at, sent: asked.sent, arrived: at, decode, draw: shown - start };
    const { us, enc, exact } = frame;
    this.timings.add({ ...times, shown, us, bytes, enc, exact });
    if (this.panel.hidden || this.timer !== undefined) return;
    this.timer = setTimeout(() => this.show(), SLOW);
  }

  // Another map: its times are others. Its first picture waits until it is loaded, which says nothing
  // about those that follow.
  clear(): void {
    this.timings.clear();
    this.loading = true;
    if (!this.panel.hidden) this.show();
  }

  summary(): Summary | null {
    return this.timings.summary();
  }

  private open(): void {
    this.panel.hidden = false;
    this.button.setAttribute('aria-expanded', 'true');
    this.show();
    this.panel.focus();
  }

  // True if there was something to close.
  close(): boolean {
    if (this.panel.hidden) return false;
    const inside = this.panel.contains(document.activeElement);
    this.panel.hidden = true;
    this.button.setAttribute('aria-expanded', 'false');
    if (inside) this.button.focus();
    return true;
  }

  private show(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const summary = this.timings.summary();
    this.bar.hidden = summary === null;
    setText(byId('why-words'), summary ? verdict(summary) : 'Move over the picture.');
    for (const [name, row] of this.rows) {
      const spread = name === 'total' ? summary?.total : summary?.stages[name];
      setText(row.median, spread ? number(spread.median) : '');
      setText(row.p95, spread ? number(spread.p95) : '');
    }
    for (const [stage, part] of this.parts) {
      part.style.flexGrow = String(summary?.stages[stage].median ?? 0);
    }
    setText(byId('why-rate'), summary?.rate ? summary.rate.toFixed(1) : '–');
    setText(byId('why-bytes'), summary ? bytes(summary.bytes.median) : '–');
    setText(byId('why-kind'), summary ? kinds(summary) : '–');
    setText(byId('why-of'), summary ? count(summary.frames) : '');
  }
}

function count(frames: number): string {
  if (frames === 1) return 'of the last picture, in ms';
  return `of the last ${frames} pictures that followed the pointer, in ms`;
}

function kinds({ frames, exact, jpeg }: Summary): string {
  const percent = (part: number): string => `${Math.round((100 * part) / frames)} %`;
  if (exact === frames) return 'exact';
  if (jpeg === frames) return 'JPEG';
  if (exact === 0 && jpeg === 0) return 'reduced';
  return [
    exact > 0 ? `${percent(exact)} exact` : '', jpeg > 0 ? `${percent(jpeg)} JPEG` : '',
  ].filter(Boolean).join(', ');
}
