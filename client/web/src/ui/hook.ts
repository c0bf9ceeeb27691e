// For tests and for the curious: `window.farlook` reads what the page shows, and the root element
// carries data-state (connecting, connected, unstable, reconnecting, ended), data-map ("scene/layer"
// once it is open), data-seq and data-exact of the frame on the screen. Nothing can be set here.
import { comparison, here, other } from '../core/model.ts';
import type { Actions } from './actions.ts';
import type { App } from './app.ts';

declare global {
  interface Window {
    farlook?: unknown;
  }
}

export function offerHook(app: App, actions: Actions): void {
  const { model } = app;
  const list = (vector: Float32Array | null | undefined): number[] | null =>
    vector ? Array.from(vector) : null;
  window.farlook = Object.freeze({
    // The view state, as in the fragment.
    state: () => structuredClone(model.state),
    // Numbers and levels of the frame on the screen, or null.
    frame: () => {
      if (!model.frame) return null;
      const { frame, seq, enc, window, cell, lo, hi, range, exact, best, us } = model.frame;
      const { mode, channel, metric } = model.asked ?? {};
      const shows = { mode, channel, metric };
      const picture = app.screen.picture.copy();
      return { frame, seq, enc, window, cell, lo, hi, range, exact, best, us, shows, picture };
    },
    // The vector under the pointer (the reference's, or the probed one while it is held).
    vector: () => list(here(model).vector),
    // The pin, or null; its vector is null until the server sent it.
    pin: () => model.pin && { cell: model.pin.cell, vector: list(model.pin.vector) },
    // What the read-out compares with, and its numbers.
    numbers: () => ({
      cell: here(model).cell,
      other: other(model)?.cell ?? null,
      ...comparison(model),
    }),
    // Where the time goes, as in the panel behind the foot line's number, or null.
    timings: () => app.why.summary(),
    // A point of the picture in CSS pixels of the window, or null.
    locate: (x: number, y: number) => actions.locate([x, y]),
  });
}
