"""Snapshots of the library in, a tree of places out: everything, each folder and those inside it, favourites, albums, searches.

A folder's own folders are asked for when it is opened, and again when the library changed; what is open stays open.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QByteArray, QModelIndex, QObject, QPersistentModelIndex, Qt

from helios_desktop.catalog.folders import FolderCount
from helios_desktop.ui.library.feed import Snapshot
from helios_desktop.ui.library.place import EVERYTHING, Place
from helios_desktop.ui.plain_text import file_name, number, one_line, tooltip

__all__ = ["EVERYTHING", "AnyIndex", "FolderSource", "Place", "PlaceRole", "PlacesModel"]

AnyIndex = QModelIndex | QPersistentModelIndex
FolderSource = Callable[[bytes, Callable[[list[FolderCount]], None]], None]
"""Asks for the folders inside one; the answer comes later, in the GUI thread."""


class PlaceRole(IntEnum):
    """What a row can be asked for, beside Qt's own roles."""

    PLACE = Qt.ItemDataRole.UserRole + 1


@dataclass(slots=True, eq=False)
class _Node:
    number: int
    place: Place
    parent: _Node | None = None
    children: list[_Node] = field(default_factory=list)
    is_asked: bool = False
    is_loaded: bool = False

    @property
    def row(self) -> int:
        return 0 if self.parent is None else self.parent.children.index(self)


