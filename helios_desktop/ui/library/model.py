"""A look at the library in, rows of the panel out: all photos, each folder, favourites, albums, saved searches."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

from PySide6.QtCore import QAbstractListModel, QByteArray, QModelIndex, QObject, QPersistentModelIndex, Qt

from helios_desktop.domain import Root
from helios_desktop.ui.library.feed import Snapshot
from helios_desktop.ui.plain_text import file_name, number, one_line, tooltip

AnyIndex = QModelIndex | QPersistentModelIndex
PlaceKind = Literal["all", "folder", "favourites", "album", "saved", "unsplash", "heading"]
_ICONS = {
    "all": "photos",
    "folder": "folder",
    "favourites": "heart",
    "album": "album",
    "saved": "bookmark",
    "unsplash": "image",
    "heading": "",
}
EVERYTHING = ("all", None)


class PlaceRole(IntEnum):
    """What a row can be asked for, beside Qt's own roles."""

    PLACE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One row: everything, a folder (``root``), the favourites, an album, or a saved search (``words``).

    ``count`` is None until it is known. A heading only names the rows below it.
    """

    title: str
    kind: PlaceKind = "all"
    root: Root | None = None
    album_id: int | None = None
    words: str = ""
    count: int | None = None

    @property
    def folder(self) -> bytes | None:
        """The folder to look in, None for everything."""
        return None if self.root is None else self.root.path

    @property
    def key(self) -> tuple[str, object]:
        """What makes it the same place as before, whatever its count."""
        identity = {"folder": self.folder, "album": self.album_id, "saved": self.words, "heading": self.title}
        return self.kind, identity.get(self.kind)

    @property
    def icon_name(self) -> str:
        """The icon that shows what it is."""
        if self.root is not None and not self.root.is_present:
            return "folder-away"
        return _ICONS[self.kind]


class PlacesModel(QAbstractListModel):
    """The places a person can look at."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._places: list[Place] = [Place(title=self.tr("All photos"))]

    def show_places(self, snapshot: Snapshot) -> None:
        """Show the places of a library."""
        places = self._places_of(snapshot)
        if [place.key for place in places] == [place.key for place in self._places]:
            for row, (old, new) in enumerate(zip(self._places, places, strict=True)):
                if old != new:
                    self._places[row] = new
                    self.dataChanged.emit(self.index(row), self.index(row))
            return
        self.beginResetModel()
        self._places = places
        self.endResetModel()

    def _places_of(self, snapshot: Snapshot) -> list[Place]:
        places = [Place(title=self.tr("All photos"), count=snapshot.total)]
        for root in snapshot.roots:
            title = file_name(root.display) or one_line(root.display)
            places.append(Place(title=title, kind="folder", root=root, count=snapshot.photos_of.get(root.root_id)))
        places.append(Place(title=self.tr("Favourites"), kind="favourites", count=snapshot.favourites))
        if snapshot.albums:
            places.append(Place(title=self.tr("Albums"), kind="heading"))
            places += [
                Place(title=one_line(album.name), kind="album", album_id=album.album_id, count=album.count)
                for album in snapshot.albums
            ]
        if snapshot.saved:
            places.append(Place(title=self.tr("Saved searches"), kind="heading"))
            places += [Place(title=one_line(one.name), kind="saved", words=one.query) for one in snapshot.saved]
        places.append(Place(title="Unsplash", kind="unsplash"))
        return places

    def place_at(self, index: AnyIndex) -> Place | None:
        """Return what a row stands for."""
        return self._places[index.row()] if index.isValid() and index.row() < len(self._places) else None

    def row_of(self, key: tuple[str, object]) -> int:
        """Return the row of a place by its key, 0 (everything) where there is none."""
        return next((row for row, place in enumerate(self._places) if place.key == key), 0)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """A heading cannot be chosen."""
        place = self.place_at(index)
        if place is None or place.kind == "heading":
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return how many places there are."""
        return 0 if parent.isValid() else len(self._places)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a role shows of one place."""
        place = self.place_at(index)
        if place is None:
            return None
        match role:
            case PlaceRole.PLACE:
                return place
            case Qt.ItemDataRole.DisplayRole:
                return place.title
            case Qt.ItemDataRole.AccessibleTextRole:
                return (
                    place.title
                    if place.count is None
                    else self.tr("{title}, {n} photos").format(title=place.title, n=number(place.count))
                )
            case Qt.ItemDataRole.ToolTipRole:
                return self._tooltip(place)
        return None

    def roleNames(self) -> dict[int, QByteArray]:
        """Name the roles."""
        names: dict[int, QByteArray] = dict(super().roleNames())
        names[int(PlaceRole.PLACE)] = QByteArray(b"place")
        return names

    def _tooltip(self, place: Place) -> str | None:
        if place.kind == "saved":
            return tooltip(place.words)
        if place.root is None:
            return None
        state = "" if place.root.is_present else self.tr("Its drive is not connected. Its photos stay in the library.")
        return tooltip(place.root.display, state)
