// The elements of one panel, made from the page's template: stage, canvas, marks, caption, words.
import { toScreen, type Placement } from '../core/geometry.ts';
import type { Model } from '../core/model.ts';
import type { Point } from '../core/protocol.ts';
import { byId, setText } from './dom.ts';

// What the colours show, in a word or two.
function shows({ asked }: Model): string {
  const mode = asked?.mode ?? 'similarity';
  const metric = asked?.metric ?? 'angular';
  if (mode === 'channel') return `channel ${asked?.channel ?? 0}`;
  if (mode === 'norm') return 'norm of the vectors';
  return metric === 'angular' ? 'similarity' : metric;
}

export class PanelParts {
  readonly element: HTMLElement;
  readonly stage: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  private readonly title: HTMLElement;
  private readonly words: HTMLElement;
  private titleAt: Point = [0, 0];

  constructor() {
    const template = byId<HTMLTemplateElement>('panel');
    const copy = template.content.firstElementChild?.cloneNode(true);
    if (!(copy instanceof HTMLElement)) throw new Error('the page has no panel');
    this.element = copy;
    this.stage = this.part('stage');
    this.canvas = this.part<HTMLCanvasElement>('picture');
    this.title = this.part('caption');
    this.words = this.part('veil');
  }

  part<T extends HTMLElement = HTMLElement>(name: string): T {
    const found = this.element.querySelector<T>(`.${name}`);
    if (!found) throw new Error(`a panel has no .${name}`);
    return found;
  }

  caption(model: Model, placed: Placement): void {
    const { map, frame } = model;
    this.title.hidden = !map || !frame;
    if (!map || !frame) return;
    setText(this.part('caption-name'), `${map.name} · ${shows(model)}`);
    const left = Math.round(Math.max(0, placed.x)) + 8;
    const top = Math.round(Math.max(0, placed.y)) + 8;
    this.title.style.transform = `translate(${left}px, ${top}px)`;
    this.titleAt = [left, top];
  }

  // The caption makes room where one looks at what it covers.
  clearCaption(placed: Placement | null, looked: Point | null): void {
    const at = placed && looked ? toScreen(placed, looked) : null;
    const right = this.titleAt[0] + this.title.offsetWidth + 12;
    const bottom = this.titleAt[1] + this.title.offsetHeight + 12;
    this.title.classList.toggle('away', at !== null && at[0] < right && at[1] < bottom);
  }

  // Over the picture; '' takes it away. `busy` turns a ring beside it.
  veil(text: string, busy: boolean): void {
    this.words.hidden = text === '';
    this.words.classList.toggle('busy', busy);
    setText(this.part('veil-text'), text);
  }
}

