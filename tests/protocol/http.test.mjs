// Every route of proto/README.md's table, by plain HTTP.
import assert from "node:assert/strict";
import { connect as dial } from "node:net";
import { describe, test } from "node:test";

import { greet } from "./lib/client.mjs";
import { HOLES } from "./lib/fixtures.mjs";
import { fetchJson, fetchRaw } from "./lib/http.mjs";
import { parseNpy } from "./lib/npy.mjs";
import { decodePng, jpegSize } from "./lib/png.mjs";
import { at, centre, norm, similarity, worst } from "./lib/reference.mjs";
import { served } from "./lib/served.mjs";
import { patience, within } from "./lib/server.mjs";

const { server, data } = await served();
const { "small/signed": signed, "small/holes": holes } = data.maps;

const SIGNED = "/api/v1/scenes/small/maps/signed", HOLED = "/api/v1/scenes/small/maps/holes";
const ref = (map, i, j) => `ref=${centre(map, i, j).join(",")}`;

async function get(path, type, options) {
  const answer = await fetchRaw(server.port, path, options);
  assert.equal(answer.status, 200, `${path}: ${answer.status} ${answer.body.subarray(0, 300)}`);
  assert.match(answer.headers["content-type"], type, path);
  return answer;
}

async function refused(path, status, code, options) {
  const { status: got, headers, json } = await fetchJson(server.port, path, options);
  assert.equal(got, status, `${path}: ${got} ${JSON.stringify(json)}`);
  assert.match(headers["content-type"], /^application\/json/);
  assert.equal(json.code, code, json.message);
  assert.match(json.message, /^\S.* .*\S$/, "a sentence");
}

