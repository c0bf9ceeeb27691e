// Exact stills that come in strips: from the picture on the screen and the strips so far to the
// picture that may be shown next. Pure.
import type { Frame, Rows } from './protocol.ts';

export interface Levels {
  w: number;
  h: number;
  bytes: Uint8Array; // one level a pixel
}

// A picture as it is shown: `frame` tells what it is.
export interface Shown {
  frame: Frame;
  levels: Levels | null; // null: nothing can be shown
}

export class Strips {
  private still: Levels | null = null;
  private of = ''; // which still it is
  private came: Uint8Array = new Uint8Array(0); // one byte a row
  private onScreen = false; // the rows that are missing show the picture from before

  // Something newer came: what was collected is worth nothing any more.
  drop(): void {
    this.still = null;
    this.of = '';
  }

  // One more strip over `screen`, the picture on the screen. What is to be shown now; null: nothing
  // yet, as what is on the screen is another picture, over which strips would mix two of them.
  // Throws where the strip has not the size it should have; the rest of the still is dropped then.
  add(frame: Frame, rows: Rows, strip: Levels, screen: Shown | null): Shown | null {
    if (strip.w !== frame.w || strip.h !== rows.y1 - rows.y0) {
      this.drop();
      const belongs = `${frame.w} × ${rows.y1 - rows.y0}`;
      throw new Error(`a strip of ${strip.w} × ${strip.h} where ${belongs} belong`);
    }
    const still = this.begun(frame, screen);
    still.bytes.set(strip.bytes, rows.y0 * still.w);
    this.came.fill(1, rows.y0, rows.y1);
    const complete = rows.last && this.came.every((row) => row === 1);
    const next = { frame: merged(frame, screen, complete), levels: still };
    const show = complete || this.onScreen;
    if (rows.last) this.drop();
    return show ? next : null;
  }

  private begun(frame: Frame, screen: Shown | null): Levels {
    const of = [frame.view, frame.seq, frame.window, frame.w, frame.h].join();
    if (this.still && of === this.of) return this.still;
    this.of = of;
    this.came = new Uint8Array(frame.h);
    const under = samePicture(frame, screen?.frame) ? (screen?.levels ?? null) : null;
    this.onScreen = under !== null;
    const bytes = under ? scaled(under, frame.w, frame.h) : new Uint8Array(frame.w * frame.h);
    this.still = { w: frame.w, h: frame.h, bytes };
    return this.still;
  }
}

function samePicture(a: Frame, b: Frame | undefined): boolean {
  return b !== undefined && a.seq === b.seq && a.window.every((v, k) => v === b.window[k]);
}

// What strips do not repeat is that of the picture they complete.
function merged(frame: Frame, screen: Shown | null, complete: boolean): Frame {
  const before = samePicture(frame, screen?.frame) ? screen?.frame : undefined;
  const [x0, y0, x1, y1] = frame.window;
  const unreduced = frame.w === x1 - x0 && frame.h === y1 - y0;
  return {
    ...frame,
    exact: complete && (frame.exact || unreduced),
    vector: frame.vector ?? before?.vector ?? null,
    hist: frame.hist ?? before?.hist ?? null,
    best: frame.best ?? before?.best ?? null,
  };
}

// A copy at another size, pixels as they are: a lossy picture turns exact row by row.
export function scaled(levels: Levels, w: number, h: number): Uint8Array {
  if (levels.w === w && levels.h === h) return levels.bytes.slice();
  const out = new Uint8Array(w * h);
  const columns = Int32Array.from({ length: w }, (_, x) => Math.floor(((x + 0.5) * levels.w) / w));
  for (let y = 0; y < h; y++) {
    const from = Math.floor(((y + 0.5) * levels.h) / h) * levels.w;
    for (let x = 0; x < w; x++) {
      out[y * w + x] = levels.bytes[from + (columns[x] as number)] as number;
    }
  }
  return out;
}
