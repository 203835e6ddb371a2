"""The protocols of a search index: what it answers, and where it learns of changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from helios_desktop.domain import ChangeBatch, Filter, Float32Array, Int64Array, ModelId


class VectorSource(Protocol):
    """Where an index learns what exists; the catalogue keeps this protocol without either knowing the other."""

    def change_token(self) -> int:
        """A number that differs whenever any process may have committed a change. Cheap: asked at each search."""
        ...

    def changes_since(self, model_id: ModelId, dim: int, sequence: int, batch: int = 8192) -> Iterator[ChangeBatch]:
        """All changes after ``sequence``, compacted per photo, in batches. From 0, removed photos are left out."""
        ...

    def matching_ids(self, wanted: Filter) -> Int64Array:
        """Ids of the indexed photos that pass, sorted ascending."""
        ...


class VectorIndex(Protocol):
    """Answers which photos lie closest to a vector. Searches may come from several threads at once."""

    @property
    def name(self) -> str:
        """What status and results call it, as in "embedded"."""
        ...

    def upsert(self, photo_ids: Int64Array, vectors: Float32Array) -> None:
        """Add or replace rows. ``vectors`` float32 ``[n, dim]``, unit length. ``IndexUnavailableError`` on a wrong dim."""
        ...

    def delete(self, photo_ids: Int64Array) -> None:
        """Remove rows; unknown ids are ignored."""
        ...

    def search(self, vector: Float32Array, k: int, wanted: Filter | None = None) -> tuple[Int64Array, Float32Array]:
        """Return the ids and scores (dot product) of the k best photos that pass, best first, ties by lower id."""
        ...

    def count(self) -> int:
        """How many photos can answer."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...
