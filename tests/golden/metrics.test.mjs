// Every metric, kind of reference and stretch on the real feature maps, against float64 of our own
// (protocol/lib/reference.mjs). Skipped, and said so, where the shared data is absent.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { greet } from "../protocol/lib/client.mjs";
import { remove, temporary } from "../protocol/lib/fixtures.mjs";
import { fetchRaw } from "../protocol/lib/http.mjs";
import { parseNpy } from "../protocol/lib/npy.mjs";
import { decodePng } from "../protocol/lib/png.mjs";
import { ANGLES, METRICS, bestOf, blocksOf, centre, compare, isDistance, levels, stretchOf, worst } from "../protocol/lib/reference.mjs";
import { serve } from "../protocol/lib/server.mjs";
import { missing, prepare } from "./maps.mjs";

// Against float64, of the largest absolute value (at least 1: of s in [-1, 1], of 180 degrees); twice
// that where two are taken from each other. Levels: one.
const LIMIT = 2e-6;
const names = ["hyd_rn50_conv4x_f32", "hyd_rn50_conv4x_f16", "hyd_rn50_conv4x_tiny_f32", "hyd_rn50_conv4x_tinymask_f32", "hyd_deit_b3_1x_f32",
  "hyd_deit_b6_f32", "hyd_deit_norm_f16", "hyd_esp_b2_f16", "aers_deit_b9_f32", "hyd_rn50_conv4x_f32_chw"];
// Reference in the second, heat map on the first: other layers, other sizes, other photographs.
const pairs = [["hyd_rn50_conv4x_f32", "hyd_rn50_conv4x_tinymask_f32"], ["hyd_rn50_conv4x_tiny_f32", "hyd_rn50_conv4x_f16"], ["hyd_deit_b6_f32", "hyd_deit_b3_1x_f32"],
  ["hyd_deit_b3_1x_f32", "aers_deit_b9_f32"], ["aers_deit_b9_f32", "hyd_deit_norm_f16"]];
const skip = missing;

let dir, server, client, all, views = 0;
const table = {}; // kind of reference -> metric -> worst error
before(async () => {
  if (skip) return;
  dir = temporary();
  all = Object.fromEntries(prepare(dir).map((each) => [each.name, each]));
  server = await serve([dir], { args: ["--software", "--frame-budget", "3000000"] });
  client = await greet(server.port);
});

after(async () => {
  if (skip) return;
  client.destroy();
  await server.stop();
  remove(dir);
  console.log(`worst errors, of the largest value\n${"".padEnd(30)}${METRICS.map((metric) => metric.padStart(10)).join("")}`);
  for (const [kind, row] of Object.entries(table)) console.log(kind.padEnd(30) + METRICS.map((metric) => (row[metric] === undefined ? "-" : row[metric].toExponential(1)).padStart(10)).join(""));
  console.log("");
});

// Cells with a direction, spread over the map; the golden file's references first.
function cellsOf({ map, golden }, count) {
  const refs = golden.refs.map(({ ref_xy: ref }) => ref);
  for (let k = 1; refs.length < count + 4; k++) refs.push([(k * 7 + 3) % map.w, (k * 11 + 5) % map.h]);
  const valid = refs.filter(([i, j]) => map.data.subarray((j * map.w + i) * map.d, (j * map.w + i + 1) * map.d).some((value) => value !== 0));
  return valid.filter(([i, j], k) => valid.findIndex((other) => other[0] === i && other[1] === j) === k).slice(0, count);
}

function kindsOf(entry) {
  const { w, h } = entry.map, cells = cellsOf(entry, 3);
  return {
    "one": { refs: cells.slice(0, 1).map((cell) => [...cell, 1]) },
    "three": { refs: cells.map((cell) => [...cell, 1]) },
    "two, one negative": { refs: cells.map((cell, k) => [...cell, k < 2 ? 1 : -1]) },
    "region": { region: [w >> 2, h >> 2, (w >> 2) + 6, (h >> 2) + 5] },
  };
}

const hasNegative = ({ refs = [] }) => refs.some(([, , sign]) => sign < 0);

function words(map, { refs, region }) {
  if (refs) return { refs: refs.map(([i, j, sign]) => [...centre(map, i, j), sign]) };
  return { region: [...centre(map, region[0], region[1]), ...centre(map, region[2] - 1, region[3] - 1)] };
}

