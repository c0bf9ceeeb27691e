// While a map is made ready that somebody waits for, they hear how much of it is.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { constants, deflateRawSync } from "node:zlib";

import { npyHead, zip } from "./lib/archives.mjs";
import { greet } from "./lib/client.mjs";
import { features, random, remove, save, temporary } from "./lib/fixtures.mjs";
import { crc32 } from "./lib/png.mjs";
import { patience, serve, sleep } from "./lib/server.mjs";

const SIDE = 512, DEPTH = 4, PIECE = 1 << 20, PIECES = 160;
let server, dir;

// An .npz of one array of uint8 that takes long to unpack and little to show: a mebibyte again and
// again, more of it than there are values.
function slow(shape) {
  const next = random(5), piece = Buffer.alloc(PIECE), head = npyHead("|u1", shape);
  for (let at = 0; at < PIECE; at++) piece[at] = 1 + Math.floor(next() * 15);
  const flush = (bytes) => deflateRawSync(bytes, { level: 1, finishFlush: constants.Z_FULL_FLUSH });
  const packed = Buffer.concat([flush(head), ...Array(PIECES).fill(flush(piece)), Buffer.from([3, 0])]);
  let crc = crc32(head);
  for (let k = 0; k < PIECES; k++) crc = crc32(piece, crc);
  return zip([{ name: "slow.npy", packed, size: head.length + PIECES * PIECE, crc }]);
}

before(async () => {
  dir = temporary();
  writeFileSync(join(dir, "slow.npz"), slow([SIDE, SIDE, DEPTH]));
  save(features(12, 8, 4), join(dir, "small.npy"));
  server = await serve([dir], { timeout: 60000 * patience });
});
after(async () => {
  await server.stop();
  remove(dir);
});

describe("loading", { concurrency: 1 }, () => {
  test("who waits for a map that takes long hears how much of it is ready, and others look on", async (t) => {
    const waiting = await greet(server.port), other = await greet(server.port);
    await other.open("small/small");
    const begun = Date.now();
    waiting.send({ t: "open", view: 3, map: "slow/slow" });
    waiting.send({ t: "set", view: 3, seq: 1, ref: [100.5, 200.5] });
    let frames = 0, done = false;
    const opened = waiting.next("opened", ({ view }) => view === 3, 60000 * patience).then((message) => { done = true; return message; });
    for (let k = 0; !done; k++) {
      await other.show({ ref: [0.5 + (k % 12), 1.5] });
      frames += !done;
      await sleep(20);
    }
    const { map } = await opened;
    const took = Date.now() - begun;
    assert.deepEqual([map.w, map.h, map.d, map.min, map.max], [SIDE, SIDE, DEPTH, 1, 15]);
    const told = waiting.inbox.filter(({ t: type }) => type === "loading");
    if (took < 600) t.diagnostic(`SKIPPED how much is ready: this machine had all of it after ${took} ms`);
    else assert.ok(told.length > 0, `nothing was told in ${took} ms`);
    assert.ok(told.length <= took / 200, `${told.length} messages in ${took} ms`);
    assert.ok(frames > 0, "nobody else saw a frame meanwhile");
    told.forEach(({ view, map: name, done: part }, k) => {
      assert.deepEqual([view, name], [3, "slow/slow"]);
      assert.ok(part >= (told[k - 1]?.done ?? 0) && part <= 1, `${part}`);
    });
    if (told.length > 2) assert.ok(told.at(-1).done > told[0].done, "it goes on");
    assert.equal(other.inbox.filter(({ t: type }) => type === "loading").length, 0, "it is nothing to who looks elsewhere");
    const frame = await waiting.frame(({ seq }) => seq === 1);
    assert.deepEqual(frame.cell, [100, 200]);
    assert.equal(waiting.inbox.filter(({ t: type }) => type === "loading").length, told.length, "and nothing after `opened`");
    waiting.destroy();
    other.destroy();
  });
});
