"""P2, P3, P13: whatever ends the process or the power, what was committed is there, and the catalogue is sound."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from torture import catalog_writer
from torture.catalog_writer import DIM, MODEL, PHOTOS, hash_of, path_of, vector_of, write_batch

from helios_desktop.catalog import database as database_module
from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import Filter, PhotoState
from helios_desktop.errors import DiskFullError

START_SECONDS = 5.0


def writer(catalog: Path, name: str, batches: int) -> subprocess.Popen[bytes]:
    tests = Path(__file__).parent.parent
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)])}
    command = [sys.executable, catalog_writer.__file__, str(catalog), name, str(batches)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)


def folders(catalog: Catalog) -> dict[bytes, int]:
    """Count the indexed photos of each batch's folder."""
    counts: dict[bytes, int] = {}
    for photo in catalog.photos.listing(state=PhotoState.INDEXED):
        folder = os.path.dirname(photo.path)
        counts[folder] = counts.get(folder, 0) + 1
    return counts


def batches_of(catalog: Catalog, name: str) -> int:
    """Return how many batches of a writer are there, whole and without a gap."""
    of_writer = os.path.dirname(path_of(name, 0, 0))[: -len(b"000000")]
    mine = {folder: count for folder, count in folders(catalog).items() if folder.startswith(of_writer)}
    assert set(mine) == {os.path.dirname(path_of(name, batch, 0)) for batch in range(len(mine))}, "a gap"
    assert set(mine.values()) <= {PHOTOS}, "half a batch"
    return len(mine)


def assert_answers(catalog: Catalog) -> None:
    """Every photo that is indexed answers with the vector of its content, its words, and nothing else does."""
    assert catalog.check() == []
    rows = {}
    for batch in catalog.changes.changes_since(MODEL, DIM, 0):
        rows.update(zip(batch.photo_ids.tolist(), batch.vectors, strict=True))
    photos = catalog.photos.get(catalog.photos.browse())
    assert rows.keys() == {photo.photo_id for photo in photos}
    for photo in photos:
        assert photo.content_hash == hash_of(photo.path)
        assert np.abs(rows[photo.photo_id] - vector_of(photo.path)).max() < 1e-3
    assert catalog.photos.matching_ids(Filter(exact=("batch",))).size == len(photos)


def kill_and_look(path: Path, kills: int) -> None:
    rng = random.Random(7)
    committed = 0
    for _ in range(kills):
        process = writer(path, "one", 10_000)
        assert process.stdout is not None
        last = committed - 1
        # Wait for the first commit, then for any moment within the next few: the kill falls into any statement.
        for line in process.stdout:
            last = int(line)
            break
        time.sleep(rng.random() * 0.2)
        process.kill()
        rest = process.stdout.read().split()
        process.wait()
        process.stdout.close()
        last = int(rest[-1]) if rest else last

        started = time.monotonic()
        catalog = Catalog.open(path)
        assert time.monotonic() - started < START_SECONDS
        assert catalog.recovered is None
        there = batches_of(catalog, "one")
        assert last + 1 <= there <= last + 2, "what was said is there, and at most one batch more"
        favourites = catalog.photos.matching_ids(Filter(is_favourite=True)).size
        assert last + 1 <= favourites <= there
        assert catalog.check(quick=True) == []
        catalog.close()
        committed = there
    catalog = Catalog.open(path)
    assert_answers(catalog)
    catalog.close()


def test_a_killed_process_loses_nothing_that_it_had_committed(tmp_path: Path) -> None:
    kill_and_look(tmp_path / "catalog.sqlite", 10)


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_two_hundred_killed_processes_lose_nothing(tmp_path: Path) -> None:
    kill_and_look(tmp_path / "catalog.sqlite", 200)


def test_several_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    names = ["one", "two", "three"]
    processes = [writer(path, name, 12) for name in names]
    for process in processes:
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        assert len(out.split()) == 12
    catalog = Catalog.open(path)
    assert [batches_of(catalog, name) for name in names] == [12, 12, 12]
    assert catalog.photos.matching_ids(Filter(is_favourite=True)).size == 36
    assert_answers(catalog)
    catalog.close()


