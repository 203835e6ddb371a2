"""Opening a photo without harm: a path in, an open file with its size and hash out.

Nothing but a regular file that lies on this computer is ever opened: a FIFO would hang for ever, a placeholder of a cloud
drive would be fetched, a link may lead anywhere.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader

from helios_desktop.decode.limits import Limits
from helios_desktop.domain import SkipReason
from helios_desktop.errors import SkippedFileError

WINDOWS_PLACEHOLDER = 0x1000 | 0x40000 | 0x400000
"""FILE_ATTRIBUTE_OFFLINE, _RECALL_ON_OPEN and _RECALL_ON_DATA_ACCESS (Windows SDK, winnt.h)."""
MACOS_DATALESS = 0x40000000
"""SF_DATALESS (macOS, sys/stat.h): the content is in the cloud."""
SMALLEST_PLACEHOLDER_BYTES = 2049
"""Below this some file systems keep real content inside the inode and report no blocks for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoFile:
    """An open photo. ``file`` is readable and seekable, and is closed by who opened it."""

    path: bytes
    size: int
    mtime_ns: int
    file: BufferedReader


def is_placeholder(found: os.stat_result) -> bool:
    """Whether the content of a file is elsewhere, so that opening it would fetch it."""
    if getattr(found, "st_file_attributes", 0) & WINDOWS_PLACEHOLDER:
        return True
    if getattr(found, "st_flags", 0) & MACOS_DATALESS:
        return True
    return getattr(found, "st_blocks", 1) == 0 and found.st_size >= SMALLEST_PLACEHOLDER_BYTES


@contextmanager
def opened(path: bytes, limits: Limits) -> Iterator[PhotoFile]:
    """Open a photo for reading, and close it.

    Raises ``SkippedFileError``: link, not-a-regular-file, empty, too-large, not-downloaded, unreadable; and damaged, after
    the work, where the file changed meanwhile, since what was read is then no state that it ever had.
    """
    with reading_errors():
        before = os.lstat(path)
    _judge_entry(before, limits)
    with reading_errors():
        descriptor = os.open(path, _open_flags())
    with os.fdopen(descriptor, "rb") as file:
        now = os.fstat(descriptor)
        if not stat.S_ISREG(now.st_mode):
            raise SkippedFileError(SkipReason.NOT_A_REGULAR_FILE, "The file was replaced while it was opened.")
        limits.judge_file(now.st_size)
        yield PhotoFile(path=path, size=now.st_size, mtime_ns=now.st_mtime_ns, file=file)
        after = os.fstat(descriptor)
    if (after.st_size, after.st_mtime_ns) != (now.st_size, now.st_mtime_ns):
        raise SkippedFileError(SkipReason.DAMAGED, "The file changed while it was read.")


def content_hash(photo: PhotoFile) -> bytes:
    """SHA-256 of the whole content, 32 bytes, read in blocks; the file is at its start again afterwards."""
    with reading_errors():
        photo.file.seek(0)
        digest = hashlib.file_digest(photo.file, "sha256").digest()
        photo.file.seek(0)
    return digest


@contextmanager
def reading_errors() -> Iterator[None]:
    """Turn the system's refusals into ``SkippedFileError`` (unreadable, link)."""
    try:
        yield
    except PermissionError as error:
        raise SkippedFileError(SkipReason.UNREADABLE, f"The system refuses it: {error.strerror}.") from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise SkippedFileError(SkipReason.LINK, "It is a symbolic link.") from error
        raise SkippedFileError(SkipReason.UNREADABLE, f"It cannot be read: {error.strerror or error}.") from error


def _judge_entry(found: os.stat_result, limits: Limits) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise SkippedFileError(SkipReason.LINK, "It is a symbolic link.")
    if not stat.S_ISREG(found.st_mode):
        raise SkippedFileError(SkipReason.NOT_A_REGULAR_FILE, f"It is {_describe(found.st_mode)}.")
    if is_placeholder(found):
        raise SkippedFileError(SkipReason.NOT_DOWNLOADED, "Its content is in a cloud drive, not on this computer.")
    limits.judge_file(found.st_size)


def _describe(mode: int) -> str:
    names = (
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    )
    return next((name for test, name in names if test(mode)), "something else than a file")


def _open_flags() -> int:
    """What happens between the look and the opening must neither hang (O_NONBLOCK) nor lead elsewhere (O_NOFOLLOW)."""
    flags = os.O_RDONLY
    for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_NOCTTY", "O_BINARY", "O_NOINHERIT"):
        flags |= getattr(os, name, 0)
    return flags