class PlacesModel(QAbstractItemModel):
    """The places a person can look at."""

    def __init__(self, folders: FolderSource | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folders = folders
        self._numbers = itertools.count(1)
        self._nodes: dict[int, _Node] = {}
        self._top = _Node(0, Place(title=""))
        self._snapshot: Snapshot | None = None
        self._is_scanning = False
        self._is_changing = False
        self._saved_counts: dict[str, int] = {}
        self._show(self._top, [Place(title=self.tr("All photos"))])

    @property
    def is_changing(self) -> bool:
        """Whether rows are on their way in or out."""
        return self._is_changing

    # -- what the window tells

    def show_places(self, snapshot: Snapshot) -> None:
        """Show the places of a library."""
        has_changed = self._snapshot is None or self._snapshot.token != snapshot.token
        self._snapshot = snapshot
        self._show(self._top, self._places_of(snapshot))
        if has_changed:
            for node in [node for node in self._nodes.values() if node.is_asked]:
                self._ask(node)

    def show_scanning(self, is_scanning: bool) -> None:
        """Say that the followed folders are being looked through, or no longer."""
        if is_scanning != self._is_scanning:
            self._is_scanning = is_scanning
            if self._snapshot is not None:
                self._show(self._top, self._places_of(self._snapshot))

    def show_saved_counts(self, counts: Mapping[str, int]) -> None:
        """Show how many good answers saved searches have, by their words."""
        self._saved_counts = dict(counts)
        if self._snapshot is not None:
            self._show(self._top, self._places_of(self._snapshot))

    def place_at(self, index: AnyIndex) -> Place | None:
        """Return what a row stands for."""
        node = self._nodes.get(index.internalId()) if index.isValid() else None
        return None if node is None else node.place

    def index_of(self, key: tuple[str, object]) -> QModelIndex:
        """Return the row of a place by its key; for a folder that is not shown, that of the nearest one around it."""
        best, longest = self._nodes[self._top.children[0].number], -1
        for node in self._nodes.values():
            if node.place.key == key:
                return self._index(node)
            if key[0] == node.place.kind == "folder" and isinstance(key[1], bytes):
                around = node.place.folder or b""
                if key[1].startswith(around) and len(around) > longest:
                    best, longest = node, len(around)
        return self._index(best)

    # -- what Qt asks

    def index(self, row: int, column: int = 0, parent: AnyIndex = QModelIndex()) -> QModelIndex:  # noqa: B008 - Qt's own signature
        """Return the index of a row."""
        node = self._node(parent)
        if column != 0 or not 0 <= row < len(node.children):
            return QModelIndex()
        return self.createIndex(row, 0, node.children[row].number)

    def parent(self, index: AnyIndex = QModelIndex()) -> Any:  # noqa: B008 - also Qt's parent of an object
        """Return the index of the place around one."""
        node = self._nodes.get(index.internalId()) if index.isValid() else None
        return QModelIndex() if node is None or node.parent is None else self._index(node.parent)

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return how many places are in one."""
        return len(self._node(parent).children)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return 1."""
        return 1

    def hasChildren(self, parent: AnyIndex = QModelIndex()) -> bool:  # noqa: B008 - Qt's own signature
        """Whether there is a level below, be it asked for already or not."""
        node = self._node(parent)
        return bool(node.children) or (self._folders is not None and node.place.has_folders and not node.is_loaded)

    def canFetchMore(self, parent: AnyIndex) -> bool:
        """Whether the folders inside one have yet to be asked for."""
        node = self._node(parent)
        return self._folders is not None and node.place.has_folders and not node.is_asked

    def fetchMore(self, parent: AnyIndex) -> None:
        """Ask for the folders inside one."""
        if self.canFetchMore(parent):
            self._ask(self._node(parent))

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """A heading cannot be chosen."""
        place = self.place_at(index)
        if place is None or place.kind == "heading":
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

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
                return self._spoken(place)
            case Qt.ItemDataRole.ToolTipRole:
                return self._tooltip(place)
        return None

    def roleNames(self) -> dict[int, QByteArray]:
        """Name the roles."""
        names: dict[int, QByteArray] = dict(super().roleNames())
        names[int(PlaceRole.PLACE)] = QByteArray(b"place")
        return names

    # -- parts

    def _places_of(self, snapshot: Snapshot) -> list[Place]:
        places = [Place(title=self.tr("All photos"), count=snapshot.total)]
        for root in snapshot.roots:
            title = file_name(root.display) or one_line(root.display)
            count = snapshot.photos_of.get(root.root_id)
            places.append(
                Place(
                    title=title,
                    kind="folder",
                    root=root,
                    count=count,
                    has_folders=bool(count),
                    is_scanned=self._is_scanning and root.is_present,
                    reason=self._why(snapshot.why_polled.get(root.root_id, "")),
                )
            )
        places.append(Place(title=self.tr("Favourites"), kind="favourites", count=snapshot.favourites))
        places.append(Place(title="Unsplash", kind="unsplash"))
        if snapshot.albums:
            places.append(Place(title=self.tr("Albums"), kind="heading"))
            places += [
                Place(title=one_line(album.name), kind="album", album_id=album.album_id, count=album.count)
                for album in snapshot.albums
            ]
        if snapshot.saved:
            places.append(Place(title=self.tr("Saved searches"), kind="heading"))
            places += [
                Place(title=one_line(one.name), kind="saved", words=one.query, count=self._saved_counts.get(one.query))
                for one in snapshot.saved
            ]
        return places

    def _why(self, reason: str) -> str:
        """Return why a folder is looked through now and then, in words; none where it is not."""
        return {
            "network": self.tr("It is on a network drive, which tells nothing of changes."),
            "limit": self.tr("The system grants no more watches on folders."),
        }.get(reason, "")

    def _ask(self, node: _Node) -> None:
        folder = node.place.folder
        if self._folders is None or folder is None:
            return
        node.is_asked = True

        def arrived(found: list[FolderCount]) -> None:
            if self._nodes.get(node.number) is node:
                node.is_loaded = True
                self._show(node, [_inside(node.place, one) for one in found])

        self._folders(folder, arrived)

    def _show(self, parent: _Node, places: Sequence[Place]) -> None:
        """Make the rows below a node these; those that stay keep what is open below them."""
        wanted = {place.key for place in places}
        for node in [node for node in parent.children if node.place.key not in wanted]:
            self._take_out(node)
        for row, place in enumerate(places):
            found = next((node for node in parent.children[row:] if node.place.key == place.key), None)
            if found is not None and parent.children[row] is not found:
                self._take_out(found)
                found = None
            if found is None:
                self._put_in(parent, row, place)
            elif found.place != place:
                found.place = place
                for child in found.children if place.root is not None else ():
                    child.place = replace(child.place, root=place.root)
                self.dataChanged.emit(self._index(found), self._index(found))

    def _put_in(self, parent: _Node, row: int, place: Place) -> None:
        node = _Node(next(self._numbers), place, None if parent is self._top else parent)
        self.beginInsertRows(self._index(parent), row, row)
        node.parent = parent
        parent.children.insert(row, node)
        self._nodes[node.number] = node
        self.endInsertRows()

    def _take_out(self, node: _Node) -> None:
        parent = node.parent or self._top
        row = parent.children.index(node)
        self._is_changing = True
        self.beginRemoveRows(self._index(parent), row, row)
        parent.children.pop(row)
        waiting = [node]
        while waiting:
            gone = waiting.pop()
            waiting += gone.children
            del self._nodes[gone.number]
        self.endRemoveRows()
        self._is_changing = False

    def _node(self, index: AnyIndex) -> _Node:
        return self._nodes.get(index.internalId(), self._top) if index.isValid() else self._top

    def _index(self, node: _Node) -> QModelIndex:
        return QModelIndex() if node is self._top else self.createIndex(node.row, 0, node.number)

    def _spoken(self, place: Place) -> str:
        text = place.title
        if place.count is not None:
            text = self.tr("{title}, {n} photos").format(title=text, n=number(place.count))
        state = self._state(place)
        return f"{text}. {state}" if state else text

    def _tooltip(self, place: Place) -> str | None:
        if place.kind == "saved":
            return tooltip(place.words)
        if place.folder is None or place.root is None:
            return None
        state = self._state(place) or (self.tr("Changes are noticed at once.") if place.is_root else "")
        return tooltip(place.path.decode("utf-8", "replace") or place.root.display, state)

    def _state(self, place: Place) -> str:
        sentences = {
            "away": self.tr("Its drive is not connected. Its photos stay in the library."),
            "scanning": self.tr("It is being looked through."),
            "polled": self.tr("It is looked through every few minutes."),
        }
        return " ".join(filter(None, (sentences.get(place.state, ""), place.reason if place.state == "polled" else "")))


def _inside(around: Place, found: FolderCount) -> Place:
    return Place(
        title=file_name(found.display),
        kind="folder",
        root=around.root,
        path=found.path,
        count=found.count,
        has_folders=found.has_folders,
    )
