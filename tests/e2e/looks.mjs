// What stands around the picture, in a real browser: metrics, stretch and colours, why two vectors are
// similar, exports, uploads, help.
// usage: node tests/e2e/looks.mjs PATH_OF_FARLOOK_SERVER DIR_FOR_SCREENSHOTS
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

import { Look, PATIENCE, isAt, isChannel, near, openPage } from "./look.mjs";
import { png } from "./strips.mjs";
import { Truth, browserPath, centre, colour, compare, end, launch, npy, proxyUnderPrefix, root, serve } from "./lib.mjs";

const [binary, shots] = process.argv.slice(2);
if (!binary || !shots) {
  console.error("usage: node tests/e2e/looks.mjs PATH_OF_FARLOOK_SERVER DIR_FOR_SCREENSHOTS");
  process.exit(2);
}
const { decode, encode } = createRequire(join(root, "client/web/package.json"))("@msgpack/msgpack");

let passed = 0, failed = 0, skipped = 0;
let page; // of the test that runs
const complaints = [];

async function test(name, body) {
  try {
    await body();
    passed += 1;
    console.log(`ok - ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`not ok - ${name}\n${String(error.stack).replace(/^/gm, "    ")}`);
    if (page) await page.screenshot({ path: join(shots, `failed-looks-${failed}.png`) }).catch(() => undefined);
  }
}

function skip(name, why) {
  skipped += 1;
  console.log(`SKIPPED ${name}: ${why}`);
}

if (!existsSync(browserPath)) {
  skip("what stands around the picture", `there is no ${browserPath}; CHROMIUM names another`);
  console.log("0 passed, 0 failed, 1 skipped");
  process.exit(0);
}
mkdirSync(shots, { recursive: true });

// --- two scenes of our own: signed values under a picture, and spectra of 2400 bands ---

const HOLE = [2, 1];
const map = { name: "signed", w: 24, h: 16, d: 48, extent: [0, 0, 240, 160] };
const deep = { name: "spectra", w: 8, h: 6, d: 2400, extent: [0, 0, 8, 6] };
const dir = mkdtempSync(join(tmpdir(), "farlook-looks-"));
const hole = (i, j) => i === HOLE[0] && j === HOLE[1];
mkdirSync(join(dir, "field"));
writeFileSync(join(dir, "field/picture.png"), png(240, 160, Uint8Array.from({ length: 240 * 160 }, (_, k) => (k * 7) & 255)));
writeFileSync(join(dir, "field/signed.npy"), npy(map.w, map.h, map.d,
  (i, j, k) => (hole(i, j) ? 0 : 2.5 * Math.sin(i / 5 + k) - Math.cos(j / 4 - k / 3) + 0.1 * Math.sin(i * j * (k + 1)))));
writeFileSync(join(dir, "spectra.npy"), npy(deep.w, deep.h, deep.d,
  (i, j, k) => 1 + Math.sin(k / 300 + i) + 0.5 * Math.exp(-(((k - 300 * j) / 80) ** 2))));
const WAVES = Float32Array.from({ length: deep.d }, (_, k) => 400 + k * 0.875);

const server = await serve(resolve(binary), ["--software", "--listen", "127.0.0.1:0", dir]);
const { url } = server;
const browser = await launch();
const truth = new Truth(url, "field", map);
const cellA = [6, 9], cellB = [17, 5];

// What a server of the future, or one with other options, would say: the messages go through `change`.
const between = (change) => (each) => each.routeWebSocket(/\/ws$/, (client) => {
  const behind = client.connectToServer();
  client.onMessage((data) => behind.send(data));
  behind.onMessage((data) => {
    const message = decode(data);
    client.send(change(message) ? Buffer.from(encode(message)) : data);
  });
});
const uploadable = between((m) => m.t === "welcome" && (m.limits.upload = 100e6));
const withWaves = between((m) => m.t === "opened" && m.map.d === deep.d &&
  (m.map.axis = { unit: "nm", values: Buffer.from(WAVES.buffer) }));

const hash = (scene, layer, more = "") => `#v=1&scene=${scene}&layer=${layer}${more}`;
const pinned = `&ref=${centre(map, cellB)}&pin=${centre(map, cellA)}`;

async function open(size, where, options = {}) {
  page = await openPage(browser, size, (options.base ?? url) + where, options, complaints);
  if (!options.first && await page.locator("#first").isVisible()) await page.click("#first-close");
  return page;
}
const look = new Look(() => page);
const { frame, state, at, text, shows, pixels } = look.functions();
const WIDE = { width: 1280, height: 800 };
const value = (shown) => Number(shown.replaceAll("\u2212", "-").replace(/[°%]/, ""));
const close = (a, b, what) => assert.ok(Math.abs(a - b) <= 1e-3 * Math.abs(b) + 6e-4, `${what}: ${a}, not ${b}`);
const pinKnown = () => page.waitForFunction(() => window.farlook.pin()?.vector, null, { timeout: PATIENCE });

async function vectors() {
  const [b, a] = [await truth.vector(centre(map, cellB)), await truth.vector(centre(map, cellA))];
  return [b.vector, a.vector];
}

// What every channel adds to the dot product, as a part of all that is added.
function shares(b, a) {
  const products = b.map((v, k) => v * a[k]);
  const all = products.reduce((sum, v) => sum + Math.abs(v), 0);
  return products.map((v) => v / all);
}
const sorted = (keys) => keys.map((_, k) => k).sort((x, y) => keys[y] - keys[x] || x - y);

// --- colours and numbers ---

await test("all nine metrics are offered with a line of meaning, and the read-out says their numbers", async () => {
  await open(WIDE, hash("field", "signed", pinned));
  await pinKnown();
  const rows = await page.locator("#metric option").allInnerTexts();
  assert.equal(rows.length, 9);
  for (const row of rows) assert.match(row, /^\w+ · .{10,}/);
  const [b, a] = await vectors();
  const { cosine, s } = compare(b, a);
  const mean = (v) => v.reduce((x, y) => x + y) / v.length;
  const off = (v) => v.map((x) => x - mean(v));
  const pearson = compare(off(b), off(a)).cosine;
  const apart = (f) => b.reduce((sum, v, k) => sum + f(Math.abs(v - a[k])), 0);
  const want = {
    dot: b.reduce((sum, v, k) => sum + v * a[k], 0), l1: apart((v) => v), l2: Math.sqrt(apart((v) => v * v)),
    lhalf: apart(Math.sqrt) ** 2, pearson, msam: 1 - (2 / Math.PI) * Math.acos(pearson),
  };
  for (const metric of ["angular", "cosine", "angle", ...Object.keys(want)]) {
    await page.selectOption("#metric", metric);
    const shown = await shows((f) => f.shows.metric === metric);
    const all = (await truth.values(`ref=${centre(map, cellB)}&metric=${metric}`)).filter((v) => !Number.isNaN(v));
    close(shown.range[0], Math.min(...all), `${metric}: range`);
    await look.drawn();
    assert.equal(await text("#metric-value"), metric);
    close(value(await text("#r-s")), s, "s");
    close(value(await text("#r-cosine")), cosine, "cosine");
    assert.equal(await page.locator("#r-more-row").isVisible(), metric in want);
    if (metric in want) close(value(await text("#r-more")), want[metric], metric);
    assert.match(await page.getAttribute("#scale", "aria-label"), /^Colour scale from .*lo .*hi/);
  }
  await page.selectOption("#metric", "angular");
});

await test("percentiles and lo, hi are typed; what makes no sense is refused in a sentence", async () => {
  await page.selectOption("#stretch", "percentile");
  await shows();
  assert.deepEqual((await state()).stretch, ["percentile", 2, 98]);
  await page.fill("#stretch-low", "10");
  await page.keyboard.press("Tab");
  assert.deepEqual((await state()).stretch, ["percentile", 10, 98]);
  await page.fill("#stretch-high", "5");
  await page.keyboard.press("Enter");
  assert.deepEqual((await state()).stretch, ["percentile", 10, 98], "nothing changed");
  assert.match(await page.locator("#stretch-high").evaluate((field) => field.validationMessage), /first one below the second\.$/);
  const wide = (await frame()).hi; // of 98
  await page.fill("#stretch-high", "90");
  await page.keyboard.press("Enter");
  const before = await shows((f) => f.hi < wide);
  await page.selectOption("#stretch", "fixed");
  const [, lo, hi] = (await state()).stretch;
  assert.deepEqual([lo, hi], [before.lo, before.hi], "fixed starts from what is shown");
  await page.fill("#stretch-low", "\u22120,5");
  await page.keyboard.press("Enter");
  const typed = await shows((f) => f.lo === -0.5);
  assert.equal(typed.hi, hi, "the other number keeps all its digits");
  assert.match(await page.getAttribute("#scale", "aria-label"), /lo \u22120\.50/);
  await page.selectOption("#stretch", "around");
  await page.locator("#stretch-numbers").waitFor({ state: "hidden" });
  await page.locator(".panel.active .stage").focus();
});

await test("the paper's look is one click away, and so is the way back", async () => {
  await page.selectOption("#colormap", "magma");
  const before = await state();
  await page.click("#paper");
  await look.drawn();
  const { colormap, stretch, origin, picture } = await state();
  assert.deepEqual({ colormap, stretch, origin, picture }, { colormap: "fire", stretch: ["minmax"], origin: "min", picture: "grey" });
  assert.equal(await page.getAttribute("#paper", "aria-pressed"), "true");
  const shown = await shows((f) => f.hi > 0.9999);
  near((await pixels([centre(map, cellB)]))[0], colour("fire", 255), 1, "the reference is white");
  assert.equal(shown.picture.levels[cellB[1] * map.w + cellB[0]], 255);
  await page.screenshot({ path: join(shots, "looks-paper.png") });
  await page.click("#paper");
  await look.drawn();
  assert.deepEqual(await state(), before);
  assert.equal(await page.getAttribute("#paper", "aria-pressed"), "false");
  await page.click("#paper");
  await page.selectOption("#stretch", "around");
  await look.drawn();
  assert.equal(await page.getAttribute("#paper", "aria-pressed"), "false", "it is not the paper's any more");
  await page.selectOption("#origin", "zero");
  await page.selectOption("#colormap", "viridis");
});

await test("a signed channel is shown in diverging colours around 0, and the colours come back after it", async () => {
  const channel = 7;
  await page.locator("#opacity").fill("1");
  await page.locator("#bars").focus();
  await page.keyboard.press("Home");
  for (let k = 0; k < channel; k++) await page.keyboard.press("ArrowDown");
  await shows(isChannel(channel));
  assert.equal((await state()).colormap, "viridis", "a channel that is only looked at changes no setting");
  const values = await truth.values(`mode=channel&channel=${channel}`);
  const valid = values.filter((v) => !Number.isNaN(v));
  const m = Math.max(...valid.map(Math.abs));
  const check = async () => {
    const cells = [[1, 1], [5, 3], [12, 8], [20, 14], [3, 12], [22, 2]];
    const drawn = await pixels(cells.map((cell) => centre(map, cell)));
    const levels = cells.map(([i, j]) => Math.round((255 * (values[j * map.w + i] + m)) / (2 * m)));
    assert.ok(Math.min(...levels) < 110 && Math.max(...levels) > 145, "both signs are looked at");
    cells.forEach((cell, k) => near(drawn[k], colour("coolwarm", levels[k]), 5, `cell ${cell}`));
    const [, from, to] = /from (\S+) to (\S+),/.exec(await page.getAttribute("#scale", "aria-label"));
    assert.equal(value(from), -value(to));
    close(value(to), m, "the end of the scale");
  };
  await check();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => window.farlook.state().mode === "channel");
  assert.equal((await state()).colormap, "coolwarm");
  await look.drawn();
  assert.equal(await text("#r-more-name"), `channel ${channel}`);
  await page.mouse.move(...await at(centre(map, cellB)));
  await page.locator(".panel.active .stage").focus();
  await shows();
  await check();
  await page.selectOption("#colormap", "fire");
  await shows();
  assert.equal((await state()).colormap, "fire", "another choice stays");
  await page.selectOption("#colormap", "coolwarm");
  await page.locator(".panel.active .stage").focus();
  await page.keyboard.press("Escape");
  await shows((f) => f.shows.mode === "similarity");
  assert.equal((await state()).colormap, "viridis");
  await page.locator("#opacity").fill("0.1");
});

await test("the labels of the scale never cover each other", async () => {
  for (const stretch of ["around", "minmax", "percentile"]) {
    await page.selectOption("#stretch", stretch);
    for (const metric of ["angular", "angle", "dot", "lhalf"]) {
      await page.selectOption("#metric", metric);
      for (const cell of [cellA, [0, 0], [23, 15], cellB]) {
        await page.mouse.move(...await at(centre(map, cell)));
        await shows((f) => isAt(cell)(f) && f.shows.metric === metric);
        const boxes = await page.locator("#marks > span").evaluateAll((list) => list.map((e) => {
          const { top, bottom, right } = e.getBoundingClientRect();
          return [top, bottom, right];
        }));
        boxes.sort((a, b) => a[0] - b[0]);
        assert.ok(boxes.length >= 2);
        boxes.forEach(([top, , right], k) => {
          assert.ok(k === 0 || top >= boxes[k - 1][1] - 1, `${stretch} ${metric} ${cell}: ${boxes}`);
          assert.ok(right <= 1280 - 312, `${right} reaches into the panel`);
        });
      }
    }
  }
  await page.context().close();
});

// --- why similar ---

await test("the channels that make the similarity are named with their shares and values", async () => {
  await open(WIDE, hash("field", "signed", pinned));
  await pinKnown();
  const [b, a] = await vectors();
  const share = shares(b, a);
  const want = sorted(share.map(Math.abs));
  assert.equal(await text("#why-similar-title"), "Why similar?");
  const rows = page.locator("#strongest button:visible");
  const names = await rows.locator(".name").allInnerTexts();
  assert.ok(names.length >= 4);
  names.forEach((name, k) => assert.equal(name, `channel ${want[k]}`));
  const parts = await rows.locator(".share").allInnerTexts();
  parts.forEach((part, k) => assert.ok(Math.abs(value(part) - 100 * share[want[k]]) < 0.06, `${part}`));
  const numbers = (await rows.first().locator(".values").innerText()).split(" | ").map(value);
  assert.ok(Math.abs(numbers[0] - b[want[0]]) < 0.01 * Math.abs(b[want[0]]) + 0.001);
  assert.ok(Math.abs(numbers[1] - a[want[0]]) < 0.01 * Math.abs(a[want[0]]) + 0.001);
  await rows.nth(1).click();
  await shows(isChannel(want[1]));
  assert.equal((await state()).channel, want[1]);
  await look.drawn();
  assert.equal(await rows.nth(1).getAttribute("aria-pressed"), "true");
  await page.mouse.move(...await at(centre(map, cellB)));
  await page.screenshot({ path: join(shots, "looks-channel.png") });
  await rows.nth(1).click();
  await page.mouse.move(...await at(centre(map, cellB)));
  await shows((f) => f.shows.mode === "similarity");
  await page.click("#why-toggle");
  assert.equal(await page.locator("#strongest").isVisible(), false);
  await page.reload();
  await shows();
  assert.equal(await page.locator("#strongest").isVisible(), false, "closed, it stays closed");
  await page.click("#why-toggle");
});

await test("bars are sorted by value, difference and share, and drawn as their difference", async () => {
  await pinKnown();
  const [b, a] = await vectors();
  const keys = { value: b, difference: b.map((v, k) => Math.abs(v - a[k])), share: shares(b, a), index: b.map((_, k) => -k) };
  for (const [sort, key] of Object.entries(keys)) {
    await page.selectOption("#bars-sort", sort);
    await page.locator("#bars").focus();
    await page.keyboard.press("Home");
    const order = sorted(key);
    for (let k = 0; k < 5; k++) {
      assert.equal(await page.getAttribute("#bars", "aria-valuenow"), String(order[k]), `${sort}, place ${k}`);
      await page.keyboard.press("ArrowDown");
    }
    await page.keyboard.press("End");
    assert.equal(await page.getAttribute("#bars", "aria-valuenow"), String(order.at(-1)));
    await page.keyboard.press("Escape");
  }
  await page.selectOption("#bars-mode", "difference");
  await page.locator("#bars").focus();
  await page.keyboard.press("Home");
  const tip = await text("#bars-tip");
  close(value(/Δ (\S+)/.exec(tip)[1]), b[0] - a[0], "the difference");
  assert.equal(await page.getAttribute("#bars", "data-drawn"), "difference");
  await page.keyboard.press("Escape");
  await page.selectOption("#bars-sort", "value");
  await page.waitForFunction(() => /&chart=difference&order=value/.test(location.hash));
  await page.reload(); // the link has it
  await shows();
  await page.waitForFunction(() => document.querySelector("#bars").dataset.drawn === "difference");
  assert.equal(await page.inputValue("#bars-sort"), "value");
  await page.locator("#bars").focus();
  await page.keyboard.press("Home");
  assert.equal(await page.getAttribute("#bars", "aria-valuenow"), String(sorted(keys.value)[0]));
  await page.keyboard.press("Escape");
  await page.locator(".panel.active .stage").focus();
  await page.keyboard.press("Escape");
  await page.mouse.move(...await at(centre(map, cellA)));
  await shows(isAt(cellA));
  await page.keyboard.press("p"); // the pin goes: a difference takes two
  await page.waitForFunction(() => document.querySelector("#bars").dataset.drawn === "bars");
  assert.equal(await text("#why-similar-title"), "Strongest channels");
  await page.context().close();
});

await test("of 2400 channels every one is reached: by wheel, buttons, the overview and keys", async () => {
  await open(WIDE, hash("spectra", "spectra", "&ref=2.5,3.5"));
  const bars = await page.locator("#bars").boundingBox();
  const span = async () => /(\d+) to (\d+) of 2400/.exec(await text("#bars-title")).slice(1).map(Number);
  for (let k = 0; k < 4; k++) await page.click("#bars-in");
  const zoomed = await page.locator("#bars").boundingBox();
  assert.deepEqual(zoomed, bars, "nothing moves while one zooms");
  const [first, last] = await span();
  assert.ok(last - first < 160, `${first} to ${last}`);
  const seen = new Set();
  await page.mouse.move(bars.x + 60, bars.y + 10);
  await page.mouse.click(bars.x + bars.width - 5, bars.y + 2); // the overview's top
  assert.equal((await span())[0], 0);
  await page.mouse.click(bars.x + bars.width - 5, bars.y + bars.height - 2);
  assert.equal((await span())[1], 2399);
  assert.equal((await state()).mode, "similarity", "the overview keeps no channel");
  await page.mouse.click(bars.x + bars.width - 5, bars.y + bars.height / 2);
  const [from, to] = await span();
  for (let y = 0.5; y < bars.height; y++) {
    await page.mouse.move(bars.x + 60, bars.y + y);
    seen.add(Number(await page.getAttribute("#bars", "aria-valuenow")));
  }
  for (let k = from + 1; k < to; k++) assert.ok(seen.has(k), `channel ${k} is not reached`);
  await page.locator("#bars").focus();
  await page.keyboard.press("Home");
  assert.equal((await span())[0], 0, "the rows follow the keys");
  await page.keyboard.press("Shift+ArrowDown");
  assert.equal(await page.getAttribute("#bars", "aria-valuenow"), "10");
  await page.keyboard.press("End");
  await shows(isChannel(2399));
  await page.keyboard.press("0");
  assert.match(await text("#bars-title"), /^Vector · 2400 channels$/);
  await page.keyboard.press("+");
  assert.match(await text("#bars-title"), /to 2399 of 2400$/, "keys zoom about the chosen channel");
  await page.screenshot({ path: join(shots, "looks-zoomed.png") });
  await page.context().close();
});

await test("wavelengths name the bars, and the spectra are drawn as lines over them", async () => {
  await open(WIDE, hash("spectra", "spectra", "&ref=2.5,3.5&pin=6.5,1.5"), { prepare: withWaves });
  await pinKnown();
  await page.locator("#bars").focus();
  await page.keyboard.press("Home");
  assert.match(await text("#bars-tip"), /^400\.0 nm \(0\) · /);
  await page.keyboard.press("Escape");
  assert.match(await page.locator("#strongest .name").first().innerText(), / nm$/);
  await page.selectOption("#bars-mode", "lines");
  const bars = await page.locator("#bars").boundingBox();
  const wave = async (x) => {
    await page.mouse.move(bars.x + x, bars.y + bars.height / 2);
    return Number(/^(\S+) nm/.exec(await text("#bars-tip"))[1]);
  };
  const [left, middle, right] = [await wave(40), await wave(160), await wave(270)];
  assert.ok(left < 520 && middle > 1300 && middle < 1700 && right > 2350, `${left}, ${middle}, ${right}`);
  const inks = await page.evaluate(() => {
    const canvas = document.querySelector("#bars");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let [ink, orange] = [0, 0];
    for (let k = 0; k < data.length; k += 4) {
      if (data[k + 3] < 200) continue;
      if (data[k] > 200 && data[k + 2] > 200) ink++;
      if (data[k] > 220 && data[k + 2] < 120) orange++;
    }
    return [ink, orange];
  });
  for (const count of inks) assert.ok(count > 150, `both lines are drawn: ${inks}`);
  await page.mouse.wheel(0, -600);
  assert.match(await text("#bars-title"), /of 2400$/);
  await page.screenshot({ path: join(shots, "looks-lines.png") });
  await page.context().close();
});

// --- taking it along ---

const download = async (kind) => {
  await page.click("#export");
  const [file] = await Promise.all([page.waitForEvent("download", { timeout: PATIENCE }), page.click(`#export-menu [data-kind="${kind}"]`)]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
};

await test("the menu of exports works by the keyboard and says what it is", async () => {
  await open(WIDE, hash("field", "signed", pinned));
  await page.locator("#export").focus();
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.getAttribute("#export", "aria-expanded"), "true");
  const active = () => page.evaluate(() => [document.activeElement.getAttribute("role"), document.activeElement.textContent]);
  assert.deepEqual(await active(), ["menuitem", "PNG, at the picture’s size240 × 160"]);
  await page.keyboard.press("ArrowDown");
  assert.deepEqual(await active(), ["menuitem", "PNG, on the map’s grid24 × 16"]);
  await page.keyboard.press("ArrowDown");
  assert.equal((await active())[0], "menuitemcheckbox");
  const checked = () => page.getAttribute('#export-menu [role="menuitemcheckbox"]', "aria-checked");
  const was = await checked();
  await page.keyboard.press(" ");
  assert.notEqual(await checked(), was);
  assert.equal((await active())[0], "menuitemcheckbox", "the focus stays on it");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  assert.match((await active())[1], /^curl line/, "the last follows the first");
  await page.screenshot({ path: join(shots, "looks-export.png") });
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#export-menu").isVisible(), false);
  assert.equal(await page.evaluate(() => document.activeElement.id), "export");
  await page.click("#export");
  await page.mouse.click(600, 400);
  assert.equal(await page.locator("#export-menu").isVisible(), false, "a click beside it closes it");
});

await test("pictures, numbers and vectors are saved, and are what the server computes", async () => {
  await page.mouse.move(...await at(centre(map, cellB)));
  await shows(isAt(cellB));
  await page.evaluate(() => document.querySelector("#export").click());
  if (await page.getAttribute('#export-menu [role="menuitemcheckbox"]', "aria-checked") === "true") {
    await page.click('#export-menu [role="menuitemcheckbox"]');
  }
  await page.keyboard.press("Escape");
  const size = (bytes) => [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const picture = await download("picture");
  assert.equal(picture.name, "field-signed-angular.png");
  assert.deepEqual(size(picture.bytes), [240, 160]);
  assert.deepEqual(size((await download("grid")).bytes), [24, 16]);
  const raw = await download("raw");
  const start = 10 + raw.bytes.readUInt16LE(8);
  const values = new Float32Array(raw.bytes.buffer.slice(raw.bytes.byteOffset + start, raw.bytes.byteOffset + raw.bytes.length));
  const { ref } = await state();
  assert.deepEqual(values, await truth.values(`ref=${ref}`));
  const vector = JSON.parse((await download("vector.json")).bytes);
  assert.deepEqual(vector.cell, cellB);
});

await test("every export asks for what the view shows; what the server refuses is told", async () => {
  const asked = [];
  await page.route(/\/(frame|vector)\.(json|csv|png)\?/, (route) => {
    asked.push(decodeURIComponent(new URL(route.request().url()).pathname.split("/maps/")[1]) + new URL(route.request().url()).search);
    return route.fulfill({ status: 501, contentType: "application/json", body: '{"code":5,"message":"This server cannot do it; ask for another."}' });
  });
  await page.selectOption("#metric", "l1");
  await page.selectOption("#stretch", "percentile");
  await page.selectOption("#colormap", "fire");
  await page.click("#export");
  await page.click('#export-menu [role="menuitemcheckbox"]');
  await page.keyboard.press("Escape");
  for (const kind of ["parameters", "vector.csv", "picture"]) {
    await page.click("#export");
    await page.click(`#export-menu [data-kind="${kind}"]`);
    await page.waitForFunction(() => document.querySelector("#banner-text").textContent === "This server cannot do it; ask for another.");
    await page.click("#banner-close");
  }
  const { ref } = await state();
  const computed = `ref=${ref}&mode=similarity&metric=l1&origin=zero&stretch=percentile,2,98`;
  const seen = "&colormap=fire&opacity=0.1&picture=grey";
  assert.deepEqual(asked, [
    `signed/frame.json?${computed}${seen}&download=1`,
    `signed/vector.csv?ref=${ref}&download=1`,
    `signed/frame.png?${computed}${seen}&colorbar=1&download=1`,
  ]);
  await page.unroute(/\/(frame|vector)\.(json|csv|png)\?/);
  complaints.splice(0, complaints.length, ...complaints.filter((each) => !/status of 501/.test(each)));
  await page.selectOption("#metric", "angular");
  await page.selectOption("#stretch", "around");
});

await test("the link and the curl line are copied, and a shell gets the picture with that line", async () => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const copied = async (item) => {
    await page.click("#export");
    await page.click(`#export-menu [role="menuitem"]:has-text("${item}")`);
    await page.waitForFunction(() => document.querySelector("#export span").textContent === "Copied");
    const words = await page.evaluate(() => navigator.clipboard.readText());
    await page.waitForFunction(() => document.querySelector("#export span").textContent === "Export");
    return words;
  };
  assert.equal(await copied("Link to this view"), page.url());
  const line = await copied("curl line");
  const folder = mkdtempSync(join(tmpdir(), "farlook-curl-"));
  try {
    await promisify(execFile)("sh", ["-c", line], { cwd: folder, timeout: 20000 });
    const bytes = readFileSync(join(folder, "field-signed-angular.png"));
    assert.equal(bytes.toString("latin1", 1, 4), "PNG");
    assert.equal(bytes.toString("latin1").includes("fire"), true, "the colour map stands in its text");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  await page.context().close();
});

// --- uploads ---

// Takes uploads in front of a server that takes none. `on` may answer a piece otherwise.
function taking() {
  const got = { stored: Buffer.alloc(0), ranges: [], urls: [], on: null };
  const whole = (query) => new Promise((done) => {
    const parts = [];
    query.on("data", (part) => parts.push(part));
    query.on("end", () => done(Buffer.concat(parts)));
  });
  const take = async (query, answer) => {
    const bytes = await whole(query);
    const [a, b, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(query.headers["content-range"]).slice(1).map(Number);
    got.ranges.push([a, b, total]);
    got.urls.push(query.url.replace(/id=[a-z0-9]+/, "id=ID"));
    assert.equal(bytes.length, b + 1 - a);
    const say = (status, body) => answer.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    if (got.on?.(query, say, a)) return;
    if (a !== got.stored.length) return say(416, { code: 3, message: "A piece is missing.", received: got.stored.length });
    got.stored = Buffer.concat([got.stored, bytes]);
    if (got.stored.length === total) return say(201, { scene: "spectra", map: "spectra" });
    say(202, { received: got.stored.length });
  };
  got.answers = (query, answer) => query.method === "PUT" && (void take(query, answer), true);
  return got;
}

const PIECE = 8 * 1024 * 1024;
const bytesOf = (length) => Buffer.from(Uint8Array.from({ length }, (_, k) => (k * 31 + (k >> 9)) & 255));
const choose = (files) => page.setInputFiles("#upload-input", files.map(([name, buffer]) => ({ name, mimeType: "", buffer })));

await test("a server that takes no uploads is not offered any", async () => {
  const none = between((m) => m.t === "welcome" && ((m.limits.upload = 0), true));
  await open(WIDE, hash("field", "signed"), { prepare: none });
  assert.equal(await page.locator("#upload-open").isVisible(), false);
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(["x"], "a.npy"));
    for (const type of ["dragenter", "drop"]) dispatchEvent(new DragEvent(type, { dataTransfer: data, cancelable: true }));
  });
  assert.equal(await page.locator("#upload").isVisible(), false);
  assert.equal(await page.locator("#drop").isVisible(), false);
  await page.context().close();
});

await test("a dropped file goes up in pieces, goes on after a lost connection, and opens by itself", async () => {
  const got = taking();
  const proxy = await proxyUnderPrefix(url, got.answers);
  const data = bytesOf(2 * PIECE + 12345);
  got.on = (query, _, a) => a === PIECE && got.ranges.length === 2 && (query.socket.destroy(), true);
  try {
    await open(WIDE, hash("field", "signed"), { base: proxy.url, prepare: uploadable });
    await page.evaluate(() => dispatchEvent(new DragEvent("dragenter", { dataTransfer: (() => {
      const data = new DataTransfer();
      data.items.add(new File(["x"], "a.npy"));
      return data;
    })() })));
    assert.equal(await page.locator("#drop").isVisible(), true);
    await page.evaluate((length) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from({ length }, (_, k) => (k * 31 + (k >> 9)) & 255)], "spectra.npy"));
      dispatchEvent(new DragEvent("drop", { dataTransfer: data, cancelable: true }));
    }, data.length);
    assert.equal(await page.locator("#drop").isVisible(), false);
    assert.match(await text("#upload-files"), /spectra\.npy\s*feature map, 16\.8 MB/);
    assert.equal(await page.inputValue("#upload-scene"), "spectra");
    await page.selectOption("#upload-layout", "HWC");
    await page.screenshot({ path: join(shots, "looks-upload.png") });
    await page.click("#upload-start");
    await page.waitForFunction(() => document.documentElement.dataset.map === "spectra/spectra", null, { timeout: PATIENCE });
    assert.equal(await page.locator("#upload").isVisible(), false);
    assert.ok(got.stored.equals(data), "every byte arrived once");
    assert.deepEqual(got.ranges, [
      [0, PIECE - 1, data.length], [PIECE, 2 * PIECE - 1, data.length],
      [PIECE, 2 * PIECE - 1, data.length], [2 * PIECE, data.length - 1, data.length],
    ]);
    for (const path of got.urls) assert.equal(path, "/lab/x/api/v1/scenes/spectra/maps/spectra?id=ID&layout=HWC");
    complaints.splice(0, complaints.length, ...complaints.filter((each) => !/ERR_EMPTY_RESPONSE|ERR_CONNECTION/.test(each)));
    await page.context().close();
  } finally {
    proxy.close();
  }
});

