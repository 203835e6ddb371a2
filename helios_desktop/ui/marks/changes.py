"""Photos and a wish in, the wish written down and the changed rows out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from helios_desktop.domain import Photo
from helios_desktop.errors import KnownError
from helios_desktop.ui.bridge import Bridge

MOST_STARS = 5


class MarkChanges(QObject):
    """Sets hearts and stars and fills albums. Rows change at once; a failure takes them back."""

    changed = Signal(list)  # Photos as they are now
    written = Signal()
    failed = Signal(object)  # KnownError

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge

    def toggle_favourite(self, photos: Sequence[Photo]) -> None:
        """Make all of them favourites, or none where all are."""
        if photos:
            is_favourite = not all(photo.is_favourite for photo in photos)
            marks, ids = self._bridge.library.marks, _ids(photos)
            now = [replace(photo, is_favourite=is_favourite) for photo in photos]
            self._change(photos, now, lambda: marks.favourite(ids, is_favourite))

    def rate(self, photos: Sequence[Photo], stars: int) -> None:
        """Give all of them 1 to 5 stars, or none with 0."""
        if photos:
            marks, ids = self._bridge.library.marks, _ids(photos)
            now = [replace(photo, metadata=replace(photo.metadata, rating=stars)) for photo in photos]
            self._change(photos, now, lambda: marks.rating(ids, stars))

    def add_to_album(self, album_id: int, photos: Sequence[Photo]) -> None:
        """Put photos into an album."""
        marks, ids = self._bridge.library.marks, _ids(photos)
        self._run(lambda: marks.add_to_album(album_id, ids))

    def add_to_new_album(self, name: str, photos: Sequence[Photo]) -> None:
        """Make an album of these photos."""
        marks, ids = self._bridge.library.marks, _ids(photos)
        self._run(lambda: marks.add_to_album(marks.create_album(name), ids))

    def remove_from_album(self, album_id: int, photos: Sequence[Photo]) -> None:
        """Take photos out of an album."""
        marks, ids = self._bridge.library.marks, _ids(photos)
        self._run(lambda: marks.remove_from_album(album_id, ids))

    def rename_album(self, album_id: int, name: str) -> None:
        """Give an album another name."""
        marks = self._bridge.library.marks
        self._run(lambda: marks.rename_album(album_id, name))

    def delete_album(self, album_id: int) -> None:
        """Forget an album; its photos stay."""
        marks = self._bridge.library.marks
        self._run(lambda: marks.delete_album(album_id))

    def save_search(self, name: str, words: str) -> None:
        """Keep a question under a name."""
        marks = self._bridge.library.marks
        self._run(lambda: marks.save_search(name, words))

    def delete_search(self, name: str) -> None:
        """Forget a saved question."""
        marks = self._bridge.library.marks
        self._run(lambda: marks.delete_search(name))

    def _change(self, before: Sequence[Photo], now: Sequence[Photo], write: Callable[[], None]) -> None:
        self.changed.emit(list(now))

        def fail(error: KnownError) -> None:
            self.changed.emit(list(before))
            self.failed.emit(error)

        self._bridge.ask("library", write, lambda _done: self.written.emit(), fail)

    def _run(self, write: Callable[[], None]) -> None:
        self._bridge.ask("library", write, lambda _done: self.written.emit(), self.failed.emit)


def _ids(photos: Sequence[Photo]) -> list[int]:
    return [photo.photo_id for photo in photos]
