#!/usr/bin/env python3
"""Writes .npz, .safetensors, ENVI, raw and token files in every type, order and variant into a
directory, and beside each map the float32 values it holds (rows, columns, channels) as NumPy has
them.

usage: make_files.py DIRECTORY

maps.txt there has one line per map: path (words behind it included), layer, w, h, d, whether its
rows lie ready in memory once it is loaded, the file of values; separated by tabs.
pictures.txt: path, w, h, the file of RGB bytes.
"""
import io
import json
import os
import struct
import sys
import zipfile

import numpy as np

H, W, D = 5, 4, 23
WHOLE = ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8"]
TYPES = ["b1"] + WHOLE + ["f2", "f4", "f8"]


def values(dtype, shape=(H, W, D), seed=7):
    random = np.random.default_rng(seed)
    if dtype == "b1":
        return random.integers(0, 2, shape).astype(bool)
    if dtype in WHOLE:
        info = np.iinfo(dtype)
        return random.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
    flat = random.normal(size=int(np.prod(shape))).astype(dtype)
    flat[-5:] = [np.inf, -np.inf, np.nan, -0.0, np.finfo(dtype).tiny]
    return flat.reshape(shape)


class Folder:
    def __init__(self, path):
        self.path = path
        self.maps = open(os.path.join(path, "maps.txt"), "w")
        self.pictures = open(os.path.join(path, "pictures.txt"), "w")
        self.count = 0

    def file(self, name):
        return os.path.join(self.path, name)

    def write(self, name, data):
        with open(self.file(name), "wb") as file:
            file.write(data)

    def _values(self, data):
        name = f"{self.count}.values"
        self.count += 1
        self.write(name, data)
        return name

    def map(self, path, layer, hwc, in_place):
        with np.errstate(over="ignore", invalid="ignore"):
            wide = np.ascontiguousarray(hwc).astype("<f4")
        h, w, d = hwc.shape
        print(path, layer, w, h, d, int(in_place), self._values(wide.tobytes()), sep="\t", file=self.maps)

    def picture(self, path, rgb):
        h, w, _ = rgb.shape
        print(path, w, h, self._values(np.ascontiguousarray(rgb).tobytes()), sep="\t", file=self.pictures)


def npy(array, version=(1, 0)):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, version=version)
    return out.getvalue()


class Pipe(io.RawIOBase):
    """What cannot be rewound: zipfile puts sizes and checksums behind the data."""

    def __init__(self):
        super().__init__()
        self.data = b""

    def writable(self):
        return True

    def write(self, data):
        self.data += bytes(data)
        return len(data)


def zipped(arrays, method=zipfile.ZIP_STORED, zip64=False, streamed=False, versions=None):
    out = Pipe() if streamed else io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for at, (name, array) in enumerate(arrays.items()):
            version = versions[at % len(versions)] if versions else (1, 0)
            with archive.open(zipfile.ZipInfo(name + ".npy") if streamed else name + ".npy", "w",
                              force_zip64=zip64) as member:
                member.write(npy(array, version))
    return out.data if streamed else out.getvalue()


def all_types():
    arrays = {}
    for dtype in TYPES:
        for order in "<>":
            for fortran in "CF":
                typed = values(dtype).astype(order + dtype)
                arrays[f"{dtype}{'le' if order == '<' else 'be'}{fortran}"] = np.array(typed, order=fortran)
    return arrays


