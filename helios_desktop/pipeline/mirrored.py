"""What an engine mirrors: for each library its changes, its photos' facts and its vectors, for sync and for search."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from helios_desktop.catalog.store import Catalog
from helios_desktop.catalog.times import wall_seconds, wall_seconds_of_mtime
from helios_desktop.domain import PHOTOS_LIBRARY, Filter, Float32Array, Int64Array, Library, ModelId, Photo
from helios_desktop.index.base import VectorSource
from helios_desktop.index.engine_documents import PhotoFacts
from helios_desktop.index.engine_filters import beyond
from helios_desktop.pipeline.library_vectors import LibraryVectors
from helios_desktop.pipeline.vector_source import CatalogVectors

_EPOCH = datetime(1970, 1, 1)
_YEARS = (datetime(1, 1, 1), datetime(9999, 12, 31))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirrored:
    """One library with one model, as it is to be on an engine.

    ``number``: the library's in this catalogue, 0 for the user's photos. ``vectors_of``: ids and unit vectors, float32
    ``[n, dim]``, of those of the photos asked for that answer. ``count``: how many photos answer.
    """

    library: str
    number: int
    model_id: ModelId
    dim: int
    source: VectorSource
    facts_of: Callable[[Sequence[int]], Sequence[PhotoFacts]]
    vectors_of: Callable[[Sequence[int]], tuple[Int64Array, Float32Array]]
    count: Callable[[], int]

    def ids_beyond(self, wanted: Filter | None) -> list[int] | None:
        """Return the photos that pass what only the catalogue knows of a filter, None where that is nothing."""
        left = beyond(wanted)
        if left.is_empty:
            return None
        found: list[int] = self.source.matching_ids(left).tolist()
        return found


def mirrored_photos(catalog: Catalog, model_id: ModelId, dim: int) -> Mirrored:
    """Return the user's own photos."""
    return Mirrored(
        library=PHOTOS_LIBRARY,
        number=0,
        model_id=model_id,
        dim=dim,
        source=CatalogVectors(catalog),
        facts_of=lambda ids: _facts_of_photos(catalog, ids),
        vectors_of=lambda ids: catalog.vectors.of_photos(ids, model_id, dim),
        count=lambda: catalog.models.of(model_id).covered,
    )


def mirrored_library(catalog: Catalog, library: Library) -> Mirrored:
    """Return a library whose photos lie elsewhere."""
    return Mirrored(
        library=library.name,
        number=library.number,
        model_id=library.model_id,
        dim=library.dim,
        source=LibraryVectors(catalog.libraries, library),
        facts_of=lambda ids: [PhotoFacts(photo=photo) for photo in catalog.libraries.photos(ids)],
        vectors_of=lambda ids: catalog.libraries.vectors_of(library, ids),
        count=lambda: 0 if (found := catalog.libraries.get(library.name)) is None else found.count,
    )


def _facts_of_photos(catalog: Catalog, ids: Sequence[int]) -> list[PhotoFacts]:
    roots = {root.root_id: root.path for root in catalog.roots.all()}
    return [
        PhotoFacts(photo=photo, taken_at=_taken_at(photo), texts=_texts(photo, roots.get(photo.root_id, b"")))
        for photo in catalog.photos.get(ids)
    ]


def _taken_at(photo: Photo) -> str | None:
    """Return what dates are compared with: the camera's wall clock, else the file's time."""
    seconds = wall_seconds(photo.metadata.taken_at)
    if seconds is None:
        seconds = wall_seconds_of_mtime(photo.mtime_ns)
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        moment = _YEARS[seconds > 0]
    return moment.isoformat(timespec="seconds")


def _texts(photo: Photo, root: bytes) -> tuple[str, ...]:
    """Return the texts in which quoted words are looked for: names from the root's own on, title, caption, keywords."""
    base = root.rstrip(os.sep.encode())
    below = os.fsdecode(photo.path[len(base) :]).strip(os.sep).split(os.sep)
    metadata = photo.metadata
    return (below[-1], os.path.basename(os.fsdecode(base)), *below[:-1], metadata.title, metadata.caption, *metadata.keywords)
