// farlook-convert: data sets it makes, read by Python's own zip and zlib; what it reads; what it refuses.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";

import { features, picture, remove, save, temporary } from "./lib/fixtures.mjs";
import { fetchJson, fetchRaw } from "./lib/http.mjs";
import { parseNpy, readNpy } from "./lib/npy.mjs";
import { python } from "./lib/python.mjs";
import { binary, root, serve } from "./lib/server.mjs";

const tool = join(dirname(binary), "farlook-convert");
const data = process.env.FARLOOK_DATA ?? join(root, "../shared/data");
const absent = (name) => !existsSync(join(data, name)) && `${name} is not in ${data}`;

let dir;
before(() => {
  assert.ok(python, "no python3 with numpy: docker/install.sh installs it");
  dir = temporary();
});
after(() => remove(dir));

const file = (name) => join(dir, name);
const check = (...args) => execFileSync(python, [join(root, "tests/data/check_ifealid.py"), ...args], { encoding: "utf8" });
const numpy = (script, ...args) => execFileSync(python, ["-c", `import numpy, sys; a = sys.argv[1:]; ${script}`, ...args]);

function run(...args) {
  const { status, signal, stdout, stderr } = spawnSync(tool, args, { encoding: "utf8" });
  assert.equal(signal, null, stderr);
  assert.doesNotMatch(stderr, /Sanitizer|runtime error|Assertion/);
  return { status, stdout, stderr };
}

function convert(...args) {
  const { status, stdout, stderr } = run(...args);
  assert.equal(status, 0, stderr);
  return stdout;
}

function refused(args, status, ...words) {
  const result = run(...args);
  assert.equal(result.status, status, result.stderr);
  assert.equal(result.stdout, "");
  const said = result.stderr.trim().split("\n").at(-1);
  assert.match(said, /^farlook-convert: \S.*\.$/);
  for (const word of words) assert.match(said, word);
}

// The --range that it printed.
const printed = (stdout) => /--range (\S+)/.exec(stdout)[1];

