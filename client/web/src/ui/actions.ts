// What people do, as changes of the model.
import {
  cellOf, inside, moveCell, panBy, sameCell, tidy, toPicture, toScreen, zoomAbout,
} from '../core/geometry.ts';
import { here, reference, worldOf } from '../core/model.ts';
import type { Metric, Mode, Origin, Point, Stretch } from '../core/protocol.ts';
import type { ViewState } from '../core/state.ts';
import { colourBack, keptColours } from '../core/looks.ts';
import type { App } from './app.ts';
import { ALL, CHROME, MARKS, NUMBERS, PICTURE, SCALE, type ScreenEvents } from './screen.ts';

export class Actions {
  // before a channel was kept
  private before: { mode: Mode; stretch: Stretch; colormap: string } | null = null;

  constructor(private readonly app: App) {}

  // What the parts of the screen tell.
  events(): ScreenEvents {
    return {
      hover: (channel) => this.hoverChannel(channel),
      keep: (channel) => this.keepChannel(channel),
      scene: (name) => this.app.goTo(name, ''),
      layer: (name) => this.app.goTo(this.app.model.state.scene, name),
      zoomIn: () => this.zoom(1.5),
      zoomOut: () => this.zoom(1 / 1.5),
      fit: () => this.fit(),
      opacity: (opacity) => this.app.change({ opacity }, PICTURE | CHROME),
      picture: () => this.switchPicture(),
      mode: (mode) => this.setMode(mode),
      metric: (metric) => this.measure({ metric }),
      origin: (origin) => this.measure({ origin }),
      stretch: (stretch) => this.setStretch(stretch),
      colormap: (name) => this.colours(name, this.reversed()),
      reverse: () => this.reverse(),
      patch: (patch) => this.patch(patch),
    };
  }

  // A point of the stage as a point of the picture, or null outside of it.
  pointAt(screen: Point): Point | null {
    const { scene, map } = this.app.model;
    const placed = this.app.screen.placement();
    if (!scene || !map || !placed) return null;
    const point = tidy(toPicture(placed, screen));
    return inside(worldOf(scene), point) && cellOf(map, point) ? point : null;
  }

  hover(point: Point, time: number): void {
    if (this.app.model.held) this.lookAt(point);
    else this.refer(point, time);
  }

  private refer(point: Point, time: number): void {
    const { map } = this.app.model;
    const old = map && this.app.sentRef ? cellOf(map, this.app.sentRef) : null;
    if (!map || !sameCell(old, cellOf(map, point))) this.app.sentRef = point;
    this.app.change({ ref: point }, MARKS | NUMBERS, time);
  }

  private lookAt(point: Point): void {
    const { model } = this.app;
    const cell = model.map ? cellOf(model.map, point) : null;
    model.pointer = point;
    if (model.probe && sameCell(cell, model.probe.cell)) model.probe.point = point;
    else this.app.probes.pointer(point);
    this.app.schedule(MARKS | NUMBERS);
  }

  move(di: number, dj: number): void {
    const { model } = this.app;
    const { map, scene, held, pointer, state } = model;
    const from = held && pointer ? pointer : (state.ref ?? reference(model).point);
    if (!map || !scene || !from) return;
    this.hover(moveCell(map, worldOf(scene), from, di, dj), performance.now());
    setTimeout(() => this.app.screen.readout.say(), 400);
  }

  hold(on = !this.app.model.held): void {
    const { model } = this.app;
    if (!model.frame && on) return;
    const ref = reference(model);
    model.held = on;
    model.probe = on ? ref : null;
    model.pointer = on ? ref.point : null;
    if (on && ref.point) model.state.ref = ref.point;
    this.app.schedule(MARKS | NUMBERS);
  }

  pin(point: Point | null): void {
    this.app.change({ pin: point }, MARKS | NUMBERS);
    this.app.knowPin();
  }

  // From the keyboard: pins what is looked at, or takes the pin away from there.
  pinReference(): void {
    const { map, state } = this.app.model;
    const { point, cell } = here(this.app.model);
    const pinned = map && state.pin ? cellOf(map, state.pin) : null;
    if (point && cell) this.pin(sameCell(cell, pinned) ? null : tidy(point));
  }

  // Where a point of the picture lies in the window.
  locate(point: Point): Point | null {
    const placed = this.app.screen.placement();
    const box = this.app.screen.stage.getBoundingClientRect();
    if (!placed) return null;
    const [x, y] = toScreen(placed, point);
    return [x + box.left, y + box.top];
  }

