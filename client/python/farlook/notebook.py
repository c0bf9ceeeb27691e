"""How a browser reaches the server from a notebook."""

import os
import urllib.parse


def browser_url(server_url):
    """The server's address as the notebook's browser has it, with a slash at the end.

    FARLOOK_PROXY_URL (with %PORT%) comes first; on a JupyterHub, and where jupyter-server-proxy is
    asked for by FARLOOK_PROXY=1, it is the notebook's own address with proxy/PORT.
    """
    parts = urllib.parse.urlsplit(server_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    path = parts.path.rstrip("/")
    proxy = os.environ.get("FARLOOK_PROXY_URL")
    if proxy:
        return proxy.replace("%PORT%", str(port)).rstrip("/") + path + "/"
    local = parts.hostname in ("127.0.0.1", "::1", "localhost")
    prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX")
    if local and (prefix or os.environ.get("FARLOOK_PROXY") == "1"):
        return f'{(prefix or "/").rstrip("/")}/proxy/{port}{path}/'
    return f"{server_url.rstrip('/')}/"


def jupyter_server():
    """jupyter-server-proxy's entry point: `/farlook/` in JupyterLab starts a server."""
    return {
        "command": [
            "farlook-server", "--listen", "127.0.0.1:{port}", "--software",
            "--public-url", "http://127.0.0.1:{port}/",
        ],
        "timeout": 30,
        "new_browser_tab": True,
        "launcher_entry": {"title": "Farlook"},
    }
