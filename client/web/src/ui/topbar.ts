// Scene and layers.
import type { MapInfo, SceneInfo } from '../core/protocol.ts';
import { byId, onResize } from './dom.ts';

export interface TopbarEvents {
  scene(name: string): void;
  layer(name: string): void;
}

function sizeOf(map: MapInfo): string {
  return `${map.w}×${map.h}×${map.d}`;
}

function option(value: string, text: string): HTMLOptionElement {
  return new Option(text, value);
}

export class Topbar {
  private readonly header = document.querySelector('header') as HTMLElement;
  private readonly scenes = byId<HTMLSelectElement>('scene');
  private readonly layers = byId('layers');
  private readonly list = byId<HTMLSelectElement>('layer');
  private built = '';

  constructor(private readonly events: TopbarEvents) {
    this.scenes.addEventListener('change', () => events.scene(this.scenes.value));
    this.list.addEventListener('change', () => events.layer(this.list.value));
    onResize(this.header, () => this.fit());
  }

  show(scenes: readonly SceneInfo[], scene: SceneInfo | null, layer: string): void {
    const key = JSON.stringify([
      scenes.map((s) => s.name), scene?.name, scene?.maps.map((m) => [m.name, sizeOf(m)]),
    ]);
    if (key !== this.built) this.build(scenes, scene);
    this.built = key;
    this.scenes.value = scene?.name ?? '';
    this.list.value = layer;
    for (const button of this.layers.querySelectorAll('button')) {
      button.setAttribute('aria-pressed', String(button.dataset['layer'] === layer));
    }
  }

  private build(scenes: readonly SceneInfo[], scene: SceneInfo | null): void {
    const maps = scene?.maps ?? [];
    this.scenes.replaceChildren(...scenes.map((s) => option(s.name, s.name)));
    this.scenes.disabled = scenes.length < 2;
    this.list.replaceChildren(...maps.map((m) => option(m.name, `${m.name}  ${sizeOf(m)}`)));
    this.layers.replaceChildren(
      ...maps.map((map) => {
        const button = document.createElement('button');
        button.type = 'button';
        button.className = 'chip';
        button.dataset['layer'] = map.name;
        button.title = `${map.name}: ${map.w} × ${map.h} cells, ${map.d} channels, ${map.dtype}`;
        const size = document.createElement('small');
        size.textContent = sizeOf(map);
        button.append(map.name, size);
        button.addEventListener('click', () => this.events.layer(map.name));
        return button;
      }),
    );
    this.fit();
  }

  // Buttons while they fit, else a list.
  private fit(): void {
    this.header.classList.remove('crowded');
    const { layers } = this;
    this.header.classList.toggle('crowded', layers.scrollWidth > layers.clientWidth + 1);
  }
}
