// Uploads, as far as the page goes: in front of a server that takes none stands one that does.
import assert from "node:assert/strict";
import { join } from "node:path";

import { complaints, page, shots, test, text } from "./fixture.mjs";
import { WIDE, between, hash, open, uploadable, url } from "./field.mjs";
import { PATIENCE } from "./look.mjs";
import { proxyUnderPrefix } from "./lib.mjs";

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
