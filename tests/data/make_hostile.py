#!/usr/bin/env python3
"""Writes files that are broken in one way each, and what a reader must say of them.

usage: make_hostile.py DIRECTORY

list.txt there has one line per file: path (words behind it included), "open" or "load" (when it is
noticed), the error's code as in proto/README.md, words of its sentence; separated by tabs.
"""
import io
import json
import os
import struct
import sys
import warnings
import zipfile

import numpy as np

warnings.simplefilter("ignore")  # of zipfile, for two members of one name
ROOT = sys.argv[1]
LIST = open(os.path.join(ROOT, "list.txt"), "w")
UNSUPPORTED, TOO_BIG, FORMAT, NOT_FOUND, RANGE, TIE = 5, 6, 7, 4, 3, 15
ONE = np.arange(60, dtype="f4").reshape(4, 3, 5)


def write(name, data):
    with open(os.path.join(ROOT, name), "wb") as file:
        file.write(data)


def refused(path, code, says, when="open"):
    print(path, when, code, says, sep="\t", file=LIST)


def bad(name, data, code, says, when="open"):
    write(name, data)
    refused(name, code, says, when)


def npy(array, **options):
    out = io.BytesIO()
    np.save(out, array, **options)
    return out.getvalue()


def npy_head(shape, descr="<f4"):
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


