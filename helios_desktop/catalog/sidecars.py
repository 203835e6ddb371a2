"""XMP files that changed, from the scan that saw them to the rows that hold their words. No photo is embedded again for it."""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from helios_desktop.catalog.database import Database, as_list, rows_of
from helios_desktop.catalog.facts import metadata_from_json
from helios_desktop.catalog.filters import under
from helios_desktop.catalog.marking import write_metadata
from helios_desktop.catalog.outbox import log_changes
from helios_desktop.catalog.rows import INDEXED, mtime_out
from helios_desktop.domain import Metadata, PendingPhoto

_CHANGED = (
    "FROM photos p INDEXED BY photos_by_sidecar WHERE p.sidecar <> p.sidecar_read AND p.state = ?"
    " AND p.root_id IN (SELECT root_id FROM roots WHERE is_present)"
)


class SidecarQueue:
    """The indexed photos whose XMP file is not the one that was read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, limit: int, after: int = 0, folders: Sequence[bytes] = ()) -> list[PendingPhoto]:
        """Return some of them by ascending id, those behind ``after``; below ``folders`` where any are named."""
        below, values = under(folders)
        with self._database.reading() as connection:
            rows = rows_of(
                connection,
                f"SELECT p.photo_id, p.path, p.size, p.mtime_ns, p.sidecar {_CHANGED} AND p.photo_id > ? AND {below}"
                " ORDER BY p.photo_id LIMIT ?",
                (INDEXED, after, *values, limit),
            )
        return [
            PendingPhoto(
                photo_id=row[0], path=row[1], size=row[2], mtime_ns=mtime_out(row[3]), content_hash=None, sidecar=row[4]
            )
            for row in rows
        ]

    def mark(self, batch: Sequence[tuple[PendingPhoto, Metadata]]) -> int:
        """Lay what the XMP files say over what the photos say, in one transaction; return how many rows were written.

        A photo that was changed or went meanwhile is left as it is.
        """
        beside = {photo.photo_id: (photo.sidecar, words) for photo, words in batch}
        with self._database.writing() as connection:
            rows = self._rows(connection, as_list(beside))
            for photo_id, embedded, mtime_ns in rows:
                state, words = beside[photo_id]
                write_metadata(connection, photo_id, metadata_from_json(embedded), words, state, mtime_ns)
            log_changes(connection, [row[0] for row in rows])
        return len(rows)

    @staticmethod
    def _rows(connection: apsw.Connection, photo_ids: str) -> list[tuple[int, str, int]]:
        rows = rows_of(
            connection,
            "SELECT p.photo_id, c.metadata, p.mtime_ns FROM photos p JOIN contents c ON c.content_id = p.content_id"
            " WHERE p.state = ? AND p.photo_id IN (SELECT value FROM json_each(?))",
            (INDEXED, photo_ids),
        )
        return [(row[0], row[1], mtime_out(row[2])) for row in rows]
