"""Rows of float32 in a mapped file, read without the whole file piling up in this process's memory."""

from __future__ import annotations

import mmap

import numpy as np

from helios_desktop.domain import Float32Array, Int64Array

RESIDENT_BYTES = 384 * 1024 * 1024
"""Of larger files, about this much at most stays mapped into this process at a time, where the system can let go of pages."""

_FAULT_BYTES = 64 * 1024  # what Linux maps around one page that is touched
_PICKED_AT_ONCE = 2048


class MappedRows:
    """``vectors``: float32 ``[count, dim]``, read-only, at ``offset`` of the mapping, which lives as long as they do."""

    def __init__(self, mapping: mmap.mmap, offset: int, count: int, dim: int) -> None:
        self._mapping = mapping
        self._touched_bytes = 0
        self.vectors = np.frombuffer(mapping, dtype="<f4", count=count * dim, offset=offset).reshape(count, dim)

    def between(self, start: int, stop: int) -> Float32Array:
        """Return consecutive rows, still mapped: float32 ``[stop - start, dim]``."""
        self._account((stop - start) * self.vectors.strides[0])
        return self.vectors[start:stop]

    def at(self, positions: Int64Array) -> Float32Array:
        """Return a copy of the rows at those positions: float32 ``[n, dim]``."""
        picked = np.empty((len(positions), self.vectors.shape[1]), dtype=np.float32)
        for start in range(0, len(positions), _PICKED_AT_ONCE):
            some = positions[start : start + _PICKED_AT_ONCE]
            span = (int(some.max()) - int(some.min()) + 1) * self.vectors.strides[0]
            self._account(min(len(some) * _FAULT_BYTES, span + _FAULT_BYTES))
            np.take(self.vectors, some, axis=0, out=picked[start : start + len(some)], mode="clip")
        return picked

    def _account(self, touched_bytes: int) -> None:
        """Let go of pages now and then: they stay in the system's cache, and another touch maps them again."""
        if self.vectors.nbytes <= RESIDENT_BYTES:
            return
        self._touched_bytes += touched_bytes
        if self._touched_bytes > RESIDENT_BYTES and hasattr(mmap, "MADV_DONTNEED"):
            self._touched_bytes = touched_bytes
            self._mapping.madvise(mmap.MADV_DONTNEED)
