// Which channels of one or two vectors a chart shows, in which order and at which scale. Places count
// from the top (or the left); at place p stands channel `channelOf(p)`.
import {
  differenceOf, orderOf, placesOf, sharesOf, summandOf, type Shares, type Sort,
} from './channels.ts';
import type { ChannelAxis, Metric } from './protocol.ts';
import {
  allRows, channelAt, fullScale, reveal, scrollRows, zoomRows, type Rows,
} from './rows.ts';
import { alongOf, placeAt, positionOf, type Along } from './wave.ts';

export const CHARTS = ['bars', 'difference', 'lines'] as const;
export type ChartMode = (typeof CHARTS)[number];

export interface Listed {
  d: number;
  here: Float32Array | null;
  other: Float32Array | null;
  metric: Metric;
  shift: number; // the map's minimum for origin "min", else 0
  axis: ChannelAxis | null;
}

export class Listing {
  rows: Rows = allRows(0);
  shares: Shares | null = null; // without a second vector: of its own squared norm
  difference: Float32Array | null = null;
  order: Uint32Array | null = null; // place -> channel; null: by index
  along: Along = alongOf(null, 0);
  full = 0; // the value at a full-width bar
  private places: Uint32Array | null = null; // channel -> place
  private listed: Listed | null = null;
  private sort: Sort = 'index';
  private mode: ChartMode = 'bars';

  // True: other channels than before, the chart starts anew.
  take(listed: Listed): boolean {
    const old = this.listed;
    this.listed = listed;
    const fresh = !old || listed.d !== old.d || listed.axis !== old.axis;
    if (fresh) {
      this.rows = allRows(listed.d);
      this.full = 0;
      this.along = alongOf(listed.axis, listed.d);
    }
    const same = !fresh && listed.here === old.here && listed.other === old.other &&
      listed.metric === old.metric && listed.shift === old.shift;
    if (!same) this.compute(listed);
    return fresh;
  }

  private compute({ here, other, metric, shift }: Listed): void {
    const both = here && other && here.length === other.length;
    this.difference = both ? differenceOf(here, other) : null;
    this.shares =
      both ? sharesOf(here, other, summandOf(metric), shift)
      : here && !other ? sharesOf(here, here, 'product', shift)
      : null;
    this.arrange(this.sort, this.mode);
  }

  // Another order or another drawing. A scale remembers its last value only while it measures the same.
  arrange(sort: Sort, mode: ChartMode): void {
    const { here, other } = this.listed ?? { here: null, other: null };
    this.order = orderOf(sort, here, other, this.shares);
    this.places = this.order && placesOf(this.order);
    let largest = 0;
    for (const vector of mode === 'difference' ? [this.difference] : [here, other]) {
      for (const v of vector ?? []) if (Math.abs(v) > largest) largest = Math.abs(v);
    }
    this.full = fullScale(largest, mode === this.mode ? this.full : 0);
    this.sort = sort;
    this.mode = mode;
  }

  get d(): number {
    return this.listed?.d ?? 0;
  }

  get all(): boolean {
    return this.rows.count >= this.d;
  }

  channelOf(place: number): number {
    const order = this.mode === 'lines' ? this.along.order : this.order;
    return order ? (order[place] as number) : place;
  }

  placeOf(channel: number): number {
    if (this.mode === 'lines') return this.along.order.indexOf(channel);
    return this.places ? (this.places[channel] as number) : channel;
  }

  // The channel at `at` of the chart's length: 0 where the first visible one begins, 1 behind the last.
  pointed(at: number): number {
    if (this.mode !== 'lines') return this.channelOf(channelAt(this.rows, this.d, at));
    const { first, count } = this.rows;
    const from = positionOf(this.along, first);
    const to = positionOf(this.along, first + count - 1);
    return this.channelOf(placeAt(this.along, from + at * (to - from)));
  }

  // The first and the last visible place.
  visible(): [number, number] {
    const { first, count } = this.rows;
    return [Math.floor(first), Math.min(this.d, Math.ceil(first + count)) - 1];
  }

  zoom(factor: number, at: number): void {
    this.rows = zoomRows(this.rows, this.d, factor, Math.min(1, Math.max(0, at)));
  }

  scroll(places: number): void {
    this.rows = scrollRows(this.rows, this.d, places);
  }

  reveal(channel: number): void {
    this.rows = reveal(this.rows, this.d, this.placeOf(channel));
  }

  showAll(): void {
    this.rows = allRows(this.d);
  }

  // Where to zoom about: a channel that is visible, else the middle.
  focus(channel: number | null): number {
    if (channel === null) return 0.5;
    const at = (this.placeOf(channel) + 0.5 - this.rows.first) / this.rows.count;
    return at >= 0 && at <= 1 ? at : 0.5;
  }
}
