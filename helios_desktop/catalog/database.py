"""One SQLite file: in come transactions, out come rows and ``KnownError`` kinds.

Any number of processes and threads may hold the same file. Readers borrow a connection from a pool. A writer holds a short
file lock from before ``BEGIN IMMEDIATE`` to the end of its transaction; SQLite checkpoints inside that commit, so only the
lock's holder ever checkpoints (WAL resets that race with other writers lost commits in SQLite before 3.51.3).
Method: https://sqlite.org/wal.html, https://sqlite.org/pragma.html#pragma_synchronous.
"""

from __future__ import annotations

import errno
import json
import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import apsw
import filelock

from helios_desktop.domain import Int64Array
from helios_desktop.errors import CatalogDamagedError, CatalogError, DiskFullError

PAGE_SIZE_BYTES = 16384  # vectors of 1-2 KB: 1.7 times smaller and 3 times faster to read than with pages of 4096
APPLICATION_ID = 0x48454C49  # "HELI" in the file's header: this database is ours
BUSY_TIMEOUT_MS = 30_000
LOCK_TIMEOUT_SECONDS = 120.0
LOCK_POLL_SECONDS = 0.002
CHECKPOINT_PAGES = 4000  # 64 MB of write-ahead log: pages that many batches touch go into the file once
WAL_LIMIT_BYTES = 128 * 2**20
WRITER_CACHE_KIB = 65536
READER_CACHE_KIB = 32768
NO_ROOM_BYTES = 2**20  # below this an input or output error is a full disk
_NO_ROOM_ERRNOS = {errno.ENOSPC, errno.EDQUOT}


class Database:
    """The connections to one file. Only ``writing`` changes anything; use it for one transaction at a time per process."""

    def __init__(self, path: Path) -> None:
        """Open ``path``, which is made when it is missing. Raises ``CatalogError`` kinds."""
        self.path = path
        self._write_lock = threading.Lock()
        self._file_lock = filelock.FileLock(
            f"{path}.lock", mode=0o600, timeout=LOCK_TIMEOUT_SECONDS, thread_local=False, poll_interval=LOCK_POLL_SECONDS
        )
        self._pool: list[apsw.Connection] = []
        self._pool_lock = threading.Lock()
        self._is_closed = False
        with self.faults():
            self._writer = self._connect()
            try:
                self._prepare_writer()
                self._watch_lock = threading.Lock()
                self._watcher = self._connect()
            except BaseException:
                self._writer.close()
                raise

    def _connect(self) -> apsw.Connection:
        connection = apsw.Connection(str(self.path))
        connection.set_busy_timeout(BUSY_TIMEOUT_MS)
        # The last connection of a process would checkpoint without our lock when it closes.
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.wal_autocheckpoint(0)
        connection.pragma("foreign_keys", 1)
        connection.pragma("temp_store", "memory")
        return connection

    def _prepare_writer(self) -> None:
        writer = self._writer
        if writer.pragma("journal_mode") != "wal":  # new, or made by a copy: once, and alone
            with self.locked():
                if writer.pragma("page_count") == 0:
                    writer.pragma("page_size", PAGE_SIZE_BYTES)
                writer.pragma("journal_mode", "wal")
            with suppress(OSError):  # a file system without modes keeps the file as it is
                self.path.chmod(0o600)
        writer.pragma("cache_size", -WRITER_CACHE_KIB)
        writer.pragma("journal_size_limit", WAL_LIMIT_BYTES)
        writer.wal_autocheckpoint(CHECKPOINT_PAGES)

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Turn what SQLite reports into ``CatalogError`` kinds; errors of our own SQL pass as they are."""
        try:
            yield
        except filelock.Timeout as error:
            raise CatalogError(
                f"Another program has been writing to the catalogue {self.path} for too long.",
                "Close other Helios windows and commands, then try again.",
            ) from error
        except (apsw.CorruptError, apsw.NotADBError, apsw.FormatError) as error:
            self.mark_suspect()
            raise CatalogDamagedError(
                f"The catalogue {self.path} is damaged ({error}).",
                "Start Helios again: the damaged file is kept aside and the last good backup is used.",
            ) from error
        except (apsw.FullError, apsw.IOError, apsw.CantOpenError, OSError) as error:
            if self._is_out_of_room(error):
                raise DiskFullError(
                    f"There is no room left on the disk of the catalogue {self.path}.",
                    "Make room there; work goes on by itself.",
                ) from error
            if isinstance(error, OSError):
                raise CatalogError(f"The folder of the catalogue {self.path} cannot be used ({error}).", _ACCESS) from error
            raise CatalogError(f"The catalogue {self.path} cannot be read or written ({error}).", _ACCESS) from error
        except (apsw.BusyError, apsw.LockedError) as error:
            raise CatalogError(
                f"The catalogue {self.path} is held by another program.", "Close it, or wait, then try again."
            ) from error
        except (apsw.ReadOnlyError, apsw.PermissionsError) as error:
            raise CatalogError(f"The catalogue {self.path} cannot be written ({error}).", _ACCESS) from error

    def _is_out_of_room(self, error: BaseException) -> bool:
        if isinstance(error, apsw.FullError):
            return True
        if isinstance(error, OSError):
            return error.errno in _NO_ROOM_ERRNOS
        free = free_bytes(self.path)
        return free is not None and free < NO_ROOM_BYTES

    @property
    def suspect_marker(self) -> Path:
        """A file that stands beside a catalogue which gave signs of damage: the next start checks it whole."""
        return self.path.with_name(self.path.name + ".suspect")

    def mark_suspect(self) -> None:
        """Have the next start check the whole file."""
        with suppress(OSError):  # a full or read-only disk: the next start finds the damage as this one did
            self.suspect_marker.touch()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the catalogue against every other writer, in this process and others."""
        with self._write_lock, self._file_lock:
            yield

    @contextmanager
    def writing(self, *, durable: bool = False) -> Iterator[apsw.Connection]:
        """One transaction: committed at the end, rolled back by any exception.

        ``durable`` waits until the disk has it (synchronous FULL): for what a person made. The rest can be made again from the
        photos, so it is only kept consistent (NORMAL) and may lose its last commits in a power cut, never in a crash.
        """
        with self.faults(), self.locked():
            writer = self._writer
            writer.pragma("synchronous", "full" if durable else "normal")
            writer.execute("BEGIN IMMEDIATE")
            try:
                yield writer
                writer.execute("COMMIT")
            except BaseException:
                if writer.in_transaction:
                    writer.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[apsw.Connection]:
        """Borrow a connection for reading, from any thread. It sees every commit that came before."""
        with self.faults():
            connection = self._borrow()
            try:
                yield connection
            finally:
                self._give_back(connection)

    @contextmanager
    def inspecting(self) -> Iterator[apsw.Connection]:
        """Read through a connection of its own.

        A full-text table that was read before keeps what it knew of its pages; after later commits, SQLite's integrity check
        takes that for damage on every other call.
        """
        with self.faults():
            connection = self._connect()
            try:
                connection.pragma("query_only", 1)
                yield connection
            finally:
                connection.close()

    def _borrow(self) -> apsw.Connection:
        with self._pool_lock:
            if self._is_closed:
                raise CatalogError("The catalogue was closed.", "Start Helios again.")
            if self._pool:
                return self._pool.pop()
        connection = self._connect()
        connection.pragma("cache_size", -READER_CACHE_KIB)
        connection.pragma("query_only", 1)
        return connection

    def _give_back(self, connection: apsw.Connection) -> None:
        with self._pool_lock:
            if not self._is_closed and not connection.in_transaction:
                self._pool.append(connection)
                return
        connection.close()

    def data_version(self) -> int:
        """A number that differs after any commit, of this process or another (``PRAGMA data_version``; never written here)."""
        with self.faults(), self._watch_lock:
            return int(self._watcher.pragma("data_version"))

    def checkpoint(self) -> None:
        """Move the write-ahead log into the file, as far as readers allow."""
        with self.faults(), self.locked():
            self._writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)

    def compact(self) -> None:
        """Give the room of deleted rows back to the disk."""
        with self.faults(), self.locked():
            self._writer.execute("VACUUM")
            self._writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)

    def fill_from(self, source: apsw.Connection) -> None:
        """Replace everything by what ``source`` holds, in one transaction. The caller holds the lock."""
        with self._writer.backup("main", source, "main") as running:
            running.step(-1)

    def close(self, *, is_tidied: bool = True) -> None:
        """Close every connection that is not borrowed at this moment; those close when they are given back.

        ``is_tidied`` False leaves the file exactly as it is: its log is not moved into it.
        """
        with self._pool_lock:
            if self._is_closed:
                return
            self._is_closed = True
            free, self._pool = self._pool, []
        for connection in free:
            connection.close()
        if is_tidied:
            with suppress(CatalogError):  # busy, full or damaged: the log stays beside the file, nothing is lost
                self._writer.set_busy_timeout(0)
                self.checkpoint()
        with self._watch_lock:
            self._watcher.close()
        with self._write_lock:
            self._writer.close()


