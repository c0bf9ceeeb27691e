"""Pictures as the bytes of a PNG or JPEG file, without an imaging library."""

import os
import struct
import zlib

import numpy as np

from .arrays import to_numpy
from .errors import FarlookError

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
    try:
        array = to_numpy(values)
    except TypeError:
        raise ValueError(
            f"A picture is a path, bytes, a PIL image or an array, not {type(values).__name__}."
        ) from None
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
    if 0 in array.shape:
        raise ValueError(f"There is nothing in a picture of shape {tuple(array.shape)}.")
    if array.dtype.kind == "f":  # 0..1, as torchvision and matplotlib have it
        if not ((array >= 0) & (array <= 1)).all():
            raise ValueError(
                "A picture of floats has values from 0 to 1, and no NaN; undo the normalisation, or "
                "pass uint8."
            )
        array = np.rint(array * 255)
    elif array.dtype.kind == "b":
        array = array * 255
    elif array.min() < 0 or array.max() > 255:
        raise ValueError(
            "A picture of whole numbers has values from 0 to 255; scale it to that, or to floats "
            "from 0 to 1."
        )
    array = array.astype(np.uint8)[:, :, :3]
    return np.ascontiguousarray(np.broadcast_to(array, (*array.shape[:2], 3)))


def _lies_on_its_side(exif):
    """Whether the EXIF orientation turns the picture by a quarter, as browsers and the server show it."""
    order = {b"II": "<", b"MM": ">"}.get(exif[6:8])
    if exif[:6] != b"Exif\0\0" or order is None:
        return False
    tiff = exif[6:]
    start = struct.unpack(order + "I", tiff[4:8])[0]
    count = struct.unpack(order + "H", tiff[start : start + 2])[0]
    for at in range(start + 2, start + 2 + 12 * count, 12):
        tag, _, _, value = struct.unpack(order + "HHIH", tiff[at : at + 10])
        if tag == 0x0112:
            return 5 <= value <= 8
    return False


def _size_of_jpeg(data):
    at, turned = 2, False
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
            return (h, w) if turned else (w, h)
        else:
            end = at + 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
            if marker == 0xE1:
                turned = turned or _lies_on_its_side(data[at + 4 : end])
            at = end
    raise struct.error


def _size_of(data):
    """(w, h) as it is shown."""
    try:
        if data.startswith(SIGNATURES[0]):
            w, h = struct.unpack(">II", data[16:24])
        else:
            w, h = _size_of_jpeg(data)
    except struct.error:
        w = h = 0
    if w == 0 or h == 0:
        raise ValueError("The picture file has no size; it is broken or was cut.")
    return w, h


def to_file(image):
    """(bytes, content type, (w, h)) of a path, bytes, a PIL image or an array."""
    if hasattr(image, "convert") and hasattr(image, "getbands"):  # PIL
        image = np.asarray(image.convert("RGB"))
    if isinstance(image, (str, os.PathLike)):
        try:
            with open(image, "rb") as file:
                image = file.read()
        except OSError as error:
            raise FarlookError(
                f"The picture {image} cannot be opened: {error.strerror}; check the path."
            ) from error
    if not isinstance(image, (bytes, bytearray)):
        image = encode_png(_to_rgb(image))
    data = bytes(image)
    if not data.startswith(SIGNATURES):
        raise ValueError("A picture file is a JPEG or a PNG; convert it, or pass an array.")
    kind = "image/png" if data.startswith(SIGNATURES[0]) else "image/jpeg"
    return data, kind, _size_of(data)
