// The panels side by side: what each shows, what they share, how they come and go. The list of their
// states is the truth; changes are made here, so that what is shared stays equal. Pure.
import { defaults, type ViewState } from './state.ts';

export const MOST = 6;

export interface Views {
  list: ViewState[]; // 1 to MOST of them
  active: number; // the one that was last pointed at
}

// What panels of one scene have in common, and what all panels have.
const OF_SCENE = ['ref', 'refs', 'region', 'pin', 'zoom', 'at'] as const;
const OF_PAGE = [
  'metric', 'origin', 'stretch', 'lock', 'colormap', 'opacity', 'picture', 'chart', 'order',
] as const;

function pick<K extends keyof ViewState>(
  state: Partial<ViewState>, keys: readonly K[],
): Partial<ViewState> {
  return Object.fromEntries(keys.filter((key) => key in state).map((key) => [key, state[key]]));
}

// Writes `patch` to panel k, and what of it is shared to the panels that share it.
export function change({ list }: Views, k: number, patch: Partial<ViewState>): void {
  const own = list[k];
  if (!own) return;
  Object.assign(own, patch);
  for (const each of list) {
    if (each === own) continue;
    if (each.scene === own.scene) Object.assign(each, pick(patch, OF_SCENE));
    Object.assign(each, pick(patch, OF_PAGE));
  }
}

export function sceneOf(name: string): string {
  return name.slice(0, name.indexOf('/'));
}

// Panel k looks at another map from now on: with the place of its scene's other panels, or anew.
export function enter({ list }: Views, k: number, scene: string, layer: string): void {
  const own = list[k];
  if (!own) return;
  if (scene !== own.scene) {
    const there = list.find((each) => each !== own && each.scene === scene);
    Object.assign(own, pick(there ?? defaults(), OF_SCENE), { from: '' });
  }
  Object.assign(own, { scene, layer });
}

// One more panel at the end, which gets active; null: there are MOST already.
export function add(views: Views, scene: string, layer: string): ViewState | null {
  const { list, active } = views;
  const like = list[active];
  if (list.length >= MOST || !like) return null;
  const own: ViewState = { ...defaults(), ...pick(like, OF_PAGE), scene: '' };
  list.push(own);
  enter(views, list.length - 1, scene, layer);
  views.active = list.length - 1;
  return own;
}

// The last one stays. What compared with a scene that is not there any more goes back to its own.
export function remove(views: Views, k: number): boolean {
  const { list } = views;
  if (list.length < 2 || !list[k]) return false;
  list.splice(k, 1);
  if (views.active > k || views.active >= list.length) views.active = Math.max(0, views.active - 1);
  tidied(views);
  return true;
}

// Makes what is shared equal (the first panel that has it says what it is), and references of other
// scenes lead to a panel that has its own.
export function tidied(views: Views): Views {
  const { list } = views;
  const first = list[0];
  if (!first) return views;
  const fixed = first.stretch[0] === 'fixed';
  if (!fixed) first.lock = null;
  else first.lock ??= { mode: first.mode, back: ['around'] };
  for (const each of list) {
    const leader = list.find((other) => other.scene === each.scene) as ViewState;
    Object.assign(each, pick(leader, OF_SCENE), pick(first, OF_PAGE));
  }
  for (const each of list) if (each.from !== '' && !source(list, each)) each.from = '';
  return views;
}

// The panel whose reference `state` shows: its own, or one of the scene that `from` names.
export function source(list: readonly ViewState[], state: ViewState): ViewState | null {
  if (state.from === '') return state;
  const scene = sceneOf(state.from);
  if (scene === state.scene) return state;
  return list.find((each) => each.scene === scene && each.from === '') ?? null;
}

// The reference of `state` as a piece of a URL's query; '' for the map's centre.
export function referenceQuery(list: readonly ViewState[], state: ViewState): string {
  const { ref, refs, region } = source(list, state) ?? state;
  const own = region ? `region=${region.join(',')}`
    : refs.length > 0 ? `refs=${refs.flat().join(',')}`
    : ref ? `ref=${ref.join(',')}` : '';
  const from = state.from === '' ? '' : `from=${encodeURIComponent(state.from)}`;
  return [own, from].filter(Boolean).join('&');
}

// What panel k could take its reference from: a panel of another scene, with the same layer if there
// is one, else the first one.
export function partner(list: readonly ViewState[], k: number): ViewState | null {
  const own = list[k];
  if (!own) return null;
  const others = list.filter((each) => each.scene !== own.scene && each.from === '');
  return others.find((each) => each.layer === own.layer) ?? others[0] ?? null;
}
