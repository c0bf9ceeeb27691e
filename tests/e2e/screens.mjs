// Sizes of the window and themes.
import assert from "node:assert/strict";
import { join } from "node:path";

import {
  at, cellA, cellB, hover, link, map, open, page, shots, shows, test, text,
} from "./fixture.mjs";
import { PATIENCE, isAt } from "./look.mjs";
import { centre } from "./lib.mjs";

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
