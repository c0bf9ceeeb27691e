// Teaching: a lecturer's one file with three layers and a picture, looked at by a class.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import {
  alsoServe, at, drawn, frame, hover, open, page, pixelSum, shots, shows, skip, state, test, text, use,
} from "./fixture.mjs";
import { PATIENCE } from "./look.mjs";
import { Notebook } from "./notebook.mjs";
import { folder } from "./scenes.mjs";
import { centre, compare } from "./lib.mjs";
import { readIfealid, shared } from "../golden/maps.mjs";
import { decode, greet } from "../protocol/lib/client.mjs";

const WIDE = { width: 1280, height: 800 };
const notebook = new Notebook();

// The file as a lecturer makes it with NumPy: real layers of a photograph where they are, else waves.
async function makeLesson() {
  const photo = join(shared, "hyd.jpg"), path = join(folder, "lesson.npz");
  const files = { conv2: "hyd_esp_b2_f16.npy", conv3: "hyd_deit_b6_f32.npy", conv4: "hyd_rn50_conv4x_f32.npy" };
  const real = existsSync(photo);
  if (real) writeFileSync(join(folder, "hyd.ppm"), execFileSync("djpeg", ["-pnm", photo], { maxBuffer: 1 << 26 }));
  else skip("the lesson's real layers", `there is no ${photo}; FARLOOK_DATA names another folder; waves are looked at instead`);
  const paths = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, join(shared, "maps", file)]));
  await notebook.run(`
    import numpy as np
    if real:
        head, size, top, pixels = open(ppm, "rb").read().split(b"\\n", 3)
        w, h = map(int, size.split())
        image = np.frombuffer(pixels, np.uint8).reshape(h, w, 3)
        layers = {name: np.load(file) for name, file in paths.items()}
    else:
        y, x = np.mgrid[0:640, 0:427]
        image = np.stack([x % 256, y % 256, (x + y) % 256], axis=2).astype(np.uint8)
        def waves(h, w, d, dtype):
            j, i, k = np.ogrid[0:h, 0:w, 0:d]
            return (1.2 + np.sin(9 * i / w + k) + np.cos(11 * j / h - k / 3)).astype(dtype)
        layers = {"conv2": waves(160, 108, 64, np.float16), "conv3": waves(80, 52, 96, np.float32),
                  "conv4": waves(40, 27, 192, np.float32)}
    np.savez(path, **layers, image=image)

    def similarity(layer, i, j):
        p = np.load(path)[layer].astype(np.float64)
        unit = p / np.linalg.norm(p, axis=2, keepdims=True)
        s = 1 - 2 / np.pi * np.arccos(np.clip(unit @ unit[j, i], -1, 1))
        s[j, i] = 1
        return s
  `, { real, path, paths, ppm: join(folder, "hyd.ppm") });
  return path;
}

const { url: base } = await alsoServe(await makeLesson());
const { scenes: [lesson] } = await (await fetch(`${base}api/v1/scenes`)).json();
const [w, h] = lesson.picture ?? [0, 0];
const HYDRANT = [Math.floor(w * 0.71) + 0.5, Math.floor(h * 0.53) + 0.5], ELSEWHERE = [Math.floor(w * 0.3) + 0.5, Math.floor(h * 0.2) + 0.5];
const cellOf = ({ w, h, extent: [x0, y0, x1, y1] }, [x, y]) => [Math.floor(((x - x0) / (x1 - x0)) * w), Math.floor(((y - y0) / (y1 - y0)) * h)];
const isCell = (map, point) => (f) => f.cell?.join() === cellOf(map, point).join() && f.shows.mode === "similarity";
const all = (fits) => Promise.all(lesson.maps.map((map, k) => shows((f) => fits(f, map, k), false, k)));
const allAt = (point, more = () => true) => all((f, map) => isCell(map, point)(f) && more(f));
const views = () => page.evaluate(() => window.farlook.panels());
const chip = (k, button) => page.locator(`.layer-chip[data-layer="${lesson.maps[k].name}"] .${button}`);
const unit = (v) => Math.max(0, Math.min(1, v));

// The picture's levels against values in float64, both stretched from lo to hi.
function farthest({ picture: { levels } }, values, lo, hi) {
  return Math.max(...values.map((value, n) => Math.abs(levels[n] - 255 * unit((value - lo) / (hi - lo)))));
}

