// Draws all parts of the page from the model; each part only when its data changed.
import { axisOf } from '../core/axis.ts';
import { colours } from '../core/colour.ts';
import { place, toScreen, type Placement, type Size } from '../core/geometry.ts';
import {
  coloursOf, comparison, here, measured, other, reference, words, worldOf, type Model,
} from '../core/model.ts';
import { DISTANCES, type Frame, type Point, type SceneInfo } from '../core/protocol.ts';
import type { Levels } from '../core/strips.ts';
import { Bars, type BarsEvents } from './bars.ts';
import { byId, setText } from './dom.ts';
import { Markers } from './markers.ts';
import { Picture } from './picture.ts';
import { Readout } from './readout.ts';
import { Scale } from './scale.ts';
import { Selectors, type SelectorsEvents } from './selectors.ts';
import { Tools, type ToolsEvents } from './tools.ts';
import { Topbar, type TopbarEvents } from './topbar.ts';
import type { Under } from './under.ts';

export const PICTURE = 1;
export const MARKS = 2;
export const NUMBERS = 4; // read-out and bars
export const SCALE = 8;
export const CHROME = 16; // top bar, tools, selectors
export const ALL = 31;

export type ScreenEvents = BarsEvents & TopbarEvents & ToolsEvents & SelectorsEvents;

export class Screen {
  readonly stage = byId('stage');
  readonly picture = new Picture(byId<HTMLCanvasElement>('canvas'));
  readonly readout = new Readout();
  private readonly markers = new Markers();
  private readonly scale = new Scale();
  private readonly bars: Bars;
  private readonly topbar: Topbar;
  private readonly tools: Tools;
  private readonly selectors: Selectors;
  private coloured = '';
  private axisFor = '';
  private captionAt: Point = [0, 0];

  constructor(
    private readonly model: Model,
    private readonly under: Under,
    events: ScreenEvents,
  ) {
    this.bars = new Bars(events);
    this.topbar = new Topbar(events);
    this.tools = new Tools(events);
    this.selectors = new Selectors(events);
  }

  size(): Size {
    return { w: Math.max(1, this.stage.clientWidth), h: Math.max(1, this.stage.clientHeight) };
  }

  placement(): Placement | null {
    const { scene, state } = this.model;
    return scene ? place(worldOf(scene), this.size(), state) : null;
  }

  draw(what: number): void {
    this.colourise();
    if (what & PICTURE) this.drawPicture();
    if (what & (MARKS | PICTURE)) this.drawMarks();
    if (what & NUMBERS) this.drawNumbers();
    if (what & SCALE) this.drawScale();
    if (what & CHROME) this.drawChrome();
  }

  // A frame's levels are on the canvas from the next draw() on.
  take(levels: Levels | null, frame: Frame): void {
    const { map, state, asked } = this.model;
    if (!map) return;
    this.picture.setLevels(levels, map, frame.window);
    const mode = asked?.mode ?? 'similarity';
    const metric = asked?.metric ?? 'angular';
    const key = [state.scene, state.layer, mode, metric, state.origin].join('\n');
    const last = key === this.axisFor ? this.model.axis : null;
    this.axisFor = key;
    this.model.axis = axisOf(mode, metric, frame.range, last);
  }

  private hasPicture(scene: SceneInfo | null): boolean {
    return scene?.picture != null && this.model.state.picture !== 'none';
  }

  private colourise(): void {
    const { state, scene } = this.model;
    const opacity = this.hasPicture(scene) ? state.opacity : 1;
    const { rgb, at, key: colour } = coloursOf(this.model);
    const key = `${colour} ${opacity}`;
    if (key === this.coloured) return;
    this.coloured = key;
    this.picture.setColours(rgb, opacity, at);
  }

  private drawPicture(): void {
    const { scene, state } = this.model;
    const placed = this.placement();
    if (!placed || !scene) return;
    const shows = this.hasPicture(scene);
    const under = shows ? this.under.get(state.picture === 'colour' ? 'colour' : 'grey') : null;
    this.picture.draw(placed, under, scene.picture !== null);
    this.drawCaption(placed);
  }

  private drawCaption(placed: Placement): void {
    const { map, frame, asked } = this.model;
    const caption = byId('caption');
    caption.hidden = !map || !frame;
    if (!map || !frame) return;
    const mode = asked?.mode ?? 'similarity';
    const metric = asked?.metric ?? 'angular';
    const shows =
      mode === 'channel' ? `channel ${asked?.channel ?? 0}`
      : mode === 'norm' ? 'norm of the vectors'
      : metric === 'angular' ? 'similarity'
      : metric;
    setText(caption, `${map.name} · ${shows}`);
    const left = Math.round(Math.max(0, placed.x)) + 8;
    const top = Math.round(Math.max(0, placed.y)) + 8;
    caption.style.transform = `translate(${left}px, ${top}px)`;
    this.captionAt = [left, top];
  }

  // The caption makes room where one looks at what it covers.
  private clearCaption(placed: Placement | null, looked: Point | null): void {
    const caption = byId('caption');
    const at = placed && looked ? toScreen(placed, looked) : null;
    const right = this.captionAt[0] + caption.offsetWidth + 12;
    const bottom = this.captionAt[1] + caption.offsetHeight + 12;
    caption.classList.toggle('away', at !== null && at[0] < right && at[1] < bottom);
  }

  private drawMarks(): void {
    const { model } = this;
    const { state, map, frame } = model;
    const placed = this.placement();
    this.clearCaption(placed, model.held ? model.pointer : state.ref);
    this.markers.show({
      place: placed,
      grid: map,
      ref: state.ref,
      cell: frame?.cell ?? null,
      pin: state.pin,
      probe: model.held ? model.pointer : null,
      held: model.held,
    });
  }

  private drawNumbers(): void {
    const { model } = this;
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
    this.bars.show({
      d: map?.d ?? 0,
      signed: (map?.min ?? 0) < 0,
      here: mine.vector,
      other: theirs?.vector ?? null,
      hereName: at(mine === model.probe || !ref.cell ? 'here' : 'reference', mine),
      otherName: !theirs ? '' : at(model.pin ? 'pinned' : 'held', theirs),
      held: !model.pin,
      kept: state.mode === 'channel' ? state.channel : null,
      metric: state.metric,
      shift: state.origin === 'min' ? (map?.min ?? 0) : 0,
      axis: map?.axis ?? null,
    });
  }

  private drawScale(): void {
    const { frame, axis, asked } = this.model;
    if (!axis) return this.scale.show(null);
    if (!frame) return; // the next one is on its way: nothing flickers
    const similarity = (asked?.mode ?? 'similarity') === 'similarity';
    const { lo, hi, colormap, centred } = coloursOf(this.model);
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

  private drawChrome(): void {
    const { state, scene, scenes } = this.model;
    this.topbar.show(scenes, scene, state.layer);
    this.tools.show(state, scene?.picture != null);
    this.selectors.show(state);
    document.title = scene ? `${scene.name} · ${state.layer} · Farlook` : 'Farlook';
  }
}
