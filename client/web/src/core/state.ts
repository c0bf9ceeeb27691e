// What a person sees, as one value: kept in the page's fragment, sent to the server as a `set`.
// Names are those of the wire.
import { isColormap } from './colour.ts';
import { MAX_ZOOM } from './geometry.ts';
import {
  METRICS, MODES, ORIGINS, PICTURES,
  type Metric, type Mode, type Origin, type Picture, type Point, type SetFields, type Stretch,
} from './protocol.ts';

export interface ViewState {
  scene: string;
  layer: string;
  ref: Point | null; // null: the map's centre cell
  pin: Point | null;
  mode: Mode;
  channel: number;
  metric: Metric;
  origin: Origin;
  stretch: Stretch;
  colormap: string;
  opacity: number;
  picture: Picture;
  zoom: number; // 1: all of the picture
  at: Point | null; // what lies in the middle of the stage; null: the picture's middle
}

export function defaults(): ViewState {
  return {
    scene: '',
    layer: '',
    ref: null,
    pin: null,
    mode: 'similarity',
    channel: 0,
    metric: 'angular',
    origin: 'zero',
    stretch: ['around'],
    colormap: 'viridis',
    opacity: 0.1,
    picture: 'grey',
    zoom: 1,
    at: null,
  };
}

// What of it the server needs. A channel that is only hovered goes in front of the state's mode;
// numbers fixed for similarities mean nothing for its values.
export function toSet(state: ViewState, hovered: number | null): SetFields {
  const stretch: Stretch =
    hovered !== null && state.stretch[0] === 'fixed' ? ['minmax'] : state.stretch;
  return {
    ref: state.ref,
    mode: hovered === null ? state.mode : 'channel',
    channel: hovered ?? state.channel,
    metric: state.metric,
    origin: state.origin,
    stretch,
    kind: 'scalar',
    vector: true,
  };
}

const encode = (value: string): string => encodeURIComponent(value).replaceAll('%2C', ',');

export function toFragment(state: ViewState): string {
  const pairs: [string, string][] = [
    ['v', '1'],
    ['scene', state.scene],
    ['layer', state.layer],
  ];
  if (state.ref) pairs.push(['ref', state.ref.join(',')]);
  if (state.pin) pairs.push(['pin', state.pin.join(',')]);
  pairs.push(['mode', state.mode]);
  if (state.mode === 'channel') pairs.push(['channel', String(state.channel)]);
  pairs.push(
    ['metric', state.metric],
    ['origin', state.origin],
    ['stretch', state.stretch.join(',')],
    ['colormap', state.colormap],
    ['opacity', String(state.opacity)],
    ['picture', state.picture],
  );
  if (state.zoom > 1) pairs.push(['zoom', String(Math.round(state.zoom * 1000) / 1000)]);
  if (state.zoom > 1 && state.at) {
    pairs.push(['at', state.at.map((v) => Math.round(v * 100) / 100).join(',')]);
  }
  return `#${pairs.map(([key, value]) => `${key}=${encode(value)}`).join('&')}`;
}

function numberList(value: string, length: number): number[] | null {
  const list = value.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  return list.length === length && list.every(Number.isFinite) ? list : null;
}

function stretchOf(value: string): Stretch | null {
  const [kind, ...rest] = value.split(',');
  if (kind === 'minmax' || kind === 'around') return rest.length === 0 ? [kind] : null;
  const two = numberList(rest.join(','), 2);
  if (!two) return null;
  const [a, b] = two as [number, number];
  if (kind === 'percentile' && a >= 0 && a < b && b <= 100) return ['percentile', a, b];
  if (kind === 'fixed' && a <= b) return ['fixed', a, b];
  return null;
}

// One key of a fragment into `state`; false: its value is outside the table.
function take(state: ViewState, key: string, value: string): boolean {
  const among = <T extends string>(names: readonly T[], put: (name: T) => void): boolean => {
    const known = names.includes(value as T);
    if (known) put(value as T);
    return known;
  };
  const point = (put: (p: Point) => void): boolean => {
    const list = numberList(value, 2);
    if (list) put(list as unknown as Point);
    return list !== null;
  };
  const within = (lo: number, hi: number, put: (v: number) => void): boolean => {
    const list = numberList(value, 1);
    const ok = list !== null && (list[0] as number) >= lo && (list[0] as number) <= hi;
    if (ok) put(list[0] as number);
    return ok;
  };
  switch (key) {
    case 'v':
      return value === '1';
    case 'scene':
      state.scene = value;
      return true;
    case 'layer':
      state.layer = value;
      return true;
    case 'ref':
      return point((p) => (state.ref = p));
    case 'pin':
      return point((p) => (state.pin = p));
    case 'at':
      return point((p) => (state.at = p));
    case 'mode':
      return among(MODES, (m) => (state.mode = m));
    case 'metric':
      return among(METRICS, (m) => (state.metric = m));
    case 'origin':
      return among(ORIGINS, (o) => (state.origin = o));
    case 'picture':
      return among(PICTURES, (p) => (state.picture = p));
    case 'channel':
      return within(0, 65535, (k) => (state.channel = Math.floor(k)));
    case 'opacity':
      return within(0, 1, (a) => (state.opacity = a));
    case 'zoom':
      return within(1, MAX_ZOOM, (z) => (state.zoom = z));
    case 'colormap':
      if (isColormap(value)) state.colormap = value;
      return isColormap(value);
    case 'stretch': {
      const stretch = stretchOf(value);
      if (stretch) state.stretch = stretch;
      return stretch !== null;
    }
    default:
      return true; // a key of a later version
  }
}

// The state of a fragment, over the defaults, and the names of the keys whose values make no sense.
export function fromFragment(fragment: string): { state: ViewState; wrong: string[] } {
  const state = defaults();
  const wrong: string[] = [];
  for (const pair of fragment.replace(/^#/, '').split('&')) {
    if (pair === '') continue;
    const [key, ...rest] = pair.split('=');
    try {
      const value = decodeURIComponent(rest.join('='));
      if (!take(state, key as string, value)) wrong.push(key as string);
    } catch {
      wrong.push(key as string); // a broken %XX
    }
  }
  return { state, wrong };
}
