"""Pictures as the bytes of a PNG or JPEG file, without an imaging library."""

import os
import struct
import zlib

import numpy as np

from .arrays import to_numpy

SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


def _chunk(kind, data):
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)


def encode_png(rgb):
    """(H, W, 3) uint8 as a PNG."""
    h, w, _ = rgb.shape
    rows = np.zeros((h, 1 + w * 3), np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = rgb.reshape(h, w * 3)
    return (
        SIGNATURES[0]
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 2, 0, 0, 0))
        + _chunk(b"IDAT", zlib.compress(rows.tobytes(), 3))
        + _chunk(b"IEND", b"")
    )


def _to_rgb(values):
    array = to_numpy(values)
    if array.ndim == 4 and array.shape[0] == 1:
        array = array[0]
    if array.ndim == 3 and array.shape[0] in (1, 3) and array.shape[2] not in (1, 3, 4):
        array = array.transpose(1, 2, 0)
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3 or array.shape[2] not in (1, 3, 4):
        raise ValueError(
            f"A picture is (H, W), (H, W, 3) or (3, H, W), not {tuple(array.shape)}."
        )
    if array.dtype.kind == "f":  # 0..1, as torchvision and matplotlib have it
        if np.nanmin(array) < 0 or np.nanmax(array) > 1:
            raise ValueError(
                "A picture of floats has values from 0 to 1; undo the normalisation, or pass uint8."
            )
        array = np.rint(array * 255)
    array = array.astype(np.uint8)[:, :, :3]
    return np.ascontiguousarray(np.broadcast_to(array, (*array.shape[:2], 3)))


def _size_of_jpeg(data):
    at = 2
    while at + 9 < len(data):
        if data[at] != 0xFF:
            break
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:
            at += 2
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            h, w = struct.unpack(">HH", data[at + 5 : at + 9])
            return w, h
        else:
            at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    raise ValueError("The JPEG file has no size; it is broken.")


def _size_of(data):
    if data.startswith(SIGNATURES[0]):
        return struct.unpack(">II", data[16:24])
    return _size_of_jpeg(data)


def to_file(image):
    """(bytes, content type, (w, h)) of a path, bytes, a PIL image or an array."""
    if hasattr(image, "convert") and hasattr(image, "getbands"):  # PIL
        image = np.asarray(image.convert("RGB"))
    if isinstance(image, (str, os.PathLike)):
        with open(image, "rb") as file:
            image = file.read()
    if not isinstance(image, (bytes, bytearray)):
        image = encode_png(_to_rgb(image))
    data = bytes(image)
    if not data.startswith(SIGNATURES):
        raise ValueError("A picture file is a JPEG or a PNG; convert it, or pass an array.")
    kind = "image/png" if data.startswith(SIGNATURES[0]) else "image/jpeg"
    return data, kind, _size_of(data)
