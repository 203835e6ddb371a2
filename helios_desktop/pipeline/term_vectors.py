"""Words, picture files and photos of the catalogue -> one unit vector of a model."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import Float32Array, ImageTerm, PhotoTerm, Skipped, Term, TextTerm
from helios_desktop.embed.base import Embedder
from helios_desktop.errors import QueryError

if TYPE_CHECKING:  # words alone need no decoder
    from helios_desktop.decode.pool import DecodePool

SMALLEST_NORM = 1e-6


class TermVectors:
    """Makes them. Holds no state; safe to call from several threads."""

    def __init__(self, *, catalog: Catalog, embedder: Embedder, decoder: Callable[[], DecodePool]) -> None:
        self._catalog = catalog
        self._embedder = embedder
        self._decoder = decoder

    def of(self, terms: tuple[Term, ...]) -> Float32Array:
        """Return the weighted sum of the terms' unit vectors, made unit length: float32 ``[dim]``."""
        texts = [term for term in terms if isinstance(term, TextTerm)]
        rows = [(term.weight, row) for term, row in zip(texts, self._text_rows(texts), strict=True)]
        for term in terms:
            if isinstance(term, ImageTerm):
                rows.append((term.weight, self._image_row(term)))
            elif isinstance(term, PhotoTerm):
                rows.append((term.weight, self._photo_row(term)))
        return unit_sum(self._embedder.dim, rows)

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


def unit_sum(dim: int, rows: list[tuple[float, Float32Array]]) -> Float32Array:
    """Return the weighted sum of unit vectors, made unit length. Raises ``QueryError`` where nothing is left of it."""
    total: Float32Array = sum((np.float32(weight) * row for weight, row in rows), np.zeros(dim, np.float32))
    norm = float(np.linalg.norm(total))
    if norm < SMALLEST_NORM:
        raise QueryError("The words and their opposites cancel each other out.", "Take one of them away.")
    unit: Float32Array = total / np.float32(norm)
    return unit
