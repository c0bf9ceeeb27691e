// What the page tells people: the help sheet, the first hint, no data, contrast; and that it stays
// where it is, in every size and theme.
import assert from "node:assert/strict";
import { join } from "node:path";

import { at, page, shots, shows, state, test, text } from "./fixture.mjs";
import { PATIENCE } from "./look.mjs";
import { contrast } from "./eyes.mjs";
import { HOLE, WIDE, cellA, hash, map, open, pinKnown, pinned, uploadable, wears } from "./field.mjs";
import { centre } from "./lib.mjs";

await test("? opens the help, the focus stays in it, Esc closes it", async () => {
  await open(WIDE, hash("field", "signed"));
  await page.locator(".panel.active .stage").focus();
  await page.keyboard.press("?");
  assert.equal(await page.locator("#help").isVisible(), true);
  for (let k = 0; k < 15; k++) {
    await page.keyboard.press("Tab");
    const where = await page.evaluate(() => document.activeElement === document.body || document.querySelector("#help").contains(document.activeElement));
    assert.ok(where, "Tab leads out of the sheet");
  }
  const { ref } = await state();
  await page.keyboard.press("ArrowRight");
  assert.deepEqual((await state()).ref, ref, "keys do not reach the picture");
  assert.equal(await page.locator("#help").evaluate((sheet) => sheet.scrollHeight - sheet.clientHeight <= 0), true, "it fits");
  await page.screenshot({ path: join(shots, "looks-help.png") });
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#help").isVisible(), false);
  assert.equal(await page.evaluate(() => document.activeElement.className), "stage");
  await page.context().close();
});

await test("the first hint is told once, lets the pointer through, and does without storage", async () => {
  await open(WIDE, hash("field", "signed"), { first: true });
  assert.equal(await page.locator("#first").isVisible(), true);
  const box = await page.locator("#first p").boundingBox();
  const under = await page.evaluate(([x, y]) => document.elementFromPoint(x, y).closest("#first"), [box.x + 20, box.y + 10]);
  assert.equal(under, null);
  await page.click("#first-close");
  assert.equal(await page.locator("#first").isVisible(), false);
  await page.reload();
  await shows();
  assert.equal(await page.locator("#first").isVisible(), false);
  await page.context().close();
  const forbid = (each) => each.addInitScript(() => Object.defineProperty(window, "localStorage", { get() { throw new Error("forbidden"); } }));
  await open(WIDE, hash("field", "signed"), { first: true, prepare: forbid });
  await page.click("#first-close");
  assert.equal(await page.locator("#first").isVisible(), false);
  await page.context().close();
});

await test("where a cell is invalid the page says no data, and a reader hears the numbers after the keys", async () => {
  await open(WIDE, hash("field", "signed", `&ref=${centre(map, [HOLE[0] - 1, HOLE[1]])}`));
  await page.locator(".panel.active .stage").focus();
  await page.keyboard.press("ArrowRight");
  await shows((f) => f.enc === "none", true);
  for (const id of ["r-s", "r-cosine", "r-angle", "r-norm"]) assert.equal(await text(`#${id}`), "no data");
  assert.match(await text("#r-what"), /^no data: /);
  await page.keyboard.press("ArrowRight");
  await shows((f) => f.enc !== "none");
  const live = page.locator("#say");
  assert.equal(await live.getAttribute("aria-live"), "polite");
  await page.waitForFunction(() => /^cell 3, 1, s 1\.0000/.test(document.querySelector("#say").textContent), null, { timeout: PATIENCE });
  await page.evaluate(() => {
    window.told = 0;
    new MutationObserver((list) => (window.told += list.length)).observe(document.querySelector("#say"), { childList: true, characterData: true, subtree: true });
  });
  for (let k = 0; k < 12; k++) await page.keyboard.press("ArrowDown");
  await page.waitForTimeout(1500);
  const told = await page.evaluate(() => window.told);
  assert.ok(told >= 1 && told <= 4, `told ${told} times`);
  await page.context().close();
});

await test("on a slow link a reader hears the numbers of where the keys went, not those of before", async () => {
  let late = 0; // ms; the order stays
  const slowly = (each) => each.routeWebSocket(/\/ws$/, (client) => {
    const behind = client.connectToServer();
    client.onMessage((data) => behind.send(data));
    behind.onMessage((data) => void setTimeout(() => client.send(data), late));
  });
  await open(WIDE, hash("field", "signed", `&ref=${centre(map, [5, 7])}`), { prepare: slowly });
  await page.locator(".panel.active .stage").focus();
  await page.evaluate(() => {
    window.heard = [];
    new MutationObserver(() => window.heard.push(document.querySelector("#say").textContent)).observe(document.querySelector("#say"), { childList: true, characterData: true, subtree: true });
  });
  late = 1500;
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => window.heard.length > 0, null, { timeout: PATIENCE });
  assert.match((await page.evaluate(() => window.heard)).join("; "), /^cell 6, 7, s 1\.0000[^;]*$/);
  await page.context().close();
});

