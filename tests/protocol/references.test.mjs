// What is compared with: several references, negative ones, a region, the vectors of another map; in
// frames, probes and exports, by every metric.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { greet } from "./lib/client.mjs";
import { features, picture, remove, save, temporary } from "./lib/fixtures.mjs";
import { fetchJson, fetchRaw } from "./lib/http.mjs";
import { floats, parseNpy } from "./lib/npy.mjs";
import { decodePng } from "./lib/png.mjs";
import { ANGLES, METRICS, at, bestOf, blocksOf, centre, compare, isDistance, levels, stretchOf, worst } from "./lib/reference.mjs";
import { serve } from "./lib/server.mjs";

const LIMIT = 2e-6; // of s; of the largest value where that is above 1
const D = 12;

// Scene `one`: a picture of 96 x 64, the layers `near` and, elsewhere on the picture, `part`; scene `two`: a
// map alone; scene `short`: another depth. All maps but `two` have a cell without a direction.
let dir, server, maps;
before(async () => {
  dir = temporary();
  mkdirSync(join(dir, "one"));
  writeFileSync(join(dir, "one", "picture.png"), picture(96, 64));
  const hollow = (map) => { map.data.fill(0, 3 * map.d, 4 * map.d); return map; }; // cell (3, 0)
  maps = {
    "one/near": save(hollow(features(24, 16, D, { seed: 21 })), join(dir, "one", "near.npy")),
    "one/part": save(hollow(features(9, 11, D, { seed: 22, signed: false })), join(dir, "one", "part.npy")),
    "two/two": save(features(14, 10, D, { seed: 23, signed: false, noise: 0.6 }), join(dir, "two.npy")),
    "short/short": save(features(6, 4, 5, { seed: 24 }), join(dir, "short.npy")),
  };
  maps["one/near"].extent = [0, 0, 96, 64];
  maps["one/part"].extent = [48, 0, 96, 64];
  writeFileSync(join(dir, "one", "scene.json"), JSON.stringify({ picture: "picture.png",
    maps: [{ file: "near.npy" }, { file: "part.npy", extent: [48, 0, 96, 64] }] }));
  server = await serve([dir], { args: ["--software", "--frame-budget", "1000000"] });
});
after(async () => {
  await server.stop();
  remove(dir);
});

async function viewer(name = "one/near") {
  const client = await greet(server.port);
  await client.open(name);
  await client.frame((frame) => frame.exact || frame.enc === "none");
  return { client, map: maps[name] };
}

// References in cells of `map`, as `set` wants them.
function words(map, { refs, region }) {
  if (refs) return { refs: refs.map(([i, j, sign]) => [...centre(map, i, j), sign]) };
  const [x0, y0] = centre(map, region[0], region[1]), [x1, y1] = centre(map, region[2] - 1, region[3] - 1);
  return { region: [x0, y0, x1, y1] };
}

const kinds = {
  "one reference": { refs: [[5, 6, 1]] },
  "three references": { refs: [[5, 6, 1], [0, 0, 1], [8, 2, 1]] },
  "two references and a negative one": { refs: [[5, 6, 1], [2, 9, 1], [8, 2, -1]] },
  "a negative reference alone": { refs: [[5, 6, -1]] },
  "sixteen references": { refs: Array.from({ length: 16 }, (_, k) => [(k * 5) % 9, (k * 3) % 10, k % 4 === 3 ? -1 : 1]) },
  "references of which one has no direction": { refs: [[3, 0, 1], [5, 6, 1]] },
  "a region with a hole in it": { region: [1, 0, 6, 5] },
  "a region of one cell": { region: [5, 6, 6, 7] },
};
const hasNegative = ({ refs = [] }) => refs.some(([, , sign]) => sign < 0);

function expectNear(got, want, scale, what) {
  assert.ok(Math.abs(got - want) <= LIMIT * scale, `${what}: ${got}, expected ${want}`);
}

const scaleOf = (s) => Math.max(1, ...s.filter((value) => !Number.isNaN(value)).map(Math.abs));

