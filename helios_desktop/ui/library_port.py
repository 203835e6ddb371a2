"""What the window needs from the application, and nothing else of it: every call below may block, and none touches Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from helios_desktop.catalog.facets import Facets
from helios_desktop.catalog.folders import FolderCount
from helios_desktop.catalog.marks import Album, SavedSearch
from helios_desktop.domain import Counts, Filter, Int64Array, Photo, Problem, Progress, Query, Root, SearchResult
from helios_desktop.domain import Library as OtherLibrary
from helios_desktop.pipeline.export_copies import Exported
from helios_desktop.pipeline.jobs import CancelToken
from helios_desktop.pipeline.query import ParsedQuery
from helios_desktop.pipeline.stacks import Stacks
from helios_desktop.pipeline.status import ModelChoices, ModelRow, Status
from helios_desktop.settings import Settings

if TYPE_CHECKING:
    from helios_desktop.embed.downloads import DownloadControl, DownloadProgress
    from helios_desktop.embed.int8 import Int8Report
    from helios_desktop.engine_control import EngineChoice
    from helios_desktop.pipeline.engine_status import EngineStatus
    from helios_desktop.pipeline.models_in_use import ModelsNow
    from helios_desktop.pipeline.unsplash import ImportSummary


class Marks(Protocol):
    """Hearts, stars, albums, saved searches, history; writing blocks until it is safe on disk."""

    def favourite(self, photo_ids: int | Sequence[int], is_favourite: bool = True) -> None:
        """Mark photos as favourites, or no longer."""

    def rating(self, photo_ids: int | Sequence[int], stars: int | None) -> None:
        """Rate photos 0 to 5."""

    def albums(self) -> list[Album]:
        """Return all albums by name."""

    def create_album(self, name: str) -> int:
        """Make an album and return its id."""

    def rename_album(self, album_id: int, name: str) -> None:
        """Give an album another name."""

    def delete_album(self, album_id: int) -> None:
        """Forget an album; its photos stay."""

    def add_to_album(self, album_id: int, photo_ids: Iterable[int]) -> None:
        """Put photos into an album."""

    def remove_from_album(self, album_id: int, photo_ids: Iterable[int]) -> None:
        """Take photos out of an album."""

    def save_search(self, name: str, query: str) -> None:
        """Keep a question under a name."""

    def delete_search(self, name: str) -> None:
        """Forget a saved question."""

    def saved_searches(self) -> list[SavedSearch]:
        """Return all saved questions by name."""

    def remember(self, query: str) -> None:
        """Enter a question into the history."""

    def history(self, limit: int = 20) -> list[str]:
        """Return the last questions, newest first."""

    def clear_history(self) -> None:
        """Forget all questions."""


class PreferencesPort(Protocol):
    """The settings."""

    def now(self) -> Settings:
        """Return the settings as they are now."""

    def change(self, changes: Mapping[str, Any]) -> Settings:
        """Change some settings and return all."""

    @property
    def folders(self) -> tuple[str, str, str]:
        """Where settings, the library and the log are."""


class ModelStorePort(Protocol):
    """The models: installed ones, and those that can be fetched."""

    def rows(self) -> list[ModelRow]:
        """Return the installed models."""

    def use(self, name: str, *, is_now: bool = False) -> ModelRow:
        """Let a model answer as soon as it can find every photo."""

    def fetched(self) -> list[tuple[str, str]]:
        """Return the models that came over the network, and from where."""

    def now(self) -> ModelsNow:
        """Return which model answers, and how far the wanted one is."""

    def choices(self, *, is_measured: bool = False) -> ModelChoices:
        """Return every model that can be chosen, installed or to be fetched, and the one that suits this computer."""

    def download(
        self,
        name: str,
        *,
        listener: Callable[[DownloadProgress], None] = ...,
        control: DownloadControl | None = None,
        endpoint: str | None = None,
    ) -> ModelRow:
        """Fetch a model and install it; blocks. What came stays after a stop of any kind, and the next call goes on."""

    def make_small(self, name: str, *, say: Callable[[str], None] = ...) -> Int8Report | None:
        """Make a model's quick 8-bit form, where it answers as well; blocks."""


class EnginePort(Protocol):
    """What answers searches: the index on this computer, or a server."""

    def status(self) -> EngineStatus:
        """Look at the engine in use; what is wrong with it is in the answer."""

    def test(self, choice: EngineChoice) -> str:
        """Reach an engine and change nothing; return what answered."""

    def use(self, choice: EngineChoice) -> EngineStatus:
        """Choose an engine, once it was reached."""

    def pause_sentence(self) -> str:
        """Say why sending to the engine stands still, empty where it does not; asks no server."""

    def try_again(self) -> None:
        """Have a paused sending go on now."""

    def start_local(self, kind: str, *, tell: Callable[[str], None] = ...) -> EngineStatus:
        """Start an engine in a container on this computer, and use it; blocks for minutes the first time."""


