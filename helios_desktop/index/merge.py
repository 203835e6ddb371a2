"""A snapshot and its overlay as one sequence of rows, ordered by id, without holding them in memory at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helios_desktop.domain import Float32Array, Int64Array
from helios_desktop.index.overlay import OverlayView
from helios_desktop.index.snapshot import Snapshot


def merged_rows(
    snapshot: Snapshot | None, dead: Int64Array, overlay: OverlayView, checkpoint: Callable[[], None]
) -> tuple[Int64Array, Callable[[int, int], Float32Array]]:
    """Return the ids, ascending, and a reader of their vectors: ``rows(start, stop)`` is float32 ``[stop - start, dim]``.

    Each reading calls ``checkpoint``, which may raise to stop.
    """
    slots = np.flatnonzero(overlay.is_live)
    ids = overlay.ids[slots]
    origins = ~slots  # rows of the overlay count from -1 downwards
    if snapshot is not None:
        kept = np.delete(np.arange(snapshot.count), dead)
        ids = np.concatenate([ids, snapshot.ids[kept]])
        origins = np.concatenate([origins, kept])
    order = np.argsort(ids, kind="stable")
    ids, origins = ids[order], origins[order]

    def rows(start: int, stop: int) -> Float32Array:
        checkpoint()
        origin = origins[start:stop]
        is_loose = origin < 0
        vectors = np.empty((len(origin), overlay.vectors.shape[1]), dtype=np.float32)
        vectors[is_loose] = overlay.vectors[~origin[is_loose]]
        if snapshot is not None:
            vectors[~is_loose] = snapshot.rows.at(origin[~is_loose])
        return vectors

    return ids, rows
