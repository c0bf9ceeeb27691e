// Draws feature vectors as lines over their channels, from left to right: spectra.
import { label, ticks, type Axis } from '../core/axis.ts';
import { significant } from '../core/format.ts';
import type { Rows } from '../core/rows.ts';
import { positionOf, type Along } from '../core/wave.ts';
import { density, variable } from './dom.ts';

export interface Line {
  values: Float32Array;
  colour: string;
  dashed: boolean; // told apart without colour
}

export interface Plot {
  rows: Rows; // in places
  along: Along;
  unit: string; // '' : channels are only numbers
  lines: readonly Line[];
  marked: number | null; // place
}

const LEFT = 34; // CSS pixels for the numbers of the values
const TOP = 34; // for the name of the channel that is pointed at
const BOTTOM = 22;

interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

// The part of the canvas (CSS pixels) on which places lie.
export function plotBox(width: number, height: number): Box {
  return {
    x: LEFT, y: TOP, w: Math.max(1, width - LEFT - 8), h: Math.max(1, height - BOTTOM - TOP),
  };
}

export class LinePlot {
  private readonly box: Box;
  private readonly from: number;
  private readonly to: number;
  private readonly value: Axis;

  constructor(
    private readonly screen: CanvasRenderingContext2D,
    private readonly plot: Plot,
  ) {
    const k = density();
    const { width, height } = screen.canvas;
    const css = plotBox(width / k, height / k);
    this.box = { x: css.x * k, y: css.y * k, w: css.w * k, h: css.h * k };
    const { rows, along } = plot;
    this.from = positionOf(along, rows.first);
    this.to = positionOf(along, rows.first + rows.count - 1);
    if (this.to <= this.from) this.to = this.from + 1;
    this.value = this.range();
  }

  draw(): void {
    this.grid();
    this.mark();
    this.screen.save();
    const { x, y, w, h } = this.box;
    this.screen.beginPath();
    this.screen.rect(x - 2, y - 2, w + 4, h + 4);
    this.screen.clip();
    for (const line of [...this.plot.lines].reverse()) this.line(line);
    this.screen.restore();
  }

  // Of all values, not of the visible ones alone: zooming along does not change the height. With 0 in
  // it where values reach near.
  private range(): Axis {
    let [low, high] = [Infinity, -Infinity];
    for (const { values } of this.plot.lines) {
      for (const v of values) {
        if (v < low) low = v;
        if (v > high) high = v;
      }
    }
    if (!(high >= low) || !Number.isFinite(high - low)) return { from: 0, to: 1 };
    if (low > 0 && low < high / 2) low = 0;
    if (high === low) return { from: low - 0.5, to: high + 0.5 };
    return { from: low, to: high + (high - low) * 0.04 };
  }

  private x(place: number): number {
    const at = positionOf(this.plot.along, place);
    return this.box.x + ((at - this.from) / (this.to - this.from)) * this.box.w;
  }

  private y(value: number): number {
    const { from, to } = this.value;
    return this.box.y + (1 - (value - from) / (to - from)) * this.box.h;
  }

  private grid(): void {
    const { screen, box, value } = this;
    screen.font = `${Math.round(10 * density())}px ${getComputedStyle(document.body).fontFamily}`;
    screen.lineWidth = 1;
    screen.textBaseline = 'middle';
    screen.textAlign = 'right';
    for (const v of ticks(value)) {
      const y = Math.round(this.y(v)) + 0.5;
      screen.strokeStyle = variable('--line');
      this.stroke(box.x, y, box.x + box.w, y);
      screen.fillStyle = variable('--dim');
      screen.fillText(label(value, v), box.x - 5 * density(), y);
    }
    this.along();
  }

  // Numbers under the plot; the last one carries the unit.
  private along(): void {
    const { screen, box } = this;
    const marks = ticks({ from: this.from, to: this.to }, 6);
    const base = box.y + box.h;
    screen.strokeStyle = variable('--dim');
    this.stroke(box.x, Math.round(base) + 0.5, box.x + box.w, Math.round(base) + 0.5);
    screen.fillStyle = variable('--dim');
    screen.textBaseline = 'top';
    screen.textAlign = 'center';
    const at = (v: number): number => box.x + ((v - this.from) / (this.to - this.from)) * box.w;
    const right = box.x + box.w - screen.measureText(this.plot.unit).width - 4 * density();
    for (const v of marks) {
      this.stroke(at(v), base, at(v), base + 3 * density());
      const text = significant(v, 5).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
      if (at(v) + screen.measureText(text).width / 2 < right) {
        screen.fillText(text, at(v), base + 5 * density());
      }
    }
    screen.textAlign = 'right';
    screen.fillText(this.plot.unit || 'channel', box.x + box.w, base + 5 * density());
  }

  private stroke(x0: number, y0: number, x1: number, y1: number): void {
    this.screen.beginPath();
    this.screen.moveTo(x0, y0);
    this.screen.lineTo(x1, y1);
    this.screen.stroke();
  }

  private mark(): void {
    const { marked } = this.plot;
    if (marked === null) return;
    const x = Math.round(this.x(marked)) + 0.5;
    this.screen.strokeStyle = variable('--accent');
    this.screen.lineWidth = Math.max(1, Math.round(1.5 * density()));
    this.stroke(x, this.box.y, x, this.box.y + this.box.h);
  }

  // A pixel column holds the extremes of its channels: no peak is lost however many there are.
  private line({ values, colour, dashed }: Line): void {
    const { screen } = this;
    const { order } = this.plot.along;
    const { first, count } = this.plot.rows;
    const from = Math.max(0, Math.floor(first) - 1);
    const to = Math.min(values.length, Math.ceil(first + count) + 1);
    screen.strokeStyle = colour;
    screen.lineWidth = (dashed ? 2 : 1.5) * density();
    screen.lineJoin = 'round';
    screen.setLineDash(dashed ? [5 * density(), 3 * density()] : []);
    screen.beginPath();
    let [column, low, high, last, open] = [-Infinity, 0, 0, 0, false];
    const flush = (): void => {
      if (!open || low === high) return;
      for (const v of [low, high, last]) screen.lineTo(column, this.y(v));
    };
    for (let place = from; place < to; place++) {
      const v = values[order[place] as number] as number;
      if (!Number.isFinite(v)) continue;
      const x = Math.round(this.x(place) * 2) / 2;
      if (x !== column) {
        flush();
        if (open) screen.lineTo(x, this.y(v));
        else screen.moveTo(x, this.y(v));
        [column, low, high, open] = [x, v, v, true];
      }
      low = Math.min(low, v);
      high = Math.max(high, v);
      last = v;
    }
    flush();
    screen.stroke();
    screen.setLineDash([]);
  }
}