def commits_with_log(folder: Path, batches: int) -> tuple[Path, list[tuple[int, int, int]]]:
    """Fill a catalogue whose log is never moved into the file, copy both as a power cut would find them.

    Returns the copy, and after each commit of a person's mark the log's length, the batches and the favourites by then.
    """
    path = folder / "catalog.sqlite"
    catalog = Catalog.open(path)
    root = catalog.roots.add(catalog_writer.ROOT, "disk")
    write_batch(catalog, root, "one", 0)
    catalog._database.checkpoint()
    log = path.with_name(path.name + "-wal")
    marks = [(0, 1, 1)]
    for batch in range(1, batches + 1):
        write_batch(catalog, root, "one", batch)
        marks.append((log.stat().st_size, batch + 1, batch + 1))
    cut = folder / "cut"
    cut.mkdir()
    shutil.copy(path, cut / path.name)
    shutil.copy(log, cut / log.name)
    catalog.close()
    return cut / path.name, marks


def cut_and_look(folder: Path, offsets: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "CHECKPOINT_PAGES", 1_000_000)
    source, marks = commits_with_log(folder, 12)
    whole = Path(f"{source}-wal").read_bytes()
    assert len(whole) == marks[-1][0], "the log holds every commit"
    rng = random.Random(11)
    rows = [rng.randrange(len(whole)) for _ in range(offsets - 3)] + [0, 32, len(whole)]
    seen = []
    for offset in sorted(rows):
        there = folder / "look" / "catalog.sqlite"
        there.parent.mkdir()
        shutil.copy(source, there)
        Path(f"{there}-wal").write_bytes(whole[:offset])
        catalog = Catalog.open(there)
        batches = batches_of(catalog, "one")
        favourites = catalog.photos.matching_ids(Filter(is_favourite=True)).size
        durable = max(mark for mark in marks if mark[0] <= offset)
        assert (batches, favourites) >= durable[1:], "what a person made, and all before it, was on the disk"
        assert batches - 1 <= favourites <= batches, "an earlier commit, never a mixture"
        assert catalog.check() == []
        catalog.close()
        shutil.rmtree(there.parent)
        seen.append((batches, favourites))
    assert seen == sorted(seen)
    assert seen[0] == (1, 1)
    assert seen[-1] == (13, 13)


def test_a_log_cut_anywhere_gives_an_earlier_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_and_look(tmp_path, 50, monkeypatch)


@pytest.mark.full
def test_a_log_cut_at_five_hundred_places_gives_an_earlier_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_and_look(tmp_path, 500, monkeypatch)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 6 MB of its own."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a small disk")
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_told_and_work_goes_on_when_there_is_room(small_disk: Path) -> None:
    path = small_disk / "catalog.sqlite"
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(2 * 2**20))
    catalog = Catalog.open(path)
    root = catalog.roots.add(catalog_writer.ROOT, "disk")
    batch = 0
    with pytest.raises(DiskFullError) as told:
        for batch in range(10_000):
            write_batch(catalog, root, "one", batch)
    assert "no room left" in told.value.message
    assert not catalog.has_room()

    there = batches_of(catalog, "one")
    assert there in (batch, batch + 1), "all that was committed is still read"
    assert catalog.check() == []
    with pytest.raises(DiskFullError):
        for again in range(200):
            write_batch(catalog, root, "again", again)

    ballast.unlink()
    assert catalog.has_room(2**20)
    for more in range(there, there + 3):
        write_batch(catalog, root, "one", more)
    assert batches_of(catalog, "one") == there + 3
    assert_answers(catalog)
    catalog.close()


def test_a_catalogue_on_a_disk_that_is_full_from_the_start_is_told(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    with suppress(OSError):
        ballast.write_bytes(bytes(7 * 2**20))
    with pytest.raises(DiskFullError):
        Catalog.open(small_disk / "catalog.sqlite")
    ballast.unlink()
    catalog = Catalog.open(small_disk / "catalog.sqlite", backups=small_disk / "backups")
    assert catalog.check() == []
    assert catalog.recovered is None
    catalog.close()
