// How frames are encoded where a PNG is over the budget, and with a fixed quality; what distances,
// other origins and other references do.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { greet } from "./lib/client.mjs";
import { remove, scenes } from "./lib/fixtures.mjs";
import { floats } from "./lib/npy.mjs";
import { decodePng, jpegSize } from "./lib/png.mjs";
import { at, centre, levels, norm, similarity } from "./lib/reference.mjs";
import { serve } from "./lib/server.mjs";

let data;
before(() => { data = scenes(); });
after(() => remove(data.dir));

// Runs `body` with a client of a server that has these options; the map is noisy and 160 x 100.
async function withServer(options, body) {
  const server = await serve([data.dir], { args: ["--software", ...options] });
  const client = await greet(server.port);
  try {
    await client.open("wide/wide");
    await body(client, data.maps["wide/wide"], server);
  } finally {
    client.destroy();
    await server.stop();
  }
}

describe("encoding", { concurrency: true }, () => {
  test("over the budget a frame is a JPEG first, and exact by itself when the view rests", () =>
    withServer(["--frame-budget", "3000"], async (client, map) => {
      const seq = client.set({ ref: centre(map, 30, 70) });
      const moving = await client.frame((frame) => frame.seq === seq);
      assert.equal(moving.enc, "jpeg");
      assert.equal(moving.exact, false);
      assert.equal(jpegSize(Buffer.from(moving.image)).channels, 1);
      const still = await client.frame((frame) => frame.seq === seq && frame.exact, 5000);
      assert.equal(still.enc, "png");
      assert.ok(still.frame > moving.frame);
      const got = decodePng(Buffer.from(still.image)).data;
      levels(similarity(map, 30, 70), still.lo, still.hi).forEach((level, cell) => assert.ok(Math.abs(level - got[cell]) <= 1));
    }));

  test("--quality 90 makes every frame a JPEG at full resolution", () =>
    withServer(["--quality", "90"], async (client, map) => {
      for (const [i, j] of [[3, 3], [100, 90]]) {
        const frame = await client.show({ ref: centre(map, i, j) });
        assert.equal(frame.enc, "jpeg");
        const size = jpegSize(Buffer.from(frame.image));
        assert.deepEqual([size.w, size.h, size.channels], [map.w, map.h, 1]);
      }
    }));

  test("an exact picture costs no second one", () =>
    withServer(["--frame-budget", "1000000"], async (client, map) => {
      const frame = await client.show({ ref: centre(map, 10, 10) });
      assert.deepEqual([frame.enc, frame.exact], ["png", true]);
      const late = await client.frame((each) => each.seq === frame.seq, 1000).catch(() => null);
      assert.equal(late, null);
    }));
});

describe("numbers", () => {
  let server, client, signed, holes;
  before(async () => {
    server = await serve([data.dir], { args: ["--software", "--frame-budget", "1000000"] });
    client = await greet(server.port);
    await client.open("small/signed", 1);
    await client.open("small/holes", 2);
    [signed, holes] = [data.maps["small/signed"], data.maps["small/holes"]];
  });
  after(async () => {
    client.destroy();
    await server.stop();
  });

  function checkProbe(probed, map, [i, j], reference) {
    const cell = j * map.w + i;
    const cosine = similarity(map, ...reference, { metric: "cosine" })[cell];
    assert.deepEqual(probed.cell, [i, j]);
    assert.ok(Math.abs(probed.s - similarity(map, ...reference)[cell]) < 2e-6, `s ${probed.s}`);
    assert.ok(Math.abs(probed.cosine - cosine) < 2e-6, `cosine ${probed.cosine}`);
    const angle = (Math.acos(Math.min(1, cosine)) * 180) / Math.PI;
    assert.ok(Math.abs(probed.angle - angle) < 2e-4, `angle ${probed.angle}, expected ${angle}`);
    assert.ok(Math.abs(probed.norm - norm(at(map, i, j))) < 1e-5, `norm ${probed.norm}`);
    assert.deepEqual(floats(probed.vector), at(map, i, j).slice());
  }

  test("a probe compares with the view's newest reference", async () => {
    await client.show({ ref: centre(signed, 4, 4) }, 1);
    for (const cell of [[4, 4], [0, 0], [23, 15], [12, 3]]) {
      checkProbe(await client.probe(centre(signed, ...cell), { view: 1 }), signed, cell, [4, 4]);
    }
    const self = await client.probe(centre(signed, 4, 4), { view: 1 });
    assert.equal(self.s, 1, "exactly 1 at the reference");
  });

  test("or with the point it names", async () => {
    checkProbe(await client.probe(centre(signed, 20, 1), { view: 1, from: centre(signed, 7, 7) }), signed, [20, 1], [7, 7]);
  });

  test("a probe of a cell without a direction has no data but its vector", async () => {
    const probed = await client.probe(centre(holes, 3, 2), { view: 2, from: centre(holes, 0, 0) });
    assert.deepEqual([probed.cell, probed.s, probed.cosine, probed.angle], [[3, 2], null, null, null]);
    assert.deepEqual(floats(probed.vector), new Float32Array(5));
  });

  test("a probe outside has no cell and no data", async () => {
    const probed = await client.probe([-3, 7], { view: 1 });
    assert.deepEqual([probed.cell, probed.s, probed.cosine, probed.angle, probed.norm, probed.vector.length], [null, null, null, null, null, 0]);
  });

  test("the histogram counts every valid cell over the range", async () => {
    const frame = await client.show({ ref: centre(holes, 2, 6) }, 2);
    const bins = new Uint32Array(Uint8Array.from(frame.hist).buffer);
    assert.equal(bins.length, 64);
    const s = similarity(holes, 2, 6).filter((value) => !Number.isNaN(value));
    assert.equal(bins.reduce((sum, bin) => sum + bin, 0), s.length);
    const [lo, hi] = frame.range;
    const low = s.filter((value) => value < lo + ((hi - lo) / 64) * 8).length;
    assert.ok(Math.abs(bins.slice(0, 8).reduce((sum, bin) => sum + bin, 0) - low) <= 2);
  });

  test("invalid cells are level 0 and outside lo and hi", async () => {
    const frame = await client.exact({ ref: centre(holes, 0, 0), stretch: ["minmax"] }, 2);
    const got = decodePng(Buffer.from(frame.image)).data;
    const s = similarity(holes, 0, 0);
    assert.equal(s.filter(Number.isNaN).length, 3);
    levels(s, frame.lo, frame.hi).forEach((level, cell) => assert.ok(Math.abs(level - got[cell]) <= 1));
    s.forEach((value, cell) => { if (Number.isNaN(value)) assert.equal(got[cell], 0); });
  });

  test("origin min takes the map's smallest value from all", async () => {
    const frame = await client.exact({ ref: centre(signed, 11, 9), origin: "min", stretch: ["minmax"] }, 1);
    const s = similarity(signed, 11, 9, { origin: "min" });
    assert.ok(Math.abs(frame.lo - Math.min(...s)) < 2e-6 && frame.hi === 1);
    const got = decodePng(Buffer.from(frame.image)).data;
    levels(s, frame.lo, frame.hi).forEach((level, cell) => assert.ok(Math.abs(level - got[cell]) <= 1));
    await client.show({ origin: "zero" }, 1);
  });
});
