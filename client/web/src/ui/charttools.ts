// How the vectors are drawn and in which order, and the zoom of the chart.
import { SORTS, type Sort } from '../core/channels.ts';
import type { ChartMode } from '../core/listing.ts';
import { byId, setText } from './dom.ts';

export interface ChartToolsEvents {
  changed(): void;
  zoom(factor: number): void;
}

const MODES: readonly [ChartMode, string][] = [
  ['bars', 'as bars'],
  ['difference', 'difference'],
  ['lines', 'as lines'],
];
const NAMES: Record<Sort, string> = {
  index: 'by index',
  value: 'by value',
  difference: 'by difference',
  share: 'by share',
};

export class ChartTools {
  private readonly orders = byId<HTMLSelectElement>('bars-sort');
  private readonly modes = byId<HTMLSelectElement>('bars-mode');
  private readonly orderFace = byId('bars-sort-value');
  private readonly modeFace = byId('bars-mode-value');
  private readonly nearer = byId<HTMLButtonElement>('bars-in');
  private readonly farther = byId<HTMLButtonElement>('bars-out');

  constructor(events: ChartToolsEvents) {
    this.orders.replaceChildren(...SORTS.map((sort) => new Option(NAMES[sort], sort)));
    this.modes.replaceChildren(...MODES.map(([mode, name]) => new Option(name, mode)));
    this.orders.addEventListener('change', () => events.changed());
    this.modes.addEventListener('change', () => events.changed());
    this.nearer.addEventListener('click', () => events.zoom(2));
    this.farther.addEventListener('click', () => events.zoom(0.5));
  }

  get sort(): Sort {
    return this.orders.value as Sort;
  }

  get mode(): ChartMode {
    return this.modes.value as ChartMode;
  }

  // True: it was another.
  set(mode: ChartMode, sort: Sort): boolean {
    const changed = mode !== this.mode || sort !== this.sort;
    this.modes.value = mode;
    this.orders.value = sort;
    return changed;
  }

  show({ d, two, all }: { d: number; two: boolean; all: boolean }): void {
    for (const list of [this.orders, this.modes]) {
      const option = list.querySelector<HTMLOptionElement>('option[value="difference"]');
      if (option) option.disabled = !two && list.value !== 'difference'; // it takes two
    }
    setText(this.orderFace, this.mode === 'lines' ? 'by position' : NAMES[this.sort]);
    setText(this.modeFace, MODES.find(([mode]) => mode === this.mode)?.[1] ?? '');
    this.farther.disabled = all;
    this.nearer.disabled = d <= 12;
    this.orders.disabled = this.mode === 'lines';
  }
}
