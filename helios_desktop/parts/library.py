"""Settings -> parts: the only place that picks a model, an engine and a store, and shares the cores among them.

Everything heavy is made when it is first asked for, once, and closed in the reverse order of its making: ``helios status``
loads no model and starts no worker.
"""

from __future__ import annotations

import locale
import os
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helios_desktop.catalog.store import Catalog
from helios_desktop.embed.models import KnownModel
from helios_desktop.parts.engines import EngineParts
from helios_desktop.parts.models import ModelParts
from helios_desktop.parts.other_libraries import LibraryParts
from helios_desktop.paths import AppPaths, resources_dir
from helios_desktop.pipeline.jobs import PauseGate
from helios_desktop.pipeline.progress import ProgressBoard
from helios_desktop.settings import Settings

# Each part is imported when it is made: numpy, Pillow, ONNX Runtime and watchdog take longer than most commands.
if TYPE_CHECKING:
    from helios_desktop.decode.pool import DecodePool
    from helios_desktop.decode.thumbnails import ThumbnailStore
    from helios_desktop.embed.base import Embedder
    from helios_desktop.index.embedded import EmbeddedIndex
    from helios_desktop.pipeline.engine_lane import EngineLane
    from helios_desktop.pipeline.follow import Follower
    from helios_desktop.pipeline.indexing import Indexing
    from helios_desktop.pipeline.live import LiveLibrary
    from helios_desktop.pipeline.pictures import Pictures
    from helios_desktop.pipeline.place_finder import PlaceFinder
    from helios_desktop.pipeline.remote_pictures import RemotePictures
    from helios_desktop.pipeline.search import Search
    from helios_desktop.pipeline.stacks import StackFinder
    from helios_desktop.watch.ignore import IgnoreRules
    from helios_desktop.watch.observer import FolderObserver

MAX_DECODE_WORKERS = 8
MAX_SEARCH_THREADS = 8