await test("what the server or the page refuses is said in a sentence; a picture goes before its map; cancel stops", async () => {
  const got = taking();
  const proxy = await proxyUnderPrefix(url, got.answers);
  try {
    await open(WIDE, hash("field", "signed"), { base: proxy.url, prepare: uploadable });
    await page.click("#upload-open");
    for (const [name, size, want] of [["a.tif", 10, /Python/], ["b.txt", 10, /\.npy/], ["c.npy", 0, /empty/], ["d.npy", 100e6 + 1, /100\.0 MB at most/]]) {
      const file = size < 1e6 ? [name, Buffer.alloc(size)] : null;
      if (file) await choose([file]);
      else await page.evaluate(([name, size]) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(size)], name));
        const input = document.querySelector("#upload-input");
        input.files = data.files;
        input.dispatchEvent(new Event("change"));
      }, [name, size]);
      assert.match(await text("#upload-error"), want);
      assert.equal(await page.locator("#upload-start").isDisabled(), true);
    }
    await choose([["layer.npy", bytesOf(1000)], ["photo.png", bytesOf(10)]]);
    await page.fill("#upload-scene", "a/b");
    await page.click("#upload-start");
    assert.match(await text("#upload-error"), /no slash/);
    await page.fill("#upload-scene", "my scene");
    got.on = (query, say) => (/picture/.test(query.url) ? say(201, { scene: "my scene" })
      : say(422, { code: 15, message: "Both layouts fit; choose one." }), true);
    await page.click("#upload-start");
    await page.waitForFunction(() => document.querySelector("#upload-error").textContent === "Both layouts fit; choose one.");
    assert.deepEqual(got.urls, ["/lab/x/api/v1/scenes/my%20scene/picture?id=ID", "/lab/x/api/v1/scenes/my%20scene/maps/layer?id=ID"]);
    assert.equal(await page.locator("#upload-start").isVisible(), true, "it can be tried again");
    got.urls.length = 0;
    got.on = () => true; // never answers
    await page.click("#upload-start");
    await page.locator("#upload-cancel").waitFor();
    await page.click("#upload-cancel");
    await page.waitForFunction(() => /cancelled/.test(document.querySelector("#upload-error").textContent));
    await page.waitForTimeout(700);
    assert.ok(got.urls.length <= 1, "nothing more is sent");
    complaints.splice(0, complaints.length, ...complaints.filter((each) => !/status of 422/.test(each)));
    await page.context().close();
  } finally {
    proxy.close();
  }
});

