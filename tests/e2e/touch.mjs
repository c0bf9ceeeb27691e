// Fingers: a drag moves the reference, a tap pins, two fingers zoom and move, a long press holds.
import assert from "node:assert/strict";

import { at, cellA, cellB, drawn, frame, link, map, open, page, scene, shows, state, test } from "./fixture.mjs";
import { isAt } from "./look.mjs";
import { centre } from "./lib.mjs";

const PHONE = { hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
let fingers;
const touch = async (type, ...points) => fingers.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });

// What the fingers do, as the first panel is told of it.
async function watchFingers() {
  await page.evaluate(() => {
    window.fingers = [];
    for (const type of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) {
      document.querySelector(".stage").addEventListener(type, (e) => window.fingers.push([type, e.pointerId, Math.round(e.clientX), Math.round(e.clientY)]));
    }
  });
}

// Whether every finger went down once, was moved to its end, and up once.
function isWhole(told, ends) {
  const of = (type) => told.filter((each) => each[0] === type);
  const wentTo = ([, id], k) => {
    const [, , x, y] = of("pointermove").filter((each) => each[1] === id).at(-1) ?? [];
    return Math.abs(x - ends[k][0]) <= 1 && Math.abs(y - ends[k][1]) <= 1;
  };
  const downs = of("pointerdown");
  return downs.length === ends.length && of("pointerup").length === ends.length && downs.every(wentTo);
}

// Moves fingers in steps; step(0) is where they go down. A browser that is short of time may call
// fingers off in the middle or take one for a new one: then all of it is played again.
async function gesture(step, steps, undo = () => undefined) {
  for (let tries = 1; ; tries++) {
    await page.evaluate(() => { window.fingers.length = 0; });
    await touch("touchStart", ...step(0));
    for (let k = 1; k <= steps; k++) await touch("touchMove", ...step(k));
    await touch("touchEnd");
    await drawn();
    const told = await page.evaluate(() => window.fingers);
    const words = told.map((each) => each.join(" ")).join("; ");
    if (tries === 5 || isWhole(told, step(steps))) return words;
    console.log(`# the browser lost a finger, once more: ${words}`);
    await undo();
  }
}

const between = (a, b, part) => a.map((v, c) => v + (b[c] - v) * part);
const layers = scene.maps.slice(0, 2);

await test("one finger moves the reference in all panels, and does not pin", async () => {
  await open({ width: 360, height: 740 }, link(`&layer.2=${layers[1].name}`), PHONE);
  fingers = await page.context().newCDPSession(page);
  await watchFingers();
  const [from, to] = [await at(centre(map, cellA), 0), await at(centre(map, cellB), 0)];
  await gesture((k) => [between(from, to, k / 6)], 6);
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

await test("the end of a long press is no second click", async () => {
  const held = page.locator(".panel.active .stage > .ring.held");
  const pointer = (type) => page.evaluate(([kind, x, y]) => {
    const stage = document.querySelector(".stage");
    stage.setPointerCapture = () => undefined; // there is no such finger
    const more = { pointerId: 1, pointerType: "touch", clientX: x, clientY: y, bubbles: true };
    stage.dispatchEvent(kind === "dblclick" ? new MouseEvent(kind, more) : new PointerEvent(kind, more));
    delete stage.setPointerCapture;
  }, [type, ...point]);
  const point = await at(centre(map, cellA), 0);
  await pointer("pointerdown");
  await held.waitFor();
  await pointer("pointerup");
  await pointer("dblclick");
  await page.keyboard.press("Escape");
  await held.waitFor({ state: "detached" });
  assert.equal((await state()).zoom, 1);
  assert.deepEqual((await page.evaluate(() => window.farlook.pin())).cell, cellA, "the pin stays");
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
  let number, middle;
  const rest = async () => {
    if ((await state(0)).zoom !== 1) await page.tap("#zoom-fit");
    number = await atRest();
    middle = await at(centre(map, cellB), 0);
  };
  assert.equal((await state(0)).zoom, 1);
  await rest();
  const apart = (by, [dx, dy] = [0, 0]) => [[middle[0] - by + dx, middle[1] + dy], [middle[0] + by + dx, middle[1] + dy]];
  const told = await gesture((k) => apart(20 + k * 4, [k, k]), 5, rest);
  const zoom = (await state(1)).zoom;
  assert.ok(zoom > 1.5 && zoom < 2.6, `${zoom}: ${told}`);
  assert.equal((await state(0)).zoom, zoom);
  assert.equal((await frame(0)).frame, number, `another picture came: ${told}`);
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
