// The maps of the shared data as scenes the server can read, and as numbers the tests can check
// against. Nothing of them is ever part of this repository.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { inflateRawSync } from "node:zlib";

import { readNpy, writeNpy } from "../protocol/lib/npy.mjs";
import { decodePng } from "../protocol/lib/png.mjs";
import { root } from "../protocol/lib/server.mjs";

export const shared = resolve(root, process.env.FARLOOK_DATA ?? "../shared/data");
export const missing = existsSync(join(shared, "manifest.json")) ? false
  : `the shared data is not at ${shared} (FARLOOK_DATA names another place)`;

// hyd_rn50 and hyd_esp cover a little more than the 427 x 640 picture.
const extents = { hyd_rn50: [0, 0, 432, 640], hyd_esp: [0, 0, 432, 640] };

// The members of a zip by name, from its central directory.
function unzip(bytes) {
  const members = {};
  const end = bytes.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    const [method, size] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20)];
    const [name, extra, comment] = [28, 30, 32].map((where) => bytes.readUInt16LE(at + where));
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const body = bytes.subarray(start, start + size);
    members[bytes.toString("utf8", at + 46, at + 46 + name)] = method ? inflateRawSync(body) : body;
    at += 46 + name + extra + comment;
  }
  return members;
}

// An 8-bit IFeaLiD data set as a map: byte / 255, rounded to float32.
export function readIfealid(path) {
  const members = unzip(readFileSync(path));
  const { width: w, height: h, features: d } = JSON.parse(members["metadata.json"].toString());
  const data = new Float32Array(w * h * d);
  for (let tile = 0; tile < Math.ceil(d / 4); tile++) {
    const png = decodePng(members[`${tile}.png`]);
    for (let cell = 0; cell < w * h; cell++) {
      for (let k = 0; k < 4 && tile * 4 + k < d; k++) data[cell * d + tile * 4 + k] = png.data[cell * 4 + k] / 255;
    }
  }
  return { w, h, d, data };
}

export function jpegDimensions(path) {
  const text = execFileSync("djpeg", ["-pnm", path], { maxBuffer: 1 << 26 }).subarray(0, 40).toString("latin1");
  return /^P[56]\s+(\d+)\s+(\d+)/.exec(text).slice(1).map(Number);
}

// A grey JPEG's pixels, by djpeg: another program than the server, if of the same library.
export function decodeGreyJpeg(bytes) {
  const pnm = execFileSync("djpeg", ["-grayscale", "-pnm"], { input: bytes, maxBuffer: 1 << 26 });
  const [whole, w, h] = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(pnm.subarray(0, 40).toString("latin1"));
  return { w: Number(w), h: Number(h), data: pnm.subarray(whole.length) };
}

function addScene(dir, name, file, source, map) {
  const scene = join(dir, name), photo = name.startsWith("aers") ? "aers.jpg" : "hyd.jpg";
  mkdirSync(scene);
  copyFileSync(join(shared, photo), join(scene, "picture.jpg"));
  if (typeof source === "string") copyFileSync(source, join(scene, file));
  else writeNpy(join(scene, file), source.shape, source.data);
  const extent = Object.entries(extents).find(([prefix]) => name.startsWith(prefix))?.[1];
  writeFileSync(join(scene, "scene.json"), JSON.stringify({ picture: "picture.jpg", maps: [{ file, ...(extent ? { extent } : {}) }] }));
  const [pw, ph] = jpegDimensions(join(shared, photo));
  return { ...map, extent: extent ?? [0, 0, pw, ph], path: `${name}/${file.replace(/\.npy$/, "")}` };
}

// (H, W, C) as (C, H, W).
function transposed({ w, h, d, data }) {
  const out = new Float32Array(data.length);
  for (let cell = 0; cell < w * h; cell++) for (let k = 0; k < d; k++) out[k * w * h + cell] = data[cell * d + k];
  return { shape: [d, h, w], data: out };
}

// Writes a scene for every map into `dir`. [{name, golden, map}]; map.path is "scene/layer".
export function prepare(dir) {
  const golden = (name) => JSON.parse(readFileSync(join(shared, "golden", `${name}.json`), "utf8"));
  const { maps } = JSON.parse(readFileSync(join(shared, "manifest.json"), "utf8"));
  const all = maps.map(({ file }) => {
    const name = file.replace(/\.npy$/, ""), source = join(shared, "maps", file);
    const { shape: [h, w, d], data } = readNpy(source);
    return { name, golden: golden(name), map: addScene(dir, name, file, source, { w, h, d, data }) };
  });
  // The same numbers in the other layout, which the picture's shape must tell apart.
  const rn50 = all.find(({ name }) => name === "hyd_rn50_conv4x_f32").map, chw = "hyd_rn50_conv4x_f32_chw";
  all.push({ name: chw, golden: golden(chw), map: addScene(dir, chw, `${chw}.npy`, transposed(rn50), rn50) });
  for (const name of ["C1", "C3"]) {
    const source = join(shared, "ifealid", `000000015746.jpg.${name}.npz.8.zip`);
    copyFileSync(source, join(dir, `${name}.zip`));
    all.push({ name: `ifealid_${name}`, golden: fromIfealid(golden(`ifealid_${name}`)), zip: true,
      map: { ...readIfealid(source), extent: [0, 0, ...jpegDimensions(join(shared, "hyd.jpg"))], path: `${name}/` } });
  }
  return all;
}

// The IFeaLiD golden files say the same in other words.
function fromIfealid(file) {
  return { raw: file.refs, positions_xy: file.refs[0].samples.map(({ x, y }) => [x, y]), global_min: file.raw_min / 255, global_max: file.raw_max / 255,
    refs: file.refs.map(({ x, y, min, max, mean, samples }) => ({ ref_xy: [x, y],
      measures: { angular: { min, max, mean, samples: samples.map(({ s }) => s) } } })) };
}
