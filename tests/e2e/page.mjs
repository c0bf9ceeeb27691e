// The page against the built server, in a real browser: what a person does, and whether what is on
// the screen is what the server computes.
// usage: node tests/e2e/page.mjs PATH_OF_FARLOOK_SERVER DIR_FOR_SCREENSHOTS [PATH_TO_SERVE...]
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { Look, PATIENCE, isAt, isChannel, near, openPage } from "./look.mjs";
import { Strips } from "./strips.mjs";
import { Truth, browserPath, centre, colour, compare, end, launch, npy, proxyUnderPrefix, serve } from "./lib.mjs";

const [binary, shots, ...paths] = process.argv.slice(2);
if (!binary || !shots) {
  console.error("usage: node tests/e2e/page.mjs PATH_OF_FARLOOK_SERVER DIR_FOR_SCREENSHOTS [PATH_TO_SERVE...]");
  process.exit(2);
}

let passed = 0, failed = 0;
let page; // of the test that runs
const complaints = []; // what the browser's console said, over all tests

async function test(name, body) {
  try {
    await body();
    passed += 1;
    console.log(`ok - ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`not ok - ${name}\n${String(error.stack).replace(/^/gm, "    ")}`);
    if (page) await page.screenshot({ path: join(shots, `failed-${failed}.png`) }).catch(() => undefined);
  }
}

function finish() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed > 0 || passed === 0 ? 1 : 0);
}

if (!existsSync(browserPath)) {
  console.log(`SKIPPED the page in a browser: there is no ${browserPath}; CHROMIUM names another`);
  console.log("0 passed, 0 failed, 1 skipped");
  process.exit(0);
}
mkdirSync(shots, { recursive: true });
const program = resolve(binary);
let server = await serve(program, ["--software", "--listen", "127.0.0.1:0", ...paths]);
const { url } = server;
const browser = await launch();

// --- looking at the page ---

async function open(size, hash = "", options = {}) {
  page = await openPage(browser, size, (options.base ?? url) + hash, options, complaints);
  return page;
}
const look = new Look(() => page);
const { frame, state, at, text, shows, pixels, pixelSum, opacity } = look.functions();
const hover = async (point) => page.mouse.move(...await at(point));

async function hoverCell(cell) {
  await hover(centre(map, cell));
  return shows(isAt(cell));
}

// Cells all over the map whose middle lies in the picture, `step` apart.
function someCells(step = 37) {
  const cells = [];
  for (let k = 0; k < map.w * map.h; k += step) cells.push([k % map.w, Math.floor(k / map.w)]);
  return cells.filter((cell) => {
    const [x, y] = centre(map, cell);
    return x < world[0] - 1 && y < world[1] - 1 && x > 1 && y > 1;
  });
}

// Whether levels of a frame are round(255 s') of `values` to within one.
function checkLevels({ lo, hi, picture }, values) {
  for (const [i, j] of someCells()) {
    const value = values[j * map.w + i];
    if (Number.isNaN(value)) continue;
    const level = Math.round(255 * Math.max(0, Math.min(1, (value - lo) / (hi - lo))));
    const got = picture.levels[j * map.w + i];
    assert.ok(Math.abs(got - level) <= 1, `cell ${i}, ${j}: level ${got} where ${level} belongs`);
  }
}

// --- the tests ---

const catalogue = await (await fetch(`${url}api/v1/scenes`)).json();
const scene = catalogue.scenes.find((each) => each.picture && each.maps.length > 1) ?? catalogue.scenes[0];
const map = scene.maps[0];
const world = scene.picture;
const truth = new Truth(url, scene.name, map);
const link = (more = "") => `#v=1&scene=${encodeURIComponent(scene.name)}&layer=${encodeURIComponent(map.name)}${more}`;
const cellA = [Math.floor(map.w * 0.3), Math.floor(map.h * 0.6)];
const cellB = [Math.floor(map.w * 0.7), Math.floor(map.h * 0.35)];

await test("the page opens the first scene and says that it is connected and exact", async () => {
  await open({ width: 1280, height: 800 });
  assert.equal(await page.evaluate(() => document.documentElement.dataset.state), "connected");
  assert.equal(await text("#link-text"), "connected · exact");
  assert.match(await text("#gpu"), /in software$/);
  const { scene: name, layer } = await state();
  assert.deepEqual([name, layer], [catalogue.scenes[0].name, catalogue.scenes[0].maps[0].name]);
  await page.context().close();
  await open({ width: 1280, height: 800 }, link());
});

await test("hovering shows the similarity to the cell under the pointer, as the server computes it", async () => {
  await opacity(1);
  await hoverCell(cellA);
  const shown = await hoverCell(cellB);
  const { picture } = shown;
  assert.deepEqual([picture.w, picture.h], [map.w, map.h]);
  checkLevels(shown, await truth.values(`ref=${centre(map, cellB)}`));
  const cells = someCells();
  const drawn = await pixels(cells.map((each) => centre(map, each)));
  cells.forEach(([i, j], k) => near(drawn[k], colour("viridis", picture.levels[j * map.w + i]), 1, `cell ${i}, ${j}`));
  near((await pixels([centre(map, cellB)]))[0], colour("viridis", 255), 1, "the reference");
});

await test("the vector beside it is the file's, its numbers stand in the read-out", async () => {
  const { vector, cell } = await truth.vector(centre(map, cellB));
  assert.deepEqual(cell, cellB);
  assert.deepEqual(await page.evaluate(() => window.farlook.vector()), vector.map(Math.fround));
  assert.equal(await text("#r-cell"), cellB.join(", "));
  assert.equal(await text("#r-s"), "1.0000");
  assert.match(await text("#bars-title"), new RegExp(`${map.d} channels`));
});

await test("a hundred moves at once end at the last one", async () => {
  const [from, to] = [await at(centre(map, cellA)), await at(centre(map, cellB))];
  await page.mouse.move(...from);
  await page.mouse.move(...to, { steps: 100 });
  await shows(isAt(cellB));
  const first = (await frame()).frame;
  await page.waitForTimeout(600);
  assert.ok((await frame()).frame <= first + 1, "nothing is sent at rest");
});

await test("leaving the picture keeps the last reference", async () => {
  const box = await page.locator(".panel.active .stage").boundingBox();
  await page.mouse.move(box.x + box.width + 60, box.y + 5);
  await page.waitForTimeout(200);
  assert.deepEqual((await frame()).cell, cellB);
  assert.equal(await page.locator(".panel.active .ring").first().isVisible(), true);
});

await test("the slider moves by the keyboard and uncovers the picture", async () => {
  await opacity(0);
  const cells = someCells();
  const uncovered = await pixels(cells.map((each) => centre(map, each)));
  await page.locator("#opacity").focus();
  for (let k = 0; k < 20; k++) await page.keyboard.press("ArrowUp");
  assert.ok((await state()).opacity >= 0.19);
  await page.waitForTimeout(100);
  assert.notDeepEqual(await pixels(cells.map((each) => centre(map, each))), uncovered);
});

await test("where nothing is similar and opacity is 0 the grey, then the colour picture is seen", async () => {
  await opacity(0);
  const { picture } = await frame();
  const lowest = someCells(1).filter(([i, j]) => picture.levels[j * map.w + i] <= 2).slice(0, 40);
  assert.ok(lowest.length > 0, "some cell has the lowest level");
  const points = lowest.map((each) => centre(map, each));
  const grey = await pixels(points);
  for (const [r, g, b] of grey) assert.ok(Math.max(r, g, b) - Math.min(r, g, b) <= 3, `${[r, g, b]} is not grey`);
  await page.click("#picture-colour");
  await page.waitForTimeout(200);
  const tinted = await pixels(points);
  assert.equal(await page.getAttribute("#picture-colour", "aria-pressed"), "true");
  const luma = ([r, g, b]) => 0.299 * r + 0.587 * g + 0.114 * b;
  tinted.forEach((pixel, k) => assert.ok(Math.abs(luma(pixel) - grey[k][0]) <= 4, `${pixel} has not the luma of ${grey[k]}`));
  const seen = await pixels(someCells().map((each) => centre(map, each)));
  assert.ok(seen.some(([r, g, b]) => Math.max(r, g, b) - Math.min(r, g, b) > 12), "there is colour in the picture");
  await page.click("#picture-colour");
  await opacity(0.1);
});

await test("a click pins: its vector stays beside the hovered one and is compared with it", async () => {
  await hoverCell(cellA);
  await page.mouse.down();
  await page.mouse.up();
  await hoverCell(cellB);
  const [a, b] = [await truth.vector(centre(map, cellA)), await truth.vector(centre(map, cellB))];
  const pin = await page.evaluate(() => window.farlook.pin());
  assert.deepEqual(pin, { cell: cellA, vector: a.vector.map(Math.fround) });
  const want = compare(b.vector.map(Math.fround), a.vector.map(Math.fround));
  const got = await page.evaluate(() => window.farlook.numbers());
  for (const key of ["s", "cosine", "norm"]) assert.ok(Math.abs(got[key] - want[key]) < 1e-6, `${key}: ${got[key]}, not ${want[key]}`);
  assert.equal(await text("#r-s"), want.s.toFixed(4).replace("-", "\u2212"));
  assert.equal(await text("#r-what"), `compared with the pin at ${cellA.join(", ")}`);
  assert.equal(await page.locator(".panel.active .pin").isVisible(), true);
  assert.equal(await text("#legend-other"), `pinned ${cellA.join(", ")}`);
  await page.screenshot({ path: join(shots, "page-dark.png") });
});

await test("a drag is not a click, and a click on the pin takes it away", async () => {
  const [x, y] = await at(centre(map, cellB));
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 40, y + 10, { steps: 4 });
  await page.mouse.up();
  assert.deepEqual((await page.evaluate(() => window.farlook.pin())).cell, cellA);
  await hover(centre(map, cellA));
  await page.mouse.down();
  await page.mouse.up();
  await page.locator(".panel.active .pin").waitFor({ state: "hidden", timeout: 2000 });
  assert.equal(await page.evaluate(() => window.farlook.pin()), null);
});

await test("H holds the reference: the heat map stays, the pointer reads exact numbers", async () => {
  const before = await hoverCell(cellA);
  await page.keyboard.press("h");
  await hover(centre(map, cellB));
  await page.waitForFunction((cell) => window.farlook.numbers().cell?.join() === cell, cellB.join(), { timeout: PATIENCE });
  const now = await frame();
  assert.deepEqual(now.cell, cellA);
  assert.deepEqual(now.picture.levels, before.picture.levels);
  const want = compare((await truth.vector(centre(map, cellB))).vector, (await truth.vector(centre(map, cellA))).vector);
  const got = await page.evaluate(() => window.farlook.numbers());
  assert.ok(Math.abs(got.s - want.s) < 1e-6, `${got.s}, not ${want.s}`);
  assert.equal(await text("#r-what"), `compared with the held reference ${cellA.join(", ")}`);
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.querySelector("#legend-other").textContent === "", null, { timeout: 2000 });
});

await test("arrow keys move the reference by a cell, with Shift by ten", async () => {
  await hoverCell(cellB);
  await page.locator(".panel.active .stage").focus();
  await page.keyboard.press("ArrowLeft");
  await shows(isAt([cellB[0] - 1, cellB[1]]));
  await page.keyboard.press("Shift+ArrowDown");
  await shows(isAt([cellB[0] - 1, Math.min(map.h - 1, cellB[1] + 10)]));
});

await test("hovering a bar shows its channel with its number and value, leaving goes back", async () => {
  const before = await hoverCell(cellB);
  const bars = await page.locator("#bars").boundingBox();
  const channel = Math.floor(map.d * 0.4);
  await page.mouse.move(bars.x + bars.width / 2, bars.y + (bars.height * (channel + 0.5)) / map.d);
  const shown = await shows((f) => f.shows.mode === "channel");
  assert.equal(shown.shows.channel, channel);
  checkLevels(shown, await truth.values(`mode=channel&channel=${channel}`));
  const { vector } = await truth.vector(centre(map, cellB));
  const tip = (await text("#bars-tip")).replace("\u2212", "-");
  const [, number, value] = /^channel (\d+) · (\S+)/.exec(tip) ?? [];
  assert.equal(Number(number), channel);
  assert.ok(Math.abs(Number(value) - vector[channel]) <= 0.002 * Math.abs(vector[channel]) + 0.001, `${value}, not ${vector[channel]}`);
  assert.match(await text(".panel.active .caption"), new RegExp(`channel ${channel}$`));
  await page.mouse.move(...await at(centre(map, cellB)));
  const back = await shows((f) => f.shows.mode === "similarity");
  assert.deepEqual(back.picture.levels, before.picture.levels);
});

await test("a click keeps a channel, Esc goes back; keys reach every channel", async () => {
  await page.locator("#bars").focus();
  await page.keyboard.press("End");
  await shows(isChannel(map.d - 1));
  await page.keyboard.press("ArrowUp");
  await shows(isChannel(map.d - 2));
  await page.keyboard.press("Enter");
  await hover(centre(map, cellA));
  await page.waitForTimeout(300);
  assert.ok(isChannel(map.d - 2)(await frame()));
  assert.equal((await state()).mode, "channel");
  await page.locator(".panel.active .stage").focus();
  await page.keyboard.press("Escape");
  await shows((f) => f.shows.mode === "similarity");
});

await test("zooming shows sharp cells without asking the server, and fits again", async () => {
  await hoverCell(cellB);
  await opacity(1);
  const { frame: number, picture } = await frame();
  const whole = await pixelSum();
  const [x, y] = (await at(centre(map, cellB))).map(Math.round); // wheels come at whole pixels
  const origin = await at([0, 0]), unit = await at([1, 1]);
  const under = [(x - origin[0]) / (unit[0] - origin[0]), (y - origin[1]) / (unit[1] - origin[1])];
  await page.mouse.move(x, y);
  for (let k = 0; k < 4; k++) await page.mouse.wheel(0, -300);
  await page.waitForFunction(() => window.farlook.state().zoom > 8);
  await page.waitForTimeout(150);
  const now = await at(under);
  assert.ok(Math.hypot(now[0] - x, now[1] - y) < 0.5, `the point under the pointer stays there: ${now}, not ${[x, y]}`);
  assert.equal((await frame()).frame, number);
  const [x0, y0, x1, y1] = map.extent;
  const [w, h] = [(x1 - x0) / map.w, (y1 - y0) / map.h];
  for (const [i, j] of [cellB, [cellB[0] + 1, cellB[1]], [cellB[0], cellB[1] + 1]]) {
    const corners = [[0.08, 0.08], [0.92, 0.08], [0.5, 0.5], [0.08, 0.92], [0.92, 0.92]];
    const got = await pixels(corners.map(([fx, fy]) => [x0 + (i + fx) * w, y0 + (j + fy) * h]));
    const want = colour("viridis", picture.levels[j * map.w + i]);
    got.forEach((pixel) => near(pixel, want, 1, `cell ${i}, ${j} is one colour`));
  }
  await page.mouse.down();
  await page.mouse.move(x + 50, y + 30, { steps: 5 });
  await page.mouse.up();
  const moved = await at(under);
  assert.ok(Math.hypot(moved[0] - x - 50, moved[1] - y - 30) < 1, "a drag moves the picture with the pointer");
  assert.equal(await page.evaluate(() => window.farlook.pin()), null);
  await page.screenshot({ path: join(shots, "page-zoom.png") });
  await page.click("#zoom-fit");
  await page.waitForTimeout(150);
  assert.equal(await pixelSum(), whole);
  await page.click("#zoom-in");
  await page.keyboard.press("0");
  assert.equal((await state()).zoom, 1);
});

await test("colour map, stretch and metric are chosen in the lists", async () => {
  await hoverCell(cellB);
  await page.selectOption("#colormap", "magma");
  await page.waitForTimeout(100);
  near((await pixels([centre(map, cellB)]))[0], colour("magma", 255), 1, "the reference in magma");
  await page.click("#reverse");
  await page.waitForTimeout(100);
  near((await pixels([centre(map, cellB)]))[0], colour("magma", 0), 1, "the reference in magma_r");
  await page.click("#reverse");
  await page.selectOption("#colormap", "viridis");
  const { hi } = await frame();
  await page.selectOption("#stretch", "minmax");
  assert.ok(Math.abs((await shows((f) => f.hi > 0.9999)).hi - 1) < 1e-5);
  await page.selectOption("#stretch", "around");
  await shows((f) => Math.abs(f.hi - hi) < 1e-6);
  await page.selectOption("#stretch", "fixed");
  await hoverCell(cellA);
  assert.ok(Math.abs((await frame()).hi - hi) < 1e-6, "a locked scale stays for the next reference");
  await page.selectOption("#stretch", "around");
  await page.selectOption("#metric", "cosine");
  const cosine = await shows((f) => f.shows.metric === "cosine");
  checkLevels(cosine, await truth.values(`ref=${centre(map, cellA)}&metric=cosine`));
  await page.selectOption("#metric", "angular");
  await opacity(0.1);
});

await test("the foot line's number opens a panel that says where the time goes; Esc closes it", async () => {
  const [from, to] = [await at(centre(map, cellA)), await at(centre(map, cellB))];
  await page.mouse.move(...from);
  for (let k = 1; k <= 25; k++) {
    await page.mouse.move(...from.map((v, c) => v + ((to[c] - v) * k) / 25));
    await page.waitForTimeout(25);
  }
  await shows(isAt(cellB));
  await page.locator("#late").focus();
  await page.keyboard.press("Enter");
  await page.locator("#why").waitFor({ timeout: 2000 });
  assert.equal(await page.getAttribute("#late", "aria-expanded"), "true");
  const told = await page.evaluate(() => window.farlook.timings());
  assert.ok(told.frames >= 5 && told.frames <= 60, `${told.frames} frames`);
  const names = await page.locator("#why-rows th").evaluateAll((list) => list.map((th) => th.childNodes[1].textContent));
  assert.deepEqual(names, ["ask", "wait", "render", "read", "encode", "network", "decode", "draw", "total"]);
  const numbers = (await page.locator("#why-rows td").allInnerTexts()).map(Number);
  assert.equal(numbers.length, 18);
  for (const value of numbers) assert.ok(value >= 0, `${numbers}`);
  const medians = numbers.filter((_, k) => k % 2 === 0), p95 = numbers.filter((_, k) => k % 2 === 1);
  medians.forEach((value, k) => assert.ok(p95[k] >= value, `${names[k]}: ${value}, but 95 of 100 below ${p95[k]}`));
  const total = medians.pop();
  const sum = medians.reduce((all, value) => all + value, 0);
  assert.ok(sum > 0.3 * total && sum < 1.5 * total + 5, `the stages have ${sum} ms, the whole ${total}`);
  assert.ok(medians[2] > 0 && medians[6] > 0, "rendering and decoding took time");
  assert.match(await text("#why-words"), /takes (most of the time|the largest share, \d+ %)\.$/);
  assert.ok(Number(await text("#why-rate")) > 1, await text("#why-rate"));
  assert.match(await text("#why-bytes"), /^[\d.]+ k?B$/);
  const bar = await page.locator("#why-bar").boundingBox();
  const parts = await page.locator("#why-bar span").evaluateAll((list) => list.map((part) => part.getBoundingClientRect().width));
  assert.ok(Math.abs(parts.reduce((a, b) => a + b, 0) - bar.width) < 1, `${parts} fill ${bar.width}`);
  assert.equal(parts.indexOf(Math.max(...parts)), medians.indexOf(Math.max(...medians)));
  await page.screenshot({ path: join(shots, "page-why.png") });
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#why").isVisible(), false);
  assert.equal(await page.evaluate(() => document.activeElement.id), "late", "the focus is back where it was");
});

await test("the share link restores everything in a fresh page, to the pixel", async () => {
  const old = page;
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await hoverCell(cellA);
  await page.keyboard.press("p");
  await page.selectOption("#stretch", "percentile");
  await page.selectOption("#colormap", "fire");
  await opacity(0.3);
  await page.click("#picture-colour");
  const layer = scene.maps.at(-1).name;
  await hoverCell(cellB);
  for (let k = 0; k < 3; k++) await page.mouse.wheel(0, -300);
  if (layer !== map.name) await page.keyboard.press("[");
  await page.waitForFunction((name) => document.documentElement.dataset.map?.endsWith(`/${name}`), layer, { timeout: PATIENCE });
  await shows();
  await page.waitForFunction(() => window.farlook.pin()?.vector, null, { timeout: PATIENCE });
  await page.click("#share");
  await page.waitForFunction(() => document.querySelector("#share-word").textContent === "Link copied");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, page.url());
  const [want, pin] = [await state(), await page.evaluate(() => window.farlook.pin())];
  assert.equal(want.layer, layer);
  await open({ width: 1280, height: 800 }, new URL(copied).hash);
  await page.waitForFunction(() => window.farlook.pin()?.vector, null, { timeout: PATIENCE });
  await page.waitForTimeout(400);
  const got = await state();
  assert.ok(Math.abs(got.zoom - want.zoom) < 0.001);
  assert.ok(got.at.every((v, c) => Math.abs(v - want.at[c]) < 0.01));
  const rounded = { zoom: 0, at: 0, channel: 0 }; // a channel that is not shown is not in the link
  assert.deepEqual({ ...got, ...rounded }, { ...want, ...rounded });
  assert.deepEqual(await page.evaluate(() => window.farlook.pin()), pin);
  assert.deepEqual((await frame()).picture.levels, await old.evaluate(() => window.farlook.frame().picture.levels));
  await page.click("#zoom-fit");
  await old.click("#zoom-fit");
  await page.waitForTimeout(200);
  const fitted = await pixelSum();
  await page.context().close();
  page = old;
  assert.equal(await pixelSum(), fitted, "both pages show the same pixels");
  await page.context().close();
});

