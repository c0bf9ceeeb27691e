// Fingers: a drag moves the reference, a tap pins, two fingers zoom and move, a long press holds.
import assert from "node:assert/strict";

import { at, cellA, cellB, drawn, frame, link, map, open, page, scene, shows, state, test } from "./fixture.mjs";
import { isAt } from "./look.mjs";
import { centre } from "./lib.mjs";

const PHONE = { hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
let fingers;
const touch = async (type, ...points) => fingers.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
const between = (a, b, part) => a.map((v, c) => v + (b[c] - v) * part);
const layers = scene.maps.slice(0, 2);

await test("one finger moves the reference in all panels, and does not pin", async () => {
  await open({ width: 360, height: 740 }, link(`&layer.2=${layers[1].name}`), PHONE);
  fingers = await page.context().newCDPSession(page);
  const [from, to] = [await at(centre(map, cellA), 0), await at(centre(map, cellB), 0)];
  await touch("touchStart", from);
  for (let k = 1; k <= 6; k++) await touch("touchMove", between(from, to, k / 6));
  await touch("touchEnd");
  await shows(isAt(cellB), false, 0);
  const [x, y] = centre(map, cellB);
  const [x0, y0, x1, y1] = layers[1].extent;
  const cell = [Math.floor(((x - x0) / (x1 - x0)) * layers[1].w), Math.floor(((y - y0) / (y1 - y0)) * layers[1].h)];
  const other = await shows((f) => f.cell !== null && Math.abs(f.cell[0] - cell[0]) <= 1 && Math.abs(f.cell[1] - cell[1]) <= 1, false, 1);
  assert.equal(other.shows.mode, "similarity");
  assert.equal(await page.evaluate(() => window.farlook.pin()), null);
  assert.equal((await state()).zoom, 1);
});

await test("a tap pins, a long press holds", async () => {
  await page.touchscreen.tap(...await at(centre(map, cellA), 0));
  await shows(isAt(cellA), false, 0);
  assert.deepEqual((await page.evaluate(() => window.farlook.pin())).cell, cellA);
  const point = await at(centre(map, cellA), 0);
  await touch("touchStart", point);
  await page.waitForTimeout(800);
  await touch("touchEnd");
  const held = page.locator(".panel.active .stage > .ring.held");
  await held.waitFor({ timeout: 2000 });
  await page.keyboard.press("Escape");
  await held.waitFor({ state: "detached", timeout: 2000 });
});

// The number of the frame that stays: nothing is on its way any more.
async function atRest() {
  for (let last, same = 0; ;) {
    const { frame: number } = await frame(0);
    same = number === last ? same + 1 : 0;
    if (same === 4) return number;
    last = number;
    await page.waitForTimeout(400);
  }
}

await test("two fingers zoom and move both panels, without a picture of the server", async () => {
  const number = await atRest();
  const middle = await at(centre(map, cellB), 0);
  const apart = (by, [dx, dy] = [0, 0]) => [[middle[0] - by + dx, middle[1] + dy], [middle[0] + by + dx, middle[1] + dy]];
  await touch("touchStart", ...apart(20));
  for (let k = 1; k <= 5; k++) await touch("touchMove", ...apart(20 + k * 4, [k, k]));
  await touch("touchEnd");
  const zoom = (await state(1)).zoom;
  assert.ok(zoom > 1.5 && zoom < 2.6, `${zoom}`);
  assert.equal((await state(0)).zoom, zoom);
  assert.equal((await frame(0)).frame, number);
  assert.deepEqual((await page.evaluate(() => window.farlook.pin())).cell, cellA, "no pin");
  await page.tap("#zoom-fit");
});

await test("the finger that is left over from a pinch does not move the reference", async () => {
  const { ref } = await state(0);
  for (const left of [1, 2]) {
    await page.evaluate(([x, y, stays]) => {
      const stage = document.querySelector(".stage");
      stage.setPointerCapture = () => undefined; // there is no such finger
      const event = (type, pointerId, by) => stage.dispatchEvent(new PointerEvent(type, {
        pointerId, pointerType: "touch", clientX: x + 50 * pointerId + by, clientY: y, bubbles: true,
      }));
      for (const id of [1, 2]) event("pointerdown", id, 0);
      for (const id of [1, 2]) event("pointermove", id, 4);
      event("pointerup", 3 - stays, 4);
      event("pointermove", stays, 30);
      event("pointerup", stays, 30);
      delete stage.setPointerCapture;
    }, [...await at(centre(map, cellB), 0), left]);
    await drawn();
    assert.deepEqual((await state(0)).ref, ref);
  }
  await page.tap("#zoom-fit");
});

await test("the tools add references by touch", async () => {
  await page.tap("#refs-open");
  await page.tap("#tool-add");
  for (const cell of [cellA, cellB]) await page.touchscreen.tap(...await at(centre(map, cell), 0));
  await page.tap("#tool-take");
  await page.touchscreen.tap(...await at(centre(map, [cellA[0], cellB[1]]), 0));
  assert.deepEqual((await state()).refs.map((ref) => ref[2]), [1, 1, -1]);
  await drawn();
  assert.equal(await page.locator(".panel .ref").count(), 6, "marked in both panels");
  await page.tap("#refs-clear");
  assert.deepEqual((await state()).refs, []);
  await page.context().close();
});
