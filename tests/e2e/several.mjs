// Several references, a rectangle, and the reference of another picture.
import assert from "node:assert/strict";
import { join } from "node:path";

import {
  address, alsoServe, at, cellA, cellB, checkLevels, drawn, frame, hover, hoverCell, link, map, open, page, scene, shots,
  shows, skip, state, test, text, truth, url,
} from "./fixture.mjs";
import { PATIENCE } from "./look.mjs";
import { centre } from "./lib.mjs";
import { MATCH, SMALL, pair, small } from "./scenes.mjs";

const WIDE = { width: 1280, height: 800 };
const A = centre(map, cellA), B = centre(map, cellB);
const C = centre(map, [cellB[0], cellA[1]]);
const mapUrl = `${url}api/v1/scenes/${encodeURIComponent(scene.name)}/maps/${encodeURIComponent(map.name)}/`;
const able = (await fetch(`${mapUrl}frame.npy?refs=${A},1,${B},1`)).status !== 501;

const testAble = able ? test : (name) => skip(name, "this server compares with one reference of the same map");

async function clickWith(key, point) {
  await hover(point);
  await page.keyboard.down(key);
  await page.mouse.down();
  await page.mouse.up();
  await page.keyboard.up(key);
}
const refs = async () => (await state()).refs.map(([x, y, sign]) => [Math.round(x), Math.round(y), sign]);
const whole = (points) => points.map(([x, y, sign]) => [Math.round(x), Math.round(y), sign]);
const marks = (kind) => page.locator(`.panel.active .ref${kind}`).count();
const many = (values) => shows((f) => f.cell === null && f.enc !== "none").then((f) => checkLevels(f, values));

await test("Shift and a click add references, Alt a negative one; Esc goes back to the pointer", async () => {
  await open(WIDE, link());
  await hoverCell(cellA);
  await clickWith("Alt", A);
  assert.match(await text("#banner-text"), /needs a positive one first/);
  await clickWith("Shift", A);
  await clickWith("Shift", B);
  await clickWith("Alt", C);
  const want = [[...A, 1], [...B, 1], [...C, -1]];
  assert.deepEqual(await refs(), whole(want));
  await drawn();
  assert.deepEqual([await marks(":not(.negative)"), await marks(".negative")], [2, 1]);
  assert.equal(await page.evaluate(() => window.farlook.pin()), null, "they do not pin");
  if (able) await many(await truth.values(`refs=${want.flat()}`));
  else await page.waitForFunction(() => document.querySelector(".panel .veil-text").textContent.endsWith("."), null, { timeout: PATIENCE });
  await page.screenshot({ path: join(shots, "several-refs.png") });
  await clickWith("Shift", B);
  assert.deepEqual(await refs(), whole([want[0], want[2]]), "a second click takes it away");
  await page.keyboard.press("Escape");
  assert.deepEqual(await refs(), []);
  const shown = await hoverCell(cellB);
  checkLevels(shown, await truth.values(`ref=${B}`));
  assert.equal(await page.locator(".panel .veil").isVisible(), false);
});

await testAble("with several references the heat map stays and the pointer reads numbers", async () => {
  await clickWith("Shift", A);
  await clickWith("Shift", B);
  await shows((f) => f.cell === null && f.enc !== "none");
  const before = await frame();
  await hover(C);
  const cell = [cellB[0], cellA[1]];
  await page.waitForFunction((want) => window.farlook.numbers().cell?.join() === want, cell.join(), { timeout: PATIENCE });
  assert.equal((await frame()).frame, before.frame);
  const values = await truth.values(`refs=${A},1,${B},1`);
  await drawn();
  const { s } = await page.evaluate(() => window.farlook.numbers());
  assert.ok(Math.abs(s - values[cell[1] * map.w + cell[0]]) < 2e-6, `${s}, not ${values[cell[1] * map.w + cell[0]]}`);
  assert.equal(await text("#r-what"), "compared with 2 references");
  await page.click("#refs-clear");
  assert.deepEqual(await refs(), []);
});

await test("the buttons do the same without keys", async () => {
  await page.click("#tool-add");
  await drawn();
  assert.equal(await page.getAttribute("#tool-add", "aria-pressed"), "true");
  for (const point of [A, B]) {
    await hover(point);
    await page.mouse.down();
    await page.mouse.up();
  }
  await page.click("#tool-take");
  await hover(C);
  await page.mouse.down();
  await page.mouse.up();
  assert.deepEqual(await refs(), whole([[...A, 1], [...B, 1], [...C, -1]]));
  await page.click("#refs-clear");
  await drawn();
  assert.deepEqual([await refs(), await page.getAttribute("#tool-take", "aria-pressed")], [[], "false"]);
});