describe("data sets it makes", { concurrency: 4 }, () => {
  for (const bits of [8, 16, 32]) {
    for (const d of [1, 2, 3, 4, 5, 6, 7, 8, 33]) {
      test(`${d} channels of ${bits} bits: another reader finds every level, and all comes back`, () => {
        const name = `${d}_${bits}`, map = file(`${name}.npy`), set = file(`${name}.zip`), back = file(`${name}_back.npy`);
        save(features(7, 5, d, { seed: d * 100 + bits }), map);
        const said = convert("--precision", `${bits}`, map, set);
        check("levels", map, set);
        convert("--range", printed(said), set, back);
        check("back", map, back, `${bits}`);
      });
    }
  }

  for (const name of ["hyd_rn50_conv4x_f32.npy", "hyd_deit_b6_f32.npy", "hyd_esp_b2_f16.npy"]) {
    for (const bits of [8, 16, 32]) {
      test(`${name}, ${bits} bits: every level, and all comes back`, { skip: absent(`maps/${name}`) }, () => {
        const map = join(data, "maps", name), set = file(`${bits}_${name}.zip`), back = file(`${bits}_back_${name}`);
        const said = convert("--precision", `${bits}`, "--layout", "HWC", map, set);
        if (bits === 8) check("levels", map, set);
        convert("--range", printed(said), set, back);
        check("back", map, back, `${bits}`);
      });
    }
  }

  for (const name of ["000000015746.jpg.C3.npz.8.zip", "000000015746.jpg.C1.npz.8.zip"]) {
    test(`made of ${name}'s own values it is the same again`, { skip: absent(`ifealid/${name}`), timeout: 300000 }, () => {
      const given = join(data, "ifealid", name), values = file(`${name}.npy`), made = file(`again_${name}`), overlay = file(`${name}.jpg`);
      convert(given, values);
      execFileSync(python, ["-c", "import sys, zipfile; open(sys.argv[2], 'wb').write(zipfile.ZipFile(sys.argv[1]).read('overlay.jpg'))", given, overlay]);
      convert("--layout", "HWC", "--overlay", overlay, "--name", name.replace(".8.zip", ""), values, made);
      check("same", given, made);
    });
  }

  test("big-endian, half, integer and (C, H, W) arrays are the same data set", () => {
    const plain = file("plain.npy"), set = file("plain.zip");
    numpy("numpy.save(a[0], numpy.random.default_rng(3).integers(0, 200, (6, 9, 5)).astype('<f4'))", plain);
    convert("--name", "n", plain, set);
    for (const [kind, made] of Object.entries({ big: "v.astype('>f4')", half: "v.astype('<f2')", int: "v.astype('<i8')", fortran: "numpy.asfortranarray(v)" })) {
      numpy(`v = numpy.load(a[0]); numpy.save(a[1], ${made})`, plain, file(`${kind}.npy`));
      convert("--name", "n", file(`${kind}.npy`), file(`${kind}.zip`));
      assert.ok(readFileSync(file(`${kind}.zip`)).equals(readFileSync(set)), kind);
    }
    numpy("numpy.save(a[1], numpy.load(a[0]).transpose(2, 0, 1).copy())", plain, file("chw.npy"));
    convert("--name", "n", "--layout", "CHW", file("chw.npy"), file("chw.zip"));
    assert.ok(readFileSync(file("chw.zip")).equals(readFileSync(set)), "CHW");
  });

  test("the picture decides how the array lies, and is stored as a JPEG", () => {
    writeFileSync(file("wide.png"), picture(96, 64));
    numpy("numpy.save(a[0], numpy.arange(7 * 4 * 6, dtype='f4').reshape(7, 4, 6))", file("first.npy"));
    convert("--overlay", file("wide.png"), file("first.npy"), file("first.zip"));
    const [meta, start] = JSON.parse(execFileSync(python, ["-c", "import json, sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(json.dumps([json.loads(z.read('metadata.json')), list(z.read('overlay.jpg')[:3])]))", file("first.zip")], { encoding: "utf8" }));
    assert.deepEqual(meta, { name: "first", width: 6, height: 4, features: 7, precision: 8, overlay: true });
    assert.deepEqual(start, [0xff, 0xd8, 0xff]);
  });

  test("the server shows them", async () => {
    save(features(7, 5, 6, { seed: 5 }), file("shown.npy"));
    writeFileSync(file("shown.png"), picture(70, 50));
    convert("--precision", "16", "--overlay", file("shown.png"), "--layout", "HWC", file("shown.npy"), file("shown.zip"));
    const server = await serve([file("shown.zip")]);
    const { json } = await fetchJson(server.port, "/api/v1/scenes");
    const [{ picture: size, maps: [map] }] = json.scenes;
    assert.deepEqual([size, map.w, map.h, map.d, map.dtype], [[70, 50], 7, 5, 6, "png16"]);
    const { body } = await fetchRaw(server.port, "/api/v1/scenes/shown/maps/shown/vector.npy?ref=35,25");
    const { data: original } = readNpy(file("shown.npy"));
    const [low, high] = [Math.min(...original), Math.max(...original)];
    parseNpy(body).data.forEach((value, k) => {
      assert.ok(Math.abs(value - (original[(2 * 7 + 3) * 6 + k] - low) / (high - low)) < 0.5 / 65535 + 1e-7);
    });
    await server.stop();
  });
});

