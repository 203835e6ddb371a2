"""What the window needs from the application, and nothing else of it: every call below may block, and none touches Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from helios_desktop.domain import Counts, Filter, Int64Array, Photo, Problem, Progress, Query, Root, SearchResult


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

    def parse(self, words: str, *, folder: bytes | None = None) -> Query:
        """Understand what was typed, among the photos below one folder or all."""

    def search(self, query: Query) -> SearchResult:
        """Return the best answers; blocks until they are there."""

    def warm_up(self) -> None:
        """Load what the first question needs; blocks until it is there."""

    def browse(self, wanted: Filter) -> Int64Array:
        """Return the ids of all photos that pass, newest first, int64 ``[n]``."""

    def photos(self, ids: Sequence[int]) -> list[Photo]:
        """Return these photos in the order asked; unknown ones are left out."""

    def thumbnail(self, content_hash: bytes) -> bytes | None:
        """Return our own small JPEG of a photo, at most 512 px on its longer side, or None where there is none yet."""

    def roots(self) -> list[Root]:
        """Return the folders that are followed."""

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
