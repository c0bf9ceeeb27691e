// What a view does: it shows the newest state, in pictures that are right, and waits for its viewer.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { greet } from "./lib/client.mjs";
import { HOLES } from "./lib/fixtures.mjs";
import { floats } from "./lib/npy.mjs";
import { decodePng, jpegSize } from "./lib/png.mjs";
import { at, centre, levels, similarity, stretch } from "./lib/reference.mjs";
import { served } from "./lib/served.mjs";
import { patience, sleep, within } from "./lib/server.mjs";

const { server, data } = await served({ args: ["--software", "--frame-budget", "1000000"] });

async function viewer(map = "small/signed", options) {
  const client = await greet(server.port, options);
  const opened = await client.open(map);
  const first = await client.frame((frame) => frame.exact || frame.enc === "none");
  return { client, opened, first, map: data.maps[map] };
}

// Checks every level of an exact scalar frame against the formulas: at most one level off.
function checkLevels(frame, map, { i, j, kind = "around" }) {
  assert.equal(frame.enc, "png");
  const { w, h, channels, data: got } = decodePng(Buffer.from(frame.image));
  assert.deepEqual([w, h, channels], [map.w, map.h, 1]);
  const s = similarity(map, i, j);
  const { lo, hi } = stretch(map, s, kind, i, j);
  assert.ok(Math.abs(frame.lo - lo) < 2e-6, `lo ${frame.lo}, expected ${lo}`);
  assert.ok(Math.abs(frame.hi - hi) < 2e-6, `hi ${frame.hi}, expected ${hi}`);
  const want = levels(s, lo, hi);
  want.forEach((level, cell) => assert.ok(Math.abs(level - got[cell]) <= 1, `cell ${cell}: level ${got[cell]}, expected ${level}`));
}

