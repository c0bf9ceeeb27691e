// The page's address: all panels as one line of names and values, and back. The names are those of
// the wire; those of the second panel end in ".2", and so on. What panels share stands once.
import { SORTS } from './channels.ts';
import { isColormap } from './colour.ts';
import { MAX_ZOOM } from './geometry.ts';
import { CHARTS } from './listing.ts';
import { MOST, tidied, type Views } from './panels.ts';
import {
  METRICS, MODES, ORIGINS, PICTURES, type Mode, type Point, type Rect, type Ref, type Stretch,
} from './protocol.ts';
import { defaults, type ViewState } from './state.ts';

type Pair = [string, string];

const encode = (value: string): string => encodeURIComponent(value).replaceAll('%2C', ',');
const round = (value: number, by: number): number => Math.round(value * by) / by;

// What is looked at in a scene, the same for all of its panels.
function placePairs(state: ViewState): Pair[] {
  const pairs: Pair[] = [];
  if (state.ref) pairs.push(['ref', state.ref.join(',')]);
  if (state.refs.length > 0) pairs.push(['refs', state.refs.flat().join(',')]);
  if (state.region) pairs.push(['region', state.region.join(',')]);
  if (state.pin) pairs.push(['pin', state.pin.join(',')]);
  if (state.zoom > 1) pairs.push(['zoom', String(round(state.zoom, 1000))]);
  if (state.zoom > 1 && state.at) pairs.push(['at', state.at.map((v) => round(v, 100)).join(',')]);
  return pairs;
}

function modePairs(state: ViewState): Pair[] {
  const pairs: Pair[] = [['mode', state.mode]];
  if (state.mode === 'channel') pairs.push(['channel', String(state.channel)]);
  if (state.from !== '') pairs.push(['from', state.from]);
  return pairs;
}

// What all panels share.
function pagePairs(state: ViewState): Pair[] {
  const { lock } = state;
  return [
    ['metric', state.metric],
    ['origin', state.origin],
    ['stretch', state.stretch.join(',')],
    ...(lock ? [['lock', [lock.mode, ...lock.back].join(',')] as Pair] : []),
    ['colormap', state.colormap],
    ['opacity', String(state.opacity)],
    ['picture', state.picture],
    ...(state.chart !== 'bars' ? [['chart', state.chart] as Pair] : []),
    ...(state.order !== 'index' ? [['order', state.order] as Pair] : []),
  ];
}

export function toFragment({ list, active }: Views): string {
  const first = list[0] ?? defaults();
  const pairs: Pair[] = [
    ['v', '1'],
    ['scene', first.scene],
    ['layer', first.layer],
    ...placePairs(first),
    ...modePairs(first),
    ...pagePairs(first),
  ];
  list.slice(1).forEach((state, k) => {
    const own: Pair[] = [['layer', state.layer]];
    const known = list.slice(0, k + 1).some((before) => before.scene === state.scene);
    if (state.scene !== first.scene) own.unshift(['scene', state.scene]);
    if (!known) own.push(...placePairs(state));
    if (state.mode !== 'similarity' || state.from !== '') own.push(...modePairs(state));
    pairs.push(...own.map(([key, value]): Pair => [`${key}.${k + 2}`, value]));
  });
  if (active > 0) pairs.push(['active', String(active + 1)]);
  return `#${pairs.map(([key, value]) => `${key}=${encode(value)}`).join('&')}`;
}

function numbers(value: string): number[] {
  return value.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
}

