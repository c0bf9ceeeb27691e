// Uploads: whose names may be written, replaced and deleted, and by whom.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { features } from "./lib/fixtures.mjs";
import { fetchJson, fetchRaw } from "./lib/http.mjs";
import { API, npy, refused, servedUploads } from "./lib/uploads.mjs";

const { server, dir, uploads, there, put, del, list, layers } = await servedUploads();

describe("names of uploads", { concurrency: 1 }, () => {
  test("names stay inside the directory, and links are not followed", async () => {
    const bytes = npy(features(4, 4, 4)), outside = join(dir, "outside");
    assert.equal((await put("/shown/maps/a", bytes)).status, 201);
    mkdirSync(outside);
    symlinkSync(outside, join(uploads, "link"));
    symlinkSync(join(outside, "victim"), join(uploads, "shown", "l.npy"));
    for (const path of ["/%2e%2e/maps/a", "/a/maps/%2e%2e", "/..%2Foutside/maps/a", "/a/maps/..%2F..%2Foutside%2Fa", "/a%2Fb/maps/c", "/a/maps/b%2Fc", "/.hidden/maps/a", "/a/maps/.b", "/a/maps/b%0A", `/${"n".repeat(121)}/maps/a`, "/a%FF/maps/b"]) {
      const { status, json } = await put(path, bytes);
      assert.ok([400, 404, 405, 422].includes(status), `${path}: ${status} ${JSON.stringify(json)}`);
    }
    await refused(put("/link/maps/a", bytes), 403, 13, /not a scene/);
    await refused(del("/link"), 403, 13, /not a scene/);
    assert.equal((await put("/shown/maps/l", bytes)).status, 200, "the link itself is replaced");
    assert.deepEqual(readdirSync(outside), []);
    assert.deepEqual(readdirSync(dir).sort(), ["files", "outside", "uploads"]);
  });

  test("pages of other origins, and hosts that are not ours, never change anything", async () => {
    const bytes = npy(features(4, 4, 4)), scenes = (await list()).scenes;
    for (const headers of [{ origin: "http://evil.example" }, { origin: "null" }, { origin: `http://127.0.0.1.evil.example:${server.port}` }, { host: "evil.example" }]) {
      await refused(put("/evil/maps/a", bytes, headers), 403, 13, /--origin|--public-url/);
      await refused(fetchJson(server.port, `${API}/shown`, { method: "DELETE", headers }), 403, 13, /--origin|--public-url/);
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
});