await test("lesson: one .npz is a scene with its picture and its layers, three of them side by side", async () => {
  assert.deepEqual(lesson.maps.map(({ name }) => name), ["conv2", "conv3", "conv4"]);
  await open(WIDE, "", { base });
  assert.equal((await views()).list.length, 1);
  await chip(1, "beside").click();
  await chip(2, "beside").click();
  assert.deepEqual((await views()).list.map(({ layer }) => layer), ["conv2", "conv3", "conv4"]);
  await hover(HYDRANT, 0);
  await allAt(HYDRANT);
});

await test("lesson: the ring lies at the same point of the picture in every panel", async () => {
  for (const [k, point] of [[0, HYDRANT], [1, ELSEWHERE], [2, HYDRANT]]) {
    await hover(point, k);
    await allAt(point);
    for (const [n, map] of lesson.maps.entries()) {
      const [x, y] = await page.evaluate((panel) => {
        const box = document.querySelectorAll(".panel")[panel].querySelector(".stage > .ring").getBoundingClientRect();
        const [x0, y0] = window.farlook.locate(0, 0, panel), [x1, y1] = window.farlook.locate(1, 1, panel);
        return [(box.left + box.width / 2 - x0) / (x1 - x0), (box.top + box.height / 2 - y0) / (y1 - y0)];
      }, n);
      const [x0, y0, x1, y1] = map.extent;
      assert.ok(Math.abs(x - point[0]) < (x1 - x0) / map.w && Math.abs(y - point[1]) < (y1 - y0) / map.h, `${map.name}: ${[x, y]}, not ${point}`);
      const cell = (await frame(n)).cell;
      const [cx, cy] = centre(map, cell);
      assert.ok(Math.abs(cx - point[0]) < (x1 - x0) / map.w && Math.abs(cy - point[1]) < (y1 - y0) / map.h, `${map.name}: cell ${cell}`);
    }
  }
});

await test("lesson: min to max, every picture is that of the formula on the file's values", async () => {
  await page.selectOption("#stretch", "minmax");
  const frames = await allAt(HYDRANT, (f) => f.hi === 1);
  for (const [k, map] of lesson.maps.entries()) {
    const [i, j] = cellOf(map, HYDRANT);
    const s = (await notebook.run("similarity(layer, i, j)", { layer: map.name, i, j })).flat();
    const lo = Math.min(...s);
    assert.ok(Math.abs(frames[k].lo - lo) < 2e-6, `${map.name}: lo ${frames[k].lo}, not ${lo}`);
    const worst = farthest(frames[k], s, lo, Math.max(...s));
    assert.ok(worst <= 1, `${map.name}: ${worst} levels off`);
  }
  await page.screenshot({ path: join(shots, "story-lesson.png") });
});

await test("lesson: a click pins, the bars show the vector, a bar its channel", async () => {
  await hover(HYDRANT, 0);
  await page.mouse.down();
  await page.mouse.up();
  await hover(ELSEWHERE, 0);
  await allAt(ELSEWHERE);
  await page.waitForFunction(() => window.farlook.pin()?.vector, null, { timeout: PATIENCE });
  const [i, j] = cellOf(lesson.maps[0], ELSEWHERE);
  const vector = await notebook.run("np.load(path)['conv2'][j, i].astype(np.float32)", { i, j });
  assert.deepEqual(await page.evaluate(() => window.farlook.vector()), vector);
  const pin = await page.evaluate(() => window.farlook.pin());
  const shown = await page.evaluate(() => window.farlook.numbers());
  assert.ok(Math.abs(shown.s - compare(vector, pin.vector).s) < 1e-6);
  await drawn();
  assert.equal(await text("#r-s"), shown.s.toFixed(4));
  await page.locator("#bars").focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  const channel = await shows((f) => f.shows.mode === "channel" && f.shows.channel === 1, false, 0);
  const values = (await notebook.run("np.load(path)['conv2'][:, :, 1].astype(np.float64)")).flat();
  assert.ok(farthest(channel, values, channel.lo, channel.hi) <= 1);
  await page.locator(".panel.active .stage").focus();
  await allAt(ELSEWHERE);
  await page.keyboard.press("p"); // nothing is pinned there: this pins it, and once more takes it away
  await page.keyboard.press("p");
});

