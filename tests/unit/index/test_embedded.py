from __future__ import annotations

import multiprocessing
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helios_desktop.domain import Float32Array
from helios_desktop.errors import IndexUnavailableError
from helios_desktop.index import embedded as embedded_module
from helios_desktop.index import snapshot as snapshot_module

Rows = Callable[..., Float32Array]
DIM = 16
WAIT_SECONDS = 20


def snapshots(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "index").glob("*.snapshot"))


def test_nothing_is_touched_before_the_first_question(tmp_path: Path, open_index: Any) -> None:
    open_index()
    assert not (tmp_path / "index").exists()


def test_the_second_process_opens_the_snapshot_and_reads_only_what_came_since(
    tmp_path: Path, source: Any, open_index: Any, unit_rows: Rows
) -> None:
    rows = unit_rows(60)
    source.put(np.random.default_rng(0).permutation(50), rows[:50])
    first = open_index()
    expected = first.search(rows[0], 50)[0].tolist()
    assert snapshots(tmp_path) == ["org%2Fmodel-1-50.snapshot"]
    source.reads.clear()
    second = open_index()
    assert second.search(rows[0], 50)[0].tolist() == expected
    assert 0 not in source.reads
    source.put(np.arange(100, 110), rows[50:])
    assert second.search(rows[55], 1)[0].tolist() == [105]
    assert first.search(rows[55], 1)[0].tolist() == [105]
    assert source.reads[-1] == 50


def test_the_answers_after_folding_are_those_of_before(
    wait_for: Any, tmp_path: Path, source: Any, open_index: Any, unit_rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_module, "FOLD_CHANGES_MIN", 40)
    rows = unit_rows(300)
    source.put(np.arange(200), rows[:200])
    index = open_index()
    index.search(rows[0], 1)
    source.put(np.arange(180, 230), rows[200:250])
    source.remove(np.arange(0, 20))
    expected = index.search(rows[0], 300)
    wait_for(lambda: snapshots(tmp_path) == ["org%2Fmodel-1-270.snapshot"])
    wait_for(lambda: index._overlay.change_count == 0)
    ids, scores = index.search(rows[0], 300)
    assert ids.tolist() == expected[0].tolist()
    np.testing.assert_array_equal(scores, expected[1])
    assert index.count() == 210
    again = open_index()
    assert again.search(rows[0], 300)[0].tolist() == expected[0].tolist()


def test_preparing_folds_at_once_and_small_changes_fold_nothing(
    tmp_path: Path, source: Any, open_index: Any, unit_rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_module, "FOLD_CHANGES_MIN", 10)
    rows = unit_rows(40)
    source.put(np.arange(20), rows[:20])
    index = open_index()
    index.prepare()
    source.put(np.arange(20, 25), rows[20:25])
    index.prepare()
    assert snapshots(tmp_path) == ["org%2Fmodel-1-20.snapshot"]
    source.put(np.arange(25, 40), rows[25:40])
    index.prepare()
    assert snapshots(tmp_path) == ["org%2Fmodel-1-40.snapshot"]