async function values(map, query) {
  const text = Object.entries(query).map(([key, value]) => `${key}=${encodeURIComponent([value].flat(2).join(","))}`).join("&");
  const { status, body } = await fetchRaw(server.port, `/api/v1/scenes/${map.path.split("/").map(encodeURIComponent).join("/maps/")}/frame.npy?${text}`);
  assert.equal(status, 200, body.subarray(0, 300).toString());
  return parseNpy(body).data;
}

function scaleOf(metric, want, references) {
  const largest = want.reduce((most, value) => (Number.isNaN(value) ? most : Math.max(most, Math.abs(value))), 1);
  return (metric === "angle" ? 180 : largest) * (hasNegative(references) ? 2 : 1);
}

async function check(entry, kind, references, { metric, origin, from }) {
  const { map } = entry, seen = from?.map ?? map;
  const s = await values(map, { ...words(seen, references), metric, origin, ...(from ? { from: seen.path } : {}) });
  const want = compare(map, references, { metric, origin, from: seen });
  const error = worst(s, want) / scaleOf(metric, want, references);
  const row = (table[from ? `${kind}, other map` : kind] ??= {});
  row[metric] = Math.max(row[metric] ?? 0, error);
  assert.ok(error <= LIMIT, `${kind}, ${metric}, origin ${origin}: off by ${error}`);
  if (from || hasNegative(references) || !["angular", "cosine", "pearson", "msam"].includes(metric)) return;
  for (const [i, j] of references.refs ?? []) assert.equal(s[j * map.w + i], 1, "exactly 1 at each reference");
}

describe("metrics", () => {
  for (const name of names) {
    for (const metric of METRICS) {
      test(`${name}: ${metric}, of every kind of reference`, { skip }, async () => {
        for (const [kind, references] of Object.entries(kindsOf(all[name]))) {
          if (hasNegative(references) && !ANGLES.includes(metric)) continue;
          for (const origin of ["zero", "min"]) await check(all[name], kind, references, { metric, origin });
        }
      });
    }

    test(`${name}: every stretch`, { skip }, async () => {
      const { map } = all[name], view = views++;
      await client.open(map.path, view);
      for (const metric of METRICS) {
        for (const references of Object.values(kindsOf(all[name])).filter((each) => !hasNegative(each) || ANGLES.includes(metric))) {
          const s = compare(map, references, { metric }), scale = scaleOf(metric, s, references), blocks = blocksOf(references);
          const middle = stretchOf(map, s, ["percentile", 20, 70], {});
          for (const kind of [["minmax"], ["around"], ["percentile", 2, 98], ["percentile", 0.5, 50], ["fixed", middle.lo, middle.hi]]) {
            const frame = await client.exact({ ...words(map, references), metric, stretch: kind }, view);
            const { lo, hi } = stretchOf(map, s, kind, { blocks, metric });
            assert.ok(Math.abs(frame.lo - lo) <= LIMIT * scale && Math.abs(frame.hi - hi) <= LIMIT * scale, `${metric} ${kind}: ${frame.lo}, ${frame.hi}, expected ${lo}, ${hi}`);
            const { value } = bestOf(map, s, { blocks, metric });
            assert.ok(Math.abs(s[frame.best[1] * map.w + frame.best[0]] - value) <= LIMIT * scale, `${metric}: best ${frame.best}`);
            const error = worst(decodePng(Buffer.from(client.shown(frame).image)).data, levels(s, lo, hi, { inverted: isDistance(metric) }));
            assert.ok(error <= 1, `${metric} ${kind}: off by ${error} levels`);
          }
        }
      }
    });
  }
});

describe("references of another map", () => {
  for (const [name, other] of pairs) {
    for (const metric of METRICS) {
      test(`${name} against ${other}: ${metric}`, { skip }, async () => {
        for (const [kind, references] of Object.entries(kindsOf(all[other]))) {
          if (hasNegative(references) && !ANGLES.includes(metric)) continue;
          for (const origin of ["zero", "min"]) await check(all[name], kind, references, { metric, origin, from: all[other] });
        }
      });
    }
  }
});