await test("lesson: two seconds of fast movement end at the last position; no more pictures are on their way than fit", async () => {
  const flow = { out: [], most: 0, sets: 0, moves: 0 };
  const watch = (ws) => {
    ws.on("framereceived", ({ payload }) => {
      const message = decode(payload);
      if (message.t !== "frame") return;
      flow.out.push(message);
      flow.most = Math.max(flow.most, flow.out.filter(({ view }) => view === message.view).length);
    });
    ws.on("framesent", ({ payload }) => {
      const message = decode(payload);
      if (message.t === "set") flow.sets += 1;
      if (message.t === "ack") flow.out = flow.out.filter(({ frame }) => frame > message.frame);
    });
  };
  const old = page;
  const layers = lesson.maps.map(({ name }, k) => `&layer${k === 0 ? "" : `.${k + 1}`}=${name}`).join("");
  await open(WIDE, `#v=1&scene=${lesson.name}${layers}`, { base, prepare: (each) => each.on("websocket", watch) });
  await hover(HYDRANT, 0);
  await allAt(HYDRANT);
  const [x0, y0] = await at([1, 1], 0), [x1, y1] = await at([w - 1, h - 1], 0);
  const start = performance.now();
  let point = HYDRANT;
  for (let k = 0; performance.now() - start < 2000; k++) {
    const [fx, fy] = [0.5 + 0.45 * Math.sin(k / 3), 0.5 + 0.45 * Math.cos(k / 5)];
    await page.mouse.move(x0 + fx * (x1 - x0), y0 + fy * (y1 - y0));
    flow.moves += 1;
  }
  const last = performance.now();
  ({ ref: point } = await state());
  const shown = await allAt(point);
  console.log(`# ${flow.moves} moves, ${flow.sets} sets, at most ${flow.most} pictures of a panel unacknowledged; the last position shown exactly in three panels ${Math.round(performance.now() - last)} ms after the last move`);
  assert.ok(flow.most >= 1 && flow.most <= 8, `${flow.most} pictures of a panel on their way`);
  const [mx, my] = await at(point, 0);
  const [fx, fy] = await page.evaluate(() => {
    const box = document.querySelector(".panel .stage > .ring").getBoundingClientRect();
    return [box.left + box.width / 2, box.top + box.height / 2];
  });
  assert.ok(Math.hypot(mx - fx, my - fy) < 1.5, "the ring is where the pointer stopped");
  for (const [k, map] of lesson.maps.entries()) assert.deepEqual(shown[k].cell, cellOf(map, point));
  await page.context().close();
  use(old);
});

await test("lesson: the link on the slides opens exactly this: layers, reference, metric, stretch, colours, opacity", async () => {
  await page.selectOption("#metric", "angle");
  await page.selectOption("#stretch", "percentile");
  await page.fill("#stretch-low", "5");
  await page.keyboard.press("Enter");
  await page.selectOption("#colormap", "cividis");
  await page.click("#reverse");
  await page.locator("#opacity").fill("0.35");
  await page.click("#picture-colour");
  await hover(HYDRANT, 2);
  const shown = await allAt(HYDRANT, (f) => f.shows.metric === "angle");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.click("#share");
  await page.waitForFunction(() => document.querySelector("#share-word").textContent === "Link copied");
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const [want, sum] = [await views(), await pixelSum()];
  assert.deepEqual(want.list.map(({ metric, stretch, colormap, opacity, picture, ref }) => [metric, stretch, colormap, opacity, picture, ref]),
    Array(3).fill(["angle", ["percentile", 5, 98], "cividis_r", 0.35, "colour", want.list[0].ref]));
  const old = page;
  await open(WIDE, new URL(link).hash, { base });
  const back = await allAt(HYDRANT, (f) => f.shows.metric === "angle");
  assert.deepEqual(await views(), want);
  back.forEach(({ lo, hi, picture }, k) => {
    assert.deepEqual([lo, hi], [shown[k].lo, shown[k].hi]);
    assert.deepEqual(picture.levels, shown[k].picture.levels);
  });
  await drawn();
  await page.waitForTimeout(300); // the picture under the heat map
  assert.equal(await pixelSum(), sum, "the same pixels");
  await page.context().close();
  use(old);
  await page.context().close();
});

await test("lesson: everything works from the keyboard alone", async () => {
  await open(WIDE, "", { base });
  const tabTo = async (selector) => {
    for (let k = 0; k < 80; k++) {
      if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`Tab does not reach ${selector}`);
  };
  for (const map of lesson.maps.slice(1)) {
    await tabTo(`.layer-chip[data-layer="${map.name}"] .beside`);
    await page.keyboard.press("Enter");
  }
  assert.equal((await views()).list.length, 3);
  await page.keyboard.press("3");
  const map = lesson.maps[2];
  const before = (await shows(() => true, false, 2)).cell;
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowUp");
  const cell = [before[0] + 2, before[1] - 1];
  await allAt(centre(map, cell));
  await page.keyboard.press("p");
  await page.keyboard.press("Shift+ArrowDown");
  await allAt(centre(map, [cell[0], cell[1] + 10]));
  await page.waitForFunction(() => window.farlook.pin()?.vector, null, { timeout: PATIENCE });
  await drawn();
  assert.equal(await text("#r-what"), `compared with the pin at ${cell.join(", ")}`);
  await tabTo("#metric");
  await page.keyboard.press("ArrowDown");
  await all((f) => f.shows.metric === "cosine");
  await tabTo("#colormap");
  await page.keyboard.type("civ");
  assert.equal((await state()).colormap, "cividis");
  await tabTo(".panel.active .stage"); // out of the list, which takes letters itself
  await page.keyboard.press("1");
  await page.keyboard.press("l");
  const { lo, hi } = await shows(() => true, false, 0);
  await all((f) => f.lo === lo && f.hi === hi);
  await page.keyboard.press("+");
  assert.ok((await state()).zoom > 1);
  await page.keyboard.press("?");
  assert.equal(await page.locator("#help").isVisible(), true);
  await page.keyboard.press("Escape");
  await page.context().close();
});

