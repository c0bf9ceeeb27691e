// The panels of the page and what joins them: one list of states, one pointer, one pan and zoom for
// the panels of a scene. What people do changes the states, the states go to the server and to the
// screen.
import type { Model } from '../core/model.ts';
import * as panels from '../core/panels.ts';
import type { MapInfo, SceneInfo, ToServer } from '../core/protocol.ts';
import { defaults, type ViewState } from '../core/state.ts';
import type { Arrival } from './frames.ts';
import { byId, onResize } from './dom.ts';
import { Panel } from './panel.ts';
import { ALL, CHROME, NUMBERS, PICTURE, SCALE, Screen, type ScreenEvents } from './screen.ts';
import type { Tool } from './references.ts';
import { say } from './say.ts';
import { layOut, markPanels } from './stage.ts';
import { Unders } from './under.ts';

const VIEWS = 64; // ids that the server knows

export interface PageHost {
  send(message: ToServer): void;
  connected(): boolean;
  generation(): number;
  complain(sentence: string): void;
  say(sentence: string): void; // over all panels; '' takes it away
  changed(): void; // the link to this view is another one
  shown(panel: Panel, arrival: Arrival, start: number): void;
  other(): void; // the active panel shows another map
  made(panel: Panel): void;
}

export class Page {
  readonly views: panels.Views = { list: [defaults()], active: 0 };
  readonly list: Panel[] = [];
  readonly screen: Screen;
  readonly unders: Unders;
  private scenes: SceneInfo[] | null = null; // null: no server has said so far
  private readonly stage = byId('stage');
  tool: Tool = 'point';
  uploads = false; // the server takes some
  private nextId = 0;
  private dirty = 0; // of what all panels share
  private scheduled = false;

  constructor(private readonly host: PageHost, events: ScreenEvents) {
    this.unders = new Unders(
      () => this.redraw(PICTURE),
      (why) => host.complain(`The picture could not be fetched (${why}); reload the page.`),
    );
    this.screen = new Screen(events);
    onResize(this.stage, () => this.arrange());
  }

  get active(): Panel {
    return this.list[this.views.active] as Panel;
  }

  get model(): Model {
    return this.active.model;
  }

  get state(): ViewState {
    return this.model.state;
  }

  // The panel in which the active one's reference is moved: itself, or one of another picture.
  leader(): Panel {
    const source = panels.source(this.views.list, this.state);
    return this.list.find((each) => each.state === source) ?? this.active;
  }

  complain(sentence: string): void {
    this.host.complain(sentence);
  }

  panel(view: number | null): Panel | null {
    return this.list.find((each) => each.view.id === view) ?? null;
  }

  // The panels that show the same scene as this one, itself among them.
  linked(panel: Panel): Panel[] {
    return this.list.filter((each) => each.state.scene === panel.state.scene);
  }

  // --- changes ---

  change(
    patch: Partial<ViewState>, what: number, time = performance.now(), panel = this.active,
  ): void {
    panels.change(this.views, this.list.indexOf(panel), patch);
    this.want(time);
    if (panel.model.scene) this.host.changed();
    this.redraw(what);
  }

  // What every panel wants of the server now.
  want(time = performance.now()): void {
    for (const panel of this.list) panel.want(time);
    this.schedule();
  }

  activate(panel: Panel): void {
    const k = this.list.indexOf(panel);
    if (k < 0 || k === this.views.active) return;
    if (this.model.hovered !== null) {
      this.model.hovered = null;
      this.active.want(performance.now());
    }
    this.views.active = k;
    this.mark();
    this.tellMap();
    this.host.other();
    this.host.changed();
    this.redraw(ALL & ~PICTURE);
  }

  // --- panels come and go ---

  // As a link says.
  show(views: panels.Views): void {
    this.views.list.splice(0, Infinity, ...views.list);
    this.views.active = views.active;
    this.match();
    this.settle();
  }

  // One panel for every state, in its order.
  private match(): void {
    const { list } = this.views;
    while (this.list.length > list.length) this.list.pop()?.close();
    while (this.list.length < list.length) this.list.push(this.made());
    this.list.forEach((panel, k) => (panel.model.state = list[k] as ViewState));
    this.arrange();
  }

