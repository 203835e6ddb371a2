"""Photos and a folder in, copies of the files there out: nothing is overwritten, and the originals are only read."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from helios_desktop.errors import KnownError

MOST_NUMBERS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What came of it: the copies, and for each file that could not be copied its path and the system's reason."""

    copies: tuple[bytes, ...]
    failed: tuple[tuple[bytes, str], ...]


def export_copies(paths: Sequence[bytes], folder: bytes, is_cancelled: Callable[[], bool] = lambda: False) -> Exported:
    """Copy files into a folder, with their times; a name that is taken there gets a number, as in "IMG_1 (2).jpg".

    Raises ``KnownError`` where the folder is none or cannot be written; a file that cannot be read does not stop the others.
    """
    if not os.path.isdir(folder):
        raise KnownError(f"{os.fsdecode(folder)!r} is not a folder.", "Choose another one.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise KnownError(f"Helios may not write into {os.fsdecode(folder)!r}.", "Choose another folder.")
    copies: list[bytes] = []
    failed: list[tuple[bytes, str]] = []
    for path in paths:
        if is_cancelled():
            break
        try:
            copies.append(_copy(path, folder))
        except OSError as error:
            failed.append((path, error.strerror or str(error)))
    return Exported(copies=tuple(copies), failed=tuple(failed))


def _copy(path: bytes, folder: bytes) -> bytes:
    source = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    with open(source, "rb") as original:
        status = os.fstat(source)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "it is not a file")
        target, descriptor = _made(folder, os.path.basename(path))
        try:
            with open(descriptor, "wb") as copy:
                shutil.copyfileobj(original, copy, 1 << 20)
        except BaseException:
            with suppress(OSError):
                os.unlink(target)  # half a picture, made by us a moment ago
            raise
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
    return target


def _made(folder: bytes, name: bytes) -> tuple[bytes, int]:
    """Make a file that was not there before, and return it open."""
    for candidate in _names(name):
        target = os.path.join(folder, candidate)
        with suppress(FileExistsError):
            return target, os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    raise OSError(0, "there are too many files of that name")


def _names(name: bytes) -> Iterator[bytes]:
    stem, ending = os.path.splitext(name)
    yield name
    for number in range(2, MOST_NUMBERS):
        yield b"%s (%d)%s" % (stem, number, ending)