def archive(members, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, data in members:
            file.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return out.getvalue()


def patched(data, at, value):
    return data[:at] + value + data[at + len(value):]


def central(data):
    return data.index(b"PK\x01\x02")


def npz():
    whole = archive([("a.npy", npy(ONE))])
    packed = archive([("a.npy", npy(ONE))], zipfile.ZIP_DEFLATED)
    bad("empty.npz", b"", FORMAT, "is an empty file")
    bad("text.npz", b"This is no archive.\n" * 9, FORMAT, "is not a sound zip file")
    bad("cut.npz", whole[:len(whole) // 2], FORMAT, "is not a sound zip file")
    bad("hollow.npz", archive([]), NOT_FOUND, "holds no array")
    bad("notes.npz", archive([("notes.txt", b"Hello")]), NOT_FOUND, "holds no array")
    bad("twice.npz", archive([("a.npy", npy(ONE)), ("a.npy", npy(ONE))]), FORMAT, 'holds two arrays named "a"')
    bad("no-npy.npz", archive([("a.npy", b"none at all")]), FORMAT, "a is not a .npy file")
    bad("vectors.npz", archive([("a.npy", npy(ONE[0])), ("b.npy", npy(ONE[0, 0]))]), UNSUPPORTED, "holds 2 arrays and none with the axes")
    bad("objects.npz", archive([("a.npy", npy(np.array([[[None]]]), allow_pickle=True))]), UNSUPPORTED, "Python objects")
    bad("batch.npz", archive([("a.npy", npy(ONE[None].repeat(2, 0)))]), UNSUPPORTED, "2 maps in one array")
    bad("void.npz", archive([("a.npy", npy(ONE[:0]))]), FORMAT, "holds no value")
    bad("short.npz", archive([("a.npy", npy(ONE)[:-4])]), FORMAT, "promises 240 bytes of values and 236 are there")
    bad("short-packed.npz", archive([("a.npy", npy(ONE)[:-4])], zipfile.ZIP_DEFLATED), FORMAT, "promises 240 bytes of values and 236")
    bad("deep.npz", archive([("a.npy", npy_head((1, 1, 65537)) + bytes(4 * 65537))]), TOO_BIG, "65537 channels")
    bad("overflow.npz", archive([("a.npy", npy_head((2**33, 2**33, 2)) + bytes(99))]), FORMAT, "promises 18446744073709551615 bytes")
    bad("memory.npz", archive([("a.npy", npy_head((2**20, 2**20, 2**16)) + bytes(99))]), FORMAT, "and 99 are there")
    at = central(packed)
    bad("bomb.npz", patched(packed, at + 24, struct.pack("<I", 2**31)), FORMAT, "cannot unpack to the 2.0 GiB")
    stored = patched(whole, central(whole) + 24, struct.pack("<I", 9999))
    bad("stored-size.npz", stored, FORMAT, "cannot unpack to the 9.8 KiB")
    bad("locked.npz", patched(patched(whole, central(whole) + 8, b"\x01\x00"), 6, b"\x01\x00"), UNSUPPORTED, "is encrypted")
    bad("method.npz", patched(patched(whole, central(whole) + 10, b"\x0c\x00"), 8, b"\x0c\x00"), UNSUPPORTED, "is packed with method 12")
    start = whole.index(b"\x93NUMPY")
    small = [(bytes([whole[start + 200] ^ 1]), 200, "CRC"), (b"X", 1, "CRC")]
    for k, (byte, offset, says) in enumerate(small):
        bad(f"checksum-{k}.npz", patched(whole, start + offset, byte), FORMAT, says)
    large = archive([("a.npy", npy(np.zeros((90, 90, 9), "f4")))])
    bad("checksum-late.npz", patched(large, len(large) // 2, b"X"), FORMAT, "CRC", "load")
    large = archive([("a.npy", npy(np.random.default_rng(1).integers(0, 9, (90, 90, 9)).astype("f4")))], zipfile.ZIP_DEFLATED)
    bad("deflate-late.npz", patched(large, len(large) - 999, b"\xff" * 99), FORMAT, "is not a sound zip file", "load")
    bad("slash.npz", archive([("a/b.npy", npy(ONE))]), FORMAT, 'without "/"', "add")
    bad("climb.npz", archive([("../../b.npy", npy(ONE))]), FORMAT, 'without "/"', "add")
    bad("dots.npz", archive([("...npy", npy(ONE))]), FORMAT, 'neither "." nor ".."', "add")
    bad("nameless.npz", archive([(".npy", npy(ONE))]), FORMAT, "name is 1 to", "add")
    bad("latin.npz", patched(patched(whole, 30, b"\xff"), central(whole) + 46, b"\xff"), FORMAT, "UTF-8", "add")


def tensors(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(dtype="F32", shape=(4, 3, 5), offsets=(0, 240), **more):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets), **more}


def safetensors():
    data = ONE.tobytes()

    def case(name, header, code, says, body=data, length=None):
        bad(name + ".safetensors", tensors(header, body, length), code, says)

    bad("empty.safetensors", b"", FORMAT, "shorter than any header")
    bad("few.safetensors", bytes(9), FORMAT, "shorter than any header")
    case("no-json", b"[1, 2, 3]", FORMAT, "does not begin with {")
    case("broken-json", b'{"a": ', FORMAT, "is not JSON")
    case("behind", b'{} {}', FORMAT, "is not JSON")
    case("twice", b'{"a": {"dtype": "F32"}, "a": {"dtype": "F32"}}', FORMAT, "is not JSON")
    case("latin", b'{"\xff": 1}', FORMAT, "is not JSON")
    case("deep", b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", FORMAT, "is not JSON")
    case("length", {"a": tensor()}, FORMAT, "ends inside its header", length=2**63)
    case("longer", {"a": tensor()}, FORMAT, "ends inside its header", length=5000)
    with open(os.path.join(ROOT, "huge.safetensors"), "wb") as file:
        file.write(struct.pack("<Q", 2**23 + 1) + b"{")
        file.truncate(2**23 + 100)
    refused("huge.safetensors", FORMAT, "more than 8 MiB")
    case("many", {f"t{k}": tensor(shape=[0], offsets=[0, 0]) for k in range(16385)}, FORMAT, "more than 16384 tensors", b"")
    case("none", {}, NOT_FOUND, "holds no array", b"")
    case("said-number", {"__metadata__": 5, "a": tensor()}, FORMAT, "__metadata__ is no object")
    case("number", {"a": 5}, FORMAT, '"a" has no description')
    case("no-dtype", {"a": {"shape": [1], "data_offsets": [0, 4]}}, FORMAT, "has no dtype")
    case("no-shape", {"a": {"dtype": "F32", "data_offsets": [0, 4]}}, FORMAT, "has no shape")
    case("no-offsets", {"a": {"dtype": "F32", "shape": [4, 3, 5]}}, FORMAT, "has no data_offsets")
    case("negative", {"a": tensor(shape=[-4, 3, 5])}, FORMAT, "something other than whole numbers")
    case("fraction", {"a": tensor(shape=[4.0, 3, 5])}, FORMAT, "something other than whole numbers")
    case("text-shape", {"a": tensor(shape=["4", 3, 5])}, FORMAT, "something other than whole numbers")
    case("rank", {"a": tensor(shape=[1] * 33)}, FORMAT, "no shape of at most 32 sizes")
    case("wide-number", b'{"a": {"dtype": "F32", "shape": [99999999999999999999], "data_offsets": [0, 240]}}', FORMAT, "is not JSON")
    case("overflow", {"a": tensor(shape=[2**62, 4, 4], offsets=[0, 0])}, FORMAT, "does not fill its data_offsets", b"")
    case("fill", {"a": tensor(shape=[4, 3, 4])}, FORMAT, "does not fill its data_offsets")
    case("backwards", {"a": tensor(offsets=[240, 0])}, FORMAT, "has no data_offsets, first and last")
    case("three-offsets", {"a": tensor(offsets=[0, 1, 240])}, FORMAT, "has no data_offsets, first and last")
    case("short", {"a": tensor()}, FORMAT, "promises at least 240 bytes of values and 239", data[:-1])
    case("behind-data", {"a": tensor()}, FORMAT, "1 bytes that no tensor describes", data + b"x")
    case("gap", {"a": tensor(offsets=[4, 244])}, FORMAT, "has a gap before it", data + bytes(4))
    case("overlap", {"a": tensor(), "b": tensor(offsets=[0, 240])}, FORMAT, "bytes that are another one's too")
    case("float8", {"a": tensor("F8_E4M3", offsets=[0, 60])}, UNSUPPORTED, "F8_E4M3, which is not read", bytes(60))
    case("nothing", {"a": tensor("F33")}, UNSUPPORTED, "F33, which is not read")
    case("weights", {"a": tensor(shape=[12, 5]), "b": tensor(shape=[], offsets=[240, 244])}, UNSUPPORTED, "holds 2 arrays and none", data + bytes(4))
    case("void", {"a": tensor(shape=[0, 3, 5], offsets=[0, 0])}, FORMAT, "holds no value", b"")
    for name, said, says in [("layout", {"farlook.layout": "WHC"}, '"layout" takes'), ("grid", {"farlook.grid": "5x4"}, "say layout NLC"),
                             ("tokens", {"farlook.layout": "NLC"}, "say grid too"), ("skip", {"farlook.layout": "NLC", "farlook.skip": "-1"}, '"skip" takes'),
                             ("extent", {"farlook.extent": "0,0,9"}, "x0,y0,x1,y1"), ("flat", {"farlook.extent": "0,0,0,9"}, "x0 < x1"),
                             ("endless", {"farlook.extent": "0,0,inf,9"}, "x0,y0,x1,y1"), ("own", {"farlook.layout.a": "X"}, '"layout" takes')]:
        code = FORMAT if name in ("extent", "flat", "endless") else RANGE
        case("said-" + name, {"__metadata__": said, "a": tensor()}, code, says)


def envi():
    good = {"samples": "3", "lines": "4", "bands": "5", "data type": "4", "interleave": "bip", "byte order": "0"}

    def case(name, change, code, says, data=ONE.tobytes(), head=None):
        lines = {**good, **change}
        text = "ENVI\n" + "".join(f"{key} = {value}\n" for key, value in lines.items() if value is not None)
        write(name + ".hdr", head if head is not None else text.encode())
        if data is not None:
            write(name + ".img", data)
        refused(name + ".hdr", code, says)

    case("e-none", {}, NOT_FOUND, "has no file of values beside it", None)
    write("alone.bsq", ONE.tobytes())
    refused("alone.bsq", NOT_FOUND, "has no ENVI header beside it")
    case("e-radiance", {}, FORMAT, "is no ENVI header", head=b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n")
    case("e-empty", {}, FORMAT, "is no ENVI header", head=b"")
    case("e-binary", {}, FORMAT, "is no ENVI header", head=b"ENVI\nsamples = 3\0")
    case("e-word", {}, FORMAT, 'does not say "samples"', head=b"ENVI")
    case("e-brace", {"wavelength": "{1, 2, 3"}, FORMAT, "does not close a brace")
    case("e-twice", {"Samples": "4"}, FORMAT, 'says "samples" twice')
    case("e-keys", {f"key {k}": "1" for k in range(1025)}, FORMAT, "more than 1024 keys")
    with open(os.path.join(ROOT, "e-long.hdr"), "wb") as file:
        file.write(b"ENVI\n")
        file.truncate(2**22 + 1)
    write("e-long.img", b"x")
    refused("e-long.hdr", FORMAT, "more than 4 MiB")
    for key in ("samples", "lines", "bands", "data type", "interleave", "byte order"):
        case("e-without-" + key.replace(" ", "-"), {key: None}, FORMAT, f'does not say "{key}"')
        case("e-odd-" + key.replace(" ", "-"), {key: "many"}, FORMAT, f'"{key}" must be')
    for key in ("samples", "lines", "bands"):
        for value in ("0", "-3", "3.0", "3 4", "99999999999999999999999"):
            case(f"e-{key}-{value.replace(' ', '_')}", {key: value}, FORMAT, f'"{key}" must be a whole number from 1 on')
    case("e-deep", {"bands": "65537"}, TOO_BIG, "65537 bands")
    case("e-side", {"samples": "1048577"}, TOO_BIG, "1048576 cells a side")
    case("e-memory", {"samples": "1048576", "lines": "1048576", "bands": "65536"}, TOO_BIG, "this machine has")
    for number in ("0", "7", "11", "16", "4294967300"):
        case(f"e-type-{number}", {"data type": number}, FORMAT, '"data type" must be 1 to 5 or 12 to 15')
    for number in ("6", "9"):
        case(f"e-type-{number}", {"data type": number}, UNSUPPORTED, "complex numbers")
    case("e-order", {"byte order": "2"}, FORMAT, '"byte order" must be 0 or 1')
    case("e-interleave", {"interleave": "bbq"}, FORMAT, '"interleave" must be bsq, bil or bip')
    case("e-short", {}, FORMAT, "promises 240 bytes of values behind 0 and the file has 239", ONE.tobytes()[:-1])
    case("e-offset", {"header offset": "1"}, FORMAT, "promises 240 bytes of values behind 1")
    case("e-offset-wide", {"header offset": str(2**64 - 8)}, FORMAT, "promises 240 bytes")
    case("e-offset-below", {"header offset": "-1"}, FORMAT, '"header offset" must be a whole number')
    case("e-frames", {"major frame offsets": "{0, 9}"}, UNSUPPORTED, '"major frame offsets" other than 0')
    case("e-packed", {"file compression": "1"}, UNSUPPORTED, '"file compression" other than 0')
    case("e-library", {"file type": "ENVI Spectral Library"}, UNSUPPORTED, "spectral library")
    for key in ("bbl", "wavelength"):
        for k, value in enumerate(["{1, 1, 1, 1}", "{1, 1, 1, 1, 1, 1}", "{1, 1, 1, 1, x}", "{}", "", "{1, 1, 1, 1, inf}", "{1;1;1;1;1}"]):
            case(f"e-{key}-{k}", {key: value}, FORMAT, f'"{key}" must have one number for each of the 5 bands')
    case("e-all-bad", {"bbl": "{0, 0, 0, 0, 0}"}, FORMAT, "nothing is left")
    case("e-ignore", {"data ignore value": "none"}, FORMAT, '"data ignore value" must be a number')


def words():
    write("map.bin", ONE.tobytes())
    np.save(os.path.join(ROOT, "map.npy"), ONE)
    np.save(os.path.join(ROOT, "tokens.npy"), ONE.reshape(1, 12, 5))
    np.save(os.path.join(ROOT, "two.npy"), ONE.reshape(2, 6, 5))
    np.save(os.path.join(ROOT, "pairs.npy"), np.zeros((4, 3, 5), "V2"))
    write("pairs.npz", archive([("a.npy", npy(np.zeros((4, 3, 5), "V2")))]))
    for text, code, says in [
            ("map.bin:raw", RANGE, "needs its shape and dtype"), ("map.bin:raw,4x3x5", RANGE, "needs its shape and dtype"),
            ("map.bin:raw,f4", RANGE, "needs its shape and dtype"), ("map.bin:f4,4x3x5", RANGE, "the file tells its dtype itself"),
            ("map.bin:4x3x5", RANGE, "are for raw files"), ("map.bin:raw,4x3x5,f3", RANGE, '"f3" is not known'),
            ("map.bin:raw,4x3x0,f4", RANGE, '"shape" takes sizes from 1 on'), ("map.bin:raw,4x-3x5,f4", RANGE, '"shape" takes'),
            ("map.bin:raw,4xx5,f4", RANGE, '"shape" takes'), ("map.bin:raw,4x3x5x,f4", RANGE, '"shape" takes'),
            ("map.bin:raw,99999999999999999999x3x5,f4", RANGE, '"shape" takes'), ("map.bin:raw,4x3x5,dtype=f4x", RANGE, '"dtype" takes'),
            ("map.bin:raw,4x3x5,f4,grid=4x3", RANGE, "say layout NLC"), ("map.bin:raw,12x5,f4,NLC", RANGE, "say grid too"),
            ("map.bin:raw,12x5,f4,NLC,grid=4", RANGE, '"grid" takes'), ("map.bin:raw,12x5,f4,LC,grid=4x4", FORMAT, "a grid of 4 x 4 behind 0"),
            ("map.bin:raw,12x5,f4,LC,grid=4x3,skip=1", FORMAT, "behind 1 skipped ones"), ("map.bin:raw,12x5,f4,LC,grid=4294967296x4294967296", FORMAT, "is another number"),
            ("map.bin:raw,4x3x5,f4,skip=x", RANGE, '"skip" takes'), ("map.bin:raw,4x3x5,f4,offset=-1", RANGE, '"offset" takes'),
            ("map.bin:raw,4x3x5,f4,speed=9", 2, '"speed" is not known'), ("map.bin:raw,4x3x5,f8", FORMAT, "has 240 bytes, and (4, 3, 5) values of f8 behind 0 bytes are 480"),
            ("map.bin:raw,4x3x5,f2", FORMAT, "are 120"), ("map.bin:raw,4x3x5,f4,offset=4", FORMAT, "behind 4 bytes are 244"),
            ("map.bin:raw,60,f4", UNSUPPORTED, "not that of a feature map"), ("map.bin:raw,12x5,f4", UNSUPPORTED, "need layout NLC"),
            ("map.bin:raw,4294967296x4294967296x4,f4", TOO_BIG, "no file is so large"),
            ("map.bin:raw,4x3x5,f4,offset=18446744073709551615", TOO_BIG, "no file is so large"),
            ("map.npy:float32", RANGE, "the file tells its dtype itself"), ("map.npy:offset=3", RANGE, "are for raw files"),
            ("map.npy:HWD", RANGE, '"HWD" is not known'), ("map.npy:LC,grid=4x3", UNSUPPORTED, "the tokens of 4 pictures"),
            ("tokens.npy:NLC,grid=3x5", FORMAT, "is 12 tokens, and a grid of 3 x 5"), ("two.npy:NLC,grid=2x3", UNSUPPORTED, "the tokens of 2 pictures"),
            ("pairs.npy", UNSUPPORTED, "bfloat16"), ("pairs.npz", UNSUPPORTED, "bfloat16"), ("map.npy:grid=2x2", RANGE, "say layout NLC")]:
        refused(text, code, says)


for each in (npz, safetensors, envi, words):
    each()
LIST.close()
