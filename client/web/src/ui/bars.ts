// The chart of one or two feature vectors. Hovering a bar tells its channel; a click keeps it; wheel,
// fingers, buttons and keys reach every channel however many there are.
import type { Sort } from '../core/channels.ts';
import { counted, fixed, significant } from '../core/format.ts';
import { Listing, type ChartMode, type Listed } from '../core/listing.ts';
import { axisValue, channelName } from '../core/wave.ts';
import { BarChart, STRIP, type Chart, type Series } from './chart.ts';
import { ChartTools } from './charttools.ts';
import { byId, context, fitCanvas, onResize, setText, variable } from './dom.ts';
import { LinePlot, plotBox } from './lines.ts';
import { Strongest } from './strongest.ts';

export interface BarsEvents {
  chosen(patch: { chart: ChartMode; order: Sort }): void;
  hover(channel: number | null): void;
  keep(channel: number | null): void; // null: back to what was shown before
}

export interface Vectors extends Listed {
  signed: boolean; // the map has values below 0
  hereName: string;
  otherName: string; // '' : there is no other
  held: boolean; // the other is the held reference, not the pin
  kept: number | null; // the channel that stays shown
  chart: ChartMode;
  order: Sort;
}

const NOTHING: Vectors = {
  d: 0, signed: false, here: null, other: null, hereName: '', otherName: '', held: false,
  kept: null, metric: 'angular', shift: 0, axis: null, chart: 'bars', order: 'index',
};

interface Drag {
  at: number;
  first: number;
  moved: boolean;
  strip: boolean; // on the overview
}

export class Bars {
  private readonly canvas = byId<HTMLCanvasElement>('bars');
  private readonly screen = context(this.canvas);
  private readonly tip = byId('bars-tip');
  private readonly tools: ChartTools;
  private readonly strongest: Strongest;
  private readonly listing = new Listing();
  private vectors = NOTHING;
  private channel: number | null = null; // hovered or chosen by keys
  private drag: Drag | null = null;
  private readonly fingers = new Map<number, number>();

  constructor(private readonly events: BarsEvents) {
    const { canvas } = this;
    this.strongest = new Strongest({
      hover: (channel) => this.point(channel),
      keep: (channel) => this.events.keep(channel === this.vectors.kept ? null : channel),
    });
    this.tools = new ChartTools({
      changed: () => {
        this.arrange();
        this.events.chosen({ chart: this.tools.mode, order: this.tools.sort });
      },
      zoom: (factor) => this.zoom(factor, this.focus()),
    });
    onResize(canvas, () => this.draw());
    canvas.addEventListener('pointerdown', (e) => this.down(e));
    canvas.addEventListener('pointermove', (e) => this.move(e));
    canvas.addEventListener('pointerup', (e) => this.up(e));
    canvas.addEventListener('pointercancel', (e) => this.end(e));
    canvas.addEventListener('pointerleave', () => this.drag ?? this.point(null));
    canvas.addEventListener('blur', () => this.point(null));
    canvas.addEventListener('wheel', (e) => this.wheel(e), { passive: false });
    canvas.addEventListener('dblclick', () => {
      this.listing.showAll();
      this.moved();
    });
    canvas.addEventListener('keydown', (e) => this.key(e));
  }

  show(vectors: Vectors): void {
    const alone = (this.vectors.otherName === '') !== (vectors.otherName === '');
    this.vectors = vectors;
    const other = this.tools.set(vectors.chart, vectors.order); // by a link
    if (this.listing.take(vectors)) this.channel = null;
    if (alone || other) this.listing.arrange(this.tools.sort, this.mode());
    this.strongest.show(vectors, this.listing.shares);
    this.moved();
  }

  // The person chose another order or another drawing.
  private arrange(): void {
    this.listing.arrange(this.tools.sort, this.mode());
    if (this.channel !== null) this.listing.reveal(this.channel);
    this.moved();
  }

  private zoom(factor: number, at: number): void {
    this.listing.zoom(factor, at);
    this.moved();
  }

  // Other channels are visible, or they look different.
  private moved(): void {
    const { d, otherName } = this.vectors;
    this.tools.show({ d, two: otherName !== '', all: this.listing.all });
    this.words();
    this.draw();
  }

  private words(): void {
    const { d, hereName, otherName, held, here } = this.vectors;
    const { order, all, full } = this.listing;
    const [first, last] = this.listing.visible();
    const part = `${order || this.lines() ? 'Places' : 'Channels'} ${first} to ${last} of ${d}`;
    const whole = `Vector · ${counted(d, 'channel')}`;
    setText(byId('bars-title'), d === 0 ? 'Vector' : all ? whole : part);
    const width = here && !this.lines() ? `full width ${significant(full, 2)}` : '';
    setText(byId('bars-scale'), width);
    setText(byId('legend-here'), here ? hereName : '');
    byId('bars-none').hidden = here !== null || hereName !== 'here';
    const other = byId('legend-other');
    setText(other, otherName);
    other.classList.toggle('held', held);
    this.canvas.dataset['drawn'] = this.mode();
  }

