// What the page does when pictures come in pieces, late, or not at all.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";

import {
  browser, cellA, cellB, checkLevels, complaints, frame, hover, hoverCell, kill, link, map, opacity, open, page,
  pixelSum, restart, shots, shows, signal, state, test, text, truth, url, use,
} from "./fixture.mjs";
import { PATIENCE, isAt } from "./look.mjs";
import { centre, root } from "./lib.mjs";
import { Strips } from "./strips.mjs";

const { decode, encode } = createRequire(join(root, "client/web/package.json"))("@msgpack/msgpack");

await test("an exact still in strips turns the picture exact row by row, and a newer picture cancels it", async () => {
  const strips = new Strips();
  await open({ width: 1280, height: 800 }, link(), { prepare: (each) => strips.between(each) });
  const whole = await hoverCell(cellA);
  assert.deepEqual(whole.picture.levels, strips.exact);
  checkLevels(whole, await truth.values(`ref=${centre(map, cellA)}`));
  assert.equal((await page.evaluate(() => window.farlook.vector())).length, map.d, "the vector came with the first picture");
  assert.equal(await text("#link-text"), "connected · exact");

  strips.most = 2;
  await hover(centre(map, cellB));
  const half = await shows((f) => isAt(cellB)(f) && f.frame % 64 === 2, true);
  assert.equal(half.exact, false);
  const rows = 64 * half.picture.w;
  assert.deepEqual(half.picture.levels, [...strips.exact.slice(0, rows), ...strips.coarse.slice(rows)]);
  assert.notDeepEqual(half.picture.levels, strips.exact);
  assert.equal(await text("#link-text"), "connected · not yet exact");
  const kept = strips.kept;
  strips.release();
  const done = await shows(isAt(cellB));
  assert.deepEqual(done.picture.levels, strips.exact);

  await hover(centre(map, cellA));
  await shows((f) => isAt(cellA)(f) && f.frame % 64 === 2, true);
  const stale = strips.kept;
  assert.ok(kept.length > 0 && stale.length > 0);
  strips.plain = true;
  const { frame: newer, picture } = await hoverCell(cellB);
  strips.kept = stale;
  strips.release();
  await page.waitForTimeout(300);
  const still = await frame();
  assert.deepEqual([still.frame, still.exact, still.cell], [newer, true, cellB]);
  assert.deepEqual(still.picture.levels, picture.levels);
  const owed = () => strips.sent.filter((id) => !strips.acked.has(id));
  for (const start = performance.now(); owed().length > 0 && performance.now() - start < PATIENCE;) await page.waitForTimeout(15);
  assert.deepEqual(owed(), [], "every strip is acknowledged");
  await page.context().close();
});

await test("a server without scenes says how it gets one", async () => {
  const empty = (upload) => (each) => each.routeWebSocket(/\/ws$/, (client) => {
    const server = client.connectToServer();
    client.onMessage((data) => server.send(data));
    server.onMessage((data) => {
      const message = decode(data);
      if (message.t === "welcome") Object.assign(message, { scenes: [], limits: { ...message.limits, upload } });
      client.send(Buffer.from(encode(message)));
    });
  });
  for (const [upload, words] of [[0, "start it with a picture or a feature map"], [1e6, "drop a picture or a feature map here"]]) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    use(await context.newPage());
    await empty(upload)(page);
    await page.goto(url);
    await page.locator("#veil-text").filter({ hasText: `This server has no scenes yet: ${words}.` }).waitFor({ timeout: PATIENCE });
    await context.close();
  }
});

await test("a silent server is called unstable after 1.5 s, and what was asked meanwhile comes when it wakes", async () => {
  await open({ width: 1280, height: 800 }, link());
  await hoverCell(cellA);
  const isState = (want) => page.waitForFunction((name) => document.documentElement.dataset.state === name, want, { timeout: 6000 });
  signal("SIGSTOP");
  try {
    await hover(centre(map, cellB));
    await isState("unstable");
    assert.match(await text("#link-text"), /^unstable: the server has been silent for \d+ s$/);
  } finally {
    signal("SIGCONT");
  }
  await shows(isAt(cellB));
  await isState("connected");
  await page.context().close();
});

await test("after the server was killed and started again everything is back", async () => {
  await open({ width: 1280, height: 800 }, link());
  await hoverCell(cellA);
  await page.keyboard.press("p");
  await page.selectOption("#stretch", "percentile");
  await opacity(0.4);
  await hoverCell(cellB);
  const { frame, lo, hi, picture } = await shows(isAt(cellB));
  const [want, sum] = [await state(), await pixelSum()];
  await kill();
  await page.waitForFunction(() => document.documentElement.dataset.state === "reconnecting", null, { timeout: 5000 });
  assert.match(await text("#link-text"), /^connection lost · trying again/);
  await page.waitForTimeout(1100);
  await page.screenshot({ path: join(shots, "page-lost.png") });
  await restart();
  await page.waitForFunction(() => document.documentElement.dataset.state === "connected", null, { timeout: 20000 });
  const back = await shows((f) => f.frame < frame && isAt(cellB)(f));
  assert.deepEqual([back.lo, back.hi], [lo, hi]);
  assert.deepEqual(back.picture.levels, picture.levels);
  assert.deepEqual(await state(), want);
  assert.equal(await pixelSum(), sum);
  assert.deepEqual((await page.evaluate(() => window.farlook.pin())).cell, cellA);
  await hoverCell(cellA);
  complaints.splice(0, complaints.length, ...complaints.filter((each) => !/WebSocket|ERR_CONNECTION/.test(each)));
  await page.context().close();
});
