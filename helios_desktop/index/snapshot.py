"""One immutable file of vectors, mapped into memory: written once, read by any number of processes.

The format, version 1, little-endian throughout::

    offset 0      header, 4096 bytes: see ``_HEADER``; its last 4 used bytes are the CRC-32 of those before them
    offset 4096   ids: int64 [count], ascending, no id twice; zeros up to a multiple of 4096
    then          vectors: float32 [count, dim], row i belongs to id i; zeros up to a multiple of 4096
    then          sums: uint64, one for each block of 512 rows (the last block may be shorter)
    end           exactly at the file size that the header gives

``sums`` and ``ids_sum`` add up 64-bit words modulo 2**64. That finds flipped bits, lost pages and cut files at the speed of
memory, ten times faster than a CRC, and the file need not withstand an attacker: it is a copy that can be made again. Opening
checks header, size, ids and either everything (small files) or a sample of the blocks; ``verify`` checks the rest.

Vectors are float32 because answers must be exact: half precision moves scores by 1e-5 to 1e-4, enough to swap neighbours.
"""

from __future__ import annotations

import os
import struct
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from helios_desktop.domain import Float32Array, Int64Array
from helios_desktop.errors import IndexUnavailableError
from helios_desktop.index.mapped import MappedRows

BLOCK_ROWS = 512
PAGE_BYTES = 4096
CHECK_ALL_BYTES = 16 * 1024 * 1024
"""Files up to this size are checked whole when they are opened: it takes milliseconds."""

UInt64Array = NDArray[np.uint64]

_MAGIC = b"HELIOSVX"
_VERSION = 1
_DTYPE_FLOAT32 = 1
_SAMPLED_BLOCKS = 4
_WRITE_ROWS = 16 * BLOCK_ROWS
_TEXT_BYTES = 512

# magic, version, dtype, dim, rows a block, count, sequence, file size, offsets of vectors and sums, sums of ids and of sums,
# then the catalogue's id and the model's id as UTF-8, zero padded.
_HEADER = struct.Struct(f"<8sIIII7Q{_TEXT_BYTES}s{_TEXT_BYTES}s")
_CRC = struct.Struct("<I")


