#!/usr/bin/env python3
"""Writes the files that tests/protocol/cli.test.mjs gives to the server: usage: make_cli.py DIR

Each is broken in one way that its name says; good.npy, good.zip and good.jpg are whole.
"""
import io
import json
import os
import struct
import sys
import zipfile
import zlib

import numpy


def save(name, array, **options):
    numpy.save(name, array, **options)


def npy(shape, descr="'<f4'", order="False", version=1):
    """A header alone, with whatever it is told."""
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}"
    size = 10 if version == 1 else 12
    text = text.ljust(-(-(size + len(text) + 1) // 64) * 64 - size - 1) + "\n"
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text.encode()


def png(width, height, channels=4, claim=None):
    """A PNG of noise; `claim` puts another size into its header."""
    noise = numpy.random.default_rng(1).integers(0, 256, (height, width * channels), dtype=numpy.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in noise)
    kind = {1: 0, 3: 2, 4: 6}[channels]

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", *(claim or (width, height)), 8, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def jpeg(width=8, height=8):
    """The smallest grey JPEG: every block is one code of one bit each for DC and AC."""
    def segment(marker, body):
        return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body

    one_code = bytes([1] + [0] * 15 + [0])
    blocks = -(-width // 8) * -(-height // 8) if width * height <= 4096 else 1
    bits = "00" * blocks
    bits += "1" * (-len(bits) % 8)
    data = bytes(int(bits[k:k + 8], 2) for k in range(0, len(bits), 8))
    return (b"\xff\xd8" + segment(0xDB, b"\0" + b"\x08" * 64)
            + segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00")
            + segment(0xC4, b"\x00" + one_code) + segment(0xC4, b"\x10" + one_code)
            + segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + data + b"\xff\xd9")


META = {"overlay": False, "width": 6, "height": 4, "features": 8, "precision": 8, "name": "x.npz"}


def ifealid(name, meta=None, tiles=None, deflate=False, raw_meta=None):
    """An IFeaLiD data set of 6 x 4 pixels and 8 channels, less what is taken away."""
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED) as out:
        for at, tile in enumerate([png(6, 4), png(6, 4)] if tiles is None else tiles):
            if tile is not None:
                out.writestr(f"{at}.png", tile)
        if meta != "none":
            out.writestr("metadata.json", raw_meta if raw_meta is not None else json.dumps({**META, **(meta or {})}))


def zips():
    ifealid("good.zip")
    ifealid("missing_png.zip", tiles=[png(6, 4), None])
    ifealid("wrong_size.zip", tiles=[png(6, 4), png(5, 4)])
    ifealid("claimed_size.zip", tiles=[png(6, 4), png(6, 4, claim=(100000, 100000))])
    ifealid("no_png.zip", tiles=[png(6, 4), b"this is not a PNG at all"])
    ifealid("no_metadata.zip", meta="none")
    ifealid("broken_metadata.zip", raw_meta='{"width": 6,')
    ifealid("strings.zip", meta={"width": "6", "height": "4"})
    ifealid("precision.zip", meta={"precision": 12})
    ifealid("negative.zip", meta={"width": -6})
    ifealid("fraction.zip", meta={"features": 8.5})
    ifealid("deep.zip", meta={"features": 70000})
    ifealid("bomb.zip", tiles=[png(6, 4), bytes(64 << 20)], deflate=True)
    whole = open("good.zip", "rb").read()
    open("cut.zip", "wb").write(whole[:len(whole) // 2])
    # The directory says one tile takes 3 GiB, packed into a few bytes.
    ifealid("declared.zip", deflate=True)
    told = bytearray(open("declared.zip", "rb").read())
    at = told.index(b"PK\x01\x02")
    told[at + 24:at + 28] = struct.pack("<I", 3 << 30)
    open("declared.zip", "wb").write(told)


def arrays():
    rng = numpy.random.default_rng(2)
    save("good.npy", rng.standard_normal((4, 6, 3)).astype("<f4"))
    save("object.npy", numpy.array([[[{"a": 1}]]], dtype=object), allow_pickle=True)
    save("complex.npy", numpy.zeros((4, 6, 3), "<c8"))
    save("text_dtype.npy", numpy.zeros((4, 6, 3), "<U4"))
    save("structured.npy", numpy.zeros((4, 6, 3), [("a", "<f4"), ("b", "<f4")]))
    save("long_double.npy", numpy.zeros((4, 6, 3), numpy.longdouble))
    save("flat.npy", numpy.zeros((4, 6), "<f4"))
    save("five.npy", numpy.zeros((1, 1, 4, 6, 3), "<f4"))
    save("batch.npy", numpy.zeros((2, 4, 6, 3), "<f4"))
    save("no_rows.npy", numpy.zeros((0, 6, 3), "<f4"))
    save("deep.npy", numpy.zeros((1, 1, 65537), "<f4"))
    whole = open("good.npy", "rb").read()
    for at in range(0, len(whole), 16):
        open(f"cut_{at}.npy", "wb").write(whole[:at])
    open("overflow.npy", "wb").write(npy((2**40, 2**40, 2**40)) + bytes(64))
    open("overflow_size.npy", "wb").write(npy((2**31, 2**31, 4)) + bytes(64))
    open("negative.npy", "wb").write(npy("(-4, 6, 3)") + bytes(288))
    open("no_tuple.npy", "wb").write(npy("7") + bytes(288))
    open("version9.npy", "wb").write(b"\x93NUMPY\x09\x00" + whole[8:])
    open("text.npy", "wb").write(b"This is a letter, not an array.\n" * 20)
    open("long_header.npy", "wb").write(b"\x93NUMPY\x02\x00" + struct.pack("<I", 0xFFFFFFF0) + bytes(200))
    with open("memory.npy", "wb") as out:  # 256 GiB of holes: 1 TiB as float32
        out.write(npy((16384, 16384, 1024), "'|u1'"))
        out.truncate(out.tell() + 16384 * 16384 * 1024)


def pictures():
    open("good.jpg", "wb").write(jpeg(64, 48))
    open("huge.jpg", "wb").write(jpeg(65500, 65500))
    open("cut.jpg", "wb").write(jpeg()[:20])
    open("huge.png", "wb").write(png(4, 4, 3, claim=(2**31 - 1, 2**31 - 1)))
    open("cut.png", "wb").write(png(40, 40, 3)[:30])
    open("no.jpg", "wb").write(b"GIF89a, in truth")


def scene(name, files):
    os.mkdir(name)
    for file, body in files.items():
        if isinstance(body, numpy.ndarray):
            buffer = io.BytesIO()
            numpy.save(buffer, body)
            body = buffer.getvalue()
        elif not isinstance(body, bytes):
            body = (body if isinstance(body, str) else json.dumps(body)).encode()
        open(os.path.join(name, file), "wb").write(body)


def scenes():
    ones = numpy.ones((4, 6, 3), "<f4")
    scene("tie", {"picture.png": png(32, 32, 3), "map.npy": numpy.ones((16, 16, 16), "<f4")})
    scene("neither", {"picture.png": png(64, 32, 3), "map.npy": numpy.ones((10, 30, 90), "<f4")})
    scene("empty", {})
    scene("no_maps", {"scene.json": {"maps": []}})
    scene("bad_json", {"scene.json": '{"maps": [', "map.npy": ones})
    scene("no_file", {"scene.json": {"maps": [{"file": "elsewhere.npy"}]}})
    scene("flat_extent", {"picture.png": png(60, 40, 3), "map.npy": ones,
                          "scene.json": {"picture": "picture.png", "maps": [{"file": "map.npy", "extent": [0, 0, 0, 40]}]}})
    scene("text_extent", {"picture.png": png(60, 40, 3), "map.npy": ones,
                          "scene.json": {"picture": "picture.png", "maps": [{"file": "map.npy", "extent": "all"}]}})
    scene("slash", {"map.npy": ones, "scene.json": {"maps": [{"file": "map.npy", "name": "a/b"}]}})
    scene("bad_picture", {"picture.jpg": b"no picture", "map.npy": ones})


os.chdir(sys.argv[1])
arrays()
zips()
pictures()
scenes()
open("letter.txt", "w").write("Dear reader,\n")
