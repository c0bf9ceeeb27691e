// Uploads: archives of several arrays, tokens, and formats that are not taken.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { npz, safetensors } from "./lib/archives.mjs";
import { greet } from "./lib/client.mjs";
import { features, random } from "./lib/fixtures.mjs";
import { fetchRaw } from "./lib/http.mjs";
import { parseNpy } from "./lib/npy.mjs";
import { API, npy, refused, servedUploads } from "./lib/uploads.mjs";

const { server, uploads, again, there, put, del, list, layers } = await servedUploads();

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
    const other = await again();
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