  // A difference takes two: without a second vector the bars stay.
  private mode(): ChartMode {
    const { mode } = this.tools;
    return mode === 'difference' && this.vectors.otherName === '' ? 'bars' : mode;
  }

  private lines(): boolean {
    return this.tools.mode === 'lines';
  }

  // Where the pointer is along the channels: 0 at the first visible one, 1 behind the last.
  private fraction(event: MouseEvent): number {
    const box = this.canvas.getBoundingClientRect();
    if (!this.lines()) return (event.clientY - box.top) / Math.max(1, box.height);
    const plot = plotBox(box.width, box.height);
    return (event.clientX - box.left - plot.x) / plot.w;
  }

  private pointed(event: MouseEvent): number {
    return this.listing.pointed(this.fraction(event));
  }

  private focus(): number {
    return this.listing.focus(this.channel ?? this.vectors.kept);
  }

  // --- pointer ---

  private onStrip(event: PointerEvent): boolean {
    if (this.listing.all || this.lines()) return false;
    const box = this.canvas.getBoundingClientRect();
    return event.clientX > box.right - STRIP - 4;
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0 || this.vectors.d === 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    const at = this.fraction(event);
    if (event.pointerType === 'touch') this.fingers.set(event.pointerId, at);
    if (this.fingers.size > 1) {
      if (this.drag) this.drag.moved = true; // no click comes of a pinch
      return;
    }
    const { first } = this.listing.rows;
    this.drag = { at, first, moved: false, strip: this.onStrip(event) };
    if (this.drag.strip) this.slide(at);
  }

  // The overview's window goes where the pointer is.
  private slide(at: number): void {
    const { first, count } = this.listing.rows;
    this.listing.scroll(at * this.vectors.d - count / 2 - first);
    this.moved();
  }

  private move(event: PointerEvent): void {
    const at = this.fraction(event);
    if (this.fingers.size > 1 && this.fingers.has(event.pointerId)) return this.pinch(event, at);
    const { drag } = this;
    if (drag?.strip) return this.slide(at);
    if (drag && !this.listing.all) {
      const { first, count } = this.listing.rows;
      const by = drag.at - at;
      const size = this.lines() ? this.canvas.clientWidth : this.canvas.clientHeight;
      if (Math.abs(by) * size > 5) drag.moved = true;
      if (!drag.moved) return;
      this.listing.scroll(drag.first - first + by * count);
      return this.moved();
    }
    if (this.vectors.d > 0) this.point(this.onStrip(event) ? null : this.pointed(event));
  }

  private pinch(event: PointerEvent, at: number): void {
    const ends = (): [number, number] => [...this.fingers.values()].slice(0, 2) as [number, number];
    const [a, b] = ends();
    this.fingers.set(event.pointerId, at);
    const [c, e] = ends();
    this.listing.scroll(((a + b - c - e) / 2) * this.listing.rows.count);
    const factor = Math.abs(a - b) > 0.02 ? Math.abs(c - e) / Math.abs(a - b) : 1;
    this.zoom(Math.max(0.2, factor), (c + e) / 2);
  }

  private end(event: PointerEvent): void {
    this.fingers.delete(event.pointerId);
    if (this.fingers.size === 0) this.drag = null;
  }

  private up(event: PointerEvent): void {
    const { drag } = this;
    this.end(event);
    if (!drag || drag.moved || drag.strip || this.fingers.size > 0) return;
    const channel = this.pointed(event);
    this.point(event.pointerType === 'touch' ? null : channel);
    this.events.keep(channel === this.vectors.kept ? null : channel);
  }

