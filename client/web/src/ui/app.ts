// The page as a whole: what people do changes the model, the model goes to the server as a `set`
// and to the screen; what the server says changes the model.
import { Probes, View } from '../core/view.ts';
import { defaults, fromFragment, toFragment, toSet, type ViewState } from '../core/state.ts';
import { cellOf, sameCell } from '../core/geometry.ts';
import { emptyModel } from '../core/model.ts';
import type { FromServer, MapInfo, Point, SetFields, Welcome } from '../core/protocol.ts';
import type { Shown } from '../core/strips.ts';
import { Windows } from '../core/window.ts';
import { Connection, type Link } from './connection.ts';
import { density, onResize } from './dom.ts';
import { Frames, type Arrival } from './frames.ts';
import { fetchMask } from './decode.ts';
import {
  ALL, CHROME, MARKS, NUMBERS, PICTURE, SCALE, Screen, type ScreenEvents,
} from './screen.ts';
import { Share } from './share.ts';
import { Status } from './status.ts';
import { Under } from './under.ts';
import { Why } from './why.ts';

const SAY_LOADING = 200; // ms before the page says that it waits
const SAY_LOST = 900;
const OF_SET = [3, 5]; // error codes by which a `set` is refused: range, unsupported

export class App {
  readonly model = emptyModel();
  readonly status = new Status();
  readonly why = new Why();
  readonly screen: Screen;
  readonly share = new Share(() => toFragment(this.model.state));
  private readonly under: Under;
  private readonly connection: Connection;
  private readonly view: View;
  readonly probes: Probes;
  private readonly frames: Frames;
  private link: Link = { state: 'connecting' };
  private server: Welcome['server'] | null = null;
  welcomed: (message: Welcome) => void = () => undefined; // for whom else it concerns
  sentRef: Point | null = null; // changes only with the cell: no `set` within one cell
  private dirty = 0;
  private scheduled = false;
  private waitTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly windows = new Windows();
  private windowTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(events: (app: App) => ScreenEvents) {
    this.under = new Under(
      () => this.schedule(PICTURE),
      (why) => this.status.complain(`The picture could not be fetched (${why}); reload the page.`),
    );
    this.view = new View((m) => this.connection.send(m), () => performance.now());
    this.probes = new Probes((at) => this.view.probe(at));
    this.connection = new Connection({
      welcome: (m) => this.welcome(m),
      message: (m, bytes) => this.receive(m, bytes),
      link: (link) => this.linked(link),
      patient: () => this.view.loading,
    });
    this.frames = new Frames(this.view, () => this.connection.generation, {
      show: (shown, arrival) => this.shown(shown, arrival),
      failed: (why) => this.status.complain(`A picture could not be decoded (${why}).`),
    });
    this.screen = new Screen(this.model, this.under, events(this));
    onResize(this.screen.stage, () => this.change({}, ALL));
    addEventListener('hashchange', () => this.follow());
    setInterval(() => this.showStatus(), 500);
  }

  start(): void {
    this.read();
    this.connection.connect();
    this.showStatus();
    this.wait('connecting to the server…');
  }

  redraw(): void {
    this.schedule(ALL);
  }

  // --- what people do ---

  change(patch: Partial<ViewState>, what: number, time = performance.now()): void {
    const { state } = this.model;
    Object.assign(state, patch);
    this.want(time);
    const placed = this.screen.placement();
    if (placed) this.under.looked(placed.scale * density());
    if (this.model.scene) this.share.later();
    this.schedule(what);
  }

  // The pinned vector of the present map: from what is shown, or asked for.
  knowPin(): void {
    const { model } = this;
    const { map, frame } = model;
    const point = model.state.pin;
    const cell = point && map ? cellOf(map, point) : null;
    const old = sameCell(cell, model.pin?.cell) ? (model.pin?.vector ?? null) : null;
    const shown = sameCell(cell, frame?.cell) ? (frame?.vector ?? null) : null;
    const vector = shown ?? old;
    model.pin = point ? { point, cell, vector } : null;
    if (point && cell && !vector && !this.view.loading && this.connection.connected) {
      this.probes.pin(point);
    }
    this.schedule(MARKS | NUMBERS);
  }

  // --- scenes and layers ---

  private read(): void {
    const { state, wrong } = fromFragment(location.hash);
    Object.assign(this.model.state, state);
    this.sentRef = state.ref;
    if (wrong.length === 0) return;
    this.status.complain(
      `The link says something about ${wrong.join(', ')} that this page does not understand; ` +
        'the usual is shown instead.',
    );
  }

