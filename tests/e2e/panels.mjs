// Several panels side by side: layers of one picture under one pointer, the lock, the link, the keys.
import assert from "node:assert/strict";
import { join } from "node:path";

import {
  address, alsoServe, at, catalogue, complaints, drawn, frame, hover, kill, open, page, pixelSum, restart, scene as first, shots, shows,
  signal as signalFirst, skip, state, test, text, url, use,
} from "./fixture.mjs";
import { PATIENCE } from "./look.mjs";
import { Truth, centre } from "./lib.mjs";
import { photograph } from "./scenes.mjs";

const photo = photograph();
if (!photo.path) skip("three layers of one photograph", `${photo.why}; the demo's layers are looked at instead`);
const other = photo.path ? await alsoServe(photo.path) : null;
const base = other?.url ?? url;
const signal = (name) => (other ? other.child.kill(name) : signalFirst(name));
const scene = photo.path ? (await (await fetch(`${base}api/v1/scenes`)).json()).scenes[0] : first;
const layers = scene.maps.slice(0, 3);
const numbered = (k) => (k === 0 ? "" : `.${k + 1}`);
const link = (more = "", maps = layers) =>
  `#v=1&scene=${scene.name}${maps.map((map, k) => `&layer${numbered(k)}=${map.name}`).join("")}${more}`;
const WIDE = { width: 1280, height: 800 };
const inPicture = (fx, fy) => [Math.floor(scene.picture[0] * fx) + 0.5, Math.floor(scene.picture[1] * fy) + 0.5];
const POINT = inPicture(0.71, 0.53), OTHER = inPicture(0.36, 0.42);

function cellOf({ w, h, extent: [x0, y0, x1, y1] }, [x, y]) {
  return [Math.floor(((x - x0) / (x1 - x0)) * w), Math.floor(((y - y0) / (y1 - y0)) * h)];
}
const isCell = (map, point) => (f) => f.cell?.join() === cellOf(map, point).join() && f.shows.mode === "similarity";
const all = async (fits) => Promise.all(layers.map((map, k) => shows((f) => fits(f, map, k), false, k)));
const allAt = (point) => all((f, map) => isCell(map, point)(f));
const views = () => page.evaluate(() => window.farlook.panels());
const count = () => page.locator(".panel").count();
const names = async () => (await views()).list.map((each) => each.layer);
const activePanel = (k) => page.waitForFunction((want) => window.farlook.panels().active === want, k, { timeout: PATIENCE });

// The middle of the ring of panel k, as a point of the picture.
function ringOf(k) {
  return page.evaluate((panel) => {
    const box = document.querySelectorAll(".panel")[panel].querySelector(".stage > .ring").getBoundingClientRect();
    const [x0, y0] = window.farlook.locate(0, 0, panel), [x1, y1] = window.farlook.locate(1, 1, panel);
    return [(box.left + box.width / 2 - x0) / (x1 - x0), (box.top + box.height / 2 - y0) / (y1 - y0)];
  }, k);
}

await test("layers side by side: one pointer, and every panel shows what its map says of that point", async () => {
  await open(WIDE, link(), { base });
  assert.equal(await count(), layers.length);
  await hover(POINT, 1);
  const frames = await allAt(POINT);
  for (const [k, map] of layers.entries()) {
    const { lo, hi, picture } = frames[k];
    const values = await new Truth(base, scene.name, map).values(`ref=${POINT}`);
    let worst = 0;
    values.forEach((value, n) => {
      const level = Math.round(255 * Math.max(0, Math.min(1, (value - lo) / (hi - lo))));
      worst = Math.max(worst, Math.abs(picture.levels[n] - level));
    });
    assert.ok(worst <= 1, `${map.name}: a level is off by ${worst}`);
    const [x, y] = await ringOf(k);
    const [x0, y0, x1, y1] = map.extent;
    assert.ok(Math.abs(x - POINT[0]) < (x1 - x0) / map.w && Math.abs(y - POINT[1]) < (y1 - y0) / map.h, `${map.name}: the ring lies at ${[x, y]}`);
  }
  assert.equal(new Set(frames.map(({ lo, hi }) => `${lo} ${hi}`)).size, layers.length, "each has its own lo and hi");
  await page.screenshot({ path: join(shots, "panels-dark.png") });
});

