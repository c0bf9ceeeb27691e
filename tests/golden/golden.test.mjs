// The server against float64: real feature maps, every golden position and reference, through
// everything that carries a number. Skipped, and said so, where the shared data is absent.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { greet } from "../protocol/lib/client.mjs";
import { remove, temporary } from "../protocol/lib/fixtures.mjs";
import { fetchJson, fetchRaw } from "../protocol/lib/http.mjs";
import { floats, parseNpy } from "../protocol/lib/npy.mjs";
import { decodePng } from "../protocol/lib/png.mjs";
import { at, centre, levels, norm, similarity, statistics, stretch, worst } from "../protocol/lib/reference.mjs";
import { serve } from "../protocol/lib/server.mjs";
import { decodeGreyJpeg, missing, prepare } from "./maps.mjs";

const LIMIT = 2e-6; // of s, against float64, everywhere
const MASKED = "hyd_rn50_conv4x_tinymask_f32";
const names = ["hyd_rn50_conv4x_f32", "hyd_rn50_conv4x_f16", "hyd_rn50_conv4x_tiny_f32", MASKED, "hyd_deit_b3_1x_f32", "hyd_deit_b6_f32",
  "hyd_deit_norm_f16", "hyd_esp_b2_f16", "aers_deit_b9_f32", "hyd_rn50_conv4x_f32_chw", "ifealid_C1", "ifealid_C3"];
const skip = missing;

let dir, server, client, all, views = 0;
const table = {}; // name -> {what: worst error}
const note = (name, what, error) => { table[name] ??= {}; table[name][what] = Math.max(table[name][what] ?? 0, error); };

before(async () => {
  if (skip) return;
  dir = temporary();
  all = prepare(dir);
  server = await serve([dir], { args: ["--software", "--frame-budget", "3000000"] });
  client = await greet(server.port);
  for (const scene of client.welcome.scenes) { // a zip's layer has the name its own metadata gives
    const found = all.find(({ map }) => map.path === `${scene.name}/`);
    if (found) found.map.path = `${scene.name}/${scene.maps[0].name}`;
  }
});

after(async () => {
  if (skip) return;
  client.destroy();
  await server.stop();
  remove(dir);
  const columns = ["angular", "golden", "probe", "origin min", "cosine", "l2", "l1", "levels", "jpeg"];
  console.log(`worst errors\n${"".padEnd(30)}${columns.map((column) => column.padStart(11)).join("")}`);
  for (const name of names) console.log(name.padEnd(30) + columns.map((column) => (table[name]?.[column] === undefined ? "-" : table[name][column] === 0 ? "0" : table[name][column].toExponential(1)).padStart(11)).join(""));
  console.log("");
});

const entry = (name) => all.find((each) => each.name === name);
const route = (map, file, query) => `/api/v1/scenes/${map.path.split("/").map(encodeURIComponent).join("/maps/")}/${file}?${query}`;
const refOf = (map, [i, j]) => `ref=${centre(map, i, j).join(",")}`;

// The raw numbers; null where this server does not know the metric yet.
async function values(map, ref, query = "") {
  const { status, body } = await fetchRaw(server.port, route(map, "frame.npy", `${refOf(map, ref)}${query}`));
  if (status === 501) return null;
  assert.equal(status, 200, body.subarray(0, 300).toString());
  const { shape, data } = parseNpy(body);
  assert.deepEqual(shape, [map.h, map.w]);
  return data;
}

function expectNear(name, what, got, want, limit, where) {
  const error = Math.abs(got - want);
  note(name, what, error);
  assert.ok(error <= limit, `${where}: ${got}, expected ${want}, off by ${error}`);
}

// The golden numbers of one measure. Those of a map with invalid pixels count them in: there the
// statistics are those of our own float64, and samples without a direction are left out.
function checkGolden(name, s, own, ref, measure, file, limit, map, what) {
  const stats = statistics(map, s, ...ref);
  const want = name === MASKED ? statistics(map, own, ...ref) : measure;
  for (const key of ["min", "max", "mean", "max_outside_3x3"]) {
    if (typeof want[key] === "number") expectNear(name, what, stats[key], want[key], limit, `${key} for ${ref}`);
  }
  file.positions_xy.forEach(([x, y], k) => {
    if (!Number.isNaN(own[y * map.w + x])) expectNear(name, what, s[y * map.w + x], measure.samples[k], limit, `sample ${x},${y} for ${ref}`);
  });
}

