// What is computed and how it is coloured. A new metric or stretch is one more row in a list here.
import { COLORMAPS } from '../core/colour.ts';
import type { Metric, Mode, Origin, Stretch } from '../core/protocol.ts';
import type { ViewState } from '../core/state.ts';
import { byId } from './dom.ts';

const METRICS: readonly [Metric, string][] = [
  ['angular', 'angular'],
  ['cosine', 'cosine'],
  ['angle', 'angle'],
];
const ORIGINS: readonly [Origin, string][] = [
  ['zero', 'zero'],
  ['min', 'minimum'],
];
const STRETCHES: readonly [string, string, Stretch | null][] = [
  ['around', 'around', ['around']],
  ['minmax', 'min to max', ['minmax']],
  ['percentile', '2–98 %', ['percentile', 2, 98]],
  ['fixed', 'locked', null], // to the lo and hi that are shown
];

export interface SelectorsEvents {
  mode(mode: Mode): void;
  metric(metric: Metric): void;
  origin(origin: Origin): void;
  stretch(stretch: Stretch | 'lock'): void;
  colormap(name: string): void; // as it runs plainly
  reverse(): void;
}

function fill(select: HTMLSelectElement, rows: readonly (readonly [string, string])[]): void {
  const key = rows.map((row) => row.join('\t')).join('\n');
  if (select.dataset['rows'] === key) return;
  select.dataset['rows'] = key;
  select.replaceChildren(...rows.map(([value, text]) => new Option(text, value)));
}

// The value, with a row of its own where the list has none (a link may name any metric).
function choose(
  select: HTMLSelectElement, rows: readonly (readonly [string, string])[], value: string,
): void {
  fill(select, rows.some(([name]) => name === value) ? rows : [...rows, [value, value]]);
  select.value = value;
}

export class Selectors {
  private readonly mode = byId<HTMLSelectElement>('mode');
  private readonly metric = byId<HTMLSelectElement>('metric');
  private readonly origin = byId<HTMLSelectElement>('origin');
  private readonly stretch = byId<HTMLSelectElement>('stretch');
  private readonly colormap = byId<HTMLSelectElement>('colormap');
  private readonly reverse = byId<HTMLButtonElement>('reverse');

  constructor(events: SelectorsEvents) {
    const on = <T extends string>(select: HTMLSelectElement, tell: (value: T) => void): void =>
      select.addEventListener('change', () => tell(select.value as T));
    on<Mode>(this.mode, (mode) => events.mode(mode));
    on<Metric>(this.metric, (metric) => events.metric(metric));
    on<Origin>(this.origin, (origin) => events.origin(origin));
    on<string>(this.stretch, (name) =>
      events.stretch(STRETCHES.find(([each]) => each === name)?.[2] ?? 'lock'),
    );
    on(this.colormap, (name) => events.colormap(name));
    this.reverse.addEventListener('click', () => events.reverse());
  }

  show(state: ViewState): void {
    choose(this.mode, [
      ['similarity', 'similarity'],
      ['norm', 'norm'],
      ['channel', `channel ${state.channel}`],
    ], state.mode);
    choose(this.metric, METRICS, state.metric);
    choose(this.origin, ORIGINS, state.origin);
    const { stretch } = state;
    const rows = STRETCHES.map(([name, text]): [string, string] =>
      stretch[0] === 'percentile' && name === 'percentile'
        ? [name, `${stretch[1]}–${stretch[2]} %`]
        : [name, text],
    );
    choose(this.stretch, rows, stretch[0]);
    choose(this.colormap, COLORMAPS.map((name) => [name, name]), state.colormap.replace(/_r$/, ''));
    this.reverse.setAttribute('aria-pressed', String(state.colormap.endsWith('_r')));
    this.metric.disabled = this.origin.disabled = state.mode !== 'similarity';
  }
}
