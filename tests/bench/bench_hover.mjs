// How long a hover takes at the socket, how many fit into a second, and how many bytes a frame has.
// usage: node tests/bench/bench_hover.mjs [FARLOOK_SERVER]     default build/release/farlook-server
//
// The map has the size of the paper's COCO conv2: its own data set where the shared data is there,
// else numbers of the same size. It prints a table and judges nothing.
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";

process.env.FARLOOK_SERVER ??= process.argv[2] ?? "build/release/farlook-server";
const { greet } = await import("../protocol/lib/client.mjs");
const { features, picture, random, remove, save, temporary } = await import("../protocol/lib/fixtures.mjs");
const { binary, root, serve, sleep } = await import("../protocol/lib/server.mjs");
const { shared } = await import("../golden/maps.mjs");

const HOVERS = 300, SECONDS = 5;

function prepare(dir) {
  const zip = join(shared, "ifealid/000000015746.jpg.C1.npz.8.zip");
  if (existsSync(zip)) {
    copyFileSync(zip, join(dir, "conv2.zip"));
    return "the paper's COCO conv2_x";
  }
  mkdirSync(join(dir, "conv2"));
  writeFileSync(join(dir, "conv2/picture.png"), picture(427, 640));
  save(features(106, 160, 256, { signed: false }), join(dir, "conv2/conv2.npy"));
  return "numbers of the size of COCO conv2_x";
}

const next = random(99);
const anywhere = ([x0, y0, x1, y1]) => [x0 + next() * (x1 - x0), y0 + next() * (y1 - y0)];
const percentile = (sorted, p) => sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))];
const row = (...cells) => console.log(cells.map((cell, at) => (at ? String(cell).padStart(11) : String(cell).padEnd(34))).join(""));

// One hover after the other: the next is sent when the frame of the last has come.
async function latency(client, map, state) {
  await client.show({ ref: anywhere(map.extent), ...state });
  const took = [], bytes = [], stages = { wait: 0, render: 0, read: 0, encode: 0 };
  for (let k = 0; k < HOVERS; k++) {
    const start = performance.now();
    const frame = await client.show({ ref: anywhere(map.extent) });
    took.push(frame.at - start);
    bytes.push(frame.image.length);
    for (const stage in stages) stages[stage] += frame.us[stage] / HOVERS / 1000;
  }
  took.sort((a, b) => a - b);
  bytes.sort((a, b) => a - b);
  const ms = (value) => value.toFixed(2);
  return [ms(percentile(took, 50)), ms(percentile(took, 95)), percentile(bytes, 50), percentile(bytes, 95), ...Object.values(stages).map(ms)];
}

// Hovers every 2 ms, as fast as frames come: frames a second.
async function rate(client, map) {
  const before = client.frames.length, start = performance.now();
  while (performance.now() - start < SECONDS * 1000) {
    client.set({ ref: anywhere(map.extent) });
    await sleep(2);
  }
  return ((client.frames.length - before) / ((performance.now() - start) / 1000)).toFixed(1);
}

const dir = temporary();
const what = prepare(dir);
const server = await serve([dir]);
const client = await greet(server.port);
try {
  const [scene] = client.welcome.scenes;
  const map = await client.open(`${scene.name}/${scene.maps[0].name}`);
  const { gpu, software } = client.welcome.server;
  console.log(`${what}, ${map.w} x ${map.h} x ${map.d}; ${gpu}${software ? " (software)" : ""}; ${cpus().length} x ${cpus()[0].model}`);
  console.log(`${binary.replace(`${root}/`, "")}, one viewer on loopback, ${HOVERS} hovers each\n`);
  row("hover to frame, ms", "p50", "p95", "bytes p50", "bytes p95", "wait", "render", "read", "encode");
  row("scalar, PNG where it fits", ...await latency(client, map, {}));
  row("scalar, with the vector", ...await latency(client, map, { vector: true }));
  row("colour, 640 pixels high", ...await latency(client, map, { vector: false, kind: "colour", size: [427, 640] }));
  row("colour, 320 pixels high", ...await latency(client, map, { size: [214, 320] }));
  await client.show({ kind: "scalar", size: null, ref: anywhere(map.extent) });
  console.log(`\n${await rate(client, map)} frames a second while the mouse never rests`);
} finally {
  client.destroy();
  await server.stop();
  remove(dir);
}
