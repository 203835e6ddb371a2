"""Libraries of photos that lie elsewhere: in come remote ids, links and vectors, out come photos, vectors and changes.

Each library has one name, one model and its own rows (``m002_libraries`` says why). Ids come from the same numbers as those of
the user's photos. What was imported is kept consistent but not waited for (it can be imported again); a removal is durable.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from helios_desktop.catalog.database import Database, as_list, id_array, rows_of
from helios_desktop.catalog.remote_changes import RemoteChanges, log_remote
from helios_desktop.catalog.rows import chunks
from helios_desktop.catalog.texts import storable
from helios_desktop.catalog.vectors import STORED_DTYPE, unpack, unpack_into
from helios_desktop.domain import PHOTOS_LIBRARY, Float16Array, Float32Array, Int64Array, Library, ModelId, Photo, PhotoState
from helios_desktop.errors import CatalogError

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_LIBRARY_COLUMNS = "SELECT name, library_no, model_id, dim, photo_count FROM libraries"
_PHOTO_COLUMNS = """SELECT p.photo_id, p.remote_id, coalesce(p.url, replace(l.url_pattern, '{id}', p.remote_id)),
    coalesce(p.source_url, replace(l.source_pattern, '{id}', p.remote_id))
    FROM remote_photos p JOIN libraries l USING (library_no)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteRow:
    """One photo as it is imported. Links that are None follow from the patterns of its library."""

    remote_id: str
    url: str | None = None
    source_url: str | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """What one batch did: rows that are new, rows whose vector or links changed, rows that were there already."""

    new: int = 0
    changed: int = 0
    same: int = 0

    def __add__(self, other: Added) -> Added:
        return Added(self.new + other.new, self.changed + other.changed, self.same + other.same)


@dataclass(frozen=True, slots=True)
class _Sorted:
    """One batch, told apart: rows to insert, and (photo id, row) to update. ``number`` is the row's place in the batch."""

    new: list[int]
    changed: list[tuple[int, int]]