await test("the panel that one points at feeds the read-out, the bars and the scale; 1 to 6 choose it too", async () => {
  const tell = async (k) => {
    const map = layers[k];
    await activePanel(k);
    await page.waitForFunction((cell) => document.querySelector("#r-cell").textContent === cell, cellOf(map, OTHER).join(", "), { timeout: PATIENCE });
    assert.match(await text("#bars-title"), new RegExp(`${map.d} channels`));
    const { vector } = await new Truth(base, scene.name, map).vector(OTHER);
    assert.deepEqual(await page.evaluate(() => window.farlook.vector()), vector.map(Math.fround));
    assert.match(await page.getAttribute("#scale", "aria-label"), new RegExp(`hi ${(await frame(k)).hi.toFixed(2).replace("-", "\u2212")}`));
  };
  for (const k of layers.keys()) {
    await hover(OTHER, k);
    await allAt(OTHER);
    await tell(k);
  }
  await page.keyboard.press("1");
  await tell(0);
  await page.keyboard.press("6");
  assert.equal((await views()).active, 0, "there is no sixth panel");
});

await test("arrows move by a cell of the active panel, the others follow", async () => {
  const k = layers.length - 1, map = layers[k];
  await page.keyboard.press(String(k + 1));
  const [i, j] = cellOf(map, OTHER);
  await page.keyboard.press("ArrowRight");
  await allAt(centre(map, [i + 1, j]));
  await page.keyboard.press("Shift+ArrowDown");
  await allAt(centre(map, [i + 1, Math.min(map.h - 1, j + 10)]));
});

await test("pan and zoom are linked, and do not wait for the server", async () => {
  await hover(POINT, 0);
  await allAt(POINT);
  const before = await page.evaluate((p) => [0, 1].map((k) => window.farlook.locate(...p, k)), POINT);
  signal("SIGSTOP");
  try {
    await page.mouse.wheel(0, -400);
    await page.waitForFunction(() => window.farlook.state(1).zoom > 1.5, null, { timeout: 2000 });
    const [x, y] = await at(POINT, 0);
    const seen = await pixelSum();
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 30, y + 20, { steps: 4 });
    await page.mouse.up();
    await page.waitForTimeout(60);
    assert.notEqual(await pixelSum(), seen, "the picture moved with the pointer");
  } finally {
    signal("SIGCONT");
  }
  const after = await page.evaluate((p) => [0, 1].map((k) => window.farlook.locate(...p, k)), POINT);
  const moved = [0, 1].map((k) => [after[k][0] - before[k][0], after[k][1] - before[k][1]]);
  assert.ok(Math.hypot(moved[0][0] - moved[1][0], moved[0][1] - moved[1][1]) < 1.5, `both moved: ${JSON.stringify(moved)}`);
  await page.keyboard.press("0");
});

await test("the lock gives every panel the lo and hi of the active one, to the bit; unlocking goes back", async () => {
  await page.keyboard.press("1");
  await hover(POINT, 0);
  const free = await allAt(POINT);
  const { lo, hi } = free[0];
  await page.keyboard.press("l");
  await all((f, map) => isCell(map, POINT)(f) && f.lo === lo && f.hi === hi);
  await drawn();
  assert.equal(await page.getAttribute("#lock", "aria-pressed"), "true");
  for (const each of await page.locator(".caption-range").allInnerTexts()) assert.match(each, /locked$/);
  await hover(OTHER, 1);
  await all((f, map) => isCell(map, OTHER)(f) && f.lo === lo && f.hi === hi);
  const hash = await address((now) => now.includes("lock="));
  const old = page;
  await open(WIDE, hash, { base });
  await all((f) => f.lo === lo && f.hi === hi);
  assert.equal(await page.getAttribute("#lock", "aria-pressed"), "true");
  await page.click("#lock");
  await hover(POINT, 0);
  await all((f, map, k) => isCell(map, POINT)(f) && f.lo === free[k].lo && f.hi === free[k].hi);
  await page.context().close();
  use(old);
  await page.keyboard.press("l");
  assert.deepEqual((await state()).stretch, ["around"]);
});

