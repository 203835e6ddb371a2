"""Rows of float32 in a mapped file, read without the whole file piling up in this process's memory."""

from __future__ import annotations

import errno
import mmap
import os
import weakref
from typing import BinaryIO

import numpy as np

from helios_desktop.domain import Float32Array, Int64Array

RESIDENT_BYTES = 384 * 1024 * 1024
"""Of larger files, about this much at most stays mapped into this process at a time, where the system can let go of pages."""

_PICKED_AT_ONCE = 2048
_NEAR_BYTES = 64 * 1024 * 1024
"""Rows that lie further apart than this are read, not touched: one touch may map 2 MB of a file around it."""


class MappedRows:
    """``vectors``: float32 ``[count, dim]``, read-only, at ``offset`` of a file; they outlive its name."""

    def __init__(self, file: BinaryIO, offset: int, count: int, dim: int) -> None:
        """Map the whole of an open file, which may be closed afterwards."""
        self.mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._offset = offset
        self._descriptor: int | None = None
        if hasattr(os, "preadv"):  # not on Windows, which counts mapped pages otherwise
            self._descriptor = os.dup(file.fileno())
            weakref.finalize(self, os.close, self._descriptor)
        self._touched_bytes = 0
        self.vectors = np.frombuffer(self.mapping, dtype="<f4", count=count * dim, offset=offset).reshape(count, dim)

    def between(self, start: int, stop: int) -> Float32Array:
        """Return consecutive rows, still mapped: float32 ``[stop - start, dim]``."""
        self._account((stop - start) * self.vectors.strides[0])
        return self.vectors[start:stop]

    def at(self, positions: Int64Array) -> Float32Array:
        """Return a copy of the rows at those positions: float32 ``[n, dim]``."""
        picked = np.empty((len(positions), self.vectors.shape[1]), dtype="<f4")
        for start in range(0, len(positions), _PICKED_AT_ONCE):
            some = positions[start : start + _PICKED_AT_ONCE]
            out = picked[start : start + len(some)]
            span = (int(some.max()) - int(some.min()) + 1) * self.vectors.strides[0]
            if self._descriptor is not None and self.vectors.nbytes > RESIDENT_BYTES and span > _NEAR_BYTES:
                self._read(self._descriptor, some, out)
            else:
                self._account(span)
                np.take(self.vectors, some, axis=0, out=out, mode="clip")
        return picked

    def _read(self, descriptor: int, positions: Int64Array, out: Float32Array) -> None:
        row_bytes = self.vectors.strides[0]
        lines = out.reshape(-1).view(np.uint8).data
        for at, position in enumerate(positions.tolist()):
            line = lines[at * row_bytes : (at + 1) * row_bytes]
            if os.preadv(descriptor, [line], self._offset + position * row_bytes) != row_bytes:
                raise OSError(errno.EIO, "a row of the search index file could not be read")

    def _account(self, touched_bytes: int) -> None:
        """Let go of pages now and then: they stay in the system's cache, and another touch maps them again."""
        if self.vectors.nbytes <= RESIDENT_BYTES:
            return
        self._touched_bytes += touched_bytes
        if self._touched_bytes > RESIDENT_BYTES and hasattr(mmap, "MADV_DONTNEED"):
            self._touched_bytes = touched_bytes
            self.mapping.madvise(mmap.MADV_DONTNEED)
