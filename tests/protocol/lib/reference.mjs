// What the server computes, computed again in float64 straight from the formulas of the README.
// A map is {w, h, d, data}; data is a Float32Array, rows from the top, channels fastest.

export const at = (map, i, j) => map.data.subarray((j * map.w + i) * map.d, (j * map.w + i + 1) * map.d);

function dot(a, b, shift) {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] - shift) * (b[k] - shift);
  return sum;
}

// The length of a vector; NaN where it has no direction (DESIGN: zero, NaN, Inf, beyond float32).
export function norm(vector, shift = 0) {
  const length = Math.sqrt(dot(vector, vector, shift));
  const single = Math.fround(length);
  return single > 0 && Number.isFinite(single) ? length : NaN;
}

export function smallest(map) {
  let least = Infinity;
  for (const value of map.data) if (Number.isFinite(value) && value < least) least = value;
  return least;
}

// s of every cell against cell (i, j): Float64Array, NaN where invalid. metric: "angular", "cosine",
// "l2", "l1"; origin "min" takes the map's minimum from every value first.
export function similarity(map, i, j, { metric = "angular", origin = "zero" } = {}) {
  const shift = origin === "min" ? smallest(map) : 0;
  const reference = at(map, i, j), length = norm(reference, shift);
  const out = new Float64Array(map.w * map.h);
  for (let cell = 0; cell < out.length; cell++) {
    const vector = map.data.subarray(cell * map.d, (cell + 1) * map.d);
    const own = norm(vector, shift);
    if (Number.isNaN(own) || Number.isNaN(length)) out[cell] = NaN;
    else if (metric === "l2" || metric === "l1") out[cell] = distance(vector, reference, metric);
    else {
      // From u - v, not acos of the dot product: acos loses half its digits near 1.
      const cosine = dot(vector, reference, shift) / (own * length);
      out[cell] = metric === "cosine" ? cosine : exactAngular(vector, reference, own, length, shift);
    }
  }
  return out;
}

function distance(a, b, metric) {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += metric === "l2" ? (a[k] - b[k]) ** 2 : Math.abs(a[k] - b[k]);
  return metric === "l2" ? Math.sqrt(sum) : sum;
}

function exactAngular(a, b, lengthA, lengthB, shift) {
  let apart = 0, together = 0;
  for (let k = 0; k < a.length; k++) {
    const u = (a[k] - shift) / lengthA, v = (b[k] - shift) / lengthB;
    apart += (u - v) * (u - v);
    together += (u + v) * (u + v);
  }
  return 1 - (4 / Math.PI) * Math.atan2(Math.sqrt(apart), Math.sqrt(together));
}

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

// The 8-bit levels; 0 where invalid.
export function levels(s, lo, hi) {
  return Uint8Array.from(s, (value) => {
    if (Number.isNaN(value)) return 0;
    const stretched = lo === hi ? 0.5 : Math.min(1, Math.max(0, (value - lo) / (hi - lo)));
    return Math.round(255 * stretched);
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
