// Uploads: what becomes of the views on them, of their scene, and of both after a new start.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { greet } from "./lib/client.mjs";
import { features, picture } from "./lib/fixtures.mjs";
import { fetchJson } from "./lib/http.mjs";
import { until } from "./lib/server.mjs";
import { API, npy, refused, servedUploads } from "./lib/uploads.mjs";

const { server, uploads, again, put, del, list } = await servedUploads();

describe("views on uploads", { concurrency: 1 }, () => {
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
    const other = await again();
    const told = (await fetchJson(other.port, API)).json.scenes;
    assert.deepEqual(told.map(({ name }) => name).filter((name) => name === "kept"), ["kept"]);
    const found = told.find(({ name }) => name === "kept");
    assert.deepEqual(found.maps.map(({ name, extent }) => [name, extent]), kept.maps.map(({ name, extent }) => [name, extent]));
    await other.stop();
    assert.equal((await del("/kept/picture")).status, 200);
    await refused(del("/kept/picture"), 404, 4, /no uploaded picture/);
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
});
