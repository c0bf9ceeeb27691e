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


def quote(text):
    return urllib.parse.quote(str(text), safe="")


def scene_path(scene, layer=None):
    path = f"api/v1/scenes/{quote(scene)}"
    return path if layer is None else f"{path}/maps/{quote(layer)}"


def with_query(path, query):
    pairs = [(key, value) for key, value in query.items() if value is not None]
    return f"{path}?{urllib.parse.urlencode(pairs, safe=',')}" if pairs else path


class Server:
    """One server. Not for several threads at once."""

    def __init__(self, url=None, token=None, timeout=60):
        self.url = (url or os.environ.get("FARLOOK_SERVER") or DEFAULT).rstrip("/")
        self.token = token or os.environ.get("FARLOOK_TOKEN")
        parts = urllib.parse.urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f'A server is named like "{DEFAULT}", not "{self.url}".')
        self._base = parts.path.rstrip("/")
        make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = make(parts.hostname, parts.port, timeout=timeout)

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
        return json.loads(self.get(path, **query))

    def delete(self, path):
        self.call("DELETE", path)

    def put(self, path, data, kind, **query):
        """Uploads bytes, in pieces of at most 8 MiB; what the server lost of them is sent again."""
        view, total = memoryview(data).cast("B"), len(data)
        headers = {"Content-Type": kind}
        if total <= PIECE:
            return json.loads(self.call("PUT", with_query(path, query), bytes(view), headers))
        path = with_query(path, {**query, "id": uuid.uuid4().hex})  # two people, one name
        at, again = 0, TRIES
        while True:
            end = min(at + PIECE, total)
            headers["Content-Range"] = f"bytes {at}-{end - 1}/{total}"
            status, _, answer = self.request("PUT", path, bytes(view[at:end]), headers)
            if status in (200, 201):
                return json.loads(answer)
            if status == 416 and again > 0:
                again -= 1
            elif status != 202:
                raise _refusal(status, answer, f"PUT {path}")
            at = json.loads(answer)["received"]

    def scenes(self):
        return self.get_json("api/v1/scenes")["scenes"]


def _refusal(status, data, what):
    try:
        said = json.loads(data)
        return FarlookError(said["message"], said["code"], status)
    except (ValueError, KeyError, TypeError):
        return FarlookError(f"The server answered {what} with HTTP {status}.", 0, status)