describe("golden", () => {
  for (const name of names) {
    test(`${name}: s of every cell, and its statistics`, { skip }, async () => {
      const { map, golden } = entry(name);
      for (const { ref_xy: ref, measures } of golden.refs) {
        const s = await values(map, ref), own = similarity(map, ...ref);
        const error = worst(s, own);
        note(name, "angular", error);
        assert.ok(error <= LIMIT, `reference ${ref}: off by ${error}`);
        if (Number.isNaN(own[ref[1] * map.w + ref[0]])) {
          assert.ok(s.every(Number.isNaN), "an invalid reference has no similarity to anything");
          continue;
        }
        assert.equal(s[ref[1] * map.w + ref[0]], 1, "exactly 1 at the reference");
        checkGolden(name, s, own, ref, measures.angular, golden, LIMIT, map, "golden");
        assert.equal(s.some((value) => value < 0), own.some((value) => value < -LIMIT), "below 0 where golden is");
      }
    });

    test(`${name}: probes of every position`, { skip }, async () => {
      const { map, golden } = entry(name);
      const view = views++;
      await client.open(map.path, view);
      for (const { ref_xy: ref, measures } of golden.refs) {
        await client.show({ ref: centre(map, ...ref) }, view);
        const own = similarity(map, ...ref);
        for (const [k, cell] of [...golden.positions_xy, ref].entries()) {
          const probed = await client.probe(centre(map, ...cell), { view });
          assert.deepEqual(probed.cell, cell);
          assert.deepEqual(floats(probed.vector), at(map, ...cell).slice(), `the vector of ${cell} is the file's`);
          const want = own[cell[1] * map.w + cell[0]];
          if (Number.isNaN(want)) {
            assert.equal(probed.s, null);
            continue;
          }
          expectNear(name, "probe", probed.s, want, LIMIT, `probe ${cell} for ${ref}`);
          const sample = measures.angular.samples[k];
          if (sample !== undefined) expectNear(name, "probe", probed.s, sample, LIMIT, `probe ${cell} for ${ref}`);
          if (sample !== undefined && measures.cosine) expectNear(name, "probe", probed.cosine, measures.cosine.samples[k], LIMIT, `cosine ${cell} for ${ref}`);
          const length = norm(at(map, ...cell));
          assert.ok(Math.abs(probed.norm - length) <= LIMIT * length);
        }
      }
    });

    test(`${name}: origin min is the paper's shift`, { skip }, async () => {
      const { map, golden } = entry(name);
      for (const { ref_xy: ref, measures } of golden.refs) {
        const s = await values(map, ref, "&origin=min"), own = similarity(map, ...ref, { origin: "min" });
        const error = worst(s, own);
        note(name, "origin min", error);
        assert.ok(error <= LIMIT, `reference ${ref}: off by ${error}`);
        if (measures.angular_shift && !own.every(Number.isNaN)) checkGolden(name, s, own, ref, measures.angular_shift, golden, LIMIT, map, "origin min");
      }
    });

    for (const metric of ["cosine", "l2", "l1"]) {
      test(`${name}: ${metric}`, { skip }, async (t) => {
        const { map, golden } = entry(name);
        for (const { ref_xy: ref, measures } of golden.refs) {
          const s = await values(map, ref, `&metric=${metric}`);
          if (!s) return t.skip(`this server does not know the metric ${metric}`);
          const own = similarity(map, ...ref, { metric });
          if (own.every(Number.isNaN)) continue;
          // A distance grows with the features: its error is measured against the largest one.
          const scale = metric === "cosine" ? 1 : Math.max(...own.filter((value) => !Number.isNaN(value)));
          const error = worst(s, own) / scale;
          note(name, metric, error);
          assert.ok(error <= LIMIT, `reference ${ref}: off by ${error} of ${scale}`);
          if (measures[metric] && name !== MASKED) {
            golden.positions_xy.forEach(([x, y], k) => assert.ok(Math.abs(s[y * map.w + x] - measures[metric].samples[k]) <= LIMIT * scale));
          }
        }
      });
    }

    test(`${name}: PNG frames are round(255 s') to within one level`, { skip }, async () => {
      const { map, golden } = entry(name);
      const view = views++;
      await client.open(map.path, view);
      for (const { ref_xy: ref } of golden.refs) {
        const own = similarity(map, ...ref);
        if (own.every(Number.isNaN)) continue;
        for (const kind of ["around", "minmax"]) {
          const seq = client.set({ ref: centre(map, ...ref), stretch: [kind] }, view);
          const frame = await client.frame((each) => each.view === view && each.seq === seq && each.exact);
          assert.equal(frame.enc, "png");
          const png = decodePng(Buffer.from(frame.image));
          assert.deepEqual([png.w, png.h, png.channels], [map.w, map.h, 1]);
          const { lo, hi } = stretch(map, own, kind, ...ref);
          expectNear(name, "golden", frame.lo, lo, LIMIT, `lo for ${ref}`);
          expectNear(name, "golden", frame.hi, hi, LIMIT, `hi for ${ref}`);
          const error = worst(png.data, levels(own, lo, hi));
          note(name, "levels", error);
          assert.ok(error <= 1, `${kind}, reference ${ref}: off by ${error} levels`);
        }
      }
    });
  }

  test("the 31 zero vectors are invalid, and only they", { skip }, async () => {
    const { map } = entry(MASKED);
    const opened = await client.open(map.path, 63);
    assert.equal(opened.invalid, 31);
    const s = await values(map, [6, 11]);
    assert.equal(s.filter(Number.isNaN).length, 31);
    assert.ok((await values(map, [0, 0])).every(Number.isNaN));
    const frame = await client.show({ ref: centre(map, 0, 0) }, 63);
    assert.deepEqual([frame.enc, frame.lo, frame.hi], ["none", null, null]);
    const mask = decodePng((await fetchRaw(server.port, route(map, "mask.png", ""))).body);
    assert.equal(mask.data.filter((bit) => bit === 0).length, 31);
  });

  test("the catalogue tells each map's size, and once loaded its smallest and largest value", { skip }, async () => {
    for (const name of names) {
      const { map, golden } = entry(name);
      const opened = await client.open(map.path, 62);
      assert.deepEqual([opened.w, opened.h, opened.d], [map.w, map.h, map.d], name);
      assert.deepEqual(opened.extent, map.extent, name);
      assert.deepEqual([opened.min, opened.max], [Math.fround(golden.global_min), Math.fround(golden.global_max)], name);
    }
  });

  test("vectors are the file's, to the bit", { skip }, async () => {
    for (const name of names) {
      const { map, golden } = entry(name);
      for (const { ref_xy: ref } of golden.refs) {
        const { data } = parseNpy((await fetchRaw(server.port, route(map, "vector.npy", refOf(map, ref)))).body);
        assert.deepEqual(data, at(map, ...ref).slice(), `${name} ${ref}`);
        if (golden.raw) {
          const { vector_first8_raw: first, vector_sum_raw: sum } = golden.raw.find(({ x, y }) => x === ref[0] && y === ref[1]);
          assert.deepEqual([...data.subarray(0, 8)].map((value) => Math.round(value * 255)), first);
          assert.equal(data.reduce((total, value) => total + Math.round(value * 255), 0), sum);
        }
      }
      const { json } = await fetchJson(server.port, route(map, "vector.json", refOf(map, [0, 0])));
      assert.deepEqual(Float32Array.from(json.vector), at(map, 0, 0).slice(), name);
    }
  });

  test("JPEG frames at quality 90 are within 4 levels on average", { skip }, async () => {
    const fixed = await serve([dir], { args: ["--software", "--quality", "90"] });
    const viewer = await greet(fixed.port);
    for (const name of names) {
      const { map, golden } = entry(name);
      await viewer.open(map.path);
      for (const { ref_xy: ref } of golden.refs) {
        const own = similarity(map, ...ref);
        if (own.every(Number.isNaN)) continue;
        const frame = await viewer.show({ ref: centre(map, ...ref) });
        assert.equal(frame.enc, "jpeg");
        const { w, h, data } = decodeGreyJpeg(Buffer.from(frame.image));
        assert.deepEqual([w, h], [map.w, map.h]);
        const { lo, hi } = stretch(map, own, "around", ...ref);
        const want = levels(own, lo, hi);
        const mean = want.reduce((sum, level, cell) => sum + Math.abs(level - data[cell]), 0) / want.length;
        note(name, "jpeg", mean);
        assert.ok(mean <= 4, `${name} ${ref}: off by ${mean} levels on average`);
      }
    }
    viewer.destroy();
    await fixed.stop();
  });
});