await testAble("the keyboard alone adds references and draws a rectangle: the tool, then Enter on the picture", async () => {
  const stage = page.locator(".panel.active .stage");
  const tool = async (id) => {
    await page.locator(id).focus();
    await page.keyboard.press("Enter");
    await stage.focus();
  };
  await hoverCell(cellA);
  await page.mouse.move(2, 2);
  await tool("#tool-add");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Enter");
  const next = centre(map, [cellA[0] + 10, cellA[1]]);
  assert.deepEqual(await refs(), whole([[...A, 1], [...next, 1]]));
  assert.equal(await page.evaluate(() => window.farlook.pin()), null, "Enter does not pin then");
  await tool("#tool-take");
  await page.keyboard.press("Shift+ArrowUp");
  await page.keyboard.press("Enter");
  const last = centre(map, [cellA[0] + 10, cellA[1] - 10]);
  assert.deepEqual(await refs(), whole([[...A, 1], [...next, 1], [...last, -1]]));
  await page.keyboard.press("Escape");
  await hoverCell(cellA);
  await tool("#tool-region");
  await page.keyboard.press("Enter");
  for (const key of ["Shift+ArrowRight", "ArrowDown", "ArrowDown", "Enter"]) await page.keyboard.press(key);
  const corner = centre(map, [cellA[0] + 10, cellA[1] + 2]);
  const { region } = await state();
  [...A, ...corner].forEach((v, k) => assert.ok(Math.abs(region[k] - v) < 0.02, `${region}`));
  await many(await truth.values(`region=${region}`));
  await page.keyboard.press("Escape");
  assert.equal((await state()).region, null);
});

await test("Shift and a drag draw a rectangle, whose mean is the reference", async () => {
  const [from, to] = [await at(A), await at(B)];
  await page.mouse.move(...from);
  await page.keyboard.down("Shift");
  await page.mouse.down();
  await page.mouse.move(...to, { steps: 5 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
  const { region, zoom, pin } = await state();
  const want = [Math.min(A[0], B[0]), Math.min(A[1], B[1]), Math.max(A[0], B[0]), Math.max(A[1], B[1])];
  region.forEach((v, k) => assert.ok(Math.abs(v - want[k]) < 3, `${region}, not ${want}`));
  assert.deepEqual([zoom, pin], [1, null]);
  await drawn();
  const box = await page.locator(".panel.active .region").boundingBox();
  const [x0, y0] = await at([region[0], region[1]]), [x1, y1] = await at([region[2], region[3]]);
  for (const [got, must] of [[box.x, x0], [box.y, y0], [box.x + box.width, x1], [box.y + box.height, y1]]) assert.ok(Math.abs(got - must) <= 1.5, `${got}, not ${must}`);
  if (able) await many(await truth.values(`region=${region}`));
  await page.screenshot({ path: join(shots, "several-region.png") });
  const hash = await address((now) => now.includes("region="));
  await page.keyboard.press("Escape");
  assert.equal((await state()).region, null);
  await page.context().close();
  await open(WIDE, able ? hash : link());
  assert.deepEqual((await state()).region, able ? region : null, "the link has it");
  await page.context().close();
});

// --- another picture's reference ---

const second = await alsoServe(...small(), pair());
const cross = (a, b) => `#v=1&scene=${a}&layer=${a}&scene.2=${b}&layer.2=${b}`;
const button = (k) => page.locator(".panel").nth(k).locator(".cross");

await test("panels of two pictures have their own references", async () => {
  await open(WIDE, cross("left", "right"), { base: second.url });
  const isCell = (cell) => (f) => f.cell?.join() === cell.join();
  await hover(centre(SMALL, [2, 3]), 0);
  await shows(isCell([2, 3]), false, 0);
  await hover(centre(SMALL, [9, 1]), 1);
  await shows(isCell([9, 1]), false, 1);
  assert.deepEqual((await frame(0)).cell, [2, 3]);
});

await testAble("the reference in one picture, the heat map on the other, the best match marked", async () => {
  await button(1).click();
  await drawn();
  assert.equal(await button(1).getAttribute("aria-pressed"), "true");
  for (const cell of [[2, 3], [10, 6], [5, 0]]) {
    const point = centre(SMALL, cell);
    await hover(point, 0);
    const best = MATCH(cell);
    const shown = await shows((f) => f.best?.join() === best.join(), false, 1);
    const answer = await fetch(`${second.url}api/v1/scenes/right/maps/right/frame.npy?ref=${point}&from=left/left`);
    assert.equal(answer.status, 200);
    const bytes = Buffer.from(await answer.arrayBuffer());
    const start = 10 + bytes.readUInt16LE(8);
    const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length));
    values.forEach((value, n) => {
      const level = Math.round(255 * Math.max(0, Math.min(1, (value - shown.lo) / (shown.hi - shown.lo))));
      assert.ok(Math.abs(shown.picture.levels[n] - level) <= 1, `cell ${n}: ${shown.picture.levels[n]}, not ${level}`);
    });
    assert.equal(values.indexOf(Math.max(...values)), best[1] * SMALL.w + best[0], "it is the best one");
    await drawn();
    const mark = await page.locator(".panel").nth(1).locator(".best").boundingBox();
    const [x, y] = await at(centre(SMALL, best), 1);
    assert.ok(Math.hypot(mark.x + mark.width / 2 - x, mark.y + mark.height / 2 - y) < 1.5, "the mark lies there");
  }
  assert.equal(await page.locator(".panel").nth(1).locator(".stage > .ring").first().isVisible(), false);
  await page.screenshot({ path: join(shots, "several-cross.png") });
  const probed = [4, 4];
  await hover(centre(SMALL, probed), 1);
  await page.waitForFunction((want) => window.farlook.numbers().cell?.join() === want, probed.join(), { timeout: PATIENCE });
  await drawn();
  assert.equal(await text("#r-what"), "compared with the reference in left");
  assert.deepEqual((await frame(1)).best, MATCH([5, 0]), "the reference stays where it is");
  await page.waitForFunction(() => location.hash.includes("from.2=left%2Fleft"), null, { timeout: PATIENCE });
  await button(1).click();
  await shows((f) => f.cell !== null, false, 1);
});

