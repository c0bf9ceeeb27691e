// .npz and .safetensors files as bytes, written by the book.
import { deflateRawSync } from "node:zlib";

import { crc32 } from "./png.mjs";

// What stands in front of an .npy's values.
export function npyHead(descr, shape) {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`;
  const padded = text.padEnd(Math.ceil((10 + text.length + 1) / 64) * 64 - 11) + "\n";
  const head = Buffer.alloc(10);
  head.write("\x93NUMPY\x01\x00", "latin1");
  head.writeUInt16LE(padded.length, 8);
  return Buffer.concat([head, Buffer.from(padded, "latin1")]);
}

export const bytesOf = (values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);

// The entries are {name, packed: deflated bytes, size: unpacked, crc}.
export function zip(entries) {
  const locals = [], directory = [];
  let at = 0;
  for (const { name, packed, size, crc } of entries) {
    const title = Buffer.from(name), local = Buffer.alloc(30), central = Buffer.alloc(46);
    const describe = (to, from) => {
      to.writeUInt16LE(20, from); // version needed
      to.writeUInt16LE(8, from + 4); // deflated
      to.writeUInt16LE(33, from + 8); // 1 January 1980
      [crc, packed.length, size].forEach((n, k) => to.writeUInt32LE(n, from + 10 + 4 * k));
      to.writeUInt16LE(title.length, from + 22);
    };
    local.write("PK\x03\x04", "latin1");
    describe(local, 4);
    central.write("PK\x01\x02\x14\x00", "latin1");
    describe(central, 6);
    central.writeUInt32LE(at, 42);
    locals.push(local, title, packed);
    directory.push(central, title);
    at += local.length + title.length + packed.length;
  }
  const end = Buffer.alloc(22), list = Buffer.concat(directory);
  end.write("PK\x05\x06", "latin1");
  for (const where of [8, 10]) end.writeUInt16LE(entries.length, where);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, list, end]);
}

// `arrays`: {name: {descr, shape, values}}, values a typed array.
export function npz(arrays) {
  return zip(Object.entries(arrays).map(([name, { descr = "<f4", shape, values }]) => {
    const bytes = Buffer.concat([npyHead(descr, shape), bytesOf(values)]);
    return { name: `${name}.npy`, packed: deflateRawSync(bytes), size: bytes.length, crc: crc32(bytes) };
  }));
}

// `arrays`: {name: {dtype, shape, values}}; `said`: its metadata.
export function safetensors(arrays, said) {
  const header = said ? { __metadata__: said } : {};
  let at = 0;
  for (const [name, { dtype = "F32", shape, values }] of Object.entries(arrays)) {
    header[name] = { dtype, shape, data_offsets: [at, at + values.byteLength] };
    at += values.byteLength;
  }
  const text = Buffer.from(JSON.stringify(header)), len = Buffer.alloc(8);
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, " ")]);
  len.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([len, padded, ...Object.values(arrays).map(({ values }) => bytesOf(values))]);
}
