// The bar chart of one or two feature vectors. Hovering a bar tells its channel; a click keeps it;
// wheel and keys reach every channel however many there are.
import {
  allRows, channelAt, fullScale, reveal, scrollRows, zoomRows, type Rows,
} from '../core/rows.ts';
import { significant } from '../core/format.ts';
import { byId, context, density, fitCanvas, onResize, setText, variable } from './dom.ts';

export interface BarsEvents {
  hover(channel: number | null): void;
  keep(channel: number | null): void; // null: back to what was shown before
}

export interface Vectors {
  d: number;
  signed: boolean; // the map has values below 0
  here: Float32Array | null;
  other: Float32Array | null;
  hereName: string;
  otherName: string; // '' : there is no other
  held: boolean; // the other is the held reference, not the pin
  kept: number | null; // the channel that stays shown
}

interface Column {
  values: Float32Array;
  axis: number; // device pixels
  left: number; // device pixels for values below 0 (or mirrored)
  right: number;
  mirrored: boolean;
  colour: string;
}

const NOTHING: Vectors = {
  d: 0, signed: false, here: null, other: null, hereName: '', otherName: '',
  held: false, kept: null,
};

export class Bars {
  private readonly canvas = byId<HTMLCanvasElement>('bars');
  private readonly screen = context(this.canvas);
  private readonly tip = byId('bars-tip');
  private vectors = NOTHING;
  private rows: Rows = allRows(0);
  private channel: number | null = null; // hovered or chosen by keys
  private full = 0;
  private dragFrom: { y: number; first: number; moved: boolean } | null = null;

  constructor(private readonly events: BarsEvents) {
    const { canvas } = this;
    onResize(canvas, () => this.draw());
    canvas.addEventListener('pointerdown', (e) => this.down(e));
    canvas.addEventListener('pointermove', (e) => this.move(e));
    canvas.addEventListener('pointerup', (e) => this.up(e));
    canvas.addEventListener('pointercancel', () => (this.dragFrom = null));
    canvas.addEventListener('pointerleave', () => this.dragFrom ?? this.point(null));
    canvas.addEventListener('blur', () => this.point(null));
    canvas.addEventListener('wheel', (e) => this.wheel(e), { passive: false });
    canvas.addEventListener('dblclick', () => this.setRows(allRows(this.vectors.d)));
    canvas.addEventListener('keydown', (e) => this.key(e));
  }

  show(vectors: Vectors): void {
    if (vectors.d !== this.vectors.d) {
      this.rows = allRows(vectors.d);
      this.channel = null;
      this.full = 0;
    }
    this.vectors = vectors;
    let largest = 0;
    for (const vector of [vectors.here, vectors.other]) {
      for (const v of vector ?? []) if (Math.abs(v) > largest) largest = Math.abs(v);
    }
    this.full = fullScale(largest, this.full);
    this.words();
    this.draw();
  }

  private words(): void {
    const { d, hereName, otherName, held } = this.vectors;
    const first = Math.floor(this.rows.first);
    const last = Math.min(d - 1, Math.ceil(this.rows.first + this.rows.count) - 1);
    const all = `Vector · ${d} channels`;
    const part = `Channels ${first} to ${last} of ${d}`;
    setText(byId('bars-title'), d === 0 ? 'Vector' : this.rows.count < d ? part : all);
    const full = this.vectors.here ? `full width ${significant(this.full, 2)}` : '';
    setText(byId('bars-scale'), full);
    setText(byId('legend-here'), hereName);
    const other = byId('legend-other');
    setText(other, otherName);
    other.classList.toggle('held', held);
  }

  private fraction(event: MouseEvent): number {
    const box = this.canvas.getBoundingClientRect();
    return (event.clientY - box.top) / Math.max(1, box.height);
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0 || this.vectors.d === 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.dragFrom = { y: this.fraction(event), first: this.rows.first, moved: false };
  }

  private move(event: PointerEvent): void {
    const { d } = this.vectors;
    const drag = this.dragFrom;
    if (drag && this.rows.count < d) {
      const by = drag.y - this.fraction(event);
      if (Math.abs(by) * this.canvas.clientHeight > 5) drag.moved = true;
      const { first, count } = this.rows;
      if (drag.moved) this.setRows(scrollRows(this.rows, d, drag.first - first + by * count));
      return;
    }
    if (d > 0) this.point(channelAt(this.rows, d, this.fraction(event)));
  }

