"""FOLDER -> FILES: the truth about what lies below a root, found by listing it, without opening a single file.

In: a root (bytes), the ignore rules, the extensions that the decoder can read. Out: a ``ScanOutcome``: every entry with the
reason why it cannot be a photo to index, or none; and how far the listing can be trusted, so that a drive that goes away in
the middle is never mistaken for a deletion. Links are never followed below the root; the root itself may be one.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass

from helios_desktop.domain import FileStat, FoundFile, SkipReason
from helios_desktop.errors import WatchError
from helios_desktop.watch import volumes
from helios_desktop.watch.ignore import IgnoreRules
from helios_desktop.watch.sidecars import Sidecars

SEPARATOR = os.fsencode(os.sep)

INLINE_BYTES = 2048
"""Up to this size a file may live inside its inode (btrfs, ext4 with inline data) and own no block although it is here."""

_WINDOWS_PLACEHOLDER = 0x1000 | 0x40000 | 0x400000
"""FILE_ATTRIBUTE_OFFLINE, _RECALL_ON_OPEN, _RECALL_ON_DATA_ACCESS: opening such a file fetches it."""

_WINDOWS_JUNCTION = 0xA0000003
_MACOS_DATALESS = 0x40000000

_GONE = frozenset({errno.ENOENT, errno.ENOTDIR})
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.ENAMETOOLONG})
"""What is there and stays out of reach. A path may be too long for the system although each of its folders could be made."""

_Chain = tuple[tuple[int, int], "_Chain"] | None
"""(device, inode) of a folder and of all above it, up to the root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOutcome:
    """What one scan saw, and what it may be believed about.

    ``below``: the folder that was listed, the root or one in it; ``is_recursive``: with all below it, or only its own entries.
    ``unreadable_folders``: could not be listed; of what lies below them nothing is known. ``devices``: the ``st_dev`` of every
    folder listed whose file system was still there at the end. ``is_complete`` is False where the root itself went away in
    the middle or the scan was stopped: then nothing may be counted as vanished.
    """

    root: bytes
    below: bytes
    is_recursive: bool = True
    found: tuple[FoundFile, ...] = ()
    unreadable_folders: frozenset[bytes] = frozenset()
    devices: frozenset[int] = frozenset()
    is_complete: bool = True


def scan(
    root: bytes,
    ignore: IgnoreRules,
    extensions: Collection[str],
    *,
    below: bytes | None = None,
    is_recursive: bool = True,
    should_stop: Callable[[], bool] | None = None,
) -> ScanOutcome:
    """List everything below ``root``, or only ``below`` a folder in it, and judge each entry by its name and ``lstat``.

    ``extensions``: those of photos, lower case, without the dot. A folder ``below`` that is not there any more is answered for
    with nothing found. One that is ignored now, or a link, or a file, is answered for by the nearest folder above that is
    none of this; the outcome says which one.

    Raises ``WatchError`` where the root cannot be listed at all, and ``ValueError`` where ``below`` is not in it.
    """
    root = _trimmed(root)
    before = _folder_identity(root)
    below = root if below is None else _trimmed(below)
    top, chain, is_gone = _nearest_folder(root, below, before, ignore)
    is_recursive = is_recursive or top != below
    walk = _Walk(root, ignore, extensions, should_stop)
    if is_gone:
        walk.meet(top, chain)
    else:
        walk.run(top, chain, is_recursive=is_recursive)
    return ScanOutcome(
        root=root,
        below=below if is_gone else top,
        is_recursive=is_recursive,
        found=tuple(walk.found),
        unreadable_folders=frozenset(walk.unreadable),
        devices=walk.devices_still_there(),
        is_complete=not walk.was_stopped and _is_still(root, before),
    )