def npz(folder):
    arrays = all_types()
    several = {"versions": [(1, 0), (2, 0), (3, 0)]}
    kinds = {"stored": {}, "deflated": {"method": zipfile.ZIP_DEFLATED}, "zip64": {"zip64": True},
             "zip64-deflated": {"zip64": True, "method": zipfile.ZIP_DEFLATED}, "streamed": {"streamed": True},
             "streamed-deflated": {"streamed": True, "method": zipfile.ZIP_DEFLATED}, "versions": several}
    for kind, options in kinds.items():
        folder.write(kind + ".npz", zipped(arrays, **options))
        for name, array in arrays.items():
            folder.map(kind + ".npz", name, array, name == "f4leC")
    for name, save in {"savez": np.savez, "savez-packed": np.savez_compressed}.items():
        chw = values("f4").transpose(2, 0, 1)
        image = values("u1", (50, 40, 3))
        save(folder.file(name + ".npz"), a=values("f2"), b=chw, c=chw[None], d=values("f4")[None],
             flat=np.arange(6), text=np.array(["no", "map"]), image=image)
        folder.map(name + ".npz", "a", values("f2"), False)
        for layer in "bcd":
            folder.map(name + ".npz", layer, values("f4"), layer == "d")
        folder.picture(name + ".npz", image)


def pictures(folder):
    one = values("f4")
    rgba = values("u1", (20, 16, 4))
    alpha = rgba[..., 3:].astype(int)
    over = (rgba[..., :3].astype(int) * alpha + 255 * (255 - alpha) + 127) // 255
    grey = values("u1", (20, 16))
    thrice = np.repeat(grey[..., None], 3, 2)
    rgb = values("u1", (20, 16, 3))
    kinds = {"rgb": (rgb, rgb), "rgb-fortran": (np.array(rgb, order="F"), rgb), "batch": (rgb[None], rgb),
             "rgba": (rgba, over.astype("u1")), "grey": (grey, thrice), "grey-1": (grey[..., None], thrice),
             "grey-fortran": (np.array(grey, order="F"), thrice)}
    for name, (image, want) in kinds.items():
        folder.write(f"picture-{name}.npz", zipped({"map": one, "image": image}))
        folder.picture(f"picture-{name}.npz", want)
    folder.write("picture.safetensors", tensors({"image": rgba, "map": one}))
    folder.picture("picture.safetensors", over.astype("u1"))
    folder.write("named.safetensors", tensors({"photo": rgb, "map": one}, {"farlook.image": "photo"}))
    folder.picture("named.safetensors", rgb)


def tensors(arrays, metadata=None, types=None, pad=8):
    """A safetensors file as its description says, without its library."""
    names = {"b1": "BOOL", "u1": "U8", "i1": "I8", "u2": "U16", "i2": "I16", "u4": "U32", "i4": "I32",
             "u8": "U64", "i8": "I64", "f2": "F16", "f4": "F32", "f8": "F64"}
    header, data = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for name, array in arrays.items():
        body = np.ascontiguousarray(array).tobytes()
        kind = (types or {}).get(name) or names[array.dtype.str[1:]]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [len(data), len(data) + len(body)]}
        data += body
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % pad)
    return struct.pack("<Q", len(text)) + text + data


def safetensors(folder):
    arrays = {dtype: values(dtype) for dtype in reversed(TYPES)}
    bits = np.random.default_rng(3).integers(0, 65536, (H, W, D)).astype("<u2")
    arrays["bf16"] = bits
    wide = (bits.astype("<u4") << 16).view("<f4")
    arrays.update({"scalar": np.float32(1), "none": np.zeros((0, 4, 5), "f4"), "weights": np.zeros((7, 9), "f4")})
    arrays = {name: arrays[name] for name in sorted(arrays, key=lambda each: -arrays[each].dtype.itemsize)}
    folder.write("all.safetensors", tensors({k: v for k, v in arrays.items() if k != "none"}, {"format": "pt"}, {"bf16": "BF16"}))
    for name in TYPES:
        folder.map("all.safetensors", name, values(name), name == "f4")
    folder.map("all.safetensors", "bf16", wide, False)
    one = values("f4")
    metadata = {"farlook.layout": "CHW", "farlook.layout.hwc": "HWC", "farlook.layout.tokens": "NLC",
                "farlook.grid.tokens": "5x4", "farlook.skip.tokens": "2"}
    tokens = np.concatenate([np.zeros((2, D), "f4"), one.reshape(-1, D)])
    folder.write("said.safetensors", tensors({"chw": one.transpose(2, 0, 1), "hwc": one, "tokens": tokens}, metadata))
    for name in ["chw", "hwc", "tokens"]:
        folder.map("said.safetensors", name, one, name != "chw")
    folder.write("odd.safetensors", tensors({"a": values("u1", (1, 1, 3)), "b": one, "c": values("f8")}, pad=1))
    folder.map("odd.safetensors", "b", one, False)  # at an odd place
    folder.map("odd.safetensors", "c", values("f8"), False)


