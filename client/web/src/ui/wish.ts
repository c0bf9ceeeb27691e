// What one panel wants of the server: its state with the reference that changes only with the cell, and
// the part of the map that is looked at.
import { cellOf, sameCell, type Placement, type Size } from '../core/geometry.ts';
import type { Model } from '../core/model.ts';
import type { MapInfo, Point, SetFields } from '../core/protocol.ts';
import { toSet, type ViewState } from '../core/state.ts';
import { Windows } from '../core/window.ts';
import { density } from './dom.ts';

export interface WishHost {
  source(): ViewState | null; // whose reference it is
  mapNamed(name: string): MapInfo | null; // "scene/layer"
  again(): void; // another part of the map ought to be asked for now
}

export class Wish {
  outside = false; // the reference lies where this map has no cells
  private sentRef: Point | null = null; // no `set` within one cell
  private readonly windows = new Windows();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly host: WishHost) {}

  // Another map.
  restart(): void {
    this.windows.restart();
    this.sentRef = null;
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  fields(model: Model, seen: { place: Placement | null; stage: Size }): SetFields {
    const { state, hovered, map } = model;
    const own = this.host.source() ?? state;
    this.refer(own.ref, state.from === '' ? map : this.host.mapNamed(state.from));
    const set = toSet(state, hovered, { ...own, ref: this.sentRef });
    if (!map || !seen.place) return set;
    const sight = { place: seen.place, stage: seen.stage, density: density() };
    const { part, again } = this.windows.at(map, sight, performance.now());
    clearTimeout(this.timer);
    if (again !== null) this.timer = setTimeout(() => this.host.again(), again);
    return { ...set, ...part };
  }

  // `map`: in whose cells the reference is. Only another cell is worth a picture.
  private refer(ref: Point | null, map: MapInfo | null): void {
    const old = map && this.sentRef ? cellOf(map, this.sentRef) : null;
    const cell = map && ref ? cellOf(map, ref) : null;
    this.outside = ref !== null && map !== null && cell === null;
    if (this.outside) return; // the last one stays
    if (ref === null || this.sentRef === null || !sameCell(old, cell)) this.sentRef = ref;
  }
}
