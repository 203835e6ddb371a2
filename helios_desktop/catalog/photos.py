"""Photos: from what a scan found, through what waits to be indexed, to what people list and search."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from helios_desktop.catalog import marking, queue, recording
from helios_desktop.catalog.database import Database, as_list, id_array, id_list, rows_of
from helios_desktop.catalog.facts import DecodedFacts, Ready
from helios_desktop.catalog.filters import SQUARE, conditions, indexed_only
from helios_desktop.catalog.relevance import text_relevance
from helios_desktop.catalog.rows import INDEXED, PENDING, SKIPPED, STATES, chunks, known_file, photos_by_id
from helios_desktop.catalog.vectors import model_number
from helios_desktop.domain import (
    Counts,
    Filter,
    Int64Array,
    KnownFile,
    ModelId,
    PendingPhoto,
    Photo,
    PhotoState,
    Problem,
    ScanDelta,
    Skipped,
    SkipReason,
)

__all__ = ["RETRIED_REASONS", "DecodedFacts", "Origin", "Photos", "Ready"]

# What a new version or a new decoder may read; what was judged without opening the file is judged again by each scan.
RETRIED_REASONS = frozenset({SkipReason.DAMAGED, SkipReason.NOT_AN_IMAGE, SkipReason.TOO_LARGE, SkipReason.UNREADABLE})
_EVERYTHING = Filter()
_NEWEST_FIRST = "ORDER BY p.sort_key DESC, p.photo_id DESC"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a photo comes from: its file, what it was decoded as, what took it; whether it says itself when that was."""

    photo_id: int
    path: bytes
    format: str
    camera: str
    is_dated: bool


