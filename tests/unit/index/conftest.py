"""Vectors and a source of them for the tests of the embedded index."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helios_desktop.domain import ChangeBatch, Filter, Float32Array, Int64Array, ModelId
from helios_desktop.index.embedded import EmbeddedIndex
from helios_desktop.index.snapshot import SnapshotKey


@dataclass
class LoggedSource:
    """A change log in memory. ``reads`` are the sequences that reading began at; ``during_read`` runs inside each reading."""

    log: dict[int, tuple[int, Float32Array | None]] = field(default_factory=dict)
    sequence: int = 0
    reads: list[int] = field(default_factory=list)
    during_read: Callable[[], None] | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)

    def put(self, photo_ids: Int64Array, vectors: Float32Array | list[None]) -> None:
        with self.lock:
            for photo_id, vector in zip(np.asarray(photo_ids).tolist(), vectors, strict=True):
                self.sequence += 1
                self.log.pop(photo_id, None)
                self.log[photo_id] = (self.sequence, vector)

    def remove(self, photo_ids: Int64Array) -> None:
        self.put(photo_ids, [None] * len(photo_ids))

    def change_token(self) -> int:
        return self.sequence

    def changes_since(self, model_id: ModelId, dim: int, sequence: int, batch: int = 8192) -> Iterator[ChangeBatch]:
        self.reads.append(sequence)
        with self.lock:
            rows = [(photo_id, *entry) for photo_id, entry in self.log.items() if entry[0] > sequence]
        for start in range(0, len(rows), batch):
            some = rows[start : start + batch]
            yield ChangeBatch(
                sequence=some[-1][1],
                photo_ids=np.array([row[0] for row in some], dtype=np.int64),
                vectors=np.stack([np.zeros(dim, np.float32) if row[2] is None else row[2] for row in some]),
                is_removed=np.array([row[2] is None for row in some]),
            )
            if self.during_read is not None:
                self.during_read()

    def matching_ids(self, wanted: Filter) -> Int64Array:
        """Formats hold the remainders by 10 that pass."""
        remainders = {int(text) for text in wanted.formats}
        live = (photo_id for photo_id, entry in self.log.items() if entry[1] is not None)
        return np.array(sorted(photo_id for photo_id in live if photo_id % 10 in remainders), dtype=np.int64)


@pytest.fixture
def source() -> LoggedSource:
    return LoggedSource()


@pytest.fixture
def unit_rows() -> Callable[..., Float32Array]:
    """Makes rows of unit length, float32 ``[count, dim]``."""

    def make(count: int, dim: int = 16, seed: int = 0) -> Float32Array:
        rows = np.random.default_rng(seed).standard_normal((count, dim), dtype=np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    return make


@pytest.fixture
def key() -> SnapshotKey:
    return SnapshotKey(catalogue_id="c0ffee", model_id="test-1", dim=16)


DIM = 16
WAIT_SECONDS = 20


@pytest.fixture
def open_index(tmp_path: Path, source: Any) -> Iterator[Callable[..., EmbeddedIndex]]:
    opened: list[EmbeddedIndex] = []

    def make(**options: Any) -> EmbeddedIndex:
        options = {"catalogue_id": "c1", "threads": 2, "dim": DIM} | options
        opened.append(EmbeddedIndex(tmp_path / "index", source, ModelId("org/model-1"), **options))
        return opened[-1]

    yield make
    for index in opened:
        index.close()


def _wait_for(fact: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    turn = threading.Event()
    while not fact():
        assert time.monotonic() < deadline, "it did not come about"
        turn.wait(0.01)


@pytest.fixture
def wait_for() -> Callable[[Callable[[], bool]], None]:
    return _wait_for
