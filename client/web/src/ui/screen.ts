// Draws what all panels share from the active panel's model: numbers, bars, scale, top bar, tools; each
// part only when its data changed.
import { colours } from '../core/colour.ts';
import {
  coloursOf, comparison, here, measured, other, reference, words, type Model,
} from '../core/model.ts';
import type { Views } from '../core/panels.ts';
import { DISTANCES } from '../core/protocol.ts';
import { Bars, type BarsEvents } from './bars.ts';
import { Readout } from './readout.ts';
import type { Tool } from './references.ts';
import { Scale } from './scale.ts';
import { Selectors, type SelectorsEvents } from './selectors.ts';
import { Tools, type ToolsEvents } from './tools.ts';
import { Topbar, type TopbarEvents } from './topbar.ts';

// What is drawn anew: the first two are the panels' own.
export const PICTURE = 1;
export const MARKS = 2;
export const NUMBERS = 4; // read-out and bars
export const SCALE = 8;
export const CHROME = 16; // top bar, tools, selectors
export const ALL = 31;

export type ScreenEvents = BarsEvents & TopbarEvents & ToolsEvents & SelectorsEvents;

export class Screen {
  readonly readout = new Readout();
  private readonly scale = new Scale();
  private readonly bars: Bars;
  private readonly topbar: Topbar;
  private readonly tools: Tools;
  private readonly selectors: Selectors;

  constructor(events: ScreenEvents) {
    this.bars = new Bars(events);
    this.topbar = new Topbar(events);
    this.tools = new Tools(events);
    this.selectors = new Selectors(events);
  }

  draw(model: Model, what: number, views: Views, tool: Tool): void {
    if (what & NUMBERS) this.drawNumbers(model);
    if (what & SCALE) this.drawScale(model);
    if (what & CHROME) this.drawChrome(model, views, tool);
  }

  private drawNumbers(model: Model): void {
    const { map, state } = model;
    const mine = here(model);
    const theirs = other(model);
    this.readout.show({
      cell: mine.cell,
      point: mine.point,
      comparison: comparison(model),
      what: words(model),
      pinned: model.pin?.cell != null,
      more: measured(model),
    });
    const at = (name: string, spot: { cell: readonly number[] | null }): string =>
      spot.cell ? `${name} ${spot.cell.join(', ')}` : name;
    const ref = reference(model);
    // Several references have no vector to be shown beside.
    const beside = model.pin || theirs?.cell || theirs?.vector ? theirs : null;
    this.bars.show({
      d: map?.d ?? 0,
      signed: (map?.min ?? 0) < 0,
      here: mine.vector,
      other: beside?.vector ?? null,
      hereName: model.frame ? at(mine === model.probe || !ref.cell ? 'here' : 'reference', mine) : '',
      otherName: !beside ? '' : at(model.pin ? 'pinned' : 'held', beside),
      held: !model.pin,
      kept: state.mode === 'channel' ? state.channel : null,
      metric: state.metric,
      shift: state.origin === 'min' ? (map?.min ?? 0) : 0,
      axis: map?.axis ?? null,
      chart: state.chart,
      order: state.order,
    });
  }

  private drawScale(model: Model): void {
    const { frame, axis, asked } = model;
    if (!axis) return this.scale.show(null);
    if (!frame) return; // the next one is on its way: nothing flickers
    const similarity = (asked?.mode ?? 'similarity') === 'similarity';
    const { lo, hi, colormap, centred } = coloursOf(model);
    this.scale.show({
      axis: centred && lo !== null && hi !== null ? { from: lo, to: hi } : axis,
      lo,
      hi,
      distance: similarity && DISTANCES.includes(asked?.metric ?? 'angular'),
      range: frame.range,
      hist: frame.hist,
      rgb: colours(colormap),
    });
  }

  private drawChrome({ state, scene, scenes }: Model, views: Views, tool: Tool): void {
    this.topbar.show(scenes, scene, state.layer, views.list);
    this.tools.show(state, scene?.picture != null, tool);
    this.selectors.show(state);
    document.title = scene ? `${scene.name} · ${state.layer} · Farlook` : 'Farlook';
  }
}