describe("HTTP", { concurrency: 8 }, () => {
  test("/ is the page, with a strict policy and names that can be kept", async () => {
    const { headers, body } = await get("/", /^text\/html/);
    const policy = headers["content-security-policy"];
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self'/);
    // Notebooks of this machine, whatever their port, may connect, and may frame the page.
    const framers = "; frame-ancestors 'self' http://localhost:* http://127.0.0.1:*";
    assert.ok(policy.endsWith(framers), policy);
    assert.doesNotMatch(policy.slice(0, -framers.length), /unsafe-(inline|eval)|\*/);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.match(headers["cache-control"], /no-cache|no-store/);
    assert.equal(headers["access-control-allow-origin"], undefined);
    const page = body.toString();
    assert.doesNotMatch(page, /(src|href)="(\/|https?:)/, "relative URLs only");
    const script = /src="([^"]+\.js)"/.exec(page)[1];
    const asset = await get(`/${script.replace(/^\.\//, "")}`, /javascript/);
    assert.match(asset.headers["cache-control"], /immutable|max-age=\d{5,}/);
    const below = await get(`/s/abc/${script.replace(/^\.\//, "")}`, /javascript/);
    assert.ok(below.body.equals(asset.body));
  });

  test("healthz and readyz", async () => {
    const health = await fetchJson(server.port, "/healthz");
    assert.deepEqual([health.status, health.json.status], [200, "ok"]);
    assert.match(health.json.version, /^\d+\.\d+\.\d+/);
    const ready = await fetchJson(server.port, "/readyz");
    assert.deepEqual([ready.status, ready.json.status], [200, "ready"]);
    assert.ok(ready.json.gpu.length > 0 && typeof ready.json.software === "boolean");
    assert.match(ready.headers["content-type"], /^application\/json/);
  });

  test("scenes is the catalogue, as welcome tells it", async () => {
    const { json, headers } = await fetchJson(server.port, "/api/v1/scenes");
    assert.match(headers["content-type"], /^application\/json/);
    const client = await greet(server.port);
    client.destroy();
    const facts = ({ scenes: list }) => list.map(({ name, picture, maps }) => [name, picture, maps.map((map) => [map.name, map.w, map.h, map.d, map.extent, map.dtype, map.bytes])]);
    assert.deepEqual(facts(json), facts(client.welcome));
  });

  test("picture, as it is and reduced", async () => {
    const whole = decodePng((await get("/api/v1/scenes/small/picture", /^image\/png/)).body);
    assert.deepEqual([whole.w, whole.h, whole.channels], [96, 64, 3]);
    const { headers, body } = await get("/api/v1/scenes/small/picture?w=48", /^image\/(png|jpeg)/);
    const small = headers["content-type"] === "image/png" ? decodePng(body) : jpegSize(body);
    assert.deepEqual([small.w, small.h], [48, 32]);
    const wide = await get("/api/v1/scenes/small/picture?w=4000", /^image\/(png|jpeg)/);
    const same = wide.headers["content-type"] === "image/png" ? decodePng(wide.body) : jpegSize(wide.body);
    assert.equal(same.w, 96, "never enlarged");
    await refused("/api/v1/scenes/wide/picture", 404, 4);
  });

  test("frame.npy is s on the map's own grid, within 2e-6 of float64, 1 at the reference", async () => {
    for (const [i, j] of [[0, 0], [23, 15], [10, 7]]) {
      const { body } = await get(`${SIGNED}/frame.npy?${ref(signed, i, j)}`, /^application\//);
      const { shape, descr, data: s } = parseNpy(body);
      assert.deepEqual([shape, descr], [[16, 24], "<f4"]);
      assert.ok(worst(s, similarity(signed, i, j)) < 2e-6);
      assert.equal(s[j * 24 + i], 1);
    }
  });

  test("frame.npy has NaN where a cell is invalid, and everywhere for an invalid reference", async () => {
    const some = parseNpy((await get(`${HOLED}/frame.npy?${ref(holes, 5, 5)}`, /^application\//)).body).data;
    assert.ok(worst(some, similarity(holes, 5, 5)) < 2e-6);
    assert.equal(some.filter(Number.isNaN).length, HOLES.length);
    for (const [i, j] of HOLES) {
      const none = parseNpy((await get(`${HOLED}/frame.npy?${ref(holes, i, j)}`, /^application\//)).body).data;
      assert.ok(none.every(Number.isNaN));
    }
  });

  test("frame.npy of a channel and of the norm", async () => {
    const channel = parseNpy((await get(`${SIGNED}/frame.npy?mode=channel&channel=11`, /^application\//)).body).data;
    assert.ok(worst(channel, Float64Array.from({ length: 384 }, (_, cell) => signed.data[cell * 12 + 11])) === 0);
    const norms = parseNpy((await get(`${SIGNED}/frame.npy?mode=norm`, /^application\//)).body).data;
    assert.ok(worst(norms, Float64Array.from({ length: 384 }, (_, cell) => norm(at(signed, cell % 24, Math.floor(cell / 24))))) < 4e-6);
  });

  test("frame.jpg and frame.png are colour pictures of the width asked for", async () => {
    const jpeg = jpegSize((await get(`${SIGNED}/frame.jpg?${ref(signed, 3, 3)}`, /^image\/jpeg/)).body);
    assert.deepEqual([jpeg.w, jpeg.h, jpeg.channels], [96, 64, 3]);
    const png = decodePng((await get(`${SIGNED}/frame.png?${ref(signed, 3, 3)}&w=300&colormap=fire`, /^image\/png/)).body);
    assert.deepEqual([png.w, png.h, png.channels], [300, 200, 3]);
    const alone = decodePng((await get("/api/v1/scenes/wide/maps/wide/frame.png", /^image\/png/)).body);
    assert.deepEqual([alone.w, alone.h], [160, 100]);
    assert.ok(new Set(png.data).size > 10, "a picture, not a plane");
  });

  test("what was taken before is not sent again, and another picture is", async () => {
    for (const what of ["frame.jpg", "frame.png", "frame.npy", "frame.json", "vector.npy", "vector.json", "vector.csv", "mask.png"]) {
      const path = `${SIGNED}/${what}?${ref(signed, 3, 3)}`, first = await get(path, /./);
      const headers = { "If-None-Match": first.headers.etag ?? "none" };
      const again = await fetchRaw(server.port, path, { headers });
      assert.deepEqual([again.status, again.headers.etag, again.body.length], [304, first.headers.etag, 0], what);
      if (what !== "mask.png") assert.equal((await fetchRaw(server.port, `${SIGNED}/${what}?${ref(signed, 4, 9)}`, { headers })).status, 200, what);
    }
  });

  test("frame.png says how it was made in its text chunks", async () => {
    const { text } = decodePng((await get(`${SIGNED}/frame.png?${ref(signed, 3, 3)}&stretch=fixed,0.25,0.75&colormap=magma`, /^image\/png/)).body);
    const all = JSON.stringify(text);
    for (const word of ["angular", "magma", "fixed", "0.25", "0.75", "small", "signed"]) assert.ok(all.includes(word), `${word} is not in ${all}`);
  });

  test("a colour frame without a picture below is the colour map's", async () => {
    const red = decodePng((await get(`${SIGNED}/frame.png?${ref(signed, 3, 3)}&picture=none&colormap=gray&stretch=fixed,0,1&w=24`, /^image\/png/)).body);
    const s = similarity(signed, 3, 3);
    for (let cell = 0; cell < s.length; cell++) {
      const [r, g, b] = red.data.subarray(cell * 3, cell * 3 + 3);
      const level = Math.round(255 * Math.min(1, Math.max(0, s[cell])));
      assert.ok(r === g && g === b && Math.abs(r - level) <= 2, `cell ${cell}: ${r} ${g} ${b}, expected ${level}`);
    }
  });

  test("vector.npy and vector.json are the file's values", async () => {
    const { shape, data: vector } = parseNpy((await get(`${SIGNED}/vector.npy?${ref(signed, 20, 9)}`, /^application\//)).body);
    assert.deepEqual(shape, [12]);
    assert.deepEqual(vector, at(signed, 20, 9).slice());
    const { json } = await fetchJson(server.port, `${SIGNED}/vector.json?${ref(signed, 20, 9)}`);
    assert.deepEqual(json.cell, [20, 9]);
    assert.deepEqual(Float32Array.from(json.vector), vector);
    assert.ok(Math.abs(json.norm - norm(vector)) < 1e-5);
    const zero = await fetchJson(server.port, `${HOLED}/vector.json?${ref(holes, ...HOLES[1])}`);
    assert.ok(zero.json.vector.includes(null), "NaN is null");
    assert.equal(zero.json.norm, null);
  });

  test("mask.png is one bit a cell: white is valid", async () => {
    const { w, h, bits, data: mask } = decodePng((await get(`${HOLED}/mask.png`, /^image\/png/)).body);
    assert.deepEqual([w, h, bits], [12, 8, 1]);
    for (let cell = 0; cell < 96; cell++) {
      const hole = HOLES.some(([i, j]) => j * 12 + i === cell);
      assert.equal(mask[cell], hole ? 0 : 1, `cell ${cell}`);
    }
    assert.ok(decodePng((await get(`${SIGNED}/mask.png`, /^image\/png/)).body).data.every((bit) => bit === 1));
    await get(`${HOLED}/mask.png?origin=min`, /^image\/png/);
  });

  test("names are percent-encoded", async () => {
    const { body } = await get("/api/v1/scenes/a%20b%25/maps/a%20b%25/vector.json?ref=0.5,0.5", /^application\/json/);
    assert.deepEqual(JSON.parse(body).vector.map(Math.fround), [...at(data.maps["a b%/a b%"], 0, 0)]);
  });

  test("every route works below /s/ID/ too", async () => {
    for (const [path, type] of [["healthz", /json/], ["api/v1/scenes", /json/], ["", /html/], [`${SIGNED.slice(1)}/frame.npy`, /^application/], [`${HOLED.slice(1)}/mask.png`, /png/]]) {
      await get(`/s/abc/${path}`, type);
    }
  });

  test("HEAD answers like GET, without the body", async () => {
    const told = ({ status, headers }) => [status, headers["content-type"], headers["content-length"]];
    for (const path of ["/", "/healthz", "/api/v1/scenes"]) {
      // The scenes change when other tests have a map loaded: what is there before and after is compared.
      for (let left = 5; ; left--) {
        const before = await fetchRaw(server.port, path);
        const head = await fetchRaw(server.port, path, { method: "HEAD" });
        const after = await fetchRaw(server.port, path);
        assert.equal(head.body.length, 0);
        if (left > 0 && !before.body.equals(after.body)) continue;
        assert.deepEqual(told(head), told(before));
        assert.equal(head.status, 200);
        break;
      }
    }
  });

  test("other methods are refused with 405 and what is allowed", async () => {
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
      await refused("/api/v1/scenes", 405, 17, { method });
      await refused(`${SIGNED}/frame.npy`, 405, 17, { method });
    }
    const { headers } = await fetchRaw(server.port, "/healthz", { method: "POST" });
    assert.match(headers.allow, /GET/);
  });

  test("what is not there is 404", async () => {
    for (const path of ["/nothing", "/api/v1/nothing", "/api/v1/scenes/none/maps/signed/frame.npy", "/api/v1/scenes/small/maps/none/frame.npy",
      `${SIGNED}/frame.gif`, `${SIGNED}/`, "/api/v2/scenes", "/assets/none.js", "/index.php"]) {
      await refused(path, 404, 4);
    }
  });

  test("no path leads out of the server", async () => {
    for (const path of ["/../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/assets/../../../etc/passwd",
      "/api/v1/scenes/../../../etc/passwd", "/api/v1/scenes/%2e%2e/picture", "/api/v1/scenes/small%2f..%2f..%2fetc/picture", "/%00", "/s/../etc/passwd"]) {
      const { status, body } = await fetchRaw(server.port, path).catch(() => ({ status: 400, body: "" }));
      assert.ok([400, 404].includes(status), `${path}: ${status}`);
      assert.doesNotMatch(body.toString(), /root:/);
    }
  });

  test("a query out of range is 400 with code 3", async () => {
    for (const query of ["ref=1", "ref=a,b", "ref=1,2,3", "ref=nan,1", "mode=guess", "metric=best", "stretch=percentile,98,2", "stretch=fixed,1", "opacity=2",
      "channel=-1", "mode=channel&channel=12", "colormap=jet", "refs=1,1", "refs=1,1,5", "w=0", "w=-5", "w=1e9", "w=x"]) {
      await refused(`${SIGNED}/frame.png?${query}`, 400, 3);
    }
  });

  test("headers of 15 KiB are read, of 40 KiB refused", async () => {
    await get("/healthz", /json/, { headers: { Cookie: "c".repeat(15 * 1024) } });
    const { status } = await fetchRaw(server.port, "/healthz", { headers: { Cookie: "c".repeat(40 * 1024) } }).catch(() => ({ status: 431 }));
    assert.ok(status >= 400, `${status}`);
    await get("/healthz", /json/);
  });

  test("a foreign Host or Origin is refused", async () => {
    for (const path of ["/", "/api/v1/scenes", `${SIGNED}/frame.npy`]) {
      assert.equal((await fetchRaw(server.port, path, { headers: { Host: "evil.example" } })).status, 403, path);
    }
    assert.equal((await fetchRaw(server.port, "/", { headers: { Host: `localhost:${server.port}` } })).status, 200);
    assert.equal((await fetchRaw(server.port, "/", { headers: { Host: `[::1]:${server.port}` } })).status, 200);
  });

  test("a connection stays open for the next request for longer than proxies keep theirs idle at hand", async () => {
    const asked = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    const tcp = dial(server.port, "127.0.0.1", () => tcp.write(asked));
    let heard = "", open = true;
    const answers = (n) => within((async () => {
      while (open && heard.split("HTTP/1.1 200 OK").length - 1 < n) await new Promise((done) => setTimeout(done, 20));
    })(), 10000, "answer");
    tcp.on("error", () => {}).on("close", () => { open = false; });
    tcp.on("data", (bytes) => { heard += bytes; });
    await answers(1);
    await new Promise((done) => setTimeout(done, 8000)); // libwebsockets would close it after 5 s
    assert.ok(open, "closed while it was idle");
    tcp.write(asked);
    await answers(2);
    assert.equal(heard.split("HTTP/1.1 200 OK").length - 1, 2);
    tcp.destroy();
  });

  test("a request that never ends is hung up on", async () => {
    const start = performance.now();
    const tcp = dial(server.port, "127.0.0.1", () => tcp.write("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "));
    tcp.on("error", () => {});
    tcp.resume();
    await within(new Promise((done) => tcp.on("close", done)), 30000, "close");
    assert.ok(performance.now() - start < 25000 * patience);
  });

  test("twenty frames at once are twenty answers", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, k) => get(`${SIGNED}/frame.npy?${ref(signed, k, k % 16)}`, /^application\//)));
    answers.forEach(({ body }, k) => assert.equal(parseNpy(body).data[(k % 16) * 24 + k], 1));
  });
});
