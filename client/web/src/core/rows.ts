// Which channels of a long vector a chart shows, and which one lies under a point of it.

export interface Rows {
  first: number; // may be fractional while zooming
  count: number; // channels visible
}

const FEWEST = 12;

export function allRows(d: number): Rows {
  return { first: 0, count: d };
}

function settle(d: number, first: number, count: number): Rows {
  const n = Math.min(d, Math.max(Math.min(d, FEWEST), count));
  return { first: Math.min(Math.max(0, first), d - n), count: n };
}

// Zoom by `factor` about the place `at` (0 top .. 1 bottom) of the chart.
export function zoomRows(rows: Rows, d: number, factor: number, at: number): Rows {
  const next = settle(d, 0, rows.count / factor);
  return settle(d, rows.first + at * (rows.count - next.count), next.count);
}

export function scrollRows(rows: Rows, d: number, by: number): Rows {
  return settle(d, rows.first + by, rows.count);
}

// The rows moved as little as possible so that `channel` is visible.
export function reveal(rows: Rows, d: number, channel: number): Rows {
  if (channel < rows.first) return settle(d, channel, rows.count);
  if (channel + 1 > rows.first + rows.count) return settle(d, channel + 1 - rows.count, rows.count);
  return rows;
}

export function channelAt(rows: Rows, d: number, at: number): number {
  return Math.min(d - 1, Math.max(0, Math.floor(rows.first + at * rows.count)));
}

// The value at a full-width bar: a round number not much above the largest, so that the chart
// rescales seldom while the pointer moves. It shrinks only when less than half would be used.
export function fullScale(largest: number, last: number): number {
  if (!(largest > 0) || !Number.isFinite(largest)) return last > 0 ? last : 1;
  if (last > 0 && largest <= last && largest > last * 0.45) return last;
  const power = 10 ** Math.floor(Math.log10(largest));
  const steps = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];
  return (steps.find((step) => largest <= step * power) ?? 10) * power;
}
