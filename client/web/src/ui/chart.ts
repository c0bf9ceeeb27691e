// Draws feature vectors as bars, from the top down: what bars.ts decided to show. Nothing is kept here
// between two drawings.
import type { Rows } from '../core/rows.ts';
import { density, variable } from './dom.ts';

export interface Series {
  values: Float32Array;
  colour: string;
  below?: string; // of values below 0, where it differs
}

export interface Chart {
  rows: Rows; // in places
  order: Uint32Array | null; // place -> channel; null: by index
  full: number; // the value at a full-width bar
  here: Series | null;
  other: Series | null;
  signed: boolean;
  two: boolean; // room for the other one is kept even while it is on its way
  marked: readonly (readonly [place: number, alpha: number])[];
  name: (channel: number) => string; // of a bar, where there is room; '' : none
}

interface Column {
  series: Series;
  axis: number; // device pixels
  room: number; // of a full bar
  mirrored: boolean;
}

export const STRIP = 14; // CSS pixels of the overview

export class BarChart {
  private readonly width: number;
  private readonly height: number;

  constructor(
    private readonly screen: CanvasRenderingContext2D,
    private readonly chart: Chart,
    private readonly d: number,
  ) {
    this.height = screen.canvas.height;
    const strip = chart.rows.count < d ? Math.round((STRIP + 4) * density()) : 0;
    this.width = screen.canvas.width - strip;
  }

  draw(): void {
    this.stripes();
    for (const column of this.columns()) this.column(column);
    this.names();
    if (this.chart.rows.count < this.d) this.overview();
  }

  private columns(): Column[] {
    const { here, other, signed, two } = this.chart;
    const pad = Math.round(4 * density());
    const { width } = this;
    const columns: Column[] = [];
    const add = (series: Series | null, axis: number, room: number, mirrored = false): void => {
      if (series) columns.push({ series, axis: Math.round(axis), room, mirrored });
    };
    if (two && signed) {
      add(here, width / 4, width / 4 - pad);
      add(other, (width * 3) / 4, width / 4 - pad);
    } else if (two) {
      add(here, width / 2, width / 2 - pad, true);
      add(other, width / 2, width / 2 - pad);
    } else {
      add(here, signed ? width / 2 : pad, signed ? width / 2 - pad : width - 2 * pad);
    }
    return columns;
  }

  private get each(): number {
    return this.height / this.chart.rows.count;
  }

  // The rows of the channels that are pointed at and kept.
  private stripes(): void {
    const { screen, each } = this;
    for (const [place, alpha] of this.chart.marked) {
      const y = (place - this.chart.rows.first) * each;
      const thick = Math.max(each, 3 * density());
      screen.globalAlpha = alpha;
      screen.fillStyle = variable('--accent');
      screen.fillRect(0, Math.round(y + each / 2 - thick / 2), this.width, Math.round(thick));
      screen.globalAlpha = 1;
    }
  }

  private column(column: Column): void {
    this.screen.fillStyle = variable('--line');
    this.screen.fillRect(column.axis, 0, 1, this.height);
    if (this.each >= 2) this.bars(column);
    else this.profile(column);
  }

  private value({ values }: Series, place: number): number {
    const { order } = this.chart;
    return values[order ? (order[place] as number) : place] as number;
  }

  private bar({ series, axis, room, mirrored }: Column, y: number, thick: number, v: number): void {
    if (v === 0 || !Number.isFinite(v)) return;
    const length = Math.max(1, Math.round(Math.min(1, Math.abs(v) / this.chart.full) * room));
    const toLeft = v < 0 !== mirrored;
    this.screen.fillStyle = v < 0 ? (series.below ?? series.colour) : series.colour;
    this.screen.fillRect(toLeft ? axis - length : axis, y, length, thick);
  }

