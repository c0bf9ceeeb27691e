// The tools beside the picture: zoom, opacity, grey or colour.
import type { ViewState } from '../core/state.ts';
import { byId, setText } from './dom.ts';

export interface ToolsEvents {
  zoomIn(): void;
  zoomOut(): void;
  fit(): void;
  opacity(value: number): void;
  picture(): void;
}

export class Tools {
  private readonly slider = byId<HTMLInputElement>('opacity');
  private readonly colour = byId<HTMLButtonElement>('picture-colour');

  constructor(events: ToolsEvents) {
    byId('zoom-in').addEventListener('click', () => events.zoomIn());
    byId('zoom-out').addEventListener('click', () => events.zoomOut());
    byId('zoom-fit').addEventListener('click', () => events.fit());
    this.slider.addEventListener('input', () => events.opacity(Number(this.slider.value)));
    this.colour.addEventListener('click', () => events.picture());
  }

  show({ opacity, picture, zoom }: ViewState, hasPicture: boolean): void {
    if (Number(this.slider.value) !== opacity) this.slider.value = String(opacity);
    this.slider.setAttribute('aria-valuetext', `${Math.round(opacity * 100)} percent`);
    this.slider.disabled = !hasPicture || picture === 'none';
    this.colour.disabled = !hasPicture;
    this.colour.setAttribute('aria-pressed', String(picture === 'colour'));
    setText(byId('picture-word'), picture);
    byId<HTMLButtonElement>('zoom-out').disabled = zoom <= 1;
    byId<HTMLButtonElement>('zoom-fit').disabled = zoom <= 1;
  }
}
