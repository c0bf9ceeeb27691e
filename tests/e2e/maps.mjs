// Maps that the demo has not: without a picture, with invalid cells, with a million cells.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  alsoServe, at, hover, open, page, pixels, scene, shots, shows, state, test, text,
} from "./fixture.mjs";
import { PATIENCE, near } from "./look.mjs";
import { centre, colour, npy, root } from "./lib.mjs";

const dir = mkdtempSync(join(tmpdir(), "farlook-e2e-"));
const HOLE = [3, 2];
const small = { w: 8, h: 6, d: 5, extent: [0, 0, 8, 6] };
const large = { w: 1200, h: 1000, d: 2, extent: [0, 0, 1200, 1000] };
const wave = (i, j, k) => (k === 0 ? Math.cos(i / 90) : 1.5 + Math.sin(j / 70));
writeFileSync(join(dir, "holes.npy"), npy(8, 6, 5, (i, j, k) => (i === HOLE[0] && j === HOLE[1] ? 0 : 1 + ((i * 7 + j * 3 + k * 5) % 11))));
writeFileSync(join(dir, "large.npy"), npy(large.w, large.h, large.d, wave));
mkdirSync(join(dir, "pair"));
for (const name of ["a", "b", "c"]) writeFileSync(join(dir, "pair", `${name}.npy`), npy(8, 6, 5, (i, j, k) => 1 + ((i + j * k) % 3)));
const second = await alsoServe(dir);

await test("invalid cells are transparent, and where one points at them the page says no data", async () => {
  const hash = `#v=1&scene=holes&ref=${centre(small, [6, 4])}`;
  await open({ width: 1000, height: 700 }, hash, { base: second.url });
  await page.waitForTimeout(400); // the mask comes by itself
  const [hole, beside] = await pixels([centre(small, HOLE), centre(small, [HOLE[0] + 1, HOLE[1]])]);
  assert.deepEqual([hole[3], beside[3]], [0, 255]);
  assert.equal(await page.locator("#opacity").isDisabled(), true, "there is no picture to uncover");
  await hover(centre(small, HOLE));
  const nothing = await shows((f) => f.enc === "none", true);
  assert.deepEqual([nothing.lo, nothing.hi, nothing.picture], [null, null, null]);
  assert.equal(await text("#r-s"), "no data");
  assert.equal(await text("#link-text"), "connected · no data here");
  assert.match(await text(".panel.active .caption"), /no data here$/);
  await page.screenshot({ path: join(shots, "page-holes.png") });
  await hover(centre(small, [1, 1]));
  await shows((f) => f.enc !== "none");
});

await test("another scene is chosen in the list; of a large map only what is looked at is sent", async () => {
  await page.selectOption("#scene", "large");
  const whole = await shows((f) => f.window[2] === large.w && f.enc === "png", true);
  assert.equal(await text("#link-text"), "connected · as fine as the screen");
  assert.ok(whole.picture.w < large.w && whole.picture.w >= 400, `${whole.picture.w} pixels`);
  const point = [300.5, 400.5];
  await hover(point);
  await shows((f) => f.cell?.join() === "300,400", true);
  for (let k = 0; k < 6; k++) await page.mouse.wheel(0, -300);
  const part = await shows((f) => f.window[2] - f.window[0] < large.w / 2 && f.picture.w === f.window[2] - f.window[0]);
  const [x0, y0, x1, y1] = part.window;
  assert.ok(x0 <= 300 && x1 > 300 && y0 <= 400 && y1 > 400, String(part.window));
  const cells = [-6, -3, 0, 4, 8].map((by) => [300 + by, 400 + by]);
  const drawn = await pixels(cells.map(([i, j]) => [i + 0.5, j + 0.5]));
  cells.forEach(([i, j], k) => near(drawn[k], colour("viridis", part.picture.levels[(j - y0) * part.picture.w + i - x0]), 1, `cell ${i}, ${j}`));
  const [x, y] = await at(point);
  const drag = async (dx) => {
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + dx, y, { steps: 6 });
    await page.mouse.up();
  };
  await drag(60);
  await page.waitForTimeout(500);
  assert.deepEqual((await shows()).window, part.window, "a small pan stays in the margin");
  await drag(600);
  await drag(600);
  const moved = await shows((f) => f.window[0] < x0);
  assert.ok(moved.window[2] - moved.window[0] < large.w / 2, String(moved.window));
  await page.click("#zoom-fit");
  await shows((f) => f.window[2] === large.w && f.window[0] === 0, true);
  await page.context().close();
});

