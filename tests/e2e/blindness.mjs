// What is left of the screen where one kind of cone is missing: the pixels that the page drew, as such
// eyes see them (eyes.mjs). Readable means: what is more similar is lighter, steps of a quarter of the
// scale are seen, the most similar cells stand out from the photograph, and every mark is seen and is
// not taken for another one.
import assert from "node:assert/strict";
import { join } from "node:path";

import {
  at, drawn, frame, link, map as demo, open as openDemo, opacity, page, pixels, shots, shows, test,
} from "./fixture.mjs";
import { EYES, contrast, lab } from "./eyes.mjs";
import { WIDE, cellA, cellB, hash, map, open, pinned } from "./field.mjs";
import { centre } from "./lib.mjs";
import { decodePng } from "../protocol/lib/png.mjs";

const DIP = 0.5; // of L*: what the rounding to 8 bits does
const STEP = 15; // CIE 1976; the least of viridis and cividis between levels 64 apart is 18
const STANDS_OUT = 10; // 2.3 is just noticed

const between = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

// What keeps `colours`, pairs of level and RGB, from being read by these eyes; '' if nothing does.
function unread(colours, eyes) {
  const list = colours.map(([level, rgb]) => [level, lab(rgb, eyes)]).sort(([a], [b]) => a - b);
  let lightest = -Infinity;
  for (const [level, [light]] of list) {
    if (light < lightest - DIP) return `level ${level} is darker than a lower one by ${(lightest - light).toFixed(1)}`;
    lightest = Math.max(lightest, light);
  }
  for (const [k, [low, a]] of list.entries()) {
    for (const [high, b] of list.slice(k)) {
      if (high - low >= 64 && between(a, b) < STEP) return `levels ${low} and ${high} are ${between(a, b).toFixed(1)} apart`;
    }
  }
  return "";
}

// One colour a level, of what is drawn at the cells' middles.
async function levelsDrawn() {
  const { picture: { levels } } = await frame();
  const cells = Array.from(levels, (_, n) => [n % map.w, Math.floor(n / map.w)]);
  const rgba = await pixels(cells.map((cell) => centre(map, cell)));
  return [...new Map(rgba.map((colour, n) => [levels[n], colour]).filter(([, [, , , alpha]]) => alpha === 255))];
}

// The colours of the scale beside it from its foot to its head; both ends are long where lo and hi are
// not those of the scale, so that every colour counts once.
async function scaleDrawn() {
  const colours = await page.evaluate(() => {
    const canvas = document.querySelector("#gradient");
    const { data } = canvas.getContext("2d").getImageData(canvas.width >> 1, 0, 1, canvas.height);
    return Array.from({ length: canvas.height }, (_, y) => [...data.subarray(y * 4, y * 4 + 3)]).reverse();
  });
  const own = colours.filter((rgb, k) => k === 0 || rgb.join() !== colours[k - 1].join());
  assert.ok(own.length > 100, `${own.length} colours are looked at`);
  return own.map((rgb, k) => [(k * 255) / (own.length - 1), rgb]);
}

await test("viridis and cividis are read off the canvas and off the scale by all eyes; fire and turbo are not", async () => {
  await open(WIDE, hash("field", "signed", `&ref=${centre(map, cellB)}&stretch=minmax`));
  await opacity(1);
  const read = async (name) => {
    await page.selectOption("#colormap", name);
    await drawn();
    const colours = await levelsDrawn();
    assert.ok(colours.length > 100, `${colours.length} levels are looked at`);
    return { canvas: colours, scale: await scaleDrawn() };
  };
  for (const name of ["viridis", "cividis"]) {
    for (const [where, colours] of Object.entries(await read(name))) {
      for (const eyes of EYES) assert.equal(unread(colours, eyes), "", `${name}, ${where}, ${eyes}`);
    }
  }
  for (const [name, eyes] of [["fire", "protan"], ["turbo", "none"]]) { // so that the check is one
    for (const colours of Object.values(await read(name))) assert.match(unread(colours, eyes), /is darker than a lower one/);
  }
  await page.context().close();
});

await test("over a photograph in grey the most similar cells stand out for all eyes", async () => {
  await openDemo(WIDE, link(`&ref=${centre(demo, [Math.floor(demo.w / 2), Math.floor(demo.h / 2)])}`));
  for (const name of ["viridis", "cividis"]) {
    await page.selectOption("#colormap", name);
    await drawn();
    const { picture: { levels } } = await frame();
    const some = (fits) => {
      const cells = [...levels.keys()].filter((n) => fits(levels[n]));
      const few = cells.filter((_, k) => k % Math.ceil(cells.length / 60) === 0);
      return pixels(few.map((n) => centre(demo, [n % demo.w, Math.floor(n / demo.w)])));
    };
    const [near, far] = [await some((level) => level >= 230), await some((level) => level <= 64)];
    assert.ok(near.length > 3 && far.length > 30, `${near.length} near, ${far.length} far`);
    for (const eyes of EYES) {
      const [a, b] = [near, far].map((list) => list.map((rgb) => lab(rgb, eyes)));
      const least = Math.min(...a.flatMap((one) => b.map((other) => between(one, other))));
      assert.ok(least >= STANDS_OUT, `${name}, ${eyes}: ${least.toFixed(1)} apart`);
    }
  }
  await page.context().close();
});

