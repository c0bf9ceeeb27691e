// Uploads: what is stored and shown, and what leaves nothing behind.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect as dial } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { npz, safetensors } from "./lib/archives.mjs";
import { greet } from "./lib/client.mjs";
import { features, picture, random, remove, save, temporary } from "./lib/fixtures.mjs";
import { fetchJson, fetchRaw } from "./lib/http.mjs";
import { parseNpy } from "./lib/npy.mjs";
import { patience, serve, sleep } from "./lib/server.mjs";

const QUOTA = 4 << 20, API = "/api/v1/scenes";
let server, dir, uploads, files;

before(async () => {
  dir = temporary();
  uploads = join(dir, "uploads");
  files = join(dir, "files");
  mkdirSync(files);
  mkdirSync(uploads);
  save(features(8, 6, 4), join(files, "given.npy"));
  // What an upload that was broken off long ago left behind.
  writeFileSync(join(uploads, ".upload-1-1"), "old");
  utimesSync(join(uploads, ".upload-1-1"), 1e9, 1e9);
  server = await serve([files], { args: ["--software", "--upload-dir", uploads, "--quota", "4M"] });
});
after(async () => {
  await server.stop();
  assert.deepEqual(hidden(), [], "nothing hidden is left when the server has ended");
  remove(dir);
});

const hidden = () => readdirSync(uploads).filter((name) => name.startsWith("."));
const there = (...names) => { try { statSync(join(uploads, ...names)); return true; } catch { return false; } };

// The bytes of a map's .npy.
function npy(map) {
  const at = mkdtempSync(join(tmpdir(), "farlook-test-"));
  save(map, join(at, "a.npy"));
  const bytes = readFileSync(join(at, "a.npy"));
  remove(at);
  return bytes;
}

const put = (path, body, headers = {}) => fetchJson(server.port, API + path, { method: "PUT", headers: { "content-length": body.length, ...headers }, body });
const del = (path) => fetchJson(server.port, API + path, { method: "DELETE" });
const piece = (path, bytes, a, b, total = bytes.length) => put(path, bytes.subarray(a, b), { "content-range": `bytes ${a}-${b - 1}/${total}` });
const list = async () => (await fetchJson(server.port, API)).json;
const layers = async (scene) => (await list()).scenes.find(({ name }) => name === scene)?.maps.map(({ name }) => name);

async function refused(answer, status, code, says) {
  const { status: got, json } = await answer;
  assert.equal(got, status, JSON.stringify(json));
  assert.equal(json.code, code, json.message);
  assert.match(json.message, says);
  assert.doesNotMatch(json.message, /farlook-test-|\.upload/, "no path of this machine in a sentence");
  return json;
}

// Until `done` says so; it may take a while.
async function until(done, what) {
  for (const end = Date.now() + 20000 * patience; Date.now() < end; await sleep(50)) if (await done()) return;
  assert.fail(`${what}: not within ${20 * patience} s`);
}