await test("lesson: forty browsers look at one map; one that stops reading holds up nobody", async () => {
  const port = Number(new URL(base).port), map = lesson.maps[2], name = `${lesson.name}/${map.name}`;
  const slow = await greet(port, { acks: false });
  await slow.open(name);
  const others = await Promise.all(Array.from({ length: 39 }, () => greet(port)));
  await Promise.all(others.map((each) => each.open(name)));
  const s = (await notebook.run("similarity('conv4', 5, 7)")).flat();
  const times = [];
  for (let round = 0; round < 6; round++) {
    for (let k = 0; k < 5; k++) slow.set({ ref: centre(map, [(round * 5 + k) % map.w, k]) });
    await Promise.all(others.map(async (each, k) => {
      const cell = round === 5 ? [5, 7] : [(3 * k + round) % map.w, (k + 7 * round) % map.h];
      const begin = performance.now();
      const shown = await each.show({ ref: centre(map, cell), stretch: ["minmax"] });
      times.push(performance.now() - begin);
      assert.deepEqual(shown.cell, cell);
      if (round < 5) return;
      const { lo } = shown;
      assert.ok(Math.abs(lo - Math.min(...s)) < 2e-6, "the right numbers");
    }));
  }
  const sent = slow.frames.length;
  assert.ok(sent <= 8, `${sent} pictures on their way to one who acknowledges none`);
  const want = slow.seq;
  slow.acks = true;
  slow.ack(slow.frames.at(-1));
  await slow.frame((f) => f.seq === want);
  const skipped = want - slow.frames.filter((f, k, list) => list.findIndex((g) => g.seq === f.seq) === k).length;
  assert.ok(skipped > 0, "what was asked meanwhile is not caught up, the newest comes");
  times.sort((a, b) => a - b);
  console.log(`# 39 viewers, 6 rounds: a picture after ${Math.round(times[times.length >> 1])} ms in the median, ${Math.round(times.at(-1))} ms at most; ${sent} unacknowledged to the slow one`);
  for (const each of [slow, ...others]) each.destroy();
});

// --- the paper's own example ---

const zips = ["C1", "C3"].map((one) => join(shared, `ifealid/000000015746.jpg.${one}.npz.8.zip`));
const missing = zips.find((path) => !existsSync(path));
if (missing) {
  skip("lesson: the paper's public example looks as the paper says", `there is no ${missing}; FARLOOK_DATA names another folder`);
} else {
  const paper = await alsoServe(...zips);
  await test("lesson: the paper's public example looks as the paper says", async () => {
    const { scenes } = await (await fetch(`${paper.url}api/v1/scenes`)).json();
    for (const [k, path] of zips.entries()) {
      const { name, maps: [map] } = scenes[k], { w, h, d, data } = readIfealid(path);
      assert.deepEqual([map.w, map.h, map.d], [w, h, d]);
      await open(WIDE, `#v=1&scene=${encodeURIComponent(name)}&layer=${encodeURIComponent(map.name)}`, { base: paper.url });
      await page.click("#paper");
      for (const [i, j] of [[Math.floor(w * 0.7), Math.floor(h * 0.55)], [Math.floor(w * 0.2), Math.floor(h * 0.3)]]) {
        await hover(centre(map, [i, j]));
        const shown = await shows((f) => f.cell?.join() === `${i},${j}` && f.hi === 1);
        const at = (cell) => data.subarray(cell * d, (cell + 1) * d);
        const s = Array.from({ length: w * h }, (_, cell) => Math.max(0, compare(at(cell), at(j * w + i)).s));
        const worst = farthest(shown, s, Math.min(...s), 1);
        assert.ok(worst <= 2, `${map.name}: ${worst} levels off`);
      }
      await page.context().close();
    }
  });
}

notebook.end();
