"""Scores in, the best photos out: exact, and the same whatever way the rows were reached.

A matrix product may round the same row differently at different places of the matrix. Copies of one photo have equal
vectors and must tie, so products only make a shortlist, and the scores that are shown are computed row by row.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from helios_desktop.domain import Float32Array, Int64Array

ROUNDING_MARGIN = 4e-6
"""More than two ways of adding up ``dim`` products of unit vectors in float32 ever differ by."""

_ROWS_AT_ONCE = 1024


def shortlist(scores: Float32Array, k: int) -> Int64Array:
    """Return the positions of all rows that may be among the k best, ascending. Rows scored ``-inf`` never are."""
    if k < scores.size:
        kth_best = np.partition(scores, scores.size - k)[scores.size - k]
        if np.isfinite(kth_best):
            return np.flatnonzero(scores >= kth_best - ROUNDING_MARGIN)
    return np.flatnonzero(scores > -np.inf)


def row_scores(rows: Float32Array, vector: Float32Array) -> Float32Array:
    """Return the dot product of each row with the vector, float32 ``[n]``; equal rows give equal scores."""
    scores = np.empty(len(rows), dtype=np.float32)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        products = rows[start : start + _ROWS_AT_ONCE] * vector
        scores[start : start + len(products)] = products.sum(axis=1, dtype=np.float64)
    return scores


def best(photo_ids: Int64Array, scores: Float32Array, k: int) -> tuple[Int64Array, Float32Array]:
    """Return the k best of the photos given, best first, ties by lower id."""
    order = np.lexsort((photo_ids, -scores))[:k]
    return photo_ids[order], scores[order]


def is_among(values: Int64Array, ascending: Int64Array) -> NDArray[np.bool_]:
    """Return which values occur in an ascending array, bool ``[n]``; quicker than sorting both."""
    if not ascending.size:
        return np.zeros(len(values), dtype=np.bool_)
    found = np.minimum(np.searchsorted(ascending, values), ascending.size - 1)
    return np.asarray(ascending[found] == values)
