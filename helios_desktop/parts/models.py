"""Models in use -> their parts: for each model one embedder and one index, made when they are first needed.

Two models may be in use at once, while one takes over from the other; a search is made of the parts of one model only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import ModelId
from helios_desktop.embed.models import KnownModel, known_models
from helios_desktop.embed.pack import ModelPack
from helios_desktop.errors import ModelError
from helios_desktop.parts.engines import EngineParts
from helios_desktop.paths import AppPaths, resources_dir
from helios_desktop.pipeline.models_in_use import ModelsInUse
from helios_desktop.pipeline.status import ModelRow
from helios_desktop.settings import load_settings

if TYPE_CHECKING:
    from helios_desktop.decode.pool import DecodePool
    from helios_desktop.embed.base import Embedder
    from helios_desktop.index.embedded import EmbeddedIndex
    from helios_desktop.pipeline.search import Search


class ModelParts:
    """What belongs to one model each. All are for any thread."""

    def __init__(
        self,
        *,
        paths: AppPaths,
        catalog: Catalog,
        engines: EngineParts,
        threads: int,
        search_threads: int,
        decoder: Callable[[], DecodePool],
        on_close: Callable[[Callable[[], None]], None],
    ) -> None:
        self._paths = paths
        self._catalog = catalog
        self._engines = engines
        self._threads = threads
        self._search_threads = search_threads
        self._decoder = decoder
        self._lock = threading.RLock()
        self._on_close = on_close
        self._embedders: dict[ModelId, Embedder] = {}
        self._indexes: dict[ModelId, EmbeddedIndex] = {}
        self._searches: dict[ModelId, Search] = {}
        self._answering: tuple[ModelId | None, KnownModel] | None = None
        self.in_use = ModelsInUse(catalog=catalog, known=self.known, wanted=self._wanted)

    def known(self) -> tuple[KnownModel, ...]:
        """The starter model and the packs that the user installed."""
        return known_models(resources_dir() / "models" / "starter", self._paths.models)

    @property
    def answering(self) -> KnownModel:
        """The model that answers now; another process may have moved it on. Raises ``ModelError`` where no model is here."""
        recorded = self._catalog.models.answering()
        with self._lock:
            if self._answering is None or self._answering[0] != recorded:
                self._answering = (recorded, self.in_use.answering())
            return self._answering[1]

    def forget(self, changed: ModelId | None = None) -> None:
        """Look anew at which models are here: one was installed, removed or chosen.

        ``changed``: the one whose files are others now. Whoever is at work with it ends what is begun with the old ones.
        """
        with self._lock:
            self._answering = None
            embedder = self._embedders.pop(changed, None) if changed is not None else None
            if changed is not None:
                self._searches.pop(changed, None)
        if embedder is not None:
            embedder.close()

    def forget_embedders(self) -> None:
        """Make embedders anew at their next use: another device was chosen. Those in use finish their work."""
        with self._lock:
            self._embedders.clear()
            self._searches.clear()

    def to_fill(self) -> list[Embedder]:
        """The embedders whose vectors photos get, the answering one's first."""
        return [self.embedder(known) for known in self.in_use.to_fill()]

    def settle(self) -> None:
        """Let the wanted model take over where it is ready, its index first, so that no question waits for it."""
        if self.in_use.settle(lambda known: self.index(known).prepare()):
            self.forget()

    def embedder(self, known: KnownModel) -> Embedder:
        """The embedder of a model; its graphs are loaded when they are first run."""
        with self._lock:
            found = self._embedders.get(known.model_id)
            if found is None:
                from helios_desktop.embed.onnx_embedder import open_pack

                found = self._embedders[known.model_id] = open_pack(
                    known.folder, threads=self._threads, device=load_settings(self._paths.settings_file).settings.device
                )
                self._on_close(found.close)
            return found

    def index(self, known: KnownModel) -> EmbeddedIndex:
        """The search index of a model."""
        with self._lock:
            found = self._indexes.get(known.model_id)
            if found is None:
                from helios_desktop.index.embedded import EmbeddedIndex
                from helios_desktop.pipeline.vector_source import CatalogVectors

                found = self._indexes[known.model_id] = EmbeddedIndex(
                    self._paths.index,
                    CatalogVectors(self._catalog),
                    known.model_id,
                    known.dim,
                    self._search_threads,
                    catalogue_id=self._catalog.generation,
                )
                self._on_close(found.close)
            return found

    def search(self) -> Search:
        """The way from a question to its answer, with the model that answers now."""
        with self._lock:
            known = self.answering
            found = self._searches.get(known.model_id)
            if found is None:
                from helios_desktop.pipeline.mirrored import mirrored_photos
                from helios_desktop.pipeline.search import Search

                index = self._engines.in_front_of(
                    mirrored_photos(self._catalog, known.model_id, known.dim), lambda: self.index(known)
                )
                found = self._searches[known.model_id] = Search(
                    catalog=self._catalog, index=index, embedder=self.embedder(known), decoder=self._decoder
                )
            return found

    def _wanted(self) -> str:
        """The model that the settings name now: another process may have written them."""
        return load_settings(self._paths.settings_file).settings.model


def model_row(known: KnownModel, photos: int, *, is_in_use: bool) -> ModelRow:
    """Return what people are shown of an installed model; ``photos``: how many have its vector."""
    pack = ModelPack.open(known.folder)
    return ModelRow(
        name=known.model_id,
        model_id=known.model_id,
        title=known.title,
        dim=known.dim,
        size=sum(file.bytes for file in pack.files.values()),
        photos=photos,
        is_in_use=is_in_use,
        licence=pack.licence,
        is_small=any("int8" in name for name in pack.files),
    )


def faults_of(known: KnownModel) -> list[str]:
    """Compare a model's files with their checksums; the faults found."""
    try:
        ModelPack.open(known.folder).verify()
    except ModelError as error:
        return [error.message]
    return []
