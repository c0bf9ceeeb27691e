// Files that come, change and go under a running server.
import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";

import { greet } from "./lib/client.mjs";
import { features, picture, remove, save, temporary } from "./lib/fixtures.mjs";
import { fetchJson } from "./lib/http.mjs";
import { serve, sleep, until } from "./lib/server.mjs";

let server, dir, alone;
before(async () => {
  dir = temporary();
  alone = temporary();
  mkdirSync(join(dir, "street"));
  writeFileSync(join(dir, "street", "picture.png"), picture(96, 64));
  save(features(24, 16, 5, { seed: 1 }), join(dir, "street", "conv1.npy"));
  save(features(8, 6, 4), join(dir, "first.npy"));
  save(features(10, 6, 4), join(alone, "single.npy"));
  server = await serve([dir, join(alone, "single.npy")]);
});
after(async () => {
  await server.stop();
  remove(dir);
  remove(alone);
});

const scenes = async () => (await fetchJson(server.port, "/api/v1/scenes")).json.scenes;
const named = async (name) => (await scenes()).find((scene) => scene.name === name);
const errors = (pattern) => server.stderr.split("\n").filter((line) => pattern.test(line)).length;

describe("a watched directory", { concurrency: 1 }, () => {
  test("a new file appears, with its scene in its place", async () => {
    const client = await greet(server.port);
    save(features(12, 9, 3), join(dir, "new.npy"));
    const told = await client.next("scenes");
    assert.deepEqual(told.scenes.map(({ name }) => name), ["first", "new", "street", "single"]);
    assert.equal((await client.open("new/new")).rev, 1);
    client.destroy();
  });

  test("a replaced file keeps people's views; what is beside it stays as it was", async () => {
    const client = await greet(server.port), next = features(30, 20, 5, { seed: 2 });
    save(features(12, 8, 7, { seed: 3 }), join(dir, "street", "conv2.npy"));
    await until(async () => (await named("street")).maps.length === 2, "conv2");
    const before = await client.open("street/conv1");
    const other = await client.open("street/conv2", 1);
    const shown = await client.show({ ref: [40.5, 30.5], metric: "cosine" });
    save(next, join(dir, "street", ".conv1"));
    renameSync(join(dir, "street", ".conv1"), join(dir, "street", "conv1.npy"));
    const { view, map } = await client.next("opened");
    assert.deepEqual([view, map.w, map.h, map.rev], [0, 30, 20, before.rev + 1]);
    const frame = await client.frame((message) => message.view === 0 && message.exact && message.window[2] === 30);
    assert.deepEqual([frame.seq, frame.cell], [shown.seq, [Math.floor(40.5 / 96 * 30), Math.floor(30.5 / 64 * 20)]]);
    const conv2 = (await named("street")).maps.find(({ name }) => name === "conv2");
    assert.equal(conv2.rev, other.rev);
    assert.ok(conv2.min !== null, "it is still loaded");
    assert.equal(client.inbox.filter(({ t, view: which }) => t === "opened" && which === 1).length, 0);
    client.destroy();
  });

  test("a file that is written for a while is read when it is whole", async () => {
    const bytes = (() => { save(features(64, 48, 16), join(alone, "t.npy")); return readFileSync(join(alone, "t.npy")); })();
    const path = join(dir, "slow.npy");
    writeFileSync(path, bytes.subarray(0, 1000));
    for (let at = 1000; at < bytes.length; at += 20000) {
      await sleep(150);
      assert.equal(await named("slow"), undefined, "not before it is complete");
      appendFileSync(path, bytes.subarray(at, at + 20000));
    }
    await until(() => named("slow"), "slow");
    assert.equal(errors(/ error .*slow\.npy/), 0, "nobody was told of half a file");
  });

  test("what cannot be read is said once for each change, and is not shown", async () => {
    const path = join(dir, "slow.npy"), client = await greet(server.port), says = /slow\.npy (was cut|is not)/;
    const before = await client.open("slow/slow");
    truncateSync(path, 5000);
    const error = await client.next("error", ({ message }) => /taken away/.test(message));
    assert.deepEqual([error.code, error.view], [10, 0]);
    assert.equal(await named("slow"), undefined);
    await sleep(3000);
    assert.equal(errors(says), 1);
    writeFileSync(path, "no map at all");
    await until(() => errors(says) === 2, "the second sentence");
    // It comes back: newer than all that was shown under this name.
    save(features(20, 10, 4), path);
    const { maps } = await until(() => named("slow"), "slow again");
    assert.ok(maps[0].rev > before.rev);
    client.destroy();
  });

  test("a file that is written anew in place is shown anew", async () => {
    const client = await greet(server.port), path = join(dir, "first.npy");
    const before = await client.open("first/first");
    const next = save(features(8, 6, 4, { seed: 77 }), path); // of the same size
    const { map } = await client.next("opened");
    assert.equal(map.rev, before.rev + 1);
    const probed = await client.probe([3.5, 2.5]);
    assert.deepEqual([...new Float32Array(Uint8Array.from(probed.vector).buffer)], [...next.data.subarray((2 * 8 + 3) * 4, (2 * 8 + 4) * 4)]);
    client.destroy();
  });

  test("a file given by name is watched too", async () => {
    const client = await greet(server.port), path = join(alone, "single.npy");
    const before = await client.open("single/single");
    save(features(14, 7, 4), join(alone, "next"));
    renameSync(join(alone, "next"), path);
    assert.equal((await client.next("opened")).map.rev, before.rev + 1);
    rmSync(path);
    assert.match((await client.next("error")).message, /"single\/single" was taken away/);
    save(features(14, 7, 4), path);
    await until(() => named("single"), "single again");
    client.destroy();
  });

  test("a deleted file and a deleted scene disappear", async () => {
    rmSync(join(dir, "street", "conv2.npy"));
    await until(async () => (await named("street")).maps.length === 1, "conv2's end");
    rmSync(join(dir, "street"), { recursive: true });
    rmSync(join(dir, "new.npy"));
    await until(async () => (await scenes()).map(({ name }) => name).join() === "first,slow,single", "the others' end");
  });

  test("a directory becomes a scene, and nothing changes while nothing changes", async () => {
    mkdirSync(join(dir, "late"));
    save(features(6, 4, 3), join(dir, "late", "a.npy"));
    await until(() => named("late"), "late");
    const client = await greet(server.port), before = await scenes();
    await sleep(3000);
    assert.deepEqual(await scenes(), before);
    assert.deepEqual(client.inbox.filter(({ t }) => t === "scenes"), []);
    client.destroy();
  });
});

test("--no-watch does not look again; where uploads are taken an empty directory is waited for", async () => {
  const empty = temporary(), still = temporary();
  save(features(6, 4, 3), join(still, "a.npy"));
  const waiting = await serve([empty], { args: ["--software", "--upload-dir", join(empty, "..", `${basename(empty)}-up`)] });
  const blind = await serve([still], { args: ["--software", "--no-watch"] });
  assert.deepEqual((await fetchJson(waiting.port, "/api/v1/scenes")).json.scenes, []);
  for (const where of [empty, still]) save(features(6, 4, 3), join(where, "b.npy"));
  const names = async ({ port }) => (await fetchJson(port, "/api/v1/scenes")).json.scenes.map(({ name }) => name);
  await until(async () => (await names(waiting)).join() === "b", "b");
  await sleep(1000);
  assert.deepEqual(await names(blind), ["a"]);
  await waiting.stop();
  await blind.stop();
  remove(empty);
  remove(`${empty}-up`);
  remove(still);
});
