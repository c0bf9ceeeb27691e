"""Arrays of any library, in any layout, as (H, W, C) NumPy arrays.

Nothing but NumPy is imported: a torch tensor is known by its methods, a cupy or jax array by
`__dlpack__` or `__array__`.
"""

import numpy as np

from .errors import LayoutError

LAYOUTS = ("HWC", "CHW", "NHWC", "NCHW", "LC", "NLC")
KINDS = "fiub"  # NumPy's kinds that the server reads


def to_numpy(values):
    """Any array as NumPy's, on the CPU; bfloat16, which NumPy has not, as float32 (exact)."""
    if isinstance(values, np.ndarray):
        array = values
    elif hasattr(values, "detach") and hasattr(values, "cpu"):  # torch
        tensor = values.detach().cpu()
        if str(tensor.dtype) == "torch.bfloat16":
            tensor = tensor.float()
        array = tensor.numpy()
    elif hasattr(values, "__array__"):
        array = np.asarray(values)
    elif hasattr(values, "__dlpack__"):
        array = np.from_dlpack(values)
    else:
        array = np.asarray(values)
    if array.dtype.name == "bfloat16":  # ml_dtypes
        array = array.astype(np.float32)
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


def _say(shape, layout):
    h, w, c = (shape[layout.index(axis)] for axis in "HWC")
    return f'layout="{layout}" would be {w} x {h} cells of {c} channels'


def guess_layout(shape, aspect, named=None):
    """The layout of this shape: the named one, or the one that fits the picture's aspect ratio
    (width / height, or None without a picture); else a LayoutError that tells both readings."""
    if named is not None:
        layout = named.upper()
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
    found = _plausible(shape, readings, aspect)
    if len(found) == 1:
        return found[0]
    if aspect is None and len(shape) == 3:
        return "HWC"  # as the server: documented, not guessed
    why = "The picture's shape fits" if aspect else "Without a picture, the shape fits"
    which = "neither reading" if not found else "both readings"
    raise LayoutError(
        f"{why} {which} of {tuple(shape)}: {_say(shape, readings[0])}, "
        f"{_say(shape, readings[1])}; pass layout= with the right one."
    )


def _grid(tokens, aspect, grid):
    """Rows and columns of so many tokens."""
    if grid is not None:
        rows, columns = (int(n) for n in grid)
        if rows * columns != tokens:
            raise LayoutError(
                f"grid=({rows}, {columns}) has {rows * columns} places for {tokens} tokens; pass "
                "skip= for class and register tokens in front, or the right grid."
            )
        return rows, columns
    fits = [
        (h, tokens // h)
        for h in range(1, tokens + 1)
        if tokens % h == 0 and aspect is not None and _is_like(tokens // h, h, aspect)
    ]
    if len(fits) == 1:
        return fits[0]
    raise LayoutError(
        f"{tokens} tokens can lie in several grids; pass grid=(rows, columns), and skip= for class "
        "and register tokens in front."
    )


def to_hwc(values, layout=None, grid=None, skip=0, aspect=None):
    """(H, W, C), contiguous, of the array's own type. `skip` tokens in front (class, registers)
    are left out; `aspect` is the picture's width / height, or None."""
    array = to_numpy(values)
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
        if not 0 <= skip < array.shape[0]:
            raise LayoutError(f"skip={skip} leaves nothing of {array.shape[0]} tokens.")
        array = array[skip:]
        rows, columns = _grid(array.shape[0], aspect, grid)
        array = array.reshape(rows, columns, array.shape[1])
    elif layout == "CHW":
        array = array.transpose(1, 2, 0)
    if 0 in array.shape:
        raise LayoutError(f"There is nothing in an array of shape {tuple(array.shape)}.")
    return np.ascontiguousarray(array)


def named_maps(features, name="map"):
    """A dict of arrays as it is; one array as {name: array}."""
    if hasattr(features, "items") and not hasattr(features, "__array__"):
        maps = {str(key): value for key, value in features.items()}
        if not maps:
            raise ValueError("There are no feature maps in an empty dict.")
        return maps
    return {name: features}
