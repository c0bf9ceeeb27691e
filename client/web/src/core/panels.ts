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

// Panel k shows what is similar to its partner's reference; once more, or without one: to its own.
export function cross({ list }: Views, k: number): void {
  const own = list[k];
  const other = partner(list, k);
  if (!own) return;
  own.from = own.from !== '' || !other ? '' : `${other.scene}/${other.layer}`;
  if (own.from !== '') release(list, own.scene);
}

// References of `scene` are looked for nowhere from now on: two that wait for each other have none.
// False: they were not.
export function release(list: readonly ViewState[], scene: string): boolean {
  const waiting = list.filter(({ from }) => sceneOf(from) === scene);
  for (const each of waiting) each.from = '';
  return waiting.length > 0;
}

// How many values the vectors of a map have; null: there is no such map.
export type LengthOf = (scene: string, layer: string) => number | null;

// A panel that cannot be compared, and what it would have been compared with.
export interface Uneven {
  layer: string;
  length: number;
  other: { scene: string; layer: string; length: number };
}

// All panels of panel k's scene at once, each with the layer of its name there (else with one that is
// shown). Once more: all of them go back to their own. Returns those whose vectors have another length;
// they stay as they are.
export function crossAll({ list }: Views, k: number, lengthOf: LengthOf): Uneven[] {
  const own = list[k];
  const there = sceneOf(own?.from ?? '') || partner(list, k)?.scene;
  if (!own || !there) return [];
  const panels = list.filter(({ scene }) => scene === own.scene);
  const uneven: Uneven[] = [];
  const found = new Map<ViewState, string>();
  for (const each of panels) {
    const { layer } = each;
    const length = lengthOf(each.scene, layer) ?? 0;
    const other = counterpart(list, layer, length, there, lengthOf);
    if (other?.length === length) found.set(each, `${there}/${other.layer}`);
    else if (other) uneven.push({ layer, length, other: { scene: there, ...other } });
  }
  const missing = [...found].filter(([each]) => each.from === '');
  if (missing.length === 0 && panels.some(({ from }) => from !== '')) {
    for (const each of panels) each.from = '';
    return [];
  }
  for (const [each, from] of missing) each.from = from;
  if (missing.length > 0) release(list, own.scene);
  return uneven;
}

// The layer of that name in the scene `there`, else a shown one, with vectors of that length if any.
function counterpart(
  list: readonly ViewState[], layer: string, length: number, there: string, lengthOf: LengthOf,
): { layer: string; length: number } | null {
  const same = lengthOf(there, layer);
  if (same !== null) return { layer, length: same };
  const shown = list.filter((each) => each.scene === there && each.from === '')
    .map((each) => ({ layer: each.layer, length: lengthOf(there, each.layer) ?? 0 }));
  return shown.find((each) => each.length === length) ?? shown[0] ?? null;
}

// Why panels keep their own reference, in a sentence; '' where none does.
export function unevenWords(uneven: readonly Uneven[]): string {
  const [one, ...more] = uneven;
  if (!one) return '';
  const { layer, length, other } = one;
  if (more.length === 0) {
    return `${layer} keeps its own reference: its vectors have ${length} values, those of ` +
      `${other.layer} in ${other.scene} ${other.length}; compare layers of one length.`;
  }
  const names = uneven.map((each) => each.layer);
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)} keep their own reference: their vectors ` +
    `have other lengths than those in ${other.scene}; compare layers of one length.`;
}
