// The marks over a panel's canvas: the ring at the reference, the square at the pin, the small ring of
// a probing pointer, and the outline of the reference's cell where cells are large. They are elements:
// they follow the pointer without waiting for a frame.
import { cellCentre, toScreen, windowRect, type Placement } from '../core/geometry.ts';
import { probing, type Model } from '../core/model.ts';
import type { Point, Rect } from '../core/protocol.ts';
import type { PanelParts } from './parts.ts';

const OUTLINE = 26; // CSS pixels of a cell from which on it is outlined

function put(element: HTMLElement, at: Point | null): void {
  element.hidden = at === null;
  if (at) element.style.transform = `translate(${at[0]}px, ${at[1]}px)`;
}

export class Markers {
  private readonly ring: HTMLElement;
  private readonly square: HTMLElement;
  private readonly probe: HTMLElement;
  private readonly cell: HTMLElement;

  constructor(parts: PanelParts) {
    this.ring = parts.part('ring');
    this.square = parts.part('pin');
    this.probe = parts.part('probe');
    this.cell = parts.part('cell');
  }

  show(model: Model, place: Placement | null): void {
    const { state, map, frame } = model;
    const screen = (at: Point | null): Point | null => (place && at ? toScreen(place, at) : null);
    const cell = frame?.cell ?? null;
    const ref = state.ref ?? (map && cell ? cellCentre(map, cell) : null);
    put(this.ring, screen(ref));
    this.ring.classList.toggle('held', model.held);
    put(this.square, screen(state.pin));
    put(this.probe, screen(probing(model) ? model.pointer : null));
    this.outline(model, place, cell);
  }

  private outline({ map }: Model, place: Placement | null, cell: Point | null): void {
    this.cell.hidden = true;
    if (!place || !map || !cell) return;
    const rect = windowRect(map, [cell[0], cell[1], cell[0] + 1, cell[1] + 1]);
    if (fits(this.cell, place, rect) < OUTLINE) this.cell.hidden = true;
  }
}

// Puts `element` over a rectangle of the picture; the shorter side in CSS pixels.
function fits(element: HTMLElement, place: Placement, rect: Rect): number {
  const [x0, y0] = toScreen(place, [rect[0], rect[1]]);
  const [x1, y1] = toScreen(place, [rect[2], rect[3]]);
  put(element, [Math.round(x0), Math.round(y0)]);
  element.style.width = `${Math.round(x1) - Math.round(x0)}px`;
  element.style.height = `${Math.round(y1) - Math.round(y0)}px`;
  return Math.min(x1 - x0, y1 - y0);
}
