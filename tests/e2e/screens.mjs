// Sizes of the window and themes.
import assert from "node:assert/strict";
import { join } from "node:path";

import {
  alsoServe, at, cellA, cellB, hover, link, map, open, page, shots, shows, test, text,
} from "./fixture.mjs";
import { PATIENCE, isAt } from "./look.mjs";
import { centre } from "./lib.mjs";
import { HEBREW, LONG, named } from "./scenes.mjs";

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

await test("with several references and no pointer the chart says what to do; then it shows one vector", async () => {
  await open({ width: 1280, height: 800 }, link(`&refs=${centre(map, cellA)},1,${centre(map, cellB)},1`));
  assert.equal(await text("#bars-none"), "Point at the picture to see the vector there.");
  assert.equal(await text("#legend-here"), "");
  await hover(centre(map, cellB));
  await page.locator("#bars-none").waitFor({ state: "hidden", timeout: PATIENCE });
  assert.equal(await text("#legend-here"), `here ${cellB.join(", ")}`);
  assert.equal(await text("#legend-other"), "");
  assert.equal(await text("#why-similar-title"), "Strongest channels");
  await page.context().close();
});

// Every part of the top bar that is seen, from the left.
const bar = () => page.locator("header > *").evaluateAll((list) => list.filter((each) => each.checkVisibility({ visibilityProperty: true }))
  .map((each) => [each.id || each.className, ...["left", "right"].map((side) => each.getBoundingClientRect()[side])]));
const address = (scene, layer) => `#v=1&scene=${encodeURIComponent(scene)}&layer=${encodeURIComponent(layer)}`;

const { url: base } = await alsoServe(named());

await test("names of 120 letters take no room from what stands beside them, and are read from either side", async () => {
  for (const [width, scene, layer] of [[1280, "short", "conv4"], [1280, LONG, LONG], [700, LONG, LONG], [360, LONG, LONG]]) {
    await open({ width, height: 740 }, address(scene, layer), { base });
    const parts = await bar();
    parts.forEach(([name, left, right], k) => {
      assert.ok(right <= width && (k === 0 || left >= parts[k - 1][2]), `${name} at ${width}: ${parts.join("; ")}`);
    });
    if (scene === "short") assert.ok(parts.find(([name]) => /scene/.test(name))[2] < 260, "the list is as wide as its own name");
    const caption = await page.locator(".panel.active .caption").boundingBox();
    const range = await page.locator(".caption-range").evaluate((each) => [each.scrollWidth, each.clientWidth]);
    assert.ok(caption.x + caption.width <= width && range[0] <= range[1] + 1, `lo and hi are whole: ${range}`);
    if (width !== 1280) await page.context().close();
  }
  await open({ width: 1280, height: 800 }, `${address(LONG, LONG)}&layer.2=b&scene.3=short&layer.3=conv4`, { base });
  for (const each of await page.locator(".panel").all()) {
    const [panel, last] = await Promise.all([each.boundingBox(), each.locator(".remove").boundingBox()]);
    assert.ok(last.x + last.width <= panel.x + panel.width + 1, "the caption ends with its panel");
  }
  await page.screenshot({ path: join(shots, "page-names.png") });
  await page.context().close();
  await open({ width: 1280, height: 800 }, address(HEBREW, HEBREW), { base });
  const size = await page.locator("#layers small").evaluate((small) => [getComputedStyle(small).direction, getComputedStyle(small).unicodeBidi]);
  assert.deepEqual(size, ["ltr", "isolate"]);
  assert.equal(await page.locator("#layer option").first().textContent(), `\u2068${HEBREW}\u2069  30\u00d720\u00d716`);
  await page.context().close();
});

