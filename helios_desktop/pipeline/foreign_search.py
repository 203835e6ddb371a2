"""``Query`` -> photos of an index that another program wrote: links instead of files, as a library's."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from helios_desktop.domain import Float32Array, Hit, ModelId, Photo, PhotoState, Query, SearchResult, Term, TextTerm
from helios_desktop.errors import QueryError
from helios_desktop.index.engine_base import MAX_HITS, Json
from helios_desktop.pipeline.foreign_index import ForeignHit, ForeignIndex
from helios_desktop.pipeline.library_vectors import refuse_filter
from helios_desktop.pipeline.term_vectors import unit_sum

TermVector = Callable[[Term], Float32Array]


class ForeignSearch:
    """Answers questions about one such index. ``vector_of`` turns words and pictures into unit vectors of its model."""

    def __init__(self, *, index: ForeignIndex, name: str, model_id: ModelId, vector_of: TermVector) -> None:
        self._index = index
        self._name = name
        self._model_id = model_id
        self._vector_of = vector_of

    def answer(self, query: Query) -> SearchResult:
        """Return the best photos, best first. Raises ``QueryError``, ``ModelError`` and ``EngineError``."""
        refuse_filter(self._name, query.filter)
        if not query.terms:
            raise QueryError("There are no words to look for.", 'Say what is in the photo, for example "a red boat".')
        started = time.perf_counter()
        vector = unit_sum(self._index.described().dim, [(term.weight, self._vector_of(term)) for term in query.terms])
        return self._result(vector, query.offset, query.limit, started)

    def own_answer(self, words: str, k: int) -> Json:
        """Return the engine's own answer to these words, as ``ForeignIndex.answer`` does. Raises as ``answer`` does."""
        return self._index.answer(self._vector_of(TextTerm(text=words)), k)

    def similar(self, document_id: str, limit: int) -> SearchResult:
        """Return photos like the one with this ``_id``, which is left out; needs no model."""
        started = time.perf_counter()
        row = self._index.vector_of(document_id)
        if row is None:
            raise QueryError(
                f"The index '{self._name}' has no photo {document_id[:80]!r}.", "Name a page address that a search shows."
            )
        return self._result(row, 0, limit, started, without=document_id)

    def _result(self, vector: Float32Array, offset: int, limit: int, started: float, without: str = "") -> SearchResult:
        wanted = min(offset + limit + bool(without), MAX_HITS)
        found = [hit for hit in self._index.hits(vector, wanted) if hit.document_id != without]
        return SearchResult(
            hits=tuple(Hit(photo=_photo(hit), score=float(np.float32(hit.score))) for hit in found[offset : offset + limit]),
            total=self._index.described().count,
            elapsed_seconds=time.perf_counter() - started,
            model_id=self._model_id,
            engine=self._index.engine.kind,
        )


def _photo(hit: ForeignHit) -> Photo:
    """Return a document as a photo without a row in the catalogue: its id is 0."""
    page = hit.source_url or hit.document_id
    return Photo(
        photo_id=0,
        root_id=0,
        path=b"",
        display=page,
        size=0,
        mtime_ns=0,
        state=PhotoState.INDEXED,
        url=hit.url,
        source_url=page,
    )
