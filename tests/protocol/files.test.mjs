// Archives, cubes and raw files through the whole server: the catalogue, the picture, exact vectors, the axis.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";

import { greet } from "./lib/client.mjs";
import { remove, temporary } from "./lib/fixtures.mjs";
import { fetchJson, fetchRaw } from "./lib/http.mjs";
import { floats, parseNpy } from "./lib/npy.mjs";
import { jpegSize, decodePng } from "./lib/png.mjs";
import { python } from "./lib/python.mjs";
import { root, run, serve } from "./lib/server.mjs";

let dir, server, wanted;
before(async () => {
  assert.ok(python, "no python3 with numpy: docker/install.sh installs it");
  dir = temporary();
  execFileSync(python, [join(root, "tests/data/make_served.py"), dir]);
  wanted = JSON.parse(readFileSync(join(dir, "wanted.json"), "utf8"));
  const paths = ["lesson.npz", "tokens.safetensors", "cube.hdr", "plain.bin:raw,12x16x10,f4,HWC"];
  server = await serve(paths.map((name) => join(dir, name)));
});
after(async () => {
  await server.stop();
  remove(dir);
});

// The d values of cell (i, j) as the file has them.
function vectorOf(name, i, j) {
  const { shape: [, w, d], values } = wanted[name];
  return Float32Array.from(values.slice((j * w + i) * d, (j * w + i + 1) * d));
}

describe("files of several formats", () => {
  test("the catalogue has their layers, extents and pictures", async () => {
    const { json } = await fetchJson(server.port, "/api/v1/scenes");
    const told = json.scenes.map(({ name, picture, maps }) => [name, picture, maps.map((map) => [map.name, map.w, map.h, map.d, map.dtype, map.extent])]);
    assert.deepEqual(told, [
      ["lesson", [128, 96], [["conv2", 16, 12, 10, "f4", [0, 0, 128, 96]], ["conv3", 8, 6, 20, "f2", [0, 0, 128, 96]]]],
      ["tokens", [64, 48], [["block", 16, 12, 6, "f4", [0, 0, 64, 46.5]]]],
      ["cube", null, [["cube", 16, 12, 6, "i2", [0, 0, 16, 12]]]],
      ["plain", null, [["plain", 16, 12, 10, "f4", [0, 0, 16, 12]]]],
    ]);
  });

  test("their vectors are the file's values, by HTTP", async () => {
    const cells = [["lesson", "conv2", 8, 8, 5, 3], ["lesson", "conv3", 16, 16, 7, 5], ["tokens", "block", 4, 3.875, 15, 11], ["cube", "cube", 1, 1, 9, 6]];
    for (const [scene, map, across, down, i, j] of cells) {
      const ref = `${(i + 0.5) * across},${(j + 0.5) * down}`;
      const { status, body } = await fetchRaw(server.port, `/api/v1/scenes/${scene}/maps/${map}/vector.npy?ref=${ref}`);
      assert.equal(status, 200, body.toString());
      assert.deepEqual(parseNpy(body).data, vectorOf(map, i, j), map);
    }
    const { body } = await fetchRaw(server.port, "/api/v1/scenes/plain/maps/plain/vector.npy?ref=2.5,3.5");
    assert.deepEqual(parseNpy(body).data, vectorOf("conv2", 2, 3));
  });

  test("`image` is the picture", async () => {
    const picture = await fetchRaw(server.port, "/api/v1/scenes/lesson/picture");
    assert.equal(picture.status, 200);
    const size = /png/.test(picture.headers["content-type"]) ? decodePng(picture.body) : jpegSize(picture.body);
    assert.deepEqual([size.w, size.h], [128, 96]);
    assert.equal((await fetchRaw(server.port, "/api/v1/scenes/cube/picture")).status, 404);
  });

  test("opened tells the wavelengths of the bands that are good, and the catalogue does not", async () => {
    const client = await greet(server.port);
    const cube = await client.open("cube/cube");
    assert.equal(cube.axis.unit, "nm");
    assert.deepEqual([...floats(cube.axis.values)], [400, 425.5, 475, 500, 550, 1000]);
    assert.equal(cube.d, 6);
    assert.equal(cube.invalid, 2, "two cells have no data; a bad band's does not count");
    const conv2 = await client.open("lesson/conv2", 1);
    assert.equal(conv2.axis, undefined);
    for (const { maps } of client.welcome.scenes) for (const map of maps) assert.equal(map.axis, undefined);
    client.destroy();
  });

  test("a vector is handed out with its wavelengths, also where another map asks for it", async () => {
    const waves = [400, 425.5, 475, 500, 550, 1000], values = [...vectorOf("cube", 4, 2)];
    const csv = ["channel,nm,value", ...waves.map((wave, k) => `${k},${wave},${values[k]}`), ""].join("\n");
    for (const query of ["cube/maps/cube/vector.csv?ref=4.5,2.5", "tokens/maps/block/vector.csv?ref=4.5,2.5&from=cube/cube"])
      assert.equal((await fetchRaw(server.port, `/api/v1/scenes/${query}`)).body.toString(), csv, query);
    const { json } = await fetchJson(server.port, "/api/v1/scenes/cube/maps/cube/vector.json?ref=4.5,2.5");
    assert.deepEqual([json.cell, json.vector, json.axis], [[4, 2], values, { unit: "nm", values: waves }]);
    assert.equal((await fetchJson(server.port, "/api/v1/scenes/tokens/maps/block/vector.json?ref=4.5,2.5")).json.axis, undefined);
    assert.match((await fetchRaw(server.port, "/api/v1/scenes/tokens/maps/block/vector.csv?ref=4.5,2.5")).body.toString(), /^channel,value\n/);
  });

  test("a cell without data has no similarity, and its picture says so", async () => {
    const { status, body } = await fetchRaw(server.port, "/api/v1/scenes/cube/maps/cube/frame.npy?ref=0.5,0.5");
    assert.equal(status, 200);
    const s = parseNpy(body).data;
    const missing = [...s.keys()].filter((cell) => Number.isNaN(s[cell]));
    assert.deepEqual(missing, [2 * 16 + 3, 7 * 16 + 9]);
    assert.equal(s[0], 1);
  });

  test("a frame of an unpacked map is exact", async () => {
    const client = await greet(server.port);
    await client.open("lesson/conv3");
    const frame = await client.exact({ ref: [60, 40], vector: true });
    assert.deepEqual(frame.cell, [3, 2]);
    assert.deepEqual(floats(frame.vector), vectorOf("conv3", 3, 2));
    client.destroy();
  });
});

