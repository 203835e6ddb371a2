"""Roots and their counts in, rows of the panel out: all photos first, then each folder that is followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QByteArray, QModelIndex, QObject, QPersistentModelIndex, Qt

from helios_desktop.domain import Root
from helios_desktop.ui.plain_text import file_name, number, one_line, tooltip

AnyIndex = QModelIndex | QPersistentModelIndex


class PlaceRole(IntEnum):
    """What a row can be asked for, beside Qt's own roles."""

    PLACE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One row: everything (``root`` None) or one folder. ``count`` is None until it is known."""

    title: str
    root: Root | None = None
    count: int | None = None

    @property
    def folder(self) -> bytes | None:
        """The folder to look in, None for everything."""
        return None if self.root is None else self.root.path

    @property
    def icon_name(self) -> str:
        """The icon that shows what it is."""
        if self.root is None:
            return "photos"
        return "folder" if self.root.is_present else "folder-away"


class PlacesModel(QAbstractListModel):
    """The places a person can look at."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._places: list[Place] = [Place(title=self.tr("All photos"))]

    def show_places(self, roots: Sequence[Root], counts: Mapping[int, int], total: int) -> None:
        """Show these folders; ``counts`` are photos by root id."""
        places = [Place(title=self.tr("All photos"), count=total)]
        places += [
            Place(title=file_name(root.display) or one_line(root.display), root=root, count=counts.get(root.root_id))
            for root in roots
        ]
        if [place.folder for place in places] == [place.folder for place in self._places]:
            for row, (old, new) in enumerate(zip(self._places, places, strict=True)):
                if old != new:
                    self._places[row] = new
                    self.dataChanged.emit(self.index(row), self.index(row))
            return
        self.beginResetModel()
        self._places = places
        self.endResetModel()

    def place_at(self, index: AnyIndex) -> Place | None:
        """Return what a row stands for."""
        return self._places[index.row()] if index.isValid() and index.row() < len(self._places) else None

    def row_of(self, folder: bytes | None) -> int:
        """Return the row of a folder, 0 (everything) where there is none."""
        return next((row for row, place in enumerate(self._places) if place.folder == folder), 0)

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
        if place.root is None:
            return None
        state = "" if place.root.is_present else self.tr("Its drive is not connected. Its photos stay in the library.")
        return tooltip(place.root.display, state)