class Libraries:
    """All that is asked of, and told about, other libraries. Every method may be called from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Library]:
        """Return every library, by name."""
        with self._database.reading() as connection:
            return [_library(row) for row in connection.execute(f"{_LIBRARY_COLUMNS} ORDER BY name")]

    def get(self, name: str) -> Library | None:
        """Return the library of this name, or None."""
        with self._database.reading() as connection:
            return _by_name(connection, name)

    def create(
        self, name: str, model_id: ModelId, dim: int, *, url_pattern: str | None = None, source_pattern: str | None = None
    ) -> Library:
        """Make a library, or return the one of this name. Raises ``CatalogError`` where that has another model or dimension."""
        if not _NAME.fullmatch(name) or name == PHOTOS_LIBRARY:
            raise CatalogError(
                f"{name[:40]!r} cannot be the name of a library.",
                "Use at most 32 small letters, digits and hyphens; 'photos' is the library of your own files.",
            )
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO libraries (name, model_id, dim, url_pattern, source_pattern, created_at) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (name) DO NOTHING",
                (name, storable(model_id), dim, url_pattern, source_pattern, int(time.time())),
            )
            library = _by_name(connection, name)
            if library is None:
                raise RuntimeError("a library that was just made is not there")
            refuse_other_space(library, model_id, dim)
            return library

    def made_at(self, name: str) -> int | None:
        """Return when a library was made, seconds since the epoch; None where there is none of this name."""
        with self._database.reading() as connection:
            found = connection.execute("SELECT created_at FROM libraries WHERE name = ?", (name,)).get
            return None if found is None else int(found)

    def patterns(self, library: Library) -> tuple[str | None, str | None]:
        """Return the patterns of the picture's and of the page's address; ``{id}`` in them is the remote id."""
        with self._database.reading() as connection:
            sql = "SELECT url_pattern, source_pattern FROM libraries WHERE library_no = ?"
            row = connection.execute(sql, (library.number,)).fetchone()
        return (None, None) if row is None else (row[0], row[1])

    def compare(self, library: Library | None, rows: Sequence[RemoteRow], vectors: Float32Array) -> Added:
        """Say what ``add`` would do, and change nothing. All rows are new where there is no library yet."""
        if library is None:
            return Added(new=len(rows))
        with self._database.reading() as connection:
            found = _sort(connection, library, rows, stored(vectors))
        return Added(len(found.new), len(found.changed), len(rows) - len(found.new) - len(found.changed))

    def add(self, library: Library, rows: Sequence[RemoteRow], vectors: Float32Array) -> Added:
        """Add or replace photos in one transaction. ``vectors``: float32 ``[n, dim]``, unit length, in the order of ``rows``.

        Rows that are there already with the same vector and links are left alone, so that doing it twice changes nothing.
        Raises ``CatalogError`` where the library was removed meanwhile, ``ValueError`` for an id that occurs twice or vectors
        of another shape.
        """
        if vectors.shape != (len(rows), library.dim) or len({row.remote_id for row in rows}) != len(rows):
            raise ValueError(f"{len(rows)} rows with vectors of shape {vectors.shape}, or an id twice")
        packed = stored(vectors)
        with self._database.writing() as connection:
            if connection.execute("SELECT 1 FROM libraries WHERE library_no = ?", (library.number,)).get is None:
                raise CatalogError(f"The library '{library.name}' was removed meanwhile.", "Import it again.")
            found = _sort(connection, library, rows, packed)
            last = _take_ids(connection, len(found.new))
            ids = range(last - len(found.new) + 1, last + 1)
            connection.executemany(
                "INSERT INTO remote_photos (photo_id, library_no, remote_id, url, source_url, vector)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (photo_id, library.number, rows[n].remote_id, rows[n].url, rows[n].source_url, packed[n])
                    for photo_id, n in zip(ids, found.new, strict=True)
                ),
            )
            connection.executemany(
                "UPDATE remote_photos SET url = ?, source_url = ?, vector = ? WHERE photo_id = ?",
                ((rows[n].url, rows[n].source_url, packed[n], photo_id) for photo_id, n in found.changed),
            )
            connection.execute(
                "UPDATE libraries SET photo_count = photo_count + ? WHERE library_no = ?", (len(found.new), library.number)
            )
            log_remote(connection, library.number, sorted([*ids, *(photo_id for photo_id, _ in found.changed)]))
        return Added(len(found.new), len(found.changed), len(rows) - len(found.new) - len(found.changed))

    def remove(self, name: str) -> Library | None:
        """Forget a library with all its photos, and return what it was; None where there is none."""
        with self._database.writing(durable=True) as connection:
            library = _by_name(connection, name)
            if library is None:
                return None
            for table in ("remote_changes", "remote_photos", "libraries"):
                connection.execute(f"DELETE FROM {table} WHERE library_no = ?", (library.number,))  # noqa: S608
            return library

    def changes(self, library: Library) -> RemoteChanges:
        """Return the change log of one library."""
        return RemoteChanges(self._database, library.number)

    def photos(self, ids: Sequence[int] | Int64Array) -> list[Photo]:
        """Return photos in the order asked; unknown ids are left out."""
        found: list[Photo] = []
        with self._database.reading() as connection:
            for some in chunks([int(photo_id) for photo_id in ids]):
                rows = connection.execute(
                    f"{_PHOTO_COLUMNS} WHERE p.photo_id IN (SELECT value FROM json_each(?))",  # noqa: S608
                    (as_list(some),),
                )
                known = {row[0]: _photo(row) for row in rows}
                found += [known[photo_id] for photo_id in some if photo_id in known]
        return found

    def ids(self, library: Library) -> Int64Array:
        """Return the ids of all photos of a library, ascending."""
        with self._database.reading() as connection:
            ids = id_array(connection, "SELECT photo_id FROM remote_photos WHERE library_no = ?", (library.number,))
        ids.sort()
        return ids

    def find(self, library: Library, remote_id: str) -> int | None:
        """Return the photo id of a remote id, or None."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT photo_id FROM remote_photos WHERE library_no = ? AND remote_id = ?", (library.number, remote_id)
            ).get
            return None if found is None else int(found)

    def vector(self, library: Library, photo_id: int) -> Float32Array | None:
        """Return the vector (float32 ``[dim]``, unit length) of a photo of this library, or None."""
        with self._database.reading() as connection:
            blob = connection.execute(
                "SELECT vector FROM remote_photos WHERE photo_id = ? AND library_no = ?", (photo_id, library.number)
            ).get
            return None if blob is None else unpack(blob)

    def vectors_of(self, library: Library, photo_ids: Sequence[int]) -> tuple[Int64Array, Float32Array]:
        """Return those of the photos that are in the library, and their vectors, in no particular order."""
        import numpy as np

        with self._database.reading() as connection:
            rows = rows_of(
                connection,
                "SELECT photo_id, vector FROM remote_photos"
                " WHERE photo_id IN (SELECT value FROM json_each(?)) AND library_no = ?",
                (as_list(photo_ids), library.number),
            )
        vectors = np.zeros((len(rows), library.dim), np.float32)
        unpack_into(vectors, np.ones(len(rows), np.bool_), [row[1] for row in rows])
        return np.fromiter((row[0] for row in rows), np.int64, len(rows)), vectors

    def pages(self, library: Library, rows_a_page: int) -> Iterator[tuple[list[RemoteRow], Float16Array]]:
        """Go through a library by remote id: rows with their links, and the vectors as they are stored, ``[n, dim]``."""
        import numpy as np  # only an export needs it

        after = ""
        while True:
            with self._database.reading() as connection:
                found = rows_of(
                    connection,
                    "SELECT remote_id, url, source_url, vector FROM remote_photos WHERE library_no = ? AND remote_id > ?"
                    " ORDER BY remote_id LIMIT ?",
                    (library.number, after, rows_a_page),
                )
            if not found:
                return
            after = found[-1][0]
            vectors = np.frombuffer(b"".join(row[3] for row in found), STORED_DTYPE).reshape(len(found), library.dim)
            yield [RemoteRow(remote_id=row[0], url=row[1], source_url=row[2]) for row in found], vectors


