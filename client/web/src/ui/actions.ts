// What people do, as changes of the states.
import {
  cellOf, inside, moveCell, panBy, panTo, sameCell, tidy, toPicture, toScreen, zoomAbout,
} from '../core/geometry.ts';
import { here, probing, reference, worldOf, type Model } from '../core/model.ts';
import type { Metric, Mode, Origin, Point, Stretch } from '../core/protocol.ts';
import { colourBack, keptColours } from '../core/looks.ts';
import { several, type Lock, type ViewState } from '../core/state.ts';
import { Crossing } from './crossing.ts';
import type { Page } from './page.ts';
import type { Panel } from './panel.ts';
import { References } from './references.ts';
import { ALL, CHROME, MARKS, NUMBERS, PICTURE, SCALE, type ScreenEvents } from './screen.ts';

const MARGIN = 28; // CSS pixels between what keys move and the edge
const REST = 400; // ms after the last key

export class Actions {
  // before a channel was kept
  private before: { mode: Mode; colormap: string } | null = null;
  private saying: ReturnType<typeof setTimeout> | undefined;

  readonly references: References;
  readonly crossing: Crossing;

  constructor(private readonly pageOf: () => Page) {
    this.references = new References(pageOf);
    this.crossing = new Crossing(pageOf);
  }

  private get page(): Page {
    return this.pageOf();
  }

  private get model(): Model {
    return this.page.model;
  }

  // What the parts of the screen tell.
  events(): ScreenEvents {
    return {
      present: () => this.model.state,
      hover: (channel) => this.hoverChannel(channel),
      keep: (channel) => this.keepChannel(channel),
      chosen: (patch) => this.page.change(patch, NUMBERS),
      scene: (name) => this.page.goToScene(name),
      layer: (name) => this.page.goTo(this.model.state.scene, name),
      toggle: (name) => this.page.toggle(this.model.state.scene, name),
      beside: (scene, layer) => this.page.beside(scene, layer),
      zoomIn: () => this.zoom(1.5),
      zoomOut: () => this.zoom(1 / 1.5),
      fit: () => this.fit(),
      opacity: (opacity) => this.page.change({ opacity }, PICTURE | CHROME),
      picture: () => this.switchPicture(),
      lock: () => this.lock(),
      tool: (tool) => this.references.choose(tool),
      clear: () => this.references.clear(),
      mode: (mode) => this.setMode(mode),
      metric: (metric) => this.measure({ metric }),
      origin: (origin) => this.measure({ origin }),
      stretch: (stretch) => this.setStretch(stretch),
      colormap: (name) => this.colours(name, this.reversed()),
      reverse: () => this.reverse(),
      patch: (patch) => this.patch(patch),
    };
  }

  // --- the pointer ---

  // A point of a panel's stage as a point of the picture, or null outside of it.
  pointAt(panel: Panel, screen: Point): Point | null {
    const { scene, map } = panel.model;
    const placed = panel.placement();
    if (!scene || !map || !placed) return null;
    const point = tidy(toPicture(placed, screen));
    return inside(worldOf(scene), point) && cellOf(map, point) ? point : null;
  }

  hover(panel: Panel, point: Point, time: number): void {
    this.page.activate(panel);
    if (probing(panel.model)) this.lookAt(panel, point);
    else this.page.change({ ref: point }, MARKS | NUMBERS, time, panel);
  }

  // Where the keys are: at the reference, or where the pointer probes. What the server still has to
  // answer counts already.
  private spot(): Point | null {
    const { model } = this;
    return (probing(model) && model.pointer) || (model.state.ref ?? reference(model).point);
  }

  // Who moves by keys sees where to.
  private follow(point: Point): void {
    const { active } = this.page;
    const { scene, state } = active.model;
    if (!scene) return;
    const camera = panTo(worldOf(scene), active.size(), state, point, MARGIN);
    if (camera !== state) this.page.change(camera, PICTURE, undefined, active);
  }

  // The reference stays, the pointer reads numbers off the heat map.
  private lookAt(panel: Panel, point: Point): void {
    for (const each of this.page.linked(panel)) each.lookAt(point, each === panel);
    this.page.redraw(MARKS | NUMBERS);
  }

