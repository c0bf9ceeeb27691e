// What can be taken out of the page: addresses relative to it, in the names of proto/README.md.
import type { MapInfo, Point, SceneInfo, Stretch } from './protocol.ts';
import type { ViewState } from './state.ts';

export type Kind =
  | 'picture' | 'grid' | 'raw' | 'parameters' | 'vector.npy' | 'vector.csv' | 'vector.json';

// What is on the screen, as far as it goes beyond the state.
export interface Present {
  state: ViewState;
  scene: SceneInfo;
  map: MapInfo;
  stretch: Stretch | null; // in numbers, where the page decided them (a range symmetric about 0)
  refs?: string; // several references or a region, as a piece of the query; else the state's one
}

export interface Export {
  url: string; // relative
  name: string; // of the file
}

type Pair = readonly [string, string];

// Commas divide lists and need no escape in a query; all else is escaped.
const escape = (value: string): string => encodeURIComponent(value).replaceAll('%2C', ',');

function query(pairs: readonly Pair[]): string {
  return pairs.map(([key, value]) => `${key}=${escape(value)}`).join('&');
}

const list = (numbers: readonly number[]): string => numbers.join(',');

function reference({ state, refs }: Present): Pair[] {
  if (refs !== undefined) {
    return refs.split('&').filter(Boolean).map((pair): Pair => {
      const [key, ...rest] = pair.split('=');
      return [key as string, decodeURIComponent(rest.join('='))];
    });
  }
  return state.ref ? [['ref', list(state.ref)]] : [];
}

// What is computed.
function values(present: Present): Pair[] {
  const { state, stretch } = present;
  const pairs: Pair[] = reference(present);
  pairs.push(['mode', state.mode]);
  if (state.mode === 'channel') pairs.push(['channel', String(state.channel)]);
  if (state.mode === 'similarity') {
    pairs.push(['metric', state.metric], ['origin', state.origin]);
  }
  pairs.push(['stretch', (stretch ?? state.stretch).join(',')]);
  return pairs;
}

function looks({ state, scene }: Present, grid = false): Pair[] {
  const bare = grid || !scene.picture;
  return [
    ['colormap', state.colormap],
    ['opacity', String(bare ? 1 : state.opacity)],
    ['picture', bare ? 'none' : state.picture],
  ];
}

function base({ scene, map }: Present): string {
  return `api/v1/scenes/${encodeURIComponent(scene.name)}/maps/${encodeURIComponent(map.name)}`;
}

// A name that every file system takes.
function stem(parts: readonly string[]): string {
  return parts.map((part) => part.replace(/[^\p{L}\p{N}._-]+/gu, '_')).join('-');
}

function shows({ mode, channel, metric }: ViewState): string {
  return mode === 'similarity' ? metric : mode === 'channel' ? `channel${channel}` : mode;
}

// Pixels of the picture file. On the map's own grid every pixel is a cell, without the picture under
// it: nothing is scaled, nothing is mixed.
export function sizeOf(kind: 'picture' | 'grid', { scene, map }: Present): Point {
  return kind === 'picture' && scene.picture ? scene.picture : [map.w, map.h];
}

export function exportOf(kind: Kind, present: Present, colorbar = false): Export {
  const { scene, map, state } = present;
  const names = [scene.name, map.name, shows(state)];
  const file = (
    path: string, pairs: readonly Pair[], name: readonly string[], ext: string,
  ): Export => ({
    url: `${base(present)}/${path}?${query([...pairs, ['download', '1']])}`,
    name: `${stem(name)}.${ext}`,
  });
  switch (kind) {
    case 'picture':
    case 'grid': {
      const pairs = [...values(present), ...looks(present, kind === 'grid')];
      if (kind === 'grid') pairs.push(['size', list(sizeOf(kind, present))]);
      if (colorbar) pairs.push(['colorbar', '1']);
      return file('frame.png', pairs, kind === 'grid' ? [...names, 'grid'] : names, 'png');
    }
    case 'raw':
      return file('frame.npy', values(present), names, 'npy');
    case 'parameters':
      return file('frame.json', [...values(present), ...looks(present)], names, 'json');
    default: {
      const ext = kind.slice(kind.indexOf('.') + 1);
      const own = reference(present).filter(([key]) => key === 'ref' || key === 'from');
      const last: Pair[] = state.ref ? [['ref', list(state.ref)]] : []; // several have no vector
      return file(kind, own.length > 0 ? own : last, [scene.name, map.name, 'vector'], ext);
    }
  }
}

// A line for a terminal that fetches the picture as it is shown. `absolute` makes an address of the
// page whole.
export function curlLine(
  present: Present, absolute: (url: string) => string, colorbar = false,
): string {
  const { url, name } = exportOf('picture', present, colorbar);
  const address = absolute(url.replace(/&download=1$/, ''));
  const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  return `curl -fo ${quote(name)} ${quote(address)}`;
}
