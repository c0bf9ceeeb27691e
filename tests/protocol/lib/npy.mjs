// .npy files: read what the server sends and what the tests' data holds, write what tests need.
import { readFileSync, writeFileSync } from "node:fs";

// An IEEE half as a number.
export function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
}

// {shape, descr, data}: data is a Float32Array of the values widened (f4, f2 and u1 in C order).
export function parseNpy(bytes) {
  if (bytes.subarray(0, 6).toString("latin1") !== "\x93NUMPY") throw new Error("not a .npy file");
  const long = bytes[6] > 1;
  const len = long ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8);
  const start = (long ? 12 : 10) + len;
  const header = bytes.subarray(long ? 12 : 10, start).toString("latin1");
  const descr = /'descr': '([^']*)'/.exec(header)[1];
  if (/'fortran_order': True/.test(header)) throw new Error("Fortran order is not for these tests");
  const shape = /'shape': \(([^)]*)\)/.exec(header)[1].split(",").filter((part) => part.trim()).map(Number);
  const count = shape.reduce((product, side) => product * side, 1);
  const read = { "<f4": [4, (at) => bytes.readFloatLE(at)], "<f2": [2, (at) => half(bytes.readUInt16LE(at))], "|u1": [1, (at) => bytes[at]] }[descr];
  if (!read) throw new Error(`dtype ${descr} is not for these tests`);
  const [size, value] = read;
  if (bytes.length !== start + count * size) throw new Error(`${bytes.length} bytes where ${start + count * size} were promised`);
  const data = new Float32Array(count);
  for (let at = 0; at < count; at++) data[at] = value(start + at * size);
  return { shape, descr, data };
}

export const readNpy = (path) => parseNpy(readFileSync(path));

// A version 1 file of little-endian float32 in C order.
export function writeNpy(path, shape, data) {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`;
  const padded = text.padEnd(Math.ceil((10 + text.length + 1) / 64) * 64 - 11) + "\n";
  const head = Buffer.alloc(10);
  head.write("\x93NUMPY\x01\x00", "latin1");
  head.writeUInt16LE(padded.length, 8);
  const values = Buffer.alloc(data.length * 4);
  data.forEach((value, at) => values.writeFloatLE(value, at * 4));
  writeFileSync(path, Buffer.concat([head, Buffer.from(padded, "latin1"), values]));
}

// float32 bytes of a message as numbers, whatever they are aligned to.
export const floats = (bytes) => new Float32Array(Uint8Array.from(bytes).buffer);