  // The address was changed by hand or by another link.
  private follow(): void {
    const { scene, layer } = this.model.state;
    this.read();
    const { state } = this.model;
    if (!this.findMap() || state.scene !== scene || state.layer !== layer) return this.settle();
    this.knowPin();
    this.knowMask();
    this.change({}, ALL);
  }

  goTo(scene: string, layer: string): void {
    const { state } = this.model;
    if (scene !== state.scene) {
      Object.assign(state, { ref: null, pin: null, zoom: 1, at: null });
      this.sentRef = null;
    }
    this.status.complain('');
    Object.assign(state, { scene, layer });
    this.settle();
  }

  // Opens the scene and the layer that the state names, or the first ones and says so.
  private settle(): void {
    const { model } = this;
    const { state, scenes } = model;
    const scene = scenes.find((s) => s.name === state.scene) ?? scenes[0];
    if (!scene) {
      model.scene = model.map = null;
      return this.empty('This server has no scenes yet. Start it with a picture or a feature map.');
    }
    if (state.scene !== '' && scene.name !== state.scene) {
      this.status.complain(
        `There is no scene “${state.scene}” on this server; “${scene.name}” is shown instead.`,
      );
      Object.assign(state, { ...defaults(), colormap: state.colormap, opacity: state.opacity });
      this.sentRef = null;
    } else if (state.layer !== '' && !scene.maps.some((m) => m.name === state.layer)) {
      this.status.complain(
        `The scene “${scene.name}” has no layer “${state.layer}”; its first one is shown instead.`,
      );
    }
    if (scene.name !== model.scene?.name) this.newScene();
    model.scene = scene;
    state.scene = scene.name;
    const map = scene.maps.find((m) => m.name === state.layer) ?? scene.maps[0];
    if (!map) return this.empty(`The scene “${scene.name}” has no feature maps.`);
    this.open(map);
  }

  private empty(sentence: string): void {
    this.say(sentence);
    this.schedule(ALL);
  }

  private newScene(): void {
    const { model } = this;
    model.axis = null;
    this.screen.picture.setLevels(null, { w: 1, h: 1, extent: [0, 0, 1, 1] }, [0, 0, 1, 1]);
  }

