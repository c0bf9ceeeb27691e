"""Arrays of any library, in any layout, as (H, W, C) NumPy arrays.

Nothing but NumPy is imported: a torch tensor is known by its methods, a cupy or jax array by
`__dlpack__` or `__array__`.
"""

import operator
import warnings

import numpy as np

from .errors import LayoutError

LAYOUTS = ("HWC", "CHW", "NHWC", "NCHW", "LC", "NLC")
KINDS = "fiub"  # NumPy's kinds that the server reads
MOST_IN_FRONT = 16  # class and register tokens that a hint looks for


def _of_torch(tensor):
    tensor = tensor.detach()
    if getattr(tensor, "is_quantized", False):
        tensor = tensor.dequantize()
    if str(getattr(tensor, "layout", "torch.strided")) != "torch.strided":
        tensor = tensor.to_dense()
    if str(tensor.dtype).startswith(("torch.bfloat16", "torch.float8")):
        tensor = tensor.float()
    for resolve in ("resolve_conj", "resolve_neg"):  # views that NumPy cannot have
        tensor = getattr(tensor, resolve, lambda: tensor)()
    return tensor.cpu().numpy()


def _any(values):
    if isinstance(values, np.ma.MaskedArray):
        if not np.ma.is_masked(values):
            return values.data
        return values.astype(np.result_type(values.dtype, np.float32)).filled(np.nan)
    if isinstance(values, np.ndarray):
        return values
    if hasattr(values, "detach") and hasattr(values, "cpu"):
        return _of_torch(values)
    if hasattr(values, "__array__") or not hasattr(values, "__dlpack__"):
        return np.asarray(values)
    return np.from_dlpack(values)


def to_numpy(values):
    """Any array as NumPy's, on the CPU; bfloat16, which NumPy has not, as float32 (exact); masked
    values as NaN."""
    try:
        array = _any(values)
    except (TypeError, ValueError, RuntimeError, NotImplementedError) as error:
        raise TypeError(
            f"Feature maps are arrays of numbers, and this {type(values).__name__} is none ("
            f"{str(error).splitlines()[0].rstrip('.')})."
        ) from error
    if array.dtype.name == "bfloat16":  # ml_dtypes
        array = array.astype(np.float32)
    if array.dtype == np.dtype("V2"):
        raise TypeError(
            "Feature maps are arrays of numbers, not of |V2; if it is bfloat16 that NumPy has saved, "
            "pass array.view(ml_dtypes.bfloat16)."
        )
    if not hasattr(values, "dtype") and array.dtype.kind not in KINDS:
        raise TypeError(f"Feature maps are arrays of numbers, not {type(values).__name__}.")
    if array.dtype.kind not in KINDS or array.dtype.itemsize > 8:
        raise TypeError(
            f"Feature maps are arrays of numbers, not of {array.dtype}; convert with .astype(float)."
        )
    return array


def _is_like(w, h, aspect):
    """The server's rule: could a map of w x h cells cover a picture of this aspect ratio?"""
    if w < 2 or h < 2:
        return False
    return (w - 1) / (h + 1) <= aspect <= (w + 1) / (h - 1)


def _plausible(shape, readings, aspect):
    found = []
    for layout in readings:
        h, w = shape[layout.index("H")], shape[layout.index("W")]
        if aspect is None or _is_like(w, h, aspect):
            found.append(layout)
    return found


def _cells(shape, layout):
    h, w, c = (shape[layout.index(axis)] for axis in "HWC")
    return f"{w} x {h} cells of {c} channels"


def _say(shape, layout):
    return f'layout="{layout}" would be {_cells(shape, layout)}'


def guess_layout(shape, aspect, named=None):
    """The layout of this shape: the named one, or the one that fits the picture's aspect ratio
    (width / height, or None without a picture); else a LayoutError that tells both readings."""
    if named is not None:
        layout = str(named).upper()
        if layout not in LAYOUTS:
            raise LayoutError(f'layout is one of {", ".join(LAYOUTS)}, not "{named}".')
        if len(layout) != len(shape):
            raise LayoutError(
                f"layout={layout!r} names {len(layout)} axes, but the array of shape "
                f"{tuple(shape)} has {len(shape)}."
            )
        return layout
    if len(shape) == 3:
        readings = ("HWC", "CHW")
    elif len(shape) == 4:
        readings = ("NHWC", "NCHW")
    else:
        raise LayoutError(
            f"A feature map has 3 axes, or 4 with a batch of one; this array has the shape "
            f'{tuple(shape)}. For tokens pass layout="LC" and grid=(rows, columns).'
        )
    tokens = "" if len(shape) == 4 or shape[0] != 1 else (
        ', or for tokens layout="NLC" with grid=(rows, columns) and skip='
    )
    found = _plausible(shape, readings, aspect)
    if len(found) == 1:
        return found[0]
    if aspect is None and len(shape) == 3 and not tokens:
        if min(shape[1:]) > 1:  # as the server: documented, not guessed, and said
            warnings.warn(
                f"Without a picture, {tuple(shape)} is read as {_cells(shape, 'HWC')}, layout=\"HWC\"; "
                f"say so, or pass the right one: {_say(shape, 'CHW')}.", stacklevel=4,
            )
        return "HWC"
    why = "The picture's shape fits" if aspect else "Without a picture, the shape fits"
    which = "both readings" if len(found) == 2 or not aspect else "neither reading"
    raise LayoutError(
        f"{why} {which} of {tuple(shape)}: {_say(shape, readings[0])}, "
        f"{_say(shape, readings[1])}; pass layout= with the right one{tokens}."
    )