await test("a link to a scene that is not there says so and shows the first", async () => {
  await open({ width: 1280, height: 800 }, "#v=1&scene=nowhere&layer=x&colormap=jet");
  assert.match(await text("#banner-text"), /“nowhere”.*“.*” is shown instead/);
  assert.equal((await state()).scene, catalogue.scenes[0].name);
  await page.click("#banner-close");
  assert.equal(await page.locator("#banner").isVisible(), false);
  await page.context().close();
});

await test("it works under a path prefix and asks for nothing outside of it", async () => {
  const proxy = await proxyUnderPrefix(url);
  try {
    await open({ width: 1280, height: 800 }, link(), { base: proxy.url });
    await hoverCell(cellA);
    await page.waitForTimeout(300);
    assert.deepEqual(proxy.outside, []);
    await page.context().close();
  } finally {
    proxy.close();
  }
});

await test("an exact still in strips turns the picture exact row by row, and a newer picture cancels it", async () => {
  const strips = new Strips();
  await open({ width: 1280, height: 800 }, link(), { prepare: (each) => strips.between(each) });
  const whole = await hoverCell(cellA);
  assert.deepEqual(whole.picture.levels, strips.exact);
  checkLevels(whole, await truth.values(`ref=${centre(map, cellA)}`));
  assert.equal((await page.evaluate(() => window.farlook.vector())).length, map.d, "the vector came with the first picture");
  assert.equal(await text("#link-text"), "connected · exact");

  strips.most = 2;
  await hover(centre(map, cellB));
  const half = await shows((f) => isAt(cellB)(f) && f.frame % 64 === 2, true);
  assert.equal(half.exact, false);
  const rows = 64 * half.picture.w;
  assert.deepEqual(half.picture.levels, [...strips.exact.slice(0, rows), ...strips.coarse.slice(rows)]);
  assert.notDeepEqual(half.picture.levels, strips.exact);
  assert.equal(await text("#link-text"), "connected · not yet exact");
  const kept = strips.kept;
  strips.release();
  const done = await shows(isAt(cellB));
  assert.deepEqual(done.picture.levels, strips.exact);

  await hover(centre(map, cellA));
  await shows((f) => isAt(cellA)(f) && f.frame % 64 === 2, true);
  const stale = strips.kept;
  assert.ok(kept.length > 0 && stale.length > 0);
  strips.plain = true;
  const { frame: newer, picture } = await hoverCell(cellB);
  strips.kept = stale;
  strips.release();
  await page.waitForTimeout(300);
  const still = await frame();
  assert.deepEqual([still.frame, still.exact, still.cell], [newer, true, cellB]);
  assert.deepEqual(still.picture.levels, picture.levels);
  assert.deepEqual(strips.sent.filter((id) => !strips.acked.has(id)), [], "every strip is acknowledged");
  await page.context().close();
});

