"""``build`` -> ``App``: one library, open, as the window, the command line and the server see it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING

from helios_desktop.catalog.facets import Facets
from helios_desktop.catalog.marks import Marks
from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import (
    PHOTOS_LIBRARY,
    Counts,
    Filter,
    Int64Array,
    ModelId,
    Photo,
    PhotoState,
    Problem,
    Progress,
    Query,
    SearchResult,
)
from helios_desktop.engine_control import EngineControl
from helios_desktop.errors import KnownError
from helios_desktop.followed_folders import FollowedFolders, absolute
from helios_desktop.geography import Area
from helios_desktop.log import end_logging, start_logging
from helios_desktop.model_store import ModelStore
from helios_desktop.other_libraries import OtherLibraries
from helios_desktop.parts.library import Parts
from helios_desktop.parts.models import faults_of
from helios_desktop.parts.status import look_at
from helios_desktop.paths import AppPaths, resources_dir
from helios_desktop.pipeline.jobs import CancelToken
from helios_desktop.pipeline.progress import Listener
from helios_desktop.pipeline.query import ParsedQuery, parse
from helios_desktop.pipeline.status import Status
from helios_desktop.preferences import Preferences
from helios_desktop.settings import load_settings

if TYPE_CHECKING:
    from helios_desktop.pipeline.doctor import Finding
    from helios_desktop.pipeline.export_copies import Exported
    from helios_desktop.pipeline.follow import Target
    from helios_desktop.pipeline.indexing import IndexSummary
    from helios_desktop.pipeline.stacks import Stacks

WINDOW_HITS = 500
POLL_SECONDS = 0.5
SAMPLES_NAME = "samples"
DOCTOR_SAMPLE = "IMG_0101.jpg"


def build(paths: AppPaths | None = None) -> App:
    """Open the library below ``paths`` (the user's own where None), making it where there is none.

    Raises ``CatalogTooNewError``, ``CatalogDamagedError`` and ``DiskFullError``.
    """
    paths = paths or AppPaths.from_environment()
    _create(paths)
    log = start_logging(paths.log)
    try:
        loaded = load_settings(paths.settings_file)
        catalog = Catalog.open(paths.catalog_file, backups=paths.backups)
    except BaseException:
        end_logging(log)
        raise
    parts = Parts(paths, loaded.settings, catalog)
    parts.on_close(lambda: end_logging(log))
    parts.on_close(catalog.close)
    parts.note(loaded.notice)
    parts.note(catalog.recovered or "")
    return App(parts)


def restore_catalog(file: Path | None, paths: AppPaths | None = None) -> tuple[Path, Path | None]:
    """Put a backup (the newest good one where None) in place; return it and where the catalogue of before is kept."""
    paths = paths or AppPaths.from_environment()
    _create(paths)
    return Catalog.restore(paths.catalog_file, file, backups=paths.backups)


def _create(paths: AppPaths) -> None:
    try:
        paths.create()
    except OSError as error:
        raise KnownError(
            f"Helios cannot keep its files in {error.filename} ({error.strerror}).",
            "Give yourself the right to write there, or name another folder with HELIOS_HOME.",
        ) from error


class App(FollowedFolders):
    """One library, open: what the window, the command line and the server may ask for. For any thread; close it when done."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._catalog = parts.catalog
        self._token = CancelToken()
        self.libraries = OtherLibraries(parts, self._token)
        self.preferences = Preferences(parts.paths, parts.apply)
        self.search_engine = EngineControl(parts, self._token)
        self.model_store = ModelStore(parts)

    def __enter__(self) -> App:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stop everything: threads, workers, files. May be called twice."""
        self._token.cancel()
        self.model_store.close()
        self._parts.close()

    # Questions

    def parse(self, words: str, *, folder: bytes | None = None) -> Query:
        """Read the words of a person as a question, below one folder or everywhere."""
        return self.understand(words, Filter(folders=(folder,) if folder else ())).query

    def understand(self, words: str, base: Filter, *, negatives: tuple[str, ...] = (), limit: int = WINDOW_HITS) -> ParsedQuery:
        """Read the words of a person as a question among the photos that ``base`` lets pass, with the parts it was read as."""
        return parse(words, negatives=negatives, base=base, limit=limit, places=self._parts.places())

    def near(self, place: bytes, radius_km: float | None, base: Filter) -> Filter:
        """Narrow a filter to what lies around a place, named or that of a photo (a file). Raises ``QueryError``."""
        places = self._parts.places()
        if os.path.isfile(place):
            return replace(base, near=(places.around_file(absolute(place), radius_km, self._parts.pictures().metadata),))
        found = places.around(os.fsdecode(place), radius_km)
        return replace(base, near=(found,)) if isinstance(found, Area) else replace(base, squares=found)

    def place_name(self, photo: Photo) -> str:
        """What the spot of a photo is called, as in "Fiesole, Tuscany, Italy"; empty where that is not known. May block."""
        return self._parts.places().name_of(photo)

    def search(self, query: Query) -> SearchResult:
        """Answer a question; blocks until the answer is there. Raises ``QueryError`` and ``ModelError``."""
        if query.library != PHOTOS_LIBRARY:
            return self.libraries.search(query)
        return self._parts.search().answer(query)

    def warm_up(self) -> None:
        """Load what the first question needs, so that it is answered as quickly as the second. Raises ``ModelError``."""
        self._parts.search().warm_up()

    def browse(self, wanted: Filter) -> Int64Array:
        """Ids of the indexed photos that pass, newest first."""
        return self._catalog.photos.browse(wanted)

    def months(self, wanted: Filter) -> list[tuple[str, int]]:
        """The months of the photos that ``browse`` returns, newest first, as in "2024-06", and how many each has."""
        return self._catalog.photos.months(wanted)

    def stacks(self, ids: Int64Array) -> Stacks:
        """Which of these photos are of one burst, or a RAW and its JPEG, as far as ``find_stacks`` knows. Cheap."""
        return self._parts.stacks().of(ids)

    def find_stacks(self) -> bool:
        """Look for bursts where the library changed; whether they are others now. Blocks, half a second for 100,000 photos."""
        return self._parts.stacks().find()

    def facets(self) -> Facets:
        """The cameras and formats of the library, with how many photos each has."""
        return self._catalog.facets.count()

    def photos(self, ids: Sequence[int]) -> list[Photo]:
        """These photos, in the order asked; unknown ones are left out."""
        return self._catalog.photos.get(ids)

    def indexed_photo(self, path: bytes) -> Photo | None:
        """The photo at a path, where it is indexed with the model in use."""
        photo = self._catalog.photos.by_path(path)
        if photo is None or photo.content_hash is None:
            return None
        return photo if self._catalog.vectors.has([photo.content_hash], self.model_id) else None

    def listing(self, wanted: Filter, state: PhotoState | None) -> Iterator[Photo]:
        """Every file that a scan met, newest first."""
        return self._catalog.photos.listing(wanted, state)

    def try_again(self, photo_ids: Sequence[int]) -> int:
        """Read these files once more, whatever was wrong with them; return how many there were."""
        count = self._catalog.photos.retry(photo_ids)
        self._parts.wake()
        return count

    def clear_cache(self) -> int:
        """Delete all thumbnails, which are made again when they are looked at; return how many bytes are free now."""
        return self._parts.clear_cache()

    def problems(self) -> list[Problem]:
        """The files that look like photos and could not be read."""
        return list(self._catalog.photos.problems())

    def thumbnail(self, content_hash: bytes) -> bytes | None:
        """A JPEG of at most 512 px, or None where none can be made now."""
        return self._parts.pictures().thumbnail(content_hash)

    def preview(self, path: bytes, longest_px: int, *, as_pixels: bool = False) -> bytes:
        """A JPEG of a photo, as large as asked or as it is; blocks while it is decoded. Raises ``KnownError``.

        ``as_pixels``: a PPM instead where that is quicker.
        """
        return self._parts.pictures().preview(path, longest_px, as_pixels=as_pixels)

    def export_copies(self, paths: Sequence[bytes], folder: bytes) -> Exported:
        """Copy photos into a folder, over nothing that is there; blocks. Raises ``KnownError`` where it cannot be written."""
        from helios_desktop.pipeline.export_copies import export_copies

        return export_copies(paths, folder, lambda: self._token.is_cancelled)

    @property
    def marks(self) -> Marks:
        """What the user made: favourites, ratings, albums, saved searches, history."""
        return self._catalog.marks

    def counts(self) -> Counts:
        """How many photos stand where."""
        return self._catalog.photos.counts(self.model_id)

    def change_token(self) -> int:
        """A number that differs when the catalogue changed."""
        return self._catalog.data_version()

    def status(self) -> Status:
        """One look at the library."""
        return look_at(self._parts, engine=self.engine, pause_sentence=self.search_engine.pause_sentence())

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences that the user should read."""
        return self._parts.notices

    # Indexing

    def index(self, folders: Sequence[bytes], listener: Listener) -> IndexSummary:
        """Bring the folders (all where none is named) in step, adding them if needed, and wait until nothing is pending."""
        wanted = [absolute(folder) for folder in folders]
        targets = self._targets(wanted)
        unsubscribe = self._parts.board.subscribe(listener)
        try:
            summary = self._parts.indexing().run(targets, wanted, self._token, self._parts.gate)
        finally:
            unsubscribe()
        if summary.indexed:
            self._parts.index().prepare()
        self._parts.look_after()
        self.search_engine.sync_quietly()
        return summary

    def start(self) -> None:
        """Follow the folders and index what changes, in threads of its own."""
        self._parts.live().start()
        self.search_engine.start()

    def pause(self) -> None:
        """Hold indexing after the batch in hand."""
        self._parts.gate.pause()
        self._parts.board.enter("paused")

    def resume(self) -> None:
        """Let indexing go on."""
        self._parts.gate.resume()
        self._parts.board.swap("paused", "idle")
        self._parts.wake()

    @property
    def is_paused(self) -> bool:
        """Whether indexing is held."""
        return self._parts.gate.is_paused

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call the listener with each progress, from any thread; the returned function ends that."""
        return self._parts.board.subscribe(listener)

    @property
    def progress(self) -> Progress:
        """How far indexing is in this process."""
        return self._parts.board.latest

    def progress_until_interrupted(self) -> Iterator[Progress]:
        """Yield progress as it is and then as it comes, until the caller stops or is interrupted."""
        heard: SimpleQueue[Progress] = SimpleQueue()
        unsubscribe = self.subscribe(heard.put)
        heard.put(self._parts.board.latest)  # what is done before the caller listens would never be told
        try:
            while True:
                with suppress(Empty):
                    yield heard.get(timeout=POLL_SECONDS)
        finally:
            unsubscribe()

    # Models

    @property
    def model_id(self) -> ModelId:
        """The vector space in use."""
        return self._parts.model.model_id

    @property
    def model_title(self) -> str:
        """What people call the model in use."""
        return self._parts.model.title

    def answer_with(self, engine: str) -> None:
        """Search by another engine than the settings say, in this process. Raises ``SettingsError``."""
        self._parts.engines.prefer(engine)

    @property
    def engine(self) -> str:
        """The search engine in use."""
        return self._parts.engines.settings().engine

    # Upkeep

    def check_catalog(self) -> list[str]:
        """Read the whole catalogue; the faults found."""
        return self._catalog.check()

    def backup_catalog(self) -> Path:
        """Write a backup now. Raises ``CatalogDamagedError`` and ``DiskFullError``."""
        return self._catalog.backup()

    def rebuild(self) -> int:
        """Make the word index and the vector index again; how many photos can answer then."""
        self._catalog.rebuild()
        index = self._parts.index()
        index.prepare()
        return index.count()

    def doctor(self) -> list[Finding]:
        """Look at everything that Helios needs."""
        from helios_desktop.pipeline.doctor import examine

        return examine(
            catalog=self._catalog,
            embedder=self._parts.embedder,
            decoder=self._parts.interactive_decoder,
            verify_model=lambda: faults_of(self._parts.model),
            sample=resources_dir() / SAMPLES_NAME / DOCTOR_SAMPLE,
            folders=(self._parts.paths.data, self._parts.paths.cache),
        )

    def _targets(self, folders: Sequence[bytes]) -> list[Target]:
        """What to scan for folders: the roots that they are or lie in, added where there are none; all roots for none."""
        from helios_desktop.pipeline.follow import Target

        if not folders:
            return [Target(root) for root in self.roots()]
        rooted = [(self.add_root(folder), folder) for folder in folders]
        return [Target(root) if root.path == folder else Target(root, folder) for root, folder in rooted]