def _grids(tokens, aspect):
    return [
        (h, tokens // h)
        for h in range(1, tokens + 1)
        if tokens % h == 0 and aspect is not None and _is_like(tokens // h, h, aspect)
    ]


def _grid(tokens, aspect, grid):
    """Rows and columns of so many tokens."""
    if grid is not None:
        try:
            rows, columns = (operator.index(n) for n in grid)
        except (TypeError, ValueError):
            raise LayoutError(f"grid is (rows, columns), two whole numbers, not {grid!r}.") from None
        if rows * columns != tokens or rows < 1:
            front = tokens - rows * columns
            hint = f"skip={front}" if min(rows, columns) > 0 and front > 0 else "skip="
            raise LayoutError(
                f"grid=({rows}, {columns}) has {rows * columns} places for {tokens} tokens; pass "
                f"{hint} for class and register tokens in front, or the right grid."
            )
        return rows, columns
    fits = _grids(tokens, aspect)
    if len(fits) == 1:
        return fits[0]
    if fits or aspect is None:
        raise LayoutError(
            f"{tokens} tokens can lie in several grids; pass grid=(rows, columns), and skip= for "
            "class and register tokens in front."
        )
    for front in range(1, min(MOST_IN_FRONT + 1, tokens)):
        if len(_grids(tokens - front, aspect)) == 1:
            rows, columns = _grids(tokens - front, aspect)[0]
            raise LayoutError(
                f"{tokens} tokens fill no grid of the picture's shape, but without {front} in front "
                f"they fill {rows} x {columns}; pass skip={front} if those are class and register "
                "tokens, or grid=(rows, columns) and skip=."
            )
    raise LayoutError(
        f"{tokens} tokens fill no grid of the picture's shape; pass grid=(rows, columns), and skip= "
        "for class and register tokens in front."
    )


def _skipped(skip, tokens):
    try:
        count = operator.index(skip)
    except TypeError:
        count = -1
    if count < 0:
        raise LayoutError(f"skip is how many tokens stand in front, 0 or more, not {skip!r}.")
    if count >= tokens:
        raise LayoutError(f"skip={count} leaves nothing of {tokens} tokens.")
    return count


def to_hwc(values, layout=None, grid=None, skip=0, aspect=None):
    """(H, W, C) of the array's own type, a view of it where that can be. `skip` tokens in front (class, registers)
    are left out; `aspect` is the picture's width / height, or None."""
    array = to_numpy(values)
    if 0 in array.shape:
        raise LayoutError(f"There is nothing in an array of shape {tuple(array.shape)}.")
    if layout is None and (grid is not None or skip):
        layout = {2: "LC", 3: "NLC"}.get(array.ndim)
    layout = guess_layout(array.shape, aspect, layout)
    if layout.startswith("N"):
        if array.shape[0] != 1:
            raise LayoutError(
                f"This is a batch of {array.shape[0]} pictures; pass one, as in features[:1]."
            )
        array, layout = array[0], layout[1:]
    if layout == "LC":
        array = array[_skipped(skip, array.shape[0]) :]
        rows, columns = _grid(array.shape[0], aspect, grid)
        array = array.reshape(rows, columns, array.shape[1])
    elif layout == "CHW":
        array = array.transpose(1, 2, 0)
    return array


def named_maps(features, name="map"):
    """A dict of arrays as it is, several in a list (a network's hidden states) by their number; one
    array as {name: array}."""
    if isinstance(features, (list, tuple)) and features and all(
        len(getattr(each, "shape", ())) >= 2 for each in features
    ):
        return {str(at): each for at, each in enumerate(features)}
    if hasattr(features, "items") and not hasattr(features, "__array__"):
        maps = {str(key): value for key, value in features.items()}
        if not maps:
            raise ValueError(
                "There are no feature maps in an empty dict; if it is hook()'s, run the model inside "
                "its with block."
            )
        return maps
    return {name: features}
