"""``features.npy`` -> unit vectors: in comes one file, out come float32 rows a piece at a time, and a sentence for each fault.

Only plain tables of half or single floats are read: the header is taken apart here, so that nothing in the file is ever run,
and the numbers are mapped into memory, never loaded as a whole.
Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import ast
import os
import stat
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from helios_desktop.domain import BoolArray, Float32Array, Int64Array
from helios_desktop.errors import ImportFileError

ROWS_A_PIECE = 4096
MAX_HEADER_BYTES = 10_000
MAX_DIM = 4096  # numbers a row; the most that all three engines take
UNIT_TOLERANCE = 1e-3  # what rounding to half floats leaves of a unit vector's length

_MAGIC = b"\x93NUMPY"
_DTYPES: dict[str, np.dtype[Any]] = {name: np.dtype(name) for name in ("<f2", ">f2", "<f4", ">f4")}
_EXPECTED = "Expected is a table of float16 or float32 with one row a photo, as numpy.save writes it."
_SAVE_AGAIN = "Save it again: numpy.save('features.npy', numpy.ascontiguousarray(features, dtype='float16'))"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    dtype: np.dtype[Any]
    shape: tuple[int, int]
    offset: int


class FeaturesFile:
    """One checked file: ``count`` rows of ``dim`` numbers. Rows are counted from 0, as ``--start`` and ``--end`` do."""

    def __init__(self, path: Path) -> None:
        """Read the header and compare it with the file's length. Raises ``ImportFileError``."""
        self.path = path
        refuse_unless_file(path)
        try:
            with path.open("rb") as file:
                header = _header(file, path)
                self._signature = _signature(os.fstat(file.fileno()))
                _refuse_wrong_length(path, header, self._signature[0])
        except OSError as error:
            raise unreadable(path, error) from error
        self.count, self.dim = header.shape
        self._header = header
        self._table = self._mapped()

    def _mapped(self) -> NDArray[Any]:
        try:
            return np.memmap(
                self.path, dtype=self._header.dtype, mode="r", offset=self._header.offset, shape=self._header.shape
            )
        except (OSError, ValueError) as error:
            raise ImportFileError(f"{self.path} cannot be mapped into memory ({error}).", "Try again.") from error

    def check(self, on_rows: Callable[[int], None] = lambda _: None) -> Int64Array:
        """Look at every number; return which rows are zero. Raises ``ImportFileError`` for one that is not finite."""
        zeros = []
        for start, piece in self._pieces(0, self.count):
            if not np.isfinite(piece).all():
                row = start + int(np.argmin(np.isfinite(piece).all(axis=1)))
                raise ImportFileError(
                    f"Row {row} of {self.path} (counted from 0) holds a number that is not finite: expected are numbers only.",
                    "Make the features of this photo again, or leave its row out of both files.",
                )
            zeros.append(start + np.flatnonzero(~piece.any(axis=1)))
            on_rows(len(piece))
        return np.concatenate(zeros).astype(np.int64)

    def pieces(self, start: int, end: int, rows: int = ROWS_A_PIECE) -> Iterator[tuple[int, Float32Array, BoolArray]]:
        """Go through rows ``start`` to ``end``: the first row's number, float32 ``[n, dim]`` of unit length, which are zero."""
        for first, piece in self._pieces(start, end, rows):
            unit, is_zero = unit_rows(piece)
            yield first, unit, is_zero

    def _pieces(self, start: int, end: int, rows: int = ROWS_A_PIECE) -> Iterator[tuple[int, NDArray[Any]]]:
        for first in range(start, end, rows):
            self._refuse_changed()  # a mapped file that shrinks would end the process
            yield first, np.asarray(self._table[first : min(first + rows, end)])

    def _refuse_changed(self) -> None:
        try:
            now = _signature(self.path.stat())
        except OSError as error:
            raise unreadable(self.path, error) from error
        if now != self._signature:
            raise ImportFileError(f"{self.path} was changed while it was read.", "Wait until it is whole, then try again.")


def unit_rows(piece: NDArray[Any]) -> tuple[Float32Array, BoolArray]:
    """Return rows at unit length (float32 ``[n, dim]``; zero rows stay zero) and which rows are zero.

    Rows that are of unit length already, but for the rounding of half floats, stay as they are: what was exported comes back
    bit by bit. Scaling by the largest number first keeps rows of huge or tiny numbers from overflowing.
    """
    rows = piece.astype(np.float32)
    largest = np.abs(rows).max(axis=1, keepdims=True)
    is_zero: BoolArray = largest[:, 0] == 0
    largest[is_zero] = 1
    lengths = np.linalg.norm(rows / largest, axis=1, keepdims=True) * largest.astype(np.float64)
    lengths[is_zero] = 1
    lengths[np.abs(lengths - 1) < UNIT_TOLERANCE] = 1
    unit: Float32Array = (rows / lengths).astype(np.float32)
    return unit, is_zero