await test("a silent server is called unstable after 1.5 s, and what was asked meanwhile comes when it wakes", async () => {
  await open({ width: 1280, height: 800 }, link());
  await hoverCell(cellA);
  const isState = (want) => page.waitForFunction((name) => document.documentElement.dataset.state === name, want, { timeout: 6000 });
  server.child.kill("SIGSTOP");
  try {
    await hover(centre(map, cellB));
    await isState("unstable");
    assert.match(await text("#link-text"), /^unstable: the server has been silent for \d+ s$/);
  } finally {
    server.child.kill("SIGCONT");
  }
  await shows(isAt(cellB));
  await isState("connected");
  await page.context().close();
});

await test("after the server was killed and started again everything is back", async () => {
  await open({ width: 1280, height: 800 }, link());
  await hoverCell(cellA);
  await page.keyboard.press("p");
  await page.selectOption("#stretch", "percentile");
  await opacity(0.4);
  await hoverCell(cellB);
  const { frame, lo, hi, picture } = await shows(isAt(cellB));
  const [want, sum] = [await state(), await pixelSum()];
  const { port } = new URL(url);
  await end(server.child, "SIGKILL");
  await page.waitForFunction(() => document.documentElement.dataset.state === "reconnecting", null, { timeout: 5000 });
  assert.match(await text("#link-text"), /^connection lost · trying again/);
  await page.waitForTimeout(1100);
  await page.screenshot({ path: join(shots, "page-lost.png") });
  server = await serve(program, ["--software", "--listen", `127.0.0.1:${port}`, ...paths]);
  await page.waitForFunction(() => document.documentElement.dataset.state === "connected", null, { timeout: 20000 });
  const back = await shows((f) => f.frame < frame && isAt(cellB)(f));
  assert.deepEqual([back.lo, back.hi], [lo, hi]);
  assert.deepEqual(back.picture.levels, picture.levels);
  assert.deepEqual(await state(), want);
  assert.equal(await pixelSum(), sum);
  assert.deepEqual((await page.evaluate(() => window.farlook.pin())).cell, cellA);
  await hoverCell(cellA);
  complaints.splice(0, complaints.length, ...complaints.filter((each) => !/WebSocket|ERR_CONNECTION/.test(each)));
  await page.context().close();
});

