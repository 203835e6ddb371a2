"""Real servers on real sockets: one library of the samples for the session, servers with the options that a test wants."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import ssl
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from helios_desktop.app import App, build
from helios_desktop.paths import AppPaths
from helios_desktop.web.options import Limits, ServeOptions
from helios_desktop.web.server import WebServer

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
PATIENCE_SECONDS = 60
PLACE = (48.8583, 2.2944)


@dataclass(frozen=True)
class Answer:
    """What came back; names of headers are in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self):
        return json.loads(self.body)


class Client:
    """Asks one server; each request over a connection of its own. ``Host`` and everything else can be said otherwise."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None):
        self.port = port
        self.tls = tls

    def connect(self):
        if self.tls is not None:
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS, context=self.tls)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)

    def ask(self, path, method="GET", body=None, **headers):
        connection = self.connect()
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body=body, headers=named)
            response = connection.getresponse()
            return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.ask(path, **headers)


def write_placed_photo(path: Path) -> None:
    """Write a JPEG that says where and with what it was taken."""
    image = Image.new("RGB", (900, 600), (40, 120, 200))
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Lumen", "X100"
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.88), 3: "E", 4: (2.0, 17.0, 39.84)})
    image.save(path, "JPEG", exif=exif)


@pytest.fixture(scope="session")
def photos(tmp_path_factory) -> Path:
    """The samples, a photo with a place, and one whose name is not UTF-8."""
    folder = tmp_path_factory.mktemp("serve") / "Holiday photos"
    shutil.copytree(SAMPLES, folder / "samples")
    write_placed_photo(folder / "placed.jpg")
    shutil.copy(SAMPLES / "IMG_0101.jpg", os.fsencode(folder) + b"/caf\xe9.jpg")
    for file in folder.rglob("*"):
        os.utime(file, (1_700_000_000, 1_700_000_000))
    return folder


@pytest.fixture(scope="session")
def library(tmp_path_factory, photos) -> App:
    home = tmp_path_factory.mktemp("serve-home")
    paths = AppPaths(config=home / "config", data=home / "data", cache=home / "cache", log=home / "log")
    with build(paths) as app:
        app.index([os.fsencode(photos)], lambda _: None)
        yield app


@pytest.fixture
def serve(library, tmp_path):
    """Starts servers; returns the server and a client for it."""
    servers = []

    def start(of=None, *, limits=None, **options):
        made = ServeOptions(port=0, limits=limits or Limits(), **options)
        server = WebServer(of or library, made, tmp_path / "web")
        servers.append(server)
        server.start()
        tls = None
        if made.has_tls:
            tls = ssl.create_default_context(cafile=tmp_path / "web" / "certificate" / "ca.pem")
        return server, Client(server.port, tls)

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def client(library, tmp_path_factory):
    """A client of one server as it is without any switch, but with rates that no test reaches."""
    limits = Limits(search_rate=1e6, search_burst=1e6, decode_rate=1e6, decode_burst=1e6)
    server = WebServer(library, ServeOptions(port=0, limits=limits), tmp_path_factory.mktemp("serve-web"))
    server.start()
    yield Client(server.port)
    server.stop()


@pytest.fixture(scope="session")
def id_of(library):
    """Photo ids by the file's name."""
    from helios_desktop.domain import Filter

    found = library.photos([int(one) for one in library.browse(Filter())])
    return {os.path.basename(photo.path).decode("utf-8", "replace"): photo.photo_id for photo in found}
