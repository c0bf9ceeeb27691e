#!/usr/bin/env python3
"""Reads IFeaLiD data sets with the standard library alone and checks what farlook-convert made.

usage: check_ifealid.py same GIVEN.zip MADE.zip
       check_ifealid.py levels MAP.npy MADE.zip
       check_ifealid.py back MAP.npy BACK.npy BITS

same: both have the same entries, methods, metadata, PNG headers and pixels. levels: the pixels are
round((x - min) / (max - min) * most) of the (H, W, C) array, in float64, and the padding is 0. back: the
array that came back is the first one within half a step of BITS bits (and float32's own rounding).
"""
import json
import struct
import sys
import zipfile
import zlib

import numpy


def unfilter(raw, height, stride, step):
    rows, above = [], bytearray(stride)
    for y in range(height):
        kind = raw[y * (stride + 1)]
        row = bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for x in range(stride):
            a = row[x - step] if x >= step else 0
            b, c = above[x], above[x - step] if x >= step else 0
            p = a + b - c
            paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            row[x] = (row[x] + [0, a, b, (a + b) // 2, paeth][kind]) & 255
        rows.append(bytes(row))
        above = row
    return b"".join(rows)


def read_png(data):
    """(IHDR, bytes of the pixels) of an RGBA PNG."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, head, packed, last = 8, None, b"", None
    while at < len(data):
        length, last = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        assert zlib.crc32(last + body) == struct.unpack(">I", data[at + 8 + length:at + 12 + length])[0]
        if last == b"IHDR":
            head = body
        if last == b"IDAT":
            packed += body
        at += 12 + length
    assert last == b"IEND"
    width, height, bits, kind = struct.unpack(">IIBB", head[:10])
    assert (bits, kind, head[12]) == (8, 6, 0), "8-bit RGBA, not interlaced"
    return head, unfilter(zlib.decompress(packed), height, width * 4, 4)


def read_set(path):
    """(metadata, {entry: bytes}, [tile's IHDR], [tile's pixels])."""
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None
        for info in file.infolist():
            assert info.compress_type == zipfile.ZIP_STORED, f"{info.filename} is packed"
            assert info.flag_bits == 0, f"{info.filename}: flags {info.flag_bits:#x}"
            assert info.compress_size == info.file_size
        entries = {info.filename: file.read(info) for info in file.infolist()}
        assert len(entries) == len(file.infolist())
    meta = json.loads(entries["metadata.json"])
    bits = meta["precision"]
    tiles = -(-meta["features"] * bits // 32)
    wanted = {"metadata.json"} | {f"{k}.png" for k in range(tiles)}
    wanted |= {"overlay.jpg"} if meta["overlay"] else set()
    assert set(entries) == wanted, set(entries) ^ wanted
    pngs = [read_png(entries[f"{k}.png"]) for k in range(tiles)]
    for head, _ in pngs:
        assert struct.unpack(">II", head[:8]) == (meta["width"], meta["height"])
    return meta, entries, [head for head, _ in pngs], [pixels for _, pixels in pngs]


def same(given, made):
    (meta_a, entries_a, heads_a, pixels_a), (meta_b, entries_b, heads_b, pixels_b) = map(read_set, (given, made))
    assert meta_a == meta_b, (meta_a, meta_b)
    assert all(type(meta_a[key]) is type(meta_b[key]) for key in meta_a)
    assert list(entries_a) == list(entries_b), "the entries' order"
    assert heads_a == heads_b
    assert pixels_a == pixels_b
    assert entries_a.get("overlay.jpg") == entries_b.get("overlay.jpg")


def levels(array, made):
    values = numpy.load(array).astype(numpy.float32).astype(numpy.float64)
    meta, _, _, pixels = read_set(made)
    bits, (height, width, depth) = meta["precision"], values.shape
    assert (meta["width"], meta["height"], meta["features"]) == (width, height, depth)
    most, low, high = 2 ** bits - 1, values.min(), values.max()
    want = numpy.zeros(values.shape) if low == high else numpy.round((values - low) / (high - low) * most)
    got = numpy.concatenate([numpy.frombuffer(tile, f"<u{bits // 8}").reshape(height, width, -1) for tile in pixels], 2)
    assert (got[:, :, depth:] == 0).all(), "the padding"
    assert (got[:, :, :depth] == want).all(), f"{(got[:, :, :depth] != want).sum()} levels differ"


def back(array, came, bits):
    values, again = numpy.load(array).astype(numpy.float64), numpy.load(came)
    assert again.dtype == numpy.dtype("<f4") and again.flags.c_contiguous and again.shape == values.shape
    span = values.max() - values.min()
    step = span / (2 ** bits - 1)
    # The share is rounded to float32 once (2^-25 of the span) and the value once more.
    largest = max(abs(values.min()), abs(values.max()))
    allowed = step / 2 + 2 ** -25 * span + 2 ** -24 * largest
    worst = numpy.abs(again - values).max()
    assert worst <= allowed, f"{worst} where {allowed} is allowed"
    print(f"{bits} bit: worst {worst:.3g}, allowed {allowed:.3g}")


if __name__ == "__main__":
    if sys.argv[1] == "back":
        back(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        {"same": same, "levels": levels}[sys.argv[1]](*sys.argv[2:])
