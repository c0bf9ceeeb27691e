// All that one panel knows at a moment, and what follows from it for the numbers and the vectors.
import type { Axis } from './axis.ts';
import { colours } from './colour.ts';
import { cellCentre, cellOf, sameCell } from './geometry.ts';
import type { Present } from './exports.ts';
import { centredColours, centredRange, isSigned, lookOf, type Look } from './looks.ts';
import { measure } from './measure.ts';
import type { Frame, MapInfo, Metric, Point, Rect, SceneInfo, Stretch } from './protocol.ts';
import { compare, type Comparison } from './readout.ts';
import { defaults, several, type ViewState } from './state.ts';
import type { Asked } from './view.ts';

// A place whose vector is known, or on its way (vector null).
export interface Spot {
  cell: Point | null; // null: outside the map
  point: Point | null; // picture coordinates
  vector: Float32Array | null;
  said?: Comparison; // what the server says of it, where one vector alone does not tell
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

// Whether the pointer reads numbers off the heat map instead of moving the reference.
export function probing({ held, state }: Model): boolean {
  return held || several(state) || state.from !== '';
}

// The reference of the shown frame. Its point is the exact one where that lies in the frame's cell.
export function reference({ state, map, frame, asked }: Model): Spot {
  if (!frame || !map) return { cell: null, point: state.ref, vector: null };
  if (asked?.several || asked?.from) return { cell: null, point: null, vector: frame.vector };
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
  return probing(model) && model.probe ? model.probe : reference(model);
}

// What `here` is compared with: the pin, else a held reference.
export function other(model: Model): Spot | null {
  if (model.pin) return model.pin;
  return probing(model) && model.probe ? reference(model) : null;
}

export function comparison(model: Model): Comparison | null {
  const { vector: mine, said } = here(model);
  if (said && !model.pin) return said;
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
  const many = manyWords(model);
  if (many && !model.probe) return `${many}: point to compare`;
  if (!mine.cell) return `outside of what ${map.name} covers`;
  if (pin && !pin.cell) return `the pin lies outside of what ${map.name} covers`;
  const numbers = comparison(model);
  if (mine.vector && numbers?.norm === null) return 'no data: this cell’s vector has no direction';
  if (mine.vector && numbers?.s === null) return 'no data: the other vector has no direction';
  if (pin?.cell) return `compared with the pin at ${at(pin.cell)}`;
  if (many) return `compared with ${many}`;
  const ref = reference(model);
  if (held && ref.cell) return `compared with the held reference ${at(ref.cell)}`;
  return 'the reference; pin a cell to compare';
}

// A reference that is not one cell of this map, in words; '' for one that is.
export function manyWords({ state }: Model): string {
  if (state.from !== '') return `the reference in ${state.from.slice(0, state.from.indexOf('/'))}`;
  if (state.region) return 'the mean of the rectangle';
  if (!several(state)) return '';
  const negative = state.refs.filter((ref) => ref[2] < 0).length;
  const all = state.refs.length === 1 ? 'one added reference' : `${state.refs.length} references`;
  return negative > 0 ? `${all}, ${negative} negative` : all;
}
