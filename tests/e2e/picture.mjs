// What is drawn: overlay, channels, zoom, colours, and where the time goes.
import assert from "node:assert/strict";
import { join } from "node:path";

import {
  at, cellA, cellB, checkLevels, drawn, frame, hover, hoverCell, map, opacity, page, pixels, pixelSum, shots, shows,
  someCells, state, test, text, truth,
} from "./fixture.mjs";
import { PATIENCE, isAt, isChannel, near } from "./look.mjs";
import { centre, colour } from "./lib.mjs";

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
  assert.match(await text(".panel.active .caption-shows"), new RegExp(`channel ${channel}$`));
  const scale = /lo (\S+), hi (\S+)$/.exec(await page.getAttribute("#scale", "aria-label"));
  assert.equal(await text(".panel.active .caption-range"), `lo ${scale[1]} hi ${scale[2]}`, "the caption says the ends of the colours");
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

await test("a bar stays under the pointer when it is kept: a second click goes back", async () => {
  const { x, y, width, height } = await page.locator("#bars").boundingBox();
  const channel = Math.floor(map.d * 0.6);
  const spot = [x + width / 2, y + (height * (channel + 0.5)) / map.d];
  await page.mouse.click(...spot);
  await page.waitForFunction(() => window.farlook.state().mode === "channel");
  await drawn();
  assert.equal((await page.locator("#bars").boundingBox()).y, y, "nothing moved away from the pointer");
  await page.mouse.click(...spot);
  assert.equal((await state()).mode, "similarity");
  await hover(centre(map, cellB));
  await shows(isAt(cellB));
});

await test("similarity in the list of modes is the similarity, whatever was shown before the channel", async () => {
  for (const mode of ["norm", "channel", "similarity"]) {
    await page.selectOption("#mode", mode);
    await page.waitForFunction((want) => window.farlook.state().mode === want, mode, { timeout: PATIENCE });
  }
  await page.locator(".panel.active .stage").focus();
  await shows(isAt(cellB));
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
