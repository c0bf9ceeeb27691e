// Reference, pin, held reference: what the pointer and the keys do on the picture.
import assert from "node:assert/strict";
import { join } from "node:path";

import {
  at, catalogue, cellA, cellB, checkLevels, drawn, frame, hover, hoverCell, link, map, opacity, open, page, pixels,
  shots, shows, someCells, state, test, text, truth,
} from "./fixture.mjs";
import { PATIENCE, isAt, near } from "./look.mjs";
import { centre, colour, compare } from "./lib.mjs";

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

await test("who zooms and moves by keys never loses sight of the reference", async () => {
  const seen = async () => {
    await drawn();
    const [stage, ring] = await Promise.all([".stage", ".stage > .ring:not(.probe)"].map((part) => page.locator(`.panel.active ${part}`).first().boundingBox()));
    const [x, y] = [ring.x + ring.width / 2 - stage.x, ring.y + ring.height / 2 - stage.y];
    assert.ok(x > 0 && y > 0 && x < stage.width && y < stage.height, `the ring lies at ${x}, ${y} of ${stage.width} x ${stage.height}`);
  };
  await hoverCell(cellB);
  await page.locator(".panel.active .stage").focus();
  for (let k = 0; k < 5; k++) await page.keyboard.press("+");
  assert.ok((await state()).zoom > 7);
  await seen();
  for (const [key, n] of [["ArrowLeft", 7], ["ArrowUp", 3]]) {
    for (let k = 0; k < n; k++) await page.keyboard.press(`Shift+${key}`);
    await seen();
  }
  const { ref } = await state();
  const there = await at(ref);
  const ring = await page.locator(".panel.active .stage > .ring:not(.probe)").first().boundingBox();
  assert.ok(Math.hypot(ring.x + ring.width / 2 - there[0], ring.y + ring.height / 2 - there[1]) < 40);
  await page.keyboard.press("0");
  assert.equal((await state()).zoom, 1);
});