await test("at 360 pixels nothing overflows, a touch moves the reference and pins, the drawer opens", async () => {
  await open({ width: 360, height: 740 }, link(), { hasTouch: true, isMobile: true, deviceScaleFactor: 2 });
  assert.equal(await page.evaluate(() => Math.max(innerWidth, document.documentElement.scrollWidth)), 360);
  await page.touchscreen.tap(...await at(centre(map, cellB)));
  await shows(isAt(cellB));
  assert.deepEqual((await page.evaluate(() => window.farlook.pin())).cell, cellB);
  await page.touchscreen.tap(...await at(centre(map, cellA)));
  await shows(isAt(cellA));
  await page.screenshot({ path: join(shots, "page-narrow.png") });
  await page.locator("#late").tap();
  assert.equal(await page.locator("#why-close").isVisible(), true);
  assert.equal(await page.locator("#why").evaluate((panel) => panel.scrollWidth - panel.clientWidth), 0, "the panel fits");
  await page.screenshot({ path: join(shots, "page-why-narrow.png") });
  await page.locator("#why-close").tap();
  await page.tap("#drawer");
  await page.waitForTimeout(300);
  assert.equal(await page.locator("#bars").isVisible(), true);
  await page.screenshot({ path: join(shots, "page-drawer.png") });
  await page.context().close();
});

