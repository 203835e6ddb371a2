"""A catalogue with photos and vectors that no file stands behind: what sync and search need, made in seconds."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from helios_desktop.catalog.facts import DecodedFacts, Ready
from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import FileStat, Float32Array, FoundFile, Metadata, ModelId, ScanDelta

MODEL = ModelId("test-1")
DIM = 32
ROOT = b"/photos"
DAY_SECONDS = 86_400
FIRST_NS = 1_600_000_000 * 10**9
CAMERAS = ("Kodak Six", "Nikon D1*", "Ünï Cam")
WORDS = ("red boat", "Grüße aus Köln", "straße_nach-Süden", "東京タワー", "plain")


def clustered(count: int, dim: int, seed: int = 0, clusters: int = 200) -> Float32Array:
    """Unit vectors around common centres, as pictures of the same things are."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((clusters, dim), dtype=np.float32)
    rows = centres[random.integers(0, clusters, count)] + 0.7 * random.standard_normal((count, dim), dtype=np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class Library:
    """Photos 0, 1, 2... below ``/photos``, with facts that follow from their number."""

    def __init__(self, catalog: Catalog, dim: int = DIM) -> None:
        self.catalog = catalog
        self.dim = dim
        self.root = catalog.roots.add(ROOT, "disk-1")

    def add(self, vectors: Float32Array, first: int = 0) -> None:
        """Add one photo for each vector."""
        numbers = range(first, first + len(vectors))
        found = tuple(FoundFile(stat=_stat(number)) for number in numbers)
        self.catalog.photos.record(self.root.root_id, ScanDelta(added=found))
        rows = {path_of(number): (number, row) for number, row in zip(numbers, vectors, strict=True)}
        while True:
            pending = self.catalog.photos.pending(MODEL, 1_000)
            if not pending:
                return
            batch = []
            for photo in pending:
                number, row = rows[photo.path]
                content = hashlib.sha256(b"%d" % number).digest()
                batch.append(Ready(photo=photo, content_hash=content, decoded=_facts(number), vector=row, model_id=MODEL))
            self.catalog.photos.mark_ready(batch)

    def remove(self, numbers: Sequence[int]) -> None:
        """Let files vanish."""
        self.catalog.photos.record(self.root.root_id, ScanDelta(vanished=tuple(self.ids(numbers))))

    def ids(self, numbers: Sequence[int]) -> list[int]:
        """The catalogue's ids of photos."""
        found = [self.catalog.photos.by_path(path_of(number)) for number in numbers]
        return [photo.photo_id for photo in found if photo is not None]


def path_of(number: int) -> bytes:
    """Folders by tens; a name with words, some of them not UTF-8."""
    tail = b"\xff" if number % 97 == 0 else b""
    return b"%s/%d/%d/%s %d%s.jpg" % (ROOT, number % 3, number % 10, os.fsencode(WORDS[number % 5]), number, tail)


def _stat(number: int) -> FileStat:
    return FileStat(path=path_of(number), size=1000, mtime_ns=FIRST_NS + number * 10**9, inode=number + 1, device=1)


def _facts(number: int) -> DecodedFacts:
    month = number % 12 + 1
    metadata = Metadata(
        taken_at=None if number % 7 == 0 else f"2023-{month:02d}-15T12:00:00",
        camera=None if number % 4 == 3 else CAMERAS[number % 4],
        rating=number % 6 or None,
        caption="a caption about " + WORDS[(number // 5) % 5],
        keywords=("holiday", f"year {2000 + number % 20}"),
        latitude=48.0,
        longitude=float(number % 180),
    )
    kind = ("jpeg", "png", "heif")[number % 3]
    return DecodedFacts(width=100, height=100, format=kind, colour=0, metadata=metadata)


@contextmanager
def opened(folder: Path, dim: int = DIM) -> Iterator[Library]:
    """Open a library in a folder, new or as it was left."""
    catalog = Catalog.open(folder / "catalog.sqlite")
    try:
        yield Library(catalog, dim)
    finally:
        catalog.close()
