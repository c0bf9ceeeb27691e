// farlook-features: the map it writes is the one the server computes; what it refuses.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";

import { picture, remove, temporary } from "./lib/fixtures.mjs";
import { fetchJson, fetchRaw } from "./lib/http.mjs";
import { parseNpy, readNpy } from "./lib/npy.mjs";
import { binary, serve } from "./lib/server.mjs";

const tool = join(dirname(binary), "farlook-features");
let dir;
before(() => {
  dir = temporary();
  writeFileSync(join(dir, "photo.png"), picture(96, 64));
});
after(() => remove(dir));

const file = (name) => join(dir, name);
function run(...args) {
  const { status, signal, stdout, stderr } = spawnSync(tool, args, { encoding: "utf8" });
  assert.equal(signal, null, stderr);
  assert.doesNotMatch(stderr, /Sanitizer|runtime error|Assertion/);
  return { status, stdout, stderr };
}

describe("farlook-features", () => {
  test("writes the map that the server shows of the picture", async () => {
    const { status, stdout, stderr } = run(file("photo.png"), "-o", file("map.npy"));
    assert.deepEqual([status, stderr], [0, ""], "no progress where nobody looks on");
    assert.match(stdout, /float32 of shape \(16, 24, 128\)\n$/);
    const { shape: [h, w, d], data } = readNpy(file("map.npy"));
    const server = await serve([file("photo.png")]);
    const { json } = await fetchJson(server.port, "/api/v1/scenes");
    const [{ name, maps: [map] }] = json.scenes;
    assert.deepEqual([map.w, map.h, map.d], [w, h, d]);
    const { body } = await fetchRaw(server.port, `/api/v1/scenes/${name}/maps/${encodeURIComponent(map.name)}/vector.npy?ref=50,30`);
    const cell = 7 * w + 12;
    assert.deepEqual(parseNpy(body).data, data.slice(cell * d, (cell + 1) * d));
    await server.stop();
  });

  test("replaces nothing without --force", () => {
    writeFileSync(file("old.npy"), "old");
    const { status, stderr } = run(file("photo.png"), "-o", file("old.npy"));
    assert.equal(status, 1);
    assert.match(stderr, /^farlook-features: \S*old\.npy is there already.*--force.*\.\n$/);
    assert.equal(readFileSync(file("old.npy"), "utf8"), "old");
    assert.equal(run("--force", file("photo.png"), "--output", file("old.npy")).status, 0);
    assert.deepEqual(readNpy(file("old.npy")).shape, [16, 24, 128]);
  });

  const wrong = {
    "nothing": [[], 2, /PICTURE -o MAP\.npy/], "no output": [["photo.png"], 2, /-o/], "two pictures": [["photo.png", "photo.png", "-o", "x.npy"], 2, /one picture/],
    "an option nobody knows": [["photo.png", "--frobnicate"], 2, /"--frobnicate"/], "letters nobody knows": [["photo.png", "-xy"], 2, /"-x"/], "-o without its value": [["photo.png", "-o"], 2, /"-o"/],
    "another ending": [["photo.png", "-o", "x.png"], 2, /\.npy/], "no such picture": [["none.png", "-o", "x.npy"], 1, /none\.png/], "no such folder": [["photo.png", "-o", "none/x.npy"], 1, /x\.npy/],
  };
  for (const [why, [args, status, word]] of Object.entries(wrong)) {
    test(`${why} is refused in a sentence`, () => {
      const before = readdirSync(dir).sort();
      const result = run(...args.map((arg) => (arg.startsWith("-") ? arg : file(arg))));
      assert.equal(result.status, status, result.stderr);
      assert.match(result.stderr, /^farlook-features: \S.*\.\n$/);
      assert.match(result.stderr, word);
      assert.deepEqual(readdirSync(dir).sort(), before, "nothing is left behind");
    });
  }

  test("--help and --version answer on stdout with status 0", () => {
    assert.match(run("--help").stdout, /^usage: farlook-features PICTURE -o MAP\.npy\n/);
    assert.match(run("--version").stdout, /^farlook-features \d+\.\d+\.\d+\n$/);
  });
});
