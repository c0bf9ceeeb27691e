// The colour scale's axis: the absolute range of what is shown, which does not follow every frame.
import { DISTANCES, type Metric, type Mode, type Point } from './protocol.ts';
import { fixed, significant } from './format.ts';

export interface Axis {
  from: number; // at the bottom of the scale
  to: number; // at the top: bright is always up, so distances run downwards
  degrees?: boolean;
}

const FLOORS = [0, -0.25, -0.5, -1];

// The range of a bounded measure is given by what it is; below 0 only as far as frames have gone,
// and it never goes back (`last`), so that the scale stands still while the pointer moves.
export function axisOf(mode: Mode, metric: Metric, range: Point | null, last: Axis | null): Axis {
  if (mode !== 'similarity') return range ? { from: range[0], to: range[1] } : (last ?? unit());
  const low = range ? range[0] : 0;
  switch (metric) {
    case 'angular':
    case 'cosine':
    case 'pearson':
    case 'msam': {
      const floor = FLOORS.find((f) => low >= f - 0.002) ?? -1;
      return { from: Math.min(floor, last?.from ?? 0), to: 1 };
    }
    case 'angle': {
      const far = range && range[1] > 90.1 ? 180 : 90;
      return { from: Math.max(far, last?.from ?? 90), to: 0, degrees: true };
    }
    default:
      if (!range) return last ?? unit();
      return DISTANCES.includes(metric)
        ? { from: range[1], to: range[0] }
        : { from: range[0], to: range[1] };
  }
}

function unit(): Axis {
  return { from: 0, to: 1 };
}

// 0 at the bottom of the scale, 1 at its top.
export function onAxis(axis: Axis, value: number): number {
  if (axis.to === axis.from) return 0.5;
  return Math.min(1, Math.max(0, (value - axis.from) / (axis.to - axis.from)));
}

// Round values inside the axis, some four of them (or `about` so many), without its ends.
export function ticks(axis: Axis, about = 4): number[] {
  const low = Math.min(axis.from, axis.to);
  const high = Math.max(axis.from, axis.to);
  const rough = (high - low) / about;
  if (!(rough > 0) || !Number.isFinite(rough)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((n) => n * power >= rough * 0.999) ?? 10) * power;
  const values: number[] = [];
  for (let k = Math.ceil(low / step); k * step < high - step / 100; k++) {
    if (k * step > low + step / 100) values.push(k * step);
  }
  return values;
}

// `apart`: how far lo and hi lie from each other; so many digits that both are told to two of that.
export function label(axis: Axis, value: number, apart = 0): string {
  const span = Math.abs(axis.to - axis.from);
  const finer = apart > 0 ? Math.min(6, Math.ceil(1 - Math.log10(apart))) : 0;
  if (axis.degrees) return `${fixed(value, Math.max(1, finer))}\u00b0`;
  if (span > 0.05 && span < 20) return fixed(value, Math.max(2, finer));
  const text = significant(value, 3);
  const digits = text.split('.')[1]?.length ?? 0;
  return finer > digits && !text.includes('e') ? fixed(value, finer) : text;
}
