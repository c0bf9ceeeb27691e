// Colour maps and what the page makes of 8-bit levels with them. One source with the server:
// proto/colormaps.json.
import tables from '../../../../proto/colormaps.json';

export const COLORMAPS = Object.keys(tables) as readonly (keyof typeof tables)[];

export function isColormap(name: string): boolean {
  return (COLORMAPS as readonly string[]).includes(name.replace(/_r$/, ''));
}

const made = new Map<string, Uint8Array>();

// 256 x RGB of a colour map by its wire name; `_r` behind it runs it backwards. Shared: not to be
// written to.
export function colours(name: string): Uint8Array {
  const known = made.get(name);
  if (known) return known;
  const rgb = make(name);
  made.set(name, rgb);
  return rgb;
}

function make(name: string): Uint8Array {
  const reversed = name.endsWith('_r');
  const hex = tables[name.replace(/_r$/, '') as keyof typeof tables] ?? tables.viridis;
  const rgb = new Uint8Array(768);
  for (let level = 0; level < 256; level++) {
    const from = (reversed ? 255 - level : level) * 6;
    for (let c = 0; c < 3; c++) {
      rgb[level * 3 + c] = parseInt(hex.slice(from + c * 2, from + c * 2 + 2), 16);
    }
  }
  return rgb;
}

export function css(rgb: Uint8Array, level: number): string {
  return `rgb(${rgb[level * 3]} ${rgb[level * 3 + 1]} ${rgb[level * 3 + 2]})`;
}

// RGBA of every level: alpha is a = min(1, s' + opacity), so that drawing it over the picture P
// gives C a + P (1 - a). `at`: the s' of every level where that is not level / 255.
export function palette(
  rgb: Uint8Array, opacity: number, at: Float64Array | null = null,
): Uint8ClampedArray {
  const rgba = new Uint8ClampedArray(1024);
  for (let level = 0; level < 256; level++) {
    rgba.set(rgb.subarray(level * 3, level * 3 + 3), level * 4);
    const s = at ? (at[level] as number) : level / 255;
    rgba[level * 4 + 3] = Math.round(255 * Math.min(1, s + opacity));
  }
  return rgba;
}

// Levels -> RGBA pixels; cells that `valid` (one byte each) marks 0 are left transparent.
export function paint(
  levels: Uint8Array, rgba: Uint8ClampedArray, valid: Uint8Array | null, out: Uint8ClampedArray,
): void {
  const from = new Uint32Array(rgba.buffer, rgba.byteOffset, 256);
  const to = new Uint32Array(out.buffer, out.byteOffset, levels.length);
  for (let k = 0; k < levels.length; k++) {
    to[k] = valid && valid[k] === 0 ? 0 : (from[levels[k] as number] as number);
  }
}

// Rec. 601 luma, in place; alpha stays.
export function toGrey(rgba: Uint8ClampedArray): void {
  for (let k = 0; k < rgba.length; k += 4) {
    const r = rgba[k] as number;
    const g = rgba[k + 1] as number;
    const b = rgba[k + 2] as number;
    rgba[k] = rgba[k + 1] = rgba[k + 2] = 0.299 * r + 0.587 * g + 0.114 * b;
  }
}
