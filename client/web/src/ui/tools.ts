// The tools beside the picture: zoom, opacity, grey or colour, the lock, several references.
import { several, type ViewState } from '../core/state.ts';
import { byId, setText } from './dom.ts';
import type { Tool } from './references.ts';

export interface ToolsEvents {
  zoomIn(): void;
  zoomOut(): void;
  fit(): void;
  opacity(value: number): void;
  picture(): void;
  lock(): void;
  tool(tool: Tool): void;
  clear(): void;
}

const TOOLS: readonly [string, Tool][] = [
  ['tool-add', 'add'],
  ['tool-take', 'take'],
  ['tool-region', 'region'],
];

export class Tools {
  private readonly slider = byId<HTMLInputElement>('opacity');
  private readonly lock = byId<HTMLButtonElement>('lock');
  private readonly colour = byId<HTMLButtonElement>('picture-colour');

  constructor(events: ToolsEvents) {
    byId('zoom-in').addEventListener('click', () => events.zoomIn());
    byId('zoom-out').addEventListener('click', () => events.zoomOut());
    byId('zoom-fit').addEventListener('click', () => events.fit());
    this.slider.addEventListener('input', () => events.opacity(Number(this.slider.value)));
    this.colour.addEventListener('click', () => events.picture());
    this.lock.addEventListener('click', () => events.lock());
    for (const [id, tool] of TOOLS) byId(id).addEventListener('click', () => events.tool(tool));
    byId('refs-clear').addEventListener('click', () => events.clear());
    byId('refs-open').addEventListener('click', () => this.unfold());
  }

  // On narrow screens the tools for several references are behind a button.
  private unfold(): void {
    const open = document.body.classList.toggle('refs');
    byId('refs-open').setAttribute('aria-expanded', String(open));
  }

  show(state: ViewState, hasPicture: boolean, tool: Tool): void {
    const { opacity, picture, zoom } = state;
    if (Number(this.slider.value) !== opacity) this.slider.value = String(opacity);
    this.slider.setAttribute('aria-valuetext', `${Math.round(opacity * 100)} percent`);
    this.slider.disabled = !hasPicture || picture === 'none';
    this.colour.disabled = !hasPicture;
    this.colour.setAttribute('aria-pressed', String(picture === 'colour'));
    setText(byId('picture-word'), picture);
    byId<HTMLButtonElement>('zoom-out').disabled = zoom <= 1;
    byId<HTMLButtonElement>('zoom-fit').disabled = zoom <= 1;
    this.lock.setAttribute('aria-pressed', String(state.lock !== null));
    byId('stage').dataset['tool'] = tool;
    for (const [id, each] of TOOLS) byId(id).setAttribute('aria-pressed', String(each === tool));
    const nothing = tool === 'point' && !several(state);
    byId<HTMLButtonElement>('refs-clear').disabled = nothing;
  }
}
