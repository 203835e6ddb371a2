"""What a scan saw, into rows: in comes a ``ScanDelta``, out come transactions of at most 1,000 files each.

All of it may be done twice without harm: a scan that was cut off, or that another process did as well, changes nothing more.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from helios_desktop.catalog.database import Database, as_list, rows_of
from helios_desktop.catalog.marks import park_marks
from helios_desktop.catalog.outbox import log_changes, log_if_known
from helios_desktop.catalog.rows import INDEXED, PENDING, SKIPPED, chunks, mtime_in, number_in
from helios_desktop.catalog.texts import joined, name_texts, searchable
from helios_desktop.catalog.times import wall_seconds_of_mtime
from helios_desktop.catalog.vectors import note_unused
from helios_desktop.domain import FoundFile, MovedFile, ScanDelta, SkipReason
from helios_desktop.errors import CatalogError

FILES_A_TRANSACTION = 1000
PHOTO_EXTENSIONS = frozenset(
    b".jpg .jpeg .jpe .jfif .png .gif .webp .tif .tiff .bmp .avif .mpo .jp2 .pnm .ppm .pgm .pbm .heic .heif .hif".split()
)
PROBLEM_REASONS = frozenset(
    {
        SkipReason.DAMAGED,
        SkipReason.TOO_LARGE,
        SkipReason.EMPTY,
        SkipReason.NOT_AN_IMAGE,
        SkipReason.UNREADABLE,
        SkipReason.UNSUPPORTED_FORMAT,
        SkipReason.NOT_DOWNLOADED,
    }
)
DETAIL_LIMIT = 2000  # characters; some decoders put half a file into their messages


@dataclass(frozen=True, slots=True)
class RootRow:
    """The root that a delta belongs to."""

    root_id: int
    path: bytes
    is_present: bool


def extension(path: bytes) -> bytes:
    """Return the extension of a path, with its dot, in lower case."""
    return os.path.splitext(path)[1].lower()


def is_problem(path: bytes, reason: str | None) -> bool:
    """Whether a person should hear of it: the file looks like a photo and could not be read."""
    return reason in PROBLEM_REASONS and extension(path) in PHOTO_EXTENSIONS


def record(database: Database, root_id: int, delta: ScanDelta) -> None:
    """Enter what changed below one root. Raises ``CatalogError`` where the root is unknown."""
    moving = frozenset(moved.photo_id for moved in delta.moved)
    for moved in chunks(list(delta.moved), FILES_A_TRANSACTION):
        with database.writing() as connection:
            _Recorder(connection, root_id).move(moved, moving)
    for vanished in chunks(list(delta.vanished), FILES_A_TRANSACTION):
        with database.writing() as connection:
            _Recorder(connection, root_id).remove(vanished)
    for found in chunks(list(delta.changed), FILES_A_TRANSACTION):
        with database.writing() as connection:
            _Recorder(connection, root_id).enter(found, is_changed=True)
    for found in chunks(list(delta.added), FILES_A_TRANSACTION):
        with database.writing() as connection:
            _Recorder(connection, root_id).enter(found, is_changed=False)
    for found in chunks(list(delta.sidecars), FILES_A_TRANSACTION):
        with database.writing() as connection:
            _Recorder(connection, root_id).note_sidecars(found)


class _Recorder:
    """Works inside one transaction, for one root."""

    def __init__(self, connection: apsw.Connection, root_id: int) -> None:
        row = connection.execute("SELECT path, is_present FROM roots WHERE root_id = ?", (root_id,)).fetchone()
        if row is None:
            raise CatalogError("The folder of these files is no longer followed.", "Add the folder again.")
        self._connection = connection
        self._root = RootRow(root_id, row[0], bool(row[1]))

    def remove(self, photo_ids: Sequence[int]) -> None:
        """Files vanished. An absent root vanished as a whole: that is a drive, not a deletion."""
        if not self._root.is_present:
            return
        mine = rows_of(
            self._connection,
            "SELECT photo_id FROM photos WHERE root_id = ? AND photo_id IN (SELECT value FROM json_each(?))",
            (self._root.root_id, as_list(photo_ids)),
        )
        remove_photos(self._connection, [row[0] for row in mine], self._root.root_id)

    def move(self, moved: Sequence[MovedFile], moving: frozenset[int]) -> None:
        """Give files their new paths; swaps and chains work, since all of them first step aside."""
        self._clear_targets(moved, moving)
        connection = self._connection
        connection.executemany(
            "UPDATE photos SET path = ? WHERE photo_id = ?", ((self._aside(item.photo_id), item.photo_id) for item in moved)
        )
        found: list[FoundFile] = []
        for item in moved:
            found.append(FoundFile(stat=item.stat))
            row = rows_of(
                connection,
                "UPDATE photos SET path = ?, root_id = ? WHERE photo_id = ? RETURNING title, caption, keywords, reason",
                (item.stat.path, self._root.root_id, item.photo_id),
            )
            if not row:  # it went meanwhile: "enter" makes it anew
                continue
            index_names(connection, item.photo_id, item.stat.path, self._root.path, row[0][:3])
            reason = row[0][3]
            if reason:
                connection.execute(
                    "UPDATE photos SET is_problem = ? WHERE photo_id = ?",
                    (int(is_problem(item.stat.path, reason)), item.photo_id),
                )
        self.enter(found, is_changed=False)
        log_if_known(connection, [item.photo_id for item in moved])

    def _aside(self, photo_id: int) -> bytes:
        # No real name holds a NUL; a crash between two transactions leaves a row that the next scan sees as gone or moved.
        return self._root.path.rstrip(os.sep.encode()) + os.sep.encode() + b"\0" + str(photo_id).encode()

    def _clear_targets(self, moved: Sequence[MovedFile], moving: frozenset[int]) -> None:
        replaced: list[int] = []
        for item in moved:
            occupant = self._connection.execute("SELECT photo_id FROM photos WHERE path = ?", (item.stat.path,)).get
            if occupant is None or occupant == item.photo_id:
                continue
            if occupant in moving:
                self._connection.execute("UPDATE photos SET path = ? WHERE photo_id = ?", (self._aside(occupant), occupant))
            else:
                replaced.append(occupant)
        remove_photos(self._connection, replaced, self._root.root_id)

    def enter(self, found: Sequence[FoundFile], *, is_changed: bool) -> None:
        """Files that are new, or (``is_changed``) whose content or state must be judged again."""
        stale: list[int] = []
        for item in found:
            if item.reason == SkipReason.IGNORED:
                continue
            row = self._connection.execute(
                "SELECT photo_id, size, mtime_ns, state, reason, title, caption, keywords, root_id FROM photos WHERE path = ?",
                (item.stat.path,),
            ).fetchone()
            if row is None:
                self._insert(item)
            elif is_changed or not self._is_same(item, row):
                self._reset(item, row)
                if row[3] == INDEXED:
                    stale.append(row[0])
            else:
                self._touch(item, row[0])
        log_changes(self._connection, stale)

    def note_sidecars(self, found: Sequence[FoundFile]) -> None:
        """Photos stayed as they were beside another XMP file, which waits to be read."""
        self._connection.executemany(
            "UPDATE photos SET sidecar = ? WHERE path = ?", ((item.stat.sidecar, item.stat.path) for item in found)
        )

    def _is_same(self, item: FoundFile, row: tuple[Any, ...]) -> bool:
        if (item.stat.size, mtime_in(item.stat.mtime_ns)) != (row[1], row[2]):
            return False
        if item.reason is not None:
            return bool(row[4] == item.reason)
        # Renamed to an extension that may be a photo's: what was judged by its name is looked at again.
        return not (row[4] == SkipReason.UNSUPPORTED_FORMAT and extension(item.stat.path) in PHOTO_EXTENSIONS)

    def _values(self, item: FoundFile) -> dict[str, Any]:
        stat = item.stat
        return {
            "root_id": self._root.root_id,
            "path": stat.path,
            "size": stat.size,
            "mtime_ns": mtime_in(stat.mtime_ns),
            "inode": number_in(stat.inode),
            "device": number_in(stat.device),
            "sidecar": stat.sidecar,
            "state": PENDING if item.reason is None else SKIPPED,
            "reason": item.reason,
            "detail": searchable(item.detail)[:DETAIL_LIMIT],
            "is_problem": int(is_problem(stat.path, item.reason)),
            "sort_key": wall_seconds_of_mtime(stat.mtime_ns),
        }

    def _insert(self, item: FoundFile) -> None:
        self._connection.execute(
            "INSERT INTO photos (root_id, path, size, mtime_ns, inode, device, sidecar, state, reason, detail, is_problem,"
            " sort_key) VALUES (:root_id, :path, :size, :mtime_ns, :inode, :device, :sidecar, :state, :reason,"
            " :detail, :is_problem, :sort_key)",
            self._values(item),
        )
        index_names(
            self._connection, self._connection.last_insert_rowid(), item.stat.path, self._root.path, _NO_TEXTS, is_new=True
        )

    def _reset(self, item: FoundFile, row: tuple[Any, ...]) -> None:
        # The content id stays: marks that are parked, and the 30 days of a content, hang on the last one known.
        self._connection.execute(
            "UPDATE photos SET root_id = :root_id, size = :size, mtime_ns = :mtime_ns, inode = :inode, device = :device,"
            " sidecar = :sidecar, sidecar_read = 0, state = :state, reason = :reason, detail = :detail,"
            " is_problem = :is_problem, sort_key = :sort_key, width = NULL, height = NULL, format = NULL, colour = NULL,"
            " taken_at = NULL, camera = NULL, lens = NULL,"
            " latitude = NULL, longitude = NULL, rating = NULL, title = '', caption = '', keywords = '[]' WHERE path = :path",
            self._values(item),
        )
        if tuple(row[5:8]) != _NO_TEXTS or row[8] != self._root.root_id:
            index_names(self._connection, row[0], item.stat.path, self._root.path, _NO_TEXTS)

    def _touch(self, item: FoundFile, photo_id: int) -> None:
        self._connection.execute(
            "UPDATE photos SET inode = ?, device = ?, sidecar = ?, root_id = ? WHERE photo_id = ?",
            (number_in(item.stat.inode), number_in(item.stat.device), item.stat.sidecar, self._root.root_id, photo_id),
        )


_NO_TEXTS = ("", "", "[]")


def index_names(
    connection: apsw.Connection, photo_id: int, path: bytes, root: bytes, texts: tuple[Any, ...], *, is_new: bool = False
) -> None:
    """Enter a photo's names and texts (title, caption, keywords as JSON) into the full-text index, in place of older ones."""
    name, folders = name_texts(path, root)
    title, caption, keywords = texts
    connection.execute(
        f"INSERT {'' if is_new else 'OR REPLACE '}INTO names (rowid, name, folders, title, caption, keywords)"  # noqa: S608
        " VALUES (?, ?, ?, ?, ?, ?)",
        (photo_id, name, folders, searchable(title), searchable(caption), joined(json.loads(keywords))),
    )


def remove_photos(connection: apsw.Connection, photo_ids: Sequence[int], root_id: int) -> None:
    """Take photos out: their marks and contents wait 30 days for the same content to come back."""
    if not photo_ids:
        return
    ids = as_list(photo_ids)
    contents = rows_of(
        connection,
        "SELECT DISTINCT content_id FROM photos WHERE content_id IS NOT NULL AND photo_id IN (SELECT value FROM json_each(?))",
        (ids,),
    )
    park_marks(connection, ids)
    log_if_known(connection, photo_ids)
    connection.executemany("DELETE FROM names WHERE rowid = ?", ((photo_id,) for photo_id in photo_ids))
    connection.execute("DELETE FROM photos WHERE photo_id IN (SELECT value FROM json_each(?))", (ids,))
    note_unused(connection, as_list(row[0] for row in contents), root_id, time.time())