await test("vectors of another length are refused in words, in that panel alone", async () => {
  await page.context().close();
  await open(WIDE, cross("left", "odd"), { base: second.url });
  await button(1).click();
  const words = page.locator(".panel").nth(1).locator(".veil-text");
  await words.filter({ hasText: /\.$/ }).waitFor({ timeout: PATIENCE });
  await hover(centre(SMALL, [2, 3]), 0);
  await shows((f) => f.cell?.join() === "2,3", false, 0);
  assert.equal(await words.isVisible(), true);
  assert.equal(await frame(1), null, "no numbers of another reference stay beside the words");
  if (able) assert.match(await words.innerText(), /odd|left/);
  await button(1).click();
  await hover(centre(SMALL, [1, 1]), 1);
  await shows((f) => f.cell?.join() === "1,1", false, 1);
  assert.equal(await words.isVisible(), false);
  await page.context().close();
});

await testAble("one press compares all panels of a picture with the other's reference; what cannot be stays and is named", async () => {
  const layers = ["near", "far", "odd"].map((layer, k) => `&scene.${k + 2}=two&layer.${k + 2}=${layer}`).join("");
  await open(WIDE, `#v=1&scene=one&layer=near${layers}`, { base: second.url });
  const pressed = async () => [await button(1).getAttribute("aria-pressed"), await button(2).getAttribute("aria-pressed"), await button(3).getAttribute("aria-pressed")];
  const froms = () => page.evaluate(() => window.farlook.panels().list.map(({ from }) => from));
  const compared = ["", "one/near", "one/far", ""], own = ["", "", "", ""];
  const all = page.locator(".cross-all:visible");
  assert.equal(await all.count(), 1, "it stands in the first panel of the picture alone");
  assert.match(await all.getAttribute("title"), /^Compare all panels of two with the reference in one \(F\)$/);
  await all.focus();
  await page.keyboard.press("Enter");
  await drawn();
  assert.deepEqual(await froms(), compared);
  assert.deepEqual(await pressed(), ["true", "true", "false"]);
  assert.equal(await all.getAttribute("aria-pressed"), "mixed");
  assert.equal(await text("#banner-text"), "odd keeps its own reference: its vectors have 3 values, those of odd in one 2; compare layers of one length.");
  for (const cell of [[2, 3], [10, 6]]) {
    await hover(centre(SMALL, cell), 0);
    for (const k of [1, 2]) await shows((f) => f.best?.join() === MATCH(cell).join(), false, k);
  }
  await page.screenshot({ path: join(shots, "several-all.png") });
  const hash = await address((now) => /from\.2=one%2Fnear.*from\.3=one%2Ffar/.test(now));
  await button(2).click({ modifiers: ["Shift"] });
  assert.deepEqual(await froms(), own, "once more: back");
  await page.keyboard.press("f");
  assert.deepEqual(await froms(), compared);
  await hover(centre(SMALL, [5, 0]), 0);
  await page.keyboard.press("f");
  assert.deepEqual(await froms(), own, "from the other picture too");
  await page.context().close();
  await open(WIDE, hash, { base: second.url });
  assert.deepEqual(await froms(), compared, "the link has it");
  for (const k of [1, 2]) await shows((f) => f.best?.join() === MATCH([10, 6]).join(), false, k);
  await page.context().close();
});
