"""Files that the server does not read itself: opened by the library that wrote them, if it is here.

Each reader gives {name: array}. .npy, .npz and .safetensors are the server's own affair, but a
path to a .npy or .npz may be given anywhere an array may.
"""

import importlib
import os
import warnings

import numpy as np

from .arrays import KINDS, to_numpy
from .errors import FarlookError


def _need(module, path, package=None):
    try:
        return importlib.import_module(module)
    except ImportError:
        raise FarlookError(
            f"{os.path.basename(path)} needs the Python package {package or module}; install it, "
            "or save the array with numpy.save."
        ) from None


def _collect(found, prefix, value):
    """Every array of numbers with 2 to 4 axes in nested dicts and lists."""
    if hasattr(value, "items"):
        for key, inner in value.items():
            _collect(found, f"{prefix}.{key}" if prefix else str(key), inner)
    elif isinstance(value, (list, tuple)):
        for at, inner in enumerate(value):
            _collect(found, f"{prefix}.{at}" if prefix else str(at), inner)
    elif hasattr(value, "shape") and 2 <= len(value.shape) <= 4:
        try:
            found[prefix or "map"] = to_numpy(value)
        except TypeError:
            pass  # text and the like


def _read_numpy(path):
    data = np.load(path, mmap_mode="r" if path.endswith(".npy") else None, allow_pickle=False)
    if hasattr(data, "files"):
        with data:
            return {name.replace("/", "."): data[name] for name in data.files}
    return {_stem(path): data}


def _read_torch(path):
    torch = _need("torch", path)
    found = {}
    # weights_only: a .pt is a pickle, and a pickle may run anything
    _collect(found, "", torch.load(path, map_location="cpu", weights_only=True))
    return found


def _is_map(item):
    return 3 <= len(item.shape) <= 4 and item.dtype.kind in KINDS


def _without(values, missing):
    """The values with NaN where they are `missing`, what a NetCDF variable's _FillValue says."""
    missing = np.asarray(missing).reshape(-1)
    holes = np.isin(values, missing) if missing.size else np.zeros(values.shape, bool)
    if not holes.any():
        return values
    return np.where(holes, np.nan, values.astype(np.result_type(values.dtype, np.float32)))


def _read_hdf5(path):
    h5py = _need("h5py", path)
    found = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and _is_map(item):
            missing = item.attrs.get("_FillValue", ())
            found[name.replace("/", ".")] = _without(item[()], missing)

    with h5py.File(path, "r") as file:
        file.visititems(visit)
    return found


def _read_netcdf(path):
    with open(path, "rb") as file:
        if file.read(3) != b"CDF":  # version 4 is HDF5
            return _read_hdf5(path)
    io = _need("scipy.io", path, "scipy")
    with io.netcdf_file(path, mmap=False) as file:
        return {
            name: _without(item[:].copy(), getattr(item, "_FillValue", ()))
            for name, item in file.variables.items()
            if 3 <= len(item.shape) <= 4 and item.data.dtype.kind in KINDS
        }


def _read_matlab(path):
    io = _need("scipy.io", path, "scipy")
    found = {}
    try:
        values = io.loadmat(path)
    except NotImplementedError:  # version 7.3 is HDF5, its axes reversed
        return {name: array.T for name, array in _read_hdf5(path).items()}
    _collect(found, "", {k: v for k, v in values.items() if not k.startswith("__")})
    return {name: array for name, array in found.items() if array.ndim >= 3}


def _read_geotiff(path):
    rasterio = _need("rasterio", path)
    with warnings.catch_warnings():
        # A feature map lies nowhere on Earth.
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(path) as file:
            alpha = rasterio.enums.ColorInterp.alpha  # no channel: it is in the mask
            channels = [k for k, kind in zip(file.indexes, file.colorinterp) if kind != alpha]
            bands = file.read(channels or list(file.indexes), masked=True)  # (bands, rows, columns)
    return {_stem(path): to_numpy(bands).transpose(1, 2, 0)}


def _read_zarr(path):
    zarr = _need("zarr", path)
    opened = zarr.open(path, mode="r")
    if hasattr(opened, "shape"):
        return {_stem(path): opened[...]}
    found = {}

    def visit(prefix, group):
        for name, array in group.arrays():
            if _is_map(array):
                found[prefix + name] = array[...]
        for name, inner in group.groups():
            visit(f"{prefix}{name}.", inner)

    visit("", opened)
    return found


READERS = {
    ".npy": _read_numpy, ".npz": _read_numpy,
    ".pt": _read_torch, ".pth": _read_torch, ".ckpt": _read_torch,
    ".h5": _read_hdf5, ".hdf5": _read_hdf5, ".he5": _read_hdf5, ".nc": _read_netcdf,
    ".mat": _read_matlab,
    ".tif": _read_geotiff, ".tiff": _read_geotiff,
    ".zarr": _read_zarr,
}


def _stem(path):
    return os.path.splitext(os.path.basename(str(path).rstrip("/")))[0]


def read(path):
    """{name: array} of a file: .npy .npz .pt .h5 .nc .mat .tif .zarr, by the package that knows it."""
    path = os.fspath(path)
    reader = READERS.get(os.path.splitext(path.rstrip("/"))[1].lower())
    if reader is None:
        raise FarlookError(
            f"{os.path.basename(path)} is of no known kind; give the array itself, or one of "
            f'{", ".join(READERS)}.'
        )
    if "://" not in path and not path.startswith("/vsi") and not os.path.exists(path):
        raise FarlookError(f"{path} is not there; check the path.")
    try:
        found = {name: to_numpy(array) for name, array in reader(path).items()}
    except FarlookError:
        raise
    except TypeError as error:  # to_numpy's own sentence
        raise FarlookError(f"{os.path.basename(path)} cannot be shown: {error}") from error
    except Exception as error:  # whatever the package has for it
        raise FarlookError(
            f"{os.path.basename(path)} cannot be read ({str(error).rstrip('.')}); save its arrays "
            "with numpy.save."
        ) from error
    if not found:
        raise FarlookError(
            f"There is no feature map (an array of numbers with 3 or 4 axes) in {path}."
        )
    return found


def layout_of(path):
    """How the arrays of a file lie where its format says so; None: the caller must know."""
    path = os.fspath(path)
    return "HWC" if READERS.get(os.path.splitext(path)[1].lower()) is _read_geotiff else None