NUMBERS = {"u1": 1, "i2": 2, "i4": 3, "f4": 4, "f8": 5, "u2": 12, "u4": 13, "i8": 14, "u8": 15}
AXES = {"bsq": (2, 0, 1), "bil": (0, 2, 1), "bip": (0, 1, 2)}


def envi(folder, name, hwc, interleave="bip", order="<", offset=0, extension="", extra=""):
    h, w, d = hwc.shape
    typed = hwc.astype(order + hwc.dtype.str[1:])
    folder.write(name + extension, bytes(range(offset)) + typed.transpose(AXES[interleave]).tobytes())
    text = (f"ENVI\ndescription = {{\n  a cube = of {d} bands, made to test}}\nsamples = {w}\nlines   = {h}\n"
            f"bands   = {d}\nheader offset = {offset}\nfile type = ENVI Standard\n"
            f"data type = {NUMBERS[hwc.dtype.str[1:]]}\ninterleave = {interleave}\n; a comment = 5\n"
            f"byte order = {int(order == '>')}\n{extra}")
    folder.write(name + ".hdr", text.encode())


def cubes(folder):
    at = 0
    for dtype in NUMBERS:
        for interleave in AXES:
            for order in "<>":
                name = f"{dtype}-{interleave}-{'le' if order == '<' else 'be'}"
                offset = [0, 16, 37][at % 3]
                extension = ["", ".img", ".dat", ".raw", "." + interleave, ".BSQ"][at % 6]
                at += 1
                envi(folder, name, values(dtype), interleave, order, offset, extension)
                folder.map(name + ".hdr", name, values(dtype), name == "f4-bip-le" and offset % 4 == 0)
    envi(folder, "in-place", values("f4"))
    folder.map("in-place.hdr", "in-place", values("f4"), True)
    folder.map("in-place", "in-place", values("f4"), True)  # by its values
    envi(folder, "upper.img", values("f4"), "bsq")
    folder.map("upper.img.hdr", "upper", values("f4"), False)
    bad_bands(folder)


def bad_bands(folder):
    hwc = values("i2")
    bad = {"inner": [0, 5, 6, 12, 22], "ends": [0, 1, 21, 22], "one": [b for b in range(D) if b != 9], "none": []}
    for name, bands in bad.items():
        for interleave in AXES:
            flags = "bbl = {\n " + ",\n ".join("0" if b in bands else "1" for b in range(D)) + "}\n"
            file = f"bad-{name}-{interleave}"
            envi(folder, file, hwc, interleave, ">", 3, extra=flags.upper().replace("BBL", "BbL"))
            folder.map(file + ".hdr", file, hwc[..., [b for b in range(D) if b not in bands]], name == "inner")
    for dtype, ignored, text in [("i2", -9999, "-9999"), ("f4", np.float32(-3.4e38), "-3.4e+38"), ("f8", -1e300, "-1e300"),
                                 ("u1", 255, "255"), ("u4", 2**32 - 1, "4294967295"), ("i8", -2**62, str(-2**62))]:
        hwc = values(dtype)
        near = hwc[0, 0, 1] = ignored
        if dtype in ("u4", "i8"):  # float32 cannot tell it from this one
            hwc[2, 2, 2] = np.array(near + (1 if near < 0 else -1) * (2**10 if dtype == "i8" else 1)).astype(dtype)
        hwc[3, 1, :] = ignored
        with np.errstate(over="ignore"):
            wide = hwc.astype("f4")
        wide[hwc == hwc.dtype.type(ignored)] = np.nan
        for interleave in AXES:
            for bands in ([], [4]):
                file = f"ignored-{dtype}-{interleave}-{len(bands)}"
                good = [b for b in range(D) if b not in bands]
                flags = "bbl = {" + ",".join("0" if b in bands else "1.0" for b in range(D)) + "}\n" if bands else ""
                envi(folder, file, hwc, interleave, extra=f"Data Ignore  Value = {text}\n{flags}")
                folder.map(file + ".hdr", file, wide[..., good], bool(bands))


