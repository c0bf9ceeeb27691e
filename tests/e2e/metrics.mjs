// Metrics, stretch and colours, and the scale that tells them.
import assert from "node:assert/strict";
import { join } from "node:path";

import { at, drawn, frame, page, pixels, shots, shows, state, test, text } from "./fixture.mjs";
import { WIDE, cellA, cellB, close, hash, map, open, pinKnown, pinned, truth, value, vectors } from "./field.mjs";
import { isAt, isChannel, near } from "./look.mjs";
import { centre, colour, compare } from "./lib.mjs";

await test("all nine metrics are offered with a line of meaning, and the read-out says their numbers", async () => {
  await open(WIDE, hash("field", "signed", pinned));
  await pinKnown();
  const rows = await page.locator("#metric option").allInnerTexts();
  assert.equal(rows.length, 9);
  for (const row of rows) assert.match(row, /^\w+ · .{10,}/);
  const [b, a] = await vectors();
  const { cosine, s } = compare(b, a);
  const mean = (v) => v.reduce((x, y) => x + y) / v.length;
  const off = (v) => v.map((x) => x - mean(v));
  const pearson = compare(off(b), off(a)).cosine;
  const apart = (f) => b.reduce((sum, v, k) => sum + f(Math.abs(v - a[k])), 0);
  const want = {
    dot: b.reduce((sum, v, k) => sum + v * a[k], 0), l1: apart((v) => v), l2: Math.sqrt(apart((v) => v * v)),
    lhalf: apart(Math.sqrt) ** 2, pearson, msam: 1 - (2 / Math.PI) * Math.acos(pearson),
  };
  for (const metric of ["angular", "cosine", "angle", ...Object.keys(want)]) {
    await page.selectOption("#metric", metric);
    const shown = await shows((f) => f.shows.metric === metric);
    const all = (await truth.values(`ref=${centre(map, cellB)}&metric=${metric}`)).filter((v) => !Number.isNaN(v));
    close(shown.range[0], Math.min(...all), `${metric}: range`);
    await drawn();
    assert.equal(await text("#metric-value"), metric);
    close(value(await text("#r-s")), s, "s");
    close(value(await text("#r-cosine")), cosine, "cosine");
    assert.equal(await page.locator("#r-more-row").isVisible(), metric in want);
    if (metric in want) close(value(await text("#r-more")), want[metric], metric);
    assert.match(await page.getAttribute("#scale", "aria-label"), /^Colour scale from .*lo .*hi/);
  }
  await page.selectOption("#metric", "angular");
});

await test("percentiles and lo, hi are typed; what makes no sense is refused in a sentence", async () => {
  await page.selectOption("#stretch", "percentile");
  await shows();
  assert.deepEqual((await state()).stretch, ["percentile", 2, 98]);
  await page.fill("#stretch-low", "10");
  await page.keyboard.press("Tab");
  assert.deepEqual((await state()).stretch, ["percentile", 10, 98]);
  await page.fill("#stretch-high", "5");
  await page.keyboard.press("Enter");
  assert.deepEqual((await state()).stretch, ["percentile", 10, 98], "nothing changed");
  assert.match(await page.locator("#stretch-high").evaluate((field) => field.validationMessage), /first one below the second\.$/);
  const wide = (await frame()).hi; // of 98
  await page.fill("#stretch-high", "90");
  await page.keyboard.press("Enter");
  const before = await shows((f) => f.hi < wide);
  await page.selectOption("#stretch", "fixed");
  const [, lo, hi] = (await state()).stretch;
  assert.deepEqual([lo, hi], [before.lo, before.hi], "fixed starts from what is shown");
  await page.locator("#stretch-low-name", { hasText: /^lo$/ }).waitFor(); // the fields are those of fixed
  await page.fill("#stretch-low", "\u22120,5");
  await page.keyboard.press("Enter");
  const typed = await shows((f) => f.lo === -0.5);
  assert.equal(typed.hi, hi, "the other number keeps all its digits");
  assert.match(await page.getAttribute("#scale", "aria-label"), /lo \u22120\.50/);
  await page.selectOption("#stretch", "around");
  await page.locator("#stretch-numbers").waitFor({ state: "hidden" });
  await page.locator(".panel.active .stage").focus();
});

