"""Downloads that do not come about: refusals, sign-in pages, proxies, certificates, full disks, changed files."""

import errno
import shutil
import socket
import ssl
import subprocess
import threading
from collections import namedtuple
from contextlib import contextmanager, suppress

import pytest
from hub_downloads import BIG, BIG_BYTES, PATIENCE_SECONDS, REPOSITORY, fetch_small, hub_server, refused, sha256

from helios_desktop.embed import downloads
from helios_desktop.embed.downloads import Origin


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        (401, {}, "HF_TOKEN"),
        (403, {}, "accept it on its page"),
        (404, {}, "404"),
        (407, {}, "proxy wants a password"),
        (418, {}, "(418)"),
        (429, {"Retry-After": "90"}, "Wait 90 seconds"),
        (429, {"Retry-After": "600"}, "Wait 10 minutes"),
        (429, {}, "Wait a few minutes"),
        (500, {}, "fault of its own"),
        (503, {}, "fault of its own"),
    ],
)
def test_a_refusal_is_a_sentence_with_a_remedy(fetch, server, status, headers, said):
    server.status = (status, headers)
    assert said in refused(fetch)


@pytest.mark.parametrize(
    ("status", "said"), [(401, "HF_TOKEN"), (404, "lacks a file"), (429, "asks for a pause"), (503, "few minutes")]
)
def test_a_refusal_in_mid_download_is_the_same_sentence(fetch, server, status, said):
    server.body_status = (status, {})
    assert said in refused(fetch)


def test_a_sign_in_page_in_place_of_the_hub_is_told(fetch, server):
    server.is_web_page = True
    assert "sign in to the network" in refused(fetch)


def test_a_sign_in_page_in_place_of_a_file_is_told_and_never_kept(fetch, server):
    server.is_web_page_for_bodies = True
    assert "web page instead of the model" in refused(fetch)
    assert not list(fetch.folder.rglob("*.part"))


def test_a_hub_that_cannot_be_reached_is_told(fetch):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    said = refused(fetch, endpoint=f"http://127.0.0.1:{port}")
    assert "cannot be reached" in said
    assert "models install FILE" in said


def test_a_hub_without_an_address_is_told(fetch):
    assert "cannot be reached" in refused(fetch, endpoint="http://hub.invalid")


@pytest.fixture
def settings_of_the_network(server, monkeypatch):
    """Sets variables that the hub's library reads when its session begins, and forgets that session afterwards."""
    from huggingface_hub import close_session

    def settings(**variables):
        close_session()
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    yield settings
    close_session()


def test_a_proxy_that_is_not_there_is_named_without_its_password(fetch, settings_of_the_network):
    settings_of_the_network(HTTPS_PROXY="http://me:secret@127.0.0.1:9")
    said = refused(fetch, endpoint="https://hub.invalid")
    assert "through the proxy 127.0.0.1:9" in said
    assert "secret" not in said
    assert "HTTPS_PROXY" in said


@pytest.mark.parametrize(("proxy", "why"), [("socks5://127.0.0.1:9", "SOCKS"), ("gopher://127.0.0.1:9", "gopher")])
def test_a_proxy_of_another_kind_is_told(fetch, settings_of_the_network, proxy, why):
    settings_of_the_network(HTTPS_PROXY=proxy)
    said = refused(fetch, endpoint="https://hub.invalid")
    assert why in said
    assert "http://proxy:8080" in said


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read_are_told(fetch, settings_of_the_network, tmp_path, content):
    path = tmp_path / "own.pem"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    settings_of_the_network(SSL_CERT_FILE=str(path))
    said = refused(fetch, endpoint="https://hub.invalid")
    assert "own.pem" in said
    assert "unset it" in said


def test_an_address_without_its_scheme_is_told(fetch):
    assert "https:// in front" in refused(fetch, endpoint="hub.example")


def test_a_proxy_that_refuses_is_told(fetch, server, monkeypatch):
    from huggingface_hub import close_session

    close_session()
    monkeypatch.setenv("HTTPS_PROXY", server.url)
    server.status = (403, {})
    said = refused(fetch, endpoint="https://hub.invalid")
    assert "proxy" in said.lower()
    close_session()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="a certificate is made with openssl")
def test_a_certificate_that_nobody_vouches_for_is_told(fetch, tmp_path):
    with tls_server(tmp_path) as port:
        said = refused(fetch, endpoint=f"https://127.0.0.1:{port}")
    assert "certificate" in said
    assert "SSL_CERT_FILE" in said


