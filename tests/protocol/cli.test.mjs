// The command line: what the server does with bad input, a busy port, no GPU; how it starts and ends.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { request } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { greet } from "./lib/client.mjs";
import { features, remove, save, temporary } from "./lib/fixtures.mjs";
import { fetchJson } from "./lib/http.mjs";
import { python } from "./lib/python.mjs";
import { patience, root, run, serve, within } from "./lib/server.mjs";

let dir;
before(() => {
  assert.ok(python, "no python3 with numpy: docker/install.sh installs it");
  dir = temporary();
  execFileSync(python, [join(root, "tests/data/make_cli.py"), dir]);
});
after(() => remove(dir));

const file = (name) => join(dir, name);
const listen = ["--listen", "127.0.0.1:0", "--software"];

// The one sentence: the last line, and the only one that complains.
function sentence(stderr, status) {
  const lines = stderr.split("\n").filter((line) => line.trim());
  const last = lines.at(-1) ?? "";
  assert.match(last, /^farlook-server: \S.*\.$/, `exit status ${status}, but no sentence:\n${stderr}`);
  assert.doesNotMatch(stderr, /Sanitizer|runtime error|core dumped|Assertion/);
  assert.doesNotMatch(stderr, /^[\d:.]+ (error|warn) /m, "said twice");
  return last.slice("farlook-server: ".length);
}

async function expectRefusal(args, status, words) {
  const result = await run(args);
  assert.equal(result.signal, null, `ended by ${result.signal}:\n${result.stderr}`);
  assert.equal(result.status, status, result.stderr);
  assert.equal(result.stdout, "");
  const said = sentence(result.stderr, status);
  for (const word of words) assert.match(said, word instanceof RegExp ? word : new RegExp(word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "i"));
  return said;
}

// What is wrong with each file: its sentence names the file and says these words.
const bad = {
  "missing.npy": [/no such file|does not exist|not found|nothing there/i], "letter.txt": [/\.npy|format|kind/i], "text.npy": [/\.npy|magic|NumPy/i],
  "empty": [], "object.npy": [/object|dtype|type/i], "complex.npy": [/complex|dtype|type|c8/i], "text_dtype.npy": [/dtype|type|U4/i],
  "structured.npy": [/structured|fields|dtype|type/i], "long_double.npy": [/f16|dtype|type/i], "flat.npy": [/dimension|axes|shape/i],
  "five.npy": [/dimension|axes|shape/i], "batch.npy": [/dimension|axes|shape|batch|picture|first/i], "no_rows.npy": [/0|empty|shape/i],
  "deep.npy": [/65537|65536/], "overflow.npy": [/shape|large|big|overflow|many|\d{7}/i], "overflow_size.npy": [/shape|large|big|overflow|many|\d{7}/i],
  "negative.npy": [/shape|header/i], "no_tuple.npy": [/shape|header/i], "version9.npy": [/version|9/i], "long_header.npy": [/header/i],
  "memory.npy": [/memory|GiB|GB|TiB|large|big/i],
  "missing_png.zip": ["1.png"], "wrong_size.zip": ["1.png", /5 ?[x×] ?4/], "claimed_size.zip": ["1.png", /100000/], "no_png.zip": ["1.png", /PNG/],
  "no_metadata.zip": ["metadata.json"], "broken_metadata.zip": ["metadata.json"], "strings.zip": ["metadata.json", /width|height|number/i],
  "precision.zip": [/precision/i, /8, 16 or 32/], "negative.zip": [/width|-6/], "fraction.zip": [/features|8\.5|whole/i], "deep.zip": [/70000|65536|features/],
  "bomb.zip": [/1\.png/, /large|big|bytes|times|bomb|unpack|size|MiB|ratio/i], "declared.zip": [/0\.png/, /large|big|bytes|times|bomb|unpack|size|GiB|ratio/i], "cut.zip": [/zip|cut|end/i],
  "huge.jpg": [/65500/], "cut.jpg": [/JPEG|cut|picture/i], "huge.png": [/2147483647|large|big|PNG/i], "cut.png": [/PNG|cut|picture/i], "no.jpg": [/JPEG|picture/i],
  "tie": [/16/, /layout/i], "neither": [/layout|aspect|picture/i], "no_maps": [], "bad_json": ["scene.json"], "no_file": ["elsewhere.npy"],
  "flat_extent": [/extent/i], "text_extent": [/extent/i], "slash": [/\/|name/i], "bad_picture": [/picture/i],
};

describe("bad input ends with status 1 and one sentence that names it", { concurrency: 4 }, () => {
  for (const [name, words] of Object.entries(bad)) {
    test(name, () => expectRefusal([...listen, file(name)], 1, [name, ...words]));
  }

  test("good.npy, cut at every 16th byte", async () => {
    const cuts = readdirSync(dir).filter((name) => /^cut_\d+\.npy$/.test(name));
    assert.ok(cuts.length >= 20, `${cuts.length} cuts`);
    for (const name of cuts) await expectRefusal([...listen, file(name)], 1, [name]);
  });

  test("the tie's sentence tells both readings and the way out", async () => {
    const said = await expectRefusal([...listen, file("tie")], 1, [/HWC/, /CHW/, /layout/]);
    assert.ok(said.length < 480);
  });

  test("the memory's sentence tells both figures", async () => {
    const said = await expectRefusal([...listen, file("memory.npy")], 1, []);
    assert.ok((said.match(/\d[\d.]* ?[KMGTP]?i?B/g) ?? []).length >= 2, said);
  });
});

