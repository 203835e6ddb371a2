"""``Query`` -> vector -> nearest -> photos: how every question is answered, in the window and on the command line alike."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import (
    Float32Array,
    Hit,
    ImageTerm,
    PhotoTerm,
    Query,
    SearchResult,
    Skipped,
    Term,
    TextTerm,
)
from helios_desktop.embed.base import Embedder
from helios_desktop.errors import QueryError
from helios_desktop.index.base import VectorIndex
from helios_desktop.pipeline.match_line import MatchLine
from helios_desktop.score_line import ScoreLine

if TYPE_CHECKING:  # words alone need no decoder
    from helios_desktop.decode.pool import DecodePool

SMALLEST_NORM = 1e-6


class Search:
    """Answers questions. Holds no state between them; safe to call from several threads."""

    def __init__(self, *, catalog: Catalog, index: VectorIndex, embedder: Embedder, decoder: Callable[[], DecodePool]) -> None:
        self._catalog = catalog
        self._index = index
        self._embedder = embedder
        self._decoder = decoder
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
        texts = [term for term in terms if isinstance(term, TextTerm)]
        rows = [(term.weight, row) for term, row in zip(texts, self._text_rows(texts), strict=True)]
        for term in terms:
            if isinstance(term, ImageTerm):
                rows.append((term.weight, self._image_row(term)))
            elif isinstance(term, PhotoTerm):
                rows.append((term.weight, self._photo_row(term)))
        total: Float32Array = sum((np.float32(weight) * row for weight, row in rows), np.zeros(self._embedder.dim, np.float32))
        norm = float(np.linalg.norm(total))
        if norm < SMALLEST_NORM:
            raise QueryError("The words and their opposites cancel each other out.", "Take one of them away.")
        unit: Float32Array = total / np.float32(norm)
        return unit

    def _nearest(self, query: Query) -> tuple[tuple[Hit, ...], int, ScoreLine | None]:
        vector = self.vector_of(query.terms)
        wanted = None if query.filter.is_empty else query.filter
        asked = {term.photo_id for term in query.terms if isinstance(term, PhotoTerm)}
        ids, scores = self._index.search(vector, query.offset + query.limit + len(asked), wanted)
        best = [(int(i), float(s)) for i, s in zip(ids, scores, strict=True) if int(i) not in asked]
        page = best[query.offset : query.offset + query.limit]
        photos = {photo.photo_id: photo for photo in self._catalog.photos.get([i for i, _ in page])}
        hits = tuple(Hit(photo=photos[i], score=score) for i, score in page if i in photos)
        total = self._index.count() if wanted is None else len(self._catalog.photos.matching_ids(wanted))
        return hits, total, self._match_line.of(vector, best[0][1]) if best else None

    def _newest(self, query: Query) -> tuple[tuple[Hit, ...], int]:
        ids = self._catalog.photos.browse(query.filter)
        page = [int(i) for i in ids[query.offset : query.offset + query.limit]]
        return tuple(Hit(photo=photo, score=None) for photo in self._catalog.photos.get(page)), len(ids)

    def _text_rows(self, terms: list[TextTerm]) -> Float32Array:
        if not terms:
            return np.zeros((0, self._embedder.dim), dtype=np.float32)
        return self._embedder.embed_text([term.text for term in terms])

    def _image_row(self, term: ImageTerm) -> Float32Array:
        name = os.fsdecode(term.path)
        if not os.path.lexists(term.path):
            raise QueryError(f"There is no file {name!r} to search by.", "Check its name, or choose another picture.")
        outcome = self._decoder().submit(term.path, views=self._embedder.preprocess, thumbnail_px=0).result()
        if isinstance(outcome, Skipped):
            raise QueryError(
                f"The picture {name!r} to search by cannot be read ({outcome.reason}): {outcome.detail}",
                "Choose another picture, or a whole copy of this one.",
            )
        if isinstance(outcome, bytes):
            raise TypeError("a decode task answered with a hash")
        row: Float32Array = self._embedder.embed_images([view[np.newaxis] for view in outcome.views])[0]
        return row

    def _photo_row(self, term: PhotoTerm) -> Float32Array:
        found = self._catalog.photos.get([term.photo_id])
        if not found:
            raise QueryError("The photo to compare with is no longer in the catalogue.", "Search again.")
        photo = found[0]
        row = photo.content_hash and self._catalog.vectors.get(photo.content_hash, self._embedder.model_id)
        if row is None or isinstance(row, bytes):
            raise QueryError(f"{photo.display} has not been indexed with this model yet.", "Wait until indexing reaches it.")
        return row
