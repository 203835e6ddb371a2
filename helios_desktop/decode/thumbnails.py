"""Thumbnails: small JPEGs by content hash, in a SQLite file of their own that may be deleted at any time.

One file and not thousands, since a blob is read faster than a file is opened and leaves nothing on the disk when it goes. What
is damaged is made anew: every thumbnail can be decoded again from its photo.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from threading import local

import apsw

from helios_desktop.errors import CatalogError, DiskFullError

PAGE_BYTES = 16384
BUSY_MILLISECONDS = 10_000
BATCH = 500
APPLICATION_ID = 0x48544842
FORMAT = 1


class ThumbnailStore:
    """Thumbnails in one file. All methods may be called from any thread; each keeps its own connection until ``close``."""

    def __init__(self, path: Path) -> None:
        """Open the file at ``path``, made where there is none and made anew where it is damaged or of another version."""
        self._path = path
        self._connections: list[apsw.Connection] = []
        self._local = local()
        try:
            self._prepare()
        except (apsw.NotADBError, apsw.CorruptError, _OtherFormatError):
            self._start_anew()

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self._path

    @property
    def size(self) -> int:
        """How many bytes of thumbnails there are."""
        with self._mapped_errors():
            return int(self._connection().execute("SELECT coalesce(sum(length(jpeg)), 0) FROM thumbnails").get or 0)

    def __len__(self) -> int:
        with self._mapped_errors():
            return int(self._connection().execute("SELECT count(*) FROM thumbnails").get or 0)

    def put_many(self, thumbnails: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep ``(content hash, JPEG)`` pairs, each batch in one transaction.

        Raises ``DiskFullError`` where there is no room, ``CatalogError`` where the file cannot be written.
        """
        for batch in _batches(thumbnails):
            self._write("INSERT OR REPLACE INTO thumbnails(hash, jpeg) VALUES(?, ?)", batch)

    def get(self, content_hash: bytes) -> bytes | None:
        """The JPEG of one content, None where there is none or the file is damaged at that place."""
        try:
            with self._mapped_errors():
                found = self._connection().execute("SELECT jpeg FROM thumbnails WHERE hash = ?", (content_hash,)).get
        except _DamagedError:
            self._start_anew()
            return None
        return found if isinstance(found, bytes) else None

    def delete_many(self, hashes: Iterable[bytes]) -> None:
        """Forget these contents; unknown ones are no error."""
        for batch in _batches((content_hash,) for content_hash in hashes):
            self._write("DELETE FROM thumbnails WHERE hash = ?", batch)

    def shrink_to(self, most_bytes: int) -> int:
        """Delete the oldest until at most ``most_bytes`` of thumbnails are left; return how many went."""
        excess = self.size - most_bytes
        gone: list[tuple[bytes]] = []
        if excess > 0:
            with self._mapped_errors():
                for content_hash, length in self._connection().execute(
                    "SELECT hash, length(jpeg) FROM thumbnails ORDER BY number"
                ):
                    gone.append((content_hash,))
                    excess -= length
                    if excess <= 0:
                        break
            self.delete_many(content_hash for (content_hash,) in gone)
        return len(gone)

    def vacuum(self) -> None:
        """Give room that deleted thumbnails took back to the disk."""
        with self._mapped_errors():
            connection = self._connection()
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close every thread's connection; the store opens new ones if it is used again."""
        connections, self._connections = self._connections, []
        self._local = local()
        for connection in connections:
            with suppress(apsw.Error):
                connection.close()

    def _prepare(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if not self._path.exists():
            # The file is the user's alone from its first byte on.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = self._connection()
        found = (connection.pragma("application_id"), connection.pragma("user_version"))
        if found not in {(0, 0), (APPLICATION_ID, FORMAT)}:
            raise _OtherFormatError
        connection.execute(f"PRAGMA page_size={PAGE_BYTES}; PRAGMA journal_mode=WAL")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS thumbnails(number INTEGER PRIMARY KEY, hash BLOB UNIQUE NOT NULL, jpeg BLOB NOT NULL)"
        )
        if found == (0, 0):
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={FORMAT}")

    def _start_anew(self) -> None:
        self.close()
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self._prepare()

    def _connection(self) -> apsw.Connection:
        connection: apsw.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = apsw.Connection(os.fspath(self._path))
            connection.set_busy_timeout(BUSY_MILLISECONDS)
            connection.execute("PRAGMA synchronous=NORMAL")
            self._local.connection = connection
            self._connections.append(connection)
        return connection

    def _write(self, statement: str, rows: Sequence[tuple[bytes, ...]]) -> None:
        try:
            with self._mapped_errors():
                self._transact(statement, rows)
        except _DamagedError:
            self._start_anew()
            with self._mapped_errors():
                self._transact(statement, rows)

    def _transact(self, statement: str, rows: Sequence[tuple[bytes, ...]]) -> None:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany(statement, rows)
            connection.execute("COMMIT")
        except BaseException:
            with suppress(apsw.Error):
                connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _mapped_errors(self) -> Iterator[None]:
        try:
            yield
        except apsw.FullError as error:
            raise DiskFullError("There is no room left for thumbnails.", f"Make room on the disk of {self._path}.") from error
        except (apsw.NotADBError, apsw.CorruptError) as error:
            raise _DamagedError(f"The thumbnails in {self._path} are damaged.", "They are made anew by themselves.") from error
        except apsw.Error as error:
            raise CatalogError(
                f"The thumbnails cannot be used: {error}.", f"Check the disk and rights of {self._path}."
            ) from error


class _DamagedError(CatalogError):
    """The file is no sound database any more."""


class _OtherFormatError(Exception):
    """The file was written by another version of Helios, or is not ours."""


def _batches(rows: Iterable[tuple[bytes, ...]]) -> Iterator[list[tuple[bytes, ...]]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        yield batch
