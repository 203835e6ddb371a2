"""``helios serve`` in use: a server over an empty library, on this computer alone, asked for its page. Out: what came back."""

from __future__ import annotations

import http.client
from pathlib import Path

import fastapi
import segno

from helios_desktop.app import build
from helios_desktop.errors import KnownError
from helios_desktop.paths import AppPaths
from helios_desktop.web.options import LOOPBACK_HOST, ServeOptions
from helios_desktop.web.server import WebServer

ANSWER_SECONDS = 20.0


def serve_page(folder: Path) -> str:
    """Serve the page once from below ``folder``. Raises ``KnownError`` where it does not come."""
    code = segno.make(f"http://{LOOPBACK_HOST}/pair#000000")
    with build(AppPaths.from_environment({"HELIOS_HOME": str(folder / "home")})) as library:
        server = WebServer(library, ServeOptions(port=0), folder / "devices")
        server.start()
        try:
            connection = http.client.HTTPConnection(LOOPBACK_HOST, server.port, timeout=ANSWER_SECONDS)
            connection.request("GET", "/")
            answer = connection.getresponse()
            page = answer.read()
            connection.close()
        finally:
            server.stop()
    if answer.status != 200 or b"</html>" not in page:
        raise KnownError(f"The page was not served: {answer.status}, {len(page)} bytes.", "Install Helios again.")
    return f"FastAPI {fastapi.__version__} served the page, {len(page):,} bytes; QR code of {code.symbol_size()[0]} squares"
