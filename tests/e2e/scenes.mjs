// Scenes for the tests of several panels: the real layers of one photograph where the shared data is,
// else the demo's; and small ones whose values are known.
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { npy, root } from "./lib.mjs";

const data = process.env.FARLOOK_DATA ? resolve(process.env.FARLOOK_DATA) : resolve(root, "../shared/data");

// Two of these nets saw a picture padded to 432 x 640; the third saw the photograph as it is.
const PADDED = [0, 0, 432, 640];
const LAYERS = [
  { file: "esp.npy", from: "hyd_esp_b2_f16.npy", extent: PADDED },
  { file: "deit.npy", from: "hyd_deit_b6_f32.npy" },
  { file: "rn50.npy", from: "hyd_rn50_conv4x_f32.npy", extent: PADDED },
];

export const folder = mkdtempSync(join(tmpdir(), "farlook-e2e-panels-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

// The folder of the photograph's scene, or null and why.
export function photograph() {
  const photo = join(data, "hyd.jpg");
  const missing = [photo, ...LAYERS.map(({ from }) => join(data, "maps", from))].find((path) => !existsSync(path));
  if (missing) return { path: null, why: `there is no ${missing}; FARLOOK_DATA names another folder` };
  const path = join(folder, "photo");
  mkdirSync(path);
  symlinkSync(photo, join(path, "picture.jpg"));
  for (const { file, from } of LAYERS) symlinkSync(join(data, "maps", from), join(path, file));
  const maps = LAYERS.map(({ file, extent }) => ({ file, extent }));
  writeFileSync(join(path, "scene.json"), JSON.stringify({ picture: "picture.jpg", maps }));
  return { path, why: "" };
}

// Scenes without a picture: two whose vectors have the same length, one with another. A cell's vector
// turns with i + 12 j by steps that differ, so that every cell of `left` has one best match in `right`.
const turn = (i, j, k) => [Math.cos((i + 12 * j) / 40), Math.sin((i + 12 * j) / 40), 0.3][k];
export const SMALL = { w: 12, h: 8, extent: [0, 0, 12, 8] };
export const MATCH = ([i, j]) => [SMALL.w - 1 - i, SMALL.h - 1 - j]; // of a cell of left, in right

export function small() {
  const paths = ["left", "right", "odd"].map((name) => join(folder, `${name}.npy`));
  writeFileSync(paths[0], npy(SMALL.w, SMALL.h, 3, turn));
  writeFileSync(paths[1], npy(SMALL.w, SMALL.h, 3, (i, j, k) => turn(...MATCH([i, j]), k)));
  writeFileSync(paths[2], npy(SMALL.w, SMALL.h, 2, (i, j, k) => 1 + i + j * k));
  return paths;
}

// Two pictures' layers: `near` and `far` have vectors of one length in both, `odd` has not.
export function pair() {
  for (const [second, name] of ["one", "two"].entries()) {
    const path = join(folder, "pair", name);
    mkdirSync(path, { recursive: true });
    const value = second === 0 ? turn : (i, j, k) => turn(...MATCH([i, j]), k);
    writeFileSync(join(path, "near.npy"), npy(SMALL.w, SMALL.h, 3, value));
    writeFileSync(join(path, "far.npy"), npy(SMALL.w, SMALL.h, 4, (i, j, k) => value(i, j, k % 3) * (k + 1)));
    writeFileSync(join(path, "odd.npy"), npy(SMALL.w, SMALL.h, 2 + second, (i, j, k) => 1 + i + j * k));
  }
  return join(folder, "pair");
}

// Scenes with names as people give them, 120 bytes long, and written from the right.
export const LONG = "vit-large-patch16-224.lr=0.0003,wd=0.05,bs=4096,epochs=300,seed=42,aug=rand-m9-mstd0.5-inc1,ema=0.9999,drop-path=0.4,v2";
export const HEBREW = "\u05de\u05e4\u05d4 \u05e8\u05d0\u05e9\u05d5\u05e0\u05d4";

export function named() {
  const path = join(folder, "named");
  for (const [scene, ...maps] of [["short", "block6", "conv4", "layer-12"], [LONG, LONG, "b"], [HEBREW, HEBREW]]) {
    mkdirSync(join(path, scene), { recursive: true });
    for (const map of maps) writeFileSync(join(path, scene, `${map}.npy`), npy(30, 20, 16, (i, j, k) => 1 + Math.sin(i * k + j)));
  }
  // Many channels, of which the last are the strongest, and a single one.
  writeFileSync(join(path, "deep.npy"), npy(6, 4, 2048, (i, j, k) => Math.sin(i * j + k) + (k > 2040 ? k / 8 - 3 * i : 0)));
  writeFileSync(join(path, "one.npy"), npy(6, 4, 1, (i, j) => -1 - i - j));
  return path;
}
