"""A scene on a server as Python sees it: its layers, the state of the link, the numbers."""

import base64
import html
import io
import urllib.parse

import numpy as np

from . import launch
from .arrays import named_maps, to_hwc
from .errors import FarlookError
from .files import read
from .notebook import browser_url
from .pictures import to_file
from .server import scene_path

METRICS = ("angular", "cosine", "angle", "dot", "l2", "l1", "lhalf", "pearson", "msam")
PANELS = 6  # most layers that the page shows side by side


def _point(value, what):
    """(row, column) as the wire's (x, y)."""
    row, column = (float(v) for v in value)
    if not (np.isfinite(row) and np.isfinite(column)):
        raise ValueError(f"{what} is (row, column) in pixels of the picture.")
    return column, row


def _points(values, what):
    """One point or a list of them."""
    if values is None:
        return []
    values = list(values)
    if values and np.isscalar(values[0]):
        values = [values]
    return [_point(value, what) for value in values]


def _number(value):
    return f"{value:.10g}"


class View:
    """One scene with the way it is looked at. Made by show() and push()."""

    def __init__(self, server, scene, layers=(), width="100%", height=600):
        self.server = server
        self.scene = scene
        self.layers = list(layers)
        self.width, self.height = width, height
        self._aspect = None
        self._beside, self._cross = [], False
        self._positive, self._negative, self._region = [], [], None
        self._metric, self._origin = "angular", "zero"
        self._stretch, self._colormap, self._opacity = ("around",), "viridis", None

    # --- what is looked at ---

    @property
    def reference(self):
        """(row, column) of the reference, a list of them, or None: the map's centre."""
        points = [(y, x) for x, y in self._positive]
        return points[0] if len(points) == 1 else (points or None)

    @reference.setter
    def reference(self, value):
        self._positive, self._region = _points(value, "The reference"), None

    @property
    def negative(self):
        """Points that what is looked for is unlike."""
        return [(y, x) for x, y in self._negative]

    @negative.setter
    def negative(self, value):
        self._negative, self._region = _points(value, "A negative reference"), None

    @property
    def region(self):
        """A rectangle as reference, (row0, column0, row1, column1), or None."""
        return self._region

    @region.setter
    def region(self, value):
        if value is not None:
            value = tuple(float(v) for v in value)
            if len(value) != 4 or value[0] > value[2] or value[1] > value[3]:
                raise ValueError("A region is (row0, column0, row1, column1), the smaller first.")
            self._positive, self._negative = [], []
        self._region = value

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
            raise ValueError('origin is "zero" or "min".')
        self._origin = value

    @property
    def stretch(self):
        """"minmax", "around", ("percentile", p, q) or ("fixed", lo, hi); "lock" freezes lo, hi."""
        return self._stretch[0] if len(self._stretch) == 1 else self._stretch

    @stretch.setter
    def stretch(self, value):
        if value == "lock":
            value = ("fixed", *self.range)
        value = (value,) if isinstance(value, str) else tuple(value)
        lengths = {"minmax": 1, "around": 1, "percentile": 3, "fixed": 3}
        if lengths.get(value[0]) != len(value):
            raise ValueError(
                'stretch is "minmax", "around", ("percentile", p, q), ("fixed", lo, hi) or "lock".'
            )
        self._stretch = value

    @property
    def colormap(self):
        return self._colormap

    @colormap.setter
    def colormap(self, value):
        self._colormap = str(value)

    @property
    def opacity(self):
        return self._opacity

    @opacity.setter
    def opacity(self, value):
        if value is not None and not 0 <= float(value) <= 1:
            raise ValueError("opacity is from 0 to 1.")
        self._opacity = value

    def _reference_pairs(self):
        if self._region:
            row0, column0, row1, column1 = self._region
            return [("region", ",".join(_number(v) for v in (column0, row0, column1, row1)))]
        if len(self._positive) == 1 and not self._negative:
            return [("ref", ",".join(_number(v) for v in self._positive[0]))]
        signed = [(*p, 1) for p in self._positive] + [(*p, -1) for p in self._negative]
        if not signed:
            return []
        return [("refs", ",".join(_number(v) for point in signed for v in point))]

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

    # --- where it is seen ---

    def _panels(self):
        """(scene, layer, further names and values) of each panel; the first is this scene's."""
        panels = [(self.scene, layer, []) for layer in self.layers[:PANELS]]
        for other in self._beside:
            for layer in other.layers:
                cross = self._reference_layer_of(other, layer)
                panels.append((other.scene, layer, [("from", cross)] if cross else []))
        return panels[:PANELS] or [(self.scene, "", [])]

    def _reference_layer_of(self, other, layer):
        """ "scene/layer" of this scene whose vectors the other picture's layer is compared with."""
        if not self._cross or not self.layers:
            return None
        return f"{self.scene}/{layer if layer in self.layers else self.layers[0]}"

    @property
    def fragment(self):
        """What the page shows, as its address has it: every layer a panel, up to six."""
        (scene, layer, _), *others = self._panels()
        pairs = [("v", "1"), ("scene", scene), ("layer", layer), *self._reference_pairs()]
        pairs += [
            ("metric", self._metric), ("origin", self._origin),
            ("stretch", self._stretch_text()), ("colormap", self._colormap),
        ]
        if self._opacity is not None:
            pairs.append(("opacity", _number(self._opacity)))
        for k, (scene, layer, more) in enumerate(others, 2):
            own = ([("scene", scene)] if scene != self.scene else []) + [("layer", layer), *more]
            pairs += [(f"{name}.{k}", value) for name, value in own]
        return "#" + "&".join(f"{k}={urllib.parse.quote(v, safe=',')}" for k, v in pairs)

    @property
    def url(self):
        """The page's address as a browser beside this notebook reaches it."""
        return browser_url(self.server.url) + self.fragment

    def _repr_html_(self):
        url = html.escape(self.url, quote=True)
        width, height = (html.escape(str(v), quote=True) for v in (self.width, self.height))
        try:  # stays in the saved notebook, where no server answers
            picture = base64.b64encode(self._png(w=480)).decode()
            still = f'<img alt="Farlook: {html.escape(self.scene)}" width="240" src="data:image/png;base64,{picture}">'
        except FarlookError:
            still = ""
        return (
            f'<iframe src="{url}" width="{width}" height="{height}" style="border:0" '
            f'allow="fullscreen"></iframe><details><summary><a href="{url}" target="_blank">'
            f"{html.escape(self.scene)} in a window of its own</a></summary>{still}</details>"
        )

    def __repr__(self):
        return f"<farlook.View {self.scene}: {', '.join(self.layers)} at {self.url}>"

    def beside(self, *views, cross=False):
        """The layers of other scenes as further panels. `cross`: they are compared with this scene's
        reference (in its layer of the same name, else its first one) instead of their own."""
        self._beside, self._cross = list(views), cross
        return self

    # --- its layers ---

    def set_image(self, image):
        data, kind, (w, h) = to_file(image)
        self.server.put(f"{scene_path(self.scene)}/picture", data, kind)
        self._aspect = w / h

    def add(self, name, features, layout=None, grid=None, skip=0, extent=None):
        """A layer; one of the same name is replaced, and whoever looks at it keeps the view.
        `extent`: the rectangle of picture pixels that it covers, (x0, y0, x1, y1)."""
        array = to_hwc(features, layout, grid, skip, self._aspect)
        file = io.BytesIO()
        np.save(file, array, allow_pickle=False)
        self.server.put(
            scene_path(self.scene, name), file.getbuffer(), "application/x-npy", layout="HWC",
            extent=None if extent is None else ",".join(_number(v) for v in extent),
        )
        if name not in self.layers:
            self.layers.append(name)

    replace = add

    def remove(self, name):
        self.server.delete(scene_path(self.scene, name))
        self.layers.remove(name)

    def close(self):
        """Takes the whole scene off the server."""
        self.server.delete(scene_path(self.scene))
        self.layers.clear()

    # --- its numbers ---

    def _layer(self, layer):
        if layer is None and not self.layers:
            raise FarlookError(f'The scene "{self.scene}" has no layers; add one first.')
        return self.layers[0] if layer is None else layer

    def _png(self, layer=None, **query):
        path = scene_path(self.scene, self._layer(layer))
        return self.server.get(f"{path}/frame.png", **self._query(**query))

    def similarity(self, layer=None):
        """(H, W) float32 of the present reference and metric on the layer's own grid; NaN: no data."""
        path = scene_path(self.scene, self._layer(layer))
        data = self.server.get(f"{path}/frame.npy", **self._query(colormap=None, opacity=None))
        return np.load(io.BytesIO(data), allow_pickle=False)

    def vector(self, point=None, layer=None):
        """(d,) float32 at (row, column); without one at the reference."""
        pairs = self._reference_pairs() if point is None else []
        ref = dict(pairs).get("ref")
        if point is not None:
            ref = ",".join(_number(v) for v in _point(point, "A point"))
        path = scene_path(self.scene, self._layer(layer))
        data = self.server.get(f"{path}/vector.npy", ref=ref)
        return np.load(io.BytesIO(data), allow_pickle=False)

    def parameters(self, layer=None):
        """Everything that says what a frame shows (frame.json)."""
        path = scene_path(self.scene, self._layer(layer))
        return self.server.get_json(f"{path}/frame.json", **self._query())

    @property
    def range(self):
        """(lo, hi) of the first layer's stretch."""
        said = self.parameters()
        return said["lo"], said["hi"]

    def _facts(self, layer):
        for scene in self.server.scenes():
            if scene["name"] == self.scene:
                for facts in scene["maps"]:
                    if facts["name"] == layer:
                        return facts
        raise FarlookError(f'The server has no layer "{layer}" in the scene "{self.scene}".')

    def topk(self, k=10, layer=None):
        """The k most similar cells, best first: [(row, column, value)], points of the picture."""
        layer = self._layer(layer)
        s = self.similarity(layer)
        facts = self._facts(layer)
        near = np.where(np.isnan(s), -np.inf, s)
        if self._metric in ("angle", "l2", "l1", "lhalf"):  # distances: the smallest
            near = np.where(np.isnan(s), -np.inf, -s)
        order = np.argsort(-near, axis=None, kind="stable")[:k]
        x0, y0, x1, y1 = facts["extent"]
        found = []
        for at in order:
            j, i = np.unravel_index(at, s.shape)
            if np.isnan(s[j, i]):
                break
            row = y0 + (j + 0.5) * (y1 - y0) / s.shape[0]
            column = x0 + (i + 0.5) * (x1 - x0) / s.shape[1]
            found.append((float(row), float(column), float(s[j, i])))
        return found

    def snapshot(self, path=None, layer=None, width=None, colorbar=False):
        """The picture as the page has it, exact, as a PNG: its bytes, and a file if `path` is named."""
        data = self._png(layer, w=width, colorbar=1 if colorbar else None)
        if path is not None:
            with open(path, "wb") as file:
                file.write(data)
        return data


