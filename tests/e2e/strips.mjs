// Between the page and the server, in the browser: every exact picture becomes a reduced one and strips
// of the exact one, as a server sends them over a slow link. Needs no slow link, and can stop half-way.
import { createRequire } from "node:module";
import { join } from "node:path";
import { deflateSync, inflateSync } from "node:zlib";

import { root } from "./lib.mjs";

const ROWS = 32; // of a strip
const PARTS = 64; // frame ids of ours for each of the server's

function crc(bytes) {
  let c = ~0;
  for (const byte of bytes) {
    c ^= byte;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  }
  return ~c >>> 0;
}

function chunk(type, data) {
  const all = Buffer.alloc(12 + data.length);
  all.writeUInt32BE(data.length, 0);
  all.write(type, 4, "latin1");
  all.set(data, 8);
  all.writeUInt32BE(crc(all.subarray(4, 8 + data.length)), 8 + data.length);
  return all;
}

// A grey PNG of 8 bits.
export function png(w, h, levels) {
  const head = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0]);
  head.writeUInt32BE(w, 0);
  head.writeUInt32BE(h, 4);
  const lines = Buffer.alloc((w + 1) * h);
  for (let y = 0; y < h; y++) lines.set(levels.subarray(y * w, (y + 1) * w), y * (w + 1) + 1);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", head), chunk("IDAT", deflateSync(lines)), chunk("IEND", []),
  ]);
}

function paeth(a, b, c) {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

// The levels of a grey PNG of 8 bits.
function levelsOf(bytes) {
  const file = Buffer.from(bytes);
  const [w, h] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  const parts = [];
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
    if (file.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
  }
  const raw = inflateSync(Buffer.concat(parts));
  const out = new Uint8Array(w * h);
  for (let y = 0; y < h; y++) {
    const filter = raw[y * (w + 1)];
    for (let x = 0; x < w; x++) {
      const a = x > 0 ? out[y * w + x - 1] : 0, b = y > 0 ? out[(y - 1) * w + x] : 0;
      const c = x > 0 && y > 0 ? out[(y - 1) * w + x - 1] : 0;
      out[y * w + x] = raw[y * (w + 1) + 1 + x] + [0, a, b, (a + b) >> 1, paeth(a, b, c)][filter];
    }
  }
  return { w, h, levels: out };
}

const nearest = ({ w, h, levels }, toW, toH) => {
  const out = new Uint8Array(toW * toH);
  for (let y = 0; y < toH; y++) {
    for (let x = 0; x < toW; x++) out[y * toW + x] = levels[Math.floor(((y + 0.5) * h) / toH) * w + Math.floor(((x + 0.5) * w) / toW)];
  }
  return out;
};

export class Strips {
  constructor() {
    this.plain = false; // pictures pass as they are
    this.most = Infinity; // strips that pass of each; the rest is kept until release()
    this.kept = [];
    this.sent = []; // frame ids
    this.acked = new Set();
    this.exact = null; // levels of the last picture that came in strips, and the reduced one scaled up
    this.coarse = null;
    const { decode, encode } = createRequire(join(root, "client/web/package.json"))("@msgpack/msgpack");
    Object.assign(this, { decode, encode });
  }

  async between(page) {
    await page.routeWebSocket(/\/ws$/, (client) => {
      const server = client.connectToServer();
      client.onMessage((data) => {
        const message = this.decode(data);
        if (message.t !== "ack") return server.send(data);
        this.acked.add(message.frame);
        if (message.frame % PARTS === 0) server.send(Buffer.from(this.encode({ ...message, frame: message.frame / PARTS })));
      });
      server.onMessage((data) => {
        const message = this.decode(data);
        if (message.t !== "frame") return client.send(data);
        const parts = this.parts(message).map((part) => Buffer.from(this.encode(part)));
        this.kept = parts.splice(1 + this.most);
        for (const part of parts) client.send(part);
        this.client = client;
      });
    });
  }

  release() {
    for (const part of this.kept) this.client.send(part);
    this.kept = [];
  }

  // One frame of the server as the frames that the page gets.
  parts(message) {
    const id = (k) => (this.sent.push(message.frame * PARTS + k), message.frame * PARTS + k);
    if (this.plain || !message.exact || message.enc !== "png") return [{ ...message, frame: id(0) }];
    const whole = levelsOf(message.image);
    const { w, h, levels } = whole;
    const half = { w: Math.ceil(w / 2), h: Math.ceil(h / 2) };
    half.levels = nearest(whole, half.w, half.h);
    this.exact = [...levels];
    this.coarse = [...nearest(half, w, h)];
    const { image: _, vector, hist, ...head } = message;
    const list = [{ ...head, frame: id(0), w: half.w, h: half.h, exact: false, vector, hist, image: png(half.w, half.h, half.levels) }];
    for (let y0 = 0, k = 1; y0 < h; y0 += ROWS, k++) {
      const y1 = Math.min(h, y0 + ROWS);
      const rows = [y0, y1, y1 === h];
      list.push({ ...head, frame: id(k), rows, exact: rows[2], image: png(w, y1 - y0, levels.subarray(y0 * w, y1 * w)) });
    }
    return list;
  }
}