await test("the strongest channels are named in full, and the keyboard finds those that are seen", async () => {
  for (const [scene, height, rows, size] of [["deep", 800, 4, 1280], ["deep", 600, 3, 700], ["deep", 1000, 8, 1280], ["one", 800, 1, 1280]]) {
    await open({ width: size, height }, address(scene, scene), { base });
    const seen = page.locator("#strongest button:visible");
    assert.equal(await seen.count(), rows);
    const cut = await page.locator("#strongest button:visible > span").evaluateAll((list) =>
      list.filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.innerText));
    assert.deepEqual(cut, []);
    const [list, last] = await Promise.all([page.locator("#strongest").boundingBox(), seen.nth(rows - 1).boundingBox()]);
    assert.ok(last.y + last.height <= list.y + list.height + 1 && last.x + last.width <= list.x + list.width + 1);
    const share = await seen.first().locator(".share").boundingBox();
    assert.ok(share.x + share.width <= list.x + list.width, "the share is whole");
    if (scene === "one") assert.equal(await text("#bars-title"), "Vector \u00b7 1 channel");
    await page.context().close();
  }
});

await test("in a low window every tool is there, and the side scrolls to its end", async () => {
  for (const size of [{ width: 800, height: 600 }, { width: 740, height: 360 }]) {
    await open(size, address("short", "conv4"), { base });
    const stage = await page.locator(".panel .stage").boundingBox(), foot = await page.locator("footer").boundingBox();
    const boxes = await page.locator(".tools .tool").evaluateAll((list) => list.filter((each) => each.offsetWidth > 0)
      .map((each) => [each.id, each.getBoundingClientRect().toJSON(), each.scrollHeight - each.clientHeight]));
    assert.ok(boxes.length >= 9);
    for (const [k, [name, box, over]] of boxes.entries()) {
      assert.ok(box.bottom <= foot.y && box.right <= stage.x && over <= 0, `${name} at ${size.height}: ${JSON.stringify(box)}`);
      for (const [other, { left, right, top, bottom }] of boxes.slice(0, k)) {
        const apart = box.left >= right || box.right <= left || box.top >= bottom || box.bottom <= top;
        assert.ok(apart, `${name} lies on ${other} at ${size.height}`);
      }
    }
    await page.locator("#strongest button:visible").last().scrollIntoViewIfNeeded();
    const bars = await page.locator("#bars").boundingBox();
    assert.ok(bars.height >= 120, `bars of ${bars.height} pixels`);
    await page.screenshot({ path: join(shots, `page-low-${size.height}.png`) });
    await page.context().close();
  }
});

await test("on a phone the numbers of the scale are whole, however long they are", async () => {
  await open({ width: 360, height: 740 }, `${address("deep", "deep")}&metric=dot`, { base, hasTouch: true, isMobile: true });
  await shows((f) => f.shows.metric === "dot");
  const marks = await page.locator("#marks > span").evaluateAll((list) => list.map((each) => [each.innerText, each.getBoundingClientRect().right]));
  assert.ok(marks.length >= 3);
  for (const [words, right] of marks) assert.ok(right <= 360, `${words} ends at ${right}`);
  await page.context().close();
});

await test("layers are buttons while they fit, else a list; none is cut", async () => {
  await open({ width: 1280, height: 700 }, address("short", "conv4"), { base });
  const forms = new Set();
  for (const width of [900, 820, 740, 660]) {
    await page.setViewportSize({ width, height: 700 });
    await page.reload();
    await shows();
    const [form, cut, list] = await page.evaluate(() => {
      const layers = document.querySelector("#layers"), header = document.querySelector("header");
      return [header.className, layers.scrollWidth - layers.clientWidth, document.querySelector("#scene-value").scrollWidth - document.querySelector("#scene-value").clientWidth];
    });
    assert.ok(/crowded/.test(form) || cut <= 1, `at ${width} the layers are cut by ${cut}`);
    assert.ok(list <= 1, `at ${width} the name of the scene is cut by ${list}`);
    forms.add(form);
  }
  assert.ok(forms.size >= 2, [...forms].join("; "));
  await page.setViewportSize({ width: 360, height: 740 });
  const button = page.locator("#upload-start");
  await page.locator("#upload").evaluate((sheet) => sheet.showModal());
  assert.ok(await button.evaluate((each) => each.scrollWidth <= each.clientWidth && each.clientWidth > 50), "the words lie in the button");
  await page.context().close();
});
