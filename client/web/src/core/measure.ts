// The nine measures between two feature vectors, in float64: what the read-out says beside s, cosine
// and angle. Formulas: proto/README.md.
import { compare, normOf } from './readout.ts';
import type { Metric } from './protocol.ts';

// One line each, for the lists.
export const MEANINGS: Record<Metric, string> = {
  angular: '1 − 2/π · angle: 1 the same direction, 0 at right angles',
  cosine: 'cosine of the angle',
  angle: 'angle in degrees, small is near',
  dot: 'dot product: direction and size',
  l2: 'Euclidean distance',
  l1: 'sum of the differences',
  lhalf: 'fractional distance, k = 0.5',
  pearson: 'correlation: blind to an offset',
  msam: '1 − 2/π · angle, of centred vectors',
};

// null: one of the two has no direction, or their lengths differ ("no data"). `shift` is the map's
// minimum for origin "min", else 0; distances do not feel it.
export function measure(
  metric: Metric, a: Float32Array, b: Float32Array, shift = 0,
): number | null {
  if (a.length !== b.length || normOf(a, shift) === null || normOf(b, shift) === null) return null;
  switch (metric) {
    case 'angular':
      return compare(a, b, shift).s;
    case 'cosine':
      return compare(a, b, shift).cosine;
    case 'angle':
      return compare(a, b, shift).angle;
    case 'pearson':
      return compare(centred(a), centred(b)).cosine;
    case 'msam':
      return compare(centred(a), centred(b)).s;
    default:
      return summed(metric, a, b, shift);
  }
}

function summed(metric: Metric, a: Float32Array, b: Float32Array, shift: number): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) {
    const [p, r] = [a[k] as number, b[k] as number];
    if (metric === 'dot') sum += (p - shift) * (r - shift);
    else if (metric === 'l2') sum += (p - r) * (p - r);
    else if (metric === 'l1') sum += Math.abs(p - r);
    else sum += Math.sqrt(Math.abs(p - r));
  }
  if (metric === 'l2') return Math.sqrt(sum);
  return metric === 'lhalf' ? sum * sum : sum;
}

// Float32 keeps 7 digits of what is left, which is what the read-out has room for.
function centred(v: Float32Array): Float32Array {
  let sum = 0;
  for (const value of v) sum += value;
  return v.map((value) => value - sum / v.length);
}