await test("all words have a contrast of 4.5 to 1 at least, in the dark and in the light", async () => {
  await open(WIDE, hash("field", "signed", `${pinned}&stretch=percentile,2,98&metric=l2`));
  await pinKnown();
  await page.click("#export");
  for (const colorScheme of ["dark", "light"]) {
    await wears(colorScheme);
    const words = await page.evaluate(() => {
      const parse = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
      const under = (element) => {
        for (let each = element; each; each = each.parentElement) {
          const colour = parse(getComputedStyle(each).backgroundColor);
          if (colour.length >= 3 && (colour[3] ?? 1) === 1) return colour;
        }
        return [255, 255, 255];
      };
      const out = [];
      for (const element of document.querySelectorAll("header *, aside *, .readout *, footer *, #marks *")) {
        const said = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== "");
        const shown = element.checkVisibility?.({ checkOpacity: true, checkVisibilityCSS: true }) ?? true;
        const face = element.closest(".sr") || element.matches("option");
        if (!said || !shown || face || element.closest(":disabled, :has(> :disabled)")) continue;
        out.push([element.id || element.className || element.tagName, element.textContent.trim().slice(0, 20), parse(getComputedStyle(element).color), under(element)]);
      }
      return out;
    });
    assert.ok(words.length > 40, `${words.length} words`);
    for (const [name, said, ink, ground] of words) {
      const has = contrast(ink, ground);
      assert.ok(has >= 4.5, `${colorScheme}: ${name} “${said}” has ${has.toFixed(2)}: ${ink} on ${ground}`);
    }
  }
  await page.context().close();
});

await test("at 360 pixels everything fits, the drawer opens and closes, with less motion without moving", async () => {
  const phone = { hasTouch: true, isMobile: true, deviceScaleFactor: 2, reducedMotion: "reduce" };
  await open({ width: 360, height: 740 }, hash("field", "signed", `${pinned}&metric=pearson`), { ...phone, prepare: uploadable });
  const widest = () => page.evaluate(() => Math.max(innerWidth, document.documentElement.scrollWidth));
  assert.equal(await widest(), 360);
  await page.screenshot({ path: join(shots, "looks-narrow.png") });
  await page.tap("#drawer");
  assert.equal(await page.locator("#bars").isVisible(), true);
  assert.equal(await page.getAttribute("#drawer", "aria-expanded"), "true");
  assert.equal(await page.locator("#side").evaluate((side) => getComputedStyle(side).animationName), "none");
  assert.equal(await page.locator("#side").evaluate((side) => side.scrollWidth - side.clientWidth), 0);
  await page.screenshot({ path: join(shots, "looks-drawer.png") });
  await page.locator("#upload-narrow").tap();
  assert.equal(await page.locator("#upload").isVisible(), true);
  assert.equal(await widest(), 360);
  await page.keyboard.press("Escape");
  await page.tap("#drawer-close");
  assert.equal(await page.locator("#bars").isVisible(), false);
  assert.equal(await page.getAttribute("#drawer", "aria-expanded"), "false");
  assert.equal(await page.evaluate(() => document.activeElement.id), "drawer");
  await page.tap("#export");
  const menu = await page.locator("#export-menu").boundingBox();
  assert.ok(menu.x >= 0 && menu.x + menu.width <= 360 && menu.y + menu.height <= 740, JSON.stringify(menu));
  await page.keyboard.press("Escape");
  await page.tap("#help-open");
  assert.equal(await page.locator("#help").evaluate((sheet) => sheet.scrollWidth - sheet.clientWidth), 0);
  assert.equal(await widest(), 360);
  await page.context().close();
});

await test("nothing in the panel moves while the pointer does", async () => {
  await open(WIDE, hash("field", "signed", pinned));
  await pinKnown();
  const places = () => page.evaluate(() => ["bars", "legend-here", "why-toggle", "metric-value", "r-what", "strongest"]
    .map((id) => document.getElementById(id).getBoundingClientRect()).map(({ top, height }) => [top, height]));
  const before = await places();
  for (const cell of [[0, 0], [23, 15], HOLE, [12, 8], cellA]) {
    await page.mouse.move(...await at(centre(map, cell)));
    await page.waitForTimeout(250);
    assert.deepEqual(await places(), before, `at ${cell}`);
  }
  await page.context().close();
});

await test("both themes, narrow and wide, are drawn", async () => {
  await open(WIDE, hash("field", "signed", pinned));
  await pinKnown();
  for (const colorScheme of ["dark", "light"]) {
    await wears(colorScheme);
    for (const [width, height] of [[1280, 800], [1920, 1080]]) {
      await page.setViewportSize({ width, height });
      await shows();
      await page.screenshot({ path: join(shots, `looks-${width}-${colorScheme}.png`) });
      const side = await page.locator("#side").evaluate((e) => [e.scrollHeight - e.clientHeight, e.scrollWidth - e.clientWidth]);
      assert.deepEqual(side, [0, 0], "nothing is cut off in the panel");
    }
  }
  await page.context().close();
});
