"""The parts of libraries whose photos lie elsewhere: for each its own index, its own embedder, made when first asked for."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import PHOTOS_LIBRARY, Library, ModelId
from helios_desktop.embed.models import KnownModel
from helios_desktop.errors import ModelError, QueryError
from helios_desktop.parts.engines import EngineParts

if TYPE_CHECKING:  # as in ``parts``: each part is imported when it is made
    from helios_desktop.decode.pool import DecodePool
    from helios_desktop.domain import Float32Array, Term
    from helios_desktop.embed.base import Embedder
    from helios_desktop.index.embedded import EmbeddedIndex
    from helios_desktop.pipeline.foreign_index import ForeignIndex
    from helios_desktop.pipeline.foreign_search import ForeignSearch
    from helios_desktop.pipeline.library_search import LibrarySearch


class LibraryParts:
    """Makes and keeps them; all methods are for any thread."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        engines: EngineParts,
        folder: Path,
        known_models: Callable[[], tuple[KnownModel, ...]],
        decoder: Callable[[], DecodePool],
        threads: int,
    ) -> None:
        self._catalog = catalog
        self._engines = engines
        self._folder = folder
        self._known_models = known_models
        self._decoder = decoder
        self._threads = threads
        self._lock = threading.RLock()
        self._closing = ExitStack()
        self._indexes: dict[int, EmbeddedIndex] = {}
        self._embedders: dict[str, Embedder] = {}

    def close(self) -> None:
        """Close what was made."""
        self._closing.close()

    def named(self, name: str) -> Library:
        """Return the library of this name. Raises ``QueryError`` where there is none."""
        library = self._catalog.libraries.get(name)
        if library is None:
            there = ", ".join([PHOTOS_LIBRARY, *(known.name for known in self._catalog.libraries.all())])
            raise QueryError(f"There is no library {name[:40]!r} here.", f"Libraries are: {there}.")
        return library

    def search(self, name: str) -> LibrarySearch:
        """Return the way from a question to its answer. Raises ``QueryError`` where there is no library of this name."""
        from helios_desktop.pipeline.library_search import LibrarySearch
        from helios_desktop.pipeline.mirrored import mirrored_library

        library = self.named(name)
        index = self._engines.in_front_of(mirrored_library(self._catalog, library), lambda: self.index(library))

        def vector_of(term: Term) -> Float32Array:
            return self._vector_of(term, library.name, library.model_id)

        return LibrarySearch(libraries=self._catalog.libraries, library=library, index=index, vector_of=vector_of)

    def foreign(self, index: ForeignIndex, name: str) -> ForeignSearch:
        """Return the way from a question to its answer in an index that another program wrote."""
        from helios_desktop.pipeline.foreign_search import ForeignSearch
        from helios_desktop.pipeline.unsplash import UNSPLASH_MODEL

        model_id = ModelId(index.described().model_id) or UNSPLASH_MODEL

        def vector_of(term: Term) -> Float32Array:
            return self._vector_of(replace(term, weight=1.0), name, model_id)

        return ForeignSearch(index=index, name=name, model_id=model_id, vector_of=vector_of)

    def foreign_index(self, name: str) -> ForeignIndex | None:
        """Return the index of this name on the engine in use, None where the embedded index is. Raises ``EngineError``."""
        from helios_desktop.pipeline.foreign_index import ForeignIndex

        connected = self._engines.connected()
        return None if connected is None else ForeignIndex(connected.engine, name)

    def readers_index(self) -> ForeignIndex | None:
        """Return what the plain alias of the engine in use names, where that is not the user's own photos."""
        index = self.foreign_index(self._engines.settings().engine_index)
        try:
            return None if index is None or index.described().library == PHOTOS_LIBRARY else index
        except QueryError:
            return None

    def index(self, library: Library) -> EmbeddedIndex:
        """Return a library's index, in a folder of its own: its model may be that of the photos too."""
        from helios_desktop.index.embedded import EmbeddedIndex
        from helios_desktop.pipeline.library_vectors import LibraryVectors

        with self._lock:
            index = self._indexes.get(library.number)
            if index is None:
                index = EmbeddedIndex(
                    self._index_folder(library),
                    LibraryVectors(self._catalog.libraries, library),
                    library.model_id,
                    library.dim,
                    self._threads,
                    catalogue_id=f"{self._catalog.generation}-{library.number}",
                )
                self._indexes[library.number] = index
                self._closing.callback(index.close)
            return index

    def _vector_of(self, term: Term, library: str, model_id: ModelId) -> Float32Array:
        from helios_desktop.pipeline.term_vectors import TermVectors

        embedder = self.embedder(library, model_id)
        return TermVectors(catalog=self._catalog, embedder=embedder, decoder=self._decoder).of((term,))

    def embedder(self, library: str, model_id: ModelId) -> Embedder:
        """Return the embedder of a library's model. Raises ``ModelError`` where that is not installed."""
        from helios_desktop.embed.onnx_embedder import open_pack

        with self._lock:
            embedder = self._embedders.get(model_id)
            if embedder is None:
                known = next((one for one in self._known_models() if one.model_id == model_id), None)
                if known is None:
                    raise ModelError(
                        f"The library '{library}' understands words with the model '{model_id}', which is not installed here.",
                        f"{_how_to_get(model_id)}, or ask for photos like one of the library:"
                        f" helios similar ID --library {library}",
                    )
                embedder = open_pack(known.folder, threads=self._threads)
                self._embedders[model_id] = embedder
                self._closing.callback(embedder.close)
            return embedder

    def forget(self, library: Library) -> None:
        """Close the index of a library that was removed, and delete its files."""
        with self._lock:
            index = self._indexes.pop(library.number, None)
        if index is not None:
            index.close()
        shutil.rmtree(self._index_folder(library), ignore_errors=True)

    def _index_folder(self, library: Library) -> Path:
        return self._folder / f"{library.name}-{library.number}"


def _how_to_get(model_id: str) -> str:
    from helios_desktop.embed.model_table import OFFERED

    if any(offered.name == model_id for offered in OFFERED):
        return f"Run: helios models download {model_id}"
    return "Install it (installed are: helios models list)"
