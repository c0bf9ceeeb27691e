// Small scenes with everything a test may ask for, written into a temporary directory. The numbers
// come from a fixed generator: every run has the same ones.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { writeNpy } from "./npy.mjs";
import { encodePng } from "./png.mjs";

// mulberry32: numbers in [0, 1).
export function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// Features that vary slowly over the picture, with some noise; below 0 too where `signed`.
export function features(w, h, d, { seed = 1, signed = true, noise = 0.2 } = {}) {
  const next = random(seed);
  const waves = Array.from({ length: d }, () => [next() * 0.5, next() * 0.5, next() * 6.28]);
  const data = new Float32Array(w * h * d);
  for (let cell = 0; cell < w * h; cell++) {
    const i = cell % w, j = Math.floor(cell / w);
    waves.forEach(([fx, fy, phase], k) => {
      const value = Math.sin(fx * i + fy * j + phase) + noise * (next() - 0.5);
      data[cell * d + k] = signed ? value : Math.max(0, value) + 0.05;
    });
  }
  return { w, h, d, data, extent: [0, 0, w, h] };
}

export const temporary = () => mkdtempSync(join(tmpdir(), "farlook-test-"));
export const remove = (dir) => rmSync(dir, { recursive: true, force: true });

export function save(map, path) {
  writeNpy(path, [map.h, map.w, map.d], map.data);
  return map;
}

export function picture(w, h) {
  const rgb = Buffer.alloc(w * h * 3);
  for (let at = 0; at < w * h; at++) rgb.set([(at % w) * 2, Math.floor(at / w) * 3, (at * 7) & 255], at * 3);
  return encodePng(w, h, rgb);
}

// Cells of small/holes that have no direction: a zero vector, one with a NaN, one with an infinity.
export const HOLES = [[3, 2], [7, 5], [11, 7]];

// A directory of three scenes: `small` (a 96 x 64 picture, layers `holes` and `signed`), `wide`
// and `a b%` (maps alone). {dir, maps}: maps by "scene/layer".
export function scenes() {
  const dir = temporary();
  const small = join(dir, "small");
  mkdirSync(small);
  writeFileSync(join(small, "picture.png"), picture(96, 64));
  const signed = save(features(24, 16, 12, { seed: 7 }), join(small, "signed.npy"));
  const holes = features(12, 8, 5, { seed: 8, signed: false });
  HOLES.forEach(([i, j], kind) => {
    const vector = (j * holes.w + i) * holes.d;
    if (kind === 0) holes.data.fill(0, vector, vector + holes.d);
    else holes.data[vector + kind] = kind === 1 ? NaN : Infinity;
  });
  save(holes, join(small, "holes.npy"));
  signed.extent = holes.extent = [0, 0, 96, 64];
  const wide = save(features(160, 100, 16, { seed: 9, noise: 0.8 }), join(dir, "wide.npy"));
  const odd = save(features(6, 4, 3, { seed: 10 }), join(dir, "a b%.npy"));
  return { dir, maps: { "small/signed": signed, "small/holes": holes, "wide/wide": wide, "a b%/a b%": odd } };
}