def raw(folder):
    for dtype in TYPES:
        for order in "<>":
            for offset in (0, 5):
                name = f"raw-{dtype}-{'le' if order == '<' else 'be'}-{offset}.bin"
                typed = values(dtype).astype(order + dtype)
                folder.write(name, bytes(offset) + typed.tobytes())
                words = f"{name}:raw,{H}x{W}x{D},{order}{dtype}" + (f",offset={offset}" if offset else "")
                folder.map(words, name, values(dtype), dtype == "f4" and order == "<" and not offset)
    chw = values("f4").transpose(2, 0, 1)
    folder.write("chw.f32", chw.tobytes())
    folder.map(f"chw.f32:raw,{D}x{H}x{W},float32,CHW", "chw.f32", values("f4"), False)
    folder.write("tokens.f32", np.concatenate([chw.transpose(1, 2, 0)[0, 0] * 0, values("f4").ravel()]).tobytes())
    folder.map(f"tokens.f32:raw,{1 + H * W}x{D},f4,LC,grid={H}x{W},skip=1", "tokens.f32", values("f4"), True)
    bits = np.random.default_rng(3).integers(0, 65536, (H, W, D)).astype("<u2")
    folder.write("brain.bin", bits.tobytes())
    wide = (bits.astype("<u4") << 16).view("<f4")
    folder.map(f"brain.bin:raw,1x{H}x{W}x{D},bf16,NHWC", "brain.bin", wide, False)


def tokens(folder):
    one = values("f4")
    for dtype in ["f4", "f2", "u1"]:
        for skip in (0, 5):
            flat = np.concatenate([np.ones((skip, D), dtype), values(dtype).reshape(-1, D)])
            for order in "CF":
                for shape, array in {"nlc": flat[None], "lc": flat}.items():
                    name = f"tokens-{dtype}-{skip}-{order}-{shape}"
                    np.save(folder.file(name + ".npy"), np.array(array, order=order))
                    in_place = dtype == "f4" and order == "C"
                    folder.map(f"{name}.npy:NLC,grid={H}x{W},skip={skip}", name, values(dtype), in_place)
    np.savez(folder.file("tokens.npz"), block=np.concatenate([one[0, :1], one.reshape(-1, D)])[None])
    folder.map(f"tokens.npz:NLC,grid={H}x{W},skip=1", "block", one, True)
    bits = np.random.default_rng(3).integers(0, 65536, (H, W, D)).astype("<u2")
    wide = (bits.astype("<u4") << 16).view("<f4")
    for name, array in {"bf16": bits, "bf16-fortran": np.array(bits, order="F")}.items():
        np.save(folder.file(name + ".npy"), array.view("V2"))
        folder.map(name + ".npy:bfloat16", name, wide, False)
    np.savez(folder.file("bf16.npz"), x=bits.view("V2"))
    folder.map("bf16.npz:dtype=bfloat16", "x", wide, False)


def main():
    folder = Folder(sys.argv[1])
    for each in (npz, pictures, safetensors, cubes, raw, tokens):
        each(folder)
    folder.maps.close()
    folder.pictures.close()


main()