describe("a view", { concurrency: true }, () => {
  test("opened tells the map and its facts, and the first picture is that of the centre cell", async () => {
    const { client, opened, first, map } = await viewer();
    assert.deepEqual([opened.name, opened.w, opened.h, opened.d, opened.invalid], ["signed", 24, 16, 12, 0]);
    const sorted = Float32Array.from(map.data).sort();
    assert.equal(opened.min, sorted[0]);
    assert.equal(opened.max, sorted.at(-1));
    assert.deepEqual([first.view, first.seq, first.kind], [0, 0, "scalar"]);
    assert.deepEqual(first.window, [0, 0, 24, 16]);
    assert.deepEqual(first.cell, [12, 8]);
    checkLevels(first, map, { i: 12, j: 8 });
    client.destroy();
  });

  test("the catalogue learns min, max and invalid when a map is loaded", async () => {
    const { client } = await viewer("small/holes");
    const known = await client.next("scenes", ({ scenes }) => scenes.some(({ maps }) => maps.some(({ name, invalid }) => name === "holes" && invalid === 3)), 5000)
      .catch(() => null);
    const late = await greet(server.port);
    const holes = (known ?? late.welcome).scenes.find(({ name }) => name === "small").maps.find(({ name }) => name === "holes");
    assert.equal(holes.invalid, 3);
    assert.equal(typeof holes.min, "number");
    client.destroy();
    late.destroy();
  });

  test("set is followed by a frame with its seq, its cell, its numbers and its picture", async () => {
    const { client, map } = await viewer();
    for (const [i, j] of [[0, 0], [23, 15], [5, 11]]) {
      const frame = await client.exact({ ref: centre(map, i, j) });
      assert.deepEqual(frame.cell, [i, j]);
      assert.equal(frame.image.length > 0, true);
      checkLevels(frame, map, { i, j });
      const s = similarity(map, i, j);
      assert.ok(Math.abs(frame.range[0] - Math.min(...s)) < 2e-6);
      assert.equal(frame.range[1], 1, "exactly 1 at the reference");
      const best = frame.best[1] * map.w + frame.best[0];
      assert.ok(Math.abs(s[best] - stretch(map, s, "around", i, j).hi) < 2e-6, "best is the best outside the block");
      for (const key of ["wait", "render", "read", "encode"]) assert.ok(frame.us[key] >= 0);
    }
    client.destroy();
  });

  test("stretch minmax and fixed do as they say", async () => {
    const { client, map } = await viewer();
    checkLevels(await client.exact({ ref: centre(map, 3, 4), stretch: ["minmax"] }), map, { i: 3, j: 4, kind: "minmax" });
    const fixed = await client.exact({ stretch: ["fixed", 0.25, 0.75] });
    assert.deepEqual([fixed.lo, fixed.hi], [0.25, 0.75]);
    const got = decodePng(Buffer.from(fixed.image)).data;
    levels(similarity(map, 3, 4), 0.25, 0.75).forEach((level, cell) => assert.ok(Math.abs(level - got[cell]) <= 1));
    client.destroy();
  });

  test("channel and norm show the file's values", async () => {
    const { client, map } = await viewer();
    const values = { channel: Float64Array.from({ length: 384 }, (_, cell) => map.data[cell * 12 + 5]),
      norm: Float64Array.from({ length: 384 }, (_, cell) => Math.hypot(...map.data.subarray(cell * 12, cell * 12 + 12))) };
    for (const mode of ["channel", "norm"]) {
      const frame = await client.exact({ mode, channel: 5 });
      const lo = Math.min(...values[mode]), hi = Math.max(...values[mode]);
      assert.ok(Math.abs(frame.lo - lo) < 2e-6 && Math.abs(frame.hi - hi) < 2e-6);
      const got = decodePng(Buffer.from(frame.image)).data;
      levels(values[mode], lo, hi).forEach((level, cell) => assert.ok(Math.abs(level - got[cell]) <= 1, `${mode}, cell ${cell}`));
    }
    client.destroy();
  });

  test("the vector is the file's, to the bit, and comes only where asked for", async () => {
    const { client, first, map } = await viewer();
    assert.equal(first.vector, undefined);
    const frame = await client.exact({ ref: centre(map, 17, 2), vector: true });
    assert.deepEqual(floats(frame.vector), at(map, 17, 2).slice());
    client.destroy();
  });

  test("the same picture is not sent again", async () => {
    const { client, map } = await viewer();
    const ref = centre(map, 6, 6);
    await client.exact({ ref });
    const again = await client.show({ ref: [ref[0] + 0.5, ref[1] + 0.5] });
    assert.equal(again.enc, "same");
    assert.equal(again.image.length, 0);
    client.destroy();
  });

  test("a window shows its cells only, and a size reduces it", async () => {
    const { client, map } = await viewer("wide/wide");
    const part = await client.exact({ ref: centre(map, 50, 50), window: [40, 30, 72, 51] });
    assert.deepEqual(part.window, [40, 30, 72, 51]);
    const { w, h, data: got } = decodePng(Buffer.from(part.image));
    assert.deepEqual([w, h], [32, 21]);
    const s = similarity(map, 50, 50);
    const want = levels(s, part.lo, part.hi);
    for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) {
      assert.ok(Math.abs(want[(y + 30) * map.w + x + 40] - got[y * w + x]) <= 1);
    }
    const small = await client.show({ window: null, size: [40, 40] });
    const reduced = decodePng(Buffer.from(small.image));
    assert.ok(reduced.w <= 40 && reduced.h <= 40 && reduced.w >= 20, `${reduced.w} x ${reduced.h}`);
    assert.equal(small.exact, false);
    client.destroy();
  });

  test("a colour frame is a JPEG that fits the size asked for, at full colour resolution", async () => {
    const { client, map } = await viewer();
    const seq = client.set({ ref: centre(map, 9, 9), kind: "colour", size: [60, 60], colormap: "fire_r", opacity: 0.5, picture: "colour" });
    const frame = await client.frame((each) => each.seq === seq && each.enc === "jpeg");
    assert.equal(frame.kind, "colour");
    const size = jpegSize(Buffer.from(frame.image));
    assert.deepEqual([size.w, size.h, size.channels], [60, 40, 3]);
    assert.deepEqual(size.sampling, [0x11, 0x11, 0x11], "4:4:4");
    client.destroy();
  });

  test("an invalid reference shows nothing, and says so", async () => {
    const { client, map } = await viewer("small/holes");
    for (const [i, j] of HOLES) {
      const frame = await client.show({ ref: centre(map, i, j) });
      assert.deepEqual([frame.enc, frame.image.length, frame.lo, frame.hi], ["none", 0, null, null]);
      assert.deepEqual(frame.cell, [i, j]);
      const probed = await client.probe(centre(map, 1, 1));
      assert.deepEqual([probed.s, probed.cosine, probed.angle], [null, null, null]);
    }
    const frame = await client.exact({ ref: centre(map, 1, 1) });
    checkLevels(frame, map, { i: 1, j: 1 });
    client.destroy();
  });

  test("a reference outside the picture has no cell", async () => {
    const { client } = await viewer();
    for (const ref of [[-1, 5], [96, 5], [5, 64], [1e9, -1e9]]) {
      const frame = await client.show({ ref });
      assert.equal(frame.cell, null);
      assert.ok(["none", "same"].includes(frame.enc), frame.enc);
    }
    client.destroy();
  });

  test("ref null goes back to the centre", async () => {
    const { client, map } = await viewer();
    await client.exact({ ref: centre(map, 0, 0) });
    assert.deepEqual((await client.show({ ref: null })).cell, [12, 8]);
    client.destroy();
  });

  test("closed views are silent, and can be opened again", async () => {
    const { client, map } = await viewer();
    client.send({ t: "close", view: 0 });
    client.set({ ref: centre(map, 1, 1) });
    const error = await client.next("error");
    assert.equal(error.code, 4);
    await client.open("wide/wide");
    const frame = await client.frame((each) => each.window[2] === 160);
    assert.equal(frame.view, 0);
    client.destroy();
  });

  test("several views live side by side, each with its own map, state and seq", async () => {
    const { client, map } = await viewer();
    await client.open("wide/wide", 63);
    await client.open("a b%/a b%", 5);
    const [one, two, three] = await Promise.all([
      client.show({ ref: centre(map, 2, 2) }, 0), client.show({ ref: centre(data.maps["wide/wide"], 80, 20) }, 63),
      client.show({ ref: [0.5, 0.5] }, 5),
    ]);
    assert.deepEqual([one.cell, two.cell, three.cell], [[2, 2], [80, 20], [0, 0]]);
    assert.ok(two.frame !== one.frame, "frame ids are the connection's");
    client.destroy();
  });

  test("a view opened anew keeps its state", async () => {
    const { client } = await viewer();
    await client.exact({ stretch: ["fixed", 0.1, 0.9] });
    await client.open("small/signed");
    const frame = await client.frame(() => true);
    assert.deepEqual([frame.lo, frame.hi], [0.1, 0.9]);
    client.destroy();
  });
});