_ACCESS = "See that the folder exists, that you may write there, and that the disk is sound."


def free_bytes(path: Path) -> int | None:
    """Room left on the disk that holds ``path``; None where it cannot be asked, as in a folder that is missing."""
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return None


def as_list(values: Iterable[int]) -> str:
    """Numbers as one parameter for ``IN (SELECT value FROM json_each(?))``, of any length."""
    return json.dumps([int(value) for value in values])


def rows_of(connection: apsw.Connection, sql: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
    """All rows of a statement: run to its end, as ``RETURNING`` needs it."""
    return connection.execute(sql, parameters).fetchall()


def id_array(connection: apsw.Connection, ids_sql: str, parameters: dict[str, Any] | tuple[Any, ...] = ()) -> Int64Array:
    """Ids of a ``SELECT photo_id ...``, in its order.

    They come as one text: half the time of fetching 100,000 rows one at a time.
    """
    import numpy as np  # a command that only lists or counts starts without it

    joined = _joined_ids(connection, ids_sql, parameters)
    return np.fromstring(joined, dtype=np.int64, sep=",") if joined else np.empty(0, np.int64)


def id_list(connection: apsw.Connection, ids_sql: str, parameters: dict[str, Any] | tuple[Any, ...] = ()) -> list[int]:
    """Return what ``id_array`` does as a list, for callers that do without numpy."""
    joined = _joined_ids(connection, ids_sql, parameters)
    return [int(photo_id) for photo_id in joined.split(",")] if joined else []


def _joined_ids(connection: apsw.Connection, ids_sql: str, parameters: dict[str, Any] | tuple[Any, ...]) -> str:
    joined = connection.execute(f"SELECT group_concat(photo_id) FROM ({ids_sql})", parameters).get  # noqa: S608 - our own SQL
    return "" if joined is None else str(joined)
