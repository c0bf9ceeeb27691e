// Wiring only: pointer, keys, theme and panels onto the app.
import type { Point } from '../core/protocol.ts';
import { cellOf, sameCell, toScreen } from '../core/geometry.ts';
import { presentOf } from '../core/model.ts';
import { Actions } from './actions.ts';
import { App } from './app.ts';
import { ExportMenu } from './exportmenu.ts';
import { First } from './first.ts';
import { offerHook } from './hook.ts';
import { startKeys } from './keys.ts';
import { Panels } from './panels.ts';
import { Pointer } from './pointer.ts';
import { startTheme } from './theme.ts';
import { Upload } from './upload.ts';

let actions!: Actions;
const app = new App((each) => (actions = new Actions(each)).events());
const panels = new Panels();
const first = new First();
const exports = new ExportMenu({
  present: () => presentOf(app.model),
  link: () => app.share.now(),
  complain: (sentence) => app.status.complain(sentence),
});
const uploads = new Upload({
  scenes: () => app.model.scenes,
  open: (scene, layer) => app.goTo(scene, layer),
});
app.welcomed = ({ limits }) => uploads.allow(limits.upload);
const NEAR = 11; // CSS pixels around the pin in which a click means the pin

function onPin(at: Point, point: Point): boolean {
  const { state, map } = app.model;
  const placed = app.screen.placement();
  if (!state.pin || !placed || !map) return false;
  const [x, y] = toScreen(placed, state.pin);
  const near = Math.hypot(at[0] - x, at[1] - y) <= NEAR;
  return near || sameCell(cellOf(map, point), cellOf(map, state.pin));
}

// A double click zooms: what its two clicks did to the pin is taken back.
let pinBefore: Point | null = null;
let clickedAt = -Infinity;

new Pointer(app.screen.stage, {
  hover: (at, time) => {
    const point = actions.pointAt(at);
    if (point) actions.hover(point, time);
  },
  leave: () => undefined, // the last reference stays
  click: (at) => {
    const now = performance.now();
    if (now - clickedAt > 500) pinBefore = app.model.state.pin;
    clickedAt = now;
    const point = actions.pointAt(at);
    if (point) actions.pin(onPin(at, point) ? null : point);
  },
  doubleClick: (at) => {
    actions.pin(pinBefore);
    actions.zoom(2, at);
  },
  hold: () => actions.hold(),
  pan: (dx, dy) => actions.pan(dx, dy),
  zoom: (factor, about) => actions.zoom(factor, about),
});

startKeys({
  move: (di, dj) => actions.move(di, dj),
  pin: () => actions.pinReference(),
  hold: () => actions.hold(),
  zoom: (factor) => actions.zoom(factor),
  fit: () => actions.fit(),
  picture: () => actions.switchPicture(),
  layer: (step) => actions.stepLayer(step),
  help: () => {
    first.close();
    panels.showHelp();
  },
  escape: () => exports.close() || app.why.close() || panels.close() || actions.escape(),
  busy: () => panels.helping,
});

startTheme(() => app.redraw());
offerHook(app, actions);
app.start();
