"""The whole catalogue's vectors, as a snapshot: read once, in any order, through a temporary file.

Memory stays flat however large the library is: the changes come ordered by time and the snapshot is ordered by id, so the
rows wait in a file without a name and are picked from there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable

import numpy as np

from helios_desktop.domain import ChangeBatch, Float32Array, Int64Array
from helios_desktop.index.mapped import MappedRows
from helios_desktop.index.rows import sound_changes
from helios_desktop.index.shelf import Shelf
from helios_desktop.index.snapshot import Snapshot

_GONE = -1


def spool_to_snapshot(shelf: Shelf, changes: Iterable[ChangeBatch], dim: int) -> Snapshot | None:
    """Write all changes since the beginning as a snapshot and open it; None where there is nothing.

    Raises ``OSError`` where the disk does not take it, and whatever reading the changes raises.
    """
    sequence = 0
    total = 0
    ids: list[Int64Array] = []
    places: list[Int64Array] = []  # where in the spool the vector of each change lies
    with tempfile.TemporaryFile(dir=shelf.folder) as file:
        for batch in map(sound_changes, changes):
            kept = ~batch.is_removed
            file.write(np.ascontiguousarray(batch.vectors[kept], dtype="<f4").data)
            place = np.full(len(kept), _GONE, dtype=np.int64)
            place[kept] = np.arange(total, total + np.count_nonzero(kept))
            total += int(np.count_nonzero(kept))
            sequence = batch.sequence
            ids.append(batch.photo_ids)
            places.append(place)
        if not total:
            return None
        file.flush()
        spooled = MappedRows(file, 0, total, dim)
        final_ids, final_places = _last_words(np.concatenate(ids), np.concatenate(places))

        def rows(start: int, stop: int) -> Float32Array:
            return spooled.at(final_places[start:stop])

        return shelf.write(sequence, final_ids, rows)


def _last_words(ids: Int64Array, places: Int64Array) -> tuple[Int64Array, Int64Array]:
    """Return the ids, ascending, and the place of each one's last change: a photo may change again while this reads."""
    unique, from_the_end = np.unique(ids[::-1], return_index=True)
    last = places[::-1][from_the_end]
    return unique[last != _GONE], last[last != _GONE]