  private open(map: MapInfo): void {
    const { model } = this;
    const { state, scene } = model;
    state.layer = map.name;
    if (state.mode === 'channel' && state.channel >= map.d) {
      this.status.complain(
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
    this.frames.forget();
    this.windows.restart();
    this.why.clear();
    this.sentRef = state.ref;
    this.probes.restart();
    this.screen.picture.setMask(null);
    this.under.show(scene?.picture ? this.sceneUrl('picture') : '', scene?.picture ?? null);
    this.screen.stage.classList.add('stale');
    this.view.open(`${state.scene}/${map.name}`, map);
    this.change({}, ALL);
    this.wait(`loading ${map.name}…`);
  }

  private opened(map: MapInfo): void {
    const { model } = this;
    if (!this.view.opened(map)) return;
    model.map = map;
    document.documentElement.dataset['map'] = `${model.state.scene}/${map.name}`;
    this.knowMask();
    this.knowPin();
    this.change({}, ALL);
  }

  private sceneUrl(rest: string): string {
    return `api/v1/scenes/${encodeURIComponent(this.model.state.scene)}/${rest}`;
  }

  knowMask(): void {
    const { map, state } = this.model;
    if (!map) return;
    this.screen.picture.setMask(null);
    if (map.invalid === 0 && state.origin === 'zero') return;
    const path = `maps/${encodeURIComponent(map.name)}/mask.png?origin=${state.origin}`;
    const still = (): boolean => this.model.map === map && this.model.state.origin === state.origin;
    fetchMask(this.sceneUrl(path)).then(
      (mask) => {
        if (!still() || mask.w !== map.w || mask.h !== map.h) return;
        this.screen.picture.setMask(mask);
        this.schedule(PICTURE);
      },
      () => still() && this.status.complain('Which cells are valid could not be fetched; reload.'),
    );
  }

  // --- what the server says ---

  private linked(link: Link): void {
    const lost = link.state === 'reconnecting' && this.link.state !== 'reconnecting';
    this.link = link;
    this.showStatus();
    if (link.state === 'ended') this.say(link.reason);
    if (lost) {
      this.wait(
        this.model.frame ? 'The connection is lost; trying again…'
        : 'The server cannot be reached; trying again…',
        SAY_LOST,
      );
    }
  }

  private welcome(message: Welcome): void {
    this.server = message.server;
    this.welcomed(message);
    this.catalogue(message.scenes);
    this.view.disconnected();
    this.probes.restart();
    this.under.again();
    const { model } = this;
    const same = model.map && this.findMap() !== null;
    if (!same) return this.settle();
    this.view.restart();
    this.change({}, ALL);
  }

  private findMap(): MapInfo | null {
    const { scenes, state } = this.model;
    const scene = scenes.find((s) => s.name === state.scene);
    return scene?.maps.find((m) => m.name === state.layer) ?? null;
  }

  private catalogue(scenes: Welcome['scenes']): void {
    const { model } = this;
    model.scenes = scenes;
    model.scene = scenes.find((s) => s.name === model.scene?.name) ?? model.scene;
    this.schedule(CHROME);
  }

  private receive(message: FromServer, bytes: number): void {
    switch (message.t) {
      case 'scenes':
        return this.scenes(message.scenes);
      case 'opened':
        return this.opened(message.map);
      case 'frame':
        return this.frames.take(message, bytes);
      case 'probed': {
        const one = this.probes.answered(message);
        if (!one) return;
        const spot = { cell: message.cell, point: one.at, vector: message.vector };
        if (one.what === 'pin' && this.model.state.pin) this.model.pin = spot;
        if (one.what === 'pointer' && this.model.held) this.model.probe = spot;
        return this.schedule(MARKS | NUMBERS);
      }
      case 'error':
        return this.refused(message);
      default:
        return;
    }
  }

  private scenes(scenes: Welcome['scenes']): void {
    const { model } = this;
    const rev = model.map?.rev;
    this.catalogue(scenes);
    const map = this.findMap();
    if (!model.map || !map) return this.settle();
    if (map.rev !== rev && !this.view.loading) this.open(map); // the file was written anew
  }

  // A frame is on the screen from now on.
  private shown({ frame, levels }: Shown, arrival: Arrival): void {
    const { model } = this;
    const start = performance.now();
    const root = document.documentElement;
    model.frame = frame;
    model.asked = this.frames.asked;
    this.screen.take(levels, frame);
    this.say('');
    this.screen.stage.classList.remove('stale');
    if (model.pin && !model.pin.vector && sameCell(model.pin.cell, model.frame?.cell)) {
      model.pin.vector = model.frame?.vector ?? null;
    }
    this.screen.draw(PICTURE | MARKS | NUMBERS | SCALE);
    const { asked, bytes } = arrival;
    this.status.measured(asked ? performance.now() - asked.at : null, bytes);
    this.why.add(frame, arrival, start);
    this.showStatus();
    root.dataset['seq'] = String(model.frame?.seq ?? 0);
    root.dataset['exact'] = String(model.frame?.exact ?? false);
  }

  private refused(message: Extract<FromServer, { t: 'error' }>): void {
    const probe = this.probes.answered(message);
    if (probe) return;
    if (this.view.loading && !OF_SET.includes(message.code)) {
      this.view.failed();
      return this.say(message.message);
    }
    if (message.seq !== null) this.view.refused();
    this.status.complain(message.message);
  }

  // --- to the server and to the screen ---

  want(time: number): void {
    this.view.want(this.fields(), time);
    this.schedule(0);
  }

  private fields(): SetFields {
    const { state, hovered, map } = this.model;
    const placed = this.screen.placement();
    const set = { ...toSet(state, hovered), ref: this.sentRef };
    if (!map || !placed) return set;
    const sight = { place: placed, stage: this.screen.size(), density: density() };
    const { part, again } = this.windows.at(map, sight, performance.now());
    clearTimeout(this.windowTimer);
    if (again !== null) this.windowTimer = setTimeout(() => this.want(performance.now()), again);
    return { ...set, ...part };
  }

  schedule(what: number): void {
    this.dirty |= what;
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      this.view.flush();
      this.probes.flush();
      const { dirty } = this;
      this.dirty = 0;
      if (dirty) this.screen.draw(dirty);
    });
  }

  // Says over the picture what is waited for, unless it comes soon.
  private wait(text: string, patience = SAY_LOADING): void {
    clearTimeout(this.waitTimer);
    this.waitTimer = setTimeout(() => this.status.veil(text, true), patience);
  }

  private say(text: string): void {
    clearTimeout(this.waitTimer);
    this.status.veil(text);
  }

  private showStatus(): void {
    this.status.show({ link: this.link, frame: this.model.frame, server: this.server });
  }
}