def test_a_snapshot_made_by_another_process_is_taken_up_instead_of_written_again(
    tmp_path: Path, source: Any, open_index: Any, unit_rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = unit_rows(60)
    source.put(np.arange(20), rows[:20])
    one, other = open_index(), open_index()
    one.search(rows[0], 1)
    other.search(rows[0], 1)
    source.put(np.arange(20, 50), rows[20:50])
    source.remove(np.array([3]))
    other.search(rows[0], 1)
    with other._fold_lock:  # it must not come first
        monkeypatch.setattr(embedded_module, "FOLD_CHANGES_MIN", 10)
        one.prepare()
    written = (tmp_path / "index" / snapshots(tmp_path)[0]).stat()
    source.put(np.arange(50, 59), rows[50:59])
    other.prepare()
    assert snapshots(tmp_path) == ["org%2Fmodel-1-51.snapshot"]
    assert (tmp_path / "index" / snapshots(tmp_path)[0]).stat().st_ino == written.st_ino
    assert other.search(rows[55], 1)[0].tolist() == [55]
    assert other.count() == 58


@pytest.mark.parametrize("kept", [0, 5000, -1])
def test_a_cut_snapshot_is_made_again_from_the_source(
    tmp_path: Path, source: Any, open_index: Any, unit_rows: Rows, kept: int
) -> None:
    rows = unit_rows(100)
    source.put(np.arange(100), rows)
    index = open_index()
    index.search(rows[0], 1)
    index.close()
    path = tmp_path / "index" / snapshots(tmp_path)[0]
    path.write_bytes(path.read_bytes()[:kept])
    source.reads.clear()
    again = open_index()
    assert again.search(rows[42], 1)[0].tolist() == [42]
    assert source.reads[0] == 0
    assert again.count() == 100


def test_another_catalogue_s_snapshot_is_not_taken_for_ours(source: Any, open_index: Any, unit_rows: Rows) -> None:
    rows = unit_rows(10)
    source.put(np.arange(10), rows)
    open_index(catalogue_id="theirs").search(rows[0], 1)
    source.log.clear()
    source.put(np.arange(5), rows[:5])
    assert open_index(catalogue_id="ours").count() == 5


def test_damage_inside_a_large_snapshot_is_found_and_mended(
    wait_for: Any, tmp_path: Path, source: Any, open_index: Any, unit_rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_module, "CHECK_ALL_BYTES", 0)
    monkeypatch.setattr(embedded_module, "VERIFY_AFTER_SECONDS", 0.0)
    rows = unit_rows(512 * 8)
    source.put(np.arange(len(rows)), rows)
    index = open_index()
    index.search(rows[0], 1)
    index.close()
    path = tmp_path / "index" / snapshots(tmp_path)[0]
    content = bytearray(path.read_bytes())
    content[-8 * 8 - DIM * 4 * 512 * 5 + 3] ^= 0x7F  # row 1536, block 3; 0, 2, 4 and 7 are sampled
    path.write_bytes(content)
    source.reads.clear()
    again = open_index()
    again.search(rows[0], 1)
    wait_for(lambda: not path.exists() or 0 in source.reads)
    assert again.search(rows[1536], 1)[1][0] == pytest.approx(1.0, abs=1e-6)
    assert 0 in source.reads
    assert again.verify()


def test_verifying_on_demand_throws_a_damaged_snapshot_away(
    tmp_path: Path, source: Any, open_index: Any, unit_rows: Rows
) -> None:
    rows = unit_rows(100)
    source.put(np.arange(100), rows)
    index = open_index()
    index.search(rows[0], 1)
    assert index.verify()
    path = tmp_path / "index" / snapshots(tmp_path)[0]
    with path.open("r+b") as file:
        file.seek(-8 - 64 * 50, 2)
        file.write(b"\xff\xff")
    assert not index.verify()
    assert index.search(rows[99], 1)[1][0] == pytest.approx(1.0, abs=1e-6)
    assert index.verify()


def test_a_folder_that_takes_no_file_does_not_stop_searching(
    tmp_path: Path, source: Any, open_index: Any, unit_rows: Rows, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "index").write_bytes(b"a file where the folder should be")
    rows = unit_rows(3000)
    source.put(np.arange(3000), rows)
    index = open_index()
    assert index.search(rows[7], 1)[0].tolist() == [7]
    source.remove(np.array([7]))
    assert index.search(rows[7], 1)[0].tolist() != [7]
    assert index.count() == 2999
    assert "cannot write" in caplog.text


def test_a_damaged_vector_of_the_catalogue_does_not_keep_others_from_answering(
    source: Any, open_index: Any, unit_rows: Rows, caplog: pytest.LogCaptureFixture
) -> None:
    rows = unit_rows(6)
    rows[1] = np.nan
    rows[2] *= 2
    source.put(np.arange(4), rows[:4])
    index = open_index()
    assert set(index.search(rows[0], 10)[0].tolist()) == {0, 3}
    rows[5] = np.inf
    source.put(np.array([0, 5]), rows[4:])
    assert set(index.search(rows[0], 10)[0].tolist()) == {0, 3}
    assert index.search(rows[4], 1)[0].tolist() == [0]
    assert "damaged" in caplog.text


def test_photos_that_change_while_everything_is_read_have_their_last_word(
    source: Any, open_index: Any, unit_rows: Rows
) -> None:
    rows = unit_rows(20_000)
    source.put(np.arange(10_000), rows[:10_000])

    def change() -> None:
        source.during_read = None
        source.put(np.array([5, 9_999]), rows[10_000:10_002])
        source.remove(np.array([6]))

    source.during_read = change
    index = open_index()
    assert index.search(rows[10_000], 1)[0].tolist() == [5]
    assert index.search(rows[10_001], 1)[0].tolist() == [9_999]
    assert index.search(rows[6], 1)[0].tolist() != [6]
    assert index.count() == 9_999


def test_a_failing_source_leaves_the_index_as_it_was(source: Any, open_index: Any, unit_rows: Rows) -> None:
    rows = unit_rows(20)
    source.put(np.arange(10), rows[:10])
    index = open_index()
    index.search(rows[0], 1)

    def fail() -> None:
        source.during_read = None
        raise OSError("the catalogue's disk went away")

    source.put(np.arange(10, 20), rows[10:])
    source.during_read = fail
    with pytest.raises(OSError, match="went away"):
        index.search(rows[15], 1)
    assert index.search(rows[15], 1)[0].tolist() == [15]
    assert index.count() == 20


def test_after_closing_it_says_so(source: Any, open_index: Any, unit_rows: Rows) -> None:
    rows = unit_rows(2)
    source.put(np.arange(2), rows)
    index = open_index()
    index.search(rows[0], 1)
    index.close()
    for action in (lambda: index.search(rows[0], 1), index.count, lambda: index.upsert(np.array([1]), rows[:1])):
        with pytest.raises(IndexUnavailableError, match="closed"):
            action()


def test_closing_leaves_no_thread(source: Any, open_index: Any, unit_rows: Rows) -> None:
    before = set(threading.enumerate())
    rows = unit_rows(40_000)
    source.put(np.arange(40_000), rows)
    index = open_index()
    for row in rows[:5]:
        index.search(row, 3)
    index.close()
    assert set(threading.enumerate()) == before


def write_many(folder: str, seed: int, barrier: Any) -> None:
    from helios_desktop.index.shelf import Shelf
    from helios_desktop.index.snapshot import SnapshotKey

    shelf = Shelf(Path(folder), SnapshotKey(catalogue_id="c", model_id="m", dim=DIM))
    rows = np.ones((3000, DIM), dtype=np.float32) / 4
    barrier.wait()
    for sequence in range(1, 12):
        shelf.write(sequence, np.arange(3000), lambda start, stop: rows[start:stop])
        newest = shelf.open_newest()
        assert newest is None or newest.sequence >= sequence


@pytest.mark.skipif(
    sys.platform == "win32", reason="Windows refuses to replace what another process maps; that is retried later"
)
def test_processes_that_write_the_same_snapshots_do_not_disturb_each_other(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    workers = [context.Process(target=write_many, args=(str(tmp_path), seed, barrier)) for seed in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0]
    for worker in workers:
        worker.close()
    assert [path.name for path in tmp_path.iterdir()] == ["m-11.snapshot"]


def test_a_small_library_never_loads_faiss() -> None:
    code = "import sys, helios_desktop.index.embedded; sys.exit('faiss' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