describe("uploads", { concurrency: 1 }, () => {
  test("what was broken off long ago is removed at the start", () => assert.deepEqual(hidden(), []));

  test("a whole file becomes a layer, and is stored byte for byte", async () => {
    const map = features(20, 12, 7, { seed: 3 }), bytes = npy(map);
    const before = (await list()).upload;
    assert.equal(before, QUOTA);
    const { status, json } = await put("/lab%20a/maps/conv%C3%A91", bytes);
    assert.equal(status, 201, JSON.stringify(json));
    assert.deepEqual([json.scene, json.map, json.w, json.h, json.d, json.rev], ["lab a", "convé1", 20, 12, 7, 1]);
    assert.deepEqual(json.maps.map(({ name }) => name), ["convé1"]);
    assert.deepEqual(readFileSync(join(uploads, "lab a", "convé1.npy")), bytes);
    assert.equal((await list()).upload, before - bytes.length);
    const { body } = await fetchRaw(server.port, `${API}/lab%20a/maps/conv%C3%A91/vector.npy?ref=3.5,2.5`);
    assert.deepEqual([...parseNpy(body).data], [...map.data.subarray((2 * 20 + 3) * 7, (2 * 20 + 4) * 7)]);
  });

  test("pieces come in order; a repeated one changes nothing; a gap tells what is due", async () => {
    const bytes = npy(features(40, 30, 9, { seed: 4 })), path = "/pieces/maps/p?id=mine";
    assert.deepEqual(await piece(path, bytes, 0, 10000).then(({ status, json }) => [status, json]), [202, { received: 10000 }]);
    assert.equal((await refused(piece(path, bytes, 20000, 30000), 416, 3, /byte 10000/)).received, 10000);
    assert.equal((await refused(piece("/pieces/maps/p?id=other", bytes, 10000, 20000), 416, 3, /byte 0/)).received, 0);
    assert.equal((await refused(piece("/pieces/maps/q?id=mine", bytes, 10000, 20000), 416, 3, /byte 0/)).received, 0);
    assert.equal((await piece(path, bytes, 10000, 20000)).json.received, 20000);
    assert.equal((await piece(path, bytes, 10000, 20000)).json.received, 20000);
    assert.equal((await piece(path, bytes, 5000, 15000)).json.received, 20000);
    assert.equal(await layers("pieces"), undefined, "half a file is nothing yet");
    assert.equal(there("pieces"), false);
    const last = await piece(path, bytes, 20000, bytes.length);
    assert.equal(last.status, 201);
    assert.deepEqual(readFileSync(join(uploads, "pieces", "p.npy")), bytes);
    const again = await piece(path, bytes, 20000, bytes.length);
    assert.deepEqual([again.status, again.json], [201, last.json], "the last one, for whoever did not hear the answer");
    assert.equal((await piece(path, bytes, 0, 10000)).json.received, 10000, "and from the start it is another upload");
    assert.deepEqual(await layers("pieces"), ["p"]);
  });

  test("ranges that cannot be are refused", async () => {
    const body = Buffer.alloc(10);
    for (const range of ["bytes 0-9", "bytes 0-9/9", "bytes 0-8/10", "bytes 9-0/10", "0-9/10", "bytes 0-9/*", "bytes -9/10", "bytes 0-9/99999999999999999999", "items 0-9/10"])
      await refused(put("/x/maps/y", body, { "content-range": range }), 400, 3, /FIRST-LAST\/TOTAL/);
    await refused(put("/x/maps/y", Buffer.alloc(0)), 400, 3, /empty/);
    await refused(put("/x/maps/y", Buffer.alloc((8 << 20) + 1), { "content-range": `bytes 0-${8 << 20}/${20 << 20}` }), 413, 6, /8388608/);
    await refused(put("/x/maps/y?layout=WHC", body), 400, 3, /layout/);
    await refused(put("/x/maps/y?extent=0,0,0,5", body), 400, 3, /extent/);
    await refused(put(`/x/maps/y?id=${"x".repeat(65)}`, body), 400, 3, /id/);
    assert.equal(there("x"), false);
  });

  test("the quota is checked from what is announced, before anything is stored", async () => {
    const { json } = await piece("/full/maps/a", Buffer.alloc(100), 0, 100, QUOTA * 1000);
    assert.equal(json.code, 6);
    assert.match(json.message, /3\.9 GiB.* of the 4\.0 MiB/);
    assert.deepEqual(hidden().length, 1, "but for that of the test before"); // pieces/maps/p, begun again
    const most = (await list()).upload;
    await refused(piece("/full/maps/a", Buffer.alloc(100), 0, 100, most + 1), 413, 6, /quota/);
    assert.equal((await piece("/full/maps/a", Buffer.alloc(100), 0, 100, most)).status, 202);
    assert.equal((await list()).upload, 0);
    const tiny = npy(features(3, 2, 2));
    await refused(put("/full/maps/b", tiny), 413, 6, /quota/);
    await refused(put("/pieces/picture", picture(40, 30)), 413, 6, /quota/);
    // What replaces another file of its size fits all the same, and so does a smaller one.
    await refused(piece("/full/maps/a", Buffer.alloc(100), 0, 100, most + 1), 413, 6, /quota/);
    assert.equal((await list()).upload, most, "beginning anew gave it back");
    await until(() => hidden().length === 1, "its file");
  });

  test("what is no map leaves nothing behind", async () => {
    const good = npy(features(8, 8, 4)), scenes = (await list()).scenes;
    const cut = good.subarray(0, good.length - 4), lie = Buffer.from(good);
    lie.write("(8, 8, 5", good.indexOf("(8, 8, 4"), "latin1");
    await refused(put("/bad/maps/m", cut), 422, 7, /^m\.npy was cut/);
    await refused(put("/bad/maps/m", lie), 422, 7, /^m\.npy/);
    await refused(put("/bad/maps/m", Buffer.from("PK\x03\x04" + "\0".repeat(60))), 422, 7, /^m\.zip/);
    await refused(put("/bad/maps/m", Buffer.from("hello")), 422, 7, /numpy\.save/);
    await refused(put("/bad/picture", good), 422, 7, /JPEG nor a PNG/);
    await refused(put("/bad/picture", picture(9, 9).subarray(0, 20)), 422, 7, /^picture\.png/);
    assert.equal(there("bad"), false);
    assert.deepEqual((await list()).scenes, scenes);
    // A good layer is not touched by a bad file that was to replace it.
    await put("/bad/maps/m", good);
    await refused(put("/bad/maps/m", cut), 422, 7, /cut/);
    assert.deepEqual(readFileSync(join(uploads, "bad", "m.npy")), good);
    assert.equal((await del("/bad")).status, 200);
    assert.equal(there("bad"), false);
  });

  test("a connection that ends in the middle leaves nothing behind", async () => {
    const before = hidden().length, bytes = npy(features(50, 40, 8));
    for (const how of ["end", "destroy"]) {
      const socket = dial(server.port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write(`PUT ${API}/broken/maps/m HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${bytes.length}\r\n\r\n`);
      socket.write(bytes.subarray(0, 30000));
      await until(() => hidden().length === before + 1, "the first bytes");
      socket[how]();
      await until(() => hidden().length === before, `its file after ${how}`);
    }
    assert.equal(there("broken"), false);
    // A piece that was broken off can be sent again.
    await piece("/broken/maps/m", bytes, 0, 10000);
    const socket = dial(server.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(`PUT ${API}/broken/maps/m HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 20000\r\nContent-Range: bytes 10000-29999/${bytes.length}\r\n\r\n`);
    socket.write(Buffer.alloc(5000, 77));
    await sleep(200);
    socket.destroy();
    await until(async () => (await piece("/broken/maps/m", bytes, 10000, 30000)).json.received === 30000, "the piece again");
    assert.equal((await piece("/broken/maps/m", bytes, 30000, bytes.length)).status, 201);
    assert.deepEqual(readFileSync(join(uploads, "broken", "m.npy")), bytes);
  });

  test("a picture, layouts and extents stay with the scene; a server that starts again finds them", async () => {
    const map = features(16, 12, 5, { seed: 6 }), chw = { ...map, h: 5, w: 12, d: 16 }; // only the header's shape
    await put("/kept/maps/one", npy(map));
    const answer = await put("/kept/picture", picture(64, 48));
    assert.equal(answer.status, 201, JSON.stringify(answer.json));
    const { rev, ...rest } = answer.json;
    assert.deepEqual(rest, { scene: "kept", w: 64, h: 48 });
    assert.ok(rev > 1);
    assert.deepEqual(readFileSync(join(uploads, "kept", "picture.png")), picture(64, 48));
    await refused(put("/kept/maps/odd", npy(features(7, 31, 2))), 422, 15, /^odd\.npy/);
    await refused(put("/kept/picture", picture(31, 70)), 422, 15, /^one\.npy/);
    assert.equal((await put("/kept/maps/two?layout=CHW&extent=8,4,40,28", npy(chw))).status, 201);
    const kept = (await list()).scenes.find(({ name }) => name === "kept");
    assert.deepEqual(kept.picture, [64, 48]);
    assert.deepEqual(kept.maps.map(({ name, w, h, d, extent }) => [name, w, h, d, extent]), [
      ["one", 16, 12, 5, [0, 0, 64, 48]],
      ["two", 16, 12, 5, [8, 4, 40, 28]],
    ]);
    const other = await serve([], { args: ["--software", "--upload-dir", uploads, "--quota", "4M"] });
    const again = (await fetchJson(other.port, API)).json.scenes;
    assert.deepEqual(again.map(({ name }) => name).filter((name) => name === "kept"), ["kept"]);
    const found = again.find(({ name }) => name === "kept");
    assert.deepEqual(found.maps.map(({ name, extent }) => [name, extent]), kept.maps.map(({ name, extent }) => [name, extent]));
    await other.stop();
    assert.equal((await del("/kept/picture")).status, 200);
    await refused(del("/kept/picture"), 404, 4, /no uploaded picture/);
  });

  test("names stay inside the directory, and links are not followed", async () => {
    const bytes = npy(features(4, 4, 4)), outside = join(dir, "outside");
    mkdirSync(outside);
    symlinkSync(outside, join(uploads, "link"));
    symlinkSync(join(outside, "victim"), join(uploads, "pieces", "l.npy"));
    for (const path of ["/%2e%2e/maps/a", "/a/maps/%2e%2e", "/..%2Foutside/maps/a", "/a/maps/..%2F..%2Foutside%2Fa", "/a%2Fb/maps/c", "/a/maps/b%2Fc", "/.hidden/maps/a", "/a/maps/.b", "/a/maps/b%0A", `/${"n".repeat(121)}/maps/a`, "/a%FF/maps/b"]) {
      const { status, json } = await put(path, bytes);
      assert.ok([400, 404, 405, 422].includes(status), `${path}: ${status} ${JSON.stringify(json)}`);
    }
    await refused(put("/link/maps/a", bytes), 403, 13, /not a scene/);
    await refused(del("/link"), 403, 13, /not a scene/);
    assert.equal((await put("/pieces/maps/l", bytes)).status, 200, "the link itself is replaced");
    assert.deepEqual(readdirSync(outside), []);
    assert.deepEqual(readdirSync(dir).sort(), ["files", "outside", "uploads"]);
  });

  test("pages of other origins, and hosts that are not ours, never change anything", async () => {
    const bytes = npy(features(4, 4, 4)), scenes = (await list()).scenes;
    for (const headers of [{ origin: "http://evil.example" }, { origin: "null" }, { origin: `http://127.0.0.1.evil.example:${server.port}` }, { host: "evil.example" }]) {
      await refused(put("/evil/maps/a", bytes, headers), 403, 13, /--origin|--public-url/);
      await refused(fetchJson(server.port, `${API}/pieces`, { method: "DELETE", headers }), 403, 13, /--origin|--public-url/);
    }
    const preflight = await fetchRaw(server.port, `${API}/evil/maps/a`, { method: "OPTIONS", headers: { origin: "http://evil.example", "access-control-request-method": "PUT" } });
    assert.equal(preflight.status, 405);
    assert.equal(preflight.headers["access-control-allow-origin"], undefined);
    assert.deepEqual((await list()).scenes, scenes);
    assert.equal((await put("/own/maps/a", bytes, { origin: server.url.slice(0, -1) })).status, 201, "our own page may");
  });

  test("what was given as files is not changed, and only what is there is deleted", async () => {
    await refused(put("/given/maps/more", npy(features(4, 4, 4))), 403, 13, /was not uploaded/);
    await refused(del("/given"), 403, 13, /was not uploaded/);
    await refused(del("/given/maps/given"), 403, 13, /was not uploaded/);
    await refused(del("/nothing"), 404, 4, /no uploaded scene/);
    await refused(del("/own/maps/b"), 404, 4, /no uploaded layer/);
    assert.deepEqual(await layers("given"), ["given"]);
  });

  test("deleting the last layer of a scene deletes the scene, and the name is free again", async () => {
    assert.deepEqual(await del("/own/maps/a").then(({ status, json }) => [status, json]), [200, { scene: "own", map: "a" }]);
    assert.equal(await layers("own"), undefined);
    assert.equal(there("own"), false);
    const { status, json } = await put("/own/maps/a", npy(features(4, 4, 4)));
    assert.equal(status, 201);
    assert.ok(json.rev > 1, "not the number that somebody may still have kept pictures of");
  });

  test("a viewer's view goes over to the replaced map, and is closed when it is deleted", async () => {
    const first = features(30, 20, 6, { seed: 21 }), second = features(18, 12, 6, { seed: 22 });
    await put("/live/maps/m", npy(first));
    const client = await greet(server.port);
    assert.ok(client.welcome.limits.upload > 0);
    const map = await client.open("live/m");
    const shown = await client.exact({ ref: [10.5, 7.5], metric: "l2", stretch: ["percentile", 1, 99], window: [5, 2, 30, 20] });
    assert.deepEqual(shown.window, [5, 2, 30, 20]);
    client.inbox.length = 0; // catalogues of before
    const { status, json } = await put("/live/maps/m", npy(second));
    assert.equal(status, 200);
    assert.equal(json.rev, map.rev + 1);
    const told = await client.next("scenes");
    assert.equal(told.scenes.find(({ name }) => name === "live").maps[0].rev, map.rev + 1);
    const { view, map: now } = await client.next("opened");
    assert.deepEqual([view, now.w, now.h, now.rev], [0, 18, 12, map.rev + 1]);
    const frame = await client.frame((message) => message.exact);
    assert.deepEqual([frame.cell, frame.window, frame.seq], [[10, 7], [5, 2, 18, 12], shown.seq]);
    // The reference's distance to itself, of the new values: the metric is still the same.
    const probed = await client.probe([11.5, 7.5]);
    const vector = (i, j) => second.data.subarray((j * 18 + i) * 6, (j * 18 + i + 1) * 6);
    const distance = Math.hypot(...vector(10, 7).map((value, k) => value - vector(11, 7)[k]));
    assert.ok(Math.abs(probed.s - distance) < 1e-5 * distance, `${probed.s}, not ${distance}`);
    await del("/live/maps/m");
    const error = await client.next("error");
    assert.deepEqual([error.code, error.view], [10, 0]);
    assert.match(error.message, /"live\/m" was taken away/);
    client.set({ ref: [1, 1] });
    assert.equal((await client.next("error")).code, 4, "the view is closed");
    client.destroy();
  });

  test("a picture that is replaced under a colour frame is painted anew", async () => {
    await put("/paint/maps/m", npy(features(16, 12, 4)));
    const { rev } = (await put("/paint/picture", picture(64, 48))).json;
    const client = await greet(server.port);
    await client.open("paint/m");
    const seq = client.set({ kind: "colour", opacity: 0 });
    await client.frame((message) => message.seq === seq);
    const frames = client.frames.length;
    const { json } = await put("/paint/picture", picture(128, 96));
    assert.equal(json.rev, rev + 1);
    await until(() => client.frames.length > frames && client.frames.at(-1).w === 128, "a frame over the new picture");
    client.destroy();
  });

  describe("archives and tokens", { concurrency: 1 }, () => {
    const values = (shape, seed) => {
      const next = random(seed);
      return Float32Array.from({ length: shape.reduce((n, side) => n * side, 1) }, () => next() - 0.5);
    };
    const array = (shape, seed, more = {}) => ({ shape, values: values(shape, seed), ...more });
    const image = { shape: [24, 32, 3], values: Uint8Array.from({ length: 24 * 32 * 3 }, (_, k) => k % 251) };
    const conv2 = array([12, 16, 5], 1), conv3 = array([7, 6, 8], 2); // (H, W, C) and (C, H, W)
    const vector = async (path, i, j) => [...parseNpy((await fetchRaw(server.port, `${API}/${path}/vector.npy?ref=${i},${j}`)).body).data];
    const scene = async (name) => (await list()).scenes.find((each) => each.name === name);

    test("an .npz of several arrays becomes a layer for each, under its picture", async () => {
      const { status, json } = await put("/archive/maps/m", npz({ conv2, conv3, classes: array([3], 3), image: { descr: "|u1", ...image } }));
      assert.equal(status, 201, JSON.stringify(json));
      assert.deepEqual(json.maps.map(({ name, w, h, d }) => [name, w, h, d]), [["m-conv2", 16, 12, 5], ["m-conv3", 8, 6, 7]]);
      assert.deepEqual([json.map, json.w, json.h, json.d], ["m-conv2", 16, 12, 5]);
      const shown = await scene("archive");
      assert.deepEqual([shown.picture, shown.maps.map(({ name }) => name)], [[32, 24], ["m-conv2", "m-conv3"]]);
      assert.equal((await fetchRaw(server.port, `${API}/archive/picture`)).status, 200);
      assert.deepEqual(await vector("archive/maps/m-conv2", 6.5, 4.5), [...conv2.values.subarray((2 * 16 + 3) * 5, (2 * 16 + 4) * 5)]);
      assert.deepEqual(await vector("archive/maps/m-conv3", 9, 17), [0, 1, 2, 3, 4, 5, 6].map((c) => conv3.values[(c * 6 + 4) * 8 + 2]));
    });

    test("one that replaces it takes away what it has not, and deleting it takes all of it", async () => {
      await put("/archive/maps/own", npy(features(16, 12, 3)));
      const client = await greet(server.port);
      await client.open("archive/m-conv3");
      const { status, json } = await put("/archive/maps/m", safetensors({ conv2, conv5: array([6, 8, 2], 4) }));
      assert.equal(status, 200, JSON.stringify(json));
      assert.deepEqual(await layers("archive"), ["own", "m-conv2", "m-conv5"]);
      assert.equal((await client.next("error")).code, 10, "m-conv3 is no more");
      client.destroy();
      assert.deepEqual(readdirSync(join(uploads, "archive")).filter((name) => name.startsWith("m")), ["m.safetensors"]);
      assert.deepEqual(await vector("archive/maps/m-conv2", 3.5, 2.5), [...conv2.values.subarray((2 * 16 + 3) * 5, (2 * 16 + 4) * 5)]);
      assert.equal((await del("/archive/maps/m")).status, 200);
      assert.deepEqual(await layers("archive"), ["own"]);
      assert.deepEqual(readdirSync(join(uploads, "archive")).filter((name) => name.startsWith("m")), []);
    });

    test("a single array has the name that was asked for", async () => {
      for (const [name, bytes] of [["z", npz({ conv2 })], ["s", safetensors({ conv2 })]]) {
        const { status, json } = await put(`/single/maps/${name}`, bytes);
        assert.deepEqual([status, json.maps?.map((map) => map.name)], [201, [name]], JSON.stringify(json));
        assert.deepEqual(await vector(`single/maps/${name}`, 3.5, 2.5), [...conv2.values.subarray((2 * 16 + 3) * 5, (2 * 16 + 4) * 5)]);
      }
    });

    test("tokens need their grid, and it stays with them", async () => {
      const block = array([1, 1 + 12 * 16, 6], 5), flat = array([12 * 16, 6], 6);
      const expect = async (port, name, from) => {
        const { body } = await fetchRaw(port, `${API}/tokens/maps/${name}/vector.npy?ref=3.5,2.5`);
        assert.deepEqual([...parseNpy(body).data], [...from.values.subarray((from.skip + 2 * 16 + 3) * 6, (from.skip + 2 * 16 + 4) * 6)], name);
      };
      const query = "layout=NLC&grid=12,16";
      await refused(put("/tokens/maps/a", npz({ flat })), 501, 5, /NLC/);
      await refused(put("/tokens/maps/a?layout=NLC&grid=12,15&skip=1", npz({ block })), 422, 7, /./);
      await refused(put("/tokens/maps/a?grid=12", npz({ block })), 400, 3, /grid/);
      assert.equal(there("tokens"), false);
      const sent = { a: [npz({ block }), `${query}&skip=1`, { ...block, skip: 1 }], b: [safetensors({ flat }), query, { ...flat, skip: 0 }] };
      for (const [name, [bytes, how, from]] of Object.entries(sent)) {
        const { status, json } = await put(`/tokens/maps/${name}?${how}`, bytes);
        assert.deepEqual([status, json.w, json.h, json.d], [201, 16, 12, 6], JSON.stringify(json));
        await expect(server.port, name, from);
      }
      const other = await serve([], { args: ["--software", "--upload-dir", uploads, "--quota", "4M"] });
      for (const [name, [, , from]] of Object.entries(sent)) await expect(other.port, name, from);
      await other.stop();
      assert.equal((await del("/tokens")).status, 200);
    });

    test("what cannot be uploaded is refused with what to do instead", async () => {
      await refused(put("/odd/maps/m", Buffer.from("ENVI\nsamples = 8\nlines = 6\nbands = 4\n")), 501, 5, /ENVI.*two files.*numpy\.save\(\)/);
      await refused(put("/odd/maps/m", Buffer.from(conv2.values.buffer)), 422, 7, /without a header.*numpy\.save\(\)/);
      const twice = npz({ conv2, conv3 });
      twice.write("conv2", twice.lastIndexOf("conv3"), "latin1");
      await refused(put("/odd/maps/m", twice), 422, 7, /^m\.npz holds two arrays named/);
      await refused(put("/odd/maps/m", npz({ classes: array([3], 3) })), 501, 5, /^m\.npz holds 1 array and none/);
      const good = safetensors({ conv2 });
      await refused(put("/odd/maps/m", good.subarray(0, good.length - 4)), 422, 7, /^m\.safetensors/);
      assert.equal(there("odd"), false);
    });
  });

  test("too many at once are asked to come again", async () => {
    const bytes = npy(features(4, 4, 4));
    const running = hidden().length; // pieces/maps/p of above
    for (let i = running; i < 8; i++) assert.equal((await piece(`/many/maps/m${i}`, bytes, 0, 10)).status, 202);
    const { status, headers, json } = await piece("/many/maps/more", bytes, 0, 10);
    assert.deepEqual([status, json.code], [503, 12]);
    assert.ok(Number(headers["retry-after"]) > 0);
    assert.equal(hidden().length, 8);
    for (let i = running; i < 8; i++) assert.equal((await piece(`/many/maps/m${i}`, bytes, 10, bytes.length)).status, 201);
    assert.equal((await layers("many")).length, 8 - running);
  });

  test("a body that waits for our word is refused without being sent, or sent when it is asked for", async () => {
    const bytes = npy(features(40, 30, 20));
    const send = (path) => new Promise((done, fail) => {
      const call = request({ host: "127.0.0.1", port: server.port, path: API + path, method: "PUT", agent: false, headers: { expect: "100-continue", "content-length": bytes.length } });
      let asked = false;
      call.on("continue", () => { asked = true; call.end(bytes); });
      call.on("response", (answer) => { answer.resume(); done([answer.statusCode, asked]); call.destroy(); });
      call.on("error", fail);
      call.flushHeaders();
    });
    assert.deepEqual(await send("/waits/maps/a"), [201, true]);
    assert.deepEqual(await send("/given/maps/a"), [403, false]);
  });

  test("the counters tell what happened", async () => {
    const { body } = await fetchRaw(server.port, "/metrics");
    const count = (name) => Number(new RegExp(`^farlook_${name} (\\d+)$`, "m").exec(body.toString())[1]);
    for (const name of ["uploads_total", "uploads_failed_total", "catalogue_changes_total"]) assert.ok(count(name) >= 12, `${name} is ${count(name)}`);
    assert.equal(count("deletions_total"), 6);
    const before = count("uploads_total");
    await put("/counted/maps/a", npy(features(4, 4, 4)));
    const later = (await fetchRaw(server.port, "/metrics")).body.toString();
    assert.match(later, new RegExp(`^farlook_uploads_total ${before + 1}$`, "m"));
  });
});

test("without --upload-dir nothing can be stored, and the sentence says what to do", async () => {
  const own = temporary();
  save(features(4, 4, 4), join(own, "a.npy"));
  const plain = await serve([own]);
  for (const [method, path] of [["PUT", "/b/maps/c"], ["PUT", "/a/picture"], ["DELETE", "/a"]]) {
    const { status, json } = await fetchJson(plain.port, API + path, { method, body: method === "PUT" ? Buffer.alloc(100) : undefined });
    assert.deepEqual([status, json.code], [403, 13]);
    assert.match(json.message, /--upload-dir/);
  }
  assert.equal((await fetchJson(plain.port, API)).json.upload, 0);
  const client = await greet(plain.port);
  assert.equal(client.welcome.limits.upload, 0);
  client.destroy();
  await plain.stop();
  remove(own);
});

test("where the system allows no file that large, the upload fails and the server goes on", async () => {
  const own = temporary(), kept = join(own, "kept");
  mkdirSync(kept);
  save(features(4, 4, 4), join(own, "a.npy"));
  const small = await serve([join(own, "a.npy")], { args: ["--software", "--upload-dir", kept], before: "ulimit -f 100" });
  const send = (bytes) => fetchJson(small.port, `${API}/b/maps/c`, { method: "PUT", headers: { "content-length": bytes.length }, body: bytes });
  await refused(send(npy(features(80, 60, 16))), 500, 8, /could not store/);
  assert.deepEqual(readdirSync(kept), []);
  assert.equal((await send(npy(features(8, 6, 4)))).status, 201);
  await small.stop();
  remove(own);
});
