"""Libraries beside the user's own photos, as the window, the command line and the server see them: import, export, remove."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helios_desktop.domain import PHOTOS_LIBRARY, Library, ModelId, PhotoTerm, Progress, Query, SearchResult, View
from helios_desktop.embed.pack import ModelPack
from helios_desktop.errors import KnownError, QueryError, SettingsError
from helios_desktop.parts.library import Parts
from helios_desktop.parts.named_engines import NamedEngines, named_index
from helios_desktop.pipeline.jobs import CancelToken
from helios_desktop.pipeline.progress import Listener, ProgressBoard

if TYPE_CHECKING:  # the rest of the application starts without numpy
    from helios_desktop.index.engine_base import Engine
    from helios_desktop.index.engine_connection import EngineKind
    from helios_desktop.pipeline.foreign_index import ForeignIndex
    from helios_desktop.pipeline.portable import PortableSummary
    from helios_desktop.pipeline.unsplash import ImportSummary


class OtherLibraries:
    """What may be asked of them. Progress goes to the listener that each call is given."""

    def __init__(self, parts: Parts, token: CancelToken) -> None:
        self._parts = parts
        self._libraries = parts.catalog.libraries
        self._token = token
        self._named_engines = NamedEngines()
        parts.on_close(self._named_engines.close)

    def all(self) -> list[Library]:
        """Every library beside the photos."""
        return self._libraries.all()

    def get(self, name: str) -> Library | None:
        """The library of this name, or None."""
        return self._libraries.get(name)

    def picture(self, url: str) -> bytes:
        """A small JPEG of a picture that lies elsewhere, fetched now where it is not kept. Raises ``KnownError``."""
        return self._parts.remote_pictures().thumbnail(url)

    def made_at(self, name: str) -> int | None:
        """When the library of this name was made, seconds since the epoch; None where there is none."""
        return self._libraries.made_at(name)

    def is_installed(self, library: Library) -> bool:
        """Whether the model of a library is here, so that it understands words."""
        return any(known.model_id == library.model_id for known in self._parts.known_models())

    def remove(self, name: str) -> Library | None:
        """Forget a library, its photos, vectors and index; return what it was, or None where there was none."""
        library = self._libraries.remove(name)
        if library is not None:
            self._parts.libraries().forget(library)
        return library

    def search(self, query: Query) -> SearchResult:
        """Answer a question about ``query.library``. Raises ``QueryError`` and ``ModelError``.

        A name that no library here has is that of an index on the engine in use, which may be anybody's: it is only read.
        ``unsplash`` without a library here is the index that the engine's plain alias names.
        """
        index = self._foreign(query.library)
        if index is not None:
            return self._parts.libraries().foreign(index, query.library).answer(query)
        return self._parts.libraries().search(query.library).answer(query)

    def engine_answer(self, words: str, k: int, *, index: str, engine: Engine | None = None) -> dict[str, Any]:
        """Return an engine's own answer to words, read-only: ``hits.hits[]`` with ``_id``, ``_score`` and ``_source`` of
        ``url``, ``sourceUrl`` and ``@timestamp``, never ``features``.

        ``index``: an index or alias there, as es-clip-image-search or Helios writes it. ``engine``: None for the one in use.
        Raises ``QueryError``, ``ModelError`` and ``EngineError``.
        """
        from helios_desktop.pipeline.foreign_index import ForeignIndex

        found = self._parts.libraries().foreign_index(index) if engine is None else ForeignIndex(engine, index)
        if found is None:
            raise QueryError("The embedded index is in use; it has no answers of its own.", "Run: helios engine use opensearch")
        return self._parts.libraries().foreign(found, index).own_answer(words, k)

    def named_engine_answer(self, words: str, k: int, kind: EngineKind) -> dict[str, Any] | None:
        """Return the own answer of the engine that ``OPENSEARCH_URL`` or ``ES_URL`` names, from the index ``INDEX_NAME``.

        None where no variable names an engine of this kind. Raises as ``engine_answer`` does, and ``SettingsError``.
        """
        engine = self._named_engines.get(kind)
        return None if engine is None else self.engine_answer(words, k, index=named_index(), engine=engine)

    def named_count(self, kind: EngineKind) -> int | None:
        """Return how many photos that index holds; None where no variable names an engine of this kind, or it is away."""
        with suppress(KnownError):
            index = self._named_index(kind)
            return None if index is None else index.described().count
        return None

    def named_search(self, query: Query, kind: EngineKind) -> SearchResult | None:
        """Answer a question from that index; None where no variable names an engine of this kind. Raises as ``search``."""
        index = self._named_index(kind)
        return None if index is None else self._parts.libraries().foreign(index, kind).answer(query)

    def _named_index(self, kind: EngineKind) -> ForeignIndex | None:
        from helios_desktop.pipeline.foreign_index import ForeignIndex

        engine = self._named_engines.get(kind)
        return None if engine is None else ForeignIndex(engine, named_index())

    def _foreign(self, name: str) -> ForeignIndex | None:
        if self.get(name) is not None:
            return None
        from helios_desktop.pipeline.unsplash import UNSPLASH

        libraries = self._parts.libraries()
        try:
            return libraries.readers_index() if name == UNSPLASH else libraries.foreign_index(name)
        except SettingsError:
            return None  # no index can be called so

    def similar(self, name: str, remote_id: str, limit: int) -> SearchResult:
        """Photos of a library like the one with this id (its own or a hit's) or page or picture address. ``QueryError``."""
        index = self._foreign(name)
        if index is not None:
            return self._parts.libraries().foreign(index, name).similar(_page_of(remote_id), limit)
        library = self._parts.libraries().named(name)
        photo_id = self._libraries.find(library, _id_in(remote_id))
        if photo_id is None and remote_id.isascii() and remote_id.isdigit() and len(remote_id) < 19:
            photo_id = int(remote_id)  # the "id" of a hit
        if photo_id is None or self._libraries.vector(library, photo_id) is None:
            raise QueryError(
                f"The library '{name}' has no photo {remote_id[:80]!r}.", "Name an id or a page address that a search shows."
            )
        return self.search(Query(terms=(PhotoTerm(photo_id=photo_id),), limit=limit, library=name))

    def import_unsplash(
        self,
        ids_file: Path,
        features_file: Path,
        *,
        start: int | None,
        end: int | None,
        model: str | None,
        is_dry_run: bool,
        listener: Listener,
        token: CancelToken | None = None,
    ) -> ImportSummary:
        """Import (see ``pipeline.unsplash``), until ``token`` stops it; what was imported by then stays.

        Raises ``ImportFileError`` before anything is written, ``CatalogError``, and ``CancelledError`` where it was stopped.
        """
        from helios_desktop.pipeline.unsplash import UNSPLASH_MODEL, UnsplashImport, read_files

        model_id = ModelId(model) if model else UNSPLASH_MODEL
        token = token or self._token

        def hear(progress: Progress) -> None:  # reading a million ids takes seconds, in which somebody may think better of it
            token.check()
            listener(progress)

        with _heard(hear) as board:
            files = read_files(ids_file, features_file, dim=self._dim_of(model_id), board=board)
            importing = UnsplashImport(self._libraries, board, token)
            return importing.run(files, start=start, end=end, model_id=model_id, is_dry_run=is_dry_run)

    def export(self, folder: Path, name: str, model: str | None, listener: Listener) -> PortableSummary:
        """Write a library to a folder (see ``pipeline.portable``); ``model`` chooses among the vectors of the user's photos.

        Raises ``ImportFileError``, and ``QueryError`` for a library that is not there.
        """
        from helios_desktop.pipeline.portable import PortableIndex

        with _heard(listener) as board:
            portable = PortableIndex(self._parts.catalog, board, self._token)
            if name == PHOTOS_LIBRARY:
                model_id = ModelId(model) if model else self._parts.model.model_id
                return portable.export_photos(folder, model_id, self._views_of(model_id))
            library = self._parts.libraries().named(name)
            return portable.export_library(folder, library, self._views_of(library.model_id))

    def take_in(self, folder: Path, *, is_dry_run: bool, listener: Listener) -> PortableSummary:
        """Import what ``export`` wrote. Raises ``ImportFileError`` before anything is written, and ``CatalogError``."""
        from helios_desktop.pipeline.portable import PortableIndex

        with _heard(listener) as board:
            return PortableIndex(self._parts.catalog, board, self._token).take_in(folder, is_dry_run=is_dry_run)

    def _views_of(self, model_id: ModelId) -> tuple[View, ...] | None:
        """What a model is shown of a photo, where it is installed."""
        known = next((known for known in self._parts.known_models() if known.model_id == model_id), None)
        return None if known is None else ModelPack.open(known.folder).views

    def _dim_of(self, model_id: ModelId) -> int | None:
        """How many numbers the vectors of a model have, as far as that is known here."""
        from helios_desktop.pipeline.unsplash import UNSPLASH_DIM, UNSPLASH_MODEL

        if model_id == UNSPLASH_MODEL:
            return UNSPLASH_DIM
        return next((known.dim for known in self._parts.known_models() if known.model_id == model_id), None)


class _heard:  # noqa: N801 - reads as a verb at its uses
    """A board of one task that one listener hears, to the end of the task."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def __enter__(self) -> ProgressBoard:
        board = ProgressBoard()
        self._end: Callable[[], None] = board.subscribe(self._listener)
        return board

    def __exit__(self, *_: object) -> None:
        self._end()


def _id_in(address: str) -> str:
    """Return the id in ``https://unsplash.com/photos/{id}/...``; anything else as it is."""
    _, found, rest = address.partition("://unsplash.com/photos/")
    return rest.split("/")[0].split("?")[0] if found else address


def _page_of(remote_id: str) -> str:
    """Return the ``_id`` that es-clip-image-search gives a photo of Unsplash; anything else that is an address, as it is."""
    from helios_desktop.pipeline.unsplash import source_url

    found = _id_in(remote_id)
    return remote_id if found == remote_id and "://" in remote_id else source_url(found)