  private made(): Panel {
    while (this.panel(this.nextId % VIEWS)) this.nextId += 1;
    const panel = new Panel(this.nextId++ % VIEWS, {
      send: (message) => this.host.send(message),
      connected: () => this.host.connected(),
      generation: () => this.host.generation(),
      schedule: () => this.schedule(),
      under: (scene) => this.unders.of(scene),
      source: (each) => panels.source(this.views.list, each.state),
      mapNamed: (name) => this.mapNamed(name),
      shown: (each, arrival, start) => this.shown(each, arrival, start),
      complain: (sentence) => this.host.complain(sentence),
    });
    panel.model.scenes = this.scenes ?? [];
    panel.parts.remove.addEventListener('click', () => this.remove(panel));
    panel.parts.element.addEventListener('focusin', () => this.activate(panel));
    this.stage.append(panel.parts.element);
    this.host.made(panel);
    return panel;
  }

  // --- scenes and layers ---

  catalogue(scenes: SceneInfo[]): void {
    this.scenes = scenes;
    for (const { model } of this.list) {
      model.scenes = scenes;
      model.scene = scenes.find((s) => s.name === model.scene?.name) ?? model.scene;
    }
    this.redraw(CHROME);
  }

  // A new connection: all views are opened again on the server.
  welcome(scenes: SceneInfo[]): void {
    this.catalogue(scenes);
    this.unders.again();
    for (const panel of this.list) {
      const { scene, layer } = panel.state;
      panel.reconnected(sameShape(panel.model.map, this.find(scene, layer)));
    }
    this.settle();
  }

  // The catalogue changed; a file may have been written anew.
  newScenes(scenes: SceneInfo[]): void {
    const before = new Map(this.list.map((panel) => [panel, panel.model.map?.rev]));
    this.catalogue(scenes);
    for (const panel of this.list) {
      const map = this.find(panel.state.scene, panel.state.layer);
      if (!panel.view.loading && map?.rev !== before.get(panel)) panel.forget();
    }
    this.settle();
  }

  opened(view: number, map: MapInfo): void {
    const panel = this.panel(view);
    if (!panel?.opened(map)) return;
    this.tellMap();
    this.want();
    this.redraw(ALL);
  }

  find(scene: string, layer: string): MapInfo | null {
    const found = this.scenes?.find((each) => each.name === scene);
    return found?.maps.find((map) => map.name === layer) ?? null;
  }

  private mapNamed(name: string): MapInfo | null {
    const scene = panels.sceneOf(name);
    return this.find(scene, name.slice(scene.length + 1));
  }

  // Only this layer of this scene.
  goTo(scene: string, layer: string): void {
    this.host.complain('');
    const { active } = this;
    this.list.slice().forEach((each) => each !== active && this.drop(each));
    panels.enter(this.views, 0, scene, layer);
    this.match();
    this.settle();
  }

  // Another scene in the panels of this one, with the layers of the same names where it has them.
  goToScene(name: string): void {
    this.host.complain('');
    const { active } = this;
    for (const panel of this.linked(active)) {
      const k = this.list.indexOf(panel);
      const { layer } = panel.state;
      if (this.find(name, layer)) panels.enter(this.views, k, name, layer);
      else if (panel === active) panels.enter(this.views, k, name, '');
      else this.drop(panel);
    }
    this.match();
    this.settle();
  }

  // One more panel, which gets active.
  beside(scene: string, layer: string): void {
    if (!panels.add(this.views, scene, layer)) {
      return this.complain(`${panels.MOST} panels are the most; remove one first.`);
    }
    this.host.complain('');
    this.match();
    this.settle();
    this.tellPanels(`${layer} is shown beside`);
  }

  remove(panel: Panel): void {
    if (!this.drop(panel)) return;
    this.match();
    this.settle();
    this.tellMap();
    this.tellPanels(`${panel.state.layer} is taken away`);
  }

  // For a screen reader, and the keyboard goes to the active panel.
  private tellPanels(what: string): void {
    this.host.other();
    this.active.parts.stage.focus({ preventScroll: true });
    const { length } = this.list;
    say(`${what}; ${length} ${length === 1 ? 'panel' : 'panels'}`);
  }

  // Beside the others, or away from there.
  toggle(scene: string, layer: string): void {
    const shown = this.list.find((each) => each.name === `${scene}/${layer}`);
    if (shown && this.list.length > 1) this.remove(shown);
    else if (!shown) this.beside(scene, layer);
  }

