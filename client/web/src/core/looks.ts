// Looks that are made of several settings: the paper's, and a diverging one for signed channels.
import { colours } from './colour.ts';
import type { MapInfo, Mode, Point, Stretch } from './protocol.ts';
import type { ViewState } from './state.ts';

type Paper = Pick<ViewState, 'colormap' | 'stretch' | 'origin' | 'picture'>;

// As in the figures of Zurowietz and Nattkemper 2020.
export const PAPER: Paper = {
  colormap: 'fire', stretch: ['minmax'], origin: 'min', picture: 'grey',
};

export function isPaper(state: Paper): boolean {
  return state.colormap === PAPER.colormap && state.stretch[0] === 'minmax' &&
    state.origin === PAPER.origin && state.picture === PAPER.picture;
}

export function paperPart({ colormap, stretch, origin, picture }: ViewState): Paper {
  return { colormap, stretch, origin, picture };
}

// --- signed channels ---

const DIVERGING = 'coolwarm';

export function isDiverging(colormap: string): boolean {
  return colormap.replace(/_r$/, '') === DIVERGING;
}

export interface Look {
  colormap: string;
  centred: boolean; // the colours' middle lies at 0
}

interface Seen {
  mode: Mode; // of the frame
  signed: boolean; // the map has values below 0
}

export function isSigned(map: MapInfo | null): boolean {
  return map !== null && map.min !== null && map.min < 0;
}

// Whether the stretch is one that the page may give a middle: not numbers and percentiles that a
// person chose. A channel that is only looked at is never shown by numbers (see toSet).
function automatic(stretch: Stretch, kept: boolean): boolean {
  return stretch[0] === 'around' || stretch[0] === 'minmax' || (!kept && stretch[0] === 'fixed');
}

// The colours of what a frame shows. A channel of a signed map that is only looked at (its mode is
// not the state's) is shown in diverging colours; one that is kept in those of the state. Diverging
// colours have their middle at 0 unless the person chose the stretch.
export function lookOf(state: ViewState, { mode, signed }: Seen): Look {
  const kept = state.mode === 'channel';
  if (mode !== 'channel' || !signed || !automatic(state.stretch, kept)) {
    return { colormap: state.colormap, centred: false };
  }
  const colormap = kept || isDiverging(state.colormap) ? state.colormap : DIVERGING;
  return { colormap, centred: isDiverging(colormap) };
}

// [-m, m] around all of [lo, hi].
export function centredRange(lo: number, hi: number): Point {
  const m = Math.max(Math.abs(lo), Math.abs(hi));
  return [-m, m];
}

// The colours of levels that stand for lo .. hi, so that they are those of -m .. m: entry k is the
// colour of the value that level k stands for. Level and opacity of -m .. m go along (`at`).
export function centredColours(name: string, lo: number, hi: number): {
  rgb: Uint8Array; at: Float64Array;
} {
  const rgb = colours(name);
  const m = centredRange(lo, hi)[1];
  const out = new Uint8Array(768);
  const at = new Float64Array(256);
  for (let level = 0; level < 256; level++) {
    const value = lo + (level / 255) * (hi - lo);
    at[level] = m > 0 ? (value + m) / (2 * m) : 0.5;
    const from = Math.round(255 * (at[level] as number)) * 3;
    out.set(rgb.subarray(from, from + 3), level * 3);
  }
  return { rgb: out, at };
}

// The colour map when a channel of a map is kept, and the way back.
export function keptColours(state: ViewState, map: MapInfo | null): string {
  const diverges = isSigned(map) && automatic(state.stretch, true);
  return diverges && !isDiverging(state.colormap) ? DIVERGING : state.colormap;
}

export function colourBack(now: string, before: string | null): string {
  if (!isDiverging(now)) return now; // chosen since
  return before ?? 'viridis';
}