// Real maps of real networks; every container of one must answer as its .npy does, to the bit.
const data = resolve(root, process.env.FARLOOK_DATA ?? "../shared/data");
const real = ["hyd_rn50_conv4x_f16", "hyd_deit_b6_f32", "hyd_esp_b2_f16", "aers_deit_b9_f32"].map((name) => join(data, "maps", `${name}.npy`));
const absent = real.find((path) => !existsSync(path));

test("real maps answer the same from every container", { skip: absent ? `${absent} is not there` : false }, async () => {
  const into = temporary();
  execFileSync(python, [join(root, "tests/data/repack.py"), into, ...real]);
  const names = real.map((path) => path.split("/").at(-1).slice(0, -4));
  const cubes = names.filter((name) => name.endsWith("f32"));
  const served = await serve([...real, join(into, "all.npz"), join(into, "all.safetensors"), ...cubes.map((name) => join(into, `${name}.hdr`))]);
  const ask = async (map, what) => {
    const { status, body } = await fetchRaw(served.port, `/api/v1/scenes/${map}/${what}`);
    assert.equal(status, 200, `${map}: ${body.subarray(0, 300)}`);
    return body;
  };
  const { json } = await fetchJson(served.port, "/api/v1/scenes");
  for (const name of names) {
    const { w, h } = json.scenes.find((scene) => scene.name === name).maps[0];
    // A first layer gives an archive its extent: a cell of this map is one of that many parts of it.
    const others = ["all", "all-2"].map((scene) => [`${scene}/maps/${name}`, json.scenes.find((each) => each.name === scene).maps.find((map) => map.name === name).extent]);
    if (cubes.includes(name)) others.push([`${name}-2/maps/${name}`, [0, 0, w, h]]);
    for (const [x, y] of [[0.3, 0.6], [0.75, 0.2]]) {
      const part = (extent) => `ref=${extent[0] + x * (extent[2] - extent[0])},${extent[1] + y * (extent[3] - extent[1])}`;
      for (const what of ["vector.npy", "frame.npy"]) {
        const want = await ask(`${name}/maps/${name}`, `${what}?${part([0, 0, w, h])}`);
        for (const [map, extent] of others) assert.ok(want.equals(await ask(map, `${what}?${part(extent)}`)), `${map} ${what}`);
      }
    }
  }
  await served.stop();
  remove(into);
});

describe("formats for which there is the Python helper", { concurrency: 4 }, () => {
  for (const name of ["map.tif", "map.tiff", "map.h5", "map.hdf5", "map.he5", "map.pt", "map.pth", "map.ckpt", "map.nc", "map.mat", "map.parquet"]) {
    test(name, async () => {
      const path = join(dir, name);
      writeFileSync(path, "x");
      const { status, stderr } = await run(["--listen", "127.0.0.1:0", "--software", path]);
      assert.equal(status, 1);
      const last = stderr.trim().split("\n").at(-1);
      assert.ok(last.startsWith(`farlook-server: ${path} is `), last);
      assert.match(last, /farlook\.push\(\).*client\/python\.$/);
    });
  }

  test("--layout does not take tokens, and says how they are named", async () => {
    const { status, stderr } = await run(["--layout", "NLC"]);
    assert.equal(status, 2);
    assert.match(stderr, /map\.npy:NLC,grid=52x80,skip=1\.$/m);
  });
});