  move(di: number, dj: number): void {
    const { active } = this.page;
    const { map, scene } = active.model;
    const from = this.spot();
    if (!map || !scene || !from) return;
    const to = moveCell(map, worldOf(scene), from, di, dj);
    this.hover(active, to, performance.now());
    this.follow(to);
    this.say(active, cellOf(map, to), REST);
  }

  // For a screen reader: what was moved to, when the keys rest and its numbers are there.
  private say(panel: Panel, cell: Point | null, wait: number, tries = 100): void {
    clearTimeout(this.saying);
    this.saying = setTimeout(() => {
      if (panel !== this.page.active || tries === 0) return;
      if (sameCell(here(panel.model).cell, cell)) this.page.screen.readout.say();
      else this.say(panel, cell, REST / 4, tries - 1);
    }, wait);
  }

  hold(on = !this.model.held): void {
    if ((!this.model.frame || several(this.model.state)) && on) return;
    for (const panel of this.page.list) {
      const { model } = panel;
      panel.release();
      if (!on || !model.frame || model.state.from !== '') continue;
      const ref = reference(model);
      Object.assign(model, { held: true, probe: ref, pointer: ref.point });
    }
    const { pointer, held } = this.model;
    this.page.change(held && pointer ? { ref: pointer } : {}, MARKS | NUMBERS);
  }

  pin(panel: Panel, point: Point | null): void {
    this.page.change({ pin: point }, MARKS | NUMBERS, undefined, panel);
    for (const each of this.page.linked(panel)) each.knowPin();
  }

  // From the keyboard: pins what is looked at, or takes the pin away from there.
  pinReference(): void {
    const { map, state } = this.model;
    const { point, cell } = here(this.model);
    const pinned = map && state.pin ? cellOf(map, state.pin) : null;
    if (point && cell) this.pin(this.page.active, sameCell(cell, pinned) ? null : tidy(point));
  }

  // Enter on the picture does there what a click does: pins, or what was chosen among the tools.
  enter(): void {
    const { page } = this;
    const point = this.spot();
    if (page.tool === 'point') return this.pinReference();
    if (point) this.references.enter(page.active, tidy(point));
  }

  // Where a point of the picture lies in the window.
  locate(panel: Panel, point: Point): Point | null {
    const placed = panel.placement();
    const box = panel.parts.stage.getBoundingClientRect();
    if (!placed) return null;
    const [x, y] = toScreen(placed, point);
    return [x + box.left, y + box.top];
  }

  zoom(factor: number, about?: Point, panel = this.page.active): void {
    const { scene, state } = panel.model;
    if (!scene) return;
    const size = panel.size();
    const at = about ?? [size.w / 2, size.h / 2];
    const camera = zoomAbout(worldOf(scene), size, state, factor, at);
    this.page.change(camera, PICTURE | CHROME, undefined, panel);
  }

  // By a key: about what is looked at, if that is seen.
  zoomHere(factor: number): void {
    const panel = this.page.active;
    const point = this.spot();
    const placed = panel.placement();
    const size = panel.size();
    const about = point && placed ? toScreen(placed, point) : null;
    const seen = about !== null && inside([0, 0, size.w, size.h], about);
    this.zoom(factor, seen ? about : undefined);
    if (seen && point) this.follow(point);
  }

  fit(): void {
    this.page.change({ zoom: 1, at: null }, PICTURE | CHROME);
  }

  pan(dx: number, dy: number, panel = this.page.active): void {
    const { scene, state } = panel.model;
    if (!scene) return;
    const camera = panBy(worldOf(scene), panel.size(), state, dx, dy);
    this.page.change(camera, PICTURE, undefined, panel);
  }

  // --- what is shown ---

  stepLayer(step: number): void {
    const { scene, state } = this.model;
    const maps = scene?.maps ?? [];
    const at = maps.findIndex((m) => m.name === state.layer);
    const next = maps[(at + step + maps.length) % Math.max(1, maps.length)];
    if (next && next.name !== state.layer) this.page.swap(state.scene, next.name);
  }

