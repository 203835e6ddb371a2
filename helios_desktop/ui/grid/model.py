"""Ids of photos in, rows out: the list model knows every id at once and fetches what a tile shows when it is painted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import Any, Protocol
from urllib.parse import quote

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QUrl,
    Signal,
)

from helios_desktop.domain import Int64Array, Photo, PhotoState
from helios_desktop.ui.grid.sections import Section, StackOf, StackTile, alone
from helios_desktop.ui.plain_text import file_name, tooltip

PAGE_ROWS = 100
KEPT_ROWS = 5000
DRAGGED_FILES_MAX = 1000

AnyIndex = QModelIndex | QPersistentModelIndex


class PhotoRole(IntEnum):
    """What a tile can be asked for, beside Qt's own roles."""

    PHOTO = Qt.ItemDataRole.UserRole + 1
    PHOTO_ID = Qt.ItemDataRole.UserRole + 2
    SCORE = Qt.ItemDataRole.UserRole + 3
    IS_ABSENT = Qt.ItemDataRole.UserRole + 4
    STACK = Qt.ItemDataRole.UserRole + 5  # StackTile, None for a photo that stands alone


class PageSource(Protocol):
    """Fetches rows in the background: ``done`` is called later, in the GUI thread."""

    def __call__(self, ids: Sequence[int], done: Callable[[list[Photo]], None]) -> None:
        """Ask for these photos."""


def file_url(path: bytes) -> QUrl:
    """Return the URL of a file whose name may be any bytes."""
    try:
        return QUrl.fromLocalFile(path.decode("utf-8"))
    except UnicodeDecodeError:
        return QUrl.fromEncoded(QByteArray(b"file://" + quote(path).encode("ascii")))