describe("a good scene beside bad ones", () => {
  test("is served, and each bad one is named once with its sentence", async () => {
    const broken = ["missing.npy", "cut_160.npy", "object.npy", "missing_png.zip", "strings.zip", "huge.jpg", "tie", "bad_json"];
    const server = await serve([...broken.slice(0, 4).map(file), file("good.npy"), ...broken.slice(4).map(file), file("good.zip")]);
    const { json } = await fetchJson(server.port, "/api/v1/scenes");
    assert.deepEqual(json.scenes.map((scene) => scene.name), ["good", "good-2"]);
    for (const name of broken) {
      const lines = server.stderr.split("\n").filter((line) => / (error|warn) /.test(line) && line.includes(file(name)));
      assert.equal(lines.length, 1, `${name}: ${lines.length} lines\n${server.stderr}`);
    }
    await server.stop();
  });

  test("a name cannot write lines of its own into the log", async () => {
    const own = temporary();
    save(features(4, 4, 4), join(own, "good.npy"));
    save(features(4, 4, 4), join(own, "a\n12:00:00.000 error forged: \u001b[2J.npy"));
    const server = await serve([own]);
    await server.stop();
    for (const line of server.stderr.split("\n").slice(0, -1)) assert.match(line, /^\d\d:\d\d:\d\d\.\d{3} \w+ +[^\0-\x1f]*$/);
    assert.match(server.stderr, / error catalogue: .*forged/);
    assert.doesNotMatch(server.stderr, /^\S+ error forged/m);
    remove(own);
  });

  test("in one directory is served too", async () => {
    const server = await serve([dir], { timeout: 120000 * patience });
    const { json } = await fetchJson(server.port, "/api/v1/scenes");
    const names = json.scenes.map((scene) => scene.name);
    assert.ok(names.includes("good") && names.includes("good-2"), String(names));
    for (const name of ["tie", "object", "missing_png", "huge"]) assert.ok(!names.includes(name), name);
    await server.stop();
  });
});

describe("usage", { concurrency: 4 }, () => {
  const wrong = {
    "an option nobody knows": [["--frobnicate"], "frobnicate"], "an option without its value": [["--listen"], "listen"],
    "an option without its value behind a file": [["map.npy", "--listen"], "--listen"], "a letter nobody knows": [["map.npy", "-xy"], "-x"],
    "a quality of 0": [["--quality", "0"], "quality"], "a quality of 101": [["--quality", "101"], "quality"],
    "a quality in words": [["--quality", "high"], "high"], "a layout nobody knows": [["--layout", "XYZ"], "XYZ"],
    "a log level nobody knows": [["--log-level", "loud"], "loud"], "memory in words": [["--gpu-memory", "much"], "much"],
    "a storage nobody knows": [["--storage", "f8"], "f8"],
    "memory beyond 64 bits": [["--gpu-memory", "99999999999T"], "gpu-memory"], "a negative budget": [["--frame-budget", "-1"], "frame-budget"],
    "an engine nobody knows": [["--engine", "steam"], "steam"], "a pass for nobody": [["--batch", "0"], "batch"], "a pass for 17": [["--batch", "17"], "batch"],
  };
  for (const [why, [args, word]] of Object.entries(wrong)) {
    test(`${why} ends with status 2`, () => expectRefusal(args, 2, [word]));
  }

  test("the environment is read like options, and wrong values are refused", async () => {
    const { status, stderr } = await run(listen, { env: { FARLOOK_QUALITY: "best" } });
    assert.equal(status, 2);
    assert.match(sentence(stderr, 2), /best/);
  });

  test("--help and --version answer on stdout with status 0", async () => {
    const help = await run(["--help"]);
    assert.equal(help.status, 0);
    for (const word of ["--listen", "--software", "--gpu", "PATH"]) assert.ok(help.stdout.includes(word), word);
    const version = await run(["--version"]);
    assert.deepEqual([version.status, version.stderr], [0, ""]);
    assert.match(version.stdout, /^farlook-server \d+\.\d+\.\d+\n$/);
  });
});