  zoom(factor: number, about?: Point): void {
    const { scene, state } = this.app.model;
    if (!scene) return;
    const size = this.app.screen.size();
    const at = about ?? [size.w / 2, size.h / 2];
    this.app.change(zoomAbout(worldOf(scene), size, state, factor, at), PICTURE | CHROME);
  }

  fit(): void {
    this.app.change({ zoom: 1, at: null }, PICTURE | CHROME);
  }

  pan(dx: number, dy: number): void {
    const { scene, state } = this.app.model;
    if (!scene) return;
    this.app.change(panBy(worldOf(scene), this.app.screen.size(), state, dx, dy), PICTURE);
  }

  stepLayer(step: number): void {
    const { scene, state } = this.app.model;
    const maps = scene?.maps ?? [];
    const at = maps.findIndex((m) => m.name === state.layer);
    const next = maps[(at + step + maps.length) % Math.max(1, maps.length)];
    if (next && next.name !== state.layer) this.app.goTo(state.scene, next.name);
  }

  switchPicture(): void {
    if (!this.app.model.scene?.picture) return;
    const picture = this.app.model.state.picture === 'colour' ? 'grey' : 'colour';
    this.app.change({ picture }, PICTURE | CHROME);
  }

  private reversed(): boolean {
    return this.app.model.state.colormap.endsWith('_r');
  }

  private reverse(): void {
    this.colours(this.app.model.state.colormap.replace(/_r$/, ''), !this.reversed());
  }

  private colours(name: string, reversed: boolean): void {
    this.app.change({ colormap: reversed ? `${name}_r` : name }, PICTURE | SCALE | CHROME);
  }

  // Back by one step: a kept channel, a held reference.
  escape(): void {
    if (this.app.model.state.mode === 'channel') this.keepChannel(null);
    else if (this.app.model.held) this.hold(false);
  }

  private hoverChannel(channel: number | null): void {
    this.app.model.hovered = channel;
    this.app.want(performance.now());
    this.app.schedule(0);
  }

  private keepChannel(channel: number | null): void {
    const { state } = this.app.model;
    if (channel !== null) {
      const again = state.mode === 'channel'; // then the colours are those that were chosen since
      const { mode, stretch: now, colormap: colour } = state;
      if (!again) this.before = { mode, stretch: now, colormap: colour };
      const stretch: Stretch = !again && now[0] === 'fixed' ? ['minmax'] : now;
      const colormap = again ? colour : keptColours({ ...state, stretch }, this.app.model.map);
      return this.app.change({ mode: 'channel', channel, stretch, colormap }, ALL);
    }
    const colormap = colourBack(state.colormap, this.before?.colormap ?? null);
    const back = this.before ?? { mode: 'similarity', stretch: unlocked(state.stretch) };
    this.before = null;
    this.app.model.hovered = null;
    this.app.change({ ...back, colormap }, ALL);
  }

  private setMode(mode: Mode): void {
    const { state } = this.app.model;
    if (mode === 'channel') return this.keepChannel(state.channel);
    if (state.mode === 'channel' && mode === 'similarity') return this.keepChannel(null);
    const kept = state.mode === 'channel';
    const colormap =
      kept ? colourBack(state.colormap, this.before?.colormap ?? null) : state.colormap;
    this.before = null;
    this.app.change({ mode, stretch: unlocked(state.stretch), colormap }, ALL);
  }

  private measure(patch: { metric?: Metric; origin?: Origin }): void {
    this.app.change({ ...patch, stretch: unlocked(this.app.model.state.stretch) }, ALL);
    if (patch.origin) this.app.knowMask();
  }

  // Several settings at once.
  private patch(patch: Partial<ViewState>): void {
    this.app.change(patch, ALL);
    if (patch.origin) this.app.knowMask();
  }

  private setStretch(stretch: Stretch | 'lock'): void {
    const { frame } = this.app.model;
    if (stretch !== 'lock') return this.app.change({ stretch }, SCALE | CHROME);
    if (frame && frame.lo !== null && frame.hi !== null) {
      return this.app.change({ stretch: ['fixed', frame.lo, frame.hi] }, SCALE | CHROME);
    }
    this.app.schedule(CHROME); // nothing to lock: the list goes back
  }
}

// Numbers that were locked for one measure mean nothing for another.
function unlocked(stretch: Stretch): Stretch {
  return stretch[0] === 'fixed' ? ['around'] : stretch;
}