await test("a pin is compared in every panel, by its own vectors", async () => {
  await hover(POINT, 0);
  await page.mouse.down();
  await page.mouse.up();
  await hover(OTHER, 1);
  await allAt(OTHER);
  assert.equal(await page.locator(".panel .pin:visible").count(), layers.length);
  await page.waitForFunction(() => window.farlook.pin()?.vector, null, { timeout: PATIENCE });
  const { vector, cell } = await new Truth(base, scene.name, layers[1]).vector(POINT);
  assert.deepEqual(await page.evaluate(() => window.farlook.pin()), { cell, vector: vector.map(Math.fround) });
});

await test("the link restores all panels, the place, the pin and the active one", async () => {
  await page.click("#picture-colour");
  await page.keyboard.press("2");
  const hash = await address((now) => now.includes("picture=colour") && now.includes("active=2"));
  const want = await views(), shown = await allAt(OTHER);
  const old = page;
  await open(WIDE, hash, { base });
  const back = await allAt(OTHER);
  assert.deepEqual(await views(), want);
  back.forEach(({ lo, hi, picture }, k) => {
    assert.deepEqual([lo, hi], [shown[k].lo, shown[k].hi]);
    assert.deepEqual(picture.levels, shown[k].picture.levels);
  });
  await page.context().close();
  use(old);
  await page.context().close();
});

await test("the chips show only one, one more or one fewer; panels stay while others come and go", async () => {
  await open(WIDE, link("", layers.slice(0, 1)), { base });
  await hover(POINT, 0);
  const { frame: before } = await shows(isCell(layers[0], POINT));
  const beside = (map) => page.locator(`.layer-chip[data-layer="${map.name}"] .beside`);
  const only = (map) => page.locator(`.layer-chip[data-layer="${map.name}"] .only`);
  await beside(layers[1]).focus();
  await page.keyboard.press("Enter");
  await shows(isCell(layers[1], POINT), false, 1);
  assert.deepEqual(await names(), [layers[0].name, layers[1].name]);
  assert.equal((await frame(0)).frame, before, "the first panel's picture stays");
  assert.equal((await views()).active, 1);
  await only(layers[0]).click({ modifiers: ["Control"] });
  assert.deepEqual(await names(), [layers[1].name]);
  await only(layers[0]).click({ modifiers: ["Control"] });
  assert.deepEqual(await names(), [layers[1].name, layers[0].name]);
  await page.locator(".panel .remove").first().click();
  assert.deepEqual(await names(), [layers[0].name]);
  await shows(isCell(layers[0], POINT), false, 0);
  const choose = (k) => page.selectOption("#add", { index: k });
  for (let n = 2; n <= 6; n++) await choose(1 + (n % layers.length));
  assert.equal(await count(), 6);
  for (let k = 0; k < 6; k++) await shows(undefined, false, k);
  assert.equal(await page.locator("#add").isDisabled(), true, "six are the most");
  await page.screenshot({ path: join(shots, "panels-six.png") });
  await only(layers[1]).click();
  assert.deepEqual(await names(), [layers[1].name]);
  await shows(isCell(layers[1], POINT));
});

await test("a hovered bar shows its channel in the active panel alone", async () => {
  await page.locator(`.layer-chip[data-layer="${layers[0].name}"] .beside`).click();
  await shows(isCell(layers[0], POINT), false, 1);
  await page.locator("#bars").focus();
  await page.keyboard.press("End");
  await shows((f) => f.shows.mode === "channel" && f.shows.channel === layers[0].d - 1, false, 1);
  assert.equal((await frame(0)).shows.mode, "similarity");
  await page.locator(".panel.active .stage").focus();
  await shows((f) => f.shows.mode === "similarity", false, 1);
});

