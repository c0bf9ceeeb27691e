// Debugging: a net that answers wrongly. Its layers for a good and a bad picture are hooked, pushed and
// compared side by side, while training goes on.
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";

import { address, alsoServe, at, drawn, frame, hover, open, page, pixels, shots, shows, skip, state, test, text } from "./fixture.mjs";
import { PATIENCE, near } from "./look.mjs";
import { Notebook } from "./notebook.mjs";
import { folder } from "./scenes.mjs";
import { centre, compare } from "./lib.mjs";

const WIDE = { width: 1280, height: 800 };
const LAYERS = ["stem", "block", "head"];
const { url } = await alsoServe("--upload-dir", mkdtempSync(join(folder, "debug-")));
const notebook = new Notebook({ FARLOOK_SERVER: url });
const hasTorch = await notebook.run("import torch").then(() => true, () => false);
const testNet = hasTorch ? test : (name) => skip(name, "there is no torch; docker/install.sh installs it");

const catalogue = async () => (await (await fetch(`${url}api/v1/scenes`)).json()).scenes;
const mapOf = async (scene, layer) => (await catalogue()).find((each) => each.name === scene).maps.find((each) => each.name === layer);
const views = () => page.evaluate(() => window.farlook.panels());
const every = (fits) => Promise.all([0, 1, 2, 3, 4, 5].map((k) => shows((f) => fits(f, k), false, k)));
const born = () => page.evaluate(() => performance.timeOrigin); // another one after a reload
const POINT = [80.5, 40.5], OTHER = [30.5, 60.5]; // of a picture of 120 x 80
const unit = (v) => Math.max(0, Math.min(1, v));
function checkLevels({ lo, hi, picture }, values, what) {
  values.forEach((value, n) => {
    if (value === null) return;
    const level = 255 * unit((value - lo) / (hi - lo));
    assert.ok(Math.abs(picture.levels[n] - level) <= 1, `${what}, cell ${n}: ${picture.levels[n]}, not ${level}`);
  });
}

if (hasTorch) {
  await notebook.run(`
    import farlook, numpy as np, torch
    torch.manual_seed(5)
    net = torch.nn.Sequential()
    net.add_module("stem", torch.nn.Conv2d(3, 16, 3, stride=2, padding=1))
    net.add_module("relu", torch.nn.ReLU())
    net.add_module("block", torch.nn.Conv2d(16, 32, 3, stride=2, padding=1))
    net.add_module("head", torch.nn.Conv2d(32, 48, 3, stride=2, padding=1))
    y, x = np.mgrid[0:80, 0:120]
    good = np.stack([127 + 100 * np.sin(x / 9), 127 + 100 * np.cos(y / 7), 127 + 100 * np.sin((x + y) / 13)], axis=2).astype(np.uint8)
    bad = good[:, ::-1].copy()
    bad[30:50, 40:60] = 255
    pictures = {"good": good, "bad": bad}
    def look(name):
        with farlook.hook(net, ["stem", "block", "head"]) as maps:
            net(torch.from_numpy(pictures[name].copy()).permute(2, 0, 1)[None] / 32 - 4)
        return maps
    def values(maps, layer):  # (H, W, C) in float64, by torch alone
        return maps[layer][0].permute(1, 2, 0).double().numpy()
    def angular(p, q):
        with np.errstate(invalid="ignore", divide="ignore"):
            c = p @ q / np.linalg.norm(p, axis=-1) / np.linalg.norm(q)
        return 1 - 2 / np.pi * np.arccos(np.clip(c, -1, 1))
  `);
}

