#!/usr/bin/env python3
"""Writes the scenes that tests/protocol/files.test.mjs has served: usage: make_served.py DIRECTORY

lesson.npz (two layers and a picture), tokens.safetensors (a layer that its metadata describes and
a picture), cube.hdr + cube.img (bad bands, cells without data, wavelengths), plain.bin, and field.hdr,
visible.hdr, wrong.hdr (the same values, and headers that ask for a picture in different ways).
"""
import json
import os
import struct
import sys

import numpy as np

H, W = 12, 16
rng = np.random.default_rng(5)
os.chdir(sys.argv[1])


def ramp(h, w):
    y, x = np.mgrid[0:h, 0:w]
    return np.stack([x * 255 // (w - 1), y * 255 // (h - 1), (x + y) % 2 * 200], -1).astype("u1")


conv2 = rng.normal(size=(H, W, 10)).astype("<f4")
conv3 = rng.normal(size=(20, H // 2, W // 2)).astype("<f2")
np.savez_compressed("lesson.npz", conv2=conv2, conv3=conv3, classes=np.arange(3), image=ramp(96, 128))

block = rng.normal(size=(1, 1 + H * W, 6)).astype("<f4")
image = np.dstack([ramp(48, 64), np.full((48, 64), 255, "u1")])
arrays = {"block": ("F32", block), "image": ("U8", image)}
header, data = {"__metadata__": {"farlook.layout": "NLC", "farlook.grid": f"{H}x{W}", "farlook.skip": "1",
                                 "farlook.extent.block": "0,0,64,46.5"}}, b""
for name, (kind, array) in arrays.items():
    header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [len(data), len(data) + array.nbytes]}
    data += array.tobytes()
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
open("tokens.safetensors", "wb").write(struct.pack("<Q", len(text)) + text + data)

cube = rng.integers(1, 4000, (H, W, 8)).astype(">i2")
cube[2, 3] = cube[7, 9, 4] = -9999
cube[5, 5, 2] = -9999  # in a bad band: it does not count
open("cube.img", "wb").write(cube.transpose(0, 2, 1).tobytes())
open("cube.hdr", "w").write(f"""ENVI
samples = {W}
lines = {H}
bands = 8
data type = 2
interleave = bil
byte order = 1
data ignore value = -9999
wavelength units = Nanometers
wavelength = {{400, 425.5, 450, 475, 500, 525, 550, 1e3}}
bbl = {{1, 1, 0, 1, 1, 0, 1, 1}}
""")

field = rng.normal(size=(H, W, 5)).astype("<f4") * 1000
field[3, 5] = np.nan
for name, bands in [("field", "default bands = {5, 1, 3}\ndefault stretch = 10.0% linear"),
                    ("visible", "wavelength units = Micrometers\nwavelength = {0.47, 0.56, 0.65, 0.86, 1.6}"),
                    ("wrong", "default bands = {7, 2, 1}")]:
    field.tofile(f"{name}.img")
    open(f"{name}.hdr", "w").write(f"""ENVI
samples = {W}
lines = {H}
bands = 5
data type = 4
interleave = bip
byte order = 0
{bands}
""")


def painted(bands, percent):
    """The bands as a picture: each stretched over its cells with data, those without black."""
    shown = field[..., [band - 1 for band in bands]].astype("f8")
    ends = [np.nanpercentile(shown, p, axis=(0, 1), method="nearest") for p in (percent, 100 - percent)]
    levels = np.floor(255 * np.clip((shown - ends[0]) / (ends[1] - ends[0]), 0, 1) + 0.5)
    return np.where(np.isnan(shown).any(-1, keepdims=True), 0, levels).astype("u1")


conv2.tofile("plain.bin")
good = cube[..., [0, 1, 3, 4, 6, 7]].astype("f4")
wanted = {"conv2": conv2, "conv3": conv3.transpose(1, 2, 0), "block": block[0, 1:].reshape(H, W, 6), "cube": good}
wanted.update(field=painted([5, 1, 3], 10), visible=painted([3, 2, 1], 2))
json.dump({name: {"shape": array.shape, "values": array.astype("f8").ravel().tolist()} for name, array in wanted.items()}, open("wanted.json", "w"))