@dataclass(frozen=True, slots=True)
class CpuBudget:
    """How the cores are shared: decode workers (each one core, at low priority), threads that embed, threads that compare."""

    decode_workers: int
    embed_threads: int
    search_threads: int

    @classmethod
    def of(cls, cores: int, wanted_workers: int = 0) -> CpuBudget:
        """Share ``cores``. Decoding takes longer than embedding, so it gets a worker a core; the scheduler evens it out,
        since workers are nice and threads do not spin. A search is short and somebody waits for it: it may have all cores.
        """
        workers = wanted_workers or min(max(cores, 1), MAX_DECODE_WORKERS)
        return cls(
            decode_workers=workers, embed_threads=max(1, cores // 2), search_threads=min(max(cores, 1), MAX_SEARCH_THREADS)
        )


class Parts:
    """The parts of one open library. Each property makes its part at the first call; all are for any thread."""

    def __init__(self, paths: AppPaths, settings: Settings, catalog: Catalog) -> None:
        self.paths = paths
        self.settings = settings
        self.catalog = catalog
        self.board = ProgressBoard()
        self.gate = PauseGate()
        self._budget = CpuBudget.of(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
        self._lock = threading.RLock()
        self._notices: list[str] = []
        self._closing = ExitStack()
        self.engines = EngineParts(paths=paths, catalog=catalog, on_close=self.on_close)
        self.models = ModelParts(
            paths=paths,
            catalog=catalog,
            engines=self.engines,
            threads=self._budget.embed_threads,
            search_threads=self._budget.search_threads,
            decoder=self.interactive_decoder,
            on_close=self.on_close,
        )
        self._follower: Follower | None = None
        self._ignore_rules: IgnoreRules | None = None
        self._thumbnails: ThumbnailStore | None = None
        self._pictures: Pictures | None = None
        self._stacks: StackFinder | None = None
        self._places: PlaceFinder | None = None
        self._libraries: LibraryParts | None = None
        self._remote_pictures: RemotePictures | None = None
        self._decoder: DecodePool | None = None
        self._interactive_decoder: DecodePool | None = None
        self._indexing: Indexing | None = None
        self._live: LiveLibrary | None = None
        self.engine_lane: EngineLane | None = None

    def on_close(self, callback: Callable[[], None]) -> None:
        """Have something of the caller's closed with the parts, after those that are made later."""
        self._closing.callback(callback)

    def close(self) -> None:
        """Close what was made, the newest first. May be called twice."""
        with self._lock:
            live = self._live
        if live is not None:
            live.cancel()
        self._closing.close()

    def known_models(self) -> tuple[KnownModel, ...]:
        """The starter model and the packs that the user installed."""
        return self.models.known()

    @property
    def model(self) -> KnownModel:
        """The model that answers. Raises ``ModelError`` where none is here."""
        return self.models.answering

    @property
    def embed_threads(self) -> int:
        """How many threads embed."""
        return self._budget.embed_threads

    def follower(self) -> Follower:
        """What brings the catalogue in step with the disk."""
        with self._lock:
            if self._follower is None:
                from helios_desktop.decode.formats import supported_extensions
                from helios_desktop.pipeline.follow import Follower

                self._follower = Follower(catalog=self.catalog, ignore=self._ignore(), extensions=supported_extensions())
            return self._follower

    def _ignore(self) -> IgnoreRules:
        """The rules that scans and the observer share, so that a change reaches both."""
        with self._lock:
            if self._ignore_rules is None:
                from helios_desktop.watch.ignore import IgnoreRules

                self._ignore_rules = IgnoreRules(self.settings.ignore, self.paths.real_folders)
            return self._ignore_rules

    def apply(self, settings: Settings) -> None:
        """Work by other settings from now on."""
        with self._lock:
            before, self.settings = self.settings, settings
            if settings.ignore != before.ignore:
                self._ignore().become(settings.ignore)
                if self._live is not None:
                    self._live.rescan()
        if settings.device != before.device:
            self.models.forget_embedders()
            self.wake()
        if settings.cache_megabytes != before.cache_megabytes:
            self.shrink_cache()

    def shrink_cache(self) -> None:
        """Keep the thumbnails within the room that the settings give them; none means as much as they need."""
        most = self.settings.cache_megabytes * 1_000_000
        if most and self.thumbnails().shrink_to(most):
            self.thumbnails().vacuum()

    def clear_cache(self) -> int:
        """Delete all thumbnails; return how many bytes they took. They are made again when they are looked at."""
        size = self.thumbnails().size
        self.thumbnails().shrink_to(0)
        self.thumbnails().vacuum()
        return size

    def embedder(self) -> Embedder:
        """The embedder of that model."""
        return self.models.embedder(self.model)

    def thumbnails(self) -> ThumbnailStore:
        """The store of thumbnails."""
        with self._lock:
            if self._thumbnails is None:
                from helios_desktop.decode.thumbnails import ThumbnailStore

                self._thumbnails = ThumbnailStore(self.paths.thumbnails_file)
                self._closing.callback(self._thumbnails.close)
            return self._thumbnails

    def pictures(self) -> Pictures:
        """The way from a content to its thumbnail."""
        with self._lock:
            if self._pictures is None:
                from helios_desktop.pipeline.pictures import Pictures

                self._pictures = Pictures(catalog=self.catalog, thumbnails=self.thumbnails(), decoder=self.interactive_decoder)
            return self._pictures

    def remote_pictures(self) -> RemotePictures:
        """The way from an address to a thumbnail. Nothing is fetched before it is asked for."""
        with self._lock:
            if self._remote_pictures is None:
                from helios_desktop.decode.thumbnails import ThumbnailStore
                from helios_desktop.pipeline.remote_pictures import RemotePictures

                cache = ThumbnailStore(self.paths.remote_file)
                self._closing.callback(cache.close)
                self._remote_pictures = RemotePictures(
                    cache=cache, decoder=self.interactive_decoder, folder=self.paths.cache / "arriving"
                )
            return self._remote_pictures

    def index(self) -> EmbeddedIndex:
        """The search index of that model."""
        return self.models.index(self.model)

    def search(self) -> Search:
        """The way from a question to its answer."""
        return self.models.search()

    def stacks(self) -> StackFinder:
        """What finds bursts, and RAW beside JPEG."""
        with self._lock:
            if self._stacks is None:
                from helios_desktop.pipeline.stacks import StackFinder

                is_over = threading.Event()
                self._stacks = StackFinder(self.catalog, lambda: (self.model.model_id, self.model.dim), is_over.is_set)
                self._closing.callback(is_over.set)
            return self._stacks

    def places(self) -> PlaceFinder:
        """What knows the names of places; the gazetteer is read when the first one is asked for."""
        with self._lock:
            if self._places is None:
                from helios_desktop.pipeline.place_finder import PlaceFinder
                from helios_desktop.places.gazetteer import Gazetteer

                language = self.settings.language or (locale.getlocale()[0] or "en")[:2]
                self._places = PlaceFinder(self.catalog, Gazetteer(resources_dir() / "places" / "gazetteer.npz"), language)
            return self._places

    def libraries(self) -> LibraryParts:
        """The parts of the libraries whose photos lie elsewhere."""
        with self._lock:
            if self._libraries is None:
                self._libraries = LibraryParts(
                    catalog=self.catalog,
                    engines=self.engines,
                    folder=self.paths.index / "libraries",
                    known_models=self.known_models,
                    decoder=self.interactive_decoder,
                    threads=self._budget.embed_threads,
                )
                self._closing.callback(self._libraries.close)
            return self._libraries

    def decoder(self) -> DecodePool:
        """The workers that index."""
        with self._lock:
            if self._decoder is None:
                from helios_desktop.decode.pool import DecodePool

                self._decoder = DecodePool(self.settings.workers or self._budget.decode_workers, is_background=True)
                self._closing.callback(self._decoder.close)
            return self._decoder

    def interactive_decoder(self) -> DecodePool:
        """A worker for what a person waits for, so that it never queues behind a library being indexed."""
        with self._lock:
            if self._interactive_decoder is None:
                from helios_desktop.decode.pool import DecodePool

                self._interactive_decoder = DecodePool(1)
                self._closing.callback(self._interactive_decoder.close)
            return self._interactive_decoder

    def indexing(self) -> Indexing:
        """The way from folders to vectors."""
        with self._lock:
            if self._indexing is None:
                from helios_desktop.pipeline.indexing import Indexing

                self._indexing = Indexing(
                    catalog=self.catalog,
                    thumbnails=self.thumbnails(),
                    follower=self.follower(),
                    embedders=self.models.to_fill,
                    decoder=self.decoder,
                    board=self.board,
                    scan_lock=self.paths.scan_lock,
                    embed_lock=self.paths.embed_lock,
                    after_ingest=self.models.settle,
                )
            return self._indexing

    def live(self) -> LiveLibrary:
        """The threads that follow the folders; not started yet."""
        with self._lock:
            if self._live is None:
                from helios_desktop.pipeline.live import LiveLibrary

                self._live = LiveLibrary(
                    catalog=self.catalog,
                    follower=self.follower(),
                    indexing=self.indexing(),
                    look_after=self.look_after,
                    board=self.board,
                    gate=self.gate,
                    make_observer=self._make_observer,
                )
                self._closing.callback(self._live.stop)
            return self._live

    def look_after(self) -> None:
        """Do what is due once a day; what could not be done becomes a notice."""
        from helios_desktop.pipeline.upkeep import look_after

        self.note(look_after(self.catalog, self.thumbnails()))
        self.shrink_cache()

    def note(self, notice: str) -> None:
        """Keep a sentence for ``status`` and the window; the same one is kept once."""
        with self._lock:
            if notice and notice not in self._notices:
                self._notices.append(notice)

    @property
    def notices(self) -> tuple[str, ...]:
        """What the user should know: damage that was mended, folders without events, a backup that was not made."""
        with self._lock:
            return tuple(self._notices)

    def _make_observer(self, on_hint: Callable[[bytes], None], on_own_entries: Callable[[bytes], None]) -> FolderObserver:
        from helios_desktop.watch.observer import FolderObserver

        return FolderObserver(
            on_hint, on_own_entries=on_own_entries, on_notice=lambda error: self.note(str(error)), ignore=self._ignore()
        )

    def rescan(self, folder: bytes) -> None:
        """Have the live threads, where there are any, look through a folder now."""
        with self._lock:
            if self._live is not None:
                self._live.hint(folder)

    def wake(self) -> None:
        """Have the live threads, where there are any, look at the folders now."""
        with self._lock:
            if self._live is not None:
                self._live.wake()
            if self.engine_lane is not None:
                self.engine_lane.wake()
