// One panel: one map of one scene as one view on the server, with its canvas, its marks and the words
// over it. It tells its host what came; what belongs to all panels is the host's.
import { axisOf } from '../core/axis.ts';
import { cellOf, place, sameCell, type Placement, type Size } from '../core/geometry.ts';
import { coloursOf, emptyModel, worldOf } from '../core/model.ts';
import type { FromServer, Loading, MapInfo, Point, Probed, SceneInfo, ToServer } from '../core/protocol.ts';
import { several, type ViewState } from '../core/state.ts';
import type { Shown } from '../core/strips.ts';
import { Probes, View } from '../core/view.ts';
import { fetchMask } from './decode.ts';
import { density } from './dom.ts';
import { Frames, type Arrival } from './frames.ts';
import { Markers } from './markers.ts';
import { PanelParts } from './parts.ts';
import { Picture } from './picture.ts';
import { MARKS, NUMBERS, PICTURE } from './screen.ts';
import type { Under } from './under.ts';
import { Wish } from './wish.ts';

const SAY_LOADING = 200; // ms before a panel says that it waits
const OF_SET = [3, 5]; // error codes by which a `set` is refused: range, unsupported

export interface PanelHost {
  send(message: ToServer): void;
  connected(): boolean;
  generation(): number;
  schedule(): void; // something of a panel is to be sent or drawn
  under(scene: SceneInfo | null): Under | null;
  source(panel: Panel): ViewState | null; // whose reference it shows
  mapNamed(name: string): MapInfo | null; // "scene/layer"
  shown(panel: Panel, arrival: Arrival, start: number): void;
  complain(sentence: string): void;
}

export class Panel {
  readonly model = emptyModel();
  readonly view: View;
  readonly probes: Probes;
  readonly parts = new PanelParts();
  readonly picture = new Picture(this.parts.canvas);
  opens = ''; // "scene/layer" that was opened; '': nothing
  dirty = 0; // what is to be drawn with the next animation frame
  private readonly markers = new Markers(this.parts);
  private readonly frames: Frames;
  private readonly wish: Wish;
  private refused = ''; // the reference that the server could not compare with
  private waitTimer: ReturnType<typeof setTimeout> | undefined;
  private coloured = '';
  private axisFor = '';
  private maskFor = '';

  constructor(id: number, private readonly host: PanelHost) {
    this.view = new View((m) => host.send(m), () => performance.now(), id);
    this.probes = new Probes((at) => this.view.probe(at));
    this.wish = new Wish({
      source: () => host.source(this),
      mapNamed: (name) => host.mapNamed(name),
      again: () => {
        this.want(performance.now());
        host.schedule();
      },
    });
    this.frames = new Frames(this.view, () => host.generation(), {
      show: (shown, arrival) => this.shown(shown, arrival),
      failed: (why) => host.complain(`A picture could not be decoded (${why}).`),
    });
  }

  get state(): ViewState {
    return this.model.state;
  }

  get name(): string {
    return `${this.state.scene}/${this.state.layer}`;
  }

  // --- where it lies ---

  size(): Size {
    const { stage } = this.parts;
    return { w: Math.max(1, stage.clientWidth), h: Math.max(1, stage.clientHeight) };
  }

  placement(): Placement | null {
    const { scene, state } = this.model;
    return scene ? place(worldOf(scene), this.size(), state) : null;
  }

  // --- its map ---

  open(scene: SceneInfo, map: MapInfo): void {
    const { model } = this;
    const { state } = model;
    if (scene.name !== model.scene?.name) this.forgetScene();
    model.scene = scene;
    Object.assign(state, { scene: scene.name, layer: map.name });
    if (state.mode === 'channel' && state.channel >= map.d) {
      this.host.complain(
        `There is no channel ${state.channel} in ${map.name}, which has ${map.d}; ` +
          'the similarity is shown instead.',
      );
      state.mode = 'similarity';
    }
    state.channel = Math.min(state.channel, map.d - 1);
    model.map = map;
    model.hovered = null;
    model.held = false;
    model.probe = model.pointer = model.pin = null;
    model.frame = model.asked = null;
    this.refused = '';
    this.frames.forget();
    this.wish.restart();
    this.probes.restart();
    this.maskFor = '';
    this.picture.setMask(null);
    this.parts.stage.classList.add('stale');
    this.opens = this.name;
    this.view.open(this.name, map);
    this.wait(`loading ${map.name}…`);
  }

