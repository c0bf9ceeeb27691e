// A lab: an expert pushes a scene from a notebook, a biologist looks for more of the same behind the
// hub's proxy, in a second picture too, and takes the numbers away.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";

import {
  alsoServe, at, drawn, hover, opacity, open, page, pixels, shots, shows, skip, state, test, text,
} from "./fixture.mjs";
import { PATIENCE, near } from "./look.mjs";
import { Notebook } from "./notebook.mjs";
import { folder } from "./scenes.mjs";
import { centre, colour, proxyUnderPrefix } from "./lib.mjs";
import { shared } from "../golden/maps.mjs";
import { parseNpy } from "../protocol/lib/npy.mjs";
import { decodePng } from "../protocol/lib/png.mjs";

const WIDE = { width: 1280, height: 800 };
const { url } = await alsoServe("--upload-dir", mkdtempSync(join(folder, "lab-")));
const hub = await proxyUnderPrefix(url); // takes its prefix off, as jupyter-server-proxy does
const notebook = new Notebook({ FARLOOK_SERVER: url, FARLOOK_PROXY_URL: hub.url.replace(/\/$/, "") });

const paths = Object.fromEntries(Object.entries({
  photo: "hyd.jpg", features: "maps/hyd_deit_b6_f32.npy", photo2: "aers.jpg", features2: "maps/aers_deit_b9_f32.npy", long: "maps/hyd_rn50_conv4x_f32.npy",
}).map(([name, file]) => [name, join(shared, file)]));
const real = Object.values(paths).every((path) => existsSync(path));
if (!real) skip("the lab's real features", `they are not all at ${shared}; FARLOOK_DATA names another folder; waves are looked at instead`);
await notebook.run(`
  import farlook, numpy as np
  if real:
      photo, photo2 = paths["photo"], paths["photo2"]
      features, features2, long = (np.load(paths[name]) for name in ("features", "features2", "long"))
  else:
      def waves(h, w, d, at):
          j, i, k = np.ogrid[0:h, 0:w, 0:d]
          return (np.sin(9 * i / w + k + at) + np.cos(11 * j / h - k / 3) * np.sin(i * j / 90 + k)).astype(np.float32)
      features, features2, long = waves(80, 52, 64, 0), waves(56, 100, 64, 1), waves(40, 27, 128, 0)
      photo, photo2 = (np.random.default_rng(1).integers(0, 256, shape, np.uint8) for shape in ((640, 427, 3), (562, 1000, 3)))
  holes = [(3, 4), (5, 6), (7, 9)]
  features = features.copy()
  features[3, 4], features[5, 6, 2], features[7, 9, 1] = 0, np.nan, np.inf
`, { real, paths });

const catalogue = async () => (await (await fetch(`${url}api/v1/scenes`)).json()).scenes;
const named = (list, name) => list.find((each) => each.name === name);
let reef, map;
const POINTS = [[0.71, 0.53], [0.36, 0.42], [0.55, 0.8], [0.2, 0.15]];
const cellAt = ([fx, fy], { w, h } = map) => [Math.floor(w * fx), Math.floor(h * fy)];
const isCell = (cell) => (f) => f.cell?.join() === cell.join() && f.shows.mode === "similarity";
const unit = (v) => Math.max(0, Math.min(1, v));
function checkLevels({ lo, hi, picture }, values, what) {
  values.forEach((value, n) => {
    if (value === null || Number.isNaN(value)) return;
    const level = 255 * unit((value - lo) / (hi - lo));
    assert.ok(Math.abs(picture.levels[n] - level) <= 1, `${what}, cell ${n}: ${picture.levels[n]}, not ${level}`);
  });
}

