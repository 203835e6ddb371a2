"""What each engine has yet to hear: a log of changed photos, one entry a photo, the newest change counts.

Entries of removed photos stay for good (some 20 bytes each): a snapshot or an engine may come back after any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import apsw

from helios_desktop.catalog.database import Database, as_list, rows_of
from helios_desktop.catalog.rows import INDEXED
from helios_desktop.catalog.vectors import model_number, unpack_into
from helios_desktop.domain import ChangeBatch, ModelId

_NOTE = "engine:"


def log_changes(connection: apsw.Connection, photo_ids: Iterable[int]) -> None:
    """Enter photos, inside the transaction that changes them; an older entry of theirs goes."""
    connection.execute(
        "INSERT OR REPLACE INTO changes (photo_id) SELECT value FROM json_each(?) ORDER BY value", (as_list(photo_ids),)
    )


def log_if_known(connection: apsw.Connection, photo_ids: Iterable[int]) -> None:
    """Enter photos that went or moved; those that no engine can have heard of are left out."""
    connection.execute(
        "INSERT OR REPLACE INTO changes (photo_id) SELECT photo_id FROM changes"
        " WHERE photo_id IN (SELECT value FROM json_each(?)) ORDER BY photo_id",
        (as_list(photo_ids),),
    )


class ChangeLog:
    """Reads the log for one model; keeps how far each engine came."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def change_token(self) -> int:
        """Return a number that differs once any process committed a change of what photos answer, and with what vector."""
        return self.last_sequence()

    def last_sequence(self) -> int:
        """Return the sequence of the newest change ever; 0 where there was none."""
        with self._database.reading() as connection:
            return int(connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'changes'").get or 0)

    def changes_since(self, model_id: ModelId, dim: int, sequence: int, batch: int = 8192) -> Iterator[ChangeBatch]:
        """All changes after ``sequence`` for one model, compacted per photo, oldest change first.

        A photo that is gone, not indexed, or has no vector of this model counts as removed; from 0 these are left out.
        The last batch carries the log's end, so it may be empty. Raises ``CatalogError`` where the model's vectors have
        another dimension.
        """
        import numpy as np  # only an index that catches up needs it

        is_first_reading = sequence <= 0
        while True:
            with self._database.reading() as connection:
                model_no = model_number(connection, model_id, dim)
                rows = rows_of(
                    connection,
                    "SELECT l.seq, l.photo_id, v.vector FROM changes l"
                    " LEFT JOIN photos p ON p.photo_id = l.photo_id AND p.state = ?"
                    " LEFT JOIN vectors v ON v.model_no = ? AND v.content_id = p.content_id"
                    " WHERE l.seq > ? ORDER BY l.seq LIMIT ?",
                    (INDEXED, model_no, sequence, batch),
                )
            if not rows:
                return
            sequence = int(rows[-1][0])
            kept = [row for row in rows if row[2] is not None] if is_first_reading else rows
            vectors = np.zeros((len(kept), dim), np.float32)
            is_removed = np.fromiter((row[2] is None for row in kept), np.bool_, len(kept))
            unpack_into(vectors, ~is_removed, [row[2] for row in kept if row[2] is not None])
            ids = np.fromiter((row[1] for row in kept), np.int64, len(kept))
            yield ChangeBatch(sequence=sequence, photo_ids=ids, vectors=vectors, is_removed=is_removed)

    def cursor(self, engine: str) -> int:
        """Return how far ``engine`` came; 0 where it is new or must be filled again."""
        with self._database.reading() as connection:
            return int(connection.execute("SELECT seq FROM cursors WHERE engine = ?", (engine,)).get or 0)

    def set_cursor(self, engine: str, sequence: int) -> None:
        """Remember how far ``engine`` came."""
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO cursors (engine, seq) VALUES (?, ?) ON CONFLICT (engine) DO UPDATE SET seq = excluded.seq",
                (engine, sequence),
            )

    def forget_cursors(self, prefix: str) -> None:
        """Forget how far the engines came whose names begin like this, and what was noted of them."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM cursors WHERE substr(engine, 1, ?) = ?", (len(prefix), prefix))

    def note(self, engine: str, text: str) -> None:
        """Keep a text about an engine, for every process; empty to forget it."""
        with self._database.writing() as connection:
            if text:
                connection.execute(
                    "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                    (_NOTE + engine, text),
                )
            else:
                connection.execute("DELETE FROM meta WHERE key = ?", (_NOTE + engine,))

    def noted(self, engine: str) -> str:
        """Return what was noted last, empty where nothing was."""
        with self._database.reading() as connection:
            return str(connection.execute("SELECT value FROM meta WHERE key = ?", (_NOTE + engine,)).get or "")