// --- help, hint, drawer, words ---

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
  await page.waitForFunction(() => /^cell 3, 1, s 1\.0000/.test(document.querySelector("#say").textContent), null, { timeout: 4000 });
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

// Luminance of a CSS colour, by WCAG.
const luminance = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};

await test("all words have a contrast of 4.5 to 1 at least, in the dark and in the light", async () => {
  for (const colorScheme of ["dark", "light"]) {
    await open(WIDE, hash("field", "signed", `${pinned}&stretch=percentile,2,98&metric=l2`), { colorScheme });
    await pinKnown();
    await page.click("#export");
    await page.waitForTimeout(300);
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
      const [a, b] = [luminance(ink), luminance(ground)].sort((x, y) => y - x);
      const contrast = (a + 0.05) / (b + 0.05);
      assert.ok(contrast >= 4.5, `${colorScheme}: ${name} “${said}” has ${contrast.toFixed(2)}: ${ink} on ${ground}`);
    }
    await page.context().close();
  }
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
  for (const colorScheme of ["dark", "light"]) {
    for (const [width, height] of [[1280, 800], [1920, 1080]]) {
      await open({ width, height }, hash("field", "signed", pinned), { colorScheme });
      await pinKnown();
      await page.waitForTimeout(200);
      await page.screenshot({ path: join(shots, `looks-${width}-${colorScheme}.png`) });
      const side = await page.locator("#side").evaluate((e) => [e.scrollHeight - e.clientHeight, e.scrollWidth - e.clientWidth]);
      assert.deepEqual(side, [0, 0], "nothing is cut off in the panel");
      await page.context().close();
    }
  }
});

await test("the browser had nothing to complain about", () => assert.deepEqual(complaints, []));

page = undefined;
await browser.close();
await test("the server ends with status 0 when asked to", async () => {
  rmSync(dir, { recursive: true, force: true });
  assert.deepEqual(await end(server.child, "SIGTERM"), { status: 0, signal: null });
});
console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