await test("both themes and a wide window are drawn", async () => {
  const pins = `&ref=${centre(map, cellB)}&pin=${centre(map, cellA)}`;
  await open({ width: 1280, height: 800 }, link(pins), { colorScheme: "light" });
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector("header")).backgroundColor), "rgb(255, 255, 255)");
  await page.waitForTimeout(300);
  await page.screenshot({ path: join(shots, "page-light.png") });
  await page.click("#theme");
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  await page.context().close();
  await open({ width: 1920, height: 1080 }, link(pins));
  await page.waitForTimeout(300);
  await page.screenshot({ path: join(shots, "page-wide.png") });
  await page.context().close();
});

// --- maps that the demo has not: without a picture, with invalid cells, with a million cells ---

const dir = mkdtempSync(join(tmpdir(), "farlook-e2e-"));
const HOLE = [3, 2];
const small = { w: 8, h: 6, d: 5, extent: [0, 0, 8, 6] };
const large = { w: 1200, h: 1000, d: 2, extent: [0, 0, 1200, 1000] };
const wave = (i, j, k) => (k === 0 ? Math.cos(i / 90) : 1.5 + Math.sin(j / 70));
writeFileSync(join(dir, "holes.npy"), npy(8, 6, 5, (i, j, k) => (i === HOLE[0] && j === HOLE[1] ? 0 : 1 + ((i * 7 + j * 3 + k * 5) % 11))));
writeFileSync(join(dir, "large.npy"), npy(large.w, large.h, large.d, wave));
const second = await serve(program, ["--software", "--listen", "127.0.0.1:0", dir]);

