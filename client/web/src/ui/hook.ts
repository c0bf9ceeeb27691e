// For tests and for the curious: `window.farlook` reads what the page shows, and the root element
// carries data-state (connecting, connected, unstable, reconnecting, ended), data-map ("scene/layer"
// once it is open), data-seq and data-exact of the frame on the screen. Nothing can be set here.
import { comparison, here, other } from '../core/model.ts';
import type { Point } from '../core/protocol.ts';
import type { Actions } from './actions.ts';
import type { App } from './app.ts';
import type { Panel } from './panel.ts';

declare global {
  interface Window {
    farlook?: unknown;
  }
}

// Numbers and levels of the frame in a panel, or null.
function frameOf({ model, picture }: Panel): unknown {
  if (!model.frame) return null;
  const { frame, seq, enc, window, cell, lo, hi, range, exact, best, us } = model.frame;
  const { mode, channel, metric } = model.asked ?? {};
  const shows = { mode, channel, metric };
  const numbers = { frame, seq, enc, window, cell, lo, hi, range, exact, best, us };
  return { ...numbers, shows, picture: picture.copy() };
}

export function offerHook(app: App, actions: Actions): void {
  const { page } = app;
  const panel = (k = page.views.active): Panel | null => page.list[k] ?? null;
  const list = (vector: Float32Array | null | undefined): number[] | null =>
    vector ? Array.from(vector) : null;
  window.farlook = Object.freeze({
    // The states of all panels, as in the fragment, and which of them is active.
    panels: () => structuredClone(page.views),
    // Of panel k from 0, else of the active one: its state, its frame.
    state: (k?: number) => structuredClone(panel(k)?.state ?? null),
    frame: (k?: number) => {
      const one = panel(k);
      return one && frameOf(one);
    },
    // The vector under the pointer (the reference's, or the probed one while it is held).
    vector: () => list(here(page.model).vector),
    // The pin, or null; its vector is null until the server sent it.
    pin: () => {
      const { pin } = page.model;
      return pin && { cell: pin.cell, vector: list(pin.vector) };
    },
    // What the read-out compares with, and its numbers.
    numbers: () => ({
      cell: here(page.model).cell,
      other: other(page.model)?.cell ?? null,
      ...comparison(page.model),
    }),
    // Where the time goes, as in the panel behind the foot line's number, or null.
    timings: () => app.why.summary(),
    // A point of the picture in CSS pixels of the window, or null; in panel k or the active one.
    locate: (x: number, y: number, k?: number): Point | null => {
      const one = panel(k);
      return one && actions.locate(one, [x, y]);
    },
  });
}