describe("--bench", { concurrency: 1 }, () => {
  const rows = (stdout) => stdout.split("\n").filter((line) => line.startsWith("| ")).slice(1)
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));

  test("prints what this machine does with a map, and ends without listening", async () => {
    save(features(60, 40, 32), file("bench.npy"));
    const { status, stdout } = await run(["--bench", "--software", "--listen", "nonsense", file("bench.npy")]);
    assert.equal(status, 0);
    assert.match(stdout, /^machine  .+ cores, .+ GB\nOpenGL   .+\nengine   .+\nmap      bench, 60 x 40 x 32, f4, 0\.3 MB/);
    const table = rows(stdout);
    for (const what of [/^load/, /^read floor/, /^GL fragment/, /^GL compute, 8/, /^GL compute, 16/, /^GL, 16 references/,
      /^GL, a frame after/, /^C, 1 reference/, /^C, 16 references/, /^C, a frame after/, /^PNG/, /^JPEG 95/, /^JPEG 75/]) {
      const row = table.find(([name]) => what.test(name));
      assert.ok(row, `no row ${what} in\n${stdout}`);
      assert.match(row[1], /^-?\d+\.\d+$/, row[0]);
    }
    assert.equal(table.find(([name]) => name.startsWith("read floor"))[3], "1.00");
    assert.doesNotMatch(stdout, /http|nan/);
  });

  test("of a file that is not there ends with status 1, without a GPU with 3", async () => {
    await expectRefusal(["--bench", "--software", file("nothing.npy")], 1, ["nothing.npy"]);
    await expectRefusal(["--bench", "--gpu", "/dev/dri/renderD999", file("good.npy")], 3, ["renderD999"]);
  });
});

describe("addresses", { concurrency: 4 }, () => {
  test("a port in use ends with status 1 and names it", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((done) => other.once("listening", done));
    const { port } = other.address();
    await expectRefusal(["--listen", `127.0.0.1:${port}`, "--software", file("good.npy")], 1, [String(port), /use/i]);
    other.close();
  });

  for (const address of ["0.0.0.0:0", "[::]:0", "192.0.2.1:8765", "example.com:80"]) {
    test(`${address} is refused until there are tokens`, async () => {
      const { status, stderr, stdout } = await run(["--listen", address, "--software", file("good.npy")]);
      assert.ok([1, 2].includes(status), stderr);
      assert.equal(stdout, "");
      assert.match(sentence(stderr, status), /loopback|127\.0\.0\.1|localhost/);
    });
  }

  for (const address of ["nonsense", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:http", "unix:", ":80"]) {
    test(`${address} is no address`, async () => {
      const { status, stderr } = await run(["--listen", address, "--software", file("good.npy")]);
      assert.ok([1, 2].includes(status), stderr);
      sentence(stderr, status);
    });
  }

  test("a unix socket serves", async () => {
    const path = file("farlook.sock");
    const server = await serve([file("good.npy")], { listen: `unix:${path}` });
    const status = await new Promise((done, fail) => {
      request({ socketPath: path, path: "/healthz", agent: false }, (answer) => { answer.resume(); done(answer.statusCode); }).on("error", fail).end();
    });
    assert.equal(status, 200);
    await server.stop();
  });
});

describe("starting and ending", { concurrency: 2 }, () => {
  const gpu = existsSync("/dev/dri") && readdirSync("/dev/dri").some((name) => name.startsWith("render"));

  test("without a GPU and without --software it ends with status 3 and the reason", { skip: gpu && "this machine has a GPU" }, () =>
    expectRefusal(["--listen", "127.0.0.1:0", file("good.npy")], 3, ["--software"]));

  test("a GPU that is not there ends with status 3", () =>
    expectRefusal(["--listen", "127.0.0.1:0", "--gpu", "/dev/dri/renderD999", file("good.npy")], 3, ["renderD999"]));

  for (const signal of ["SIGTERM", "SIGINT"]) {
    test(`${signal} ends it with status 0, in the middle of everything`, async () => {
      save(features(200, 150, 64), file(`${signal}.npy`));
      const server = await serve([file(`${signal}.npy`)]);
      const clients = await Promise.all([1, 2, 3].map(async () => {
        const client = await greet(server.port);
        client.send({ t: "open", view: 0, map: `${signal}/${signal}` });
        for (let k = 0; k < 20; k++) client.set({ ref: [k, k] });
        return client;
      }));
      await server.stop(signal);
      clients.forEach((client) => client.destroy());
    });
  }

  test("viewers are told bye when it ends", async () => {
    const server = await serve([file("good.npy")]);
    const client = await greet(server.port);
    const bye = client.next("bye").catch(() => null);
    const closed = within(client.closed, 20000, "close");
    await server.stop();
    const [message, { code }] = [await bye, await closed];
    assert.ok(message || [1000, 1001].includes(code), `neither bye nor a close that says so: ${code}`);
  });

  test("a picture alone gets a filter-bank map", async () => {
    const server = await serve([file("good.jpg")]);
    const { json } = await fetchJson(server.port, "/api/v1/scenes");
    assert.deepEqual(json.scenes[0].picture, [64, 48]);
    assert.ok(json.scenes[0].maps.length >= 1 && json.scenes[0].maps[0].d > 3);
    await server.stop();
  });

  test("without a path there is a demo of a picture and two layers", async () => {
    const server = await serve([], { timeout: 120000 * patience });
    const client = await greet(server.port);
    const [demo] = client.welcome.scenes;
    assert.ok(demo.picture[0] >= 200 && demo.maps.length >= 2, JSON.stringify(demo));
    await client.open(`${demo.name}/${demo.maps[0].name}`);
    const frame = await client.frame();
    assert.ok(frame.image.length > 100);
    client.destroy();
    await server.stop();
  });
});
