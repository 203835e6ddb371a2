"""Downloads against a hub on this computer: what comes is right and complete, or a sentence says why not."""

import errno
import importlib.util
import shutil
import socket
import ssl
import subprocess
import threading
from collections import namedtuple
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from clip_layout import write_export

from helios_desktop.embed import downloads
from helios_desktop.embed.downloads import DownloadCancelledError, DownloadControl, Origin, download_export
from helios_desktop.embed.hub import Hub
from helios_desktop.embed.onnx_embedder import open_pack
from helios_desktop.embed.onnx_exports import REQUIRED, facts_from_name, make_pack
from helios_desktop.errors import ModelError

_spec = importlib.util.spec_from_file_location("hub_server", Path(__file__).with_name("hub_server.py"))
hub_server = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(hub_server)
REPOSITORY, sha256 = hub_server.REPOSITORY, hub_server.sha256
BIG = "visual/model.onnx_data"
BIG_BYTES = 300_000
PATIENCE_SECONDS = 20


@pytest.fixture(scope="session")
def export_files(tmp_path_factory):
    files = hub_server.files_of(write_export(tmp_path_factory.mktemp("export")))
    return {**files, BIG: bytes(range(256)) * (BIG_BYTES // 256)}


@pytest.fixture
def server(export_files, monkeypatch):
    from huggingface_hub import close_session

    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    server = hub_server.HubServer(export_files)
    yield server
    server.close()
    close_session()


@pytest.fixture
def fetch(server, tmp_path):
    """Download into one folder, as often as a test calls it."""

    def fetch(**options):
        hub = Hub(options.pop("endpoint", server.url), silence_seconds=options.pop("silence_seconds", 5))
        options.setdefault("retry_seconds", 0.01)
        return download_export(hub, options.pop("repository", REPOSITORY), tmp_path / "model", **options)

    fetch.folder = tmp_path / "model"
    return fetch


def refused(fetch, **options):
    """The sentences that a person reads."""
    with pytest.raises(ModelError) as caught:
        fetch(**options)
    assert caught.value.remedy
    return f"{caught.value.message} {caught.value.remedy}"


def test_a_download_is_a_model_that_runs(server, fetch):
    origin = fetch()
    assert {path.relative_to(fetch.folder).as_posix() for path in fetch.folder.rglob("*") if path.is_file()} == {
        *REQUIRED,
        BIG,
        "origin.json",
    }
    make_pack(fetch.folder, facts_from_name(REPOSITORY))
    embedder = open_pack(fetch.folder)
    assert embedder.embed_text(["red"]).shape == (1, embedder.dim)
    assert origin.licence == "MIT"
    assert (fetch.folder / BIG).read_bytes() == server.files[BIG]


def test_the_revision_and_the_hashes_are_recorded_and_unknown_ones_stay_empty(server, fetch):
    fetch()
    origin = Origin.read(fetch.folder)
    assert origin.revision == server.revision
    assert origin.repository == REPOSITORY
    assert origin.sha256[BIG] == sha256(server.files[BIG])
    assert origin.sha256["visual/preprocess_cfg.json"] == ""


def test_progress_tells_bytes_speed_and_time_left(fetch, server):
    heard = []
    fetch(listener=heard.append)
    total = sum(len(server.files[name]) for name in (*REQUIRED, BIG))
    assert {one.total_bytes for one in heard} == {total}
    assert heard[-1].done_bytes == total
    assert [one.done_bytes for one in heard] == sorted(one.done_bytes for one in heard)
    assert heard[-1].bytes_per_second > 0
    assert heard[-1].eta_seconds == 0
    assert heard[0].eta_seconds is None


def test_small_files_come_first(fetch, server):
    fetch()
    assert server.bodies()[-1][0] == BIG


def test_a_cut_connection_goes_on_from_where_it_stopped(fetch, server):
    fetch_small(fetch)
    server.requests.clear()
    server.cuts = [100_000, 50_000, 0]
    fetch()
    assert [start for name, start in server.bodies() if name == BIG] == [0, 100_000, 150_000, 150_000]
    assert (fetch.folder / BIG).read_bytes() == server.files[BIG]


def test_a_connection_that_is_cut_again_and_again_gives_up_with_a_sentence_and_keeps_what_came(fetch, server):
    fetch_small(fetch)
    server.cuts = [50_000] + [0] * 20
    said = refused(fetch)
    assert "cut" in said
    assert "goes on from there" in said
    assert (fetch.folder / (BIG + ".part")).stat().st_size == 50_000
    server.cuts.clear()
    server.requests.clear()
    fetch()
    assert [start for name, start in server.bodies() if name == BIG] == [50_000]


def test_a_server_that_falls_silent_is_asked_again(fetch, server):
    fetch_small(fetch)
    server.cuts = [-100_000]
    fetch(silence_seconds=0.3)
    assert [start for name, start in server.bodies() if name == BIG] == [0, 100_000]


def test_a_server_that_stays_silent_is_named(fetch, server):
    fetch_small(fetch)
    server.is_silent = True
    assert "sent nothing for" in refused(fetch, silence_seconds=0.1)


def test_a_server_that_knows_no_ranges_starts_anew(fetch, server):
    fetch_small(fetch)
    server.ignores_ranges = True
    server.cuts = [100_000]
    fetch()
    assert (fetch.folder / BIG).read_bytes() == server.files[BIG]


def test_pause_lets_go_of_the_connection_and_resume_goes_on(fetch, server):
    fetch_small(fetch)
    server.gate = threading.Semaphore(5)
    control, heard = DownloadControl(), []
    is_paused = threading.Event()

    def listen(progress):
        heard.append(progress)
        if progress.is_paused:
            is_paused.set()

    server.cuts = [80_000]
    control.pause()
    thread = threading.Thread(target=fetch, kwargs={"control": control, "listener": listen})
    thread.start()
    assert is_paused.wait(PATIENCE_SECONDS)
    server.gate.release(1000)
    control.resume()
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()
    assert (fetch.folder / BIG).read_bytes() == server.files[BIG]
    assert not heard[-1].is_paused


def test_pause_in_the_middle_of_a_file_asks_for_the_rest_later(fetch, server):
    fetch_small(fetch)
    control = DownloadControl()
    seen = threading.Event()

    def listen(progress):
        if progress.is_paused:
            seen.set()
        elif progress.file == BIG and not seen.is_set():
            control.pause()

    server.requests.clear()
    thread = threading.Thread(target=fetch, kwargs={"control": control, "listener": listen})
    thread.start()
    assert seen.wait(PATIENCE_SECONDS)
    control.resume()
    thread.join(PATIENCE_SECONDS)
    assert (fetch.folder / BIG).read_bytes() == server.files[BIG]


def test_cancel_keeps_what_came_and_the_next_call_goes_on(fetch, server, monkeypatch):
    fetch_small(fetch)
    monkeypatch.setattr(downloads, "TELL_SECONDS", 0)
    control = DownloadControl()

    def listen(progress):
        if progress.file == BIG and (fetch.folder / (BIG + ".part")).exists():
            control.cancel()

    with pytest.raises(DownloadCancelledError):
        fetch(control=control, listener=listen)
    came = (fetch.folder / (BIG + ".part")).stat().st_size
    assert 0 < came < BIG_BYTES
    server.requests.clear()
    fetch()
    assert [start for name, start in server.bodies() if name == BIG] == [came]


def test_cancel_while_paused_ends_at_once(fetch):
    control = DownloadControl()
    control.pause()
    control.cancel()
    with pytest.raises(DownloadCancelledError):
        fetch(control=control)


def test_what_is_there_and_right_is_not_fetched_again(fetch, server):
    fetch()
    server.requests.clear()
    fetch()
    assert server.bodies() == []


def test_a_damaged_file_is_fetched_again(fetch, server):
    fetch()
    content = bytearray(server.files[BIG])
    content[1234] ^= 1
    (fetch.folder / BIG).write_bytes(bytes(content))
    server.requests.clear()
    fetch()
    assert [name for name, _ in server.bodies()] == [BIG]
    assert (fetch.folder / BIG).read_bytes() == server.files[BIG]


def test_a_wrong_large_file_is_refused_and_thrown_away(fetch, server):
    server.instead[BIG] = bytes(BIG_BYTES // 256 * 256)
    said = refused(fetch)
    assert "not the file that its publisher lists" in said
    assert not (fetch.folder / BIG).exists()
    assert not (fetch.folder / (BIG + ".part")).exists()


def test_a_wrong_small_file_is_refused_too(fetch, server):
    right = server.files["visual/preprocess_cfg.json"]
    server.instead["visual/preprocess_cfg.json"] = right.replace(b"squash", b"squish")
    assert "not the file that its publisher lists" in refused(fetch)


def test_a_file_longer_than_listed_is_refused(fetch, server):
    server.instead[BIG] = server.files[BIG] + b"more"
    assert "longer than the hub says" in refused(fetch)


def test_a_repository_without_an_export_is_refused_before_the_first_byte(fetch, server):
    del server.files["textual/model.onnx"]
    assert "it lacks textual/model.onnx" in refused(fetch)
    assert server.bodies() == []


def test_an_unknown_model_is_named(fetch):
    said = refused(fetch, repository="immich-app/other")
    assert "immich-app/other" in said
    assert "models list" in said


@pytest.mark.parametrize("name", ["../../etc/passwd", "a b", "a/b/c", ""])
def test_a_name_that_is_none_never_reaches_the_network(fetch, server, name):
    refused(fetch, repository=name)
    assert server.requests == []


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
    assert "404" in said or "no longer" in said


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


def fetch_small(fetch):
    """Have everything but the big file already, so that faults hit that one."""
    control = DownloadControl()

    def listen(progress):
        if progress.file == BIG:
            control.cancel()

    with pytest.raises(DownloadCancelledError):
        fetch(control=control, listener=listen)


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
        yield listening.getsockname()[1]
        thread.join(PATIENCE_SECONDS)
