// Scene and layers. A click shows only that layer; the button at its side, Ctrl or Shift and a click,
// show it beside the others or take it away again.
import { counted } from '../core/format.ts';
import { MOST } from '../core/panels.ts';
import type { MapInfo, SceneInfo } from '../core/protocol.ts';
import type { ViewState } from '../core/state.ts';
import { byId, onResize, setText } from './dom.ts';

export interface TopbarEvents {
  scene(name: string): void;
  layer(name: string): void; // only this one
  toggle(name: string): void; // beside the others, or away
  beside(scene: string, layer: string): void;
}

function sizeOf(map: MapInfo): string {
  return `${map.w}×${map.h}×${map.d}`;
}

// For one line of text: a name that is written from the right does not turn the size around.
function named(map: MapInfo): string {
  return `\u2068${map.name}\u2069  ${sizeOf(map)}`;
}

function option(value: string, text: string): HTMLOptionElement {
  return new Option(text, value);
}

export class Topbar {
  private readonly header = document.querySelector('header') as HTMLElement;
  private readonly scenes = byId<HTMLSelectElement>('scene');
  private readonly layers = byId('layers');
  private readonly list = byId<HTMLSelectElement>('layer');
  private readonly add = byId<HTMLSelectElement>('add');
  private built = '';
  private known: readonly SceneInfo[] = [];

  constructor(private readonly events: TopbarEvents) {
    this.scenes.addEventListener('change', () => events.scene(this.scenes.value));
    this.list.addEventListener('change', () => events.layer(this.list.value));
    this.add.addEventListener('change', () => {
      const [s, m] = this.add.value.split(' ').map(Number) as [number, number];
      const scene = this.known[s];
      const map = scene?.maps[m];
      this.add.value = '';
      if (scene && map) events.beside(scene.name, map.name);
    });
    onResize(this.header, () => this.fit());
  }

  // `shown`: what the panels show, in their order.
  show(
    scenes: readonly SceneInfo[], scene: SceneInfo | null, layer: string, shown: readonly ViewState[],
  ): void {
    const key = JSON.stringify([
      scenes.map((s) => [s.name, s.maps.map((m) => [m.name, sizeOf(m)])]), scene?.name,
    ]);
    const other = key !== this.built;
    if (other) this.build(scenes, scene);
    this.built = key;
    this.scenes.value = scene?.name ?? '';
    setText(byId('scene-value'), scene?.name ?? '');
    this.scenes.title = scene?.name ?? '';
    this.list.title = layer;
    this.list.value = layer;
    const map = scene?.maps.find(({ name }) => name === layer);
    setText(byId('layer-value'), layer);
    setText(byId('layer-size'), map ? sizeOf(map) : '');
    const names = shown.filter((each) => each.scene === scene?.name).map((each) => each.layer);
    for (const chip of this.layers.children) mark(chip, names, shown.length);
    this.add.disabled = shown.length >= MOST;
    if (other) this.fit();
  }

  private build(scenes: readonly SceneInfo[], scene: SceneInfo | null): void {
    const maps = scene?.maps ?? [];
    this.known = scenes;
    this.offer(scenes);
    this.scenes.replaceChildren(...scenes.map((s) => option(s.name, s.name)));
    this.scenes.disabled = scenes.length < 2;
    this.list.replaceChildren(...maps.map((m) => option(m.name, named(m))));
    this.layers.replaceChildren(...maps.map((map) => this.chip(map)));
  }

  private chip(map: MapInfo): HTMLElement {
    const chip = document.createElement('span');
    chip.className = 'chip layer-chip';
    chip.dataset['layer'] = map.name;
    const only = document.createElement('button');
    only.type = 'button';
    only.className = 'only';
    only.title = `${map.name}: ${map.w} × ${map.h} cells, ${counted(map.d, 'channel')}, ${map.dtype}`;
    const size = document.createElement('small');
    size.textContent = sizeOf(map);
    only.append(map.name, size);
    only.addEventListener('click', (event) => {
      const beside = event.ctrlKey || event.metaKey || event.shiftKey;
      if (beside) this.events.toggle(map.name);
      else this.events.layer(map.name);
    });
    const beside = document.createElement('button');
    beside.type = 'button';
    beside.className = 'beside';
    beside.addEventListener('click', () => this.events.toggle(map.name));
    chip.append(only, beside);
    return chip;
  }

  // All maps of all scenes, to be shown beside.
  private offer(scenes: readonly SceneInfo[]): void {
    const groups = scenes.map((scene, s) => {
      const group = document.createElement('optgroup');
      group.label = scene.name;
      group.append(...scene.maps.map((m, k) => option(`${s} ${k}`, named(m))));
      return group;
    });
    const none = option('', 'show beside…');
    none.disabled = none.hidden = true;
    this.add.replaceChildren(none, ...groups);
    this.add.value = '';
    byId('beside').hidden = scenes.reduce((n, scene) => n + scene.maps.length, 0) < 2;
  }

  // Buttons with their sizes while they fit, then without, else a list.
  private fit(): void {
    const { layers } = this;
    const { classList } = this.header;
    classList.remove('tight', 'crowded');
    for (const step of ['tight', 'crowded']) {
      if (layers.scrollWidth > layers.clientWidth + 1) classList.add(step);
    }
  }
}

// Whether a chip's layer is shown, and what its small button does.
function mark(chip: Element, names: readonly string[], panels: number): void {
  const [only, beside] = chip.querySelectorAll('button');
  const name = (chip as HTMLElement).dataset['layer'] ?? '';
  if (!only || !beside) return;
  const shown = names.includes(name);
  chip.classList.toggle('shown', shown);
  only.setAttribute('aria-pressed', String(shown));
  beside.textContent = shown ? '−' : '+';
  beside.disabled = shown ? panels < 2 : panels >= MOST;
  beside.title = shown ? `Take ${name} away` : `Show ${name} beside`;
  beside.setAttribute('aria-label', beside.title);
}