const requests = [];
await test("lab: a scene pushed from a notebook is a page behind the hub's proxy", async () => {
  const address = await notebook.run(`
    view = farlook.show({"dino": features}, photo, name="reef")
    view.url
  `);
  assert.ok(address.startsWith(hub.url), address);
  reef = named(await catalogue(), "reef");
  [map] = reef.maps;
  await open(WIDE, new URL(address).hash, { base: hub.url, prepare: (each) => each.on("request", (r) => requests.push(r.url())) });
  assert.equal((await state()).scene, "reef");
  const cell = cellAt(POINTS[0]);
  await hover(centre(map, cell));
  const shown = await shows(isCell(cell));
  const [x, y] = (await state()).ref;
  const s = await notebook.run("view.reference = y, x\nview.similarity()", { x, y });
  assert.deepEqual([s.length, s[0].length], [map.h, map.w]);
  checkLevels(shown, s.flat(), "one reference");
  await drawn();
  assert.match(await text(".panel.active .caption-range"), /3 no data$/);
});

await test("lab: two more places and one that it is not, picture in colour, opacity", async () => {
  const clickWith = async (key, point) => {
    await hover(point);
    await page.keyboard.down(key);
    await page.mouse.down();
    await page.mouse.up();
    await page.keyboard.up(key);
  };
  for (const [k, point] of POINTS.entries()) await clickWith(k < 3 ? "Shift" : "Alt", centre(map, cellAt(point)));
  const { refs } = await state();
  assert.deepEqual(refs.map((ref) => ref[2]), [1, 1, 1, -1]);
  const points = refs.map(([x, y]) => [y, x]);
  const cells = POINTS.map((point) => cellAt(point));
  await page.locator("#share").focus(); // not by the pointer, which may be over the picture on its way
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.hash.includes("refs="), null, { timeout: PATIENCE });
  assert.deepEqual(await notebook.run("view.restore(link)\n[view.reference, view.negative, view.layer]", { link: await page.evaluate(() => location.href) }), [points.slice(0, 3), points.slice(3), "dino"]);
  const [s, truth, range] = await notebook.run(`
    def against(features, vector):
        with np.errstate(invalid="ignore", divide="ignore"):
            p = features.astype(np.float64)
            q = vector.astype(np.float64)
            c = p @ q / np.linalg.norm(p, axis=2) / np.linalg.norm(q)
        return 1 - 2 / np.pi * np.arccos(np.clip(c, -1, 1))
    one = [against(features, features[j, i]) for i, j in cells]
    truth = np.maximum(np.maximum(one[0], one[1]), one[2]) - one[3]
    [view.similarity(), truth, list(view.range)]
  `, { points, cells });
  // Pictures of fewer references may still be on their way.
  const isAll = (f) => f.cell === null && [f.lo, f.hi].every((v, k) => Math.abs(v - range[k]) < 1e-6);
  const shown = await shows(isAll);
  checkLevels(shown, s.flat(), "several references");
  s.flat().forEach((value, n) => assert.ok((value === null) === (truth.flat()[n] === null) && Math.abs(value - truth.flat()[n]) < 1e-4));
  await opacity(0.6);
  await page.click("#picture-colour");
  await drawn();
  const { picture } = await state();
  assert.equal(picture, "colour");
  await page.screenshot({ path: join(shots, "story-lab.png") });
});

// The picture of a scene comes before its layers; until then the list offers its filter bank.
const beside = async (scene, layer) => {
  const option = page.locator(`#add optgroup[label=${scene}] option`, { hasText: layer });
  await page.selectOption("#add", await option.getAttribute("value", { timeout: PATIENCE }));
};

