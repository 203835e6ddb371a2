"""The rows that changed since a snapshot was written: kept in memory and laid over it.

Changes go in under the index's lock; searches read views, which later changes do not touch: rows are only ever appended, and
a row that was replaced or removed loses its mark in the next view.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helios_desktop.domain import Float32Array, Int64Array
from helios_desktop.index.snapshot import Snapshot

_FIRST_ROWS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlayView:
    """The overlay at one moment. ``ids`` int64 ``[n]``, ``vectors`` float32 ``[n, dim]``; only rows in ``is_live`` count."""

    ids: Int64Array
    vectors: Float32Array
    is_live: NDArray[np.bool_]

    @property
    def count(self) -> int:
        """How many rows answer."""
        return int(np.count_nonzero(self.is_live))


class Overlay:
    """Rows by photo id, and the ids that are gone. Not safe for several threads: the index holds a lock around it."""

    def __init__(self, dim: int) -> None:
        self._dim = dim
        self._ids = np.empty(_FIRST_ROWS, dtype=np.int64)
        self._vectors = np.empty((_FIRST_ROWS, dim), dtype=np.float32)
        self._is_live = np.zeros(_FIRST_ROWS, dtype=np.bool_)
        self._size = 0
        self._slots: dict[int, int] = {}
        self._removed: set[int] = set()

    @property
    def change_count(self) -> int:
        """How many photos differ from the snapshot, as far as is known here."""
        return len(self._slots) + len(self._removed)

    @property
    def row_count(self) -> int:
        """How many rows it keeps in memory, replaced ones included."""
        return self._size

    def put(self, photo_ids: Int64Array, vectors: Float32Array) -> None:
        """Add or replace rows; of an id given twice the last row stays."""
        self._reserve(len(photo_ids))
        start, stop = self._size, self._size + len(photo_ids)
        self._ids[start:stop] = photo_ids
        self._vectors[start:stop] = vectors
        self._is_live[start:stop] = True
        self._size = stop
        for slot, photo_id in enumerate(photo_ids.tolist(), start):
            replaced = self._slots.get(photo_id)
            if replaced is not None:
                self._is_live[replaced] = False
            self._slots[photo_id] = slot
        self._removed.difference_update(photo_ids.tolist())

    def remove(self, photo_ids: Int64Array) -> None:
        """Remove rows, here and in the snapshot below; unknown ids are ignored."""
        for photo_id in photo_ids.tolist():
            slot = self._slots.pop(photo_id, None)
            if slot is not None:
                self._is_live[slot] = False
        self._removed.update(photo_ids.tolist())

    def view(self) -> OverlayView:
        """Return the rows as they are now."""
        size = self._size
        return OverlayView(ids=self._ids[:size], vectors=self._vectors[:size], is_live=self._is_live[:size].copy())

    def hidden_ids(self) -> Int64Array:
        """Return the ids whose rows in the snapshot no longer count: those that are newer here and those that are gone."""
        return np.fromiter((*self._slots, *self._removed), dtype=np.int64)

    def over(self, snapshot: Snapshot) -> Overlay:
        """Return an overlay that holds only what a newer snapshot does not already say."""
        lean = Overlay(self._dim)
        removed = np.fromiter(self._removed, dtype=np.int64)
        lean._removed.update(snapshot.ids[snapshot.positions_of(removed)].tolist())
        ids = np.fromiter(self._slots, dtype=np.int64)
        slots = np.fromiter(self._slots.values(), dtype=np.int64)
        order = np.argsort(ids)
        ids, slots = ids[order], slots[order]
        is_in_snapshot = np.isin(ids, snapshot.ids, assume_unique=True)
        same = is_in_snapshot.copy()
        theirs = snapshot.rows.at(snapshot.positions_of(ids))
        same[is_in_snapshot] = (theirs == self._vectors[slots[is_in_snapshot]]).all(axis=1)
        lean.put(ids[~same], self._vectors[slots[~same]])
        return lean

    def _reserve(self, rows: int) -> None:
        needed = self._size + rows
        if needed <= len(self._ids):
            return
        capacity = max(needed, 2 * len(self._ids))
        ids, vectors, is_live = self._ids, self._vectors, self._is_live
        self._ids = np.empty(capacity, dtype=np.int64)
        self._vectors = np.empty((capacity, self._dim), dtype=np.float32)
        self._is_live = np.zeros(capacity, dtype=np.bool_)
        self._ids[: self._size] = ids[: self._size]
        self._vectors[: self._size] = vectors[: self._size]
        self._is_live[: self._size] = is_live[: self._size]
