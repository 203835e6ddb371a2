"""A catalogue in a folder of its own, and short ways to tell it what a scan and a decoder would."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from helios_desktop.catalog.facts import DecodedFacts, Ready
from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import (
    FileStat,
    Float32Array,
    FoundFile,
    Metadata,
    ModelId,
    MovedFile,
    PendingPhoto,
    Photo,
    ScanDelta,
    Skipped,
    SkipReason,
)

MODEL = ModelId("test-1")
DIM = 16
DAY_NS = 86_400 * 10**9
FIRST_NS = 1_600_000_000 * 10**9
ROOT = os.fsencode(os.path.join(os.sep, "photos"))


def content(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def vector(text: str, dim: int = DIM) -> Float32Array:
    seed = int.from_bytes(content(text)[:4], "big")
    row = np.random.default_rng(seed).standard_normal(dim, dtype=np.float32)
    return row / np.linalg.norm(row)


class Shelf:
    """One root whose files are named by what follows ``/photos/``; a file's content is named by a word."""

    model = MODEL
    dim = DIM
    content = staticmethod(content)
    vector = staticmethod(vector)

    def __init__(self, catalog: Catalog, root: bytes = ROOT) -> None:
        self.catalog = catalog
        self.photos = catalog.photos
        self.root = catalog.roots.add(root, "disk-1")

    def path(self, name: str | bytes) -> bytes:
        return self.root.path + os.sep.encode() + os.fsencode(name)

    def found(
        self,
        name: str | bytes,
        *,
        size: int = 1000,
        day: int = 0,
        inode: int = 7,
        reason: SkipReason | None = None,
    ) -> FoundFile:
        stat = FileStat(path=self.path(name), size=size, mtime_ns=FIRST_NS + day * DAY_NS, inode=inode, device=1)
        return FoundFile(stat=stat, reason=reason)

    def scan(self, **delta: object) -> None:
        self.photos.record(self.root.root_id, ScanDelta(**delta))

    def add(self, *names: str | bytes, **options: object) -> list[int]:
        self.scan(added=tuple(self.found(name, **options) for name in names))
        return [self.id_of(name) for name in names]

    def change(self, name: str, **options: object) -> None:
        self.scan(changed=(self.found(name, **options),))

    def move(self, old: str, new: str) -> None:
        self.scan(moved=(self.moved(old, new),))

    def moved(self, old: str, new: str) -> MovedFile:
        photo = self.at(old)
        stat = FileStat(path=self.path(new), size=photo.size, mtime_ns=photo.mtime_ns, inode=7, device=1)
        return MovedFile(photo_id=photo.photo_id, stat=stat)

    def vanish(self, *names: str) -> None:
        self.scan(vanished=tuple(self.id_of(name) for name in names))

    def at(self, name: str | bytes) -> Photo:
        photo = self.photos.by_path(self.path(name))
        assert photo is not None, name
        return photo

    def id_of(self, name: str | bytes) -> int:
        return self.at(name).photo_id

    def waiting(self, name: str | bytes) -> PendingPhoto:
        photo = self.at(name)
        return PendingPhoto(
            photo_id=photo.photo_id, path=photo.path, size=photo.size, mtime_ns=photo.mtime_ns, content_hash=None
        )

    def ready(self, name: str | bytes, word: str | None = None, *, model: ModelId = MODEL, **options: object) -> Ready:
        """Decoded: ``word`` names the content (else the file's name does); ``metadata`` says the rest."""
        word = word or str(name)
        return Ready(
            photo=self.waiting(name),
            content_hash=content(word),
            decoded=facts(**options),
            vector=vector(word),
            model_id=model,
        )

    def known_again(self, name: str, word: str, *, model: ModelId = MODEL) -> Ready:
        """Hashed only: facts and vector are there already."""
        return Ready(photo=self.waiting(name), content_hash=content(word), decoded=None, vector=None, model_id=model)

    def index(self, *names: str | bytes, **options: object) -> list[int]:
        """Add files and have them decoded."""
        day = options.pop("day", 0)
        ids = self.add(*names, day=day)
        done = self.photos.mark_ready([self.ready(name, **options) for name in names])
        assert done == set(ids)
        return ids

    def skip(self, name: str, reason: SkipReason, detail: str = "") -> None:
        self.photos.mark_skipped([(self.waiting(name), Skipped(reason=reason, detail=detail))])

    def names(self, ids: object) -> list[str]:
        return [os.fsdecode(photo.path[len(self.root.path) + 1 :]) for photo in self.photos.get(ids)]

    def queue(self, model: ModelId = MODEL, limit: int = 100, **options: object) -> list[str]:
        return [os.fsdecode(p.path[len(self.root.path) + 1 :]) for p in self.photos.pending(model, limit, **options)]


def facts(**options: object) -> DecodedFacts:
    kind = options.pop("format", "JPEG")
    return DecodedFacts(width=400, height=300, format=kind, colour=0x336699, metadata=Metadata(**options))


@pytest.fixture
def open_catalog(tmp_path: Path) -> Iterator[Callable[[], Catalog]]:
    """Opens the catalogue of this test, any number of times, as several processes would."""
    opened: list[Catalog] = []

    def make(**options: object) -> Catalog:
        catalog = Catalog.open(tmp_path / "catalog.sqlite", **{"backups": tmp_path / "backups", **options})
        opened.append(catalog)
        return catalog

    yield make
    for catalog in opened:
        catalog.close()


@pytest.fixture
def catalog(open_catalog: Callable[[], Catalog]) -> Catalog:
    return open_catalog()


@pytest.fixture
def shelf(catalog: Catalog) -> Shelf:
    return Shelf(catalog)


@pytest.fixture
def shelf_of() -> type[Shelf]:
    return Shelf
