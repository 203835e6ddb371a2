"""The index at one moment, immutable, and how it answers: snapshot and overlay, each by its own way, joined exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helios_desktop.domain import Float32Array, Int64Array
from helios_desktop.index.first_pass import FirstPass
from helios_desktop.index.overlay import OverlayView
from helios_desktop.index.ranking import best, is_among, row_scores, shortlist
from helios_desktop.index.scan import Scanner, scores_at
from helios_desktop.index.snapshot import Snapshot

FILTERED_FIRST_PASS_ROWS = 4096
"""Filters that leave fewer photos are answered by comparing all of these; so are those that leave too small a share of a
large library for the first pass to meet enough of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What one search reads. ``dead``: rows of the snapshot, ascending, that no longer count."""

    snapshot: Snapshot | None
    first_pass: FirstPass | None
    overlay: OverlayView
    dead: Int64Array
    sequence: int

    @property
    def count(self) -> int:
        """How many photos can answer."""
        below = 0 if self.snapshot is None else self.snapshot.count - len(self.dead)
        return below + self.overlay.count

    def answer(
        self, scanner: Scanner, question: Float32Array, k: int, passing: Int64Array | None
    ) -> tuple[Int64Array, Float32Array]:
        """Return ids and scores of the k best photos among ``passing`` (ids, ascending; None: all), best first."""
        if k == 0 or (passing is not None and not passing.size):
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        ids, scores = self._overlay_best(question, k, passing)
        if self.snapshot is not None:
            rows = self._snapshot_rows(self.snapshot, scanner, question, k, passing)
            ids = np.concatenate([ids, self.snapshot.ids[rows]])
            scores = np.concatenate([scores, scores_at(self.snapshot, rows, question)])
        return best(ids, scores, k)

    def _overlay_best(self, question: Float32Array, k: int, passing: Int64Array | None) -> tuple[Int64Array, Float32Array]:
        is_wanted = self.overlay.is_live
        if passing is not None:
            is_wanted = is_wanted & is_among(self.overlay.ids, passing)
        scores = self.overlay.vectors @ question
        scores[~is_wanted] = -np.inf
        slots = shortlist(scores, k)
        return self.overlay.ids[slots], row_scores(self.overlay.vectors[slots], question)

    def _snapshot_rows(
        self, snapshot: Snapshot, scanner: Scanner, question: Float32Array, k: int, passing: Int64Array | None
    ) -> Int64Array:
        if passing is None:
            rows = None if self.first_pass is None else self.first_pass.best_rows(question, k, None, self.dead)
            return scanner.all_rows(snapshot, question, self.dead, k) if rows is None else rows
        positions = snapshot.positions_of(passing)
        if self.dead.size:
            positions = positions[~is_among(positions, self.dead)]
        if self.first_pass is not None and len(positions) > FILTERED_FIRST_PASS_ROWS:
            is_passing = np.zeros(snapshot.count, dtype=np.bool_)
            is_passing[positions] = True
            rows = self.first_pass.best_rows(question, k, is_passing, self.dead)
            if rows is not None:
                return rows
        return scanner.some_rows(snapshot, question, positions, k)