await testNet("debug: the hooked layers of a good and a bad picture, two rows of three, one cursor", async () => {
  await notebook.run(`
    maps = {name: look(name) for name in pictures}
    seen = {name: farlook.push(maps[name], pictures[name], name=name, layout="NCHW") for name in pictures}
  `);
  await open(WIDE, "#v=1&scene=good&layer=stem", { base: url });
  for (const [scene, layer] of [["good", "block"], ["good", "head"], ["bad", "stem"], ["bad", "block"], ["bad", "head"]]) {
    const option = page.locator(`#add optgroup[label=${scene}] option`, { hasText: layer });
    await page.selectOption("#add", await option.getAttribute("value"));
  }
  await every(() => true);
  const tops = await page.locator(".panel").evaluateAll((list) => list.map((each) => each.getBoundingClientRect().top));
  assert.deepEqual([new Set(tops.slice(0, 3)).size, new Set(tops.slice(3)).size, tops[0] < tops[3]], [1, 1, true]);
  for (const k of [3, 4, 5]) await page.locator(".panel").nth(k).locator(".cross").click();
  assert.deepEqual((await views()).list.map(({ from }) => from), ["", "", "", "good/stem", "good/block", "good/head"], "each with its own layer");
  await hover(POINT, 0);
  const cells = await Promise.all(LAYERS.map(async (layer) => {
    const { w, h, extent: [x0, y0, x1, y1] } = await mapOf("good", layer);
    return [Math.floor(((POINT[0] - x0) / (x1 - x0)) * w), Math.floor(((POINT[1] - y0) / (y1 - y0)) * h)];
  }));
  const frames = await every((f, k) => f.cell?.join() === cells[k % 3].join());
  const truth = await notebook.run(`
    [angular(values(maps[name], layer), values(maps["good"], layer)[j, i])
     for name in ("good", "bad") for layer, (i, j) in zip(("stem", "block", "head"), cells)]
  `, { cells });
  truth.forEach((s, k) => checkLevels(frames[k], s.flat(), `panel ${k + 1}`));
  await page.screenshot({ path: join(shots, "story-debug.png") });
});

await testNet("debug: metric and norm change what is shown without a reload; below 0 is shown as below 0", async () => {
  const before = await born();
  for (const metric of ["cosine", "l2", "angular"]) {
    await page.selectOption("#metric", metric);
    await every((f) => f.shows.metric === metric);
  }
  await page.keyboard.press("Escape");
  await page.locator(".panel").nth(0).locator(".stage").focus();
  await page.selectOption("#mode", "norm");
  const norm = await shows((f) => f.shows.mode === "norm", false, 0);
  checkLevels(norm, (await notebook.run("np.linalg.norm(values(maps['good'], 'stem'), axis=2)")).flat(), "norm");
  await page.selectOption("#mode", "similarity");
  const shown = await shows((f) => f.shows.mode === "similarity", false, 0);
  const s = (await notebook.run("angular(values(maps['good'], 'stem'), values(maps['good'], 'stem')[j, i])", { i: shown.cell[0], j: shown.cell[1] })).flat();
  const least = Math.min(...s), map = await mapOf("good", "stem");
  assert.ok(least < -0.05, `the net has values on both sides: ${least}`);
  assert.ok(Math.abs(shown.lo - least) < 2e-6, `lo is ${shown.lo}, not ${least}`);
  const cell = [s.indexOf(least) % map.w, Math.floor(s.indexOf(least) / map.w)];
  await page.locator(".panel").nth(0).locator(".stage").focus();
  await page.keyboard.press("h");
  await hover(centre(map, cell), 0);
  await page.waitForFunction((want) => window.farlook.numbers().cell?.join() === want && window.farlook.numbers().s < 0, cell.join(), { timeout: PATIENCE });
  await drawn();
  assert.equal(await text("#r-s"), `\u2212${Math.abs((await page.evaluate(() => window.farlook.numbers())).s).toFixed(4)}`);
  await page.keyboard.press("h");
  assert.equal(await born(), before);
});

await testNet("debug: the lock keeps lo and hi to the bit, over pictures, layers and a reload", async () => {
  await hover(POINT, 0);
  await page.keyboard.press("1");
  await drawn();
  const { lo, hi } = await shows((f) => f.shows.mode === "similarity", false, 0);
  await page.keyboard.press("l");
  const locked = (await state()).stretch;
  assert.equal(locked[0], "fixed");
  const same = (f) => f.lo === locked[1] && f.hi === locked[2];
  await every(same);
  assert.ok(Math.abs(locked[1] - lo) < 1 && locked[2] <= 1 && hi <= 1);
  await hover(OTHER, 1);
  await address((now) => now.includes("lock="));
  await every(same);
  await page.reload();
  await every(same);
  await page.keyboard.press("2");
  await page.keyboard.press("]");
  await page.waitForFunction(() => window.farlook.state(1).layer === "head", null, { timeout: PATIENCE });
  await every(same);
  assert.deepEqual((await state()).stretch, locked);
  await page.keyboard.press("[");
  await page.waitForFunction(() => window.farlook.state(1).layer === "block", null, { timeout: PATIENCE });
  await page.keyboard.press("l");
  await every((f) => !same(f));
});

