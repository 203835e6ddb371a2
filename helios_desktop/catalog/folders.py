"""A folder in, the folders in it that hold photos out, with how many: by leaps over the index of paths."""

from __future__ import annotations

import os
from dataclasses import dataclass

import apsw

from helios_desktop.catalog.database import Database
from helios_desktop.catalog.filters import below
from helios_desktop.catalog.rows import INDEXED
from helios_desktop.catalog.texts import display_text

_SEPARATOR = os.sep.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderCount:
    """One folder. ``count``: indexed photos in it and below; ``has_folders``: whether some of them lie deeper."""

    path: bytes
    display: str
    count: int
    has_folders: bool


class Folders:
    """Looks at one level at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def inside(self, folder: bytes) -> list[FolderCount]:
        """Return the folders directly in one, by name; those without an indexed photo are left out."""
        found = []
        with self._database.reading() as connection:
            first, end = below(folder)
            start = first
            while (child := _next_folder(connection, first, start, end)) is not None:
                inner, after = below(child)
                count = connection.execute(
                    "SELECT count(*) FROM photos WHERE path >= ? AND path < ? AND +state = ?", (inner, after, INDEXED)
                ).get
                if count:
                    has_folders = _next_folder(connection, inner, inner, after) is not None
                    found.append(
                        FolderCount(path=child, display=display_text(child), count=int(count), has_folders=has_folders)
                    )
                start = after
        return sorted(found, key=lambda one: one.display.casefold())


def _next_folder(connection: apsw.Connection, base: bytes, start: bytes, end: bytes) -> bytes | None:
    """Return the first folder directly in ``base`` (which ends with the separator) at or after ``start``."""
    while True:
        path = connection.execute(
            "SELECT path FROM photos WHERE path >= ? AND path < ? ORDER BY path LIMIT 1", (start, end)
        ).get
        if path is None:
            return None
        name, separator, _ = bytes(path)[len(base) :].partition(_SEPARATOR)
        if separator:
            return base + name
        found = connection.execute(  # files of the folder itself lie among its folders: leap over them to the next deeper path
            "SELECT path FROM photos WHERE path > ? AND path < ? AND instr(substr(path, ?), ?) ORDER BY path LIMIT 1",
            (path, end, len(base) + 1, _SEPARATOR),
        ).get
        if found is None:
            return None
        start = bytes(found)