await test("everything is reached by Tab, with a visible focus", async () => {
  const seen = new Set();
  await page.evaluate(() => document.activeElement?.blur());
  for (let k = 0; k < 80; k++) {
    await page.keyboard.press("Tab");
    const one = await page.evaluate(() => {
      const has = document.activeElement;
      if (!has || has === document.body) return null;
      const ring = getComputedStyle(has.closest("label") ?? has).outlineStyle !== "none" || getComputedStyle(has).outlineStyle !== "none";
      const panel = [...document.querySelectorAll(".panel")].indexOf(has.closest(".panel"));
      return { name: panel >= 0 ? `${has.className} ${panel}` : has.id || has.className, ring };
    });
    if (!one) continue; // around the browser's own
    assert.ok(one.ring, `${one.name} does not show that it has the focus`);
    seen.add(one.name);
  }
  const need = ["stage 0", "stage 1", "plain remove 0", "plain remove 1", "add", "only", "beside", "lock", "tool-add", "tool-take", "tool-region", "opacity", "zoom-in", "mode", "bars", "share", "help-open"];
  for (const name of need) assert.ok(seen.has(name), `Tab does not reach ${name}, only ${[...seen].join(", ")}`);
  await page.context().close();
});

await test("after the server was started again every panel is back", async () => {
  const maps = first.maps.slice(0, 2);
  const hash = `#v=1&scene=${first.name}${maps.map((map, k) => `&layer${numbered(k)}=${map.name}`).join("")}&ref=100.5,200.5&metric=cosine`;
  await open(WIDE, hash);
  const before = await Promise.all(maps.map((_, k) => shows((f) => f.shows.metric === "cosine", false, k)));
  await kill();
  await page.waitForFunction(() => document.documentElement.dataset.state === "reconnecting", null, { timeout: 5000 });
  await restart();
  await page.waitForFunction(() => document.documentElement.dataset.state === "connected", null, { timeout: 20000 });
  await hover([300.5, 300.5], 1);
  await Promise.all(maps.map((map, k) => shows(isCell(map, [300.5, 300.5]), false, k)));
  await hover([100.5, 200.5], 0);
  const after = await Promise.all(maps.map((map, k) => shows(isCell(map, [100.5, 200.5]), false, k)));
  after.forEach(({ picture, lo, hi }, k) => {
    assert.deepEqual([lo, hi], [before[k].lo, before[k].hi]);
    assert.deepEqual(picture.levels, before[k].picture.levels);
  });
  complaints.splice(0, complaints.length, ...complaints.filter((each) => !/WebSocket|ERR_CONNECTION/.test(each)));
  await page.context().close();
});

await test("a link to a layer that is not there leaves the other panels alone", async () => {
  await open(WIDE, `#v=1&scene=${first.name}&layer=${first.maps[0].name}&scene.2=nowhere&layer.2=x`);
  assert.match(await text("#banner-text"), /“nowhere”.*left out/);
  assert.equal(await count(), 1);
  assert.equal(catalogue.scenes[0].name, (await state()).scene);
  await page.context().close();
});

await test("three panels in every size and theme", async () => {
  const more = `&ref=${POINT}&pin=${OTHER}`;
  for (const [name, size, colorScheme] of [["light", WIDE, "light"], ["wide", { width: 1920, height: 1080 }, "dark"]]) {
    await open(size, link(more), { base, colorScheme });
    await page.waitForTimeout(300);
    await page.screenshot({ path: join(shots, `panels-${name}.png`) });
    const boxes = await page.locator(".panel").evaluateAll((list) => list.map((each) => each.getBoundingClientRect().toJSON()));
    const stage = await page.locator("#stage").boundingBox();
    for (const box of boxes) assert.ok(box.left >= stage.x - 1 && box.right <= stage.x + stage.width + 1 && box.bottom <= stage.y + stage.height + 1);
    await page.context().close();
  }
  await open({ width: 360, height: 740 }, link(more), { base, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });
  assert.equal(await page.evaluate(() => Math.max(innerWidth, document.documentElement.scrollWidth)), 360);
  await page.screenshot({ path: join(shots, "panels-narrow.png") });
  assert.equal(await page.locator(".panel").evaluateAll((list) => list.filter((each) => {
    const [stage, range] = [".stage", ".caption-short"].map((part) => each.querySelector(part).getBoundingClientRect());
    return range.width > 0 && range.top >= stage.top && range.right <= stage.right;
  }).length), await count(), "lo and hi are on the pictures, whole");
  const names = await page.locator(".caption-name").evaluateAll((list) => list.map((each) => [each.innerText, each.scrollWidth - each.clientWidth]));
  for (const [name, over] of names) assert.ok(over <= 0, `${name} is cut by ${over} pixels`);
  await page.context().close();
});
