// What the tests of what stands around the picture look at: a scene of signed values under a picture,
// with one cell that has no data, and spectra of 2400 bands; and what they share.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { alsoServe, drawn, open as openAt, page } from "./fixture.mjs";
import { PATIENCE } from "./look.mjs";
import { Truth, centre, npy, root } from "./lib.mjs";
import { png } from "./strips.mjs";

const { decode, encode } = createRequire(join(root, "client/web/package.json"))("@msgpack/msgpack");

export const HOLE = [2, 1];
export const map = { name: "signed", w: 24, h: 16, d: 48, extent: [0, 0, 240, 160] };
const deep = { name: "spectra", w: 8, h: 6, d: 2400, extent: [0, 0, 8, 6] };
const dir = mkdtempSync(join(tmpdir(), "farlook-looks-"));
const hole = (i, j) => i === HOLE[0] && j === HOLE[1];
mkdirSync(join(dir, "field"));
writeFileSync(join(dir, "field/picture.png"), png(240, 160, Uint8Array.from({ length: 240 * 160 }, (_, k) => (k * 7) & 255)));
writeFileSync(join(dir, "field/signed.npy"), npy(map.w, map.h, map.d,
  (i, j, k) => (hole(i, j) ? 0 : 2.5 * Math.sin(i / 5 + k) - Math.cos(j / 4 - k / 3) + 0.1 * Math.sin(i * j * (k + 1)))));
copyFileSync(join(dir, "field/signed.npy"), join(dir, "twin.npy")); // a second picture, to compare across
writeFileSync(join(dir, "spectra.npy"), npy(deep.w, deep.h, deep.d,
  (i, j, k) => 1 + Math.sin(k / 300 + i) + 0.5 * Math.exp(-(((k - 300 * j) / 80) ** 2))));
const WAVES = Float32Array.from({ length: deep.d }, (_, k) => 400 + k * 0.875);
process.on("exit", () => rmSync(dir, { recursive: true, force: true }));

export const { url } = await alsoServe(dir);
export const truth = new Truth(url, "field", map);
export const cellA = [6, 9], cellB = [17, 5];

// What a server of the future, or one with other options, would say: the messages go through `change`.
export const between = (change) => (each) => each.routeWebSocket(/\/ws$/, (client) => {
  const behind = client.connectToServer();
  client.onMessage((data) => behind.send(data));
  behind.onMessage((data) => {
    const message = decode(data);
    client.send(change(message) ? Buffer.from(encode(message)) : data);
  });
});
export const uploadable = between((m) => m.t === "welcome" && (m.limits.upload = 100e6));
export const withWaves = between((m) => m.t === "opened" && m.map.d === deep.d &&
  (m.map.axis = { unit: "nm", values: Buffer.from(WAVES.buffer) }));

export const hash = (scene, layer, more = "") => `#v=1&scene=${scene}&layer=${layer}${more}`;
export const pinned = `&ref=${centre(map, cellB)}&pin=${centre(map, cellA)}`;
export const WIDE = { width: 1280, height: 800 };

// Without the first hint, unless one wants it.
export async function open(size, where, options = {}) {
  await openAt(size, where, { base: url, ...options });
  if (!options.first && await page.locator("#first").isVisible()) await page.click("#first-close");
}

// Waits until the page is drawn in the colours that the system wishes from now on.
export async function wears(colorScheme) {
  await page.emulateMedia({ colorScheme });
  await page.waitForFunction((theme) => document.documentElement.dataset.theme === theme, colorScheme);
  await drawn();
}

export const value = (shown) => Number(shown.replaceAll("\u2212", "-").replace(/[°%]/, ""));
export const close = (a, b, what) => assert.ok(Math.abs(a - b) <= 1e-3 * Math.abs(b) + 6e-4, `${what}: ${a}, not ${b}`);
export const pinKnown = () => page.waitForFunction(() => window.farlook.pin()?.vector, null, { timeout: PATIENCE });

export async function vectors() {
  const [b, a] = [await truth.vector(centre(map, cellB)), await truth.vector(centre(map, cellA))];
  return [b.vector, a.vector];
}
