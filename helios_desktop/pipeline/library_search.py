"""``Query`` -> photos of another library: its own index, its own model, links instead of files.

Photos like one of the library are found without its model; words and pictures need it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from helios_desktop.catalog.libraries import Libraries
from helios_desktop.domain import Float32Array, Hit, Library, PhotoTerm, Query, SearchResult, Term
from helios_desktop.errors import QueryError
from helios_desktop.index.base import VectorIndex
from helios_desktop.pipeline.library_vectors import refuse_filter
from helios_desktop.pipeline.term_vectors import unit_sum

TermVector = Callable[[Term], Float32Array]


class LibrarySearch:
    """Answers questions about one library. Holds no state between them; safe to call from several threads.

    ``vector_of`` turns words and pictures into unit vectors of the library's model; it raises ``ModelError`` where that
    model is not here.
    """

    def __init__(self, *, libraries: Libraries, library: Library, index: VectorIndex, vector_of: TermVector) -> None:
        self._libraries = libraries
        self._library = library
        self._index = index
        self._vector_of = vector_of

    def answer(self, query: Query) -> SearchResult:
        """Return the best photos, best first. Raises ``QueryError`` and ``ModelError``."""
        started = time.perf_counter()
        refuse_filter(self._library.name, query.filter)
        if not query.terms:
            raise QueryError("There are no words to look for.", 'Say what is in the photo, for example "a red boat".')
        vector = self._vector(query.terms)
        asked = {term.photo_id for term in query.terms if isinstance(term, PhotoTerm)}
        ids, scores = self._index.search(vector, query.offset + query.limit + len(asked))
        best = [(int(i), float(s)) for i, s in zip(ids, scores, strict=True) if int(i) not in asked]
        page = best[query.offset : query.offset + query.limit]
        photos = {photo.photo_id: photo for photo in self._libraries.photos([i for i, _ in page])}
        return SearchResult(
            hits=tuple(Hit(photo=photos[i], score=score) for i, score in page if i in photos),
            total=self._index.count(),
            elapsed_seconds=time.perf_counter() - started,
            model_id=self._library.model_id,
            engine=self._index.name,
        )

    def _vector(self, terms: tuple[Term, ...]) -> Float32Array:
        rows = [
            (term.weight, self._photo_row(term) if isinstance(term, PhotoTerm) else self._vector_of(replace(term, weight=1.0)))
            for term in terms
        ]
        return unit_sum(self._library.dim, rows)

    def _photo_row(self, term: PhotoTerm) -> Float32Array:
        row = self._libraries.vector(self._library, term.photo_id)
        if row is None:
            raise QueryError(f"The photo to compare with is not in the library '{self._library.name}'.", "Search again.")
        return row
