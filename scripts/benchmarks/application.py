"""A question from its words to its photos (``App.search``): words to a vector, index, catalogue rows, totals.

The catalogue holds made-up photos with vectors of the model in use; nothing is decoded. Every question is new to the process,
after a few that are not counted.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from helios_desktop.app import App, build
from helios_desktop.catalog.facts import DecodedFacts, Ready
from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import FileStat, Float32Array, FoundFile, Metadata, ModelId, ScanDelta
from helios_desktop.paths import AppPaths

ROWS_A_BATCH = 5000
PHOTOS_A_FOLDER = 500
WARM_QUESTIONS = 5
SETTLE_SECONDS = 60
FIRST_MOMENT = datetime(2010, 1, 1, 12, 0, 0)
CAMERAS = ("EOS 80D", "D7500", "iPhone 13", "Pixel 7")
THINGS = ("cat", "red car", "beach", "mountain lake", "birthday cake", "dog", "old bridge", "bicycle", "sunset", "market")
PLACES = ("in the snow", "at night", "by the sea", "in a garden", "on a table", "with people", "near a window")
QUERIES = {
    "app.search, words": "{}",
    "app.search, words and a year": "{} after:2015 before:2016",
    "app.search, words in a folder": "{}",
    "app.search, exact words": '{} "IMG"',
}
FOLDER_QUERY = "app.search, words in a folder"


def measure(home: Path, vectors: Float32Array, questions: int) -> dict[str, list[tuple[float, float]]]:
    """Return wall and CPU milliseconds of each kind of question over these vectors: float32 ``[n, dim]``, unit length."""
    os.environ["HELIOS_HOME"] = str(home)
    paths = AppPaths.from_environment()
    with build(paths) as app:
        fill(app, vectors)
        app.search(app.parse("first"))
        app.search(app.parse("second"))
        wait_until_ready(app)
        return {name: times_of(app, name, text, questions) for name, text in QUERIES.items()}


def times_of(app: App, name: str, text: str, count: int) -> list[tuple[float, float]]:
    """Ask ``count`` different questions; wall and CPU milliseconds of each."""
    folder = b"/library/0001" if name == FOLDER_QUERY else None
    times = []
    for number in range(count + WARM_QUESTIONS):
        words = f"{THINGS[number % len(THINGS)]} {PLACES[number % len(PLACES)]} {number}"
        query = app.parse(text.format(words), folder=folder)
        started, cpu = time.perf_counter(), time.process_time()
        app.search(query)
        times.append(((time.perf_counter() - started) * 1000, (time.process_time() - cpu) * 1000))
    return times[WARM_QUESTIONS:]


def wait_until_ready(app: App) -> None:
    """Wait for what the index makes in the background."""
    index: Any = app._parts.index()
    deadline = time.monotonic() + SETTLE_SECONDS
    while not index.is_ready() and time.monotonic() < deadline:
        time.sleep(0.05)


def fill(app: App, vectors: Float32Array) -> None:
    """Enter a photo for each vector, in folders of some hundreds."""
    catalog: Catalog = app._parts.catalog
    root = catalog.roots.add(b"/library", "bench")
    for start in range(0, len(vectors), ROWS_A_BATCH):
        some = range(start, min(start + ROWS_A_BATCH, len(vectors)))
        catalog.photos.record(root.root_id, ScanDelta(added=tuple(map(found, some))))
    after = None
    number = 0
    while page := catalog.photos.pending(app.model_id, ROWS_A_BATCH, after):
        after = page[-1]
        catalog.photos.mark_ready(list(ready(page, vectors[number : number + len(page)], app.model_id)))
        number += len(page)
        after = None
    catalog.models.set_answering(app.model_id)  # as indexing does at its end


def found(number: int) -> FoundFile:
    """The file of a number."""
    path = f"/library/{number // PHOTOS_A_FOLDER:04d}/IMG_{number:06d}.jpg".encode("ascii")
    taken = FIRST_MOMENT + timedelta(hours=number)
    stat = FileStat(path=path, size=3_000_000 + number, mtime_ns=int(taken.timestamp() * 1e9), inode=number + 1, device=1)
    return FoundFile(stat=stat)


def ready(page: list[Any], vectors: Float32Array, model_id: ModelId) -> Iterator[Ready]:
    """What decoding and embedding would have found for these photos."""
    for photo, vector in zip(page, vectors, strict=False):
        taken = datetime.fromtimestamp(photo.mtime_ns / 1e9)
        facts = DecodedFacts(
            width=4000,
            height=3000,
            format="JPEG",
            colour=0x808080,
            metadata=Metadata(taken_at=taken.isoformat(timespec="seconds"), camera=CAMERAS[photo.photo_id % len(CAMERAS)]),
        )
        content_hash = hashlib.sha256(photo.path).digest()
        yield Ready(photo=photo, content_hash=content_hash, decoded=facts, vector=np.asarray(vector), model_id=model_id)