class PhotoGridModel(QAbstractListModel):
    """The photos of one answer, in its order."""

    answer_replaced = Signal()

    def __init__(self, fetch: PageSource, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fetch = fetch
        self._ids: Int64Array = np.empty(0, dtype=np.int64)
        self._order: Int64Array = np.empty(0, dtype=np.int64)
        self._scores: Mapping[int, float] = {}
        self._rows: OrderedDict[int, Photo] = OrderedDict()
        self._sections: tuple[Section, ...] = ()
        self._stack_of: StackOf = alone
        self._fresh: set[int] = set()
        self._asked: set[int] = set()
        self._answer_number = 0

    @property
    def ids(self) -> Int64Array:
        """The ids shown, int64 ``[n]``."""
        return self._ids

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections that the rows are parted into; none where they are not."""
        return self._sections

    def show_answer(
        self,
        ids: Int64Array,
        photos: Sequence[Photo] = (),
        scores: Mapping[int, float] | None = None,
        sections: tuple[Section, ...] = (),
        stack_of: StackOf = alone,
    ) -> None:
        """Show these photos. ``photos`` are the rows already at hand; the others are fetched when they are looked at."""
        self._stack_of = stack_of
        scores = {} if scores is None else scores
        self._answer_number += 1
        self._asked.clear()
        if np.array_equal(ids, self._ids) and sections == self._sections:
            self._scores = scores
            self._keep_rows(photos)
            if len(ids):
                self.dataChanged.emit(self.index(0), self.index(len(ids) - 1))
            return
        self.beginResetModel()
        self._ids, self._sections = ids, sections
        self._order = np.argsort(ids, kind="stable")
        self._scores = scores
        self._keep_rows(photos)
        self.endResetModel()
        self.answer_replaced.emit()

    def row_of(self, photo_id: int) -> int:
        """Return where a photo stands, -1 where it does not."""
        found = int(np.searchsorted(self._ids, photo_id, sorter=self._order))
        if found < len(self._ids):
            row = int(self._order[found])
            if int(self._ids[row]) == photo_id:
                return row
        return -1

    def photo_at(self, row: int) -> Photo | None:
        """Return a row's photo; None while it is fetched for the first time. What is missing or old is asked for."""
        if not 0 <= row < len(self._ids):
            return None
        photo_id = int(self._ids[row])
        photo = self._rows.get(photo_id)
        if photo_id not in self._fresh:
            self._ask_page(row // PAGE_ROWS)
        return photo

    def score_of(self, photo_id: int) -> float | None:
        """Return the model's score, None where nothing was scored."""
        return self._scores.get(photo_id)

    def stack_at(self, row: int) -> StackTile | None:
        """Return what a row's tile says of its stack; None where the photo stands alone."""
        return self._stack_of(int(self._ids[row])) if 0 <= row < len(self._ids) else None

    # -- what Qt asks

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return how many photos there are."""
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a role shows of one row."""
        if not index.isValid() or index.row() >= len(self._ids):
            return None
        if role == PhotoRole.PHOTO_ID:
            return int(self._ids[index.row()])
        if role == PhotoRole.STACK:
            return self.stack_at(index.row())
        photo = self.photo_at(index.row())
        if role == PhotoRole.PHOTO:
            return photo
        return None if photo is None else self._describe(photo, role)

    def roleNames(self) -> dict[int, QByteArray]:
        """Name the roles."""
        names: dict[int, QByteArray] = dict(super().roleNames())
        names.update({int(role): QByteArray(role.name.lower().encode("ascii")) for role in PhotoRole})
        return names

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """Photos can be chosen and dragged out."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        plain = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        return plain | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        """Files go out as URLs."""
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the files of these rows, for a drag into another window."""
        data = QMimeData()
        chosen = (self.photo_at(index.row()) for index in indexes[:DRAGGED_FILES_MAX])
        data.setUrls([file_url(photo.path) for photo in chosen if photo is not None])
        return data

    def supportedDragActions(self) -> Qt.DropAction:
        """Photos are copied out, never moved."""
        return Qt.DropAction.CopyAction

    # -- rows

    def _describe(self, photo: Photo, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return file_name(photo.display)
            case Qt.ItemDataRole.AccessibleDescriptionRole:
                return self._facts(photo)
            case Qt.ItemDataRole.ToolTipRole:
                return tooltip(photo.display, self._facts(photo))
            case PhotoRole.SCORE:
                return self._scores.get(photo.photo_id)
            case PhotoRole.IS_ABSENT:
                return photo.state is PhotoState.ABSENT
        return None

    def _facts(self, photo: Photo) -> str:
        facts = []
        if photo.metadata.taken_at:
            facts.append(photo.metadata.taken_at[:16].replace("T", " "))
        if photo.width and photo.height:
            facts.append(f"{photo.width} × {photo.height}")
        if photo.metadata.camera:
            facts.append(photo.metadata.camera)
        if photo.is_favourite:
            facts.append(self.tr("favourite"))
        stack = self._stack_of(photo.photo_id)
        if stack is not None and stack.is_front:
            facts.append(self.tr("{n} photos as one").format(n=stack.count))
        if photo.state is PhotoState.ABSENT:
            facts.append(self.tr("its drive is not connected"))
        return " · ".join(facts)

    def _keep_rows(self, photos: Sequence[Photo]) -> None:
        """Keep the rows that came with an answer: they are newer than those we have."""
        for photo in photos:
            self._rows[photo.photo_id] = photo
            self._rows.move_to_end(photo.photo_id)
            self._fresh.add(photo.photo_id)
        self._shrink()

    def forget_rows(self) -> None:
        """Fetch every row anew when it is next looked at (the catalogue changed); until it is there the old one is shown."""
        self._fresh.clear()
        self._asked.clear()

    def replace_rows(self, photos: Sequence[Photo]) -> None:
        """Show these photos as they are now, where they are among the rows."""
        for photo in photos:
            row = self.row_of(photo.photo_id)
            if row >= 0:
                self._rows[photo.photo_id] = photo
                self.dataChanged.emit(self.index(row), self.index(row))

    def _shrink(self) -> None:
        while len(self._rows) > KEPT_ROWS:
            self._fresh.discard(self._rows.popitem(last=False)[0])

    def _ask_page(self, page: int) -> None:
        if page in self._asked:
            return
        self._asked.add(page)
        first = page * PAGE_ROWS
        ids = [int(one) for one in self._ids[first : first + PAGE_ROWS] if int(one) not in self._fresh]
        number = self._answer_number

        def arrived(photos: list[Photo]) -> None:
            if number == self._answer_number:
                self._take_page(page, photos)

        self._fetch(ids, arrived)

    def _take_page(self, page: int, photos: list[Photo]) -> None:
        for photo in photos:
            self._rows[photo.photo_id] = photo
            self._fresh.add(photo.photo_id)
        self._shrink()
        self._asked.discard(page)
        first = page * PAGE_ROWS
        last = min(first + PAGE_ROWS, len(self._ids)) - 1
        if photos and first <= last:
            self.dataChanged.emit(self.index(first), self.index(last))
