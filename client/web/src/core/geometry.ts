// Where things lie: picture coordinates <-> the stage on the screen (CSS pixels) <-> a map's cells.
import type { Point, Rect } from './protocol.ts';

export interface Size {
  w: number;
  h: number;
}

// What of the picture is looked at: zoom 1 shows all of it; `at` is the point in the middle of the
// stage (null: the picture's middle).
export interface Camera {
  zoom: number;
  at: Point | null;
}

// screen = (picture - origin of the world) * scale + (x, y)
export interface Placement {
  world: Rect;
  scale: number;
  x: number;
  y: number;
}

export interface Grid {
  w: number;
  h: number;
  extent: Rect;
}

export const MAX_ZOOM = 64;

function clamp(value: number, lo: number, hi: number): number {
  return Math.min(Math.max(value, lo), Math.max(lo, hi));
}

export function place(world: Rect, stage: Size, camera: Camera): Placement {
  const [x0, y0, x1, y1] = world;
  const fit = Math.min(stage.w / (x1 - x0), stage.h / (y1 - y0));
  const scale = Math.max(fit, Number.MIN_VALUE) * camera.zoom;
  const wanted = camera.at ?? [(x0 + x1) / 2, (y0 + y1) / 2];
  // The middle of the stage always lies on the picture: it cannot be lost, and zooming in holds
  // the point under the pointer wherever that is.
  const cx = clamp(wanted[0], x0, x1);
  const cy = clamp(wanted[1], y0, y1);
  return { world, scale, x: stage.w / 2 - (cx - x0) * scale, y: stage.h / 2 - (cy - y0) * scale };
}

export function toPicture(p: Placement, screen: Point): Point {
  return [(screen[0] - p.x) / p.scale + p.world[0], (screen[1] - p.y) / p.scale + p.world[1]];
}

export function toScreen(p: Placement, picture: Point): Point {
  return [(picture[0] - p.world[0]) * p.scale + p.x, (picture[1] - p.world[1]) * p.scale + p.y];
}

export function inside(rect: Rect, [x, y]: Point): boolean {
  return x >= rect[0] && x < rect[2] && y >= rect[1] && y < rect[3];
}

function centre(p: Placement, stage: Size): Point {
  return toPicture(p, [stage.w / 2, stage.h / 2]);
}

// The camera after zooming by `factor` so that what lies under `about` stays there.
export function zoomAbout(
  world: Rect, stage: Size, camera: Camera, factor: number, about: Point,
): Camera {
  const zoom = clamp(camera.zoom * factor, 1, MAX_ZOOM);
  if (zoom < 1.001) return { zoom: 1, at: null };
  const before = place(world, stage, camera);
  const scale = (before.scale / camera.zoom) * zoom;
  const under = toPicture(before, about);
  const at: Point = [
    under[0] - (about[0] - stage.w / 2) / scale,
    under[1] - (about[1] - stage.h / 2) / scale,
  ];
  return settled(world, stage, { zoom, at });
}

export function panBy(world: Rect, stage: Size, camera: Camera, dx: number, dy: number): Camera {
  if (camera.zoom <= 1) return camera;
  const p = place(world, stage, camera);
  const [cx, cy] = centre(p, stage);
  return settled(world, stage, { zoom: camera.zoom, at: [cx - dx / p.scale, cy - dy / p.scale] });
}

// The camera that shows `point` too, at least `margin` away from the stage's edges, moved as little
// as that takes.
export function panTo(
  world: Rect, stage: Size, camera: Camera, point: Point, margin: number,
): Camera {
  const [x, y] = toScreen(place(world, stage, camera), point);
  const by = (at: number, size: number): number => {
    const edge = Math.min(margin, size / 2);
    return at < edge ? edge - at : at > size - edge ? size - edge - at : 0;
  };
  const [dx, dy] = [by(x, stage.w), by(y, stage.h)];
  return dx === 0 && dy === 0 ? camera : panBy(world, stage, camera, dx, dy);
}

// The same camera with `at` where the clamping puts it, so that panning back answers at once.
function settled(world: Rect, stage: Size, camera: Camera): Camera {
  return { zoom: camera.zoom, at: centre(place(world, stage, camera), stage) };
}

// The cell of a point, or null outside the map's extent.
export function cellOf(map: Grid, [x, y]: Point): Point | null {
  const [x0, y0, x1, y1] = map.extent;
  const i = Math.floor(((x - x0) / (x1 - x0)) * map.w);
  const j = Math.floor(((y - y0) / (y1 - y0)) * map.h);
  return i >= 0 && j >= 0 && i < map.w && j < map.h ? [i, j] : null;
}

export function sameCell(a: Point | null | undefined, b: Point | null | undefined): boolean {
  return a != null && b != null && a[0] === b[0] && a[1] === b[1];
}

export function cellCentre(map: Grid, [i, j]: Point): Point {
  const [x0, y0, x1, y1] = map.extent;
  return [x0 + ((i + 0.5) * (x1 - x0)) / map.w, y0 + ((j + 0.5) * (y1 - y0)) / map.h];
}

// A window of cells as a rectangle of the picture.
export function windowRect(map: Grid, window: Rect): Rect {
  const [x0, y0, x1, y1] = map.extent;
  const sx = (x1 - x0) / map.w;
  const sy = (y1 - y0) / map.h;
  return [x0 + window[0] * sx, y0 + window[1] * sy, x0 + window[2] * sx, y0 + window[3] * sy];
}

// The middle of the cell that lies (di, dj) cells from the point's cell; it stays inside the map
// and, where it can, inside `world`.
export function moveCell(map: Grid, world: Rect, from: Point, di: number, dj: number): Point {
  const [x0, y0, x1, y1] = map.extent;
  const at: Point = [clamp(from[0], x0, x1), clamp(from[1], y0, y1)];
  const i = clamp(Math.floor(((at[0] - x0) / (x1 - x0)) * map.w) + di, 0, map.w - 1);
  const j = clamp(Math.floor(((at[1] - y0) / (y1 - y0)) * map.h) + dj, 0, map.h - 1);
  const to = cellCentre(map, [i, j]);
  return inside(world, to) || !inside(world, from) ? to : from;
}

// Points are kept to a hundredth, rounded down so that they stay inside: what is sent, shown and
// shared is then the same number.
export function tidy([x, y]: Point): Point {
  return [Math.floor(x * 100) / 100, Math.floor(y * 100) / 100];
}

// The rectangle between two points, as far as it lies in `world`.
export function rectangle(world: Rect, a: Point, b: Point): Rect {
  const [x0, y0, x1, y1] = world;
  return [
    clamp(Math.min(a[0], b[0]), x0, x1), clamp(Math.min(a[1], b[1]), y0, y1),
    clamp(Math.max(a[0], b[0]), x0, x1), clamp(Math.max(a[1], b[1]), y0, y1),
  ];
}

// Which of `marks` lies nearest to `at`, or null if none is within `reach`.
export function nearest(marks: readonly Point[], at: Point, reach: number): number | null {
  let found: number | null = null;
  let least = reach;
  marks.forEach(([x, y], k) => {
    const apart = Math.hypot(x - at[0], y - at[1]);
    if (apart > least) return;
    least = apart;
    found = k;
  });
  return found;
}