  private bars(column: Column): void {
    const { first, count } = this.chart.rows;
    const { each } = this;
    const gap = each >= 4 * density() ? Math.round(density()) : each >= 3 ? 1 : 0;
    const last = Math.min(column.series.values.length, Math.ceil(first + count));
    for (let place = Math.floor(first); place < last; place++) {
      const y = Math.round((place - first) * each);
      const thick = Math.max(1, Math.round((place + 1 - first) * each) - y - gap);
      this.bar(column, y, thick, this.value(column.series, place));
    }
  }

  // The largest and the smallest value of some places.
  private extremes(series: Series, from: number, to: number): [number, number] {
    let [low, high] = [0, 0];
    for (let place = from; place < Math.min(to, series.values.length); place++) {
      const v = this.value(series, place);
      if (v > high) high = v;
      if (v < low) low = v;
    }
    return [low, high];
  }

  // More channels than pixel rows: a row shows the largest and the smallest of its channels.
  private profile(column: Column): void {
    const { first, count } = this.chart.rows;
    const { height } = this;
    for (let y = 0; y < height; y++) {
      const from = Math.floor(first + (y / height) * count);
      const to = Math.max(from + 1, Math.ceil(first + ((y + 1) / height) * count));
      for (const v of this.extremes(column.series, from, to)) this.bar(column, y, 1, v);
    }
  }

  // Bars that are thick enough are named; else some of them, where the names are more than numbers.
  private names(): void {
    const { rows, order, name } = this.chart;
    const { screen, each } = this;
    const apart = Math.max(1, Math.ceil((26 * density()) / each));
    if (name(0) === '' || (each < 13 * density() && order)) return;
    const size = Math.round(10 * density());
    screen.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
    screen.textAlign = 'right';
    screen.textBaseline = 'middle';
    const [ground, ink] = [variable('--sunk'), variable('--dim')];
    const step = each >= 13 * density() ? 1 : apart;
    const last = Math.min(this.d, Math.ceil(rows.first + rows.count));
    for (let place = Math.ceil(rows.first / step) * step; place < last; place += step) {
      const y = (place + 0.5 - rows.first) * each;
      if (y < size / 2 || y > this.height - size / 2) continue;
      const text = name(order ? (order[place] as number) : place);
      const wide = Math.ceil(screen.measureText(text).width) + 7 * density();
      screen.fillStyle = ground; // a bar may reach to here
      screen.fillRect(this.width - wide, Math.round(y - size * 0.6), wide, Math.round(size * 1.2));
      screen.fillStyle = ink;
      screen.fillText(text, this.width - 4 * density(), y);
    }
  }

  // All channels, small, and where the visible ones lie among them.
  private overview(): void {
    const { screen, chart, height, d } = this;
    const width = Math.round(STRIP * density());
    const left = screen.canvas.width - width;
    const series = chart.here ?? chart.other;
    screen.fillStyle = variable('--chip');
    screen.fillRect(left, 0, width, height);
    screen.fillStyle = variable('--dim');
    for (let y = 0; series && y < height; y++) {
      const from = Math.floor((y / height) * d);
      const to = Math.max(from + 1, Math.ceil(((y + 1) / height) * d));
      const [low, high] = this.extremes(series, from, to);
      const size = Math.min(1, Math.max(high, -low) / chart.full);
      if (size > 0) screen.fillRect(left, y, Math.max(1, Math.round(size * width)), 1);
    }
    const top = Math.round((chart.rows.first / d) * height);
    const thick = Math.max(Math.round(6 * density()), Math.round((chart.rows.count / d) * height));
    const line = Math.max(1, Math.round(1.5 * density()));
    screen.fillStyle = variable('--accent');
    screen.globalAlpha = 0.25;
    screen.fillRect(left, Math.min(top, height - thick), width, thick);
    screen.globalAlpha = 1;
    screen.strokeStyle = variable('--accent');
    screen.lineWidth = line;
    screen.strokeRect(
      left + line / 2, Math.min(top, height - thick) + line / 2, width - line, thick - line,
    );
  }
}
