"""How a scene is looked at: reference, metric, stretch, colours; as a query, as the page's link and back."""

import urllib.parse

import numpy as np

METRICS = ("angular", "cosine", "angle", "dot", "l2", "l1", "lhalf", "pearson", "msam")
COLORMAPS = (
    "viridis", "fire", "magma", "inferno", "plasma", "cividis", "turbo", "gray", "coolwarm",
)
MOST_REFERENCES = 16
STRETCH = (
    'stretch is "minmax", "around", ("percentile", p, q) with 0 <= p < q <= 100, '
    '("fixed", lo, hi) with lo <= hi, or "lock".'
)


def number(value):
    return f"{value:.10g}"


def _floats(values):
    """A NumPy array of finite numbers, or None."""
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        return None
    return array if np.isfinite(array).all() else None


def xy(value, what):
    """(row, column) as the wire's (x, y)."""
    array = _floats(value)
    if array is None or array.shape != (2,):
        raise ValueError(f"{what} is (row, column) in pixels of the picture, not {value!r}.")
    return float(array[1]), float(array[0])


def _points(values, what):
    """One point or a list of them."""
    if values is None:
        return []
    array = _floats(values)
    if array is not None and array.shape == (2,):
        return [xy(array, what)]
    return [xy(value, what) for value in (values if np.iterable(values) else [values])]


def rectangle(values, what, names):
    """Four finite numbers, the first two not above the others."""
    array = _floats(values)
    if array is None or array.shape != (4,) or array[0] > array[2] or array[1] > array[3]:
        raise ValueError(f"{what} is ({names}), the smaller first, not {values!r}.")
    return tuple(float(v) for v in array)


