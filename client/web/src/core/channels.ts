// What each channel does to the similarity of two vectors, and the orders in which a chart can list
// them. All in float64 from the float32 values of the wire.
import type { Metric } from './protocol.ts';

export const SORTS = ['index', 'value', 'difference', 'share'] as const;
export type Sort = (typeof SORTS)[number];

// What is summed over the channels: products for measures of direction, distances for the others.
export type Summand = 'product' | 'centred' | 'square' | 'absolute' | 'root';

export interface Shares {
  summand: Summand;
  values: Float64Array; // value k divided by the sum of all their sizes: they add up to at most 1
}

export interface Share {
  channel: number;
  share: number; // in [-1, 1]; below 0: this channel speaks against the similarity
  here: number;
  other: number;
}

export function summandOf(metric: Metric): Summand {
  switch (metric) {
    case 'l2':
      return 'square';
    case 'l1':
      return 'absolute';
    case 'lhalf':
      return 'root';
    case 'pearson':
    case 'msam':
      return 'centred';
    default:
      return 'product';
  }
}

function mean(v: Float32Array): number {
  let sum = 0;
  for (const value of v) sum += value;
  return v.length > 0 ? sum / v.length : 0;
}

// Two numbers of a channel -> what it adds to the sum.
function adding(summand: Summand, p: number, r: number): number {
  switch (summand) {
    case 'square':
      return (p - r) * (p - r);
    case 'absolute':
      return Math.abs(p - r);
    case 'root':
      return Math.sqrt(Math.abs(p - r));
    default:
      return p * r;
  }
}

// share_k = a_k / sum |a|: of products that cancel each other every one still has its share, which a
// division by their sum would blow up. All 0 where nothing is summed. `shift` is the map's minimum for
// origin "min", else 0.
export function sharesOf(
  here: Float32Array, other: Float32Array, summand: Summand, shift = 0,
): Shares {
  const d = Math.min(here.length, other.length);
  const values = new Float64Array(d);
  const a = summand === 'centred' ? mean(here) : summand === 'product' ? shift : 0;
  const b = summand === 'centred' ? mean(other) : a;
  let sum = 0;
  for (let k = 0; k < d; k++) {
    values[k] = adding(summand, (here[k] as number) - a, (other[k] as number) - b);
    if (Number.isFinite(values[k])) sum += Math.abs(values[k] as number);
    else values[k] = 0;
  }
  if (sum > 0) for (let k = 0; k < d; k++) values[k] = (values[k] as number) / sum;
  return { summand, values };
}

// The channels with the largest shares by size, largest first; those with none are left out.
export function strongest(
  { values }: Shares, here: Float32Array, other: Float32Array, most: number,
): Share[] {
  const best: number[] = [];
  const size = (k: number): number => Math.abs(values[k] as number);
  for (let k = 0; k < values.length; k++) {
    if (values[k] === 0) continue;
    if (best.length === most && size(k) <= size(best[most - 1] as number)) continue;
    let at = best.length;
    while (at > 0 && size(best[at - 1] as number) < size(k)) at--;
    best.splice(at, 0, k);
    best.length = Math.min(best.length, most);
  }
  return best.map((channel) => ({
    channel,
    share: values[channel] as number,
    here: here[channel] as number,
    other: other[channel] as number,
  }));
}

export function differenceOf(here: Float32Array, other: Float32Array): Float32Array {
  const d = Math.min(here.length, other.length);
  return Float32Array.from({ length: d }, (_, k) => (here[k] as number) - (other[k] as number));
}

// Channels from the top of the chart down. Largest first; equal ones by index, and values that are
// no numbers last.
function byKey(d: number, key: (k: number) => number): Uint32Array {
  const keys = Float64Array.from({ length: d }, (_, k) => {
    const value = key(k);
    return Number.isNaN(value) ? -Infinity : value;
  });
  const order = Uint32Array.from({ length: d }, (_, k) => k);
  return order.sort((a, b) => {
    const [x, y] = [keys[a] as number, keys[b] as number];
    return x === y ? a - b : y > x ? 1 : -1;
  });
}

// null: by index, also where what would order them is not known (no second vector).
export function orderOf(
  sort: Sort, here: Float32Array | null, other: Float32Array | null, shares: Shares | null,
): Uint32Array | null {
  if (!here || sort === 'index') return null;
  if (sort === 'value') return byKey(here.length, (k) => here[k] as number);
  if (sort === 'share') {
    return shares?.values.length === here.length ?
        byKey(here.length, (k) => shares.values[k] as number)
      : null;
  }
  if (!other || other.length !== here.length) return null;
  return byKey(here.length, (k) => Math.abs((here[k] as number) - (other[k] as number)));
}

// Where each channel stands in `order`.
export function placesOf(order: Uint32Array): Uint32Array {
  const places = new Uint32Array(order.length);
  order.forEach((channel, place) => (places[channel] = place));
  return places;
}
