// Channels that are more than numbers: wavelengths (or what else the file says they are), as names of
// the bars and as the axis of a line plot.
import { significant } from './format.ts';
import type { ChannelAxis } from './protocol.ts';

// "channel 412", or "668.2 nm (412)" where the file says so.
export function channelName(axis: ChannelAxis | null | undefined, channel: number): string {
  const value = axis?.values[channel];
  if (value === undefined || !Number.isFinite(value)) return `channel ${channel}`;
  return `${axisValue(axis as ChannelAxis, value)} (${channel})`;
}

export function axisValue({ unit }: ChannelAxis, value: number): string {
  return unit === '' ? significant(value) : `${significant(value)} ${unit}`;
}

// What a line plot goes along: positions of the channels, and the channels from left to right (the
// sensors of one camera overlap, so that a file's order need not rise).
export interface Along {
  at: Float64Array; // of place 0, 1, ...; it never falls
  order: Uint32Array; // place -> channel
}

export function alongOf(axis: ChannelAxis | null | undefined, d: number): Along {
  const order = Uint32Array.from({ length: d }, (_, k) => k);
  const values = axis?.values;
  const usable = values !== undefined && values.length === d && values.every(Number.isFinite);
  if (!usable) return { at: Float64Array.from(order), order };
  order.sort((a, b) => (values[a] as number) - (values[b] as number) || a - b);
  return { at: Float64Array.from(order, (k) => values[k] as number), order };
}

// The place nearest to the position `x`.
export function placeAt({ at }: Along, x: number): number {
  let low = 0;
  let high = at.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((at[middle] as number) <= x) low = middle;
    else high = middle;
  }
  return Math.abs(x - (at[low] as number)) <= Math.abs((at[high] as number) - x) ? low : high;
}

// The position of a place that may lie between two channels.
export function positionOf({ at }: Along, place: number): number {
  const last = at.length - 1;
  const within = Math.min(last, Math.max(0, place));
  const low = Math.floor(within);
  const from = at[low] ?? 0;
  return from + ((at[Math.min(last, low + 1)] ?? from) - from) * (within - low);
}
