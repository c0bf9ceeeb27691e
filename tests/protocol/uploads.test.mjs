// Uploads: what is stored byte for byte, whole and in pieces, and what leaves nothing behind.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { connect as dial } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";

import { greet } from "./lib/client.mjs";
import { features, picture, remove, save, temporary } from "./lib/fixtures.mjs";
import { fetchJson, fetchRaw } from "./lib/http.mjs";
import { parseNpy } from "./lib/npy.mjs";
import { serve, sleep, until } from "./lib/server.mjs";
import { API, QUOTA, npy, refused, servedUploads } from "./lib/uploads.mjs";

const { server, uploads, hidden, there, put, piece, del, list, layers } = await servedUploads();

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
    assert.equal(count("deletions_total"), 1);
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