await testNet("debug: the next checkpoint under the same names: the view stays, the pictures are the new ones", async () => {
  await page.selectOption("#metric", "cosine");
  await page.selectOption("#stretch", "percentile");
  await hover(POINT, 0);
  await every((f) => f.shows.metric === "cosine");
  await page.waitForTimeout(400);
  const [before, time, old] = [await views(), await born(), await mapOf("good", "stem")];
  const frames = await every(() => true);
  await notebook.run(`
    torch.manual_seed(6)
    with torch.no_grad():
        for weights in net.parameters(): weights += 0.2 * torch.randn_like(weights)
    maps = {name: look(name) for name in pictures}
    seen = {name: farlook.push(maps[name], pictures[name], name=name, layout="NCHW") for name in pictures}
  `);
  const { rev } = await mapOf("good", "stem");
  assert.ok(rev > old.rev, `rev ${rev} after ${old.rev}`);
  const cells = frames.map(({ cell }) => cell);
  const truth = await notebook.run(`
    cosines = [np.cos(np.pi / 2 * (1 - angular(values(maps[name], layer), values(maps["good"], layer)[j, i])))
               for (name, layer), (i, j) in zip([(n, l) for n in ("good", "bad") for l in ("stem", "block", "head")], cells)]
    [(c, np.percentile(c, 2)) for c in cosines]
  `, { cells });
  const shown = await every((f, k) => Math.abs(f.lo - truth[k][1]) < 1e-5 && f.shows.metric === "cosine");
  truth.forEach(([s], k) => checkLevels(shown[k], s.flat(), `panel ${k + 1}`));
  assert.deepEqual(await views(), before);
  assert.equal(await born(), time);
});

await testNet("debug: numbers on the page are those that Python reads back", async () => {
  await page.selectOption("#metric", "angular");
  await page.selectOption("#stretch", "minmax");
  await page.keyboard.press("1");
  const shown = await shows((f) => f.shows.metric === "angular" && f.hi === 1, false, 0);
  const { ref } = await state();
  const [lo, hi, vector, s, reference] = await notebook.run(`
    v = seen["good"]
    v.reference, v.metric, v.stretch = (y, x), "angular", "minmax"
    [*v.range, v.vector(layer="stem"), v.similarity("stem"), v.reference]
  `, { x: ref[0], y: ref[1] });
  assert.deepEqual(reference, [ref[1], ref[0]]);
  assert.deepEqual([lo, hi], [shown.lo, shown.hi]);
  assert.deepEqual(await page.evaluate(() => window.farlook.vector()), vector);
  checkLevels(shown, s.flat(), "what Python reads");
});

