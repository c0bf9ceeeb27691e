// The vectors: which channels make the similarity, and the chart of all of them.
import assert from "node:assert/strict";
import { join } from "node:path";

import { address, at, drawn, page, shots, shows, state, test, text } from "./fixture.mjs";
import {
  WIDE, cellA, cellB, close, hash, map, open, pinKnown, pinned, value, vectors, withWaves,
} from "./field.mjs";
import { isAt, isChannel } from "./look.mjs";
import { centre } from "./lib.mjs";

// What every channel adds to the dot product, as a part of all that is added.
function shares(b, a) {
  const products = b.map((v, k) => v * a[k]);
  const all = products.reduce((sum, v) => sum + Math.abs(v), 0);
  return products.map((v) => v / all);
}
const sorted = (keys) => keys.map((_, k) => k).sort((x, y) => keys[y] - keys[x] || x - y);

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
  await drawn();
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
  await address((now) => /&chart=difference&order=value/.test(now));
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
