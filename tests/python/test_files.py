"""Files that the server does not read, by the packages that wrote them."""
import importlib.util
import os
import tempfile
import unittest

import farlook
import numpy as np

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

    def test_what_cannot_be_read_says_what_to_do(self):
        with self.assertRaisesRegex(farlook.FarlookError, "of no known kind"):
            farlook.read("a.doc")
        np.savez(self.path("empty.npz"))
        with self.assertRaisesRegex(farlook.FarlookError, "no feature map"):
            farlook.read(self.path("empty.npz"))
        missing = next((p for p, e in [("zarr", "x.zarr"), ("rasterio", "x.tif")] if not has(p)), None)
        if missing:
            name = {"zarr": "x.zarr", "rasterio": "x.tif"}[missing]
            with self.assertRaisesRegex(farlook.FarlookError, f"needs the Python package {missing}"):
                farlook.read(name)


class _Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, "w")
