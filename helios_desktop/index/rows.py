"""What a vector must be before it may answer: of the right dimension, finite, and of unit length."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from helios_desktop.domain import ChangeBatch, Float32Array, Int64Array
from helios_desktop.errors import IndexUnavailableError

LENGTH_TOLERANCE = 2e-3
"""Half-precision vectors that were brought to unit length keep it well within this."""

_log = logging.getLogger(__name__)
_REBUILD = "Run `helios catalog rebuild` to make the vectors again."


def checked_rows(photo_ids: Int64Array, vectors: Float32Array, dim: int) -> tuple[Int64Array, Float32Array]:
    """Return ids ``[n]`` and vectors ``[n, dim]`` fit to be stored. Raises ``IndexUnavailableError`` where they are not."""
    ids = np.atleast_1d(np.asarray(photo_ids, dtype=np.int64))
    rows = np.asarray(vectors, dtype=np.float32)
    if rows.ndim != 2 or rows.shape[1] != dim:
        raise IndexUnavailableError(
            f"The search index holds vectors of dimension {dim}; these have the shape {list(rows.shape)}.",
            "The photos were embedded with another model: choose that model, or index them again with this one.",
        )
    if ids.shape != (len(rows),):
        raise IndexUnavailableError(f"{ids.size} photos came with {len(rows)} vectors.", _REBUILD)
    broken = ids[~sound_rows(rows)]
    if broken.size:
        raise IndexUnavailableError(
            f"The vectors of {broken.size} photos are not of unit length or not numbers; the first is photo {broken[0]}.",
            _REBUILD,
        )
    return ids, rows


def sound_rows(rows: Float32Array) -> NDArray[np.bool_]:
    """Return which rows are finite and of unit length, bool ``[n]``."""
    with np.errstate(over="ignore", invalid="ignore"):
        squares = np.einsum("ij,ij->i", rows, rows)
        return np.asarray(np.abs(squares - 1.0) <= 2 * LENGTH_TOLERANCE)  # False for NaN and infinity too


def checked_query(vector: Float32Array, k: int, dim: int) -> Float32Array:
    """Return the question as float32 ``[dim]``. Raises ``IndexUnavailableError`` where it cannot be compared."""
    question = np.ascontiguousarray(vector, dtype=np.float32)
    if question.shape != (dim,):
        raise IndexUnavailableError(
            f"The search index holds vectors of dimension {dim}; the question has the shape {list(question.shape)}.",
            "Ask with the model that embedded the photos.",
        )
    if not np.isfinite(question).all():
        raise IndexUnavailableError("The question's vector holds values that are not numbers.", "Ask in other words.")
    if k < 0:
        raise IndexUnavailableError(f"{k} photos were asked for.", "Ask for none or more.")
    return question


def sound_changes(batch: ChangeBatch) -> ChangeBatch:
    """Return the batch with unsound vectors taken as removals: one damaged row must not keep the others from answering."""
    is_unsound = ~batch.is_removed & ~sound_rows(np.asarray(batch.vectors, dtype=np.float32))
    if not is_unsound.any():
        return batch
    _log.warning("%d vectors of the catalogue are damaged, of photo %s first", is_unsound.sum(), batch.photo_ids[is_unsound][0])
    return replace(batch, is_removed=batch.is_removed | is_unsound)