// lo, hi, best and every level of an exact frame against float64.
function checkFrame(client, frame, map, references, { metric, origin, from, kind = ["around"] }) {
  const s = compare(map, references, { metric, origin, from: from ?? map });
  const blocks = from ? [] : blocksOf(references), scale = scaleOf(s);
  const { lo, hi } = stretchOf(map, s, kind, { blocks, metric });
  expectNear(frame.lo, lo, scale, "lo");
  expectNear(frame.hi, hi, scale, "hi");
  const { cell, value } = bestOf(map, s, { blocks, metric });
  expectNear(s[frame.best[1] * map.w + frame.best[0]], value, scale, `best ${frame.best}, expected ${cell}`);
  const got = decodePng(Buffer.from(client.shown(frame).image)).data;
  levels(s, lo, hi, { inverted: isDistance(metric) }).forEach((level, at) =>
    assert.ok(Math.abs(level - got[at]) <= 1, `cell ${at}: level ${got[at]}, expected ${level}`));
}

describe("references", { concurrency: true }, () => {
  for (const metric of METRICS) {
    test(`${metric}: frames of every kind of reference`, async () => {
      const { client, map } = await viewer();
      for (const [name, references] of Object.entries(kinds)) {
        if (hasNegative(references) && !ANGLES.includes(metric)) continue;
        for (const origin of ["zero", "min"]) {
          const frame = await client.exact({ ...words(map, references), metric, origin });
          assert.deepEqual(frame.cell, references.refs?.length === 1 ? references.refs[0].slice(0, 2) : null, name);
          checkFrame(client, frame, map, references, { metric, origin });
        }
      }
      client.destroy();
    });
  }

  test("s is exactly 1 at every positive reference, and best lies beside their blocks", async () => {
    for (const metric of ["angular", "cosine", "pearson", "msam"]) {
      const { body } = await fetchRaw(server.port, route("one/near", "frame.npy", kinds["three references"], { metric }));
      const { data } = parseNpy(body);
      for (const [i, j] of kinds["three references"].refs) assert.equal(data[j * 24 + i], 1, metric);
    }
  });

  test("every stretch, of several references", async () => {
    const { client, map } = await viewer();
    for (const kind of [["minmax"], ["around"], ["percentile", 2, 98], ["percentile", 0, 50], ["fixed", 0.2, 0.7]]) {
      for (const references of [kinds["three references"], kinds["two references and a negative one"], kinds["a region with a hole in it"]]) {
        checkFrame(client, await client.exact({ ...words(map, references), stretch: kind }), map, references, { metric: "angular", origin: "zero", kind });
      }
    }
    client.destroy();
  });

  test("where none has a direction there is nothing to show", async () => {
    const { client, map } = await viewer();
    for (const references of [{ refs: [[3, 0, 1], [3, 0, -1]] }, { region: [3, 0, 4, 1] }]) {
      const frame = await client.show(words(map, references));
      assert.deepEqual([frame.enc, frame.lo, frame.hi, frame.best], ["none", null, null, null]);
      const probed = await client.probe(centre(map, 1, 1));
      assert.deepEqual([probed.s, probed.cosine, probed.angle], [null, null, null]);
    }
    client.destroy();
  });

  test("negative references are refused where they have no meaning, and nothing of the message counts", async () => {
    const { client, map } = await viewer();
    await client.exact({ ...words(map, kinds["two references and a negative one"]), stretch: ["fixed", 0, 1] });
    for (const metric of METRICS.filter((each) => !ANGLES.includes(each))) {
      const seq = client.set({ metric, stretch: ["minmax"] });
      const error = await client.next("error");
      assert.deepEqual([error.code, error.seq], [3, seq]);
      assert.match(error.message, new RegExp(metric));
    }
    const frame = await client.show({ ref: centre(map, 1, 1) });
    assert.deepEqual([frame.lo, frame.hi], [0, 1]);
    client.destroy();
  });

  test("a channel shows with any references, which come back with the similarity", async () => {
    const { client, map } = await viewer();
    const references = kinds["two references and a negative one"];
    await client.exact({ ...words(map, references), mode: "channel", channel: 2 });
    await client.exact({ metric: "l2", mode: "norm" });
    checkFrame(client, await client.exact({ metric: "cosine", mode: "similarity" }), map, references, { metric: "cosine", origin: "zero" });
    client.destroy();
  });

  test("viewers with different references on one map at the same time each get their own", async () => {
    const viewers = await Promise.all(Array.from({ length: 6 }, () => viewer()));
    await Promise.all(viewers.map(async ({ client, map }, k) => {
      for (let round = 0; round < 5; round++) {
        const references = { refs: [[k, round, 1], [7, k, 1], [round + 3, 9, -1]] };
        checkFrame(client, await client.exact(words(map, references)), map, references, { metric: "angular", origin: "zero" });
      }
      client.destroy();
    }));
  });
});

