// The exact numbers between two feature vectors, in float64 from the float32 values of the wire.

export interface Comparison {
  s: number | null; // null: one of the two has no direction ("no data")
  cosine: number | null;
  angle: number | null; // degrees
  norm: number | null; // of the first vector
}

const LARGEST = 3.4028234663852886e38;

// |v| with `shift` taken from every value, or null where it is not a finite positive float32.
export function normOf(v: Float32Array, shift = 0): number | null {
  let sum = 0;
  for (const value of v) sum += (value - shift) * (value - shift);
  const norm = Math.sqrt(sum);
  return norm > 0 && norm <= LARGEST && Math.fround(norm) > 0 ? norm : null;
}

// `shift` is the map's minimum for origin "min", else 0. The angle comes from the chord between the
// unit vectors, as the server does it: exactly 0 for equal vectors, where acos would lose digits.
export function compare(a: Float32Array, b: Float32Array, shift = 0): Comparison {
  const norm = normOf(a, shift);
  const other = normOf(b, shift);
  if (norm === null || other === null || a.length !== b.length) {
    return { s: null, cosine: null, angle: null, norm };
  }
  let dot = 0;
  let apart = 0;
  let together = 0;
  for (let k = 0; k < a.length; k++) {
    const u = ((a[k] as number) - shift) / norm;
    const v = ((b[k] as number) - shift) / other;
    dot += u * v;
    apart += (u - v) * (u - v);
    together += (u + v) * (u + v);
  }
  const chord = (squared: number): number => 2 * Math.asin(Math.min(1, Math.sqrt(squared) / 2));
  const angle = apart <= 2 ? chord(apart) : Math.PI - chord(together);
  return {
    s: 1 - (2 / Math.PI) * angle,
    cosine: Math.min(1, Math.max(-1, dot)),
    angle: (angle * 180) / Math.PI,
    norm,
  };
}