describe("flow", { concurrency: true }, () => {
  test("100 hovers at once cost at most 3 frames, and the last shows the last", async () => {
    const { client, map } = await viewer("wide/wide");
    const before = client.frames.length;
    for (let k = 0; k < 100; k++) client.set({ ref: centre(map, k, k % 100) });
    const last = await client.frame((frame) => frame.seq === 100);
    assert.deepEqual(last.cell, [99, 99]);
    await sleep(600);
    const shown = client.frames.slice(before).filter((frame) => frame.enc !== "same");
    assert.ok(shown.length <= 3, `${shown.length} frames: ${shown.map((frame) => frame.seq)}`);
    assert.equal(client.frames.at(-1).seq, 100);
    client.destroy();
  });

  test("frame ids rise by one, seq never falls", async () => {
    const { client, map } = await viewer();
    for (let k = 0; k < 20; k++) {
      client.set({ ref: centre(map, k, 3) });
      await sleep(10);
    }
    await client.frame((frame) => frame.seq === 20);
    client.frames.forEach((frame, k) => {
      if (k) assert.ok(frame.frame > client.frames[k - 1].frame && frame.seq >= client.frames[k - 1].seq);
    });
    client.destroy();
  });

  test("who does not acknowledge gets 1 to 8 frames, and more once acknowledged", async () => {
    const client = await greet(server.port, { acks: false });
    await client.open("small/signed");
    const map = data.maps["small/signed"];
    for (let k = 0; k < 40; k++) {
      client.set({ ref: centre(map, k % 24, k % 16) });
      await sleep(25);
    }
    const unacknowledged = client.frames.length;
    assert.ok(unacknowledged >= 1 && unacknowledged <= 8, `${unacknowledged} frames`);
    await sleep(300);
    assert.equal(client.frames.length, unacknowledged);
    client.ack(client.frames.at(-1));
    const frame = await client.frame((each) => each.seq === 40);
    assert.deepEqual(frame.cell, [39 % 24, 39 % 16]);
    client.destroy();
  });

  test("a paused viewer gets nothing, and the newest when it resumes", async () => {
    const { client, map } = await viewer();
    client.send({ t: "pause" });
    await sleep(200);
    const before = client.frames.length;
    for (let k = 0; k < 5; k++) client.set({ ref: centre(map, k, k) });
    await sleep(500);
    assert.equal(client.frames.length, before);
    client.send({ t: "resume" });
    const frame = await client.frame((each) => each.seq === 5);
    assert.deepEqual(frame.cell, [4, 4]);
    client.destroy();
  });

  test("who acknowledges nothing for 15 s is closed with 4408; who is paused is not", async () => {
    const [{ client: silent }, { client: paused }] = await Promise.all([viewer(), viewer()]);
    silent.acks = paused.acks = false;
    const start = performance.now();
    silent.set({ ref: [5, 5] });
    paused.set({ ref: [7, 7] });
    await paused.frame((frame) => frame.seq === 1);
    paused.send({ t: "pause" });
    const { code } = await within(silent.closed, 30000, "close");
    const seconds = (performance.now() - start) / 1000;
    assert.equal(code, 4408);
    assert.ok(seconds > 13 && seconds < 20 * patience, `closed after ${seconds.toFixed(1)} s`);
    await sleep(1500);
    assert.equal(paused.socket.tcp.readyState, "open");
    paused.destroy();
  });

  test("a viewer who stops reading does not delay another", async () => {
    const hovers = async (client, map) => {
      const took = [];
      for (let k = 0; k < 30; k++) {
        const start = performance.now();
        await client.show({ ref: centre(map, (k * 5) % map.w, (k * 3) % map.h) });
        took.push(performance.now() - start);
      }
      return took.sort((a, b) => a - b)[15];
    };
    const { client: good, map } = await viewer("wide/wide");
    const alone = await hovers(good, map);
    const dead = await Promise.all(Array.from({ length: 4 }, () => viewer("wide/wide", { acks: false })));
    dead.forEach(({ client }) => {
      client.socket.stall();
      for (let k = 0; k < 50; k++) client.set({ ref: centre(map, k, k) });
    });
    const beside = await hovers(good, map);
    assert.ok(beside < 4 * alone + 100 * patience, `median ${beside.toFixed(1)} ms beside stalled viewers, ${alone.toFixed(1)} ms alone`);
    [good, ...dead.map(({ client }) => client)].forEach((client) => client.destroy());
  });
});
