"""Roots: the folders that a person follows. None lies inside another."""

from __future__ import annotations

import os
from typing import Any

import apsw

from helios_desktop.catalog.database import Database, rows_of
from helios_desktop.catalog.filters import below
from helios_desktop.catalog.recording import index_names
from helios_desktop.catalog.rows import number_in, number_out
from helios_desktop.catalog.texts import display_text, storable
from helios_desktop.catalog.vectors import forget_unused
from helios_desktop.domain import Root

_COLUMNS = "root_id, path, is_present, volume, is_polled, inode"
_SEPARATOR = os.sep.encode()


class Roots:
    """Adds, removes and describes roots; every change is durable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, path: bytes, volume: str) -> Root:
        """Follow a folder and return its root.

        A folder inside a root changes nothing and returns that root. A folder above others takes their files over: these keep
        their ids, states and marks.
        """
        path = path.rstrip(_SEPARATOR) or _SEPARATOR
        with self._database.writing(durable=True) as connection:
            for root in _all(connection):
                if root.path == path or _is_below(path, root.path):
                    return root
            absorbed = [root for root in _all(connection) if _is_below(root.path, path)]
            connection.execute("INSERT INTO roots (path, volume) VALUES (?, ?)", (path, storable(volume)))
            root_id = connection.last_insert_rowid()
            for root in absorbed:
                self._absorb(connection, root, root_id, path)
            return _one(connection, root_id)

    def _absorb(self, connection: apsw.Connection, root: Root, root_id: int, path: bytes) -> None:
        connection.execute("UPDATE contents SET unused_root = ? WHERE unused_root = ?", (root_id, root.root_id))
        rows = rows_of(
            connection,
            "UPDATE photos SET root_id = ? WHERE root_id = ? RETURNING photo_id, path, title, caption, keywords",
            (root_id, root.root_id),
        )
        connection.execute("DELETE FROM roots WHERE root_id = ?", (root.root_id,))
        for photo_id, photo_path, *texts in rows:  # more folder names lie below the root now
            index_names(connection, photo_id, photo_path, path, tuple(texts))

    def remove(self, root_id: int) -> list[bytes]:
        """Forget a folder: its files, their marks, and all that no file of another root uses.

        Returns the content hashes whose thumbnails may go. Engines learn of the removals from the change log.
        """
        with self._database.writing(durable=True) as connection:
            of_root = "SELECT photo_id FROM photos WHERE root_id = ?"
            connection.execute(
                f"INSERT OR REPLACE INTO changes (photo_id) SELECT photo_id FROM changes WHERE photo_id IN ({of_root})",  # noqa: S608
                (root_id,),
            )
            contents = [
                row[0]
                for row in connection.execute(
                    "SELECT DISTINCT content_id FROM photos WHERE root_id = ? AND content_id IS NOT NULL", (root_id,)
                )
            ]
            connection.executemany("DELETE FROM names WHERE rowid = ?", connection.execute(of_root, (root_id,)).fetchall())
            connection.execute("DELETE FROM photos WHERE root_id = ?", (root_id,))
            connection.execute("DELETE FROM roots WHERE root_id = ?", (root_id,))
            connection.executemany("UPDATE contents SET unused_root = ? WHERE content_id = ?", ((root_id, c) for c in contents))
            return forget_unused(connection, "unused_root = ?", (root_id,))

    def all(self) -> list[Root]:
        """Return every root, by path."""
        with self._database.reading() as connection:
            return _all(connection)

    def get(self, path: bytes) -> Root | None:
        """Return the root at exactly this path, or None."""
        path = path.rstrip(_SEPARATOR) or _SEPARATOR
        return next((root for root in self.all() if root.path == path), None)

    def set_present(self, root_id: int, is_present: bool) -> None:
        """Note that a root's drive is here, or away: then its files stay as they are and show as absent."""
        self._set("is_present", root_id, int(is_present))

    def set_polled(self, root_id: int, is_polled: bool) -> None:
        """Note that a root is followed by polling."""
        self._set("is_polled", root_id, int(is_polled))

    def set_place(self, root_id: int, volume: str, inode: int) -> None:
        """Note on which volume a root lies, and which folder there it is (0 where inodes do not last)."""
        self._set("volume", root_id, storable(volume))
        self._set("inode", root_id, number_in(inode))

    def _set(self, column: str, root_id: int, value: int | str) -> None:
        with self._database.reading() as connection:  # asked at every scan, changed almost never
            if connection.execute(f"SELECT {column} FROM roots WHERE root_id = ?", (root_id,)).get in (value, None):  # noqa: S608
                return
        with self._database.writing(durable=True) as connection:
            connection.execute(f"UPDATE roots SET {column} = ? WHERE root_id = ?", (value, root_id))  # noqa: S608


def _is_below(path: bytes, folder: bytes) -> bool:
    first, after = below(folder)
    return first <= path < after


def _all(connection: apsw.Connection) -> list[Root]:
    return [_root(row) for row in connection.execute(f"SELECT {_COLUMNS} FROM roots ORDER BY path")]  # noqa: S608


def _one(connection: apsw.Connection, root_id: int) -> Root:
    return _root(connection.execute(f"SELECT {_COLUMNS} FROM roots WHERE root_id = ?", (root_id,)).fetchall()[0])  # noqa: S608


def _root(row: tuple[Any, ...]) -> Root:
    root_id, path, is_present, volume, is_polled, inode = row
    return Root(
        root_id=root_id,
        path=path,
        display=display_text(path),
        is_present=bool(is_present),
        volume=volume,
        is_polled=bool(is_polled),
        inode=number_out(inode),
    )