const download = async (kind) => {
  await page.click("#export");
  const [file] = await Promise.all([page.waitForEvent("download", { timeout: PATIENCE }), page.click(`#export-menu [data-kind="${kind}"]`)]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
};

await test("lab: the picture, the numbers and what makes them again are taken away", async () => {
  await page.click("#refs-clear");
  const cell = cellAt(POINTS[0]);
  await hover(centre(map, cell));
  await page.locator("#export").focus(); // not by the pointer, which would move the reference
  const shown = await shows(isCell(cell));
  const { ref } = await state();
  const files = {};
  for (const kind of ["grid", "picture", "raw", "parameters"]) files[kind] = await download(kind);
  assert.deepEqual((await state()).ref, ref);
  assert.deepEqual(Object.values(files).map(({ name }) => name),
    ["reef-dino-angular-grid.png", "reef-dino-angular.png", "reef-dino-angular.npy", "reef-dino-angular.json"]);
  const raw = parseNpy(files.raw.bytes);
  assert.deepEqual(raw.shape, [map.h, map.w]);
  assert.match(files.raw.bytes.toString("latin1", 0, 128), /'<f4'/);
  const invalid = [...raw.data.keys()].filter((n) => Number.isNaN(raw.data[n]));
  assert.deepEqual(invalid, [[4, 3], [6, 5], [9, 7]].map(([i, j]) => j * map.w + i), "NaN where there is no data");

  // From the parameters alone, in float64 from the features as they are in the notebook.
  const said = JSON.parse(files.parameters.bytes);
  assert.deepEqual([said.scene, said.layer, said.metric, said.origin, said.stretch, said.colormap, said.opacity, said.picture],
    ["reef", "dino", "angular", "zero", ["around"], "viridis", 0.6, "colour"]);
  assert.deepEqual(said.cell, cell);
  const alike = (a, b) => a.forEach((value, k) => assert.ok(Math.abs(value - b[k]) < 1e-6, `${a}, not ${b}`));
  assert.deepEqual([said.lo, said.hi], [shown.lo, shown.hi]);
  const again = (await notebook.run("i, j = said['cell']\nagainst(features, features[j, i])", { said })).flat();
  const self = said.cell[1] * map.w + said.cell[0];
  again.forEach((value, n) => n === self || value === null || assert.ok(Math.abs(value - raw.data[n]) < 1e-4, `cell ${n}`));
  assert.equal(raw.data[self], 1);
  const npy = await (await fetch(new URL(said.npy, `${hub.url}api/v1/scenes/reef/maps/dino/frame.json`))).arrayBuffer();
  assert.ok(Buffer.from(npy).equals(files.raw.bytes), "its address gives the same numbers");

  const grid = decodePng(files.grid.bytes), whole = decodePng(files.picture.bytes);
  assert.ok(grid.w > map.w && grid.h >= map.h);
  for (const { text: words, w, h } of [grid, whole]) {
    assert.deepEqual([words.scene, words.layer, words.metric, words.stretch, words.colormap], ["reef", "dino", "angular", "around", "viridis"]);
    alike([words.lo, words.hi].map(Number), [said.lo, said.hi]);
    assert.deepEqual([words.ref.split(",").map(Number), words["ref cell"].split(",").map(Number)], [ref, cell]);
    const [x0, y0, x1, y1] = words.colorbar.split(",").map(Number);
    assert.ok(x0 < x1 && y0 < y1 && x1 <= w && y1 <= h, `the bar lies at ${words.colorbar}`);
  }
  const rgb = ({ data, channels, w }, x, y) => [...data.subarray((y * w + x) * channels, (y * w + x) * channels + 3)];
  for (let n = 0; n < map.w * map.h; n++) {
    if (again[n] === null) continue;
    const level = 255 * unit((raw.data[n] - said.lo) / (said.hi - said.lo));
    const near = [-1, 0, 1].map((by) => colour("viridis", Math.max(0, Math.min(255, Math.round(level) + by))).join());
    const got = rgb(grid, n % map.w, Math.floor(n / map.w)).join();
    assert.ok(near.includes(got), `cell ${n}: ${got}, not ${near[1]}`);
  }
  const [bx0, by0, bx1, by1] = grid.text.colorbar.split(",").map(Number), middle = (bx0 + bx1) >> 1;
  near(rgb(grid, middle, by0), colour("viridis", 255), 3, "the bar's top");
  near(rgb(grid, middle, by1 - 1), colour("viridis", 0), 3, "the bar's end");
  assert.ok(whole.w > reef.picture[0] && whole.h >= reef.picture[1], "the picture's size, and the bar beside it");
});

await test("lab: the same place looked for in a second picture, the best match marked", async () => {
  await notebook.run(`farlook.push({"dino": features2}, photo2, name="shore")`);
  await beside("shore", "dino");
  await shows(() => true, false, 1);
  await page.locator(".panel").nth(1).locator(".cross").click();
  const cell = cellAt(POINTS[0]);
  await hover(centre(map, cell), 0);
  await shows(isCell(cell), false, 0);
  const other = named(await catalogue(), "shore").maps[0];
  const [i, j] = cell;
  const truth = (await notebook.run("against(features2, features[j, i])", { i, j })).flat();
  const best = truth.indexOf(Math.max(...truth));
  const shown = await shows((f) => f.cell?.join() === cell.join() && f.best?.join() === [best % other.w, Math.floor(best / other.w)].join(), false, 1);
  checkLevels(shown, truth, "the other picture");
  assert.ok(Math.abs(shown.hi - truth[best]) < 2e-6 && Math.abs(shown.lo - Math.min(...truth)) < 2e-6);
  const mark = await page.locator(".panel").nth(1).locator(".best").boundingBox();
  const [x, y] = await at(centre(other, shown.best), 1);
  assert.ok(Math.hypot(mark.x + mark.width / 2 - x, mark.y + mark.height / 2 - y) < 1.5, "the mark lies there");
  await page.screenshot({ path: join(shots, "story-lab-cross.png") });
  const vector = await notebook.run("features[j, i]", { i, j });
  await page.keyboard.press("2");
  assert.deepEqual(JSON.parse((await download("vector.json")).bytes).vector.map(Math.fround), vector, "the reference's vector, of the first picture");
});

await test("lab: vectors of another length are refused by name", async () => {
  await notebook.run(`farlook.push({"conv4": long}, photo, name="resnet")`);
  await page.locator(".panel").nth(1).locator(".remove").click();
  await beside("resnet", "conv4");
  await shows(() => true, false, 1);
  await page.locator(".panel").nth(1).locator(".cross").click();
  const words = page.locator(".panel").nth(1).locator(".veil-text");
  await words.filter({ hasText: /\.$/ }).waitFor({ timeout: PATIENCE });
  const said = await words.innerText();
  assert.match(said, /dino/);
  assert.match(said, /conv4/);
  await page.locator(".panel").nth(1).locator(".remove").click();
});

await test("lab: everything went through the proxy's prefix, and no features came along", async () => {
  assert.deepEqual(hub.outside, []);
  const outside = requests.filter((each) => !each.startsWith(hub.url) && !/^(data|blob):/.test(each));
  assert.deepEqual(outside, []);
  const kinds = /^(api\/v1\/scenes\/[^/]+\/(picture|maps\/[^/]+\/(mask|frame|vector)\.)|assets\/|[\w.-]*(#|$)|[\w-]+\.[\w.-]+$)/;
  for (const each of requests.filter((one) => one.startsWith(hub.url))) assert.match(each.slice(hub.url.length), kinds);
  await page.context().close();
});

await test("lab: where no WebSocket passes, pictures come by plain requests", async () => {
  const start = performance.now();
  let n = 0;
  for (; performance.now() - start < 2000; n++) {
    const [x, y] = centre(map, [(5 * n) % map.w, 20 + ((3 * n) % 40)]);
    const answer = await fetch(`${hub.url}api/v1/scenes/reef/maps/dino/frame.jpg?ref=${x},${y}`);
    assert.equal(answer.status, 200);
    const bytes = Buffer.from(await answer.arrayBuffer());
    assert.deepEqual([bytes[0], bytes[1]], [0xff, 0xd8]);
  }
  console.log(`# frame.jpg at the picture's size behind the proxy: ${(n / ((performance.now() - start) / 1000)).toFixed(1)} pictures a second`);
});

notebook.end();
hub.close();
