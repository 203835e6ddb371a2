"""A question -> the engine's candidates, corrected by the catalogue; the embedded index where the engine cannot answer.

The engine finds candidates; their scores and order are computed from the catalogue's own vectors, so that they are the same
whoever answers. What changed since the engine heard is laid over: a photo is found, or gone, as soon as the catalogue says so.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import numpy as np

from helios_desktop.catalog.outbox import ChangeLog
from helios_desktop.domain import Filter, Float32Array, Int64Array
from helios_desktop.errors import IndexUnavailableError
from helios_desktop.index.base import VectorIndex
from helios_desktop.index.engine_base import MAX_HITS
from helios_desktop.index.engine_errors import EngineError, EngineFault
from helios_desktop.index.engine_index import EngineIndex
from helios_desktop.index.ranking import best, is_among, row_scores
from helios_desktop.index.rows import sound_changes
from helios_desktop.pipeline.fusion import FUSED_ROWS
from helios_desktop.pipeline.mirrored import Mirrored
from helios_desktop.pipeline.sync import VISIBLE, cursor_key

OVERLAY_ROWS = 2_000
"""Further behind than this, the embedded index answers until the engine has caught up."""

RERANKED = 200
"""At least so many candidates are asked for and scored again, and up to ``FUSED_ROWS`` where more answers are wanted."""

LEFT_ALONE_SECONDS = 5.0
"""After a failure the engine is not asked again for so long: nobody waits for its time-out at every key."""

_log = logging.getLogger(__name__)


class EngineFirst:
    """Asks the engine, then the embedded index; keeps ``VectorIndex``. Safe for several threads.

    ``engine`` gives the index on the engine in use, None where the embedded one is in use; it may raise ``KnownError`` kinds.
    """

    def __init__(
        self,
        *,
        engine: Callable[[], EngineIndex | None],
        embedded: Callable[[], VectorIndex],
        mirrored: Mirrored,
        changes: ChangeLog,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._embedded = embedded
        self._mirrored = mirrored
        self._changes = changes
        self._clock = clock
        self._asked_again_at = 0.0
        self._answered = threading.local()
        self._counted: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        """Who answered the last question of this thread."""
        return str(getattr(self._answered, "by", "embedded"))

    def search(self, vector: Float32Array, k: int, wanted: Filter | None = None) -> tuple[Int64Array, Float32Array]:
        """Return ids and scores of the k best photos that pass, best first, ties by lower id."""
        found = self._from_engine(vector, k, wanted)
        if found is None:
            self._answered.by = "embedded"
            return self._embedded().search(vector, k, wanted)
        return found

    def count(self) -> int:
        """How many photos can answer. Counted in the catalogue, which takes longer than a search, only where it changed."""
        if self.name == "embedded":
            return self._embedded().count()
        token = self._changes.change_token()
        counted = self._counted
        if counted is None or counted[0] != token:
            counted = self._counted = (token, self._mirrored.count())
        return counted[1]

    def upsert(self, photo_ids: Int64Array, vectors: Float32Array) -> None:
        """Not here: the catalogue is written, and everything else follows from it."""
        self._embedded().upsert(photo_ids, vectors)

    def delete(self, photo_ids: Int64Array) -> None:
        """Not here either."""
        self._embedded().delete(photo_ids)

    def close(self) -> None:
        """Nothing of its own to close."""

    def _from_engine(self, vector: Float32Array, k: int, wanted: Filter | None) -> tuple[Int64Array, Float32Array] | None:
        """Return the engine's answer, or None where it is away, not in step, or asked for what it cannot do."""
        if not 0 < k <= MAX_HITS or self._clock() < self._asked_again_at:
            return None
        try:
            index = self._engine()
            if index is None:
                return None
            answer = self._asked(index, vector, k, wanted)
        except EngineError as error:
            _log.warning("the embedded index answers: %s", error)
            if error.fault is not EngineFault.REFUSED:  # that is about this question, not about the server
                self._asked_again_at = self._clock() + LEFT_ALONE_SECONDS
            return None
        except IndexUnavailableError:
            return None
        if answer is not None:
            self._answered.by = index.name
        return answer

    def _asked(
        self, index: EngineIndex, vector: Float32Array, k: int, wanted: Filter | None
    ) -> tuple[Int64Array, Float32Array] | None:
        state = index.look()
        changed = None if state is None else self._changed_since(self._changes.cursor(cursor_key(state, VISIBLE)))
        among = self._mirrored.ids_beyond(wanted)
        if changed is None or (among is not None and len(among) > MAX_HITS):
            return None
        # Hits may have changed since, so that more are needed than are asked for; and scores may be corrected.
        ids, scores = index.search(vector, min(max(k + len(changed.ids), RERANKED), MAX_HITS), wanted, among)
        is_old = is_among(ids, changed.ids)
        ids, scores = self._rescored(ids[~is_old], scores[~is_old], vector, max(RERANKED, min(k, FUSED_ROWS)))
        newer = changed.live_ids if wanted is None else self._passing(changed.live_ids, wanted)
        kept = is_among(changed.live_ids, newer)
        newer_scores = row_scores(changed.live_rows[kept], vector.astype(np.float32))
        return best(np.concatenate([ids, changed.live_ids[kept]]), np.concatenate([scores, newer_scores]), k)

    def _rescored(
        self, ids: Int64Array, scores: Float32Array, vector: Float32Array, count: int
    ) -> tuple[Int64Array, Float32Array]:
        """Replace the best candidates' scores by those of the catalogue's own vectors, where they are here."""
        head = ids[:count]
        known, rows = self._mirrored.vectors_of(head.tolist())
        exact = dict(zip(known.tolist(), row_scores(rows, vector.astype(np.float32)).tolist(), strict=True))
        corrected = scores.copy()
        corrected[: len(head)] = [
            exact.get(photo_id, score) for photo_id, score in zip(head.tolist(), scores[: len(head)].tolist(), strict=True)
        ]
        return ids, corrected

    def _passing(self, ids: Int64Array, wanted: Filter) -> Int64Array:
        if not ids.size:
            return ids
        return ids[is_among(ids, self._mirrored.source.matching_ids(wanted))]

    def _changed_since(self, cursor: int) -> _Changed | None:
        """Return what the engine has not heard yet; None where that is everything, or too much."""
        if cursor <= 0:
            return None
        mirrored = self._mirrored
        later = mirrored.source.changes_since(mirrored.model_id, mirrored.dim, cursor, OVERLAY_ROWS)
        batch = next(iter(later), None)
        if batch is None:
            return _Changed.nothing(mirrored.dim)
        if len(batch.photo_ids) >= OVERLAY_ROWS:
            return None
        batch = sound_changes(batch)
        live = ~batch.is_removed
        return _Changed(np.sort(batch.photo_ids), batch.photo_ids[live], batch.vectors[live])


class _Changed:
    """Photos that changed: all ``ids`` ascending, and those of them that answer with their vectors."""

    __slots__ = ("ids", "live_ids", "live_rows")

    def __init__(self, ids: Int64Array, live_ids: Int64Array, live_rows: Float32Array) -> None:
        order = np.argsort(live_ids)
        self.ids = ids
        self.live_ids = live_ids[order]
        self.live_rows = live_rows[order]

    @classmethod
    def nothing(cls, dim: int) -> _Changed:
        return cls(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, dim), np.float32))
