// What the server computes, computed again in float64 straight from the formulas of the README.
// A map is {w, h, d, data}; data is a Float32Array, rows from the top, channels fastest.

export const at = (map, i, j) => map.data.subarray((j * map.w + i) * map.d, (j * map.w + i + 1) * map.d);

export const METRICS = ["angular", "cosine", "angle", "dot", "l2", "l1", "lhalf", "pearson", "msam"];
export const ANGLES = ["angular", "cosine", "angle", "pearson", "msam"]; // take negative references
export const isDistance = (metric) => ["angle", "l2", "l1", "lhalf"].includes(metric);

// The length of a vector; NaN where it has no direction: zero, NaN, Inf, beyond float32.
export function norm(vector, shift = 0) {
  let sum = 0;
  for (let k = 0; k < vector.length; k++) sum += (vector[k] - shift) ** 2;
  const length = Math.sqrt(sum);
  const single = Math.fround(length);
  return single > 0 && Number.isFinite(single) ? length : NaN;
}

export function smallest(map) {
  let least = Infinity;
  for (const value of map.data) if (Number.isFinite(value) && value < least) least = value;
  return least;
}

// What is compared of one vector, written into `out`: its direction, after the metric's shift, for
// angles; else its values. False where it has no direction.
function prepare(vector, metric, min, out) {
  let shift = min;
  if (metric === "pearson" || metric === "msam") shift = vector.reduce((sum, value) => sum + value, 0) / vector.length;
  const length = norm(vector, shift);
  if (Number.isNaN(norm(vector)) || Number.isNaN(length)) return false;
  const angle = ANGLES.includes(metric);
  for (let k = 0; k < vector.length; k++) out[k] = angle ? (vector[k] - shift) / length : vector[k];
  return true;
}

function meanOf(map, [x0, y0, x1, y1], metric, min) {
  const sum = new Float64Array(map.d), one = new Float64Array(map.d);
  let cells = 0;
  for (let j = y0; j < y1; j++) for (let i = x0; i < x1; i++) {
    if (!prepare(at(map, i, j), metric, min, one)) continue;
    cells++;
    for (let k = 0; k < map.d; k++) sum[k] += one[k];
  }
  if (!cells) return null;
  const length = ANGLES.includes(metric) ? Math.sqrt(sum.reduce((total, value) => total + value * value, 0)) : cells;
  return sum.map((value) => value / length);
}

// The references of `map`: {refs: [[i, j, sign]...]} or {region: [x0, y0, x1, y1]}, in cells.
function vectorsOf(map, { refs = [], region }, metric, min) {
  if (region) {
    const mean = meanOf(map, region, metric, min);
    return mean ? [{ vector: mean, sign: 1 }] : [];
  }
  return refs.map(([i, j, sign = 1]) => {
    const vector = new Float64Array(map.d);
    return prepare(at(map, i, j), metric, min, vector) ? { vector, sign } : null;
  }).filter(Boolean);
}

function angle(u, v) {
  let apart = 0, along = 0; // not acos of the dot product: it loses half its digits near 1
  for (let k = 0; k < u.length; k++) {
    apart += (u[k] - v[k]) ** 2;
    along += (u[k] + v[k]) ** 2;
  }
  return 2 * Math.atan2(Math.sqrt(apart), Math.sqrt(along));
}

function total(p, r, term) {
  let sum = 0;
  for (let k = 0; k < p.length; k++) sum += term(p[k], r[k]);
  return sum;
}

const measures = {
  angular: (u, v) => 1 - (2 / Math.PI) * angle(u, v),
  cosine: (u, v) => Math.cos(angle(u, v)),
  angle: (u, v) => (180 / Math.PI) * angle(u, v),
  dot: (p, r) => total(p, r, (x, y) => x * y),
  l2: (p, r) => Math.sqrt(total(p, r, (x, y) => (x - y) * (x - y))),
  l1: (p, r) => total(p, r, (x, y) => Math.abs(x - y)),
  lhalf: (p, r) => total(p, r, (x, y) => Math.sqrt(Math.abs(x - y))) ** 2,
};
measures.pearson = measures.cosine;
measures.msam = measures.angular;

// s of every cell with all references together, which may be those of the map `from`: the best of the
// positive ones less the best of the negative ones. Float64Array, NaN where invalid.
export function compare(map, references, { metric = "angular", origin = "zero", from = map } = {}) {
  const min = origin === "min" ? smallest(map) : 0, measure = measures[metric];
  const vectors = vectorsOf(from, references, metric, origin === "min" ? smallest(from) : 0);
  const out = new Float64Array(map.w * map.h).fill(NaN), p = new Float64Array(map.d);
  const best = (values) => (values.length ? (isDistance(metric) ? Math.min : Math.max)(...values) : 0);
  for (let cell = 0; cell < out.length && vectors.length; cell++) {
    if (!prepare(map.data.subarray(cell * map.d, (cell + 1) * map.d), metric, min, p)) continue;
    const values = (sign) => vectors.filter((each) => each.sign === sign).map(({ vector }) => measure(p, vector));
    out[cell] = best(values(1)) - best(values(-1));
  }
  return out;
}

