"""What a person made: favourites, ratings, albums, saved searches and the history of searches.

All of it is written durably. Marks belong to photos; those of a photo that vanished wait 30 days under its content.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import apsw

from helios_desktop.catalog.database import Database, as_list, id_array, rows_of
from helios_desktop.catalog.outbox import log_changes
from helios_desktop.catalog.texts import storable
from helios_desktop.domain import Int64Array
from helios_desktop.errors import CatalogError

HISTORY_LIMIT = 200  # searches


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """A collection that a person made."""

    album_id: int
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A question kept under a name, in the words that were typed."""

    name: str
    query: str


class Marks:
    """Reads and writes the marks. Unknown photos are left out, an unknown album is a ``CatalogError``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def favourite(self, photo_ids: int | Sequence[int], is_favourite: bool = True) -> None:
        """Mark photos as favourites, or no longer."""
        self._set("is_favourite", photo_ids, int(is_favourite))

    def rating(self, photo_ids: int | Sequence[int], stars: int | None) -> None:
        """Rate photos 0 to 5, over what the files say; None takes the person's rating back. Raises ``ValueError``."""
        if stars is not None and not 0 <= stars <= 5:
            raise ValueError(f"a rating is 0 to 5, not {stars}")
        self._set("user_rating", photo_ids, stars)

    def _set(self, column: str, photo_ids: int | Sequence[int], value: int | None) -> None:
        ids = [photo_ids] if isinstance(photo_ids, int) else list(photo_ids)
        with self._database.writing(durable=True) as connection:
            changed = rows_of(
                connection,
                f"UPDATE photos SET {column} = ? WHERE photo_id IN (SELECT value FROM json_each(?))"  # noqa: S608
                f" AND {column} IS NOT ? RETURNING photo_id",
                (value, as_list(ids), value),
            )
            log_changes(connection, [row[0] for row in changed])

    def albums(self) -> list[Album]:
        """Return all albums by name."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT album_id, name, (SELECT count(*) FROM album_photos p WHERE p.album_id = a.album_id)"
                " FROM albums a ORDER BY name"
            )
            return [Album(album_id=row[0], name=row[1], count=row[2]) for row in rows]

    def create_album(self, name: str) -> int:
        """Make an album and return its id; the present one where the name is taken."""
        with self._database.writing(durable=True) as connection:
            connection.execute(
                "INSERT INTO albums (name, created_at) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
                (storable(name), int(time.time())),
            )
            return int(connection.execute("SELECT album_id FROM albums WHERE name = ?", (storable(name),)).get)

    def rename_album(self, album_id: int, name: str) -> None:
        """Give an album another name. Raises ``CatalogError`` where the name is taken."""
        with self._database.writing(durable=True) as connection:
            try:
                connection.execute("UPDATE albums SET name = ? WHERE album_id = ?", (storable(name), album_id))
            except apsw.ConstraintError as error:
                raise CatalogError(f"There is an album '{name}' already.", "Choose another name.") from error

    def delete_album(self, album_id: int) -> None:
        """Forget an album; its photos stay."""
        with self._database.writing(durable=True) as connection:
            connection.execute("DELETE FROM albums WHERE album_id = ?", (album_id,))

    def add_to_album(self, album_id: int, photo_ids: Iterable[int]) -> None:
        """Put photos into an album."""
        with self._database.writing(durable=True) as connection:
            if connection.execute("SELECT 1 FROM albums WHERE album_id = ?", (album_id,)).get is None:
                raise CatalogError("This album no longer exists.", "Choose another one, or make it again.")
            connection.execute(
                "INSERT OR IGNORE INTO album_photos (album_id, photo_id)"
                " SELECT ?, photo_id FROM photos WHERE photo_id IN (SELECT value FROM json_each(?))",
                (album_id, as_list(photo_ids)),
            )

    def remove_from_album(self, album_id: int, photo_ids: Iterable[int]) -> None:
        """Take photos out of an album."""
        with self._database.writing(durable=True) as connection:
            connection.execute(
                "DELETE FROM album_photos WHERE album_id = ? AND photo_id IN (SELECT value FROM json_each(?))",
                (album_id, as_list(photo_ids)),
            )

    def album_photos(self, album_id: int) -> Int64Array:
        """Return the ids of an album's photos, newest first."""
        with self._database.reading() as connection:
            return id_array(
                connection,
                "SELECT p.photo_id FROM album_photos a JOIN photos p ON p.photo_id = a.photo_id WHERE a.album_id = ?"
                " ORDER BY p.sort_key DESC, p.photo_id DESC",
                (album_id,),
            )

    def save_search(self, name: str, query: str) -> None:
        """Keep a question under a name, in place of an older one of that name."""
        with self._database.writing(durable=True) as connection:
            connection.execute(
                "INSERT INTO saved_searches (name, query, created_at) VALUES (?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET query = excluded.query",
                (storable(name), storable(query), int(time.time())),
            )

    def delete_search(self, name: str) -> None:
        """Forget a saved search."""
        with self._database.writing(durable=True) as connection:
            connection.execute("DELETE FROM saved_searches WHERE name = ?", (storable(name),))

    def saved_searches(self) -> list[SavedSearch]:
        """Return all saved searches by name."""
        with self._database.reading() as connection:
            return [SavedSearch(*row) for row in connection.execute("SELECT name, query FROM saved_searches ORDER BY name")]

    def remember(self, query: str) -> None:
        """Enter a question into the history, which keeps the last 200."""
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO history (query, last_used) VALUES (?, ?)", (storable(query), time.time_ns())
            )
            connection.execute(
                "DELETE FROM history WHERE query NOT IN (SELECT query FROM history ORDER BY last_used DESC LIMIT ?)",
                (HISTORY_LIMIT,),
            )

    def history(self, limit: int = 20) -> list[str]:
        """Return the last questions, newest first."""
        with self._database.reading() as connection:
            return [
                str(row[0]) for row in connection.execute("SELECT query FROM history ORDER BY last_used DESC LIMIT ?", (limit,))
            ]

    def clear_history(self) -> None:
        """Forget all questions."""
        with self._database.writing(durable=True) as connection:
            connection.execute("DELETE FROM history")