  private forgetScene(): void {
    this.model.axis = null;
    this.picture.setLevels(null, { w: 1, h: 1, extent: [0, 0, 1, 1] }, [0, 0, 1, 1]);
  }

  // Nothing can be shown, and why.
  empty(sentence: string): void {
    this.opens = '';
    this.model.map = null;
    this.view.failed();
    this.say(sentence);
  }

  // False: the answer belongs to a map that was left.
  opened(map: MapInfo): boolean {
    if (!this.view.opened(map)) return false;
    if (this.opens === '') {
      this.opens = this.name; // what failed was the map before this one
      this.wait(`loading ${map.name}…`);
    }
    this.model.map = map;
    this.knowMask();
    this.knowPin();
    return true;
  }

  // What is open is to be opened anew: its file changed.
  forget(): void {
    this.opens = '';
  }

  // `again`: the same map is there, and only its view is opened again.
  reconnected(again: boolean): void {
    this.view.disconnected();
    this.probes.restart();
    this.refused = '';
    if (again && this.opens !== '') this.view.restart();
    else this.opens = '';
  }

  close(): void {
    this.wish.stop();
    clearTimeout(this.waitTimer);
    this.maskFor = ''; // one that is still on its way is of no use
    this.model.map = null;
    this.view.close();
    this.parts.element.remove();
  }

  private url(rest: string): string {
    return `api/v1/scenes/${encodeURIComponent(this.state.scene)}/${rest}`;
  }

  knowMask(): void {
    const { map, state } = this.model;
    const key = map ? [this.opens, map.rev, map.invalid, state.origin].join('\n') : '';
    if (key === this.maskFor) return;
    this.maskFor = key;
    this.picture.setMask(null);
    if (!map || (map.invalid === 0 && state.origin === 'zero')) return;
    const { origin } = state;
    const path = `maps/${encodeURIComponent(map.name)}/mask.png?origin=${origin}`;
    const still = (): boolean => this.maskFor === key;
    fetchMask(this.url(path)).then(
      (mask) => {
        if (!still() || mask.w !== map.w || mask.h !== map.h) return;
        this.picture.setMask(mask);
        this.draw(PICTURE);
      },
      () => still() && this.host.complain('Which cells are valid could not be fetched; reload.'),
    );
  }

  // The pinned vector of the present map: from what is shown, or asked for.
  knowPin(): void {
    const { model } = this;
    const { map, frame } = model;
    const point = model.state.pin;
    const cell = point && map ? cellOf(map, point) : null;
    const old = sameCell(cell, model.pin?.cell) ? (model.pin?.vector ?? null) : null;
    const shown = this.shows(cell) ? (frame?.vector ?? null) : null;
    const vector = shown ?? old;
    model.pin = point ? { point, cell, vector } : null;
    if (point && cell && !vector && !this.view.loading && this.host.connected()) {
      this.probes.pin(point);
    }
    this.draw(MARKS | NUMBERS);
  }

  // Whether the frame's vector is that of this cell.
  private shows(cell: Point | null): boolean {
    const { frame, asked } = this.model;
    return !asked?.from && !asked?.several && sameCell(cell, frame?.cell);
  }

  // --- its reference ---

  lookAt(point: Point | null, ask: boolean): void {
    const { model } = this;
    const cell = model.map && point ? cellOf(model.map, point) : null;
    model.pointer = point;
    if (!point || !ask) return;
    if (model.probe && sameCell(cell, model.probe.cell)) model.probe.point = point;
    else this.probes.pointer(point);
  }

  // The pointer moves the reference again.
  release(): void {
    Object.assign(this.model, { held: false, probe: null, pointer: null });
  }

  // --- to the server ---

  want(time: number): void {
    const { model } = this;
    if (this.refused !== '' && this.refused !== referenceKey(this.state)) this.allowed();
    if (this.refused !== '' && this.state.from !== '') return; // it would be refused again
    const seen = { place: this.placement(), stage: this.size() };
    this.view.want(this.wish.fields(model, seen), time);
  }

  // What was refused is not asked for any more.
  private allowed(): void {
    this.refused = '';
    this.say('');
    if (this.model.frame) this.parts.stage.classList.remove('stale');
  }

  // Once per animation frame.
  flush(): void {
    this.view.flush();
    this.probes.flush();
    const { dirty } = this;
    this.dirty = 0;
    if (dirty) this.drawNow(dirty);
  }

  // --- from the server ---