describe("what it refuses", () => {
  before(() => {
    save(features(4, 3, 5), file("good.npy"));
    numpy("v = numpy.ones((3, 4, 5), 'f4'); v[1, 2, 3] = numpy.nan; numpy.save(a[0], v)", file("nan.npy"));
    numpy("v = numpy.ones((3, 4, 5)); v[0, 0, 0] = 1e300; numpy.save(a[0], v)", file("inf.npy"));
    numpy("numpy.save(a[0], numpy.ones((3, 4, 5, 6)))", file("batch.npy"));
    writeFileSync(file("no.zip"), "this is no zip");
    writeFileSync(file("no.npy"), "this is no array");
    convert(file("good.npy"), file("there.zip"));
  });
  const cases = {
    "no files": [[], 2, /MAP\.npy SET\.zip/], "one file": [["good.npy"], 2, /two files/], "three files": [["good.npy", "a.zip", "b.zip"], 2, /two files/],
    "two arrays": [["good.npy", "x.npy"], 2, /good\.npy cannot become/], "a picture": [["good.png", "x.zip"], 2, /\.npy/],
    "an option nobody knows": [["--frobnicate", "good.npy", "x.zip"], 2, /--frobnicate/], "an option without its value": [["good.npy", "x.zip", "--precision"], 2, /--precision/],
    "a letter nobody knows": [["good.npy", "-vf"], 2, /"-v"/], "12 bits": [["--precision", "12", "good.npy", "x.zip"], 2, /8, 16 or 32/], "a layout nobody knows": [["--layout=WHC", "good.npy", "x.zip"], 2, /WHC/],
    "a layout that needs more than its name": [["--layout=NLC", "good.npy", "x.zip"], 2, /HWC, CHW, 1HWC or 1CHW/],
    "a range the wrong way": [["--range", "1,0", "there.zip", "x.npy"], 2, /MIN,MAX/], "a range of one number": [["--range=1", "there.zip", "x.npy"], 2, /MIN,MAX/],
    "an infinite range": [["--range", "0,inf", "there.zip", "x.npy"], 2, /MIN,MAX/], "a range for an array": [["--range", "0,1", "good.npy", "x.zip"], 2, /--range/],
    "a precision out of a data set": [["--precision", "8", "there.zip", "x.npy"], 2, /--precision/], "a picture out of a data set": [["--overlay", "p", "there.zip", "x.npy"], 2, /--overlay/],
    "an array that is not there": [["none.npy", "x.zip"], 1, /none\.npy/], "what is no array": [["no.npy", "x.zip"], 1, /no\.npy/], "what is no zip": [["no.zip", "x.npy"], 1, /no\.zip/],
    "a picture that is not there": [["--overlay", "none.jpg", "good.npy", "x.zip"], 1, /none\.jpg/], "a picture that is none": [["--overlay", "no.npy", "good.npy", "x.zip"], 1, /JPEG/],
    "NaN": [["nan.npy", "x.zip"], 1, /NaN/, /channel 3/, /row 1, column 2/], "more than float32 holds": [["inf.npy", "x.zip"], 1, /Inf/], "a batch": [["batch.npy", "x.zip"], 1, /3 maps/],
    "a file that is there": [["good.npy", "there.zip"], 1, /there\.zip/, /--force/], "a folder that is not there": [["good.npy", "none/x.zip"], 1, /x\.zip/],
  };
  for (const [why, [args, status, ...words]] of Object.entries(cases)) {
    test(why, () => {
      const before = readdirSync(dir).sort();
      const paths = args.map((arg) => (/^-|^[\d,.]+$|^0,inf$/.test(arg) ? arg : file(arg)));
      refused(paths, status, ...words);
      assert.deepEqual(readdirSync(dir).sort(), before, "nothing is left behind");
    });
  }

  test("--force replaces, and nothing else does", () => {
    const old = statSync(file("there.zip")).ino;
    refused([file("good.npy"), file("there.zip")], 1, /--force/);
    assert.equal(statSync(file("there.zip")).ino, old);
    convert("--force", file("good.npy"), file("there.zip"));
    assert.notEqual(statSync(file("there.zip")).ino, old);
  });

  test("--help and --version answer on stdout with status 0", () => {
    for (const word of ["--precision", "--overlay", "--range", "--force", "MAP.npy"]) assert.ok(convert("--help").includes(word), word);
    assert.match(convert("--version"), /^farlook-convert \d+\.\d+\.\d+\n$/);
  });
});