await testNet("debug: cells without data are seen as such, counted, and out of the statistics", async () => {
  await notebook.run(`
    features = np.random.default_rng(2).standard_normal((20, 30, 12)).astype(np.float32)
    features[3, 4], features[10, 6, 2], features[15, 20, 1] = 0, np.nan, np.inf
    v = farlook.push({"holes": features}, good, name="holes")
  `);
  await page.context().close();
  await open(WIDE, "#v=1&scene=holes&layer=holes", { base: url });
  const map = await mapOf("holes", "holes");
  assert.equal(map.invalid, 3);
  await page.selectOption("#stretch", "minmax");
  await hover(centre(map, [12, 9]));
  const shown = await shows((f) => f.cell?.join() === "12,9" && f.hi === 1);
  const s = (await notebook.run("angular(features.astype(np.float64), features[9, 12].astype(np.float64))")).flat();
  const valid = s.filter((value) => value !== null);
  assert.equal(valid.length, 597);
  assert.ok(Math.abs(shown.lo - Math.min(...valid)) < 2e-6);
  checkLevels(shown, s, "around the holes");
  await drawn();
  assert.match(await text(".panel.active .caption-range"), /3 no data$/);
  await page.click("#picture-colour");
  await drawn();
  const holes = [[4, 3], [6, 10], [20, 15]].map((cell) => centre(map, cell));
  await page.waitForFunction(() => window.farlook.state().picture === "colour");
  const want = await notebook.run("[good[int(y), int(x)] for x, y in holes]", { holes });
  const clear = async (colours, what) => (await pixels(holes)).forEach((rgba, k) => near(rgba, colours[k], 12, `${what} ${k}`));
  await clear(want, "the picture alone at hole");
  await hover(holes[1]);
  await page.waitForFunction(() => document.querySelector("#r-s").textContent === "no data", null, { timeout: PATIENCE });
  await hover(centre(map, [12, 9]));
  await notebook.run(`farlook.push({"holes": features}, np.full((80, 120, 3), (200, 30, 90), np.uint8), name="holes")`);
  const end = performance.now() + PATIENCE;
  for (;;) {
    const [[r, g, b]] = await pixels(holes);
    if (Math.abs(r - 200) + Math.abs(g - 30) + Math.abs(b - 90) < 12) break;
    if (performance.now() > end) throw new Error(`the replaced picture is not shown, but ${[r, g, b]}`);
    await page.waitForTimeout(50);
  }
});

await testNet("debug: tensors of every layout and kind arrive as they are; what can be read in two ways is refused with both", async () => {
  const shapes = await notebook.run(`
    base = torch.randn(1, 24, 20, 30)
    tokens = torch.cat([torch.zeros(1, 5, 24), base.flatten(2).transpose(1, 2)], dim=1)
    v = farlook.push({"nchw": base}, good, name="kinds")
    v.add("tokens", tokens, layout="NLC", grid=(20, 30), skip=5)
    v.add("half", base.half())
    v.add("brain", base.bfloat16())
    v.add("grad", base.clone().requires_grad_())
    [v.layers, base[0, :, 9, 12].half().float(), base[0, :, 9, 12].bfloat16().float(), base[0, :, 9, 12]]
  `);
  const [layers, half, brain, plain] = shapes;
  const wanted = { nchw: plain, tokens: plain, half, brain, grad: plain };
  for (const layer of layers) {
    await page.context().close();
    await open(WIDE, `#v=1&scene=kinds&layer=${layer}`, { base: url });
    const map = await mapOf("kinds", layer);
    assert.deepEqual([map.w, map.h, map.d], [30, 20, 24]);
    await hover(centre(map, [12, 9]));
    await shows((f) => f.cell?.join() === "12,9");
    assert.deepEqual(await page.evaluate(() => window.farlook.vector()), wanted[layer], layer);
  }
  const again = await page.evaluate(() => window.farlook.vector());
  assert.ok(Math.abs(compare(again, wanted[layers.at(-1)]).s - 1) < 1e-6);
  for (const shape of ["(40, 60, 90)", "(7, 9, 11)"]) {
    const error = await notebook.run(`v.add("unclear", np.zeros(${shape}, np.float32) + 1)`).catch((one) => one);
    assert.equal(error.name, "LayoutError");
    const [h, w, c] = shape.match(/\d+/g).map(Number);
    for (const reading of [`"HWC" would be ${w} x ${h} cells of ${c}`, `"CHW" would be ${c} x ${w} cells of ${h}`]) assert.ok(error.message.includes(reading), `${error.message} has no ${reading}`);
  }
  assert.equal(await mapOf("kinds", "unclear"), undefined);
  // The same file without the helper: the server's own word.
  const bytes = await notebook.run(`
    import base64, io
    file = io.BytesIO()
    np.save(file, np.ones((40, 60, 90), np.float32))
    base64.b64encode(file.getvalue()).decode()
  `);
  const answer = await fetch(`${url}api/v1/scenes/kinds/maps/unclear`, { method: "PUT", body: Buffer.from(bytes, "base64") });
  const said = await answer.json();
  assert.deepEqual([answer.status, said.code], [422, 15], said.message);
  assert.match(said.message, /60 ?x ?40/);
  assert.match(said.message, /90 ?x ?60/);
  assert.equal(await mapOf("kinds", "unclear"), undefined, "nothing of it is shown");
  await page.context().close();
});

notebook.end();
