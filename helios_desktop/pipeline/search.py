"""``Query`` -> vector -> nearest -> photos: how every question is answered, in the window and on the command line alike."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import Float32Array, Hit, PhotoTerm, Query, SearchResult, Term
from helios_desktop.embed.base import Embedder
from helios_desktop.errors import QueryError
from helios_desktop.index.base import VectorIndex
from helios_desktop.pipeline.fusion import FUSED_ROWS, fused
from helios_desktop.pipeline.match_line import MatchLine
from helios_desktop.pipeline.term_vectors import TermVectors
from helios_desktop.score_line import ScoreLine

if TYPE_CHECKING:  # words alone need no decoder
    from helios_desktop.decode.pool import DecodePool


def _left_out(terms: tuple[Term, ...]) -> set[int]:
    """Return the photos that are no answer: those that were looked away from; and, where only photos were asked for, these.

    With words beside them, a photo that was found good stays where it was found.
    """
    is_only_photos = all(isinstance(term, PhotoTerm) for term in terms)
    return {term.photo_id for term in terms if isinstance(term, PhotoTerm) and (is_only_photos or term.weight < 0)}


class Search:
    """Answers questions. Holds no state between them; safe to call from several threads."""

    def __init__(self, *, catalog: Catalog, index: VectorIndex, embedder: Embedder, decoder: Callable[[], DecodePool]) -> None:
        self._catalog = catalog
        self._index = index
        self._embedder = embedder
        self._vectors = TermVectors(catalog=catalog, embedder=embedder, decoder=decoder)
        self._match_line = MatchLine(catalog=catalog, embedder=embedder)

    def answer(self, query: Query) -> SearchResult:
        """Return the best photos, best first; without terms, those that pass the filter, newest first.

        Raises ``QueryError`` where the question has neither words nor pictures nor a filter, or a picture cannot be read.
        """
        started = time.perf_counter()
        line = None
        if query.terms:
            hits, total, line = self._nearest(query)
        elif not query.filter.is_empty:
            hits, total = self._newest(query)
        else:
            raise QueryError("There are no words to look for.", 'Type what is in the photo, for example "a red boat".')
        return SearchResult(
            hits=hits,
            total=total,
            elapsed_seconds=time.perf_counter() - started,
            model_id=self._embedder.model_id,
            engine=self._index.name,
            line=line,
        )

    def warm_up(self) -> None:
        """Load what the first question needs, before anybody asks it. Raises ``ModelError``."""
        self._embedder.embed_text(["a photo"])
        self._index.count()

    def vector_of(self, terms: tuple[Term, ...]) -> Float32Array:
        """Return the weighted sum of the terms' unit vectors, made unit length: float32 ``[dim]``."""
        return self._vectors.of(terms)

    def _nearest(self, query: Query) -> tuple[tuple[Hit, ...], int, ScoreLine | None]:
        vector = self.vector_of(query.terms)
        wanted = None if query.filter.is_empty else query.filter
        asked = _left_out(query.terms)
        depth = query.offset + query.limit + len(asked)
        exact = query.filter.exact
        ids, scores = self._index.search(vector, max(depth, FUSED_ROWS) if exact else depth, wanted)
        if exact:
            ids, scores = fused(ids, scores, self._catalog.photos.text_relevance(exact, ids[:FUSED_ROWS].tolist()))
        best = [(int(i), float(s)) for i, s in zip(ids, scores, strict=True) if int(i) not in asked]
        page = best[query.offset : query.offset + query.limit]
        photos = {photo.photo_id: photo for photo in self._catalog.photos.get([i for i, _ in page])}
        hits = tuple(Hit(photo=photos[i], score=score) for i, score in page if i in photos)
        total = self._index.count() if wanted is None else len(self._catalog.photos.matching_ids(wanted))
        # Quoted words part the photos already, and a line of scores needs them in order.
        line = self._match_line.of(vector, best[0][1]) if best and not exact else None
        return hits, total, line

    def _newest(self, query: Query) -> tuple[tuple[Hit, ...], int]:
        ids = self._catalog.photos.browse(query.filter)
        page = [int(i) for i in ids[query.offset : query.offset + query.limit]]
        return tuple(Hit(photo=photo, score=None) for photo in self._catalog.photos.get(page)), len(ids)
