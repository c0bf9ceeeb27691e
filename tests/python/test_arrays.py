"""Arrays in every layout and type as (H, W, C)."""
import unittest
import warnings

import numpy as np
from farlook import LayoutError
from farlook.arrays import guess_layout, named_maps, to_hwc, to_numpy

HWC = np.arange(4 * 6 * 5, dtype=np.float32).reshape(4, 6, 5)
ASPECT = 6 / 4


class Layouts(unittest.TestCase):
    def test_every_named_layout_gives_the_same_map(self):
        views = {
            "HWC": HWC, "CHW": HWC.transpose(2, 0, 1), "NHWC": HWC[None],
            "NCHW": HWC.transpose(2, 0, 1)[None], "LC": HWC.reshape(24, 5),
            "NLC": HWC.reshape(1, 24, 5),
        }
        for layout, array in views.items():
            with self.subTest(layout):
                got = to_hwc(array, layout, grid=(4, 6) if "L" in layout else None)
                np.testing.assert_array_equal(got, HWC)

    def test_the_picture_decides_between_the_readings(self):
        big = np.zeros((40, 27, 96), np.float32)
        self.assertEqual(guess_layout(big.shape, 27 / 40), "HWC")
        self.assertEqual(guess_layout((96, 40, 27), 27 / 40), "CHW")
        self.assertEqual(guess_layout((1, 96, 40, 27), 27 / 40), "NCHW")
        self.assertEqual(guess_layout((1, 40, 27, 96), 27 / 40), "NHWC")

    def test_what_is_not_decided_is_refused_with_both_readings(self):
        for shape, aspect in [((64, 64, 64), 1.0), ((1, 64, 64, 64), 1.0), ((1, 8, 9, 7), None),
                              ((10, 20, 30), 7.0)]:
            with self.subTest(shape), self.assertRaises(LayoutError) as caught:
                guess_layout(shape, aspect)
            self.assertRegex(str(caught.exception), "layout=.*layout=")

    def test_without_a_picture_three_axes_are_rows_columns_channels(self):
        with self.assertWarns(UserWarning):
            self.assertEqual(guess_layout((4, 6, 5), None), "HWC")

    def test_tokens_lose_their_class_and_registers(self):
        tokens = np.concatenate([np.full((5, 5), -1, np.float32), HWC.reshape(24, 5)])
        np.testing.assert_array_equal(to_hwc(tokens[None], grid=(4, 6), skip=5), HWC)
        np.testing.assert_array_equal(to_hwc(tokens, grid=(4, 6), skip=5), HWC)

    def test_the_grid_of_tokens_is_told_by_the_picture_where_only_one_fits(self):
        np.testing.assert_array_equal(
            to_hwc(np.zeros((1, 52 * 80, 3), np.float32), "NLC", aspect=80 / 52).shape, (52, 80, 3))

    def test_wrong_grids_batches_and_ranks_are_refused_in_one_sentence(self):
        cases = [
            (dict(values=np.zeros((1, 24, 5)), grid=(5, 5)), "25 places for 24 tokens"),
            (dict(values=np.zeros((1, 24, 5)), layout="NLC"), "several grids"),
            (dict(values=np.zeros((24, 5)), grid=(4, 6), skip=24), "leaves nothing"),
            (dict(values=np.zeros((3, 5, 6, 4)), layout="NCHW"), "batch of 3"),
            (dict(values=np.zeros((4, 6))), "3 axes"),
            (dict(values=HWC, layout="NCHW"), "names 4 axes"),
            (dict(values=HWC, layout="XYZ"), "one of HWC"),
            (dict(values=np.zeros((0, 6, 5)), layout="HWC"), "nothing in an array"),
            (dict(values=np.zeros((0, 6, 5)), aspect=1), "nothing in an array"),
            (dict(values=np.zeros((1, 24, 5)), grid=(4, 5)), "20 places for 24 tokens; pass skip=4 "),
            (dict(values=np.zeros((1, 24, 5)), grid=(0, 5)), "0 places for 24 tokens"),
            (dict(values=np.zeros((1, 24, 5)), grid=(-4, -6)), "24 places for 24 tokens; pass skip= "),
            (dict(values=np.zeros((1, 24, 5)), grid=5), "two whole numbers, not 5"),
            (dict(values=np.zeros((1, 24, 5)), grid=(4.5, 6)), "two whole numbers"),
            (dict(values=np.zeros((1, 24, 5)), grid=(4, 6), skip=-1), "0 or more, not -1"),
            (dict(values=np.zeros((1, 24, 5)), grid=(4, 6), skip="1"), "0 or more, not '1'"),
            (dict(values=HWC, layout=3), "one of HWC"),
            (dict(values=HWC[None, None]), "3 axes"),
        ]
        for arguments, sentence in cases:
            with self.subTest(sentence), self.assertRaisesRegex(LayoutError, sentence):
                to_hwc(**arguments)


    def test_a_vits_tokens_are_never_one_row_of_cells(self):
        tokens = np.zeros((1, 197, 8), np.float32)
        for aspect in (None, 1.0):
            with self.subTest(aspect), self.assertRaisesRegex(
                    LayoutError, r'for tokens layout="NLC" with grid=\(rows, columns\) and skip=\.$'):
                to_hwc(tokens, aspect=aspect)
        for n, skip in [(197, 1), (201, 5), (198, 2)]:
            with self.assertRaisesRegex(LayoutError, f"^{n} tokens fill no grid of the picture's shape, "
                                        f"but without {skip} in front they fill 14 x 14; pass skip={skip}"):
                to_hwc(np.zeros((1, n, 8)), "NLC", aspect=1.0)
        with self.assertRaisesRegex(LayoutError, "fill no grid of the picture's shape; pass grid="):
            to_hwc(np.zeros((1, 30, 8)), "NLC", aspect=50.0)
        self.assertEqual(to_hwc(tokens, "NLC", skip=1, aspect=1.0).shape, (14, 14, 8))

    def test_what_is_not_told_without_a_picture_is_at_least_said(self):
        with self.assertWarnsRegex(UserWarning, r'\(4, 6, 5\) is read as 6 x 4 cells of 5 channels, '
                                   'layout="HWC"; .* layout="CHW" would be 5 x 6 cells of 4 channels'):
            to_hwc(HWC)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            to_hwc(HWC, "HWC")
            to_hwc(HWC[:, :, :1])  # one column of 6 cells, 4 channels: nobody means that

    def test_several_arrays_in_a_list_are_layers(self):
        self.assertEqual(list(named_maps((HWC, HWC))), ["0", "1"])
        self.assertIs(named_maps([HWC, HWC[:2]])["0"], HWC)
        self.assertEqual(list(named_maps(HWC.tolist())), ["map"])
        with self.assertRaisesRegex(ValueError, "empty dict; .* inside its with block"):
            named_maps({})