def park_marks(connection: apsw.Connection, photo_ids: str) -> None:
    """Keep the marks of photos (a JSON list of ids) that are about to go, under their content."""
    rows = connection.execute(
        "SELECT content_id, max(is_favourite), max(user_rating),"
        " (SELECT json_group_array(DISTINCT a.album_id) FROM album_photos a JOIN photos q ON q.photo_id = a.photo_id"
        "   WHERE q.content_id = p.content_id)"
        " FROM photos p WHERE photo_id IN (SELECT value FROM json_each(?)) AND content_id IS NOT NULL"
        " AND (is_favourite OR user_rating IS NOT NULL OR photo_id IN (SELECT photo_id FROM album_photos))"
        " GROUP BY content_id",
        (photo_ids,),
    ).fetchall()
    connection.executemany(
        "INSERT INTO parked_marks (content_id, is_favourite, user_rating, albums) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (content_id) DO UPDATE SET is_favourite = max(is_favourite, excluded.is_favourite),"
        " user_rating = coalesce(excluded.user_rating, user_rating), albums = excluded.albums",
        rows,
    )


def return_marks(connection: apsw.Connection, photos: dict[int, int]) -> None:
    """Give waiting marks to photos that hold their content again. ``photos``: content id -> photo id."""
    rows = rows_of(
        connection,
        "DELETE FROM parked_marks WHERE content_id IN (SELECT value FROM json_each(?))"
        " RETURNING content_id, is_favourite, user_rating, albums",
        (as_list(photos),),
    )
    for content_id, is_favourite, user_rating, albums in rows:
        photo_id = photos[content_id]
        connection.execute(
            "UPDATE photos SET is_favourite = max(is_favourite, ?), user_rating = coalesce(user_rating, ?) WHERE photo_id = ?",
            (is_favourite, user_rating, photo_id),
        )
        connection.executemany(
            "INSERT OR IGNORE INTO album_photos (album_id, photo_id) SELECT album_id, ? FROM albums WHERE album_id = ?",
            ((photo_id, album_id) for album_id in json.loads(albums)),
        )
