// Which cells of a map have a direction, and how that looks in a picture of a part of it.
import type { Rect } from './protocol.ts';

export interface Mask {
  w: number;
  h: number;
  valid: Uint8Array; // one byte a cell, 0: invalid
}

// One byte a pixel of a frame that shows `window` at w x h pixels: 0 where none of the pixel's
// cells is valid, as the server leaves such pixels at level 0.
export function maskOf(mask: Mask, window: Rect, w: number, h: number): Uint8Array {
  const out = new Uint8Array(w * h);
  const sx = (window[2] - window[0]) / w;
  const sy = (window[3] - window[1]) / h;
  for (let y = 0; y < h; y++) {
    const j0 = Math.floor(window[1] + y * sy);
    const j1 = Math.max(j0 + 1, Math.ceil(window[1] + (y + 1) * sy - 1e-9));
    for (let x = 0; x < w; x++) {
      const i0 = Math.floor(window[0] + x * sx);
      const i1 = Math.max(i0 + 1, Math.ceil(window[0] + (x + 1) * sx - 1e-9));
      out[y * w + x] = anyValid(mask, i0, j0, i1, j1) ? 1 : 0;
    }
  }
  return out;
}

function anyValid(mask: Mask, i0: number, j0: number, i1: number, j1: number): boolean {
  for (let j = j0; j < Math.min(j1, mask.h); j++) {
    for (let i = i0; i < Math.min(i1, mask.w); i++) if (mask.valid[j * mask.w + i]) return true;
  }
  return false;
}
