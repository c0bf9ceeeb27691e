"""Farlook from Python: show feature maps in a notebook, read the numbers back.

    import farlook
    with farlook.hook(model, ["layer2", "layer3"]) as maps:
        model(batch)
    view = farlook.show(maps, image)

Points are (row, column) in pixels of the picture, as NumPy indexes; pixel centres are at +0.5.
"""

from .errors import FarlookError, LayoutError
from .files import read
from .hooks import hook
from .launch import start
from .server import Server
from .view import View, connect, push, show, similarity, snapshot, vector

__version__ = "0.1.0"
__all__ = [
    "FarlookError", "LayoutError", "Server", "View", "connect", "hook", "push", "read", "show",
    "similarity", "snapshot", "start", "vector",
]