class _Walk:
    """One walk: a stack of folders, and what was seen so far."""

    def __init__(
        self, root: bytes, ignore: IgnoreRules, extensions: Collection[str], should_stop: Callable[[], bool] | None
    ) -> None:
        self.found: list[FoundFile] = []
        self.unreadable: set[bytes] = set()
        self.was_stopped = False
        self._ignore = ignore
        self._extensions = frozenset(os.fsencode(text.lower().lstrip(".")) for text in extensions)
        self._should_stop = should_stop
        self._skip = len(_with_separator(root))
        self._real_prefix = _with_separator(os.path.realpath(root))
        self._first_seen: dict[int, bytes] = {}
        self._inodes: dict[int, bool] = {}
        self._stack: list[tuple[bytes, _Chain]] = []

    def run(self, top: bytes, chain: _Chain, *, is_recursive: bool) -> None:
        """List ``top`` and, if asked, all below it."""
        self._stack.append((top, chain))
        while self._stack:
            if self._should_stop is not None and self._should_stop():
                self.was_stopped = True
                return
            folder, chain = self._stack.pop()
            self.meet(folder, chain)
            self._list(folder, chain, is_recursive=is_recursive)

    def meet(self, folder: bytes, chain: _Chain) -> None:
        """Remember where each device was met first, from the top down."""
        if chain is not None:
            self._first_seen.setdefault(chain[0][0], folder)

    def devices_still_there(self) -> frozenset[int]:
        """Return the devices listed whose topmost folder still lies on the same device."""
        return frozenset(device for device, folder in self._first_seen.items() if _device_of(folder) == device)

    def _list(self, folder: bytes, chain: _Chain, *, is_recursive: bool) -> None:
        try:
            with os.scandir(folder) as listing:
                entries = list(listing)
        except OSError as error:
            self._note_unlisted(folder, error)
            return
        prefix = _with_separator(folder)
        sidecars = Sidecars(entries)
        for entry in entries:
            name = entry.name
            path = prefix + name
            try:
                is_folder = entry.is_dir(follow_symlinks=False)
                below = path[self._skip :]
                if self._ignore.is_ignored(name, below, is_folder=is_folder):
                    continue
                if is_folder and self._ignore.is_own(self._real_prefix + below):
                    continue
                status = _lstat(entry)
            except OSError as error:
                self._note_unstatted(folder, path, error)
                continue
            if is_folder and not _is_link(status):
                if is_recursive and not _is_in(chain, status):
                    self._stack.append((path, ((status.st_dev, status.st_ino), chain)))
            else:
                self.found.append(self._judged(path, name, status, sidecars.of(name)))

    def _judged(self, path: bytes, name: bytes, status: os.stat_result, sidecar: int) -> FoundFile:
        facts = FileStat(
            path=path,
            size=status.st_size,
            mtime_ns=status.st_mtime_ns,
            inode=status.st_ino if self._keeps_inodes(path, status.st_dev) else 0,
            device=status.st_dev,
            sidecar=sidecar,
        )
        reason, detail = _judge(path, name, status, self._extensions)
        return FoundFile(stat=facts, reason=reason, detail=detail)

    def _keeps_inodes(self, path: bytes, device: int) -> bool:
        """Whether inode numbers on this device outlive a mount; asked once for each device."""
        if device not in self._inodes:
            self._inodes[device] = volumes.has_lasting_inodes(path)
        return self._inodes[device]

    def _note_unlisted(self, folder: bytes, error: OSError) -> None:
        """A folder that went away is gone, if its device is still there; any other failure says nothing of its content."""
        if error.errno in _GONE:
            return
        self.unreadable.add(folder)
        if error.errno in _DENIED:
            self.found.append(_unreadable(folder, f"the folder cannot be listed: {error.strerror}"))

    def _note_unstatted(self, folder: bytes, path: bytes, error: OSError) -> None:
        """A file that went away is gone; one in a folder without the right to enter is unreadable; else trust nothing here."""
        if error.errno in _GONE:
            return
        if error.errno in _DENIED:
            self.unreadable.add(path)
            self.found.append(_unreadable(path, f"it cannot be looked at in its folder: {error.strerror}"))
        else:
            self.unreadable.add(folder)


