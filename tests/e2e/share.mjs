// Links, and the page under a path prefix.
import assert from "node:assert/strict";

import {
  catalogue, cellA, cellB, frame, hoverCell, link, map, opacity, open, page, pixelSum, scene, shows, state,
  test, text, url, use,
} from "./fixture.mjs";
import { PATIENCE } from "./look.mjs";
import { proxyUnderPrefix } from "./lib.mjs";

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
  const beside = (await page.locator("#export").boundingBox()).x;
  await page.click("#share");
  await page.waitForFunction(() => document.querySelector("#share-word").textContent === "Link copied");
  assert.equal((await page.locator("#export").boundingBox()).x, beside, "nothing beside it moves");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, await page.evaluate(() => location.href));
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
  use(old);
  assert.equal(await pixelSum(), fitted, "both pages show the same pixels");
  await page.context().close();
});

await test("a link to a scene that is not there says so and shows the first", async () => {
  await open({ width: 1280, height: 800 }, "#v=1&scene=nowhere&layer=x&colormap=jet");
  assert.match(await text("#banner-text"), /“nowhere”.*“.*” is shown instead/);
  assert.equal((await state()).scene, catalogue.scenes[0].name);
  await page.click("#banner-close");
  assert.equal(await page.locator("#banner").isVisible(), false);
  await page.evaluate((hash) => { location.hash = hash; }, "#v=1&scene=nowhere&layer=y");
  await page.locator("#banner").waitFor();
  await page.evaluate((hash) => { location.hash = hash; }, link());
  await page.locator("#banner").waitFor({ state: "hidden", timeout: PATIENCE });
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
