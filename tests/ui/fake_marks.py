"""What people make, in memory: hearts and stars in the photos, albums, saved searches and history in dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from helios_desktop.catalog.marks import Album, SavedSearch
from helios_desktop.domain import Photo
from helios_desktop.errors import KnownError

if TYPE_CHECKING:
    from fake_library import FakeLibrary


class FakeMarks:
    """Keeps hearts and stars in the photos, and the rest in dictionaries."""

    def __init__(self, library: FakeLibrary) -> None:
        self._library = library
        self._albums: dict[int, tuple[str, set[int]]] = {}
        self._saved: dict[str, str] = {}
        self._history: list[str] = []
        self.error: KnownError | None = None

    def favourite(self, photo_ids: int | Sequence[int], is_favourite: bool = True) -> None:
        self._change(photo_ids, lambda photo: replace(photo, is_favourite=is_favourite))

    def rating(self, photo_ids: int | Sequence[int], stars: int | None) -> None:
        self._change(photo_ids, lambda photo: replace(photo, metadata=replace(photo.metadata, rating=stars)))

    def _change(self, photo_ids: int | Sequence[int], change: Callable[[Photo], Photo]) -> None:
        if self.error is not None:
            raise self.error
        for photo_id in [photo_ids] if isinstance(photo_ids, int) else photo_ids:
            [photo] = self._library.photos([photo_id])
            self._library.put(change(photo))

    def albums(self) -> list[Album]:
        return [Album(album_id=one, name=name, count=len(ids)) for one, (name, ids) in sorted(self._albums.items())]

    def photos_of(self, album_id: int) -> set[int]:
        return self._albums[album_id][1]

    def create_album(self, name: str) -> int:
        album_id = len(self._albums) + 1
        self._albums[album_id] = (name, set())
        self._library.touch()
        return album_id

    def rename_album(self, album_id: int, name: str) -> None:
        self._albums[album_id] = (name, self._albums[album_id][1])
        self._library.touch()

    def delete_album(self, album_id: int) -> None:
        del self._albums[album_id]
        self._library.touch()

    def add_to_album(self, album_id: int, photo_ids: Iterable[int]) -> None:
        self._albums[album_id][1].update(photo_ids)
        self._library.touch()

    def remove_from_album(self, album_id: int, photo_ids: Iterable[int]) -> None:
        self._albums[album_id][1].difference_update(photo_ids)
        self._library.touch()

    def save_search(self, name: str, query: str) -> None:
        self._saved[name] = query
        self._library.touch()

    def delete_search(self, name: str) -> None:
        del self._saved[name]
        self._library.touch()

    def saved_searches(self) -> list[SavedSearch]:
        return [SavedSearch(name, query) for name, query in sorted(self._saved.items())]

    def remember(self, query: str) -> None:
        self._history = [query, *(one for one in self._history if one != query)]

    def history(self, limit: int = 20) -> list[str]:
        return self._history[:limit]

    def clear_history(self) -> None:
        self._history.clear()
