"""Downloads against a hub on this computer: what comes is right and complete, or a sentence says why not."""

import threading

import pytest
from hub_downloads import BIG, BIG_BYTES, PATIENCE_SECONDS, REPOSITORY, fetch_small, refused, sha256

from helios_desktop.embed import downloads
from helios_desktop.embed.downloads import DownloadCancelledError, DownloadControl, Origin
from helios_desktop.embed.onnx_embedder import open_pack
from helios_desktop.embed.onnx_exports import REQUIRED, facts_from_name, make_pack


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
