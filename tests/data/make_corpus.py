#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets npz, safetensors, envi and raw.

usage: make_corpus.py tests/fuzz/corpus
"""
import io
import json
import os
import struct
import sys
import zipfile

import numpy as np

ROOT = sys.argv[1]
ONE = np.arange(18, dtype="f4").reshape(2, 3, 3)
RGB = np.arange(24, dtype="u1").reshape(2, 4, 3)


def write(target, name, data):
    os.makedirs(os.path.join(ROOT, target), exist_ok=True)
    with open(os.path.join(ROOT, target, name), "wb") as file:
        file.write(data)


def npy(array, version=(1, 0)):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, version=version)
    return out.getvalue()


class Pipe(io.RawIOBase):
    data = b""

    def writable(self):
        return True

    def write(self, data):
        self.data += bytes(data)
        return len(data)


def archive(arrays, method=zipfile.ZIP_STORED, zip64=False, streamed=False, version=(1, 0)):
    out = Pipe() if streamed else io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, array in arrays.items():
            info = zipfile.ZipInfo(name + ".npy")
            info.compress_type = method
            with file.open(info, "w", force_zip64=zip64) as member:
                member.write(npy(array, version))
    return out.data if streamed else out.getvalue()


def halves(first, second):
    """As fuzz_npz.c takes it: the first byte tells where the second array begins, in 255ths."""
    while True:
        total = len(first) + len(second)
        at = -(-len(first) * 255 // total)
        if total * at // 255 == len(first):
            return bytes([at]) + first + second
        first += b"\0"


def npz():
    both = {"a": ONE, "image": RGB}
    write("npz", "stored", archive(both))
    write("npz", "deflated", archive(both, zipfile.ZIP_DEFLATED))
    write("npz", "zip64", archive({"a": ONE}, zip64=True))
    write("npz", "streamed", archive(both, zipfile.ZIP_DEFLATED, streamed=True))
    write("npz", "tokens", archive({"t": np.arange(28, dtype="f2").reshape(1, 7, 4)}))
    write("npz", "bf16", archive({"a": np.zeros((7, 3), "<u2").view("V2")}))
    write("npz", "fortran-big", archive({"a": np.array(ONE.astype(">i4"), order="F")}, version=(3, 0)))
    write("npz", "grey", archive({"image": RGB[..., 0]}))
    for name, second in {"members": RGB, "members-grey": RGB[..., 0], "members-fortran": np.array(RGB, order="F")}.items():
        write("npz", name, halves(npy(ONE), npy(second)))
    write("npz", "rgba", archive({"image": np.zeros((2, 2, 4), "u1"), "b": np.zeros((2, 2, 1), "?")}))


def tensors(header, data):
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def tensor(dtype, shape, begin, size):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, begin + size]}


def safetensors():
    one = ONE.tobytes()
    write("safetensors", "one", tensors({"a": tensor("F32", ONE.shape, 0, 72)}, one))
    header = {"__metadata__": {"format": "pt", "farlook.layout": "CHW", "farlook.extent": "0,0,640,427"},
              "a": tensor("F32", ONE.shape, 0, 72), "image": tensor("U8", RGB.shape, 72, 24)}
    write("safetensors", "picture", tensors(header, one + RGB.tobytes()))
    said = {"farlook.layout.t": "NLC", "farlook.grid.t": "2x3", "farlook.skip.t": "1", "farlook.image": "p"}
    header = {"__metadata__": said, "t": tensor("BF16", (7, 2), 0, 28), "p": tensor("U8", (2, 2, 4), 28, 16)}
    write("safetensors", "tokens", tensors(header, bytes(range(44))))
    at, header = 0, {}
    for dtype, size in {"F64": 8, "I64": 8, "U64": 8, "I32": 4, "U32": 4, "F16": 2, "I16": 2, "U16": 2, "I8": 1, "U8": 1, "BOOL": 1}.items():
        header[dtype] = tensor(dtype, (1, 2, 1), at, 2 * size)
        at += 2 * size
    header.update({"scalar": tensor("F32", (), at, 4), "void": tensor("F32", (0, 1, 1), at + 4, 0), "f8": tensor("F8_E5M2", (3,), at + 4, 3)})
    write("safetensors", "types", tensors(header, bytes(range(at + 7))))


def envi():
    for name, kind, order, interleave, more in [
            ("bip", 4, 0, "bip", ""), ("bil", 12, 1, "bil", "header offset = 3\n"), ("bsq", 2, 1, "bsq", "data ignore value = 257\n"),
            ("bands", 5, 0, "bsq", "bbl = {1,\n 0, 1}\nwavelength units = Nanometers\nwavelength = {400, 500.5, 6e2}\n"),
            ("ends", 13, 0, "bip", "BBL = {0, 1, 0}\ndata ignore value = -9999.0\n"), ("bytes", 1, 0, "bil", "; a comment\nfile type = ENVI Standard\n")]:
        head = f"ENVI\ndescription = {{a = b\n}}\nsamples = 3\nlines = 2\nbands = 3\ndata type = {kind}\nbyte order = {order}\ninterleave = {interleave}\n{more}"
        write("envi", name, head.encode() + b"\0" + bytes(range(180)))


def raw():
    for name, words, size in [
            ("f4", "raw,2x3x3,f4", 72), ("chw", "raw,3x2x3,>i2,CHW,offset=4", 40), ("batch", "raw,1x2x3x3,u1,1HWC", 18),
            ("tokens", "raw,7x2,bfloat16,LC,grid=2x3,skip=1", 28), ("keys", "raw,shape=2x3x3,dtype=float64,layout=HWC", 144)]:
        write("raw", name, words.encode() + b"\n" + bytes(k % 251 for k in range(size)))
    for k, words in enumerate(["bfloat16", "NLC,grid=52x80,skip=5", "52,80", "106x160x256", "CHW"]):
        write("raw", f"words-{k}", words.encode())


for each in (npz, safetensors, envi, raw):
    each()
