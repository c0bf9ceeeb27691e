// What people take with them: pictures with a colour bar, their parameters, values, vectors, names of files.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { HOLES, remove, temporary } from "./lib/fixtures.mjs";
import { fetchJson, fetchRaw } from "./lib/http.mjs";
import { parseNpy, readNpy } from "./lib/npy.mjs";
import { decodePng, jpegSize } from "./lib/png.mjs";
import { at, centre, similarity, worst } from "./lib/reference.mjs";
import { served } from "./lib/served.mjs";
import { root, serve } from "./lib/server.mjs";

const real = process.env.FARLOOK_DATA ?? join(root, "../shared/data");
const colours = JSON.parse(readFileSync(join(root, "proto/colormaps.json"), "utf8"));
const rgbOf = (name, level) => {
  const text = colours[name].slice(level * 6, level * 6 + 6);
  return [0, 2, 4].map((k) => parseInt(text.slice(k, k + 2), 16));
};

const { server, data } = await served();
const { "small/signed": signed, "small/holes": holes } = data.maps;

const SIGNED = "/api/v1/scenes/small/maps/signed", HOLED = "/api/v1/scenes/small/maps/holes";
const ref = (map, i, j) => `ref=${centre(map, i, j).join(",")}`;

async function get(path, type) {
  const answer = await fetchRaw(server.port, path);
  assert.equal(answer.status, 200, `${path}: ${answer.status} ${answer.body.subarray(0, 300)}`);
  if (type) assert.match(answer.headers["content-type"], type, path);
  return answer;
}
const png = async (path) => decodePng((await get(path, /^image\/png/)).body);
const json = async (path) => JSON.parse((await get(path, /^application\/json/)).body.toString());
const values = async (path) => parseNpy((await get(path, /^application\//)).body);

describe("frame.json", { concurrency: 8 }, () => {
  test("has the map, the reference, the measure and the stretch", async () => {
    const told = await json(`${SIGNED}/frame.json?${ref(signed, 10, 7)}&metric=cosine&stretch=percentile,5,90&colormap=fire_r&opacity=0.25&picture=colour`);
    const { json: catalogue } = await fetchJson(server.port, "/api/v1/scenes");
    const map = catalogue.scenes.find(({ name }) => name === "small").maps.find(({ name }) => name === "signed");
    assert.deepEqual(told.map, map);
    assert.deepEqual([told.scene, told.layer, told.picture_size], ["small", "signed", [96, 64]]);
    assert.deepEqual([told.mode, told.metric, told.origin, told.bright_is], ["similarity", "cosine", "zero", "hi"]);
    assert.deepEqual([told.ref, told.cell, told.window], [centre(signed, 10, 7), [10, 7], [0, 0, 24, 16]]);
    assert.deepEqual([told.stretch, told.colormap, told.opacity, told.picture], [["percentile", 5, 90], "fire_r", 0.25, "colour"]);
    assert.match(told.version, /^\d+\.\d+\.\d+$/);
    assert.match(told.formula, /p \. r/);
  });

  test("its numbers are those of the values it names, recomputed in float64", async () => {
    for (const metric of ["angular", "cosine", "l2", "l1"]) {
      const told = await json(`${SIGNED}/frame.json?${ref(signed, 3, 12)}&metric=${metric}&stretch=minmax`);
      const expected = similarity(signed, 3, 12, { metric });
      const [low, high] = [Math.min(...expected), Math.max(...expected)];
      const near = (a, b) => assert.ok(Math.abs(a - b) <= 1e-5 * Math.max(1, Math.abs(b)), `${metric}: ${a}, expected ${b}`);
      near(told.lo, low);
      near(told.hi, high);
      near(told.range[0], low);
      near(told.range[1], high);
      assert.equal(told.bright_is, metric.startsWith("l") ? "lo" : "hi");
      assert.equal(told.hist.length, 64);
      assert.equal(told.hist.reduce((a, b) => a + b), 24 * 16);
      const outside = [...expected].map((s, cell) => [s, cell % 24, Math.floor(cell / 24)]).filter(([, i, j]) => Math.abs(i - 3) > 1 || Math.abs(j - 12) > 1);
      const best = outside.reduce((a, b) => ((told.bright_is === "lo" ? b[0] < a[0] : b[0] > a[0]) ? b : a));
      near(expected[told.best[1] * 24 + told.best[0]], best[0]);
    }
  });

  test("the URLs beside it are the values, the picture and the vector it tells of", async () => {
    const query = `${ref(signed, 10, 7)}&metric=angle&stretch=percentile,5,90&colormap=magma&opacity=0.5&picture=none&w=48`;
    const told = await json(`${SIGNED}/frame.json?${query}`);
    const { shape, data: s } = await values(`${SIGNED}/${told.npy}`);
    assert.deepEqual(shape, [16, 24]);
    assert.ok(worst(s, similarity(signed, 10, 7).map((each) => (1 - each) * 90)) < 1e-4);
    const [theirs, ours] = await Promise.all([png(`${SIGNED}/${told.png}`), png(`${SIGNED}/frame.png?${query}`)]);
    assert.deepEqual([theirs.w, theirs.h], [48, 32]);
    assert.ok(theirs.data.equals(ours.data));
    assert.deepEqual((await values(`${SIGNED}/${told.vector}`)).data, at(signed, 10, 7).slice());
  });

  test("a picture is made again from the values and what it tells, to the level", async () => {
    for (const metric of ["angular", "l2"]) {
      const query = `${ref(signed, 20, 2)}&metric=${metric}&colormap=viridis&picture=none&w=24`;
      const told = await json(`${SIGNED}/frame.json?${query}`);
      const { data: s } = await values(`${SIGNED}/${told.npy}`);
      const { data: picture } = await png(`${SIGNED}/${told.png}`);
      for (let cell = 0; cell < s.length; cell++) {
        const share = Math.min(1, Math.max(0, (s[cell] - told.lo) / (told.hi - told.lo)));
        const level = 255 * (told.bright_is === "lo" ? 1 - share : share);
        const near = [Math.floor(level + 0.49), Math.floor(level + 0.51)].map((each) => rgbOf("viridis", each).join());
        assert.ok(near.includes(picture.subarray(cell * 3, cell * 3 + 3).join(",")), `${metric}, cell ${cell}: level ${level}`);
      }
    }
  });

  test("without a reference the centre stands for it, and the URL says so", async () => {
    const told = await json(`${SIGNED}/frame.json`);
    assert.deepEqual(told.cell, [12, 8]);
    assert.deepEqual(told.ref, centre(signed, 12, 8));
    assert.equal((await values(`${SIGNED}/${told.npy}`)).data[8 * 24 + 12], 1);
  });

  test("a reference without a direction has null for every number", async () => {
    const told = await json(`${HOLED}/frame.json?${ref(holes, ...HOLES[0])}`);
    assert.deepEqual([told.lo, told.hi, told.range, told.hist, told.best], [null, null, null, null, null]);
    assert.equal(told.map.invalid, HOLES.length);
  });

  test("channels and norms have no metric and no reference", async () => {
    const told = await json(`${SIGNED}/frame.json?mode=channel&channel=11`);
    assert.deepEqual([told.mode, told.channel, told.metric, told.ref], ["channel", 11, undefined, undefined]);
    const channel = Float64Array.from({ length: 384 }, (_, cell) => signed.data[cell * 12 + 11]);
    assert.deepEqual(told.range, [Math.min(...channel), Math.max(...channel)]);
    assert.match((await json(`${SIGNED}/frame.json?mode=norm`)).npy, /^frame\.npy\?mode=norm/);
  });

  test("wrong queries are refused as for any frame", async () => {
    for (const query of ["metric=best", "mode=channel&channel=12", "ref=1", "w=0"]) {
      const { status, json: told } = await fetchJson(server.port, `${SIGNED}/frame.json?${query}`);
      assert.deepEqual([status, told.code], [400, 3], query);
    }
  });
});

describe("text chunks of frame.png", { concurrency: 8 }, () => {
  test("say everything that frame.json says of the picture", async () => {
    const query = `${ref(signed, 10, 7)}&metric=msam&stretch=fixed,0.25,0.75&colormap=coolwarm_r&opacity=0.125&picture=colour`;
    const [{ text }, told] = await Promise.all([png(`${SIGNED}/frame.png?${query}`), json(`${SIGNED}/frame.json?${query}`)]);
    assert.deepEqual({ ...text }, {
      Software: `farlook ${told.version}`, scene: "small", layer: "signed", map: "24,16,12", dtype: told.map.dtype, rev: `${told.map.rev}`, extent: "0,0,96,64",
      mode: "similarity", metric: "msam", origin: "zero", ref: centre(signed, 10, 7).join(","), "ref cell": "10,7", stretch: "fixed,0.25,0.75",
      lo: "0.25", hi: "0.75", window: "0,0,24,16", colormap: "coolwarm_r", opacity: "0.125", picture: "colour",
    });
  });

  test("lo and hi come back to the bit", async () => {
    const [{ text }, told] = await Promise.all([png(`${SIGNED}/frame.png?${ref(signed, 5, 5)}`), json(`${SIGNED}/frame.json?${ref(signed, 5, 5)}`)]);
    assert.deepEqual([text.lo, text.hi].map((each) => Math.fround(Number(each))), [told.lo, told.hi].map(Math.fround));
  });

  test("names in any letters", async () => {
    const { text } = await png("/api/v1/scenes/a%20b%25/maps/a%20b%25/frame.png");
    assert.equal(text.scene, "a b%");
  });
});

describe("the colour bar", { concurrency: 8 }, () => {
  const box = ({ text }) => text.colorbar.split(",").map(Number);

  test("stands beside the picture and changes nothing of it", async () => {
    for (const more of ["", "&w=24", "&w=300", "&picture=none"]) {
      const [plain, with_] = await Promise.all([png(`${SIGNED}/frame.png?${ref(signed, 3, 3)}${more}`), png(`${SIGNED}/frame.png?${ref(signed, 3, 3)}${more}&colorbar=1`)]);
      assert.equal(plain.text.colorbar, undefined);
      assert.ok(with_.w > plain.w + 50 && with_.h >= plain.h);
      for (let y = 0; y < plain.h; y++) {
        assert.ok(plain.data.subarray(y * plain.w * 3, (y + 1) * plain.w * 3).equals(with_.data.subarray(y * with_.w * 3, (y * with_.w + plain.w) * 3)), `row ${y}`);
      }
      const [x0, , x1] = box(with_);
      assert.ok(x0 >= plain.w && x1 < with_.w);
    }
  });

  test("has the colours of the map, level by level", async () => {
    for (const [query, name, reversed] of [["", "viridis", false], ["&colormap=fire", "fire", false], ["&colormap=turbo_r", "turbo", true], ["&metric=l2&colormap=magma", "magma", false]]) {
      const picture = await png(`${SIGNED}/frame.png?${ref(signed, 3, 3)}&colorbar=1&w=200${query}`);
      const [x0, y0, x1, y1] = box(picture);
      for (let y = y0; y < y1; y++) {
        const level = Math.round(255 * (1 - (y - y0 + 0.5) / (y1 - y0)));
        for (const x of [x0, x1 - 1]) {
          const pixel = (y * picture.w + x) * 3;
          assert.deepEqual([...picture.data.subarray(pixel, pixel + 3)], rgbOf(name, reversed ? 255 - level : level), `${name} row ${y}`);
        }
      }
    }
  });

  test("has words and numbers in ink", async () => {
    const picture = await png(`${SIGNED}/frame.png?${ref(signed, 3, 3)}&colorbar=1&w=200`);
    const [, y0, x1] = box(picture);
    let above = 0, beside = 0;
    for (let y = 0; y < picture.h; y++) {
      for (let x = 200; x < picture.w; x++) {
        const dark = picture.data[(y * picture.w + x) * 3] < 100;
        if (dark && y < y0 - 1) above++;
        if (dark && x > x1 + 8) beside++;
      }
    }
    assert.ok(above > 60 && beside > 60, `${above} and ${beside} dark pixels`);
  });

  test("goes with a JPEG too, and not with others", async () => {
    const [plain, with_] = [await get(`${SIGNED}/frame.jpg`), await get(`${SIGNED}/frame.jpg?colorbar=1`)].map(({ body }) => jpegSize(body));
    assert.ok(with_.w > plain.w);
    assert.ok((await get(`${SIGNED}/frame.npy?colorbar=1`)).body.equals((await get(`${SIGNED}/frame.npy`)).body));
    const { status, json: told } = await fetchJson(server.port, `${SIGNED}/frame.png?colorbar=yes`);
    assert.deepEqual([status, told.code], [400, 3]);
  });
});

describe("vector.csv", () => {
  test("is the file's values, a line a channel", async () => {
    const { body } = await get(`${SIGNED}/vector.csv?${ref(signed, 20, 9)}`, /^text\/csv/);
    const [head, ...lines] = body.toString().trimEnd().split("\n");
    assert.equal(head, "channel,value");
    assert.deepEqual(lines.map((line) => Number(line.split(",")[0])), [...Array(12).keys()]);
    assert.deepEqual(lines.map((line) => Math.fround(Number(line.split(",")[1]))), [...at(signed, 20, 9)]);
  });

  test("NaN and infinities are nan and inf", async () => {
    const { body } = await get(`${HOLED}/vector.csv?${ref(holes, ...HOLES[1])}`);
    assert.match(body.toString(), /\n1,nan\n/);
    assert.match((await get(`${HOLED}/vector.csv?${ref(holes, ...HOLES[2])}`)).body.toString(), /\n2,inf\n/);
  });
});

describe("download=1", () => {
  const names = {
    [`${SIGNED}/frame.png?ref=41.5,30&download=1`]: "small_signed_angular_41-30.png", [`${SIGNED}/frame.jpg?ref=41.5,30&metric=cosine&download=1`]: "small_signed_cosine_41-30.jpg",
    [`${SIGNED}/frame.npy?download=1`]: "small_signed_angular_centre.npy", [`${SIGNED}/frame.json?mode=channel&channel=3&download=true`]: "small_signed_channel-3.json",
    [`${SIGNED}/vector.npy?ref=1,2&download=1`]: "small_signed_vector_1-2.npy", [`${SIGNED}/vector.csv?ref=1,2&download=1`]: "small_signed_vector_1-2.csv",
    [`${SIGNED}/vector.json?ref=1,2&download=1`]: "small_signed_vector_1-2.json", [`${HOLED}/mask.png?download=1`]: "small_holes_mask.png",
    "/api/v1/scenes/small/picture?download=1": "small.png", "/api/v1/scenes/small/picture?w=20&download=1": "small.jpg",
    "/api/v1/scenes/a%20b%25/maps/a%20b%25/frame.npy?download=1": "a_b__angular_centre.npy",
  };
  test("names the file by what it is", async () => {
    for (const [path, name] of Object.entries(names)) {
      const { headers } = await get(path);
      assert.equal(headers["content-disposition"], `attachment; filename="${name}"`, path);
    }
  });

  test("without it nothing is to be saved, and other words are refused", async () => {
    assert.equal((await get(`${SIGNED}/frame.npy`)).headers["content-disposition"], undefined);
    assert.equal((await get(`${SIGNED}/frame.npy?download=0`)).headers["content-disposition"], undefined);
    const { status, json: told } = await fetchJson(server.port, `${SIGNED}/frame.npy?download=please`);
    assert.deepEqual([status, told.code], [400, 3]);
  });
});

describe("a real map", { skip: !existsSync(join(real, "maps/hyd_rn50_conv4x_f32.npy")) && `the feature maps are not in ${real}` }, () => {
  let dir, own;
  before(async () => {
    dir = temporary();
    mkdirSync(join(dir, "hydrant"));
    symlinkSync(join(real, "maps/hyd_rn50_conv4x_f32.npy"), join(dir, "hydrant/conv4.npy"));
    symlinkSync(join(real, "hyd.jpg"), join(dir, "hydrant/picture.jpg"));
    writeFileSync(join(dir, "hydrant/scene.json"), JSON.stringify({ picture: "picture.jpg", maps: [{ file: "conv4.npy", extent: [0, 0, 432, 640] }] }));
    own = await serve([dir]);
  });
  after(async () => {
    await own.stop();
    remove(dir);
  });

  test("what was taken is recomputed from the file within 1e-4", async () => {
    const path = "/api/v1/scenes/hydrant/maps/conv4";
    const { json: told } = await fetchJson(own.port, `${path}/frame.json?ref=213.5,320`);
    assert.deepEqual([told.cell, told.map.w, told.map.h, told.map.d], [[13, 20], 27, 40, 1024]);
    const { shape: [h, w, d], data: features } = readNpy(join(real, "maps/hyd_rn50_conv4x_f32.npy"));
    const expected = similarity({ w, h, d, data: features }, ...told.cell);
    const { data: s } = parseNpy((await fetchRaw(own.port, `${path}/${told.npy}`)).body);
    assert.ok(worst(s, expected) < 1e-4);
    assert.ok(Math.abs(told.range[0] - Math.min(...expected)) < 1e-5);
    const { data: vector } = parseNpy((await fetchRaw(own.port, `${path}/${told.vector}`)).body);
    assert.deepEqual(vector, features.slice((20 * 27 + 13) * d, (20 * 27 + 14) * d));
  });
});
