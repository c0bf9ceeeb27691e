// All that the page knows at a moment, and what follows from it for the numbers and the vectors.
import type { Axis } from './axis.ts';
import { colours } from './colour.ts';
import { cellCentre, cellOf, sameCell } from './geometry.ts';
import type { Present } from './exports.ts';
import { centredColours, centredRange, isSigned, lookOf, type Look } from './looks.ts';
import { measure } from './measure.ts';
import type { Frame, MapInfo, Metric, Point, Rect, SceneInfo, Stretch } from './protocol.ts';
import { compare, type Comparison } from './readout.ts';
import { defaults, type ViewState } from './state.ts';
import type { Asked } from './view.ts';

// A place whose vector is known, or on its way (vector null).
export interface Spot {
  cell: Point | null; // null: outside the map
  point: Point | null; // picture coordinates
  vector: Float32Array | null;
}

export interface Model {
  state: ViewState;
  scenes: SceneInfo[];
  scene: SceneInfo | null;
  map: MapInfo | null;
  frame: Frame | null; // on the screen
  asked: Asked | null; // what that frame shows
  pin: Spot | null;
  pointer: Point | null; // where the pointer probes while the reference is held
  probe: Spot | null; // what is known there, or was known last
  held: boolean;
  hovered: number | null; // the channel under the pointer in the chart
  axis: Axis | null;
}

export function emptyModel(): Model {
  return {
    state: defaults(),
    scenes: [],
    scene: null,
    map: null,
    frame: null,
    asked: null,
    pin: null,
    pointer: null,
    probe: null,
    held: false,
    hovered: null,
    axis: null,
  };
}

// The rectangle that is fitted to the stage.
export function worldOf(scene: SceneInfo): Rect {
  if (scene.picture) return [0, 0, scene.picture[0], scene.picture[1]];
  return scene.maps[0]?.extent ?? [0, 0, 1, 1];
}

// The reference of the shown frame. Its point is the exact one where that lies in the frame's cell.
export function reference({ state, map, frame, asked }: Model): Spot {
  if (!frame || !map) return { cell: null, point: state.ref, vector: null };
  const fits = (point: Point | null | undefined): point is Point =>
    point != null && sameCell(cellOf(map, point), frame.cell);
  const point = [state.ref, asked?.ref].find(fits);
  return {
    cell: frame.cell,
    point: point ?? (frame.cell ? cellCentre(map, frame.cell) : state.ref),
    vector: frame.vector,
  };
}

export function here(model: Model): Spot {
  return model.held && model.probe ? model.probe : reference(model);
}

// What `here` is compared with: the pin, else a held reference.
export function other(model: Model): Spot | null {
  if (model.pin) return model.pin;
  return model.held && model.probe ? reference(model) : null;
}

export function comparison(model: Model): Comparison | null {
  const mine = here(model).vector;
  if (!mine) return null;
  const shift = model.state.origin === 'min' ? (model.map?.min ?? 0) : 0;
  return compare(mine, other(model)?.vector ?? mine, shift);
}

// A number that the read-out has no row for by itself: the chosen measure, or the shown channel.
export interface Measured {
  name: string;
  value: number | null; // null: no data
}

const ROWED: readonly Metric[] = ['angular', 'cosine', 'angle'];

export function measured(model: Model): Measured | null {
  const { mode, channel, metric, origin } = model.state;
  const mine = here(model).vector;
  if (mode === 'channel') return { name: `channel ${channel}`, value: mine?.[channel] ?? null };
  if (mode !== 'similarity' || ROWED.includes(metric)) return null;
  const shift = origin === 'min' ? (model.map?.min ?? 0) : 0;
  const value = mine ? measure(metric, mine, other(model)?.vector ?? mine, shift) : null;
  return { name: metric, value };
}

export interface Coloured extends Look {
  lo: number | null; // at the ends of the colours
  hi: number | null;
  rgb: Uint8Array; // of the frame's levels
  at: Float64Array | null; // where each level lies between the ends, if not evenly
  key: string; // the same key: the same colours
}

// The colours of the frame on the screen.
export function coloursOf(model: Model): Coloured {
  const { state, frame, asked, map } = model;
  const [lo, hi] = [frame?.lo ?? null, frame?.hi ?? null];
  const look = lookOf(state, { mode: asked?.mode ?? 'similarity', signed: isSigned(map) });
  if (!look.centred || lo === null || hi === null) {
    const { colormap } = look;
    return { colormap, centred: false, lo, hi, rgb: colours(colormap), at: null, key: colormap };
  }
  const [from, to] = centredRange(lo, hi);
  const key = `${look.colormap} ${lo} ${hi}`;
  return { ...look, lo: from, hi: to, ...centredColours(look.colormap, lo, hi), key };
}

// What can be exported of what is shown; null: nothing is.
export function presentOf(model: Model): Present | null {
  const { state, scene, map, frame } = model;
  if (!scene || !map || !frame) return null;
  const look = coloursOf(model);
  const numbers = state.mode === 'channel' && look.centred && look.lo !== null && look.hi !== null;
  const stretch: Stretch | null =
    numbers ? ['fixed', look.lo as number, look.hi as number] : null;
  return { state: { ...state, ref: state.ref ?? reference(model).point }, scene, map, stretch };
}

// What the read-out compares, in words.
export function words(model: Model): string {
  const { pin, held, map, frame } = model;
  if (!map || !frame) return '';
  const at = (cell: Point): string => `${cell[0]}, ${cell[1]}`;
  const mine = here(model);
  if (!mine.cell) return `outside of what ${map.name} covers`;
  if (pin && !pin.cell) return `the pin lies outside of what ${map.name} covers`;
  const numbers = comparison(model);
  if (mine.vector && numbers?.norm === null) return 'no data: this cell’s vector has no direction';
  if (mine.vector && numbers?.s === null) return 'no data: the other vector has no direction';
  if (pin?.cell) return `compared with the pin at ${at(pin.cell)}`;
  const ref = reference(model);
  if (held && ref.cell) return `compared with the held reference ${at(ref.cell)}`;
  return 'the reference itself; pin a cell to compare';
}