await test("of a map that takes long to load the page shows how much is there", async () => {
  const { encode, decode } = createRequire(join(root, "client/web/package.json"))("@msgpack/msgpack");
  const words = (name) => page.locator(`.panel .${name}`);
  let client, slow = false, held = null;
  // `opened` and what follows it are kept back, as if the map were still being read.
  await open({ width: 1000, height: 700 }, "#v=1&scene=holes", {
    base: second.url,
    prepare: (each) => each.routeWebSocket(/\/ws$/, (socket) => {
      const server = socket.connectToServer();
      client = socket;
      socket.onMessage((data) => server.send(data));
      server.onMessage((data) => {
        if (slow && decode(data).t === "opened") held ??= [];
        if (held) held.push(data);
        else socket.send(data);
      });
    }),
  });
  slow = true;
  await page.selectOption("#scene", "large");
  await words("veil-text").filter({ hasText: "loading large…" }).waitFor();
  assert.equal(await words("veil-bar").isVisible(), false);
  const tell = (map, done) => client.send(Buffer.from(encode({ t: "loading", view: 0, map, done })));
  tell("large/large", 0.4375);
  await words("veil-done").filter({ hasText: /^43\u00a0%$/ }).waitFor();
  assert.equal(await words("veil-bar").evaluate((bar) => bar.value), 0.4375);
  const { width, height } = await words("veil-bar").boundingBox();
  assert.ok(width > 80 && height <= 4, `a bar of ${width} x ${height}`);
  await page.screenshot({ path: join(shots, "page-loading.png") });
  tell("holes/holes", 0.9); // of the map that was left
  tell("large/large", 0.996);
  await words("veil-done").filter({ hasText: /^99\u00a0%$/ }).waitFor();
  const late = held;
  slow = false;
  held = null;
  for (const data of late) client.send(data);
  await shows((f) => f.window[2] === large.w, true);
  assert.equal(await words("veil").isVisible(), false);
  await page.context().close();
});

await test("a layer that is taken away takes its panel along; the last panel shows another layer", async () => {
  await open({ width: 1000, height: 700 }, "#v=1&scene=pair&layer=b&layer.2=c", { base: second.url });
  const words = (name) => page.locator("#banner-text").filter({ hasText: `has no layer \u201c${name}\u201d` }).waitFor({ timeout: PATIENCE });
  rmSync(join(dir, "pair/c.npy"));
  await words("c");
  assert.equal(await page.locator(".panel").count(), 1);
  assert.equal((await state()).layer, "b");
  rmSync(join(dir, "pair/b.npy"));
  await words("b");
  await hover([2.5, 3.5]);
  await shows((f) => f.cell?.join() === "2,3");
  assert.equal((await state()).layer, "a");
  assert.equal(await page.locator(".panel .veil").isVisible(), false);
  await page.context().close();
});

await test("a panel beside others stays with its scene where that gets other layers", async () => {
  const path = join(dir, "swap");
  mkdirSync(path);
  writeFileSync(join(path, "old.npy"), npy(8, 6, 5, (i, j, k) => 1 + ((i * j + k) % 4)));
  await open({ width: 1000, height: 700 }, "#v=1&scene=pair", { base: second.url });
  const option = page.locator("#add optgroup[label=swap] option", { hasText: "old" });
  await page.selectOption("#add", await option.getAttribute("value", { timeout: PATIENCE }));
  await shows(() => true, false, 1);
  writeFileSync(join(path, "new.npy"), npy(8, 6, 3, (i, j, k) => 1 + ((i + j + k) % 5)));
  rmSync(join(path, "old.npy"));
  await page.waitForFunction(() => window.farlook.state(1).layer === "new", null, { timeout: PATIENCE });
  assert.match(await text("#banner-text"), /^The scene \u201cswap\u201d has no layer \u201cold\u201d; its first one is shown instead\.$/);
  await hover([2.5, 3.5], 1);
  await shows((f) => f.cell?.join() === "2,3", false, 1);
  assert.equal(await page.locator(".panel").count(), 2);
  await page.context().close();
});

process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
