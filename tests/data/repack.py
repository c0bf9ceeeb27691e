#!/usr/bin/env python3
"""Real .npy maps in other containers: usage: repack.py DIRECTORY MAP.npy...

Writes all.npz (packed), all.safetensors and, of each float32 map, NAME.hdr with its bands one after the other.
"""
import json
import os
import struct
import sys

import numpy as np

arrays = {os.path.basename(path)[:-4]: np.load(path) for path in sys.argv[2:]}
os.chdir(sys.argv[1])
np.savez_compressed("all.npz", **arrays)
header, at = {}, 0
for name, array in arrays.items():
    header[name] = {"dtype": {"f4": "F32", "f2": "F16"}[array.dtype.str[1:]], "shape": array.shape, "data_offsets": [at, at + array.nbytes]}
    at += array.nbytes
text = json.dumps(header).encode()
with open("all.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text)
    for array in arrays.values():
        file.write(array.tobytes())
for name, array in arrays.items():
    if array.dtype == "<f4":
        h, w, d = array.shape
        open(name + ".bsq", "wb").write(array.transpose(2, 0, 1).tobytes())
        open(name + ".hdr", "w").write(f"ENVI\nsamples = {w}\nlines = {h}\nbands = {d}\ndata type = 4\ninterleave = bsq\nbyte order = 0\n")
