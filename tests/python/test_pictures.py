"""Pictures become files that another decoder reads back."""
import struct
import unittest
import zlib

import numpy as np
from farlook import FarlookError
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
            "whole numbers": rgb.astype(np.int64), "RGBA": np.dstack([rgb, np.zeros((5, 7), np.uint8)]), "floats": rgb / 255,
        }
        for name, array in kinds.items():
            with self.subTest(name):
                data, kind, size = to_file(array)
                self.assertEqual((kind, size), ("image/png", (7, 5)))
                np.testing.assert_array_equal(decode(data), rgb)
        np.testing.assert_array_equal(decode(to_file(rgb[:, :, 0])[0])[:, :, 2], rgb[:, :, 0])
        mask = rgb[:, :, 0] > 99
        np.testing.assert_array_equal(decode(to_file(mask)[0])[:, :, 1], mask * 255)

    def test_what_is_no_picture_is_refused(self):
        for image, sentence in [
            (np.zeros((2, 3, 4, 5)), "A picture is"), (b"GIF89a", "a JPEG or a PNG"),
            (np.full((4, 4, 3), 2.5), "from 0 to 1"), (b"\xff\xd8\xff\xd9", "has no size"),
            (b"\x89PNG\r\n\x1a\n", "has no size"), (encode_png(np.ones((2, 2, 3), "u1"))[:20], "has no size"),
            (np.full((4, 4, 3), np.nan), "no NaN"), (np.full((4, 4, 3), 256), "from 0 to 255"),
            (np.full((4, 4, 3), -1), "from 0 to 255"), (np.ones((0, 4, 3)), "nothing in a picture"),
            (np.ones((4, 4, 2)), "A picture is"), (None, "not NoneType"), (object(), "not object"),
        ]:
            with self.subTest(sentence), self.assertRaisesRegex(ValueError, sentence):
                to_file(image)

    def test_what_cannot_be_opened_is_told(self):
        for path, why in [("/nonexistent/a.jpg", "No such file"), ("/", "Is a directory")]:
            with self.assertRaisesRegex(FarlookError, f"^The picture {path} cannot be opened: {why}.*; "
                                        "check the path.$"):
                to_file(path)

    def test_a_photograph_that_lies_on_its_side_has_its_upright_size(self):
        def jpeg(*segments):
            frame = b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", 30, 40) + bytes(20)
            return b"\xff\xd8" + b"".join(segments) + frame

        def exif(order, turn):
            head = {"<": b"II", ">": b"MM"}[order]
            entries = struct.pack(order + "HHIHH", 0x010F, 2, 1, 0, 0)
            entries += struct.pack(order + "HHIHH", 0x0112, 3, 1, turn, 0)
            body = b"Exif\0\0" + head + struct.pack(order + "HIH", 42, 8, 2) + entries
            return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body

        self.assertEqual(to_file(jpeg())[2], (40, 30))
        for order in "<>":
            for turn in range(1, 9):
                size = (30, 40) if turn >= 5 else (40, 30)
                self.assertEqual(to_file(jpeg(exif(order, turn)))[2], size)
        with self.assertRaisesRegex(ValueError, "has no size"):
            to_file(jpeg(exif("<", 6)[:-14] + b"\xff"))