def connect(url=None, token=None):
    """A server: the one named, FARLOOK_SERVER's, the one at the usual address, or one of our own."""
    return launch.find(url, token)


def push(features, image=None, *, name="python", layout=None, grid=None, skip=0, extent=None,
         server=None):
    """Puts feature maps on a server as a scene, replacing what it had of those names; a View.

    `features`: an array of any library, a path (.npy .npz .pt .h5 .nc .mat .tif .zarr), or a dict of
    them, one a layer. `image`: a path, bytes, a PIL image or an array."""
    if not hasattr(server, "put"):
        server = connect(server)
    if isinstance(features, str) or hasattr(features, "__fspath__"):
        features = read(features)
    view = View(server, name)
    if image is not None:
        view.set_image(image)
    for layer, values in named_maps(features).items():
        if isinstance(values, str) or hasattr(values, "__fspath__"):
            values = next(iter(read(values).values()))
        view.add(layer, values, layout, grid, skip, extent)
    return view


def show(features, image=None, *, metric="angular", stretch="around", colormap="viridis",
         opacity=None, reference=None, width="100%", height=600, **where):
    """push(), with the look set: the last line of a notebook's cell, it becomes the page."""
    view = push(features, image, **where)
    view.width, view.height = width, height
    view.metric, view.colormap, view.opacity = metric, colormap, opacity
    view.reference = reference
    view.stretch = stretch
    return view


def similarity(view, reference=None, layer=None):
    """(H, W) float32; `reference`: another than the view's."""
    if reference is None:
        return view.similarity(layer)
    kept = view._positive, view._negative, view._region
    try:
        view._negative, view.reference = [], reference
        return view.similarity(layer)
    finally:
        view._positive, view._negative, view._region = kept


def vector(view, point=None, layer=None):
    return view.vector(point, layer)


def snapshot(view, path=None, **how):
    return view.snapshot(path, **how)
