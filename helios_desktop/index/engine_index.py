"""The search index on a server: vectors and facts of one library and model in one index of OpenSearch or Elasticsearch.

In: rows to write, with what ``describe`` says of their photos. Out: the nearest photos, with the filter inside the engine. The
engine walks a graph, which may miss a neighbour: at least ``REACH`` are compared and the best of them returned; where a
filter leaves few, all of them are compared (both engines do so exactly when ``k`` reaches as many as pass).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import orjson

from helios_desktop.domain import Filter, Float32Array, Int64Array
from helios_desktop.errors import IndexUnavailableError
from helios_desktop.index.engine_base import MAX_HITS, Engine, Json
from helios_desktop.index.engine_bulk import BulkOutcome, send_bulk
from helios_desktop.index.engine_documents import Describe, delete_line, upsert_line
from helios_desktop.index.engine_errors import EngineError, EngineFault
from helios_desktop.index.engine_filters import beyond, condition_of
from helios_desktop.index.engine_indices import EngineIndices, IndexState, Owner
from helios_desktop.index.engine_names import IndexNames, write_alias
from helios_desktop.index.ranking import best
from helios_desktop.index.rows import checked_query, checked_rows

CANDIDATES = 200
"""So many hits are asked for at least: their scores may be corrected, and order among equals is ours."""

REACH = 500
"""So many neighbours are compared at least. Over 20,000 vectors of 512 numbers and questions far from all of them, 200 gave
0.94 to 0.96 of the true ten best."""

WRITE_ROWS = 250


class EngineIndex:
    """The vectors of one library and model on one server; keeps ``VectorIndex``. Safe for several threads."""

    def __init__(self, engine: Engine, names: IndexNames, dim: int, owner: Owner, describe: Describe) -> None:
        """Ask nothing yet: the first use finds the index. ``describe`` gives the facts that are sent beside a vector."""
        self._engine = engine
        self._dim = dim
        self._describe = describe
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()
        self._state: IndexState | None = None
        self._is_stale = False
        self.indices = EngineIndices(engine, names, dim, owner)

    @property
    def name(self) -> str:
        """What status and results call it."""
        return self._engine.kind

    @property
    def engine(self) -> Engine:
        """The server."""
        return self._engine

    # Writing

    def upsert(self, photo_ids: Int64Array, vectors: Float32Array) -> None:
        """Add or replace rows: float32 ``[n, dim]``, unit length. Raises ``IndexUnavailableError`` where they are not."""
        ids, rows = checked_rows(photo_ids, vectors, self._dim)
        last = {photo_id: place for place, photo_id in enumerate(ids.tolist())}  # of a photo given twice the last row counts
        wanted = list(last)
        self._write(self.upsert_lines(wanted, rows[list(last.values())], None))

    def delete(self, photo_ids: Int64Array) -> None:
        """Remove rows; unknown ids are ignored."""
        ids = np.unique(np.atleast_1d(np.asarray(photo_ids, dtype=np.int64))).tolist()
        self._write([delete_line(str(photo_id), None) for photo_id in ids])

    def upsert_lines(self, photo_ids: Sequence[int], vectors: Float32Array, version: int | None) -> list[bytes]:
        """Return the lines that write these photos, in order; photos that are gone are left out."""
        now = datetime.now(UTC)
        places = {photo_id: place for place, photo_id in enumerate(photo_ids)}
        facts = self._describe(photo_ids)
        return [upsert_line(one, vectors[places[one.photo.photo_id]], now, version) for one in facts]

    def send(self, lines: Sequence[bytes], state: IndexState) -> BulkOutcome:
        """Send lines to one index; what they wrote is visible to searches after ``refresh`` or the engine's own interval."""
        try:
            return send_bulk(self._engine, write_alias(state.name), lines)
        finally:
            self._is_stale = True  # only now, or a refresh in between would miss it

    def _write(self, lines: list[bytes]) -> None:
        state = self.opened()
        for start in range(0, len(lines), WRITE_ROWS):
            outcome = self.send(lines[start : start + WRITE_ROWS], state)
            if outcome.fault is not None:
                raise outcome.fault
            if outcome.refused:
                raise EngineError(
                    EngineFault.REFUSED,
                    f"The engine refused {len(outcome.refused)} documents ({outcome.refused[0].reason}).",
                    "Build the index again: helios engine rebuild",
                )

    # Finding and making the index

    def opened(self) -> IndexState:
        """Return the index to write to, made now where there is none. Raises ``EngineError`` before anything is written."""
        with self._lock:
            if self._state is None:
                self._state = self._found_or_made()
            return self._state

    def look(self) -> IndexState | None:
        """Return the index that answers, and make none: None where there is none yet. Raises ``EngineError``."""
        with self._lock:
            if self._state is None:
                self._state = self.indices.current(self.indices.found())
            return self._state

    def use(self, state: IndexState | None) -> None:
        """Answer from this index from now on; None to look again at the next question."""
        with self._lock:
            self._state = state

    def _found_or_made(self) -> IndexState:
        states = self.indices.found()
        state = self.indices.current(states) or next(iter(states), None)
        if state is not None:
            return state
        self.indices.refuse_foreign_aliases()
        state = self.indices.create(1)
        self.indices.promote(state, takes_alias=True)
        return state

    # Answering

    def search(
        self, vector: Float32Array, k: int, wanted: Filter | None = None, among: Sequence[int] | None = None
    ) -> tuple[Int64Array, Float32Array]:
        """Return ids int64 and scores float32 (cosine) of the k best photos that pass, best first, ties by lower id.

        ``among``: only these photos, at most ``MAX_HITS`` of them. Raises ``IndexUnavailableError`` on an unfit vector, for
        more than ``MAX_HITS``, and where the engine does not answer.
        """
        question = checked_query(vector, k, self._dim)
        if k > MAX_HITS:
            raise IndexUnavailableError(f"{k:,} answers were asked for; an engine gives {MAX_HITS:,}.", "Ask for fewer.")
        if among is None and not beyond(wanted).is_empty:
            raise IndexUnavailableError(
                "An engine knows nothing of albums.", "List their photos beside the question, or ask the embedded index."
            )
        if k == 0 or not question.any():
            return np.empty(0, np.int64), np.empty(0, np.float32)
        state = self._fresh()
        condition = condition_of(wanted, among)
        reach = max(k, REACH)
        if condition is not None:
            passing = self._count(state, condition)
            if not passing:
                return np.empty(0, np.int64), np.empty(0, np.float32)
            if passing <= MAX_HITS:
                reach = max(passing, min(k, MAX_HITS))
        body = self._engine.nearest(question, max(k, CANDIDATES), max(reach, CANDIDATES), condition)
        body |= {"_source": False, "docvalue_fields": ["photo_id"]}
        params = {"filter_path": "hits.hits.fields.photo_id,hits.hits._score"}
        told = self._ask(state, "_search", body, params)
        hits = told.get("hits", {}).get("hits", [])
        ids = np.fromiter((hit["fields"]["photo_id"][0] for hit in hits), np.int64, len(hits))
        scores = np.fromiter((self._engine.cosine(hit["_score"]) for hit in hits), np.float32, len(hits))
        return best(ids, scores, k)

    def count(self) -> int:
        """How many photos can answer."""
        return self._count(self._fresh(), None)

    def refresh(self) -> None:
        """Make all writes visible to searches."""
        self._is_stale = True
        self._fresh()

    def close(self) -> None:
        """Close the connections. Closing twice is harmless."""
        self._engine.close()

    def _fresh(self) -> IndexState:
        """Return the index, with everything that was written through this object visible."""
        state = self.opened()
        with self._refreshing:  # whoever asks meanwhile waits for the same refresh
            if self._is_stale:
                self._is_stale = False
                try:
                    self.indices.refresh(state.name)
                except BaseException:
                    self._is_stale = True
                    raise
        return state

    def _count(self, state: IndexState, condition: Json | None) -> int:
        return int(self._ask(state, "_count", {"query": condition or {"match_all": {}}}, {})["count"])

    def _ask(self, state: IndexState, what: str, body: Json, params: dict[str, str]) -> Json:
        try:
            told: Json = self._engine.request("POST", f"/{state.name}/{what}", params=params, body=orjson.dumps(body))
        except EngineError as error:
            if error.fault is EngineFault.MISSING:
                self.use(None)  # it was deleted under us: the next question looks again
            raise
        return told
