// Wiring only: pointer, keys, theme and panels onto the app.
import type { Point } from '../core/protocol.ts';
import { cellOf, sameCell, toScreen } from '../core/geometry.ts';
import { Actions } from './actions.ts';
import { App } from './app.ts';
import { offerHook } from './hook.ts';
import { startKeys } from './keys.ts';
import { Sheets } from './sheets.ts';
import type { Panel } from './panel.ts';
import { Pointer } from './pointer.ts';
import { startTheme } from './theme.ts';

const actions = new Actions(() => app.page);
const app: App = new App(actions.events(), (panel) => startPointer(panel));
const sheets = new Sheets();
const NEAR = 11; // CSS pixels around the pin in which a click means the pin

function onPin(panel: Panel, at: Point, point: Point): boolean {
  const { state, map } = panel.model;
  const placed = panel.placement();
  if (!state.pin || !placed || !map) return false;
  const [x, y] = toScreen(placed, state.pin);
  const near = Math.hypot(at[0] - x, at[1] - y) <= NEAR;
  return near || sameCell(cellOf(map, point), cellOf(map, state.pin));
}

// A double click zooms: what its two clicks did to the pin is taken back.
let pinBefore: Point | null = null;
let clickedAt = -Infinity;

function startPointer(panel: Panel): void {
  new Pointer(panel.parts.stage, {
    hover: (at, time) => {
      const point = actions.pointAt(panel, at);
      if (point) actions.hover(panel, point, time);
    },
    leave: () => undefined, // the last reference stays
    click: (at) => {
      const now = performance.now();
      if (now - clickedAt > 500) pinBefore = panel.state.pin;
      clickedAt = now;
      const point = actions.pointAt(panel, at);
      if (point) actions.pin(panel, onPin(panel, at, point) ? null : point);
    },
    doubleClick: (at) => {
      actions.pin(panel, pinBefore);
      actions.zoom(2, at, panel);
    },
    hold: () => actions.hold(),
    pan: (dx, dy) => actions.pan(dx, dy, panel),
    zoom: (factor, about) => actions.zoom(factor, about, panel),
  });
}

startKeys({
  move: (di, dj) => actions.move(di, dj),
  pin: () => actions.pinReference(),
  hold: () => actions.hold(),
  zoom: (factor) => actions.zoom(factor),
  fit: () => actions.fit(),
  picture: () => actions.switchPicture(),
  layer: (step) => actions.stepLayer(step),
  help: () => sheets.showHelp(),
  escape: () => app.why.close() || sheets.close() || actions.escape(),
  busy: () => sheets.helping,
});

startTheme(() => app.page.redraw());
offerHook(app, actions);
app.start();