class OtherLibrariesPort(Protocol):
    """Libraries whose photos lie elsewhere, as the Unsplash data set."""

    def get(self, name: str) -> OtherLibrary | None:
        """Return the library of this name, or None."""

    def remove(self, name: str) -> OtherLibrary | None:
        """Forget a library, its photos and vectors; return what it was."""

    def import_unsplash(
        self,
        ids_file: Path,
        features_file: Path,
        *,
        start: int | None,
        end: int | None,
        model: str | None,
        is_dry_run: bool,
        listener: Callable[[Progress], None],
        token: CancelToken | None = None,
    ) -> ImportSummary:
        """Check both files and import them; blocks."""

    def picture(self, url: str) -> bytes:
        """Return a small JPEG of a picture, fetched now where it is not kept; blocks."""


class Library(Protocol):
    """The photos of one person, searchable. Methods raise ``KnownError`` kinds; all may be called from any thread."""

    @property
    def model_title(self) -> str:
        """The model's name for people, as in "Starter model"."""

    @property
    def model_id(self) -> str:
        """The model's identifier."""

    @property
    def engine(self) -> str:
        """The name of the search engine in use, as in "embedded"."""

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences that a person should see once, at the start: settings or a catalogue that were repaired."""

    @property
    def is_paused(self) -> bool:
        """Whether indexing was paused by the user."""

    def understand(self, words: str, base: Filter) -> ParsedQuery:
        """Understand what was typed, among the photos that ``base`` lets pass."""

    def search(self, query: Query) -> SearchResult:
        """Return the best answers; blocks until they are there."""

    def warm_up(self) -> None:
        """Load what the first question needs; blocks until it is there."""

    def browse(self, wanted: Filter) -> Int64Array:
        """Return the ids of all photos that pass, newest first, int64 ``[n]``."""

    def months(self, wanted: Filter) -> list[tuple[str, int]]:
        """Return the months of the photos that ``browse`` returns, newest first, as in "2024-06", and how many each has."""

    def stacks(self, ids: Int64Array) -> Stacks:
        """Return which of these photos are of one burst, or a RAW and its JPEG, as far as is known; does not wait."""

    def find_stacks(self) -> bool:
        """Look for bursts where the library changed; return whether they are others now."""

    def place_name(self, photo: Photo) -> str:
        """Return what the spot of a photo is called, as in "Fiesole, Tuscany, Italy"; empty where that is not known."""

    def facets(self) -> Facets:
        """Return the cameras and formats of the library, with how many photos each has."""

    def photos(self, ids: Sequence[int]) -> list[Photo]:
        """Return these photos in the order asked; unknown ones are left out."""

    def thumbnail(self, content_hash: bytes) -> bytes | None:
        """Return our own small JPEG of a photo, at most 512 px on its longer side, or None where there is none yet."""

    def preview(self, path: bytes, longest_px: int, *, as_pixels: bool = False) -> bytes:
        """Return a JPEG of a photo, upright, at most as large as asked; blocks while it is decoded.

        ``as_pixels``: a PPM instead where that is quicker.
        """

    def export_copies(self, paths: Sequence[bytes], folder: bytes) -> Exported:
        """Copy photos into a folder, over nothing that is there; blocks until it is done."""

    @property
    def marks(self) -> Marks:
        """What the person made."""

    @property
    def preferences(self) -> PreferencesPort:
        """The settings."""

    @property
    def model_store(self) -> ModelStorePort:
        """The installed models."""

    @property
    def libraries(self) -> OtherLibrariesPort:
        """Libraries whose photos lie elsewhere."""

    @property
    def search_engine(self) -> EnginePort:
        """The search engine."""

    def status(self) -> Status:
        """Return one look at the library."""

    def clear_cache(self) -> int:
        """Delete all thumbnails, which are made again when needed; return how many bytes are free now."""

    def try_again(self, photo_ids: Sequence[int]) -> int:
        """Read these files once more; return how many there were."""

    def roots(self) -> list[Root]:
        """Return the folders that are followed."""

    def folders_inside(self, folder: bytes) -> list[FolderCount]:
        """Return the folders directly in one that hold indexed photos, by name."""

    def why_polled(self, root: Root) -> str:
        """Return why a folder is looked through now and then instead of watched: "network", "limit", or empty."""

    def rescan(self, folder: bytes) -> None:
        """Look through a followed folder, or one inside it, soon."""

    def add_root(self, path: bytes) -> Root:
        """Follow a folder from now on."""

    def remove_root(self, root_id: int) -> None:
        """Forget a folder and everything known of its photos; the photos themselves stay untouched."""

    def counts(self) -> Counts:
        """Return how many photos stand where."""

    def problems(self) -> list[Problem]:
        """Return the files that look like photos and could not be read."""

    def start(self) -> None:
        """Begin to follow the folders and to index what is new, in threads of its own."""

    def pause(self) -> None:
        """Stop indexing until ``resume``."""

    def resume(self) -> None:
        """Go on indexing."""

    def subscribe(self, listener: Callable[[Progress], None]) -> Callable[[], None]:
        """Call the listener, from any thread, when progress or content changes; returns how to stop that."""

    def change_token(self) -> int:
        """Return a number that differs when the catalogue changed."""

    def close(self) -> None:
        """Stop everything and give back files, threads and processes."""