def _judge(path: bytes, name: bytes, status: os.stat_result, extensions: frozenset[bytes]) -> tuple[SkipReason | None, str]:
    """Return the reason why this entry is no candidate, or None, and the finding; nothing is opened."""
    if _is_link(status):
        return SkipReason.LINK, "a symbolic link or junction; links are not followed"
    if not stat.S_ISREG(status.st_mode):
        return SkipReason.NOT_A_REGULAR_FILE, _KINDS.get(stat.S_IFMT(status.st_mode), "not a regular file")
    stem, dot, extension = name.rpartition(b".")
    if not (stem and dot and extension.lower() in extensions):
        return SkipReason.UNSUPPORTED_FORMAT, _named(extension) if stem and dot else "no extension"
    if status.st_size == 0:
        return SkipReason.EMPTY, "0 bytes"
    if _is_placeholder(status):
        return SkipReason.NOT_DOWNLOADED, f"{status.st_size} bytes, none of them on this computer"
    # Files that everybody may read need no further question; the rest is asked without opening, and decoding asks again.
    if status.st_mode & 0o444 != 0o444 and not os.access(path, os.R_OK):
        return SkipReason.UNREADABLE, f"no right to read it (mode {stat.S_IMODE(status.st_mode):04o})"
    return None, ""


_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def _named(extension: bytes) -> str:
    return f"extension .{extension.lower().decode('utf-8', 'backslashreplace')}"


def _is_placeholder(status: os.stat_result) -> bool:
    """Whether a cloud drive shows the file although its content is elsewhere."""
    if sys.platform == "win32":
        return bool(status.st_file_attributes & _WINDOWS_PLACEHOLDER)
    if getattr(status, "st_flags", 0) & _MACOS_DATALESS:
        return True
    return status.st_size > INLINE_BYTES and status.st_blocks == 0


def _is_link(status: os.stat_result) -> bool:
    return stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == _WINDOWS_JUNCTION


def _lstat(entry: os.DirEntry[bytes]) -> os.stat_result:
    # On Windows an entry's own stat lacks inode and device, and shows the old size of a file that is still open.
    return os.lstat(entry.path) if sys.platform == "win32" else entry.stat(follow_symlinks=False)


def _is_in(chain: _Chain, status: os.stat_result) -> bool:
    """Whether this folder is one of those it lies in: a bind mount that loops. Without inodes nobody can say."""
    if status.st_ino == 0:
        return False
    identity = (status.st_dev, status.st_ino)
    while chain is not None:
        if chain[0] == identity:
            return True
        chain = chain[1]
    return False


def _unreadable(path: bytes, detail: str) -> FoundFile:
    return FoundFile(
        stat=FileStat(path=path, size=0, mtime_ns=0, inode=0, device=0), reason=SkipReason.UNREADABLE, detail=detail
    )


def _nearest_folder(root: bytes, below: bytes, identity: tuple[int, int], ignore: IgnoreRules) -> tuple[bytes, _Chain, bool]:
    """Walk from the root towards ``below`` as far as there are real folders that are not ignored; say if it ends at a gap."""
    if below != root and not below.startswith(_with_separator(root)):
        message = f"{os.fsdecode(below)!r} is not below {os.fsdecode(root)!r}"
        raise ValueError(message)
    top: bytes = root
    chain: _Chain = (identity, None)
    skip = len(_with_separator(root))
    for name in below[skip:].split(SEPARATOR) if below != root else ():
        step = _with_separator(top) + name
        if ignore.is_ignored(name, step[skip:], is_folder=True):
            return top, chain, False
        try:
            status = os.lstat(step)
        except OSError as error:
            return top, chain, error.errno == errno.ENOENT
        if not stat.S_ISDIR(status.st_mode) or _is_link(status) or _is_in(chain, status):
            return top, chain, False
        top, chain = step, ((status.st_dev, status.st_ino), chain)
    return top, chain, False


def _folder_identity(root: bytes) -> tuple[int, int]:
    try:
        with os.scandir(root):  # a drive that mounts itself when asked for appears here
            status = os.stat(root)
    except OSError as error:
        raise WatchError(
            f"The folder {os.fsdecode(root)!r} cannot be read: {error.strerror}.",
            "Plug its drive in, or give yourself the right to read it; nothing that is known of it was removed.",
        ) from error
    return status.st_dev, status.st_ino


def _is_still(root: bytes, identity: tuple[int, int]) -> bool:
    try:
        return _folder_identity(root) == identity
    except WatchError:
        return False


def _device_of(folder: bytes) -> int | None:
    try:
        return os.stat(folder).st_dev
    except OSError:
        return None


def _trimmed(path: bytes) -> bytes:
    return path.rstrip(SEPARATOR) or SEPARATOR


def _with_separator(folder: bytes) -> bytes:
    return folder if folder.endswith(SEPARATOR) else folder + SEPARATOR
