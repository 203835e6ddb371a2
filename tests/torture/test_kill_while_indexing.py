"""kill -9 while a library is indexed: nothing committed is lost, at most one batch is done again (P2)."""

import os
import random
import signal
import subprocess
import sys
import time

import apsw
import numpy as np
import pytest
from PIL import Image

from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import PhotoState
from helios_desktop.pipeline.ingest import BATCH_PHOTOS

PHOTOS = 240
START_SECONDS = 5

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    noise = np.random.default_rng(7)
    for number in range(PHOTOS):
        pixels = noise.integers(0, 255, (30, 40, 3), np.uint8)
        path = folder / f"{number:04}.jpg"
        Image.fromarray(pixels).resize((400, 300)).save(path, quality=80)
        os.utime(path, (1_600_000_000 + number, 1_600_000_000 + number))
    return folder


def start(home, photos):
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "helios_desktop", "index", str(photos)],
        env={**os.environ, "HELIOS_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def indexed(home):
    """Read what is committed, as another process would, and nothing more."""
    file = home / "data" / "catalog.sqlite"
    if not file.exists():
        return set()
    connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.set_busy_timeout(10_000)
        return {row[0] for row in connection.execute("SELECT path FROM photos WHERE content_id IS NOT NULL")}
    except apsw.SQLError:
        return set()  # killed before the tables were made
    finally:
        connection.close()


@pytest.mark.parametrize("kills", [5, pytest.param(200, marks=pytest.mark.full)])
@pytest.mark.timeout(3600)
def test_nothing_committed_is_lost(tmp_path, photos, kills):
    home = tmp_path / "home"
    chance = random.Random(11)
    done = set()
    for _ in range(kills):
        process = start(home, photos)
        wait_for_progress(home, process, len(done), chance)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        after = indexed(home)
        assert done <= after, "a committed photo was lost"
        done = after
        if len(done) == PHOTOS:
            home = tmp_path / f"home-{time.monotonic_ns()}"  # all indexed: begin with an empty library
            done = set()
    finish(home, photos)


def wait_for_progress(home, process, before, chance):
    """Let it work for a random while, mostly until something more was committed."""
    wanted = before + chance.choice([0, 1, BATCH_PHOTOS, 3 * BATCH_PHOTOS])
    extra = chance.random() * 0.2
    deadline = time.monotonic() + 60
    while process.poll() is None and len(indexed(home)) < min(wanted, PHOTOS) and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(extra)


def finish(home, photos):
    """Index to the end: every photo is there once, with its vector, and the catalogue is sound."""
    process = start(home, photos)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    catalog = Catalog.open(home / "data" / "catalog.sqlite", backups=home / "data" / "backups")
    try:
        assert catalog.check() == []
        rows = list(catalog.photos.listing())
        assert sorted(os.fsdecode(row.path) for row in rows) == sorted(map(str, photos.iterdir()))
        assert {row.state for row in rows} == {PhotoState.INDEXED}
        [(model, count)] = catalog.vectors.models().items()
        assert count == len({row.content_hash for row in rows})
        assert all(catalog.vectors.get(row.content_hash, model) is not None for row in rows)
    finally:
        catalog.close()


def test_a_killed_library_starts_quickly(tmp_path, photos):
    home = tmp_path / "home"
    process = start(home, photos)
    while process.poll() is None and len(indexed(home)) < BATCH_PHOTOS:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    begin = time.monotonic()
    catalog = Catalog.open(home / "data" / "catalog.sqlite", backups=home / "data" / "backups")
    seconds = time.monotonic() - begin
    catalog.close()
    assert seconds < START_SECONDS
