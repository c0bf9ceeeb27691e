#!/usr/bin/env python3
"""Writes .npy files of every type, byte order, array order and version into a directory, and
beside each the float32 values it holds (rows, columns, channels) as NumPy converts them.

usage: make_npy.py DIRECTORY

list.txt there has one line per file: name, layout, w, h, d. The values are in NAME.f32.
"""
import os
import sys

import numpy as np

WHOLE = ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8"]
H, W, D = 5, 4, 23


def values(dtype):
    """h x w x d values that visit the corners of the type."""
    random = np.random.default_rng(7)
    n = H * W * D
    if dtype == "b1":
        return random.integers(0, 2, n).astype(bool).reshape(H, W, D)
    if dtype in WHOLE:
        info = np.iinfo(dtype)
        flat = random.integers(info.min, info.max, n, dtype=dtype, endpoint=True)
        flat[:4] = [info.min, info.max, 0, 1]
        if info.bits > 16:  # around 2^24, where float32 starts to round, ties included
            flat[4:12] = 2**24 + np.arange(8)
        return flat.reshape(H, W, D)
    flat = random.normal(size=n).astype(dtype)
    if dtype == "f2":  # every exponent, subnormals too
        flat[: n - 8] = np.linspace(0, 65535, n - 8).astype("u2").view("f2")
    if dtype == "f8":
        flat[20:24] = [1e300, -1e300, 1e-320, 1 + 2.0**-25]
    tiny = np.finfo(dtype).tiny
    flat[-8:] = [np.inf, -np.inf, np.nan, -0.0, 0.0, tiny, tiny / 4, -tiny / 4]
    return flat.reshape(H, W, D)


def save(folder, listing, name, array, version, layout):
    with open(os.path.join(folder, name + ".npy"), "wb") as file:
        np.lib.format.write_array(file, array, version=version)
    hwc = array
    if layout in ("1CHW", "1HWC"):
        hwc = hwc[0]
    if layout in ("1CHW", "CHW"):
        hwc = hwc.transpose(1, 2, 0)
    with np.errstate(over="ignore"):
        wide = np.ascontiguousarray(hwc).astype("<f4")
    wide.tofile(os.path.join(folder, name + ".f32"))
    h, w, d = hwc.shape
    listing.write(f"{name} {layout} {w} {h} {d}\n")


def main():
    folder = sys.argv[1]
    with open(os.path.join(folder, "list.txt"), "w") as listing:
        for dtype in ["b1"] + WHOLE + ["f2", "f4", "f8"]:
            hwc = values(dtype)
            for order in "<>":
                typed = hwc.astype(order + dtype)
                for fortran in "CF":
                    for version in [(1, 0), (2, 0), (3, 0)]:
                        array = np.array(typed, order=fortran)
                        name = f"{dtype}{'le' if order == '<' else 'be'}{fortran}{version[0]}"
                        save(folder, listing, name, array, version, "HWC")
        for dtype in ["f2", "f4", "u1"]:
            chw = np.ascontiguousarray(values(dtype).transpose(2, 0, 1))
            hwc = values(dtype)
            for fortran in "CF":
                arrays = {"CHW": chw, "1CHW": chw[None], "1HWC": hwc[None]}
                for layout, array in arrays.items():
                    array = np.array(array, order=fortran)
                    save(folder, listing, f"{dtype}{layout}{fortran}", array, (1, 0), layout)
        wide = np.arange(3 * 130 * 37, dtype="f4").reshape(37, 3, 130)  # more than one tile
        save(folder, listing, "tiles_chw", wide, (1, 0), "CHW")
        save(folder, listing, "tiles_chw_f", np.array(wide, order="F"), (1, 0), "CHW")
        save(folder, listing, "tiles_hwc_f", np.array(wide, order="F"), (1, 0), "HWC")
        tall = np.arange(130 * 3 * 37, dtype="f4").reshape(130, 3, 37)
        save(folder, listing, "tall_hwc_f", np.array(tall, order="F"), (1, 0), "HWC")
        one = np.arange(12, dtype="f4").reshape(1, 3, 4)
        save(folder, listing, "one_channel_chw", one, (1, 0), "CHW")
        save(folder, listing, "one_row_hwc", one, (1, 0), "HWC")


main()
