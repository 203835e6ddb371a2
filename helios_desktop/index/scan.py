"""Exact search over rows in memory or in a mapped file: every row that passes is compared.

Work goes in blocks of rows, shared among a fixed number of threads; numpy lets go of the interpreter's lock meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from helios_desktop.domain import Float32Array, Int64Array
from helios_desktop.index.ranking import row_scores, shortlist
from helios_desktop.index.snapshot import Snapshot

BLOCK_ROWS = 16384
_SHARED_ROWS = 2 * BLOCK_ROWS
"""Fewer rows are compared sooner by one thread than handed to several."""

_DENSE = 0.25
"""From this share of a block on, comparing all its rows is faster than picking some."""


class Scanner:
    """Compares a vector with many rows, on ``threads`` threads at most."""

    def __init__(self, threads: int) -> None:
        self.threads = max(1, threads)
        self.executor = ThreadPoolExecutor(self.threads, thread_name_prefix="helios-scan")  # starts none before it has work

    def all_rows(self, snapshot: Snapshot, vector: Float32Array, dead: Int64Array, k: int) -> Int64Array:
        """Return the positions that may be among the k best of all rows but the dead ones (positions, ascending)."""
        scores = np.empty(snapshot.count, dtype=np.float32)

        def compare(start: int) -> None:
            stop = min(start + BLOCK_ROWS, snapshot.count)
            np.matmul(snapshot.rows.between(start, stop), vector, out=scores[start:stop])

        self._sweep(range(0, snapshot.count, BLOCK_ROWS), compare, snapshot.count)
        scores[dead] = -np.inf
        return shortlist(scores, k)

    def some_rows(self, snapshot: Snapshot, vector: Float32Array, positions: Int64Array, k: int) -> Int64Array:
        """Return those of the given positions (ascending) that may be among their k best."""
        scores = np.empty(len(positions), dtype=np.float32)
        starts = range(0, snapshot.count, BLOCK_ROWS)
        edges = np.searchsorted(positions, [*starts, snapshot.count])

        def compare(start: int) -> None:
            first, last = edges[start // BLOCK_ROWS], edges[start // BLOCK_ROWS + 1]
            if first == last:
                return
            stop = min(start + BLOCK_ROWS, snapshot.count)
            inside = positions[first:last]
            if len(inside) >= _DENSE * (stop - start):
                scores[first:last] = (snapshot.rows.between(start, stop) @ vector)[inside - start]
            else:
                scores[first:last] = snapshot.rows.at(inside) @ vector

        self._sweep(starts, compare, len(positions))
        return positions[shortlist(scores, k)]

    def close(self) -> None:
        """End the threads."""
        self.executor.shutdown()

    def _sweep(self, starts: Sequence[int], compare: Callable[[int], None], rows: int) -> None:
        if self.threads == 1 or rows < _SHARED_ROWS:
            for start in starts:
                compare(start)
        else:
            for _ in self.executor.map(compare, starts):
                pass


def scores_at(snapshot: Snapshot, positions: Int64Array, vector: Float32Array) -> Float32Array:
    """Return the exact scores of the rows at those positions."""
    scores = np.empty(len(positions), dtype=np.float32)
    for start in range(0, len(positions), BLOCK_ROWS):
        some = positions[start : start + BLOCK_ROWS]
        scores[start : start + len(some)] = row_scores(snapshot.rows.at(some), vector)
    return scores
