"""Another library as a search index sees it: what changed since, and which of its photos pass a filter."""

from __future__ import annotations

from collections.abc import Iterator

from helios_desktop.catalog.libraries import Libraries
from helios_desktop.domain import ChangeBatch, Filter, Int64Array, Library, ModelId
from helios_desktop.errors import QueryError


class LibraryVectors:
    """Keeps ``index.base.VectorSource`` over one library, so that neither knows the other."""

    def __init__(self, libraries: Libraries, library: Library) -> None:
        self._libraries = libraries
        self._library = library
        self._changes = libraries.changes(library)

    def change_token(self) -> int:
        """A number that differs whenever any process may have committed a change."""
        return self._changes.change_token()

    def changes_since(self, model_id: ModelId, dim: int, sequence: int, batch: int = 8192) -> Iterator[ChangeBatch]:
        """All changes after ``sequence``, compacted per photo."""
        return self._changes.changes_since(model_id, dim, sequence, batch)

    def matching_ids(self, wanted: Filter) -> Int64Array:
        """Ids of the photos that pass, ascending. Raises ``QueryError`` for any filter: only their pictures are known."""
        refuse_filter(self._library.name, wanted)
        return self._libraries.ids(self._library)


def refuse_filter(library: str, wanted: Filter) -> None:
    """Raise ``QueryError`` unless every photo passes: of other libraries neither names, dates nor cameras are known."""
    if not wanted.is_empty:
        raise QueryError(
            f"The library '{library}' knows only what is in its pictures: no names, folders, dates, cameras or captions.",
            "Ask with plain words, without quotes, dates, folders and the like.",
        )
