// The elements of one panel, made from the page's template: stage, canvas, marks, caption, words.
import { label } from '../core/axis.ts';
import { percent } from '../core/format.ts';
import { toScreen, type Placement } from '../core/geometry.ts';
import { coloursOf, type Model } from '../core/model.ts';
import type { Point } from '../core/protocol.ts';
import type { ViewState } from '../core/state.ts';
import { byId, setText } from './dom.ts';

// How the panel stands among the others.
export interface Among {
  number: number; // from 1
  several: boolean; // there are others
  scenes: boolean; // of other scenes
  mates: number; // panels of its scene, itself among them
  leads: boolean; // it is the first of several of its scene: what is for all of them stands there
  crossed: number; // how many of them show another scene's reference
  partner: string; // the scene whose reference it could show, or shows; '': none
}

// What the colours show, in a word or two.
function shows({ asked }: Model): string {
  const mode = asked?.mode ?? 'similarity';
  const metric = asked?.metric ?? 'angular';
  if (mode === 'channel') return `channel ${asked?.channel ?? 0}`;
  if (mode === 'norm') return 'norm of the vectors';
  return metric === 'angular' ? 'similarity' : metric;
}

// lo and hi, and the same in fewer letters.
function range(model: Model): [string, string] {
  const { frame, axis, state } = model;
  if (!frame || !axis) return ['', ''];
  const ends = coloursOf(model); // as the scale has them: around 0 for diverging colours
  if (ends.lo === null || ends.hi === null) return ['no data here', 'no data here'];
  const apart = Math.abs(ends.hi - ends.lo);
  const [lo, hi] = [label(axis, ends.lo, apart), label(axis, ends.hi, apart)];
  return [`lo ${lo} hi ${hi}${state.lock ? ' · locked' : ''}`, `${lo}‥${hi}`];
}

export class PanelParts {
  readonly element: HTMLElement;
  readonly stage: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly remove: HTMLButtonElement;
  readonly cross: HTMLButtonElement;
  readonly crossAll: HTMLButtonElement;
  among: Among = {
    number: 1, several: false, scenes: false, mates: 1, leads: false, crossed: 0, partner: '',
  };
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
    this.remove = this.part<HTMLButtonElement>('remove');
    this.cross = this.part<HTMLButtonElement>('cross');
    this.crossAll = this.part<HTMLButtonElement>('cross-all');
    this.title = this.part('caption');
    this.words = this.part('veil');
  }

  part<T extends Element = HTMLElement>(name: string): T {
    const found = this.element.querySelector<T>(`.${name}`);
    if (!found) throw new Error(`a panel has no .${name}`);
    return found;
  }

  // `placed`: null while nothing is known of the scene.
  caption(model: Model, placed: Placement | null): void {
    const { map, frame, state } = model;
    const { number, several, scenes } = this.among;
    this.title.hidden = several ? state.layer === '' : !map || !frame;
    const name = scenes ? `${state.scene} / ${state.layer}` : state.layer;
    setText(this.part('caption-key'), several ? String(number) : '');
    setText(this.part('caption-scene'), several && scenes ? `${state.scene} / ` : '');
    setText(this.part('caption-name'), state.layer);
    setText(this.part('caption-shows'), frame && !several ? ` · ${shows(model)}` : '');
    const extra = several && frame && shows(model) !== 'similarity' ? `${shows(model)} · ` : '';
    const [long, short] = range(model);
    const missing = frame?.lo != null && map?.invalid ? ` · ${map.invalid} no data` : '';
    setText(this.part('caption-range'), `${extra}${long}${missing}`);
    setText(this.part('caption-short'), short);
    this.title.classList.toggle('mixed', scenes);
    this.remove.hidden = !several;
    this.remove.setAttribute('aria-label', `Remove the panel of ${name}`);
    this.remove.title = 'Remove this panel';
    this.crossing(state);
    this.stage.setAttribute(
      'aria-label',
      `${name} under its heat map. Arrow keys move the reference, P pins it.`,
    );
    this.put(placed, several);
  }

  // The buttons for the reference of another picture.
  private crossing({ scene, from }: ViewState): void {
    const { partner, mates, leads, crossed } = this.among;
    this.cross.hidden = partner === '';
    setText(this.part('cross-word'), `from ${partner}`);
    this.cross.setAttribute('aria-pressed', String(from !== ''));
    this.cross.setAttribute('aria-label', `Compare with the reference in ${partner}`);
    const what = from === '' ? `Compare with the reference in ${partner}`
      : `Compared with the reference in ${partner}; back to one in this picture`;
    this.cross.title = mates > 1 ? `${what} (Shift: in all panels of ${scene})` : what;
    const every = crossed === mates;
    const whole = `all panels of ${scene} with the reference in ${partner}`;
    this.crossAll.hidden = partner === '' || !leads;
    this.crossAll.setAttribute('aria-pressed', every ? 'true' : crossed > 0 ? 'mixed' : 'false');
    this.crossAll.setAttribute('aria-label', `Compare ${whole}`);
    this.crossAll.title = every ? `Comparing ${whole}; back to their own (F)` : `Compare ${whole} (F)`;
  }

  // Over the picture's corner where there is one panel; above the picture where there are several.
  private put(placed: Placement | null, several: boolean): void {
    const inset = several ? 0 : 8;
    const room = this.stage.clientWidth - this.title.offsetWidth - inset;
    const wanted = Math.round(Math.max(0, placed?.x ?? 0)) + inset;
    const left = Math.max(inset, Math.min(wanted, room));
    const top = Math.round(Math.max(0, placed?.y ?? 0)) + inset;
    this.title.style.transform = `translate(${left}px, ${top}px)`;
    this.titleAt = [left, top];
  }

  // The caption makes room where one looks at what it covers.
  clearCaption(placed: Placement | null, looked: Point | null): void {
    const at = placed && looked ? toScreen(placed, looked) : null;
    const { several } = this.among;
    const over = several ? this.part('caption-short') : this.title; // what lies on the picture
    const right = this.titleAt[0] + over.offsetWidth + 12;
    const bottom = this.titleAt[1] + over.offsetHeight + 12;
    this.title.classList.toggle('away', at !== null && at[0] < right && at[1] < bottom);
  }

  // Over the picture; '' takes it away. `busy` turns a ring beside it; `done`: how much of what is
  // waited for is there, 0 to 1, which is seen and not read out again and again.
  veil(text: string, busy: boolean, done: number | null = null): void {
    this.words.hidden = text === '';
    this.words.classList.toggle('busy', busy);
    setText(this.part('veil-text'), text);
    setText(this.part('veil-done'), done === null ? '' : percent(done));
    const bar = this.part<HTMLProgressElement>('veil-bar');
    bar.hidden = done === null;
    bar.value = done ?? 0;
  }
}
