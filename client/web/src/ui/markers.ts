// The marks over a panel's canvas: the ring at the reference, or the rings and the rectangle where there
// are several, the square at the pin, the small ring of a probing pointer, the corners around the best
// match of another picture's reference, and the outline of the reference's cell where cells are large.
// They are elements: they follow the pointer without waiting for a frame.
import { cellCentre, toScreen, windowRect, type Placement } from '../core/geometry.ts';
import { probing, type Model } from '../core/model.ts';
import type { Point, Rect, Ref } from '../core/protocol.ts';
import { several } from '../core/state.ts';
import type { PanelParts } from './parts.ts';

const OUTLINE = 26; // CSS pixels of a cell from which on it is outlined

function hide(element: Element, hidden: boolean): void {
  element.toggleAttribute('hidden', hidden);
}

function put(element: HTMLElement | SVGElement, at: Point | null): void {
  hide(element, at === null);
  if (at) element.style.transform = `translate(${at[0]}px, ${at[1]}px)`;
}

// Puts `element` over a rectangle of the picture; its shorter side in CSS pixels.
function cover(element: HTMLElement, place: Placement, rect: Rect): number {
  const [x0, y0] = toScreen(place, [rect[0], rect[1]]);
  const [x1, y1] = toScreen(place, [rect[2], rect[3]]);
  put(element, [Math.round(x0), Math.round(y0)]);
  element.style.width = `${Math.round(x1) - Math.round(x0)}px`;
  element.style.height = `${Math.round(y1) - Math.round(y0)}px`;
  return Math.min(x1 - x0, y1 - y0);
}

export class Markers {
  private readonly ring: HTMLElement;
  private readonly square: HTMLElement;
  private readonly probe: HTMLElement;
  private readonly cell: HTMLElement;
  private readonly region: HTMLElement;
  private readonly refs: HTMLElement;
  private readonly best: SVGElement;

  constructor(parts: PanelParts) {
    this.ring = parts.part('ring');
    this.square = parts.part('pin');
    this.probe = parts.part('probe');
    this.cell = parts.part('cell');
    this.region = parts.part('region');
    this.refs = parts.part('refs');
    this.best = parts.part<SVGElement>('best');
  }

  show(model: Model, place: Placement | null): void {
    const { state, map, frame } = model;
    const screen = (at: Point | null): Point | null => (place && at ? toScreen(place, at) : null);
    const own = state.from === '';
    const one = own && !several(state);
    const cell = one && !model.asked?.from ? (frame?.cell ?? null) : null;
    const ref = state.ref ?? (map && cell ? cellCentre(map, cell) : null);
    put(this.ring, one ? screen(ref) : null);
    this.ring.classList.toggle('held', model.held);
    put(this.square, screen(state.pin));
    put(this.probe, screen(probing(model) ? model.pointer : null));
    this.outline(model, place, cell);
    this.showRefs(own ? state.refs : [], place);
    if (own && state.region && place) cover(this.region, place, state.region);
    else hide(this.region, true);
    const best = !own && model.asked?.from && map && frame?.best ? frame.best : null;
    put(this.best, best && map ? screen(cellCentre(map, best)) : null);
  }

  private outline({ map }: Model, place: Placement | null, cell: Point | null): void {
    hide(this.cell, true);
    if (!place || !map || !cell) return;
    const rect = windowRect(map, [cell[0], cell[1], cell[0] + 1, cell[1] + 1]);
    if (cover(this.cell, place, rect) < OUTLINE) hide(this.cell, true);
  }

  private showRefs(refs: readonly Ref[], place: Placement | null): void {
    const { children } = this.refs;
    while (children.length > refs.length) children[0]?.remove();
    while (children.length < refs.length) {
      const mark = document.createElement('div');
      mark.className = 'ring ref';
      this.refs.append(mark);
    }
    refs.forEach(([x, y, sign], k) => {
      const mark = children[k] as HTMLElement;
      mark.classList.toggle('negative', sign < 0);
      put(mark, place ? toScreen(place, [x, y]) : null);
    });
  }
}
