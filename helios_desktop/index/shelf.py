"""The folder of snapshots: which file to open, what a new one is called, when old ones may go.

Files are called ``<model>-<sequence>.snapshot``, with characters that file names cannot hold written as in a URL. Several
processes share the folder. A snapshot is never changed, only replaced by one of a higher sequence, so that none needs a lock:
on POSIX a file may be unlinked while others map it, and on Windows the refusal is ignored until a later turn.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from helios_desktop.domain import Float32Array, Int64Array
from helios_desktop.index.snapshot import DamagedSnapshotError, Snapshot, SnapshotKey, write_snapshot

SUFFIX = ".snapshot"
STALE_TEMPORARY_SECONDS = 24 * 3600
"""Temporary files of this age belong to a process that died while it wrote."""

_log = logging.getLogger(__name__)


class Shelf:
    """The snapshots of one model in one catalogue."""

    def __init__(self, folder: Path, key: SnapshotKey) -> None:
        self._folder = folder
        self._key = key
        self._stem = quote(key.model_id, safe="") + "-"

    @property
    def folder(self) -> Path:
        """Where the files lie; made on demand, for its owner alone."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._folder

    def open_newest(self) -> Snapshot | None:
        """Open the newest sound snapshot; damaged ones are thrown away. None where there is none."""
        for sequence, path in sorted(self._files(), reverse=True):
            try:
                snapshot = Snapshot.open(path, self._key)
            except DamagedSnapshotError as error:
                _log.warning("%s", error)
                self._unlink(path)
            except OSError as error:  # gone since it was listed, or not ours to read
                _log.info("cannot open %s: %s", path.name, error)
            else:
                if snapshot.sequence == sequence:
                    return snapshot
                self._unlink(path)
        return None

    def newest_sequence(self) -> int:
        """Return the highest sequence there is a file for, or -1."""
        return max((sequence for sequence, _ in self._files()), default=-1)

    def write(self, sequence: int, ids: Int64Array, rows: Callable[[int, int], Float32Array]) -> Snapshot:
        """Write a snapshot, open it and remove older ones. Raises ``OSError`` where the disk does not take it."""
        path = self.folder / f"{self._stem}{sequence}{SUFFIX}"
        write_snapshot(path, self._key, sequence, ids, rows)
        snapshot = Snapshot.open(path, self._key)
        self.remove_older_than(sequence)
        return snapshot

    def discard(self, snapshot: Snapshot) -> None:
        """Remove a snapshot that turned out to be damaged."""
        self._unlink(snapshot.path)

    def remove_older_than(self, sequence: int) -> None:
        """Remove snapshots of lower sequences and what dead processes left."""
        for older, path in self._files():
            if older < sequence:
                self._unlink(path)
        newest_stale = time.time() - STALE_TEMPORARY_SECONDS
        for path in self._folder.glob(f".{self._glob_stem()}*.tmp"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < newest_stale:
                    path.unlink()

    def _files(self) -> list[tuple[int, Path]]:
        files = []
        with contextlib.suppress(FileNotFoundError):
            for path in self._folder.glob(f"{self._glob_stem()}*{SUFFIX}"):
                number = path.name[len(self._stem) : -len(SUFFIX)]
                if number.isascii() and number.isdigit():
                    files.append((int(number), path))
        return files

    def _glob_stem(self) -> str:
        return self._stem  # quoted: it holds none of the characters that a pattern reads

    def _unlink(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:  # Windows: still mapped by somebody
            _log.info("%s stays for now: %s", path.name, error)