  switchPicture(): void {
    if (!this.model.scene?.picture) return;
    const picture = this.model.state.picture === 'colour' ? 'grey' : 'colour';
    this.page.change({ picture }, PICTURE | CHROME);
  }

  private reversed(): boolean {
    return this.model.state.colormap.endsWith('_r');
  }

  private reverse(): void {
    this.colours(this.model.state.colormap.replace(/_r$/, ''), !this.reversed());
  }

  private colours(name: string, reversed: boolean): void {
    this.page.change({ colormap: reversed ? `${name}_r` : name }, PICTURE | SCALE | CHROME);
  }

  // Back by one step: a kept channel, several references, a held one.
  escape(): void {
    if (this.model.state.mode === 'channel') this.keepChannel(null);
    else if (!this.references.clear() && this.model.held) this.hold(false);
  }

  choosePanel(k: number): void {
    const panel = this.page.list[k];
    if (!panel) return;
    this.page.activate(panel);
    panel.parts.stage.focus({ preventScroll: true });
  }

  private hoverChannel(channel: number | null): void {
    this.model.hovered = channel;
    this.page.want();
  }

  private keepChannel(channel: number | null): void {
    const { state } = this.model;
    if (channel !== null) {
      const again = state.mode === 'channel'; // then the colours are those that were chosen since
      const { mode, colormap } = state;
      if (!again) this.before = { mode, colormap };
      const alone = !again && this.page.list.length === 1; // other panels keep their colours
      const colours = alone ? keptColours(state, this.model.map) : colormap;
      return this.page.change({ mode: 'channel', channel, colormap: colours }, ALL);
    }
    const colormap = colourBack(state.colormap, this.before?.colormap ?? null);
    const mode = this.before?.mode ?? 'similarity';
    this.before = null;
    this.model.hovered = null;
    this.page.change({ mode, colormap }, ALL);
  }

  private setMode(mode: Mode): void {
    const { state } = this.model;
    if (mode === 'channel') return this.keepChannel(state.channel);
    const kept = state.mode === 'channel';
    const colormap =
      kept ? colourBack(state.colormap, this.before?.colormap ?? null) : state.colormap;
    this.before = null;
    this.model.hovered = null;
    this.page.change({ mode, colormap }, ALL);
  }

  // Numbers that were locked for one measure mean nothing for another.
  private measure(patch: { metric?: Metric; origin?: Origin }): void {
    this.page.change({ ...patch, ...this.unlocked() }, ALL);
    if (patch.origin) for (const panel of this.page.list) panel.knowMask();
  }

  private unlocked(): { stretch: Stretch; lock: null } {
    const { stretch, lock } = this.model.state;
    return { stretch: lock?.back ?? (stretch[0] === 'fixed' ? ['around'] : stretch), lock: null };
  }

  // Several settings at once.
  private patch(patch: Partial<ViewState>): void {
    this.page.change(patch.stretch ? { ...patch, lock: null } : patch, ALL);
    if (patch.origin) for (const panel of this.page.list) panel.knowMask();
  }

  private setStretch(stretch: Stretch | 'lock'): void {
    if (stretch === 'lock') return this.lock(true);
    if (stretch[0] === 'fixed') return this.fix(stretch);
    this.page.change({ stretch, lock: null }, SCALE | CHROME);
  }

  // Freezes the active panel's lo and hi for all panels, or lets them go.
  lock(on = this.model.state.lock === null): void {
    const { frame } = this.model;
    if (!on) this.page.change(this.unlocked(), SCALE | CHROME | PICTURE);
    else if (frame && frame.lo !== null && frame.hi !== null) this.fix(['fixed', frame.lo, frame.hi]);
    else this.page.redraw(CHROME); // nothing to lock: the list goes back
  }

  private fix(stretch: Stretch): void {
    const { asked, state } = this.model;
    const lock: Lock = { mode: asked?.mode ?? state.mode, back: this.unlocked().stretch };
    this.page.change({ stretch, lock }, SCALE | CHROME | PICTURE);
  }
}
