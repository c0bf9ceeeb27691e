"""A Farlook server, over HTTP: the standard library alone."""

import http.client
import json
import os
import time
import urllib.parse
import uuid

from .errors import FarlookError

PIECE = 8 << 20  # most bytes of one request: proxies of notebooks hold back larger ones
DEFAULT = "http://127.0.0.1:8765"
TRIES = 3
MOST_NAME = 120  # bytes of UTF-8


def quote(text):
    return urllib.parse.quote(str(text), safe="")


def check_name(name, what):
    """A scene's or layer's name as text, by the server's rules, which are told before anything is sent."""
    text = "" if name is None else str(name)
    try:
        size = len(text.encode())
    except UnicodeEncodeError:  # half of a surrogate pair
        size = 0
    control = any(ord(c) < 32 or ord(c) == 127 for c in text)
    if not 0 < size <= MOST_NAME or "/" in text or control or text.startswith("."):
        raise ValueError(
            f'{what} is 1 to {MOST_NAME} bytes of text without "/" and control characters that does '
            f"not begin with a dot, not {text[:40]!r}."
        )
    return text


def scene_path(scene, layer=None):
    path = f"api/v1/scenes/{quote(scene)}"
    return path if layer is None else f"{path}/maps/{quote(layer)}"


def with_query(path, query):
    pairs = [(key, value) for key, value in query.items() if value is not None]
    return f"{path}?{urllib.parse.urlencode(pairs, safe=',')}" if pairs else path


class Server:
    """One server. Not for several threads at once."""

    def __init__(self, url=None, token=None, timeout=60):
        self.url = str(url or os.environ.get("FARLOOK_SERVER") or DEFAULT).partition("#")[0].rstrip("/")
        self.token = token or os.environ.get("FARLOOK_TOKEN")
        try:
            parts = urllib.parse.urlsplit(self.url)
            host, port = parts.hostname, parts.port
        except ValueError:  # a port that is none
            host, port = None, None
        if not host or parts.scheme not in ("http", "https"):
            raise ValueError(f'A server is named like "{DEFAULT}", not "{self.url}".')
        self._base = parts.path.rstrip("/")
        make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = make(host, port, timeout=timeout)

    def __repr__(self):
        return f"<farlook.Server {self.url}>"

    def request(self, method, path, body=None, headers=None):
        """(status, headers, bytes); a connection that was closed meanwhile is opened anew."""
        headers = dict(headers or {})
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        for left in range(TRIES - 1, -1, -1):
            try:
                self._connection.request(method, f"{self._base}/{path}", body, headers)
                answer = self._connection.getresponse()
                return answer.status, answer.headers, answer.read()
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                if left == 0 or isinstance(error, ConnectionRefusedError):
                    raise FarlookError(
                        f"No Farlook server answers at {self.url} ({error}); start one with "
                        "farlook-server --upload-dir DIRECTORY, or name another with server=."
                    ) from error
                time.sleep(0.2)
        raise AssertionError("unreachable")

    def call(self, method, path, body=None, headers=None):
        """The bytes of a good answer; else a FarlookError with the server's sentence."""
        status, _, data = self.request(method, path, body, headers)
        if status < 300:
            return data
        raise _refusal(status, data, f"{method} {path}")

    def get(self, path, **query):
        return self.call("GET", with_query(path, query))

    def get_json(self, path, **query):
        return self._told(self.get(path, **query))

    def _told(self, data):
        """The JSON object that a Farlook server answers with."""
        try:
            said = json.loads(data)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise FarlookError(
                f"What answers at {self.url} is no Farlook server; name another with server=."
            )
        return said

    def delete(self, path):
        self.call("DELETE", path)

    def put(self, path, data, kind, **query):
        """Uploads bytes, in pieces of at most 8 MiB; what the server lost of them is sent again."""
        view, total = memoryview(data).cast("B"), len(data)
        headers = {"Content-Type": kind}
        if total <= PIECE:
            return self._told(self.call("PUT", with_query(path, query), bytes(view), headers))
        path = with_query(path, {**query, "id": uuid.uuid4().hex})  # two people, one name
        at, again = 0, TRIES
        while True:
            end = min(at + PIECE, total)
            headers["Content-Range"] = f"bytes {at}-{end - 1}/{total}"
            status, _, answer = self.request("PUT", path, bytes(view[at:end]), headers)
            if status in (200, 201):
                return self._told(answer)
            if status == 416 and again > 0:
                again -= 1
            elif status != 202:
                raise _refusal(status, answer, f"PUT {path}")
            at = self._told(answer)["received"]

    def scenes(self):
        said = self.get_json("api/v1/scenes")
        return said["scenes"] if "scenes" in said else self._told(b"null")


def _refusal(status, data, what):
    try:
        said = json.loads(data)
        return FarlookError(said["message"], said["code"], status)
    except (ValueError, KeyError, TypeError):
        return FarlookError(f"The server answered {what} with HTTP {status}.", 0, status)