describe("references of another map", { concurrency: true }, () => {
  for (const metric of METRICS) {
    test(`${metric}: one, several and a region of a map of another scene`, async () => {
      const { client, map } = await viewer();
      const from = maps["two/two"];
      for (const references of Object.values(kinds)) {
        if (hasNegative(references) && !ANGLES.includes(metric)) continue;
        for (const origin of ["zero", "min"]) {
          const frame = await client.exact({ ...words(from, references), from: "two/two", metric, origin, vector: true });
          checkFrame(client, frame, map, references, { metric, origin, from });
          if (references.refs?.length !== 1) continue;
          assert.deepEqual(frame.cell, [5, 6], "the cell of that map");
          assert.deepEqual(floats(frame.vector), at(from, 5, 6).slice(), "and its vector");
        }
      }
      client.destroy();
    });
  }

  test("its coordinates are those of its own picture and extent", async () => {
    const { client, map } = await viewer("two/two");
    const from = maps["one/part"];
    const frame = await client.exact({ ref: centre(from, 8, 3), from: "one/part" });
    assert.deepEqual(frame.cell, [8, 3]);
    checkFrame(client, frame, map, { refs: [[8, 3, 1]] }, { metric: "angular", origin: "zero", from });
    const outside = await client.show({ ref: [20, 20] }); // on the picture, beside that map
    assert.equal(outside.cell, null);
    assert.deepEqual((await client.exact({ ref: null })).cell, [4, 5], "its centre");
    client.destroy();
  });

  test("around has no block to leave out; the view's own map has one again", async () => {
    const { client, map } = await viewer();
    const frame = await client.exact({ ref: centre(map, 5, 6), from: "one/near" }); // its own
    checkFrame(client, frame, map, { refs: [[5, 6, 1]] }, { metric: "angular", origin: "zero" });
    const other = await client.exact({ ref: centre(maps["two/two"], 5, 6), from: "two/two" });
    assert.equal(other.hi, other.range[1]);
    const again = await client.exact({ ref: centre(map, 5, 6), from: "" });
    assert.equal(again.range[1], 1);
    assert.ok(again.hi < 1);
    client.destroy();
  });

  test("vectors of another length are refused in words that name both maps", async () => {
    const { client, map } = await viewer();
    const before = await client.exact({ ref: centre(map, 1, 1), stretch: ["fixed", 0, 1] });
    client.set({ from: "short/short", stretch: ["minmax"] });
    const error = await client.next("error");
    assert.equal(error.code, 3);
    for (const word of ["short/short", "one/near", " 5 ", " 12"]) assert.ok(error.message.includes(word), `${word}: ${error.message}`);
    client.set({ from: "nowhere/map" });
    assert.equal((await client.next("error")).code, 4);
    assert.equal(before.hi, (await client.show({ ref: centre(map, 2, 2) })).hi, "nothing of it counts");
    client.destroy();
  });

  test("a view opened on a map of another depth says so, and goes on with its own references", async () => {
    const { client } = await viewer();
    await client.show({ from: "two/two", ref: [1, 1] });
    client.send({ t: "open", view: 0, map: "short/short" });
    await client.next("opened");
    assert.equal((await client.next("error")).code, 3);
    assert.deepEqual((await client.show({ from: "", ref: [2.5, 1.5] })).cell, [2, 1]);
    client.destroy();
  });

  test("a fresh server loads both maps by itself, for sockets and for HTTP", async () => {
    const fresh = await serve([dir], { args: ["--software"] });
    const url = route("one/part", "frame.npy", kinds["one reference"], { from: "two/two", metric: "pearson" });
    const { status, body } = await fetchRaw(fresh.port, url);
    assert.equal(status, 200);
    assert.ok(worst(parseNpy(body).data, compare(maps["one/part"], kinds["one reference"], { metric: "pearson", from: maps["two/two"] })) < LIMIT);
    const client = await greet(fresh.port);
    await client.open("two/two");
    assert.deepEqual((await client.show({ from: "one/near", ref: centre(maps["one/near"], 4, 7) })).cell, [4, 7]);
    client.destroy();
    await fresh.stop();
  });
});