class Photos:
    """All that is asked of, and told about, photos. Every method may be called from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._last_matching: tuple[int, Filter, Int64Array] | None = None

    # --- what a scan needs and tells

    def known(self, root_id: int) -> Iterator[KnownFile]:
        """All files of one root as the catalogue remembers them, as of one moment, in no particular order."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT photo_id, path, size, mtime_ns, inode, device, state, reason, sidecar FROM photos WHERE root_id = ?",
                (root_id,),
            )
            for row in rows:
                yield known_file(row)

    def sample(self, root_id: int, limit: int) -> list[tuple[bytes, int]]:
        """Return path and size of some photos of one root, wherever they lie in it, and the same ones each time."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT path, size FROM photos WHERE root_id = ? AND state <> ?"
                " ORDER BY photo_id * 2654435761 % 4294967296 LIMIT ?",
                (root_id, SKIPPED, limit),
            )
            return [(row[0], row[1]) for row in rows]

    def record(self, root_id: int, delta: ScanDelta) -> None:
        """Enter what a scan found changed below one root, in transactions of at most 1,000 files.

        New and changed files wait as pending, or are skipped with the scan's reason; a changed file does not answer until it
        was read again. Moved files keep their id, vector and marks. Vanished files go; their marks, facts and vectors wait
        30 days for the same content to come back. Of a root that is not present nothing vanishes.
        """
        recording.record(self._database, root_id, delta)

    # --- what indexing needs and tells

    def pending(
        self, model_id: ModelId, limit: int, after: PendingPhoto | None = None, folders: Sequence[bytes] = ()
    ) -> list[PendingPhoto]:
        """Return files of present roots that have no vector of this model, newest mtime first.

        Those never read come before those that only lack the vector, which carry their ``content_hash``; so new photos do not
        wait for a change of model. ``after``: go on behind this one. ``folders``: only files below them, where any are named.
        """
        with self._database.reading() as connection:
            found: list[PendingPhoto] = []
            if after is None or after.content_hash is None:
                found += queue.unread(connection, limit, after, folders)
                after = None
            if len(found) < limit:
                number = model_number(connection, model_id)
                found += queue.without_vector(connection, number, limit - len(found), after, folders)
            return found

    def pending_count(self, model_id: ModelId, folders: Sequence[bytes] = ()) -> int:
        """Return how many files ``pending`` would go through."""
        with self._database.reading() as connection:
            return queue.waiting(connection, model_number(connection, model_id), folders)

    def has_content(self, size: int) -> bool:
        """Whether a content of this many bytes was decoded before: then a file of that size is hashed before it is decoded."""
        with self._database.reading() as connection:
            return connection.execute("SELECT 1 FROM contents WHERE size = ? LIMIT 1", (size,)).get is not None

    def mark_ready(self, batch: Sequence[Ready]) -> frozenset[int]:
        """Commit a batch with its vectors in one transaction; return the ids that are indexed now.

        The others changed or vanished since the work began, or rely on facts or a vector that the catalogue has not got: they
        stay pending. Raises ``ValueError`` for a vector without direction (zero, NaN), before anything is written, and
        ``CatalogError`` for a dimension other than the model's.
        """
        return marking.mark_ready(self._database, batch)

    def mark_skipped(self, batch: Sequence[tuple[PendingPhoto, Skipped]]) -> frozenset[int]:
        """Commit why photos cannot be indexed; return the ids of those that had not changed since the work began."""
        return marking.mark_skipped(self._database, batch)

    def retry_skipped(self, reasons: Collection[SkipReason] = RETRIED_REASONS, root_id: int | None = None) -> int:
        """Let files that were skipped for one of ``reasons`` wait again; return how many."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE photos SET state = ?, reason = NULL, detail = '', is_problem = 0"
                " WHERE state = ? AND reason IN (SELECT value FROM json_each(?)) AND coalesce(? = root_id, 1)",
                (PENDING, SKIPPED, json.dumps(sorted(reasons)), root_id),
            )
            return connection.changes()

    # --- what people see

    def retry(self, photo_ids: Sequence[int]) -> int:
        """Queue these files again, whatever was wrong with them; return how many were skipped before."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE photos SET state = ?, reason = NULL, detail = '', is_problem = 0"
                " WHERE state = ? AND photo_id IN (SELECT value FROM json_each(?))",
                (PENDING, SKIPPED, as_list(photo_ids)),
            )
            return connection.changes()

    def get(self, ids: Sequence[int] | Int64Array) -> list[Photo]:
        """Return photos in the order asked; unknown ids are left out."""
        found: list[Photo] = []
        with self._database.reading() as connection:
            for some in chunks(list(ids)):
                found += photos_by_id(connection, some)
        return found

    def by_path(self, path: bytes) -> Photo | None:
        """Return the photo at a path, or None."""
        with self._database.reading() as connection:
            photo_id = connection.execute("SELECT photo_id FROM photos WHERE path = ?", (path,)).get
            return None if photo_id is None else next(photos_by_id(connection, [photo_id]), None)

    def with_content(self, content_hash: bytes) -> list[Photo]:
        """Return the indexed photos that hold this content, those of present roots first."""
        with self._database.reading() as connection:
            ids = id_list(
                connection,
                "SELECT p.photo_id FROM contents c JOIN photos p ON p.content_id = c.content_id"
                " JOIN roots r ON r.root_id = p.root_id WHERE c.content_hash = ? AND p.state = ?"
                " ORDER BY r.is_present DESC, p.photo_id",
                (content_hash, INDEXED),
            )
            return list(photos_by_id(connection, ids))

    def browse(self, wanted: Filter = _EVERYTHING) -> Int64Array:
        """Return the ids of the indexed photos that pass, newest first (taken_at, else mtime). Raises ``QueryError``."""
        with self._database.reading() as connection:
            where, values = conditions(connection, wanted)
            sql = f"SELECT p.photo_id FROM photos p WHERE {indexed_only(wanted)} AND {where} {_NEWEST_FIRST}"  # noqa: S608
            return id_array(connection, sql, tuple(values))

    def months(self, wanted: Filter = _EVERYTHING) -> list[tuple[str, int]]:
        """Return the months of the photos that ``browse`` returns, newest first, as in "2024-06", and how many each has."""
        import numpy as np

        with self._database.reading() as connection:
            where, values = conditions(connection, wanted)
            sql = f"SELECT p.sort_key AS photo_id FROM photos p WHERE {indexed_only(wanted)} AND {where}"  # noqa: S608
            seconds = id_array(connection, sql, tuple(values))  # numbers like any others: one text is quick to fetch
        months, counts = np.unique(seconds.astype("datetime64[s]").astype("datetime64[M]"), return_counts=True)
        return [(str(month), int(count)) for month, count in zip(months[::-1], counts[::-1], strict=True)]

    def moments(self) -> tuple[Int64Array, Int64Array, Int64Array]:
        """Return all indexed photos, newest first: their ids, when they were taken (seconds of the wall clock), contents."""
        with self._database.reading() as connection:
            sql = f"SELECT p.{{}} AS photo_id FROM photos p WHERE p.state = {INDEXED} {_NEWEST_FIRST}"  # noqa: S608
            connection.execute("BEGIN")  # three answers about one moment
            try:
                ids, seconds, contents = (
                    id_array(connection, sql.format(column)) for column in ("photo_id", "sort_key", "content_id")
                )
            finally:
                connection.execute("COMMIT")
            return ids, seconds, contents

    def origins(self, ids: Sequence[int] | None = None) -> list[Origin]:
        """Return where indexed photos (all where None) come from, in no particular order."""
        some = "1" if ids is None else "photo_id IN (SELECT value FROM json_each(?))"
        with self._database.reading() as connection:
            rows = rows_of(
                connection,
                "SELECT photo_id, path, coalesce(format, ''), coalesce(camera, ''), taken_at IS NOT NULL FROM photos"  # noqa: S608
                f" WHERE +state = {INDEXED} AND {some}",
                () if ids is None else (as_list(ids),),
            )
        return [Origin(photo_id, path, kind, camera, bool(is_dated)) for photo_id, path, kind, camera, is_dated in rows]

    def squares(self) -> Int64Array:
        """Return the squares of the map (see ``geography``) in which indexed photos were taken, ascending."""
        with self._database.reading() as connection:
            return id_array(
                connection,
                f"SELECT DISTINCT {SQUARE} AS photo_id FROM photos p"  # noqa: S608 - squares are numbers like any others
                f" WHERE p.latitude IS NOT NULL AND p.longitude IS NOT NULL AND +p.state = {INDEXED} ORDER BY 1",
            )

    def has_format(self, name: str) -> bool:
        """Whether any content was decoded as this format."""
        with self._database.reading() as connection:
            return connection.execute("SELECT 1 FROM contents WHERE format = ? LIMIT 1", (name,)).get is not None

    def matching_ids(self, wanted: Filter) -> Int64Array:
        """Return the ids of the indexed photos that pass, ascending, not to be written to. Raises ``QueryError``.

        The last answer is kept until any process commits: a question asks twice, and the next one often has the same filter.
        """
        version = self._database.data_version()
        last = self._last_matching
        if last is not None and last[:2] == (version, wanted):
            return last[2]
        with self._database.reading() as connection:
            where, values = conditions(connection, wanted)
            sql = f"SELECT p.photo_id FROM photos p WHERE {indexed_only(wanted)} AND {where}"  # noqa: S608
            ids = id_array(connection, sql, tuple(values))
        ids.sort()
        ids.flags.writeable = False
        self._last_matching = (version, wanted, ids)
        return ids

    def text_relevance(self, texts: Sequence[str], photo_ids: Sequence[int] | None = None) -> dict[int, float]:
        """Return photo id -> how well quoted words fit its texts, of the photos (of ``photo_ids``) that hold them all."""
        with self._database.reading() as connection:
            return text_relevance(connection, texts, photo_ids)

    def listing(self, wanted: Filter = _EVERYTHING, state: PhotoState | None = None) -> Iterator[Photo]:
        """Every file that a scan met and that passes, newest first; as absent where its root is away. Raises ``QueryError``.

        It holds no lock while the caller thinks: files that vanish meanwhile are left out.
        """
        with self._database.reading() as connection:
            where, values = conditions(connection, wanted)
            sql = (
                "SELECT p.photo_id FROM photos p JOIN roots r ON r.root_id = p.root_id"  # noqa: S608
                f" WHERE {_OF_STATE[state]} AND {where} {_NEWEST_FIRST}"
            )
            ids = id_list(connection, sql, tuple(values))
        return self._in_chunks(ids)

    def problems(self) -> Iterator[Problem]:
        """Files that look like photos and could not be read, newest first; those of absent roots are left out."""
        with self._database.reading() as connection:
            ids = id_list(
                connection,
                "SELECT p.photo_id FROM roots r CROSS JOIN photos p INDEXED BY photos_by_root ON p.root_id = r.root_id"  # noqa: S608
                f" WHERE r.is_present AND p.state = {SKIPPED} AND p.is_problem = 1 {_NEWEST_FIRST}",
            )
        for photo in self._in_chunks(ids):
            if photo.reason is not None:
                yield Problem(
                    photo_id=photo.photo_id,
                    path=photo.path,
                    display=photo.display,
                    reason=photo.reason,
                    detail=photo.detail,
                    remedy=photo.reason.remedy,
                )

    def _in_chunks(self, ids: list[int]) -> Iterator[Photo]:
        for some in chunks(ids):
            yield from self.get(some)

    def counts(self, model_id: ModelId | None = None) -> Counts:
        """Return how many files stand where; files of absent roots count as absent alone.

        With ``model_id``, photos that lack a vector of this model count as pending, not as indexed.
        """
        counted = dict.fromkeys(PhotoState, 0)
        problems = 0
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT r.is_present, p.state, p.is_problem, count(*) FROM roots r"
                " CROSS JOIN photos p INDEXED BY photos_by_root ON p.root_id = r.root_id GROUP BY 1, 2, 3"
            )
            for is_present, state, is_problem, count in rows:
                counted[STATES[state] if is_present else PhotoState.ABSENT] += count
                problems += count if is_present and is_problem else 0
            missing = 0 if model_id is None else queue.missing(connection, model_number(connection, model_id))
        return Counts(
            indexed=counted[PhotoState.INDEXED] - missing,
            pending=counted[PhotoState.PENDING] + missing,
            skipped=counted[PhotoState.SKIPPED],
            absent=counted[PhotoState.ABSENT],
            problems=problems,
        )


_OF_STATE = {
    None: "1",
    PhotoState.ABSENT: "NOT r.is_present",
    PhotoState.PENDING: f"r.is_present AND p.state = {PENDING}",
    PhotoState.INDEXED: f"r.is_present AND p.state = {INDEXED}",
    PhotoState.SKIPPED: f"r.is_present AND p.state = {SKIPPED}",
}
