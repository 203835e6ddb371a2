"""Pictures that lie elsewhere: https only, bounded, decoded by our workers, kept; every failure is a sentence."""

from __future__ import annotations

import io
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image

from helios_desktop.decode.pool import DecodePool
from helios_desktop.decode.thumbnails import ThumbnailStore
from helios_desktop.errors import KnownError
from helios_desktop.node.certificates import make_certificates
from helios_desktop.pipeline.remote_pictures import RemotePictures, sized


class Site:
    """An https server on this computer: ``answers`` by path, each (status, headers, body)."""

    def __init__(self, folder):
        make_certificates(folder, ["localhost"])
        self.answers, self.asked = {}, []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                site.asked.append((self.path, dict(self.headers)))
                status, headers, body = site.answers.get(self.path.partition("?")[0], (404, {}, b""))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "localhost.pem", folder / "localhost.key")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._server.handle_error = lambda *_: None  # a client that does not trust us hangs up
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"https://localhost:{self._server.server_port}"

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture
def site(authority, monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    made = Site(authority)
    yield made
    made.close()


@pytest.fixture
def make(tmp_path, authority):
    pool, cache = DecodePool(1), ThumbnailStore(tmp_path / "remote.sqlite")

    def make(**options):
        options.setdefault("context", ssl.create_default_context(cafile=str(authority / "ca.pem")))
        return RemotePictures(cache=cache, decoder=lambda: pool, folder=tmp_path / "arriving", **options)

    yield make
    pool.close()
    cache.close()


def jpeg(width=900, height=600):
    target = io.BytesIO()
    Image.new("RGB", (width, height), (200, 60, 20)).save(target, "JPEG")
    return target.getvalue()


def picture(body):
    return 200, {"Content-Type": "image/jpeg"}, body


def refused(pictures, url):
    with pytest.raises(KnownError) as caught:
        pictures.thumbnail(url)
    assert caught.value.remedy
    return caught.value.message


def test_a_picture_is_fetched_small_decoded_and_kept(make, site, tmp_path):
    site.answers["/photos/a/download"] = (302, {"Location": "/real.jpg?w=640"}, b"")
    site.answers["/real.jpg"] = picture(jpeg())
    pictures = make()
    thumbnail = pictures.thumbnail(f"{site.url}/photos/a/download")
    with Image.open(io.BytesIO(thumbnail)) as opened:
        assert opened.size == (512, 341)
    assert [path for path, _ in site.asked] == ["/photos/a/download?w=640", "/real.jpg?w=640"]
    assert not {"Cookie", "Referer", "Authorization"} & set(site.asked[0][1])
    assert make().thumbnail(f"{site.url}/photos/a/download") == thumbnail
    assert len(site.asked) == 2, "the second look needs no network"
    assert list((tmp_path / "arriving").iterdir()) == []


def test_nothing_but_https_is_asked_for(make, site):
    pictures = make()
    for url in ("http://localhost/a.jpg", "file:///etc/passwd", "ftp://localhost/a", "https://", "a.jpg", "https://[x/a"):
        assert "not https" in refused(pictures, url)
    site.answers["/a"] = (302, {"Location": "http://localhost/a.jpg"}, b"")
    site.answers["/b"] = (302, {"Location": "file:///etc/passwd"}, b"")
    assert "not https" in refused(pictures, f"{site.url}/a")
    assert "(302)" in refused(pictures, f"{site.url}/b")
    assert len(site.asked) == 2


def test_every_failure_is_a_sentence(make, site, tmp_path):
    pictures = make(most_bytes=5_000)
    assert "(404)" in refused(pictures, f"{site.url}/gone")
    site.answers["/page"] = (200, {"Content-Type": "text/html"}, b"<html>")
    assert "text/html instead of a picture" in refused(pictures, f"{site.url}/page")
    site.answers["/large"] = picture(b"\xff\xd8" + bytes(9_000))
    assert "is larger than" in refused(pictures, f"{site.url}/large")
    site.answers["/broken"] = picture(jpeg(90, 60)[:300])
    assert "no picture that can be shown" in refused(pictures, f"{site.url}/broken")
    site.answers["/round"] = (302, {"Location": "/round"}, b"")
    assert "localhost" in refused(pictures, f"{site.url}/round")
    assert list((tmp_path / "arriving").iterdir()) == []


def test_a_server_that_is_not_trusted_or_not_there_is_a_sentence(make, site):
    assert "cannot be reached" in refused(make(context=ssl.create_default_context()), f"{site.url}/a.jpg")
    assert "cannot be reached" in refused(make(), "https://127.0.0.1:9/a.jpg")


def test_the_size_is_asked_for_behind_what_the_address_has_already():
    assert sized("https://unsplash.com/photos/x/download") == "https://unsplash.com/photos/x/download?w=640"
    assert sized("https://a.example/x?fm=jpg") == "https://a.example/x?fm=jpg&w=640"
