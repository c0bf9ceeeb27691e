// Taking it along: the menu of exports, files, the link, the curl line.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { at, complaints, page, shots, shows, state, test } from "./fixture.mjs";
import { WIDE, cellB, hash, map, open, pinned, truth } from "./field.mjs";
import { PATIENCE, isAt } from "./look.mjs";
import { centre } from "./lib.mjs";

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
  assert.equal(await copied("Link to this view"), await page.evaluate(() => location.href));
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
