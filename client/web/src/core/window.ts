// What part of a map to ask the server for, and in how many pixels. Pure: the clock is given.
import { toPicture, type Grid, type Placement, type Size } from './geometry.ts';
import type { Point, Rect } from './protocol.ts';

export interface Part {
  window: Rect | null; // cells; null: all
  size: Point | null; // most pixels; null: one a cell
}

// What is seen: where the picture lies on the stage, and the screen's pixels per CSS pixel.
export interface Sight {
  place: Placement;
  stage: Size;
  density: number;
}

const EVERYTHING: Part = { window: null, size: null };
const SMALL = 1 << 14; // cells that are never worth more than one question
const LARGE = 1 << 17; // from this many on only the part that is seen is asked for
const CROWDED = 2; // cells on one pixel of the screen from which on they are clearly too many
const STEP = 64; // of sizes and of large windows, so that they seldom change
const PAUSE = 150; // ms between two changes

interface Seen {
  rect: Rect; // the cells on the stage; may reach beyond the map
  part: number; // of the map's cells, 0 .. 1
  pixels: Point; // of the screen, a cell
}

function seen(map: Grid, { place, stage, density }: Sight): Seen {
  const [x0, y0, x1, y1] = map.extent;
  const [sx, sy] = [map.w / (x1 - x0), map.h / (y1 - y0)]; // cells a pixel of the picture
  const [left, top] = toPicture(place, [0, 0]);
  const [right, bottom] = toPicture(place, [stage.w, stage.h]);
  const rect: Rect = [(left - x0) * sx, (top - y0) * sy, (right - x0) * sx, (bottom - y0) * sy];
  const along = (a: number, b: number, n: number): number =>
    Math.max(0, Math.min(b, n) - Math.max(a, 0)) / n;
  return {
    rect,
    part: along(rect[0], rect[2], map.w) * along(rect[1], rect[3], map.h),
    pixels: [(place.scale * density) / sx, (place.scale * density) / sy],
  };
}

// The part that would be asked for if nothing had been asked before: everything; of a map with
// clearly more cells than pixels, or of a large one of which less than half is seen, what is seen
// and a margin of half as much on every side.
export function wanted(map: Grid, sight: Sight): Part {
  const cells = map.w * map.h;
  if (cells <= SMALL) return EVERYTHING;
  const { rect, part, pixels } = seen(map, sight);
  const crowded = 1 > CROWDED * pixels[0] * pixels[1];
  const close = part < 0.5 && cells > LARGE;
  if (!crowded && !close) return EVERYTHING;
  const window = close ? withMargin(map, rect) : ([0, 0, map.w, map.h] as Rect);
  if (!crowded) return { window, size: null };
  const most = (n: number, each: number): number =>
    Math.min(n, Math.ceil((n * Math.min(1, each)) / STEP) * STEP);
  return {
    window,
    size: [most(window[2] - window[0], pixels[0]), most(window[3] - window[1], pixels[1])],
  };
}

function withMargin(map: Grid, [x0, y0, x1, y1]: Rect): Rect {
  const along = (a: number, b: number, n: number): Point => {
    const margin = (b - a) / 2;
    const step = Math.max(1, Math.min(STEP, Math.floor(margin / 2)));
    const from = Math.min(Math.max(0, Math.floor((a - margin) / step) * step), n - 1);
    return [from, Math.min(Math.max(from + 1, Math.ceil((b + margin) / step) * step), n)];
  };
  const [i0, i1] = along(x0, x1, map.w);
  const [j0, j1] = along(y0, y1, map.h);
  return [i0, j0, i1, j1];
}

// Whether what was asked for still serves: it covers what is seen, is fine enough, and holds not
// much more than a new one would.
function serves(old: Part, next: Part, map: Grid, sight: Sight): boolean {
  if (!old.window || !next.window) return false;
  const [x0, y0, x1, y1] = old.window;
  const { rect } = seen(map, sight);
  const covers =
    x0 <= Math.max(0, rect[0]) && y0 <= Math.max(0, rect[1]) &&
    x1 >= Math.min(map.w, rect[2]) && y1 >= Math.min(map.h, rect[3]);
  const area = ([a, b, c, d]: Rect): number => (c - a) * (d - b);
  const fineness = ({ window, size }: Part): number =>
    size && window ? (size[0] * size[1]) / area(window) : 1;
  const ratio = fineness(old) / fineness(next);
  return covers && area(old.window) <= 4 * area(next.window) && ratio >= 0.8 && ratio <= 2;
}

// Keeps to what was asked for as long as it serves, and changes it once in PAUSE.
export class Windows {
  private part: Part = EVERYTHING;
  private changed = -Infinity;

  // Another map.
  restart(): void {
    this.part = EVERYTHING;
    this.changed = -Infinity;
  }

  // What to ask for at `now`; `again`: in how many ms to look again, as it ought to change then.
  at(map: Grid, sight: Sight, now: number): { part: Part; again: number | null } {
    const next = wanted(map, sight);
    const same = next.window === null && this.part.window === null;
    if (same || serves(this.part, next, map, sight)) return { part: this.part, again: null };
    const left = this.changed + PAUSE - now;
    if (left > 0) return { part: this.part, again: left };
    this.changed = now;
    this.part = next;
    return { part: next, again: null };
  }
}
