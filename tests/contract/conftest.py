"""A library in memory for the index contract: a source that keeps ``VectorSource`` and counts how often it is read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from helios_desktop.domain import ChangeBatch, Filter, Float32Array, Int64Array, ModelId


@dataclass
class MemorySource:
    """Photos with vectors and facts. A filter passes by its entry in ``predicates``; each photo's last change has a number."""

    dim: int
    predicates: dict[Filter, Callable[[int], bool]] = field(default_factory=dict)
    vectors: dict[int, Float32Array] = field(default_factory=dict)
    changes: dict[int, int] = field(default_factory=dict)
    sequence: int = 0
    reads_from_start: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, photo_ids: Int64Array, vectors: Float32Array) -> None:
        with self.lock:
            for photo_id, vector in zip(photo_ids.tolist(), vectors, strict=True):
                self.sequence += 1
                self.vectors[photo_id] = vector
                self.changes.pop(photo_id, None)
                self.changes[photo_id] = self.sequence

    def remove(self, photo_ids: Int64Array) -> None:
        with self.lock:
            for photo_id in photo_ids.tolist():
                if self.vectors.pop(photo_id, None) is not None:
                    self.sequence += 1
                    self.changes.pop(photo_id)
                    self.changes[photo_id] = self.sequence

    def change_token(self) -> int:
        return self.sequence

    def changes_since(self, model_id: ModelId, dim: int, sequence: int, batch: int = 8192) -> Iterator[ChangeBatch]:
        with self.lock:
            self.reads_from_start += sequence == 0
            later = [(photo_id, number) for photo_id, number in self.changes.items() if number > sequence]
            rows = [(photo_id, number, self.vectors.get(photo_id)) for photo_id, number in later]
        if sequence == 0:
            rows = [row for row in rows if row[2] is not None]
        for start in range(0, len(rows), batch):
            some = rows[start : start + batch]
            yield ChangeBatch(
                sequence=some[-1][1],
                photo_ids=np.array([row[0] for row in some], dtype=np.int64),
                vectors=np.stack([np.zeros(dim, np.float32) if row[2] is None else row[2] for row in some]),
                is_removed=np.array([row[2] is None for row in some]),
            )

    def matching_ids(self, wanted: Filter) -> Int64Array:
        passes = self.predicates[wanted]
        return np.array(sorted(photo_id for photo_id in self.vectors if passes(photo_id)), dtype=np.int64)


@pytest.fixture
def memory_source() -> Callable[[int], MemorySource]:
    """Makes an empty source of vectors of a dimension."""
    return MemorySource