class Look:
    """What View adds a server and a scene to. `range` is the view's: lo and hi of its stretch."""

    def __init__(self):
        self._positive, self._negative, self._region = [], [], None
        self._pin = None
        self._metric, self._origin = "angular", "zero"
        self._stretch, self._colormap, self._opacity = ("around",), "viridis", None

    @property
    def reference(self):
        """(row, column) of the reference, a list of them, or None: the map's centre."""
        points = [(y, x) for x, y in self._positive]
        return points[0] if len(points) == 1 else (points or None)

    @reference.setter
    def reference(self, value):
        points = _points(value, "The reference")
        self._check_count(points, self._negative)
        self._positive, self._region = points, None

    @property
    def negative(self):
        """Points that what is looked for is unlike."""
        return [(y, x) for x, y in self._negative]

    @negative.setter
    def negative(self, value):
        points = _points(value, "A negative reference")
        self._check_count(self._positive, points)
        self._negative, self._region = points, None

    @staticmethod
    def _check_count(positive, negative):
        if len(positive) + len(negative) > MOST_REFERENCES:
            raise ValueError(
                f"There are {len(positive) + len(negative)} references, and {MOST_REFERENCES} at "
                "most, negative ones too; take some away."
            )

    @property
    def region(self):
        """A rectangle as reference, (row0, column0, row1, column1), or None."""
        return self._region

    @region.setter
    def region(self, value):
        if value is not None:
            value = rectangle(value, "A region", "row0, column0, row1, column1")
            self._positive, self._negative = [], []
        self._region = value

    @property
    def pin(self):
        """(row, column) of the pixel that the page compares the pointer with, or None."""
        return None if self._pin is None else self._pin[::-1]

    @pin.setter
    def pin(self, value):
        self._pin = None if value is None else xy(value, "A pin")

    @property
    def metric(self):
        return self._metric

    @metric.setter
    def metric(self, value):
        if value not in METRICS:
            raise ValueError(f'metric is one of {", ".join(METRICS)}, not "{value}".')
        self._metric = value

    @property
    def origin(self):
        return self._origin

    @origin.setter
    def origin(self, value):
        if value not in ("zero", "min"):
            raise ValueError(f'origin is "zero" or "min", not "{value}".')
        self._origin = value

    @property
    def stretch(self):
        """"minmax", "around", ("percentile", p, q) or ("fixed", lo, hi); "lock" freezes lo, hi."""
        return self._stretch[0] if len(self._stretch) == 1 else self._stretch

    @stretch.setter
    def stretch(self, value):
        if isinstance(value, str) and value == "lock":
            value = ("fixed", *self.range)
            if None in value:
                raise ValueError(
                    "There are no lo and hi to lock: the reference has no direction (no data); "
                    "choose another one."
                )
        words = [value] if isinstance(value, str) else list(value) if np.iterable(value) else []
        kind, numbers = (words or [None])[0], words[1:]
        pair = _floats(numbers)
        if not numbers and kind in ("minmax", "around"):
            self._stretch = (kind,)
            return
        if kind not in ("percentile", "fixed") or pair is None or pair.shape != (2,):
            raise ValueError(STRETCH)
        lo, hi = (float(v) for v in pair)
        if lo > hi or (kind == "percentile" and not 0 <= lo < hi <= 100):
            raise ValueError(STRETCH)
        self._stretch = (kind, lo, hi)

    @property
    def colormap(self):
        return self._colormap

    @colormap.setter
    def colormap(self, value):
        if str(value).removesuffix("_r") not in COLORMAPS:
            raise ValueError(
                f'colormap is one of {", ".join(COLORMAPS)}, each also with _r for reversed, not '
                f'"{value}".'
            )
        self._colormap = str(value)

    @property
    def opacity(self):
        return self._opacity

    @opacity.setter
    def opacity(self, value):
        if value is not None:
            array = _floats(value)
            if array is None or array.shape != () or not 0 <= array <= 1:
                raise ValueError(f"opacity is from 0 to 1, not {value!r}.")
            value = float(array)
        self._opacity = value

    # --- as names and values ---

    def _reference_pairs(self):
        if self._region:
            row0, column0, row1, column1 = self._region
            return [("region", ",".join(number(v) for v in (column0, row0, column1, row1)))]
        if len(self._positive) == 1 and not self._negative:
            return [("ref", ",".join(number(v) for v in self._positive[0]))]
        signed = [(*p, 1) for p in self._positive] + [(*p, -1) for p in self._negative]
        if not signed:
            return []
        return [("refs", ",".join(number(v) for at in signed for v in at))]

    def _stretch_text(self):
        return ",".join(v if isinstance(v, str) else repr(float(v)) for v in self._stretch)

    def _query(self, **more):
        query = dict(self._reference_pairs())
        query.update(
            metric=self._metric, origin=self._origin, stretch=self._stretch_text(),
            colormap=self._colormap, opacity=self._opacity,
        )
        query.update(more)
        return query

    def _link_pairs(self):
        """Those of the page's address that are not of one panel alone."""
        pairs = self._reference_pairs()
        if self._pin is not None:
            pairs.append(("pin", ",".join(number(v) for v in self._pin)))
        pairs += [
            ("metric", self._metric), ("origin", self._origin),
            ("stretch", self._stretch_text()), ("colormap", self._colormap),
        ]
        if self._opacity is not None:
            pairs.append(("opacity", number(self._opacity)))
        return pairs

    def _take_pairs(self, pairs):
        """The other way round; all of them, or none where one makes no sense."""
        new = Look()
        for name, value in pairs.items():
            values = value.split(",")
            if name == "ref" and not pairs.keys() & {"refs", "region"}:  # else where the pointer was
                new.reference = values[::-1]
            elif name == "pin":
                new.pin = values[::-1]
            elif name == "region":
                new.region = [values[k] for k in (1, 0, 3, 2)] if len(values) == 4 else values
            elif name == "refs":
                new._take_signed(values)
            elif name == "stretch":
                new.stretch = values
            elif name in ("metric", "origin", "colormap", "opacity"):
                setattr(new, name, value)
        self.__dict__.update(new.__dict__)

    def _take_signed(self, values):
        signed = _floats(values)
        if signed is None or signed.size % 3 or not np.isin(signed[2::3], (1, -1)).all():
            raise ValueError("The link's refs are not triples x, y, sign; copy it again with Share.")
        for at in signed.reshape(-1, 3):
            (self._positive if at[2] > 0 else self._negative).append((float(at[0]), float(at[1])))
        self._check_count(self._positive, self._negative)


def split_link(link):
    """The names and values behind the # of a page's address; those of panel k end in ".k"."""
    fragment = str(link).partition("#")[2]
    pairs = dict(urllib.parse.parse_qsl(fragment.replace("+", "%2B"), keep_blank_values=True))
    if pairs.get("v") != "1":
        raise ValueError(
            'That is no link of a Farlook page, which has "#v=1&" in it; copy it with Share.'
        )
    return pairs
