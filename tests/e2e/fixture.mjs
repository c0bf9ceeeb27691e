// What the tests of the page share: the server and the browser, the page that is looked at now, counting.
import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";

import { Look, PATIENCE, isAt, openPage } from "./look.mjs";
import { Truth, browserPath, centre, end, lastWords, launch, serve } from "./lib.mjs";

const entry = basename(process.argv[1], ".mjs"); // page, looks or stories
const [binary, folder, ...paths] = process.argv.slice(2);
if (!binary || !folder) {
  console.error(`usage: node tests/e2e/${entry}.mjs PATH_OF_FARLOOK_SERVER DIR_FOR_SCREENSHOTS [PATH_TO_SERVE...]`);
  process.exit(2);
}
export const shots = folder;

let passed = 0, failed = 0, skipped = 0;
export let page; // of the test that runs
export const complaints = []; // what the browser's console said, over all tests

export async function test(name, body) {
  try {
    await body();
    passed += 1;
    console.log(`ok - ${name}`);
  } catch (error) {
    failed += 1;
    const seen = page ? await looks(page).catch((why) => `the page does not tell: ${why.message}`) : "no page is open";
    console.log(`not ok - ${name}\n${[seen, String(error.stack), lastWords()].join("\n").replace(/^/gm, "    ")}`);
    if (page) await page.screenshot({ path: join(shots, `failed-${entry}-${failed}.png`) }).catch(() => undefined);
  }
}

// What can be known of a page afterwards.
async function looks(one) {
  const shown = await one.evaluate(() => {
    const words = (selector) => [...document.querySelectorAll(selector)].map((each) => each.textContent).filter(Boolean);
    return { ...document.documentElement.dataset, hash: location.hash, panels: words(".panel .caption"), banner: words("#banner-text"), veils: words(".veil-text, #veil-text"), foot: words("#link-text") };
  });
  return `the page: ${JSON.stringify(shown)}; its console: ${JSON.stringify(complaints)}`;
}

export function skip(name, why) {
  skipped += 1;
  console.log(`SKIPPED ${name}: ${why}`);
}

export function finish() {
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  process.exit(failed > 0 || passed === 0 ? 1 : 0);
}

if (!existsSync(browserPath)) {
  console.log(`SKIPPED the page in a browser: there is no ${browserPath}; CHROMIUM names another`);
  console.log("0 passed, 0 failed, 1 skipped");
  process.exit(0);
}
mkdirSync(shots, { recursive: true });
export const program = resolve(binary);
export const start = (...more) => serve(program, ["--software", "--listen", ...more]);

let server = await start("127.0.0.1:0", ...paths);
export const { url } = server;
export const browser = await launch();
const others = [];

// One more server, of other files; it ends with the others.
export async function alsoServe(...more) {
  const one = await start("127.0.0.1:0", ...more);
  others.push(one);
  return one;
}

export const signal = (name) => server.child.kill(name);
export const kill = () => end(server.child, "SIGKILL");
export async function restart() {
  server = await start(`127.0.0.1:${new URL(url).port}`, ...paths);
}

export async function endAll() {
  page = undefined;
  await browser.close();
  for (const { child } of [server, ...others]) assert.deepEqual(await end(child, "SIGTERM"), { status: 0, signal: null });
}

// --- looking at the page ---

export async function open(size, hash = "", options = {}) {
  page = await openPage(browser, size, (options.base ?? url) + hash, options, complaints);
  return page;
}
// The address once it rests: it follows a while after the last change.
export async function address(fits) {
  let hash = "", since = 0;
  for (const start = performance.now(); !fits(hash) || performance.now() - since < 1000;) {
    assert.ok(performance.now() - start < PATIENCE, `the address is ${hash}`);
    await page.waitForTimeout(50);
    const now = await page.evaluate(() => location.hash);
    if (now !== hash) [hash, since] = [now, performance.now()];
  }
  return hash;
}
export const use = (other) => { page = other; };

const look = new Look(() => page);
export const { frame, state, at, text, shows, pixels, pixelSum, opacity, drawn } = look.functions();
export const hover = async (point, panel) => page.mouse.move(...await at(point, panel));

export async function hoverCell(cell) {
  await hover(centre(map, cell));
  return shows(isAt(cell));
}

// --- what the first server serves ---

export const catalogue = await (await fetch(`${url}api/v1/scenes`)).json();
export const scene = catalogue.scenes.find((each) => each.picture && each.maps.length > 1) ?? catalogue.scenes[0];
export const map = scene.maps[0];
export const world = scene.picture;
export const truth = new Truth(url, scene.name, map);
export const link = (more = "") => `#v=1&scene=${encodeURIComponent(scene.name)}&layer=${encodeURIComponent(map.name)}${more}`;
export const cellA = [Math.floor(map.w * 0.3), Math.floor(map.h * 0.6)];
export const cellB = [Math.floor(map.w * 0.7), Math.floor(map.h * 0.35)];

// Cells all over the map whose middle lies in the picture, `step` apart.
export function someCells(step = 37) {
  const cells = [];
  for (let k = 0; k < map.w * map.h; k += step) cells.push([k % map.w, Math.floor(k / map.w)]);
  return cells.filter((cell) => {
    const [x, y] = centre(map, cell);
    return x < world[0] - 1 && y < world[1] - 1 && x > 1 && y > 1;
  });
}

// Whether levels of a frame are round(255 s') of `values` to within one.
export function checkLevels({ lo, hi, picture }, values) {
  for (const [i, j] of someCells()) {
    const value = values[j * map.w + i];
    if (Number.isNaN(value)) continue;
    const level = Math.round(255 * Math.max(0, Math.min(1, (value - lo) / (hi - lo))));
    const got = picture.levels[j * map.w + i];
    assert.ok(Math.abs(got - level) <= 1, `cell ${i}, ${j}: level ${got} where ${level} belongs`);
  }
}
