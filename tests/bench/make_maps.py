#!/usr/bin/env python3
"""Synthetic maps of the sizes that bench_load asks for: conv2.npy, large.npy and wide.npy.

usage: make_maps.py DIRECTORY

Like features behind a ReLU: smooth over the picture, half of them zero, a little noise, so that
frames have sizes like those of real maps.
"""
import os
import sys

import numpy as np


def features(h, w, d, seed):
    rng = np.random.default_rng(seed)
    out = np.empty((h, w, d), np.float32)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    blobs = [np.exp(-((x - w * rng.random()) ** 2 + (y - h * rng.random()) ** 2)
                    / (2 * (0.03 + 0.12 * rng.random()) ** 2 * w * h)) for _ in range(24)]
    blobs = np.stack(blobs).astype(np.float32)
    for k in range(d):
        smooth = np.tensordot(rng.normal(size=len(blobs)).astype(np.float32), blobs, 1)
        noise = rng.normal(scale=0.05, size=(h, w)).astype(np.float32)
        out[:, :, k] = np.maximum(0, smooth - 0.02 + noise)
    return out


def save(path, h, w, d, seed):
    if os.path.exists(path):
        return
    np.save(path + ".part.npy", features(h, w, d, seed))
    os.replace(path + ".part.npy", path)


os.makedirs(sys.argv[1], exist_ok=True)
save(os.path.join(sys.argv[1], "conv2.npy"), 160, 106, 256, 1)
save(os.path.join(sys.argv[1], "large.npy"), 512, 1024, 64, 2)
save(os.path.join(sys.argv[1], "wide.npy"), 256, 512, 256, 3)
