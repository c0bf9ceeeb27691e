// What is computed and how it is coloured. A list shows its value, its rows say what they mean.
import { COLORMAPS } from '../core/colour.ts';
import { isPaper, PAPER, paperPart } from '../core/looks.ts';
import { MEANINGS } from '../core/measure.ts';
import {
  METRICS, type Metric, type Mode, type Origin, type Stretch,
} from '../core/protocol.ts';
import type { ViewState } from '../core/state.ts';
import { shortNumber, typedStretch } from '../core/typed.ts';
import { byId, setText } from './dom.ts';

type Row = readonly [value: string, name: string, meaning?: string];

const MODES: readonly Row[] = [
  ['similarity', 'similarity', 'to the reference'],
  ['norm', 'norm', 'length of every vector'],
];
const ORIGINS: readonly Row[] = [
  ['zero', 'zero', 'the values as they are'],
  ['min', 'minimum', 'the map’s minimum taken off, as in the paper'],
];
const STRETCHES: readonly Row[] = [
  ['around', 'around', 'min to max without the reference and its neighbours'],
  ['minmax', 'min to max', 'all of it, as in the paper'],
  ['percentile', 'percentile', 'all but the extremes'],
  ['fixed', 'fixed', 'from lo to hi, now those that are shown: a lock'],
];
const NOTES: Partial<Record<string, string>> = {
  viridis: 'even to the eye',
  fire: 'the paper’s; reds are dark to some eyes',
  cividis: 'looks alike to all eyes',
  turbo: 'many steps, not in order of lightness',
  gray: 'no colours',
  coolwarm: 'diverging: for values around 0',
};

export interface SelectorsEvents {
  present(): ViewState; // what the lists and fields change: it may be newer than what they show
  mode(mode: Mode): void;
  metric(metric: Metric): void;
  origin(origin: Origin): void;
  stretch(stretch: Stretch | 'lock'): void;
  colormap(name: string): void; // as it runs plainly
  reverse(): void;
  patch(patch: Partial<ViewState>): void;
}

// A select whose rows are long and whose closed face is short.
class List {
  private readonly select: HTMLSelectElement;
  private readonly face: HTMLElement;

  constructor(id: string, tell: (value: string) => void) {
    this.select = byId<HTMLSelectElement>(id);
    this.face = byId(`${id}-value`);
    this.select.addEventListener('change', () => tell(this.select.value));
  }

  show(rows: readonly Row[], value: string, face?: string): void {
    const key = rows.map((row) => row.join('\t')).join('\n');
    if (this.select.dataset['rows'] !== key) {
      this.select.dataset['rows'] = key;
      this.select.replaceChildren(
        ...rows.map(([each, name, meaning]) =>
          new Option(meaning ? `${name} · ${meaning}` : name, each)),
      );
    }
    if (this.select.value !== value) this.select.value = value;
    const row = rows.find(([each]) => each === value);
    setText(this.face, face ?? row?.[1] ?? value);
    this.select.title = row?.[2] ?? '';
  }

  enable(on: boolean): void {
    this.select.disabled = !on;
  }
}

export class Selectors {
  private readonly mode: List;
  private readonly metric: List;
  private readonly origin: List;
  private readonly stretch: List;
  private readonly colormap: List;
  private readonly reverse = byId<HTMLButtonElement>('reverse');
  private readonly paper = byId<HTMLButtonElement>('paper');
  private readonly row = byId('stretch-numbers');
  private readonly low = byId<HTMLInputElement>('stretch-low');
  private readonly high = byId<HTMLInputElement>('stretch-high');
  private before: Partial<ViewState> | null = null; // the paper's look was chosen
  private checked = ''; // the numbers for which the fields were last found right

  constructor(private readonly events: SelectorsEvents) {
    this.mode = new List('mode', (value) => events.mode(value as Mode));
    this.metric = new List('metric', (value) => events.metric(value as Metric));
    this.origin = new List('origin', (value) => events.origin(value as Origin));
    this.stretch = new List('stretch', (value) => events.stretch(chosen(value)));
    this.colormap = new List('colormap', (value) => events.colormap(value));
    this.reverse.addEventListener('click', () => events.reverse());
    this.paper.addEventListener('click', () => this.togglePaper());
    for (const field of [this.low, this.high]) {
      field.addEventListener('change', () => this.typed());
      field.addEventListener('keydown', (event) => {
        if (event.key === 'Escape') this.numbers(events.present().stretch);
      });
      field.addEventListener('blur', () => this.numbers(events.present().stretch));
    }
  }

  show(state: ViewState): void {
    this.mode.show([...MODES, ['channel', `channel ${state.channel}`]], state.mode);
    this.metric.show(METRICS.map((name): Row => [name, name, MEANINGS[name]]), state.metric);
    this.origin.show(ORIGINS, state.origin);
    this.stretch.show(STRETCHES, state.stretch[0]);
    const plain = state.colormap.replace(/_r$/, '');
    this.colormap.show(COLORMAPS.map((name): Row => [name, name, NOTES[name] ?? '']), plain);
    this.reverse.setAttribute('aria-pressed', String(state.colormap.endsWith('_r')));
    this.paper.setAttribute('aria-pressed', String(isPaper(state)));
    this.metric.enable(state.mode === 'similarity');
    this.origin.enable(state.mode === 'similarity');
    this.numbers(state.stretch);
    if (!isPaper(state)) this.before = null;
  }

  // One click there, one click back to what was.
  private togglePaper(): void {
    const state = this.events.present();
    if (!isPaper(state)) {
      const before = paperPart(state);
      this.events.patch({ ...PAPER });
      this.before = before;
      return;
    }
    const usual: Partial<ViewState> =
      { colormap: 'viridis', stretch: ['around'], origin: 'zero', picture: 'grey' };
    this.events.patch(this.before ?? usual);
  }

  private numbers(stretch: Stretch): void {
    const typed = stretch[0] === 'percentile' || stretch[0] === 'fixed';
    this.row.hidden = !typed;
    if (!typed) return;
    const percent = stretch[0] === 'percentile';
    setText(byId('stretch-low-name'), percent ? 'from %' : 'lo');
    setText(byId('stretch-high-name'), percent ? 'to %' : 'hi');
    const put = (field: HTMLInputElement, value: number): void => {
      const text = percent ? String(value) : shortNumber(value);
      if (document.activeElement === field) return;
      field.value = field.dataset['put'] = text;
    };
    put(this.low, stretch[1]);
    put(this.high, stretch[2]);
    if (stretch.join() === this.checked) return; // what is wrong in a field stays said
    this.checked = stretch.join();
    for (const field of [this.low, this.high]) field.setCustomValidity('');
  }

  private typed(): void {
    const { stretch } = this.events.present();
    const [kind] = stretch;
    if (kind !== 'percentile' && kind !== 'fixed') return;
    // A field that nobody touched keeps all its digits.
    const text = (field: HTMLInputElement, value: number | undefined): string =>
      field.value === field.dataset['put'] ? String(value) : field.value;
    const answer = typedStretch(kind, text(this.low, stretch[1]), text(this.high, stretch[2]));
    const wrong = 'why' in answer ? answer.why : '';
    for (const field of [this.low, this.high]) field.setCustomValidity(wrong);
    if ('why' in answer) {
      (document.activeElement === this.high ? this.high : this.low).reportValidity();
      return;
    }
    this.checked = answer.stretch.join();
    this.events.stretch(answer.stretch);
  }
}

function chosen(value: string): Stretch | 'lock' {
  if (value === 'percentile') return ['percentile', 2, 98];
  return value === 'minmax' || value === 'around' ? [value] : 'lock';
}