class Types(unittest.TestCase):
    def test_strides_and_orders_make_no_difference(self):
        for array in (HWC[::-1, :, ::-1], np.asfortranarray(HWC), HWC.astype(">f8"), HWC[::2, ::3]):
            np.testing.assert_array_equal(to_hwc(array, "HWC"), array)

    def test_masked_values_are_nan(self):
        masked = np.ma.masked_equal(HWC.astype(np.int16), 7)
        got = to_numpy(masked)
        self.assertEqual(got.dtype, np.float32)
        np.testing.assert_array_equal(got, np.where(HWC == 7, np.nan, HWC))
        self.assertEqual(to_numpy(np.ma.masked_equal(HWC.astype(np.int16), 999)).dtype, np.int16)

    def test_what_is_no_array_is_refused_in_one_sentence(self):
        for values, sentence in [
            (None, r"not NoneType\.$"), ([HWC, HWC[:2]], r"this list is none \(.*\)\.$"),
            ({1: 2}, r"not dict\.$"), (np.zeros((2, 2, 2), "V2"), r"bfloat16 .*ml_dtypes\.bfloat16\)\.$"),
            (np.zeros((2, 2, 2), np.longdouble), r"not of \w+; convert with \.astype\(float\)\.$"),
        ]:
            with self.subTest(sentence), self.assertRaisesRegex(TypeError, sentence):
                to_numpy(values)

    def test_numpy_types_stay_as_they_are(self):
        for dtype in ("<f2", "<f4", ">f4", "<f8", "u1", "<i2", "?"):
            with self.subTest(dtype):
                array = np.ones((2, 3, 4), dtype)
                self.assertEqual(to_hwc(array, "HWC").dtype, array.dtype)

    def test_what_holds_no_numbers_is_refused(self):
        for array in (np.zeros((2, 2, 2), complex), np.full((2, 2, 2), "a"),
                      np.full((2, 2, 2), None)):
            with self.assertRaisesRegex(TypeError, "arrays of numbers"):
                to_numpy(array)

    def test_anything_with_dlpack_or_array_is_taken(self):
        class Foreign:
            def __init__(self, array):
                self.array = array

        class Dlpack(Foreign):
            def __dlpack__(self, **how):
                return self.array.__dlpack__(**how)

            def __dlpack_device__(self):
                return self.array.__dlpack_device__()

        class Array(Foreign):
            def __array__(self, *_, **__):
                return self.array

        for kind in (Dlpack, Array):
            with self.subTest(kind.__name__):
                np.testing.assert_array_equal(to_hwc(kind(HWC), "HWC"), HWC)