describe("probes", { concurrency: true }, () => {
  const degrees = (cosine) => (Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI;

  // s with all references; cosine and angle with the positive one that is nearest.
  async function checkProbes(client, map, references, { metric, origin, from }) {
    const s = compare(map, references, { metric, origin, from }), scale = scaleOf(s);
    const alone = (references.refs ?? []).filter(([, , sign]) => sign > 0).map((ref) => ({ refs: [ref] }));
    const each = references.region ? [references] : alone;
    const nearest = each.map((one) => [compare(map, one, { metric, origin, from }), compare(map, one, { metric: "cosine", from })]);
    for (const [i, j] of [[5, 6], [0, 0], [8, 8], [7, 3]]) {
      const cell = j * map.w + i, probed = await client.probe(centre(map, i, j));
      assert.deepEqual(floats(probed.vector), at(map, i, j).slice());
      expectNear(probed.s, s[cell], scale, `s of ${i}, ${j}`);
      const values = nearest.filter(([own]) => !Number.isNaN(own[cell])).map(([own, cosine]) => [own[cell], cosine[cell]]);
      if (!values.length) {
        assert.deepEqual([probed.cosine, probed.angle], [null, null]);
        continue;
      }
      const [, cosine] = values.sort(([a], [b]) => (isDistance(metric) ? a - b : b - a))[0];
      expectNear(probed.cosine, cosine, 1, `cosine of ${i}, ${j}`);
      assert.ok(Math.abs(probed.angle - degrees(cosine)) < 2e-4);
    }
  }

  for (const metric of METRICS) {
    test(`${metric}: with every kind of reference, of its own and of another map`, async () => {
      const { client, map } = await viewer();
      for (const from of [undefined, "two/two"]) {
        for (const references of Object.values(kinds)) {
          if (hasNegative(references) && !ANGLES.includes(metric)) continue;
          for (const origin of ["zero", "min"]) {
            const seen = maps[from ?? "one/near"];
            await client.show({ ...words(seen, references), from: from ?? "", metric, origin });
            await checkProbes(client, map, references, { metric, origin, from: seen });
          }
        }
      }
      client.destroy();
    });
  }

  test("the very same vector is exactly 1, also as one of several", async () => {
    const { client, map } = await viewer();
    await client.show(words(map, kinds["three references"]));
    for (const [i, j] of kinds["three references"].refs) assert.equal((await client.probe(centre(map, i, j))).s, 1);
    client.destroy();
  });

  test("a large region is not gone through while others wait: its frame brings the numbers", async () => {
    const large = temporary(), map = save(features(410, 400, 26, { seed: 25 }), join(large, "large.npy"));
    const own = await serve([large], { args: ["--software"] });
    const client = await greet(own.port);
    await client.open("large/large");
    await client.frame((frame) => frame.enc !== "none");
    client.send({ t: "pause" });
    client.set({ region: [0, 0, 410, 400] });
    client.send({ t: "probe", view: 0, seq: ++client.seq, at: [5, 5] });
    const error = await client.next("error");
    assert.deepEqual([error.code, error.seq], [11, client.seq]);
    client.send({ t: "resume" });
    for (const [metric, origin] of [["angular", "zero"], ["l2", "zero"], ["cosine", "min"]]) {
      await client.show({ metric, origin });
      const want = compare(map, { region: [0, 0, 410, 400] }, { metric, origin }), cosines = compare(map, { region: [0, 0, 410, 400] }, { metric: "cosine" });
      const probed = await client.probe([5.5, 7.5]);
      expectNear(probed.s, want[7 * 410 + 5], 2, metric);
      expectNear(probed.cosine, cosines[7 * 410 + 5], 1, "cosine");
    }
    client.destroy();
    await own.stop();
    remove(large);
  });

  test("a point that the probe names is of the view's own map", async () => {
    const { client, map } = await viewer();
    await client.show({ ref: [1, 1], from: "two/two" });
    const probed = await client.probe(centre(map, 5, 6), { from: centre(map, 9, 9) });
    expectNear(probed.s, compare(map, { refs: [[9, 9, 1]] })[6 * map.w + 5], 1, "s");
    client.destroy();
  });
});

// A URL of references in cells of the map that they lie in.
function route(name, file, references, { from, ...others } = {}) {
  const [scene, layer] = name.split("/"), seen = maps[from ?? name];
  const query = { ...words(seen, references), ...(from ? { from } : {}), ...others };
  return `/api/v1/scenes/${scene}/maps/${layer}/${file}?${Object.entries(query).map(([key, value]) => `${key}=${[value].flat(2).join(",")}`).join("&")}`;
}

describe("exports", { concurrency: true }, () => {
  test("frame.npy takes refs, regions and another map", async () => {
    for (const from of [undefined, "two/two"]) {
      for (const references of Object.values(kinds)) {
        for (const metric of hasNegative(references) ? ANGLES : METRICS) {
          const { status, body } = await fetchRaw(server.port, route("one/near", "frame.npy", references, { from, metric }));
          assert.equal(status, 200, body.toString("latin1", 0, 300));
          const want = compare(maps["one/near"], references, { metric, from: maps[from ?? "one/near"] });
          // Two similarities are taken from each other, angles count in degrees.
          const scale = metric === "angle" ? 180 : 2 * scaleOf(want);
          assert.ok(worst(parseNpy(body).data, want) < LIMIT * scale, `${metric}: off by ${worst(parseNpy(body).data, want)}`);
        }
      }
    }
  });

  test("vector.npy and .json are the other map's", async () => {
    const url = (file) => route("one/near", file, { refs: [[5, 6, 1]] }, { from: "two/two" }).replace("refs=", "ref=").replace(/,1&/, "&");
    assert.deepEqual(parseNpy((await fetchRaw(server.port, url("vector.npy"))).body).data, at(maps["two/two"], 5, 6).slice());
    assert.deepEqual((await fetchJson(server.port, url("vector.json"))).json.cell, [5, 6]);
    const several = await fetchJson(server.port, route("one/near", "vector.npy", kinds["three references"]));
    assert.deepEqual([several.status, several.json.code], [400, 3]);
  });

  test("what is refused is refused in words", async () => {
    for (const [references, options, status] of [[kinds["one reference"], { from: "short/short" }, 400], [kinds["one reference"], { from: "one/none" }, 404],
      [kinds["two references and a negative one"], { metric: "l1" }, 400]]) {
      const url = route("one/near", "frame.npy", references, options.from ? {} : options) + (options.from ? `&from=${options.from}` : "");
      const answer = await fetchJson(server.port, url);
      assert.equal(answer.status, status, url);
      assert.ok(answer.json.message.length > 20);
    }
  });

  test("frame.png names its references in its text", async () => {
    const several = decodePng((await fetchRaw(server.port, route("one/near", "frame.png", kinds["two references and a negative one"], { from: "two/two" }))).body).text;
    const all = JSON.stringify(several);
    for (const word of ["5,6,1,2,9,1,8,2,-1", "5.5,6.5,1,2.5,9.5,1,8.5,2.5,-1", "two/two"]) assert.ok(all.includes(word), `${word} is not in ${all}`);
    const region = JSON.stringify(decodePng((await fetchRaw(server.port, route("one/near", "frame.png", { region: [1, 0, 6, 5] }))).body).text);
    for (const word of ["6,2,22,18", "1,0,6,5"]) assert.ok(region.includes(word), `${word} is not in ${region}`);
  });
});