def refuse_other_space(library: Library, model_id: ModelId, dim: int) -> None:
    """Raise ``CatalogError`` unless the library holds vectors of this model and dimension."""
    if (library.model_id, library.dim) != (model_id, dim):
        raise CatalogError(
            f"The library '{library.name}' holds vectors of '{library.model_id}' with {library.dim} numbers,"
            f" not of '{model_id}' with {dim}: the two cannot be compared.",
            f"Remove the library first, or name its model: --model {library.model_id}",
        )


def stored(vectors: Float32Array) -> list[bytes]:
    """Return the stored form of unit vectors (float32 ``[n, dim]``), one for each row."""
    blob = vectors.astype(STORED_DTYPE).tobytes()
    length = len(blob) // max(len(vectors), 1)
    if not length:
        return [b""] * len(vectors)
    return [blob[start : start + length] for start in range(0, len(blob), length)]


def _sort(connection: apsw.Connection, library: Library, rows: Sequence[RemoteRow], packed: list[bytes]) -> _Sorted:
    new, changed = [], []
    for numbers in chunks(list(range(len(rows)))):
        known = _known(connection, library, [rows[n].remote_id for n in numbers])
        for n in numbers:
            row = rows[n]
            there = known.get(row.remote_id)
            if there is None:
                new.append(n)
            elif there[1:] != (row.url, row.source_url, packed[n]):
                changed.append((there[0], n))
    return _Sorted(new, changed)


def _known(connection: apsw.Connection, library: Library, remote_ids: list[str]) -> dict[str, tuple[Any, ...]]:
    marks = ", ".join("?" * len(remote_ids))
    sql = (
        "SELECT remote_id, photo_id, url, source_url, vector FROM remote_photos"  # noqa: S608
        f" WHERE library_no = ? AND remote_id IN ({marks})"
    )
    return {row[0]: row[1:] for row in connection.execute(sql, (library.number, *remote_ids))}


def _take_ids(connection: apsw.Connection, count: int) -> int:
    """Reserve ``count`` numbers that no photo ever had; return the last of them."""
    connection.execute(
        "INSERT INTO sqlite_sequence (name, seq) SELECT 'photos', 0"
        " WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'photos')"
    )
    connection.execute("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'photos'", (count,))
    return int(connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'photos'").get)


def _by_name(connection: apsw.Connection, name: str) -> Library | None:
    row = connection.execute(f"{_LIBRARY_COLUMNS} WHERE name = ?", (name,)).fetchone()
    return None if row is None else _library(row)


def _library(row: tuple[Any, ...]) -> Library:
    name, number, model_id, dim, count = row
    return Library(name=name, number=number, model_id=ModelId(model_id), dim=dim, count=count)


def _photo(row: tuple[Any, ...]) -> Photo:
    photo_id, remote_id, url, source_url = row
    return Photo(
        photo_id=photo_id,
        root_id=0,
        path=b"",
        display=source_url or url or remote_id,
        size=0,
        mtime_ns=0,
        state=PhotoState.INDEXED,
        url=url,
        source_url=source_url,
    )