// --- marks ---

const HALF = 17; // CSS pixels around the middle of a mark
const SECTORS = 8;
const OTHERWISE = 1 / 4; // of what two marks cover

// The pixels around points (of panel k, where they name one): {rgb, under: without marks, drawn: by a mark}.
async function around(...points) {
  const middles = (await Promise.all(points.map(({ point, k }) => at(point, k)))).map((middle) => middle.map(Math.round));
  const [left, top, right, bottom] = [0, 1, 0, 1].map((c, k) => (k < 2 ? Math.min : Math.max)(...middles.map((middle) => middle[c])));
  const clip = { x: left - HALF, y: top - HALF, width: right - left + 2 * HALF, height: bottom - top + 2 * HALF };
  const take = async (visibility) => {
    await page.evaluate((how) => {
      for (const mark of document.querySelectorAll(".stage > :not(canvas)")) mark.style.visibility = how;
    }, visibility);
    await drawn();
    return decodePng(await page.screenshot({ clip }));
  };
  const [under, over] = [await take("hidden"), await take("")];
  const pixel = ({ w, channels, data }, x, y) => [...data.subarray((y * w + x) * channels, (y * w + x) * channels + 3)];
  return middles.map((middle) => Array.from({ length: 4 * HALF * HALF }, (_, n) => {
    const [x, y] = [middle[0] - left + (n % (2 * HALF)), middle[1] - top + Math.floor(n / (2 * HALF))];
    const [rgb, below] = [pixel(over, x, y), pixel(under, x, y)];
    return { rgb, under: below, drawn: rgb.some((v, c) => Math.abs(v - below[c]) > 8) };
  }));
}

// In how many directions from its middle a mark differs from what lies under it by 3 to 1 (WCAG 2, 1.4.11).
function directions(mark, eyes) {
  const found = new Set();
  mark.forEach(({ rgb, under, drawn: own }, n) => {
    if (!own || contrast(rgb, under, eyes) < 3) return;
    const angle = Math.atan2(Math.floor(n / (2 * HALF)) + 0.5 - HALF, (n % (2 * HALF)) + 0.5 - HALF);
    found.add(Math.floor((angle / (2 * Math.PI) + 0.5) * SECTORS) % SECTORS);
  });
  return found.size;
}

// Of what two marks cover, the part in which they differ: light, dark, or nothing there.
function unlike(a, b, eyes) {
  const kind = ({ rgb, drawn: own }) => (!own ? "" : lab(rgb, eyes)[0] > 55 ? "light" : "dark");
  const both = a.map((pixel, n) => [kind(pixel), kind(b[n])]).filter(([x, y]) => x || y);
  return both.filter(([x, y]) => x !== y).length / both.length;
}

const GROUNDS = ["viridis", "cividis_r"]; // the reference on the lightest cell, on the darkest

// Every mark there is over each of the two: {name of the colours: {name of the mark: pixels}}.
async function marksOver() {
  const [A, B] = [{ point: centre(map, cellA) }, { point: centre(map, cellB) }];
  const found = Object.fromEntries(GROUNDS.map((name) => [name, {}]));
  const take = async (names, ...points) => {
    for (const [k, name] of GROUNDS.entries()) {
      await page.selectOption("#colormap", name.replace("_r", ""));
      if (k === 1) await page.click("#reverse");
      await drawn();
      (await around(...points)).forEach((mark, n) => { found[name][names[n]] = mark; });
    }
    await page.screenshot({ path: join(shots, `blindness-${names[0]}.png`) });
    await page.context().close();
  };
  await open(WIDE, hash("field", "signed", `${pinned}&opacity=1`));
  await page.locator(".panel.active .stage").focus();
  await page.keyboard.press("h");
  for (let k = 0; k < 4; k++) await page.keyboard.press("ArrowLeft");
  await take(["held", "pin", "probe"], B, A, { point: centre(map, [cellB[0] - 4, cellB[1]]) });
  await open(WIDE, hash("field", "signed", `&refs=${B.point},1,${A.point},-1&opacity=1`));
  await take(["plus", "minus"], B, A);
  await open(WIDE, hash("field", "signed", `&ref=${B.point}&scene.2=twin&layer.2=twin&from.2=field/signed&opacity=1`));
  const { best } = await shows((f) => f.best, false, 1); // of a scene without a picture
  await take(["ring", "best"], { ...B, k: 0 }, { point: [best[0] + 0.5, best[1] + 0.5], k: 1 });
  return found;
}

await test("every mark is seen on light and on dark, and none looks like another, by all eyes", async () => {
  for (const [colormap, marks] of Object.entries(await marksOver())) {
    const names = Object.keys(marks);
    for (const eyes of EYES) {
      for (const [k, name] of names.entries()) {
        const what = `${colormap}, ${eyes}: the ${name}`;
        assert.equal(directions(marks[name], eyes), SECTORS, `${what} is seen in every direction`);
        for (const other of names.slice(k + 1)) {
          if (name === "held" && other === "ring") continue; // both are the reference
          const part = unlike(marks[name], marks[other], eyes);
          assert.ok(part >= OTHERWISE, `${what} is as the ${other} but for ${part.toFixed(2)}`);
        }
      }
    }
  }
});