class DamagedSnapshotError(IndexUnavailableError):
    """The file is not a whole snapshot of what was asked for; it is of no use and can be made again."""

    def __init__(self, path: Path, finding: str) -> None:
        super().__init__(f"The search index file {path.name} cannot be used: {finding}.", "It is rebuilt from the catalogue.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotKey:
    """What a snapshot is of: the vectors of one model in one catalogue."""

    catalogue_id: str
    model_id: str
    dim: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Where things lie in a file of ``count`` rows, in bytes from its start."""

    vectors: int
    sums: int
    blocks: int
    size: int

    @classmethod
    def of(cls, count: int, dim: int) -> _Layout:
        vectors = PAGE_BYTES + _padded(count * 8)
        sums = vectors + _padded(count * dim * 4)
        blocks = -(-count // BLOCK_ROWS)
        return cls(vectors=vectors, sums=sums, blocks=blocks, size=sums + blocks * 8)


class Snapshot:
    """An open snapshot. ``ids``: int64 ``[count]`` ascending; ``rows``: their vectors; both mapped, read-only.

    The mapping lives as long as somebody holds the snapshot or one of its arrays; the file may be unlinked before.
    """

    def __init__(self, path: Path, sequence: int, ids: Int64Array, rows: MappedRows, sums: UInt64Array) -> None:
        self.path = path
        self.sequence = sequence
        self.ids = ids
        self.rows = rows
        self.is_verified = False
        self._sums = sums

    @classmethod
    def open(cls, path: Path, key: SnapshotKey) -> Snapshot:
        """Map a snapshot and check it. Raises ``DamagedSnapshotError``, and ``OSError`` where the file cannot be read."""
        with path.open("rb") as file:
            fields = _checked_header(path, file.read(PAGE_BYTES), key, os.fstat(file.fileno()).st_size)
            count, sequence = fields[5], fields[6]
            layout = _Layout.of(count, key.dim)
            rows = MappedRows(file, layout.vectors, count, key.dim)
        ids: Int64Array = np.frombuffer(rows.mapping, dtype="<i8", count=count, offset=PAGE_BYTES)
        sums: UInt64Array = np.frombuffer(rows.mapping, dtype="<u8", offset=layout.sums)
        if word_sum(ids) != fields[10] or word_sum(sums) != fields[11]:
            raise DamagedSnapshotError(path, "its ids or checksums are damaged")
        snapshot = cls(path, sequence, ids, rows, sums)
        if layout.size <= CHECK_ALL_BYTES:
            is_sound = snapshot.verify()
        else:
            is_sound = all(snapshot._is_sound(block) for block in np.linspace(0, layout.blocks - 1, _SAMPLED_BLOCKS, dtype=int))
        if not is_sound:
            raise DamagedSnapshotError(path, "its vectors are damaged")
        return snapshot

    @property
    def count(self) -> int:
        """How many rows it has."""
        return len(self.ids)

    @property
    def vectors(self) -> Float32Array:
        """All vectors, mapped. For many of them ``rows`` keeps memory small."""
        return self.rows.vectors

    def verify(self, is_cancelled: Callable[[], bool] = lambda: False) -> bool:
        """Check every block; False where one is damaged. Stops early, with True, when cancelled."""
        for block in range(len(self._sums)):
            if is_cancelled():
                return True
            if not self._is_sound(block):
                return False
        self.is_verified = True
        return True

    def positions_of(self, photo_ids: Int64Array) -> Int64Array:
        """Return the rows of those ids that it has, in the order of the ids; the others are left out."""
        if not self.count:
            return np.empty(0, dtype=np.int64)
        found = np.minimum(np.searchsorted(self.ids, photo_ids), self.count - 1)
        matches: Int64Array = found[self.ids[found] == photo_ids]
        return matches

    def _is_sound(self, block: int) -> bool:
        rows = self.rows.between(block * BLOCK_ROWS, min((block + 1) * BLOCK_ROWS, self.count))
        return word_sum(rows) == int(self._sums[block])


def _checked_header(path: Path, page: bytes, key: SnapshotKey, size: int) -> tuple[Any, ...]:
    """Return the header's fields, in the order of ``_HEADER``, once they fit the key and the file's size."""
    if len(page) < PAGE_BYTES:
        raise DamagedSnapshotError(path, "it is cut off")
    packed = page[: _HEADER.size]
    if _CRC.unpack_from(page, _HEADER.size)[0] != zlib.crc32(packed):
        raise DamagedSnapshotError(path, "its header is damaged")
    fields = _HEADER.unpack(packed)
    if fields[:3] != (_MAGIC, _VERSION, _DTYPE_FLOAT32) or fields[4] != BLOCK_ROWS:
        raise DamagedSnapshotError(path, "it is of another format")
    if (fields[3], fields[12], fields[13]) != (key.dim, _text(key.catalogue_id), _text(key.model_id)):
        raise DamagedSnapshotError(path, "it belongs to another catalogue or model")
    layout = _Layout.of(fields[5], key.dim)
    if fields[7:10] != (size, layout.vectors, layout.sums) or layout.size != size:
        raise DamagedSnapshotError(path, "it is cut off")
    return fields


def write_snapshot(
    path: Path, key: SnapshotKey, sequence: int, ids: Int64Array, rows: Callable[[int, int], Float32Array]
) -> None:
    """Write a snapshot beside its place and move it there whole, readable by its owner alone.

    ``ids`` ascend; ``rows(start, stop)`` gives their vectors, float32 ``[stop - start, dim]``. Raises ``OSError`` (disk full,
    no right to write, or on Windows a file in use at that place); nothing is left behind then.
    """
    layout = _Layout.of(len(ids), key.dim)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}-", suffix=".tmp", dir=path.parent)  # 0600 by its contract
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.truncate(layout.size)
            file.seek(PAGE_BYTES)
            file.write(np.ascontiguousarray(ids, dtype="<i8").data)
            sums = _write_vectors(file, layout, len(ids), rows)
            file.seek(layout.sums)
            file.write(sums.data)
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            file.write(_header(key, sequence, ids, sums, layout))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _write_vectors(file: BinaryIO, layout: _Layout, count: int, rows: Callable[[int, int], Float32Array]) -> UInt64Array:
    sums = np.zeros(layout.blocks, dtype="<u8")
    file.seek(layout.vectors)
    for start in range(0, count, _WRITE_ROWS):
        chunk = np.ascontiguousarray(rows(start, min(start + _WRITE_ROWS, count)), dtype="<f4")
        for offset in range(0, len(chunk), BLOCK_ROWS):
            sums[(start + offset) // BLOCK_ROWS] = word_sum(chunk[offset : offset + BLOCK_ROWS])
        file.write(chunk.data)
    return sums


def _header(key: SnapshotKey, sequence: int, ids: Int64Array, sums: UInt64Array, layout: _Layout) -> bytes:
    packed = _HEADER.pack(
        _MAGIC,
        _VERSION,
        _DTYPE_FLOAT32,
        key.dim,
        BLOCK_ROWS,
        len(ids),
        sequence,
        layout.size,
        layout.vectors,
        layout.sums,
        word_sum(ids),
        word_sum(sums),
        _text(key.catalogue_id),
        _text(key.model_id),
    )
    return packed + _CRC.pack(zlib.crc32(packed))


def word_sum(array: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> int:
    """Add up a contiguous array's bytes as 64-bit little-endian words modulo 2**64, zeros put at the end where needed."""
    data = array.reshape(-1).view(np.uint8)
    whole = data.size // 8 * 8
    total = int(data[:whole].view("<u8").sum(dtype=np.uint64))
    return (total + int.from_bytes(data[whole:].tobytes(), "little")) % 2**64


def _text(text: str) -> bytes:
    return text.encode()[:_TEXT_BYTES].ljust(_TEXT_BYTES, b"\0")


def _padded(size: int) -> int:
    return -(-size // PAGE_BYTES) * PAGE_BYTES