await test("invalid cells are transparent, and where one points at them the page says no data", async () => {
  const hash = `#v=1&scene=holes&ref=${centre(small, [6, 4])}`;
  await open({ width: 1000, height: 700 }, hash, { base: second.url });
  await page.waitForTimeout(400); // the mask comes by itself
  const [hole, beside] = await pixels([centre(small, HOLE), centre(small, [HOLE[0] + 1, HOLE[1]])]);
  assert.deepEqual([hole[3], beside[3]], [0, 255]);
  assert.equal(await page.locator("#opacity").isDisabled(), true, "there is no picture to uncover");
  await hover(centre(small, HOLE));
  const nothing = await shows((f) => f.enc === "none", true);
  assert.deepEqual([nothing.lo, nothing.hi, nothing.picture], [null, null, null]);
  assert.equal(await text("#r-s"), "no data");
  assert.equal(await text("#link-text"), "connected · no data here");
  await page.screenshot({ path: join(shots, "page-holes.png") });
  await hover(centre(small, [1, 1]));
  await shows((f) => f.enc !== "none");
});

await test("another scene is chosen in the list; of a large map only what is looked at is sent", async () => {
  await page.selectOption("#scene", "large");
  const whole = await shows((f) => f.window[2] === large.w && f.enc === "png", true);
  assert.equal(await text("#link-text"), "connected · as fine as the screen");
  assert.ok(whole.picture.w < large.w && whole.picture.w >= 400, `${whole.picture.w} pixels`);
  const point = [300.5, 400.5];
  await hover(point);
  await shows((f) => f.cell?.join() === "300,400", true);
  for (let k = 0; k < 6; k++) await page.mouse.wheel(0, -300);
  const part = await shows((f) => f.window[2] - f.window[0] < large.w / 2 && f.picture.w === f.window[2] - f.window[0]);
  const [x0, y0, x1, y1] = part.window;
  assert.ok(x0 <= 300 && x1 > 300 && y0 <= 400 && y1 > 400, String(part.window));
  const cells = [-6, -3, 0, 4, 8].map((by) => [300 + by, 400 + by]);
  const drawn = await pixels(cells.map(([i, j]) => [i + 0.5, j + 0.5]));
  cells.forEach(([i, j], k) => near(drawn[k], colour("viridis", part.picture.levels[(j - y0) * part.picture.w + i - x0]), 1, `cell ${i}, ${j}`));
  const [x, y] = await at(point);
  const drag = async (dx) => {
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + dx, y, { steps: 6 });
    await page.mouse.up();
  };
  await drag(60);
  await page.waitForTimeout(500);
  assert.deepEqual((await shows()).window, part.window, "a small pan stays in the margin");
  await drag(600);
  await drag(600);
  const moved = await shows((f) => f.window[0] < x0);
  assert.ok(moved.window[2] - moved.window[0] < large.w / 2, String(moved.window));
  await page.click("#zoom-fit");
  await shows((f) => f.window[2] === large.w && f.window[0] === 0, true);
  await page.context().close();
});

await test("the browser had nothing to complain about", () => assert.deepEqual(complaints, []));

page = undefined;
await browser.close();
await test("the servers end with status 0 when asked to", async () => {
  rmSync(dir, { recursive: true, force: true });
  for (const { child } of [server, second]) assert.deepEqual(await end(child, "SIGTERM"), { status: 0, signal: null });
});
finish();