  private wheel(event: WheelEvent): void {
    if (this.vectors.d === 0) return;
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : 1;
    const by = (event.shiftKey ? event.deltaY || event.deltaX : event.deltaX) * unit;
    if (Math.abs(by) > 0 && (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))) {
      const { count } = this.listing.rows;
      this.listing.scroll((by / this.canvas.clientHeight) * count);
      this.moved();
    } else {
      const factor = Math.exp(-Math.max(-1, Math.min(1, event.deltaY * unit * 0.003)));
      this.zoom(factor, this.fraction(event));
    }
    this.point(this.pointed(event));
  }

  // --- keys ---

  private key(event: KeyboardEvent): void {
    const { d, kept } = this.vectors;
    if (d === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const chosen = this.channel ?? kept;
    const now = chosen === null ? -1 : this.listing.placeOf(chosen);
    const step = event.shiftKey ? 10 : 1;
    const page = Math.max(1, Math.round(this.listing.rows.count / 8));
    const to: Record<string, number> = {
      ArrowDown: now + step, ArrowRight: now + step, ArrowUp: now - step, ArrowLeft: now - step,
      PageDown: now + page, PageUp: now - page, Home: 0, End: d - 1,
    };
    const zoom: Record<string, number> = { '+': 2, '=': 2, '-': 0.5, '0': 1e-9 };
    const target = to[event.key];
    if (target !== undefined) {
      const channel = this.listing.channelOf(Math.min(d - 1, Math.max(0, target)));
      this.listing.reveal(channel);
      this.point(channel);
      this.moved();
    } else if (zoom[event.key] !== undefined) {
      this.zoom(zoom[event.key] as number, this.focus());
    } else if (event.key === 'Enter' || event.key === ' ') {
      if (this.channel !== null) this.events.keep(this.channel === kept ? null : this.channel);
    } else if (event.key === 'Escape' && this.channel !== null && this.channel !== kept) {
      this.point(null);
    } else {
      if (event.key === 'Escape') this.channel = null; // what is kept goes back with it
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private point(channel: number | null): void {
    if (channel === this.channel) return;
    this.channel = channel;
    this.draw();
    this.events.hover(channel);
  }

  // --- drawing ---

  draw(): void {
    fitCanvas(this.canvas);
    const { screen, canvas } = this;
    screen.setTransform(1, 0, 0, 1, 0, 0);
    screen.clearRect(0, 0, canvas.width, canvas.height);
    if (this.vectors.d > 0) {
      if (this.lines()) this.drawLines();
      else new BarChart(screen, this.chart(), this.vectors.d).draw();
    }
    this.drawTip();
  }

  private otherColour(): string {
    return variable(this.vectors.held ? '--accent' : '--pin');
  }

  private chart(): Chart {
    const { here, other, otherName, signed, kept, axis } = this.vectors;
    const { rows, order, full, difference } = this.listing;
    const series = (values: Float32Array | null, colour: string, below?: string): Series | null =>
      values && { values, colour, ...(below ? { below } : {}) };
    const ink = variable('--ink');
    const theirs = this.otherColour();
    const marked = ([[kept, 0.28], [this.channel, 0.4]] as const)
      .filter(([channel]) => channel !== null)
      .map(([channel, alpha]): [number, number] => [this.listing.placeOf(channel as number), alpha]);
    const name = (channel: number): string =>
      axis ? axisValue(axis, axis.values[channel] ?? 0) : rows.count <= 40 ? String(channel) : '';
    const differs = this.mode() === 'difference';
    return {
      rows, order, full, marked, name,
      signed: signed || differs,
      two: otherName !== '' && !differs,
      here: differs ? series(difference, ink, theirs) : series(here, ink),
      other: differs ? null : series(other, theirs),
    };
  }

  private drawLines(): void {
    const { here, other, axis, kept } = this.vectors;
    const lines = [];
    if (here) lines.push({ values: here, colour: variable('--ink'), dashed: false });
    if (other) lines.push({ values: other, colour: this.otherColour(), dashed: true });
    const channel = this.channel ?? kept;
    new LinePlot(this.screen, {
      rows: this.listing.rows,
      along: this.listing.along,
      unit: axis?.unit ?? '',
      lines,
      marked: channel === null ? null : this.listing.placeOf(channel),
    }).draw();
  }

  private drawTip(): void {
    const { kept, d, axis } = this.vectors;
    const channel = this.channel ?? kept;
    const { canvas, tip } = this;
    tip.hidden = channel === null || d === 0;
    canvas.setAttribute('aria-valuemax', String(Math.max(0, d - 1)));
    if (channel === null || d === 0) {
      canvas.setAttribute('aria-valuetext', 'no channel chosen');
      return;
    }
    tip.replaceChildren(`${channelName(axis, channel)} · `, ...this.tipValues(channel));
    canvas.setAttribute('aria-valuenow', String(channel));
    canvas.setAttribute('aria-valuetext', tip.textContent ?? '');
    const { first, count } = this.listing.rows;
    const each = canvas.clientHeight / count;
    const y = this.lines() ? -9 : (this.listing.placeOf(channel) + 0.5 - first) * each;
    const box = tip.offsetHeight;
    const above = y - box - 8;
    const top = above >= 2 ? above : Math.min(y + 10, canvas.clientHeight - box - 2);
    tip.style.transform = `translateY(${Math.round(Math.max(2, top))}px)`;
  }

  private tipValues(channel: number): (Node | string)[] {
    const { here, other, held } = this.vectors;
    const number = (v: Float32Array | null): string =>
      v && v[channel] !== undefined ? significant(v[channel] as number) : '–';
    const mine = document.createElement('b');
    mine.textContent = number(here);
    const parts: (Node | string)[] = [mine];
    if (!other) return parts;
    const theirs = document.createElement('em');
    theirs.textContent = number(other);
    theirs.classList.toggle('held', held);
    parts.push(' | ', theirs);
    const share = this.listing.shares?.values[channel];
    if (this.tools.sort === 'share' && share !== undefined) parts.push(` · ${fixed(100 * share, 1)} %`);
    else if (this.mode() === 'difference') parts.push(` · Δ ${number(this.listing.difference)}`);
    return parts;
  }
}