  // What it waits for takes long.
  loading({ map, done }: Loading): void {
    if (map !== this.opens && map !== this.state.from) return; // it was left
    clearTimeout(this.waitTimer);
    this.parts.veil(`loading ${map === this.opens ? this.state.layer : map}…`, true, done);
  }

  take(message: Extract<FromServer, { t: 'frame' }>, bytes: number): void {
    this.frames.take(message, bytes);
  }

  probed(message: Probed): void {
    const one = this.probes.answered(message);
    if (!one) return;
    const { cell, s, cosine, angle, norm, vector } = message;
    const { model } = this;
    const spot = { cell, point: one.at, vector };
    const many = several(this.state) || this.state.from !== '';
    const said = many ? { said: { s, cosine, angle, norm } } : {};
    if (one.what === 'pin' && model.state.pin) model.pin = spot;
    if (one.what === 'pointer' && model.pointer) model.probe = { ...spot, ...said };
    this.draw(MARKS | NUMBERS);
  }

  // `alone`: it is the only panel, and the page has a place for sentences.
  error(message: Extract<FromServer, { t: 'error' }>, alone: boolean): void {
    if (this.probes.answered(message)) return;
    if (this.view.loading && !OF_SET.includes(message.code)) {
      this.view.failed();
      this.opens = '';
      return this.say(message.message);
    }
    if (message.seq !== null) this.view.refused();
    const { state, model } = this;
    const plain = state.from === '' && !several(state);
    if (!plain) {
      this.refused = referenceKey(state);
      model.frame = null; // its numbers are not those of this reference
    }
    this.parts.stage.classList.toggle('stale', !plain || !model.frame);
    const beside = alone && plain && model.frame !== null;
    this.say(beside ? '' : message.message); // nothing is waited for any more
    if (beside) this.host.complain(message.message);
  }

  private shown({ frame, levels }: Shown, arrival: Arrival): void {
    const { model } = this;
    const { map, state } = model;
    if (!map) return;
    const start = performance.now();
    model.frame = frame;
    model.asked = this.frames.asked;
    this.picture.setLevels(levels, map, frame.window);
    const mode = model.asked?.mode ?? 'similarity';
    const metric = model.asked?.metric ?? 'angular';
    const key = [state.scene, state.layer, mode, metric, state.origin].join('\n');
    const last = key === this.axisFor ? model.axis : null;
    this.axisFor = key;
    model.axis = axisOf(mode, metric, frame.range, last);
    if (this.refused === '') {
      this.say('');
      this.parts.stage.classList.remove('stale');
    }
    if (model.pin && !model.pin.vector && this.shows(model.pin.cell)) {
      model.pin.vector = frame.vector;
    }
    this.drawNow(PICTURE | MARKS);
    this.host.shown(this, arrival, start);
  }

  // --- to the screen ---

  draw(what: number): void {
    this.dirty |= what;
    this.host.schedule();
  }

  hasPicture(): boolean {
    return this.model.scene?.picture != null && this.state.picture !== 'none';
  }

  drawNow(what: number): void {
    this.colourise();
    if (what & PICTURE) this.drawPicture();
    if (what & (MARKS | PICTURE)) this.drawMarks();
  }

  private colourise(): void {
    const { state } = this.model;
    const opacity = this.hasPicture() ? state.opacity : 1;
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
    const under = this.host.under(scene);
    under?.looked(placed.scale * density());
    const which = state.picture === 'colour' ? 'colour' : 'grey';
    const image = this.hasPicture() ? (under?.get(which) ?? null) : null;
    this.picture.draw(placed, image, scene.picture !== null);
    this.parts.caption(this.model, placed);
  }

  private drawMarks(): void {
    const { model, parts } = this;
    const placed = this.placement();
    const { state } = model;
    parts.clearCaption(placed, model.pointer ?? state.ref);
    parts.stage.classList.toggle('outside', this.wish.outside);
    this.markers.show(model, placed);
  }

  // --- words over it ---

  // What is waited for, unless it comes soon.
  wait(text: string, patience = SAY_LOADING): void {
    clearTimeout(this.waitTimer);
    this.waitTimer = setTimeout(() => this.parts.veil(text, true), patience);
  }

  say(text: string): void {
    clearTimeout(this.waitTimer);
    this.parts.veil(text, false);
  }
}

function referenceKey({ from, refs, region }: ViewState): string {
  return JSON.stringify([from, refs, region]);
}
