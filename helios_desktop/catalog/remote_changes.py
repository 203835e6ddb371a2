"""What each engine has yet to hear of libraries that lie elsewhere: the same log as ``outbox``, apart from that of the files.

A library's photos never go one by one, so there are no removals here: a library that was removed has no log at all any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import apsw

from helios_desktop.catalog.database import Database, as_list, rows_of
from helios_desktop.catalog.vectors import unpack_into
from helios_desktop.domain import ChangeBatch, ModelId
from helios_desktop.errors import CatalogError


def log_remote(connection: apsw.Connection, library_no: int, photo_ids: Iterable[int]) -> None:
    """Enter photos of a library, inside the transaction that changes them; an older entry of theirs goes."""
    connection.execute(
        "INSERT OR REPLACE INTO remote_changes (photo_id, library_no) SELECT value, ? FROM json_each(?) ORDER BY value",
        (library_no, as_list(photo_ids)),
    )


class RemoteChanges:
    """The log of one library, in the words of ``ChangeLog``."""

    def __init__(self, database: Database, library_no: int) -> None:
        self._database = database
        self._library_no = library_no

    def change_token(self) -> int:
        """Return a number that differs once any process committed a change. Cheap."""
        return self.last_sequence()

    def last_sequence(self) -> int:
        """Return the sequence of the newest change ever, of any library; 0 where there was none."""
        with self._database.reading() as connection:
            return int(connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'remote_changes'").get or 0)

    def changes_since(self, model_id: ModelId, dim: int, sequence: int, batch: int = 8192) -> Iterator[ChangeBatch]:
        """All changes after ``sequence``, compacted per photo, oldest change first.

        Raises ``CatalogError`` where the library has another model or dimension.
        """
        import numpy as np  # only an index that catches up needs it

        with self._database.reading() as connection:
            row = connection.execute("SELECT model_id, dim FROM libraries WHERE library_no = ?", (self._library_no,)).fetchone()
        if row is not None and row != (model_id, dim):
            raise CatalogError(
                f"This library holds vectors of '{row[0]}' with {row[1]} numbers, not of '{model_id}' with {dim}.",
                "Ask it with its own model.",
            )
        while True:
            with self._database.reading() as connection:
                rows = rows_of(
                    connection,
                    "SELECT l.seq, l.photo_id, p.vector FROM remote_changes l JOIN remote_photos p USING (photo_id)"
                    " WHERE l.seq > ? AND l.library_no = ? ORDER BY l.seq LIMIT ?",
                    (sequence, self._library_no, batch),
                )
            if not rows:
                return
            sequence = int(rows[-1][0])
            vectors = np.zeros((len(rows), dim), np.float32)
            unpack_into(vectors, np.ones(len(rows), np.bool_), [row[2] for row in rows])
            ids = np.fromiter((row[1] for row in rows), np.int64, len(rows))
            yield ChangeBatch(sequence=sequence, photo_ids=ids, vectors=vectors, is_removed=np.zeros(len(rows), np.bool_))
