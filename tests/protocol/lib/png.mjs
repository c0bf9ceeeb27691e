// PNG, read and written by the book, so that the server's is checked by another implementation.
import { crc32 as zlibCrc, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");
const CHANNELS = { 0: 1, 2: 3, 4: 2, 6: 4 };

const table = Uint32Array.from({ length: 256 }, (_, at) => {
  let value = at;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});
// `before`: the checksum of what stands in front of them.
export function crc32(bytes, before = 0) {
  if (zlibCrc) return zlibCrc(bytes, before);
  let value = ~before;
  for (const byte of bytes) value = (value >>> 8) ^ table[(value ^ byte) & 255];
  return ~value >>> 0;
}

function paeth(a, b, c) {
  const pa = Math.abs(b - c), pb = Math.abs(a - c), pc = Math.abs(a + b - 2 * c);
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

function unfilter(raw, h, stride, step) {
  const out = Buffer.alloc(h * stride);
  for (let y = 0; y < h; y++) {
    const filter = raw[y * (stride + 1)];
    if (filter > 4) throw new Error(`PNG filter ${filter}`);
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const a = x >= step ? out[at - step] : 0, b = y ? out[at - stride] : 0;
      const c = x >= step && y ? out[at - stride - step] : 0;
      const guess = [0, a, b, (a + b) >> 1, paeth(a, b, c)][filter];
      out[at] = raw[y * (stride + 1) + 1 + x] + guess;
    }
  }
  return out;
}

// {w, h, bits, channels, data, text}: one byte a sample (1-bit samples become 0 and 1); text holds
// the keywords of its text chunks.
export function decodePng(bytes) {
  if (!bytes.subarray(0, 8).equals(SIGNATURE)) throw new Error("not a PNG");
  const idat = [], text = {};
  let head, ended = false;
  for (let at = 8; at < bytes.length;) {
    const len = bytes.readUInt32BE(at), type = bytes.toString("latin1", at + 4, at + 8);
    const body = bytes.subarray(at + 8, at + 8 + len);
    if (crc32(bytes.subarray(at + 4, at + 8 + len)) !== bytes.readUInt32BE(at + 8 + len)) throw new Error(`CRC of ${type}`);
    if (type === "IHDR") head = body;
    if (type === "IDAT") idat.push(body);
    if (type === "IEND") ended = true;
    if (type === "tEXt") {
      const zero = body.indexOf(0);
      text[body.toString("latin1", 0, zero)] = body.toString("latin1", zero + 1);
    }
    if (type === "iTXt") {
      const zero = body.indexOf(0);
      text[body.toString("latin1", 0, zero)] = body.subarray(body.indexOf(0, body.indexOf(0, zero + 3) + 1) + 1).toString();
    }
    at += 12 + len;
  }
  if (!ended) throw new Error("PNG without IEND");
  const [w, h, bits, type] = [head.readUInt32BE(0), head.readUInt32BE(4), head[8], head[9]];
  if (head[12] || !(type in CHANNELS) || (bits !== 8 && !(bits === 1 && type === 0))) throw new Error(`PNG of ${bits} bits, type ${type}`);
  const channels = CHANNELS[type], stride = Math.ceil((w * channels * bits) / 8);
  const raw = inflateSync(Buffer.concat(idat));
  if (raw.length !== h * (stride + 1)) throw new Error("PNG with too few rows");
  const rows = unfilter(raw, h, stride, Math.max(1, (channels * bits) >> 3));
  if (bits === 8) return { w, h, bits, channels, data: rows, text };
  const data = Buffer.alloc(w * h);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) data[y * w + x] = (rows[y * stride + (x >> 3)] >> (7 - (x & 7))) & 1;
  }
  return { w, h, bits, channels, data, text };
}

function chunk(type, body) {
  const out = Buffer.alloc(12 + body.length);
  out.writeUInt32BE(body.length, 0);
  out.write(type, 4, "latin1");
  Buffer.from(body).copy(out, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + body.length)), 8 + body.length);
  return out;
}

// 8-bit RGB pixels as a PNG.
export function encodePng(w, h, rgb) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(w, 0);
  head.writeUInt32BE(h, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc(h * (w * 3 + 1));
  for (let y = 0; y < h; y++) rows.set(rgb.subarray(y * w * 3, (y + 1) * w * 3), y * (w * 3 + 1) + 1);
  return Buffer.concat([SIGNATURE, chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", [])]);
}

// Width, height and components of a JPEG, from its frame header.
export function jpegSize(bytes) {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw new Error("not a JPEG: no SOI");
  if (bytes[bytes.length - 2] !== 0xff || bytes[bytes.length - 1] !== 0xd9) throw new Error("not a JPEG: no EOI");
  for (let at = 2; at < bytes.length;) {
    const marker = bytes[at + 1];
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { h: bytes.readUInt16BE(at + 5), w: bytes.readUInt16BE(at + 7), channels: bytes[at + 9],
        sampling: [...Array(bytes[at + 9]).keys()].map((each) => bytes[at + 11 + 3 * each]) };
    }
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  throw new Error("JPEG without a frame header");
}