await test("the paper's look is one click away, and so is the way back", async () => {
  await page.selectOption("#colormap", "magma");
  const before = await state();
  await page.click("#paper");
  await drawn();
  const { colormap, stretch, origin, picture } = await state();
  assert.deepEqual({ colormap, stretch, origin, picture }, { colormap: "fire", stretch: ["minmax"], origin: "min", picture: "grey" });
  assert.equal(await page.getAttribute("#paper", "aria-pressed"), "true");
  const shown = await shows((f) => f.hi > 0.9999);
  near((await pixels([centre(map, cellB)]))[0], colour("fire", 255), 1, "the reference is white");
  assert.equal(shown.picture.levels[cellB[1] * map.w + cellB[0]], 255);
  await page.screenshot({ path: join(shots, "looks-paper.png") });
  await page.click("#paper");
  await drawn();
  assert.deepEqual(await state(), before);
  assert.equal(await page.getAttribute("#paper", "aria-pressed"), "false");
  await page.click("#paper");
  await page.selectOption("#stretch", "around");
  await drawn();
  assert.equal(await page.getAttribute("#paper", "aria-pressed"), "false", "it is not the paper's any more");
  await page.selectOption("#origin", "zero");
  await page.selectOption("#colormap", "viridis");
});

await test("a signed channel is shown in diverging colours around 0, and the colours come back after it", async () => {
  const channel = 7;
  await page.locator("#opacity").fill("1");
  await page.locator("#bars").focus();
  await page.keyboard.press("Home");
  for (let k = 0; k < channel; k++) await page.keyboard.press("ArrowDown");
  await shows(isChannel(channel));
  assert.equal((await state()).colormap, "viridis", "a channel that is only looked at changes no setting");
  const values = await truth.values(`mode=channel&channel=${channel}`);
  const valid = values.filter((v) => !Number.isNaN(v));
  const m = Math.max(...valid.map(Math.abs));
  const check = async () => {
    const cells = [[1, 1], [5, 3], [12, 8], [20, 14], [3, 12], [22, 2]];
    const drawn = await pixels(cells.map((cell) => centre(map, cell)));
    const levels = cells.map(([i, j]) => Math.round((255 * (values[j * map.w + i] + m)) / (2 * m)));
    assert.ok(Math.min(...levels) < 110 && Math.max(...levels) > 145, "both signs are looked at");
    cells.forEach((cell, k) => near(drawn[k], colour("coolwarm", levels[k]), 5, `cell ${cell}`));
    const [, from, to] = /from (\S+) to (\S+),/.exec(await page.getAttribute("#scale", "aria-label"));
    assert.equal(value(from), -value(to));
    close(value(to), m, "the end of the scale");
  };
  await check();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => window.farlook.state().mode === "channel");
  assert.equal((await state()).colormap, "coolwarm");
  await drawn();
  assert.equal(await text("#r-more-name"), `channel ${channel}`);
  await page.mouse.move(...await at(centre(map, cellB)));
  await page.locator(".panel.active .stage").focus();
  await shows();
  await check();
  await page.selectOption("#colormap", "fire");
  await shows();
  assert.equal((await state()).colormap, "fire", "another choice stays");
  await page.selectOption("#colormap", "coolwarm");
  await page.locator(".panel.active .stage").focus();
  await page.keyboard.press("Escape");
  await shows((f) => f.shows.mode === "similarity");
  assert.equal((await state()).colormap, "viridis");
  await page.locator("#opacity").fill("0.1");
});

await test("the labels of the scale never cover each other", async () => {
  for (const stretch of ["around", "minmax", "percentile"]) {
    await page.selectOption("#stretch", stretch);
    for (const metric of ["angular", "angle", "dot", "lhalf"]) {
      await page.selectOption("#metric", metric);
      for (const cell of [cellA, [0, 0], [23, 15], cellB]) {
        await page.mouse.move(...await at(centre(map, cell)));
        await shows((f) => isAt(cell)(f) && f.shows.metric === metric);
        const boxes = await page.locator("#marks > span").evaluateAll((list) => list.map((e) => {
          const { top, bottom, right } = e.getBoundingClientRect();
          return [top, bottom, right];
        }));
        boxes.sort((a, b) => a[0] - b[0]);
        assert.ok(boxes.length >= 2);
        boxes.forEach(([top, , right], k) => {
          assert.ok(k === 0 || top >= boxes[k - 1][1] - 1, `${stretch} ${metric} ${cell}: ${boxes}`);
          assert.ok(right <= 1280 - 312, `${right} reaches into the panel`);
        });
      }
    }
  }
  await page.context().close();
});
