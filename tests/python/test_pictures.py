"""Pictures become files that another decoder reads back."""
import struct
import unittest
import zlib

import numpy as np
from farlook.pictures import encode_png, to_file


def decode(png):
    """RGB of a PNG without filters, by zlib alone."""
    at, data, size = 8, b"", None
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + length]
        if struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0] != zlib.crc32(kind + body):
            raise AssertionError("a chunk's checksum is wrong")
        if kind == b"IHDR":
            size = struct.unpack(">II", body[:8])
        if kind == b"IDAT":
            data += body
        at += 12 + length
    w, h = size
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(h, 1 + 3 * w)
    if rows[:, 0].any():
        raise AssertionError("a row has a filter")
    return rows[:, 1:].reshape(h, w, 3)


class Pictures(unittest.TestCase):
    def test_arrays_of_every_kind_become_the_same_picture(self):
        rgb = np.random.default_rng(1).integers(0, 256, (5, 7, 3), np.uint8)
        np.testing.assert_array_equal(decode(encode_png(rgb)), rgb)
        kinds = {
            "HWC": rgb, "CHW": rgb.transpose(2, 0, 1), "NCHW": rgb.transpose(2, 0, 1)[None],
            "RGBA": np.dstack([rgb, np.zeros((5, 7), np.uint8)]), "floats": rgb / 255,
        }
        for name, array in kinds.items():
            with self.subTest(name):
                data, kind, size = to_file(array)
                self.assertEqual((kind, size), ("image/png", (7, 5)))
                np.testing.assert_array_equal(decode(data), rgb)
        np.testing.assert_array_equal(decode(to_file(rgb[:, :, 0])[0])[:, :, 2], rgb[:, :, 0])

    def test_what_is_no_picture_is_refused(self):
        for image, sentence in [
            (np.zeros((2, 3, 4, 5)), "A picture is"), (b"GIF89a", "a JPEG or a PNG"),
            (np.full((4, 4, 3), 2.5), "from 0 to 1"), (b"\xff\xd8\xff\xd9", "has no size"),
        ]:
            with self.subTest(sentence), self.assertRaisesRegex(ValueError, sentence):
                to_file(image)