// The same of one reference, cell (i, j).
export const similarity = (map, i, j, options) => compare(map, { refs: [[i, j, 1]] }, options);

// lo and hi of a stretch over the valid values; `around` leaves the 3 x 3 block around (i, j) out of hi.
export function stretch(map, s, kind, i, j) {
  let lo = Infinity, hi = -Infinity;
  s.forEach((value, cell) => {
    if (Number.isNaN(value)) return;
    lo = Math.min(lo, value);
    const near = Math.abs((cell % map.w) - i) <= 1 && Math.abs(Math.floor(cell / map.w) - j) <= 1;
    if (kind !== "around" || !near) hi = Math.max(hi, value);
  });
  return { lo, hi };
}

// The same of any stretch as `set` has it, of any references; `blocks`: what `around` leaves out,
// rectangles of cells.
export function stretchOf(map, s, [kind, a, b], { blocks = [], metric = "angular" } = {}) {
  if (kind === "fixed") return { lo: a, hi: b };
  const valid = [...s.keys()].filter((cell) => !Number.isNaN(s[cell]));
  const sorted = Float64Array.from(valid, (cell) => s[cell]).sort();
  const quantile = (percent) => {
    const rank = (percent / 100) * (sorted.length - 1), below = Math.floor(rank);
    return sorted[below] + (rank - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]);
  };
  if (kind === "percentile") return { lo: quantile(a), hi: quantile(b) };
  const out = { lo: sorted[0], hi: sorted.at(-1) };
  const { value } = kind === "around" ? bestOf(map, s, { blocks, metric }) : {};
  if (value !== undefined) out[isDistance(metric) ? "lo" : "hi"] = value;
  return out;
}

// The blocks of references: 3 x 3 around points, a region with a border of one cell.
export function blocksOf({ refs = [], region }) {
  if (region) return [[region[0] - 1, region[1] - 1, region[2] + 1, region[3] + 1]];
  return refs.map(([i, j]) => [i - 1, j - 1, i + 2, j + 2]);
}

// The best value outside the blocks, and its cell; {} where nothing is left.
export function bestOf(map, s, { blocks = [], metric = "angular" } = {}) {
  let best = {};
  s.forEach((value, cell) => {
    const i = cell % map.w, j = Math.floor(cell / map.w);
    if (Number.isNaN(value) || blocks.some(([x0, y0, x1, y1]) => i >= x0 && i < x1 && j >= y0 && j < y1)) return;
    if (best.value === undefined || (isDistance(metric) ? value < best.value : value > best.value)) best = { value, cell: [i, j] };
  });
  return best;
}

// The 8-bit levels; 0 where invalid. Of distances the other way round: bright is near.
export function levels(s, lo, hi, { inverted = false } = {}) {
  return Uint8Array.from(s, (value) => {
    if (Number.isNaN(value)) return 0;
    const stretched = lo === hi ? 0.5 : Math.min(1, Math.max(0, (value - lo) / (hi - lo)));
    return Math.round(255 * (inverted ? 1 - stretched : stretched));
  });
}

// Smallest, largest, mean over the valid values, and the largest outside the 3 x 3 block.
export function statistics(map, s, i, j) {
  let min = Infinity, max = -Infinity, sum = 0, valid = 0;
  for (const value of s) {
    if (Number.isNaN(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    valid++;
  }
  return { min, max, mean: sum / valid, max_outside_3x3: stretch(map, s, "around", i, j).hi, valid };
}

// The largest |a - b|; Infinity where one is NaN and the other is not.
export function worst(a, b) {
  let most = a.length === b.length ? 0 : Infinity;
  for (let k = 0; k < a.length; k++) {
    if (Number.isNaN(a[k]) !== Number.isNaN(b[k])) return Infinity;
    if (!Number.isNaN(a[k])) most = Math.max(most, Math.abs(a[k] - b[k]));
  }
  return most;
}

// The centre of a cell in picture coordinates.
export function centre(map, i, j) {
  const [x0, y0, x1, y1] = map.extent ?? [0, 0, map.w, map.h];
  return [x0 + ((i + 0.5) * (x1 - x0)) / map.w, y0 + ((j + 0.5) * (y1 - y0)) / map.h];
}