  private up(event: PointerEvent): void {
    const drag = this.dragFrom;
    this.dragFrom = null;
    if (!drag || drag.moved) return;
    const channel = channelAt(this.rows, this.vectors.d, this.fraction(event));
    this.point(event.pointerType === 'touch' ? null : channel);
    this.events.keep(channel === this.vectors.kept ? null : channel);
  }

  private wheel(event: WheelEvent): void {
    const { d } = this.vectors;
    if (d === 0) return;
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : 1;
    const by = (event.shiftKey ? event.deltaY || event.deltaX : event.deltaX) * unit;
    const at = this.fraction(event);
    if (Math.abs(by) > 0 && (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))) {
      this.setRows(scrollRows(this.rows, d, (by / this.canvas.clientHeight) * this.rows.count));
    } else {
      const factor = Math.exp(-Math.max(-1, Math.min(1, event.deltaY * unit * 0.003)));
      this.setRows(zoomRows(this.rows, d, factor, at));
    }
    this.point(channelAt(this.rows, d, at));
  }

  private key(event: KeyboardEvent): void {
    const { d, kept } = this.vectors;
    if (d === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const now = this.channel ?? kept ?? -1;
    const step = event.shiftKey ? 10 : 1;
    const page = Math.max(1, Math.round(this.rows.count / 8));
    const to: Record<string, number> = {
      ArrowDown: now + step, ArrowRight: now + step, ArrowUp: now - step, ArrowLeft: now - step,
      PageDown: now + page, PageUp: now - page, Home: 0, End: d - 1,
    };
    const target = to[event.key];
    if (target !== undefined) {
      const channel = Math.min(d - 1, Math.max(0, target));
      this.rows = reveal(this.rows, d, channel);
      this.point(channel);
    } else if (event.key === 'Enter' || event.key === ' ') {
      if (this.channel !== null) this.events.keep(this.channel === kept ? null : this.channel);
    } else if (event.key === 'Escape' && this.channel !== null) {
      this.point(null);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private setRows(rows: Rows): void {
    this.rows = rows;
    this.words();
    this.draw();
  }

  private point(channel: number | null): void {
    if (channel === this.channel) return;
    this.channel = channel;
    this.draw();
    this.events.hover(channel);
  }

  private columns(width: number): Column[] {
    const { here, other, otherName, signed, held } = this.vectors;
    const two = otherName !== '';
    const otherColour = variable(held ? '--accent' : '--pin');
    const ink = variable('--ink');
    const pad = Math.round(4 * density());
    const columns: Column[] = [];
    const add = (values: Float32Array | null, axis: number, room: number, mirrored: boolean,
      colour: string): void => {
      if (!values) return;
      columns.push({ values, axis, left: room, right: room, mirrored, colour });
    };
    if (!signed) {
      if (two) {
        const middle = Math.round(width / 2);
        add(here, middle, middle - pad, true, ink);
        add(other, middle, width - middle - pad, false, otherColour);
      } else {
        add(here, pad, width - 2 * pad, false, ink);
      }
    } else if (two) {
      add(here, Math.round(width / 4), Math.round(width / 4) - pad, false, ink);
      add(other, Math.round((width * 3) / 4), Math.round(width / 4) - pad, false, otherColour);
    } else {
      add(here, Math.round(width / 2), Math.round(width / 2) - pad, false, ink);
    }
    return columns;
  }

  draw(): void {
    fitCanvas(this.canvas);
    const { width, height } = this.canvas;
    const { screen } = this;
    screen.setTransform(1, 0, 0, 1, 0, 0);
    screen.clearRect(0, 0, width, height);
    if (this.vectors.d > 0) {
      this.stripe(width, height);
      for (const column of this.columns(width)) this.drawColumn(column, height);
      this.thumb(width, height);
    }
    this.drawTip();
  }

  // The rows of the channels that are pointed at and kept.
  private stripe(width: number, height: number): void {
    const marked: [number | null, number][] = [[this.vectors.kept, 0.28], [this.channel, 0.4]];
    for (const [channel, alpha] of marked) {
      if (channel === null) continue;
      const each = height / this.rows.count;
      const y = (channel - this.rows.first) * each;
      const thick = Math.max(each, 3 * density());
      this.screen.globalAlpha = alpha;
      this.screen.fillStyle = variable('--accent');
      this.screen.fillRect(0, Math.round(y + each / 2 - thick / 2), width, Math.round(thick));
      this.screen.globalAlpha = 1;
    }
  }

  private drawColumn(column: Column, height: number): void {
    const { screen } = this;
    screen.fillStyle = variable('--line');
    screen.fillRect(column.axis, 0, 1, height);
    screen.fillStyle = column.colour;
    const each = height / this.rows.count;
    if (each >= 2) this.drawBars(column, each);
    else this.drawProfile(column, height);
  }

  private bar(column: Column, y: number, thick: number, value: number): void {
    if (value === 0 || !Number.isFinite(value)) return;
    const room = value < 0 ? column.left : column.right;
    const length = Math.max(1, Math.round((Math.min(1, Math.abs(value) / this.full)) * room));
    const toLeft = value < 0 !== column.mirrored;
    this.screen.fillRect(toLeft ? column.axis - length : column.axis, y, length, thick);
  }

  private drawBars(column: Column, each: number): void {
    const { first, count } = this.rows;
    const gap = each >= 4 * density() ? Math.round(density()) : each >= 3 ? 1 : 0;
    const last = Math.min(column.values.length, Math.ceil(first + count));
    for (let k = Math.floor(first); k < last; k++) {
      const y = Math.round((k - first) * each);
      const thick = Math.max(1, Math.round((k + 1 - first) * each) - y - gap);
      this.bar(column, y, thick, column.values[k] as number);
    }
  }

  // More channels than pixel rows: a row shows the largest and the smallest of its channels.
  private drawProfile(column: Column, height: number): void {
    const { first, count } = this.rows;
    for (let y = 0; y < height; y++) {
      const from = Math.floor(first + (y / height) * count);
      const to = Math.max(from + 1, Math.ceil(first + ((y + 1) / height) * count));
      let high = 0;
      let low = 0;
      for (let k = from; k < Math.min(to, column.values.length); k++) {
        const v = column.values[k] as number;
        if (v > high) high = v;
        if (v < low) low = v;
      }
      this.bar(column, y, 1, high);
      this.bar(column, y, 1, low);
    }
  }

  // Where in all channels the visible ones lie.
  private thumb(width: number, height: number): void {
    const { d } = this.vectors;
    if (this.rows.count >= d) return;
    const thick = Math.round(3 * density());
    this.screen.fillStyle = variable('--faint');
    this.screen.fillRect(
      width - thick, (this.rows.first / d) * height, thick,
      Math.max(8, (this.rows.count / d) * height),
    );
  }

  private drawTip(): void {
    const { here, other, kept, held, d } = this.vectors;
    const channel = this.channel ?? kept;
    const canvas = this.canvas;
    this.tip.hidden = channel === null || d === 0;
    canvas.setAttribute('aria-valuemax', String(Math.max(0, d - 1)));
    if (channel === null || d === 0) {
      canvas.setAttribute('aria-valuetext', 'no channel chosen');
      return;
    }
    const number = (v: Float32Array | null): string =>
      v && v[channel] !== undefined ? significant(v[channel] as number) : '–';
    const mine = document.createElement('b');
    mine.textContent = number(here);
    this.tip.replaceChildren(`channel ${channel} · `, mine);
    if (other) {
      const theirs = document.createElement('em');
      theirs.textContent = number(other);
      theirs.classList.toggle('held', held);
      this.tip.append(' | ', theirs);
    }
    canvas.setAttribute('aria-valuenow', String(channel));
    canvas.setAttribute('aria-valuetext', this.tip.textContent ?? '');
    const each = canvas.clientHeight / this.rows.count;
    const y = (channel + 0.5 - this.rows.first) * each;
    const box = this.tip.offsetHeight;
    const above = y - box - 8;
    const top = above >= 2 ? above : Math.min(y + 10, canvas.clientHeight - box - 2);
    this.tip.style.transform = `translateY(${Math.round(Math.max(2, top))}px)`;
  }
}