def test_room_is_asked_for_before_the_first_byte(fetch, server, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(downloads.shutil, "disk_usage", lambda folder: usage(10**9, 0, 10**6))
    assert "Make room" in refused(fetch)
    assert server.bodies() == []


def test_a_disk_that_fills_up_meanwhile_is_told(fetch, monkeypatch):
    fetch_small(fetch)

    def no_room(self, file, part, body):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(downloads._Download, "_write", no_room)
    assert "Make room" in refused(fetch)


def test_the_revision_is_pinned_from_the_first_download_on(fetch, server):
    origin = fetch()
    server.revision = "2e" * 20
    said = refused(fetch, pinned=origin)
    assert "no longer has the revision" in said
    assert "download it anew" in said


def test_files_that_change_under_a_pinned_revision_are_refused(fetch, server):
    origin = fetch()
    server.files[BIG] = server.files[BIG][::-1]
    said = refused(fetch, pinned=origin)
    assert "no longer what was downloaded at first" in said
    assert BIG in said


def test_an_interrupted_download_stays_with_its_revision(fetch, server):
    server.cuts = [0] * 20
    refused(fetch)
    server.cuts.clear()
    server.requests.clear()
    fetch()
    assert server.requests[0][0].endswith(f"/revision/{server.revision}")


def test_a_record_that_cannot_be_read_is_no_record(tmp_path):
    for text in ("", "[]", "{}", '{"repository": 1, "revision": 2, "endpoint": 3, "licence": 4, "sha256": []}'):
        (tmp_path / "origin.json").write_text(text, encoding="utf-8")
        assert Origin.read(tmp_path) is None


def test_without_connections_the_hubs_own_cache_is_used(fetch, server, monkeypatch, tmp_path):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    assert "HF_HUB_OFFLINE" in refused(fetch)
    fill_cache(tmp_path / "cache", server)
    origin = fetch()
    assert origin.revision == server.revision
    assert origin.sha256[BIG] == sha256(server.files[BIG])
    assert (fetch.folder / BIG).read_bytes() == server.files[BIG]
    assert server.requests == []


def test_a_damaged_cache_is_refused(fetch, server, monkeypatch, tmp_path):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    fill_cache(tmp_path / "cache", server)
    blob = next((tmp_path / "cache").rglob(f"blobs/{sha256(server.files[BIG])}"))
    blob.write_bytes(bytes(BIG_BYTES))
    assert "damaged" in refused(fetch)


def test_a_cache_that_cannot_be_copied_is_told(fetch, server, monkeypatch, tmp_path):
    from huggingface_hub import constants

    def no_room(source, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    fill_cache(tmp_path / "cache", server)
    monkeypatch.setattr(downloads.shutil, "copyfile", no_room)
    assert "No space left" in refused(fetch)


def test_a_folder_that_goes_away_meanwhile_is_told(fetch):
    fetch_small(fetch)

    def take_away(progress):
        if progress.file == BIG:
            shutil.rmtree(fetch.folder, ignore_errors=True)

    assert "cannot be written" in refused(fetch, listener=take_away)


def fill_cache(cache, server):
    base = cache / ("models--" + REPOSITORY.replace("/", "--"))
    snapshot = base / "snapshots" / server.revision
    (base / "refs").mkdir(parents=True)
    (base / "refs" / "main").write_text(server.revision, encoding="ascii")
    (base / "blobs").mkdir()
    for name, content in server.files.items():
        blob = base / "blobs" / (sha256(content) if len(content) >= hub_server.LARGE_BYTES else hub_server.git_sha1(content))
        blob.write_bytes(content)
        (snapshot / name).parent.mkdir(parents=True, exist_ok=True)
        (snapshot / name).symlink_to(blob)


@contextmanager
def tls_server(folder):
    """Something that speaks TLS with a certificate of its own making; yields its port."""
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run([*made, "-days", "2", "-subj", "/CN=127.0.0.1"], cwd=folder, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def shake_hands():
            with suppress(OSError):
                client, _ = listening.accept()
                with client, suppress(OSError):
                    context.wrap_socket(client, server_side=True).close()

        thread = threading.Thread(target=shake_hands)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            with suppress(OSError), socket.create_connection(listening.getsockname(), timeout=1):
                pass  # where nobody came, the thread would wait for ever
            thread.join(PATIENCE_SECONDS)
