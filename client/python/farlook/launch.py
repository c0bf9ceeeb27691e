"""A server of one's own on this machine, ended with Python."""

import atexit
import os
import shutil
import subprocess
import tempfile
import threading

from .errors import FarlookError
from .server import Server

_started = None


class Process:
    """farlook-server as a child: loopback, a free port, uploads into a temporary folder."""

    def __init__(self, program, arguments=()):
        self._folder = tempfile.mkdtemp(prefix="farlook-")
        command = [
            program, "--listen", "127.0.0.1:0", "--software", "--upload-dir", self._folder,
            *arguments,
        ]
        try:
            self._process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
            )
        except OSError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise FarlookError(
                f"{program} cannot be started ({error.strerror}); name the farlook-server that was "
                "built in FARLOOK_PROGRAM."
            ) from error
        self._said = []
        self.url = self._await_url()
        # What it says later must not fill the pipe.
        threading.Thread(target=self._listen, daemon=True).start()
        atexit.register(self.stop)

    def _await_url(self):
        for line in self._process.stdout:
            self._said.append(line.rstrip())
            for word in line.split():
                if word.startswith("http://127.0.0.1:"):
                    return word.rstrip("/.,")
        self.stop()
        raise FarlookError("farlook-server did not start: " + " ".join(self._said[-2:]))

    def _listen(self):
        for line in self._process.stdout:
            self._said = self._said[-200:] + [line.rstrip()]

    def stop(self):
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def start(program=None):
    """The URL of this process's own server, started the first time."""
    global _started
    if _started is None or _started._process.poll() is not None:
        program = program or os.environ.get("FARLOOK_PROGRAM") or shutil.which("farlook-server")
        if not program:
            raise FarlookError(
                "There is no farlook-server on PATH; start one elsewhere and pass server=URL, or "
                "name the program in FARLOOK_PROGRAM."
            )
        _started = Process(program)
    return _started.url


def find(url=None, token=None):
    """The server named, or FARLOOK_SERVER's, or the one at the usual address that takes uploads,
    else one of our own."""
    if url is not None or os.environ.get("FARLOOK_SERVER"):
        return Server(url, token)
    usual = Server(None, token, timeout=5)
    try:
        if usual.get_json("api/v1/scenes").get("upload", 0) > 0:
            return Server(None, token)
    except FarlookError:
        pass
    return Server(start(), token)