def refuse_unless_file(path: Path) -> None:
    """Raise ``ImportFileError`` unless ``path`` is a regular file: a pipe would be waited for for ever."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise unreadable(path, error) from error
    if not stat.S_ISREG(mode):
        raise ImportFileError(f"{path} is not a file.", "Name the file itself.")


def unreadable(path: Path, error: OSError) -> ImportFileError:
    """Return the sentence for a file that the system does not give out."""
    reason = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror or str(error)
    return ImportFileError(f"{path} cannot be read: {reason}.", "See that the name is right and that you may read it.")


def _signature(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns


def _header(file: BinaryIO, path: Path) -> _Header:
    """Take the header apart. Raises ``ImportFileError``."""
    magic = file.read(8)
    if magic[:6] != _MAGIC or len(magic) < 8:
        raise ImportFileError(f"{path} {_what_it_is(magic)}. {_EXPECTED}", _SAVE_AGAIN)
    width = {1: 2, 2: 4, 3: 4}.get(magic[6])
    if width is None:
        raise ImportFileError(f"{path} is in version {magic[6]} of the format, which is not known here.", _SAVE_AGAIN)
    raw = file.read(width)
    length = struct.unpack("<H" if width == 2 else "<I", raw)[0] if len(raw) == width else 0
    if not 0 < length <= MAX_HEADER_BYTES:
        raise ImportFileError(f"{path} has a header of {length:,} bytes, which is no table's. {_EXPECTED}", _SAVE_AGAIN)
    text = file.read(length)
    try:
        found = ast.literal_eval(text.decode("utf-8" if magic[6] == 3 else "latin-1").strip())
        descr, is_fortran, shape = found["descr"], found["fortran_order"], found["shape"]
    except (ValueError, SyntaxError, KeyError, TypeError, RecursionError, MemoryError) as error:
        raise ImportFileError(f"{path} has a header that cannot be read. {_EXPECTED}", _SAVE_AGAIN) from error
    return _Header(dtype=_dtype(descr, path), shape=_shape(shape, is_fortran, path), offset=8 + width + length)


def _what_it_is(magic: bytes) -> str:
    if not magic:
        return "is empty"
    if magic[:2] == b"PK":
        return "is an archive (.npz), not a table"
    if magic[:1] == b"\x80":
        return "is a pickle, which could run anything and is never opened"
    return "is not in numpy's format"


def _dtype(descr: object, path: Path) -> np.dtype[Any]:
    if isinstance(descr, str) and descr in _DTYPES:
        return _DTYPES[descr]
    if isinstance(descr, str) and descr.endswith("O"):
        raise ImportFileError(
            f"{path} holds Python objects (a pickle), which could run anything and are never opened. {_EXPECTED}", _SAVE_AGAIN
        )
    raise ImportFileError(f"{path} holds numbers of the kind {str(descr)[:60]!r}. {_EXPECTED}", _SAVE_AGAIN)


def _shape(shape: object, is_fortran: object, path: Path) -> tuple[int, int]:
    if not isinstance(shape, tuple) or not all(type(number) is int and number >= 0 for number in shape):
        raise ImportFileError(f"{path} has a shape that is none: {str(shape)[:60]}. {_EXPECTED}", _SAVE_AGAIN)
    if len(shape) != 2:
        raise ImportFileError(f"{path} has the shape {str(shape)[:60]}, of rank {len(shape)}. {_EXPECTED}", _SAVE_AGAIN)
    rows, dim = shape
    if not rows:
        raise ImportFileError(f"{path} has no rows. {_EXPECTED}", _SAVE_AGAIN)
    if not 0 < dim <= MAX_DIM:
        raise ImportFileError(f"{path} has {dim:,} numbers a row; expected are 1 to {MAX_DIM:,}.", _SAVE_AGAIN)
    if is_fortran is not False:
        raise ImportFileError(f"{path} is stored column by column (Fortran order); expected is row by row.", _SAVE_AGAIN)
    return rows, dim


def _refuse_wrong_length(path: Path, header: _Header, size: int) -> None:
    rows, dim = header.shape
    expected = header.offset + rows * dim * header.dtype.itemsize
    if size != expected:
        raise ImportFileError(
            f"{path} announces {rows:,} rows of {dim} numbers, which take {expected:,} bytes, but it has {size:,}.",
            "Copy or download it again: it was cut off, or is not what it says.",
        )
