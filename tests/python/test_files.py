"""Files that the server does not read, by the packages that wrote them."""
import importlib.util
import os
import tempfile
import unittest
import warnings
from unittest import mock

import farlook
import numpy as np
from farlook.launch import Process

MAP = np.random.default_rng(2).standard_normal((4, 6, 5)).astype(np.float32)


def has(package):
    return importlib.util.find_spec(package) is not None


def needs(package):
    return unittest.skipUnless(has(package), f"there is no Python package {package} here")


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def test_numpy(self):
        np.save(self.path("a.npy"), MAP)
        np.savez(self.path("b.npz"), conv2=MAP, conv3=MAP[:2])
        np.testing.assert_array_equal(farlook.read(self.path("a.npy"))["a"], MAP)
        self.assertEqual(list(farlook.read(self.path("b.npz"))), ["conv2", "conv3"])

    def test_an_object_array_runs_no_code(self):
        np.save(self.path("o.npy"), np.array([{}], dtype=object), allow_pickle=True)
        with self.assertRaisesRegex(farlook.FarlookError, "o.npy cannot be read .*Python objects"):
            farlook.read(self.path("o.npy"))

    @needs("torch")
    def test_torch(self):
        import torch
        torch.save({"net": {"conv": torch.from_numpy(MAP)}, "epoch": 3}, self.path("a.pt"))
        found = farlook.read(self.path("a.pt"))
        self.assertEqual(list(found), ["net.conv"])
        np.testing.assert_array_equal(found["net.conv"], MAP)

    @needs("torch")
    def test_a_pickle_with_code_is_refused(self):
        import torch

        torch.save(_Evil(self.path("ran")), self.path("evil.pt"))
        with self.assertRaisesRegex(farlook.FarlookError, "evil.pt cannot be read"):
            farlook.read(self.path("evil.pt"))
        self.assertFalse(os.path.exists(self.path("ran")))

    @needs("h5py")
    def test_hdf5_and_netcdf(self):
        import h5py
        for name in ("a.h5", "b.nc"):
            with h5py.File(self.path(name), "w") as file:
                file["group/cube"] = MAP
                file["wavelength"] = np.arange(5.0)
            found = farlook.read(self.path(name))
            self.assertEqual(list(found), ["group.cube"])
            np.testing.assert_array_equal(found["group.cube"], MAP)

    @needs("scipy")
    def test_matlab(self):
        import scipy.io
        scipy.io.savemat(self.path("a.mat"), {"cube": MAP, "gt": MAP[:, :, 0]})
        found = farlook.read(self.path("a.mat"))
        self.assertEqual(list(found), ["cube"])
        np.testing.assert_array_equal(found["cube"], MAP)

    @needs("h5py")
    def test_cells_of_a_netcdf_file_without_data_are_nan(self):
        import h5py
        counts = np.arange(120, dtype=np.int16).reshape(4, 6, 5)
        with h5py.File(self.path("a.nc"), "w") as file:
            file["cube"] = counts
            file["cube"].attrs["_FillValue"] = np.array([7], np.int16)
        found = farlook.read(self.path("a.nc"))["cube"]
        np.testing.assert_array_equal(found, np.where(counts == 7, np.nan, counts).astype("f4"))
        self.assertEqual(found.dtype, np.float32)

    @needs("scipy")
    def test_netcdf_of_version_3(self):
        import scipy.io
        with scipy.io.netcdf_file(self.path("old.nc"), "w") as file:
            for name, size in zip("yxc", MAP.shape):
                file.createDimension(name, size)
            file.createVariable("cube", "f4", tuple("yxc"))[:] = MAP
            file.createVariable("x", "f4", ("x",))[:] = np.arange(6)
        found = farlook.read(self.path("old.nc"))
        self.assertEqual(list(found), ["cube"])
        np.testing.assert_array_equal(found["cube"], MAP)

    def write_tif(self, name, bands, mask=None, **how):
        """A GeoTIFF of (bands, rows, columns), as GDAL writes it."""
        import rasterio
        count, height, width = bands.shape
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            with rasterio.open(self.path(name), "w", driver="GTiff", count=count, height=height,
                               width=width, dtype=bands.dtype, **how) as file:
                file.write(bands)
                if mask is not None:
                    file.write_mask(mask)
        return self.path(name)

    @needs("rasterio")
    def test_geotiff_of_every_type_and_order_of_bytes(self):
        values = np.random.default_rng(5).uniform(-90, 90, (7, 33, 40))
        for dtype in ("float32", "uint16", "int16", "uint8", "float64", "int32"):
            for how in ({}, {"interleave": "band"}, {"interleave": "pixel", "tiled": True,
                        "blockxsize": 16, "blockysize": 16, "compress": "deflate"}):
                with self.subTest(dtype=dtype, **how), warnings.catch_warnings():
                    warnings.simplefilter("error")
                    bands = np.abs(values).astype(dtype) if dtype[0] == "u" else values.astype(dtype)
                    found = farlook.read(self.write_tif("a.tif", bands, **how))
                    self.assertEqual(list(found), ["a"])
                    self.assertEqual(found["a"].dtype, np.dtype(dtype))
                    np.testing.assert_array_equal(found["a"], bands.transpose(1, 2, 0))

    @needs("rasterio")
    def test_geotiff_cells_without_data_are_nan(self):
        values = np.random.default_rng(6).integers(1, 200, (3, 8, 9))
        values[1, 2, 3] = values[:, 5, 6] = 7
        holes = (values == 7).transpose(1, 2, 0)
        for dtype, wide in [("float32", "f4"), ("uint16", "f4"), ("int16", "f4"), ("int32", "f8")]:
            with self.subTest(dtype):
                path = self.write_tif("no.tiff", values.astype(dtype), nodata=7)
                found = farlook.read(path)["no"]
                self.assertEqual(found.dtype, np.dtype(wide))
                np.testing.assert_array_equal(np.isnan(found), holes)
                np.testing.assert_array_equal(found[~holes], values.transpose(1, 2, 0)[~holes])
        # declared, but nowhere: the type stays
        path = self.write_tif("whole.tif", values.astype("uint16"), nodata=65535)
        self.assertEqual(farlook.read(path)["whole"].dtype, np.uint16)
        path = self.write_tif("nan.tif", np.full((2, 3, 4), np.nan, "f4"), nodata=np.nan)
        self.assertTrue(np.isnan(farlook.read(path)["nan"]).all())

    @needs("rasterio")
    def test_geotiff_masks_and_alpha_make_holes_and_no_channel(self):
        values = np.random.default_rng(7).integers(1, 255, (3, 8, 9)).astype(np.uint8)
        inside = np.full((8, 9), 255, np.uint8)
        inside[4, 2] = 0
        expected = np.where(inside[..., None] > 0, values.transpose(1, 2, 0), np.nan)
        mask = self.write_tif("mask.tif", values, mask=inside)
        alpha = self.write_tif("alpha.tif", np.concatenate([values, inside[None]]),
                               photometric="RGB", alpha="YES")
        for path, name in [(mask, "mask"), (alpha, "alpha")]:
            np.testing.assert_array_equal(farlook.read(path)[name], expected)

    @needs("rasterio")
    def test_complex_geotiff_is_refused_in_one_sentence(self):
        path = self.write_tif("radar.tif", np.ones((1, 4, 4), np.complex64))
        with self.assertRaisesRegex(farlook.FarlookError, "^radar.tif cannot be shown: Feature maps "
                                    r"are arrays of numbers, not of complex64; [^.]*\.astype"):
            farlook.read(path)

    @needs("zarr")
    def test_zarr_array(self):
        import zarr
        for dtype in ("f4", "f2", ">f4", "u2", "i2"):
            with self.subTest(dtype):
                values = (MAP * 50).astype(dtype)
                zarr.open_array(self.path("conv.zarr"), mode="w", shape=values.shape, dtype=dtype,
                                chunks=(3, 4, 2))[...] = values
                for path in (self.path("conv.zarr"), self.path("conv.zarr") + "/"):
                    found = farlook.read(path)
                    self.assertEqual(list(found), ["conv"])
                    self.assertEqual(found["conv"].dtype, values.dtype)
                    np.testing.assert_array_equal(found["conv"], values)

    @needs("zarr")
    def test_zarr_group_gives_its_maps_at_every_depth(self):
        import zarr
        group = zarr.open_group(self.path("net.zarr"), mode="w")
        group.create_dataset("conv2", data=MAP, chunks=(2, 2, 5))
        group.create_dataset("stage/block/conv3", data=MAP[:2], compressor=None)
        group.create_dataset("tokens", data=MAP.reshape(1, 24, 5))
        group.create_dataset("wavelength", data=np.arange(5.0))
        group.create_dataset("words", data=np.full((2, 2, 2), "x"))
        found = farlook.read(self.path("net.zarr"))
        self.assertEqual(sorted(found), ["conv2", "stage.block.conv3", "tokens"])
        np.testing.assert_array_equal(found["conv2"], MAP)
        np.testing.assert_array_equal(found["stage.block.conv3"], MAP[:2])
        with self.assertRaisesRegex(farlook.FarlookError, "no feature map"):
            zarr.open_group(self.path("none.zarr"), mode="w").create_dataset("w", data=np.ones(3))
            farlook.read(self.path("none.zarr"))

    @needs("rasterio")
    @needs("zarr")
    def test_they_arrive_at_the_server_value_by_value(self):
        import zarr
        bands = np.random.default_rng(8).integers(1, 4000, (13, 20, 16)).astype(np.uint16)
        bands[:, 3, 4] = 65535
        process = Process(os.environ["FARLOOK_PROGRAM"])
        self.addCleanup(process.stop)
        path = self.write_tif("scene.tif", bands, nodata=65535)
        # (20, 16, 13) fits a picture of 4 : 5 in both readings; that of a GeoTIFF is known
        view = farlook.push(path, np.zeros((40, 32, 3), np.uint8), name="scene", server=process.url)
        self.assertEqual(view.layers, ["scene"])
        for row, column in [(0, 0), (19, 15), (7, 9)]:
            got = view.vector((2 * row + 1, 2 * column + 1))
            np.testing.assert_array_equal(got, bands[:, row, column].astype(np.float32))
        view.reference = (1, 1)
        self.assertEqual(np.argwhere(np.isnan(view.similarity())).tolist(), [[3, 4]])
        with self.assertRaisesRegex(farlook.LayoutError, "scene.tif .*leave layout= out"):
            farlook.push(path, name="scene", layout="CHW", server=process.url)
        zarr.save_group(self.path("net.zarr"), conv2=MAP, conv3=MAP[:2])
        view = farlook.push(self.path("net.zarr"), name="net", layout="HWC", server=process.url)
        self.assertEqual(sorted(view.layers), ["conv2", "conv3"])
        np.testing.assert_array_equal(view.vector((2.5, 3.5), "conv2"), MAP[2, 3])

    def test_what_is_not_there_is_told_in_the_same_words_by_all(self):
        for name in ("a.tif", "a.zarr", "a.npy", "a.h5", "a.pt", "a.mat", "a.nc"):
            with self.subTest(name), self.assertRaises(farlook.FarlookError) as caught:
                farlook.read(self.path(name))
            self.assertEqual(str(caught.exception), f"{self.path(name)} is not there; check the path.")

    def test_what_is_broken_is_told_in_one_sentence(self):
        for package, names in [("rasterio", ["a.tif"]), ("zarr", ["a.zarr"]), ("h5py", ["a.h5"]),
                               ("torch", ["a.pt"]), ("numpy", ["a.npy", "a.npz"])]:
            for name in names if has(package) else []:
                with open(self.path(name), "w") as file:
                    file.write("x")
                with self.subTest(name), self.assertRaises(farlook.FarlookError) as caught:
                    farlook.read(self.path(name))
                self.assertRegex(str(caught.exception), f"^{name} cannot be read .*; save its arrays "
                                 r"with numpy\.save\.$")

    def test_without_its_package_a_file_names_it(self):
        open(self.path("a.tif"), "w").close()
        with mock.patch.dict("sys.modules", {"rasterio": None}), self.assertRaisesRegex(
                farlook.FarlookError, "a.tif needs the Python package rasterio; install it"):
            farlook.read(self.path("a.tif"))

    def test_what_cannot_be_read_says_what_to_do(self):
        with self.assertRaisesRegex(farlook.FarlookError, "of no known kind"):
            farlook.read("a.doc")
        np.savez(self.path("empty.npz"))
        with self.assertRaisesRegex(farlook.FarlookError, "no feature map"):
            farlook.read(self.path("empty.npz"))


class _Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, "w")