function numberList(value: string, length: number): number[] | null {
  const list = numbers(value);
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

const MOST_REFS = 16;

function refsOf(value: string): Ref[] | null {
  const list = numbers(value);
  const n = list.length / 3;
  if (!Number.isInteger(n) || n > MOST_REFS || !list.every(Number.isFinite)) return null;
  const refs: Ref[] = [];
  for (let k = 0; k < n; k++) {
    const [x, y, sign] = list.slice(k * 3, k * 3 + 3) as [number, number, number];
    if (sign !== 1 && sign !== -1) return null;
    refs.push([x, y, sign]);
  }
  return refs;
}

function rectOf(value: string): Rect | null {
  const list = numberList(value, 4) as Rect | null;
  return list && list[0] <= list[2] && list[1] <= list[3] ? list : null;
}

function lockOf(value: string): ViewState['lock'] {
  const [mode, ...rest] = value.split(',');
  const back = stretchOf(rest.join(','));
  if (!MODES.includes(mode as Mode) || !back || back[0] === 'fixed') return null;
  return { mode: mode as Mode, back };
}

// One key of a fragment into `state`; false: its value is outside the table.
function take(state: ViewState, key: string, value: string): boolean {
  const put = <T>(found: T | null, into: (found: T) => void): boolean => {
    if (found !== null) into(found);
    return found !== null;
  };
  const among = <T extends string>(names: readonly T[]): T | null =>
    names.includes(value as T) ? (value as T) : null;
  const point = numberList(value, 2) as Point | null;
  const within = (lo: number, hi: number): number | null => {
    const one = numberList(value, 1)?.[0];
    return one !== undefined && one >= lo && one <= hi ? one : null;
  };
  switch (key) {
    case 'v':
      return value === '1';
    case 'scene':
    case 'layer':
      state[key] = value;
      return true;
    case 'from':
      return put(/^[^/]+\/./.test(value) ? value : null, (name) => (state.from = name));
    case 'ref':
    case 'pin':
    case 'at':
      return put(point, (p) => (state[key] = p));
    case 'refs':
      return put(refsOf(value), (refs) => Object.assign(state, { refs, region: null }));
    case 'region':
      return put(rectOf(value), (region) => Object.assign(state, { region, refs: [] }));
    case 'mode':
      return put(among(MODES), (m) => (state.mode = m));
    case 'metric':
      return put(among(METRICS), (m) => (state.metric = m));
    case 'origin':
      return put(among(ORIGINS), (o) => (state.origin = o));
    case 'picture':
      return put(among(PICTURES), (p) => (state.picture = p));
    case 'chart':
      return put(among(CHARTS), (chart) => (state.chart = chart));
    case 'order':
      return put(among(SORTS), (order) => (state.order = order));
    case 'channel':
      return put(within(0, 65535), (k) => (state.channel = Math.floor(k)));
    case 'opacity':
      return put(within(0, 1), (a) => (state.opacity = a));
    case 'zoom':
      return put(within(1, MAX_ZOOM), (z) => (state.zoom = z));
    case 'colormap':
      return put(isColormap(value) ? value : null, (name) => (state.colormap = name));
    case 'stretch':
      return put(stretchOf(value), (stretch) => (state.stretch = stretch));
    case 'lock':
      return put(lockOf(value), (lock) => (state.lock = lock));
    default:
      return true; // a key of a later version
  }
}

interface Line {
  name: string; // as it stands there
  key: string;
  panel: number; // from 0
  value: string;
}

function lines(fragment: string, wrong: string[]): Line[] {
  const list: Line[] = [];
  for (const pair of fragment.replace(/^#/, '').split('&')) {
    if (pair === '') continue;
    const [name = '', ...rest] = pair.split('=');
    const numbered = /^(\w+)\.(\d+)$/.exec(name);
    const panel = numbered ? Number(numbered[2]) - 1 : 0;
    try {
      const value = decodeURIComponent(rest.join('='));
      if (panel < 0 || panel >= MOST) wrong.push(name);
      else list.push({ name, key: numbered?.[1] ?? name, panel, value });
    } catch {
      wrong.push(name); // a broken %XX
    }
  }
  return list;
}

// The panels of a fragment, over the defaults, and the names of the keys whose values make no sense.
export function fromFragment(fragment: string): { views: Views; wrong: string[] } {
  const wrong: string[] = [];
  const all = lines(fragment, wrong);
  const first = defaults();
  const list = [first];
  const into = (state: ViewState, panel: number): void => {
    for (const line of all) {
      if (line.panel !== panel || line.name === 'active') continue;
      if (!take(state, line.key, line.value)) wrong.push(line.name);
    }
  };
  into(first, 0);
  for (let k = 1; k < MOST && all.some((line) => line.panel === k); k++) {
    const state = { ...defaults(), scene: first.scene };
    into(state, k);
    list.push(state);
  }
  const active = all.find((line) => line.name === 'active');
  const at = active ? Number(active.value) - 1 : 0;
  if (!Number.isInteger(at) || at < 0 || at >= list.length) wrong.push('active');
  return { views: tidied({ list, active: wrong.includes('active') ? 0 : at }), wrong };
}
