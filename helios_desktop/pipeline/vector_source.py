"""The catalogue as a search index sees it: what changed since, and which photos pass a filter."""

from __future__ import annotations

from collections.abc import Iterator

from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import ChangeBatch, Filter, Int64Array, ModelId


class CatalogVectors:
    """Keeps ``index.base.VectorSource`` over a catalogue, so that neither knows the other."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def change_token(self) -> int:
        """A number that differs whenever any process may have committed a change."""
        return self._catalog.changes.change_token()

    def changes_since(self, model_id: ModelId, dim: int, sequence: int, batch: int = 8192) -> Iterator[ChangeBatch]:
        """All changes after ``sequence``, compacted per photo."""
        return self._catalog.changes.changes_since(model_id, dim, sequence, batch)

    def matching_ids(self, wanted: Filter) -> Int64Array:
        """Ids of the indexed photos that pass, ascending."""
        return self._catalog.photos.matching_ids(wanted)