  // Another map in the active panel.
  swap(scene: string, layer: string): void {
    this.host.complain('');
    panels.enter(this.views, this.views.active, scene, layer);
    panels.tidied(this.views);
    this.settle();
  }

  private drop(panel: Panel): boolean {
    const k = this.list.indexOf(panel);
    if (!panels.remove(this.views, k)) return false;
    this.list.splice(k, 1);
    panel.close();
    return true;
  }

  // Opens the scenes and the layers that the states name, or the first ones and says so.
  settle(): void {
    const first = this.scenes?.[0];
    if (!this.scenes) return this.redraw(ALL); // nothing is known yet
    if (!first) {
      for (const panel of this.list) panel.model.scene = panel.model.map = null;
      const things = 'a picture or a feature map';
      const how = this.uploads ? `drop ${things} here` : `start it with ${things}`;
      this.host.say(`This server has no scenes yet: ${how}.`);
      return this.redraw(ALL);
    }
    for (const panel of this.list.slice()) this.place(panel, first);
    panels.tidied(this.views);
    for (const panel of this.list) {
      const { scene, layer } = panel.state;
      const own = this.scenes.find((each) => each.name === scene);
      const map = this.find(scene, layer);
      if (!own || !map) panel.empty(`The scene “${scene}” has no feature maps.`);
      else if (panel.opens !== panel.name) {
        panel.open(own, map);
        if (panel === this.active) this.host.other();
      }
    }
    this.unders.keep(this.list.map((each) => each.model.scene));
    for (const panel of this.list) {
      panel.knowPin();
      panel.knowMask();
    }
    this.arrange();
    this.want();
    this.host.changed();
    this.redraw(ALL);
  }

  // What the panel's state names is there afterwards, if the scene has a map at all.
  private place(panel: Panel, first: SceneInfo): void {
    const { state } = panel;
    const scene = this.scenes?.find((each) => each.name === state.scene);
    const map = scene?.maps.find((each) => each.name === state.layer);
    if (map) return;
    const k = this.list.indexOf(panel);
    const shown = scene ?? first;
    const lost = state.scene !== '' && !scene;
    const what = lost ? `There is no scene “${state.scene}” on this server`
      : state.layer !== '' ? `The scene “${shown.name}” has no layer “${state.layer}”` : '';
    // A scene whose picture was there before its layers, and had the filter bank until then, stays.
    const alone = scene && scene.maps.length > 0 && this.linked(panel).length === 1;
    if (what !== '' && this.list.length > 1 && !alone) {
      this.host.complain(`${what}; it is left out.`);
      return void this.drop(panel);
    }
    const instead = lost ? `“${shown.name}”` : 'its first one';
    if (what !== '') this.host.complain(`${what}; ${instead} is shown instead.`);
    if (lost) {
      const { colormap, opacity } = state;
      Object.assign(state, defaults(), { colormap, opacity });
    }
    panels.enter(this.views, k, shown.name, shown.maps[0]?.name ?? '');
  }

  // --- to the screen ---

  // A frame of this panel is on the screen from now on.
  private shown(panel: Panel, arrival: Arrival, start: number): void {
    if (panel === this.active) this.screen.draw(this.model, NUMBERS | SCALE, this.views, this.tool);
    this.host.shown(panel, arrival, start);
  }

  arrange(): void {
    this.mark();
    layOut(this.stage, this.list);
    this.want();
    this.redraw(ALL);
  }

  private tellMap(): void {
    const { active } = this;
    if (!active.view.loading) document.documentElement.dataset['map'] = active.opens;
  }

  private mark(): void {
    markPanels(this.list, this.views, this.active);
  }

  redraw(what = ALL): void {
    this.dirty |= what;
    for (const panel of this.list) panel.dirty |= what;
    this.schedule();
  }

  schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      const what = this.dirty | this.active.dirty;
      this.dirty = 0;
      if (what & CHROME) this.mark();
      for (const panel of this.list) panel.flush();
      if (what) this.screen.draw(this.model, what, this.views, this.tool);
    });
  }
}

function sameShape(a: MapInfo | null, b: MapInfo | null): boolean {
  return a !== null && b !== null && a.w === b.w && a.h === b.h && a.d === b.d;
}
