// Wiring only: pointer, keys, theme and panels onto the app.
import type { Point } from '../core/protocol.ts';
import { cellOf, sameCell, toPicture, toScreen } from '../core/geometry.ts';
import type { Present } from '../core/exports.ts';
import { presentOf } from '../core/model.ts';
import { referenceQuery } from '../core/panels.ts';
import { several, toSet } from '../core/state.ts';
import { Actions } from './actions.ts';
import { App } from './app.ts';
import { ExportMenu } from './exportmenu.ts';
import { First } from './first.ts';
import { offerHook } from './hook.ts';
import { keymap } from './keymap.ts';
import { startKeys } from './keys.ts';
import { Sheets } from './sheets.ts';
import type { Panel } from './panel.ts';
import { Pointer, type Modifiers } from './pointer.ts';
import { startTheme } from './theme.ts';
import { Upload } from './upload.ts';

const actions = new Actions(() => app.page);
const app: App = new App(actions.events(), (panel) => {
  startPointer(panel);
  startCrossing(panel);
});
const sheets = new Sheets();
const first = new First();

// What can be exported of the active panel, with the references and the stretch that it has; null:
// nothing is shown.
function present(): Present | null {
  const { model, views } = app.page;
  const shown = presentOf(model);
  const { state } = model;
  if (!shown) return null;
  const { stretch = state.stretch } = toSet(state, null);
  const other = stretch === state.stretch ? {} : { stretch }; // locked for another mode
  if (state.from === '' && !several(state)) return { ...shown, ...other };
  return { ...shown, ...other, refs: referenceQuery(views.list, state) };
}

const exports = new ExportMenu({
  present,
  link: () => app.share.now(),
  complain: (sentence) => app.status.complain(sentence),
});
const uploads = new Upload({
  scenes: () => app.page.model.scenes,
  open: (scene, layer) => app.page.goTo(scene, layer),
});
app.welcomed = ({ limits }) => uploads.allow(limits.upload);
const NEAR = 11; // CSS pixels around the pin in which a click means the pin

function onPin(panel: Panel, at: Point, point: Point): boolean {
  const { state, map } = panel.model;
  const placed = panel.placement();
  if (!state.pin || !placed || !map) return false;
  const [x, y] = toScreen(placed, state.pin);
  const near = Math.hypot(at[0] - x, at[1] - y) <= NEAR;
  return near || sameCell(cellOf(map, point), cellOf(map, state.pin));
}

// Which reference a click adds, if any.
function signOf({ shiftKey, altKey }: Modifiers): 1 | -1 | null {
  const { tool } = app.page;
  if (altKey || (tool === 'take' && !shiftKey)) return -1;
  return shiftKey || tool === 'add' ? 1 : null;
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
    click: (at, keys) => {
      const now = performance.now();
      if (now - clickedAt > 500) pinBefore = panel.state.pin;
      clickedAt = now;
      const point = actions.pointAt(panel, at);
      if (!point) return;
      const sign = signOf(keys);
      if (sign) actions.references.add(panel, point, at, sign);
      else if (app.page.tool === 'point') actions.pin(panel, onPin(panel, at, point) ? null : point);
    },
    doubleClick: (at) => {
      if (app.page.tool !== 'point') return;
      actions.pin(panel, pinBefore);
      actions.zoom(2, at, panel);
    },
    hold: () => actions.hold(),
    pan: (dx, dy) => actions.pan(dx, dy, panel),
    zoom: (factor, about) => actions.zoom(factor, about, panel),
    draws: ({ shiftKey }) => shiftKey || app.page.tool === 'region',
    draw: (from, to) => {
      const placed = panel.placement();
      if (!placed) return;
      actions.references.region(panel, toPicture(placed, from), toPicture(placed, to));
    },
  });
}

// A press with Shift means all panels of the picture.
function startCrossing(panel: Panel): void {
  const { cross, crossAll } = panel.parts;
  const { crossing } = actions;
  cross.addEventListener('click', ({ shiftKey }) => shiftKey ? crossing.all(panel) : crossing.one(panel));
  crossAll.addEventListener('click', () => crossing.all(panel));
}

const parts = {
  help: (): void => {
    first.close();
    sheets.showHelp();
  },
  close: (): boolean => exports.close() || app.why.close() || sheets.close(),
};
startKeys(keymap(actions, parts), () => sheets.helping);
startTheme(() => app.page.redraw());
offerHook(app, actions);
app.start();
