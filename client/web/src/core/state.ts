// What a person sees in one panel, as one value: kept in the page's fragment, sent to the server as a
// `set`. Names are those of the wire.
import type { Sort } from './channels.ts';
import type { ChartMode } from './listing.ts';
import type {
  Metric, Mode, Origin, Picture, Point, Rect, Ref, SetFields, Stretch,
} from './protocol.ts';

// The stretch is locked to numbers that were seen in `mode`; `back`: what it was before.
export interface Lock {
  mode: Mode;
  back: Stretch;
}

export interface ViewState {
  scene: string;
  layer: string;
  from: string; // "scene/layer" whose reference is compared with; '': this map's own
  ref: Point | null; // null: the map's centre cell
  refs: readonly Ref[]; // several references go in front of `ref`
  region: Rect | null; // and so does a rectangle; never both
  pin: Point | null;
  mode: Mode;
  channel: number;
  metric: Metric;
  origin: Origin;
  stretch: Stretch;
  lock: Lock | null; // only with a fixed stretch
  colormap: string;
  opacity: number;
  picture: Picture;
  chart: ChartMode; // how the vectors are drawn
  order: Sort; // of their channels
  zoom: number; // 1: all of the picture
  at: Point | null; // what lies in the middle of the stage; null: the picture's middle
}

export function defaults(): ViewState {
  return {
    scene: '',
    layer: '',
    from: '',
    ref: null,
    refs: [],
    region: null,
    pin: null,
    mode: 'similarity',
    channel: 0,
    metric: 'angular',
    origin: 'zero',
    stretch: ['around'],
    lock: null,
    colormap: 'viridis',
    opacity: 0.1,
    picture: 'grey',
    chart: 'bars',
    order: 'index',
    zoom: 1,
    at: null,
  };
}

export type Reference = Pick<ViewState, 'ref' | 'refs' | 'region'>;

// Whether more than one place is the reference, so that the pointer does not move it.
export function several({ refs, region }: Reference): boolean {
  return refs.length > 0 || region !== null;
}

// What of it the server needs. A channel that is only hovered goes in front of the state's mode;
// numbers locked for similarities mean nothing for its values. `own`: whose reference it is.
export function toSet(
  state: ViewState, hovered: number | null, own: Reference = state,
): SetFields {
  const mode = hovered === null ? state.mode : 'channel';
  const foreign = state.stretch[0] === 'fixed' && mode !== (state.lock?.mode ?? 'similarity');
  const { ref, refs, region } = own;
  return {
    ...(region ? { region } : refs.length > 0 ? { refs } : { ref }),
    ...(state.from === '' ? {} : { from: state.from }),
    mode,
    channel: hovered ?? state.channel,
    metric: state.metric,
    origin: state.origin,
    stretch: foreign ? ['minmax'] : state.stretch,
    kind: 'scalar',
    vector: true,
  };
}
