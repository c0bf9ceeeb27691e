"""A scene on a server as Python sees it: its layers, the state of the link, the numbers."""

import base64
import html
import io
import os
import urllib.parse

import numpy as np

from . import launch
from .arrays import named_maps, to_hwc
from .errors import FarlookError, LayoutError
from .files import layout_of, read
from .look import Look, number, rectangle, split_link, xy
from .notebook import browser_url
from .pictures import to_file
from .server import check_name, scene_path

PANELS = 6  # most layers that the page shows side by side


class View(Look):
    """One scene with the way it is looked at. Made by show() and push()."""

    def __init__(self, server, scene, layers=(), width="100%", height=600):
        super().__init__()
        self.server = server
        self.scene = check_name(scene, "A scene's name")
        self.layers = list(layers)
        self.width, self.height = width, height
        self._aspect, self._chosen = None, None
        self._beside, self._cross = [], False

    @property
    def layer(self):
        """The layer whose numbers are asked for where none is named: the first, unless it is set."""
        return self._layer(None)

    @layer.setter
    def layer(self, name):
        if name is not None and name not in self.layers:
            raise ValueError(
                f'The scene has no layer "{name}"; it has {", ".join(self.layers) or "none"}.'
            )
        self._chosen = name

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
        panels = self._panels()
        (scene, layer, _), *others = panels
        pairs = [("v", "1"), ("scene", scene), ("layer", layer), *self._link_pairs()]
        for k, (scene, layer, more) in enumerate(others, 2):
            own = ([("scene", scene)] if scene != self.scene else []) + [("layer", layer), *more]
            pairs += [(f"{name}.{k}", value) for name, value in own]
        shown = [layer for scene, layer, _ in panels if scene == self.scene]
        if self._chosen in shown[1:]:
            pairs.append(("active", str(shown.index(self._chosen) + 1)))
        return "#" + "&".join(f"{k}={urllib.parse.quote(v, safe=',')}" for k, v in pairs)

    @property
    def url(self):
        """The page's address as a browser beside this notebook reaches it."""
        return browser_url(self.server.url) + self.fragment

    def restore(self, link):
        """Takes over what somebody did in the page: reference, pin, layer, metric, stretch, colours of
        a link that its Share button copied. What the link does not say is as at the start."""
        pairs = split_link(link)
        if pairs.get("scene") != self.scene:
            raise ValueError(
                f'That link shows the scene "{pairs.get("scene", "")}", and this view is of '
                f'"{self.scene}"; copy the link of its page.'
            )
        at = pairs.get("active", "1")
        suffix = "" if at == "1" else f".{at}"
        layer = pairs.get(f"layer{suffix}")
        if pairs.get(f"scene{suffix}", self.scene) != self.scene:  # a picture beside it
            layer = pairs.get("layer")
        if layer not in self.layers:
            raise ValueError(f'That link shows a layer "{layer}", which this view has not.')
        self._take_pairs(pairs)
        self.layer = layer

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
        self._put_image(*to_file(image))

    def _put_image(self, data, kind, size):
        self.server.put(f"{scene_path(self.scene)}/picture", data, kind)
        self._aspect = size[0] / size[1]

    def add(self, name, features, layout=None, grid=None, skip=0, extent=None):
        """A layer; one of the same name is replaced, and whoever looks at it keeps the view.
        `extent`: the rectangle of picture pixels that it covers, (x0, y0, x1, y1)."""
        name = check_name(name, "A layer's name")
        extent = _extent_text(extent)
        self._put_layer(name, to_hwc(features, layout, grid, skip, self._aspect), extent)

    def _put_layer(self, name, array, extent):
        file = io.BytesIO()
        np.save(file, np.ascontiguousarray(array), allow_pickle=False)
        self.server.put(
            scene_path(self.scene, name), file.getbuffer(), "application/x-npy", layout="HWC",
            extent=extent,
        )
        if name not in self.layers:
            self.layers.append(name)

    replace = add

    def remove(self, name):
        self.server.delete(scene_path(self.scene, name))
        self.layers = [layer for layer in self.layers if layer != name]
        self._chosen = None if self._chosen == name else self._chosen

    def close(self):
        """Takes the whole scene off the server."""
        self.server.delete(scene_path(self.scene))
        self.layers.clear()
        self._chosen = None

    # --- its numbers ---

    def _layer(self, layer):
        if layer is None and not self.layers:
            raise FarlookError(f'The scene "{self.scene}" has no layers; add one first.')
        return (self._chosen or self.layers[0]) if layer is None else layer

    def _png(self, layer=None, **query):
        path = scene_path(self.scene, self._layer(layer))
        return self.server.get(f"{path}/frame.png", **self._query(**query))

    def similarity(self, layer=None):
        """(H, W) float32 of the present reference and metric on the layer's own grid; NaN: no data."""
        path = scene_path(self.scene, self._layer(layer))
        data = self.server.get(f"{path}/frame.npy", **self._query(colormap=None, opacity=None))
        return np.load(io.BytesIO(data), allow_pickle=False)

    def vector(self, point=None, layer=None):
        """(d,) float32 at (row, column); without one at the reference, or the map's centre."""
        ref = dict(self._reference_pairs())
        if point is not None:
            ref = {"ref": ",".join(number(v) for v in xy(point, "A point"))}
        elif ref and "ref" not in ref:
            raise ValueError(
                "A region or several references have no vector of their own; say at which point."
            )
        path = scene_path(self.scene, self._layer(layer))
        data = self.server.get(f"{path}/vector.npy", **ref)
        return np.load(io.BytesIO(data), allow_pickle=False)

    def parameters(self, layer=None):
        """Everything that says what a frame shows (frame.json)."""
        path = scene_path(self.scene, self._layer(layer))
        return self.server.get_json(f"{path}/frame.json", **self._query())

    @property
    def range(self):
        """(lo, hi) of the layer's stretch; None where the reference has no direction."""
        said = self.parameters()
        return said["lo"], said["hi"]

    def _picture_aspect(self):
        """Of the picture that the scene has on the server; None: it has none."""
        for scene in self.server.scenes():
            if scene["name"] == self.scene and scene["picture"]:
                return scene["picture"][0] / scene["picture"][1]
        return None

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

    `features`: an array of any library, a path (.npy .npz .pt .h5 .nc .mat .tif .zarr), or a dict or
    list of them, one a layer. `image`: a path, bytes, a PIL image or an array. Nothing is sent
    before all of it was found to be good."""
    if not hasattr(server, "put"):
        server = connect(server)
    view, extent = View(server, name), _extent_text(extent)
    picture = None if image is None else to_file(image)
    aspect = view._picture_aspect() if image is None else picture[2][0] / picture[2][1]
    layers, arrays = list(_layers_of(features, layout)), {}
    for layer, values, known in layers:
        check_name(layer, "A layer's name")
        try:
            arrays[layer] = to_hwc(values, known, grid, skip, aspect)
        except (LayoutError, TypeError) as error:
            which = f'The layer "{layer}": ' if len(layers) > 1 else ""
            raise type(error)(f"{which}{error}") from None
    if picture:
        view._put_image(*picture)
    view._aspect = aspect
    for layer, array in arrays.items():
        view._put_layer(layer, array, extent)
    return view


def _extent_text(extent):
    if extent is None:
        return None
    return ",".join(number(v) for v in rectangle(extent, "extent", "x0, y0, x1, y1"))


def _is_path(value):
    return isinstance(value, str) or hasattr(value, "__fspath__")


def _layout_in(path, layout):
    own = layout_of(path)
    if own and layout and str(layout).upper() != own:
        raise LayoutError(
            f"{os.path.basename(path)} says itself which axes are rows, columns and bands; leave "
            "layout= out."
        )
    return own or layout


def _layers_of(features, layout):
    """(name, array, layout) of each; files are read."""
    if _is_path(features):
        known = _layout_in(features, layout)
        yield from ((name, array, known) for name, array in read(features).items())
        return
    for name, values in named_maps(features).items():
        if not _is_path(values):
            yield name, values, layout
            continue
        known, found = _layout_in(values, layout), read(values)
        if len(found) > 1:
            raise FarlookError(
                f"{os.path.basename(values)} holds {len(found)} maps ({', '.join(found)}); choose one "
                f"with farlook.read(path)[name]."
            )
        yield name, next(iter(found.values())), known


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
        view._negative = []
        view.reference = reference
        return view.similarity(layer)
    finally:
        view._positive, view._negative, view._region = kept


def vector(view, point=None, layer=None):
    return view.vector(point, layer)


def snapshot(view, path=None, **how):
    return view.snapshot(path, **how)
