// The ring at the reference, the square at the pin, the small ring of a probing pointer, and the
// outline of the reference's cell where cells are large. Elements over the canvas: they follow the
// pointer without waiting for a frame.
import { cellCentre, toScreen, windowRect, type Grid, type Placement } from '../core/geometry.ts';
import type { Point } from '../core/protocol.ts';
import { byId } from './dom.ts';

const OUTLINE = 26; // CSS pixels of a cell from which on it is outlined

export interface Marks {
  place: Placement | null;
  grid: Grid | null;
  ref: Point | null; // picture coordinates
  cell: Point | null; // of the shown frame
  pin: Point | null;
  probe: Point | null;
  held: boolean;
}

function put(element: HTMLElement, at: Point | null): void {
  element.hidden = at === null;
  if (at) element.style.transform = `translate(${at[0]}px, ${at[1]}px)`;
}

export class Markers {
  private readonly ring = byId('ring');
  private readonly square = byId('pin');
  private readonly probe = byId('probe');
  private readonly cell = byId('cell');

  show(marks: Marks): void {
    const { place, grid } = marks;
    const screen = (at: Point | null): Point | null => (place && at ? toScreen(place, at) : null);
    const ref = marks.ref ?? (grid && marks.cell ? cellCentre(grid, marks.cell) : null);
    put(this.ring, screen(ref));
    this.ring.classList.toggle('held', marks.held);
    put(this.square, screen(marks.pin));
    put(this.probe, screen(marks.probe));
    this.outline(marks);
  }

  private outline({ place, grid, cell }: Marks): void {
    this.cell.hidden = true;
    if (!place || !grid || !cell) return;
    const rect = windowRect(grid, [cell[0], cell[1], cell[0] + 1, cell[1] + 1]);
    const [x0, y0] = toScreen(place, [rect[0], rect[1]]);
    const [x1, y1] = toScreen(place, [rect[2], rect[3]]);
    if (Math.min(x1 - x0, y1 - y0) < OUTLINE) return;
    put(this.cell, [Math.round(x0), Math.round(y0)]);
    this.cell.style.width = `${Math.round(x1) - Math.round(x0)}px`;
    this.cell.style.height = `${Math.round(y1) - Math.round(y0)}px`;
  }
}
