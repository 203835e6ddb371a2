"""A model in, a grid of tiles on screen: layout by arithmetic, keyboard first, files out by drag.

Qt's own icon view lays every row out in an item list of its own: after each new answer over 100,000 photos the scroll bar
grows for seconds, and headings or dividers between rows have no place in it. Here a row's place is computed when asked.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDrag,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QStyle, QStyleOptionViewItem, QWidget

from helios_desktop.ui.grid.geometry import GridGeometry
from helios_desktop.ui.grid.headings import paint_headings
from helios_desktop.ui.grid.keeping import Place
from helios_desktop.ui.grid.model import AnyIndex, PhotoGridModel
from helios_desktop.ui.grid.moving import row_after
from helios_desktop.ui.grid.overlays import drag_picture, paint_band
from helios_desktop.ui.grid.selecting import between, touched
from helios_desktop.ui.grid.zones import Zone, zone_at
from helios_desktop.ui.theme.spacing import LARGE_PX, TILE_GAP_PX

ARRIVALS_MS = 12
EDGE_PX = 6  # what is painted outside of a tile: the focus ring, the strip of an open stack
SMALLEST_TILE_PX, LARGEST_TILE_PX, TILE_STEP = 88, 400, 1.15
_State = QStyle.StateFlag
_NOTHING = _State.State_None
_STATES = {  # joined once: joining flags of Qt takes longer than painting a tile
    (chosen, hovered, focused): _State.State_Enabled
    | (_State.State_Selected if chosen else _NOTHING)
    | (_State.State_MouseOver if hovered else _NOTHING)
    | (_State.State_HasFocus if focused else _NOTHING)
    for chosen in (False, True)
    for hovered in (False, True)
    for focused in (False, True)
}


class PhotoGridView(QAbstractItemView):
    """Shows a ``PhotoGridModel``. Signals carry rows of that model."""

    open_requested = Signal(QModelIndex)
    left_upwards = Signal()
    tile_px_changed = Signal(int)
    zone_pressed = Signal(QModelIndex, str)  # what lies on a tile was pressed: a Zone

    def __init__(
        self, model: PhotoGridModel, *, tile_px: int, is_refinable: bool = False, parent: QWidget | None = None
    ) -> None:
        """``is_refinable``: tick, cross and the count of a stack can be pressed on tiles."""
        super().__init__(parent)
        self._is_refinable = is_refinable
        self._photos = model
        self._tile_px = tile_px
        self._hovered = -1
        self._band: QRect | None = None
        self._arrived: set[bytes] = set()
        self._arrival_timer = QTimer(self, singleShot=True, interval=ARRIVALS_MS)
        self._arrival_timer.timeout.connect(self._on_arrivals)
        self._kept: Place | None = None
        self._judged: Mapping[int, float] = {}
        self._geometry = GridGeometry.fit(count=0, width=1, wanted_side=tile_px, gap=TILE_GAP_PX, margin=LARGE_PX)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setAccessibleName(self.tr("Photos"))
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        model.modelAboutToBeReset.connect(self._on_about_to_reset)
        self.setModel(model)
        model.modelReset.connect(self._on_reset)
        self.doubleClicked.connect(self.open_requested)

    # -- what the window asks

    @property
    def grid(self) -> GridGeometry:
        """Where the tiles lie."""
        return self._geometry

    @property
    def photos(self) -> PhotoGridModel:
        """What is shown."""
        return self._photos

    @property
    def tile_px(self) -> int:
        """The wanted side of a tile."""
        return self._tile_px

    def set_tile_px(self, tile_px: int) -> None:
        """Show larger or smaller tiles, staying where we are."""
        tile_px = min(max(tile_px, SMALLEST_TILE_PX), LARGEST_TILE_PX)
        if tile_px == self._tile_px:
            return
        top_row = next(iter(self.visible_rows()), 0)
        self._tile_px = tile_px
        self.tile_px_changed.emit(tile_px)
        self.updateGeometries()
        self.verticalScrollBar().setValue(self._geometry.rect_of(top_row).top() - LARGE_PX)
        self.viewport().update()

    def go_to_start(self) -> None:
        """Scroll to the top; the first photo takes the keyboard where the grid has it."""
        self.verticalScrollBar().setValue(0)
        if self.hasFocus():
            self._ensure_current()

    def repaint_photo(self, content_hash: bytes) -> None:
        """Paint the tiles that show this content again, together with those that come within a frame."""
        self._arrived.add(content_hash)
        if not self._arrival_timer.isActive():
            self._arrival_timer.start()

    def show_judged(self, judged: Mapping[int, float]) -> None:
        """Mark the photos that likes or unlikes are looked for, by id: more where positive, less where negative."""
        self._judged = judged
        self.viewport().update()

    def judged(self, photo_id: int) -> float:
        """Return how a photo was judged; 0 where it was not."""
        return self._judged.get(photo_id, 0.0)

    def chosen_rows(self) -> list[int]:
        """Return the selected rows in order, or the current one where nothing is selected."""
        rows = sorted({index.row() for index in self.selectionModel().selectedIndexes()})
        current = self.currentIndex()
        return rows or ([current.row()] if current.isValid() else [])

    # -- what QAbstractItemView asks

    def visualRect(self, index: AnyIndex) -> QRect:
        """Return where a row is on screen."""
        return self._screen_rect(index.row()) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        """Return the row at a point on screen."""
        row = self._geometry.row_at(point + QPoint(0, self.verticalOffset()))
        return self._photos.index(row) if row >= 0 else QModelIndex()

    def scrollTo(
        self, index: AnyIndex, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        """Bring a row into sight."""
        if not index.isValid():
            return
        rect, bar, room = self._geometry.rect_of(index.row()), self.verticalScrollBar(), self.viewport().height()
        if hint == QAbstractItemView.ScrollHint.PositionAtCenter:
            bar.setValue(rect.center().y() - room // 2)
        elif rect.top() - LARGE_PX < bar.value() or hint == QAbstractItemView.ScrollHint.PositionAtTop:
            bar.setValue(rect.top() - LARGE_PX)
        elif rect.bottom() + LARGE_PX > bar.value() + room:
            bar.setValue(rect.bottom() + LARGE_PX - room)

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Return the row that a key leads to."""
        if not self._geometry.count:
            return QModelIndex()
        return self._photos.index(row_after(self._geometry, self.currentIndex().row(), action, self.viewport().height()))

    def horizontalOffset(self) -> int:
        """Return 0: the grid never scrolls sideways."""
        return 0

    def verticalOffset(self) -> int:
        """Return how far the content is scrolled."""
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: AnyIndex) -> bool:
        """No row is hidden."""
        return False

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Select what a rubber band touches, or everything from the row at one end to the row at the other."""
        shift = QPoint(0, self.verticalOffset())
        if self.state() == QAbstractItemView.State.DragSelectingState:
            self._band = QRect(rect.topLeft(), rect.bottomRight()).normalized()
            selection = touched(self._geometry, self._photos, self._band.translated(shift))
        else:
            selection = between(self._geometry, self._photos, rect.topLeft() + shift, rect.bottomRight() + shift)
        self.selectionModel().select(selection, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """Return the part of the screen that a selection covers."""
        visible = self.visible_rows()
        region = QRegion()
        for part in (selection.at(number) for number in range(selection.size())):
            for row in range(max(part.top(), visible.start), min(part.bottom() + 1, visible.stop)):
                region += self._screen_rect(row).adjusted(-3, -3, 3, 3)
        return region

    def updateGeometries(self) -> None:
        """Compute the layout for the present width and number of photos."""
        size = self.viewport().size()
        self._geometry = GridGeometry.fit(
            count=self._photos.rowCount(),
            width=size.width(),
            wanted_side=self._tile_px,
            gap=TILE_GAP_PX,
            margin=LARGE_PX,
            starts=[section.first for section in self._photos.sections],
            heading=self.fontMetrics().height() + 3 * TILE_GAP_PX,
        )
        bar = self.verticalScrollBar()
        bar.setPageStep(size.height())
        bar.setSingleStep(max(20, self._geometry.step // 4))
        bar.setRange(0, max(0, self._geometry.height - size.height()))
        bar.setEnabled(bar.maximum() > 0)
        super().updateGeometries()

    # -- events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the first visible photo in sight while columns change."""
        top_row = next(iter(self.visible_rows()), 0)
        was_at_top = self.verticalOffset() == 0
        super().resizeEvent(event)
        self.updateGeometries()
        if not was_at_top:
            self.verticalScrollBar().setValue(self._geometry.rect_of(top_row).top() - LARGE_PX)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is painted, and paint only the stripe that came into sight."""
        if self._hovered >= 0:
            self._set_hovered(-1)
        self.viewport().scroll(0, dy)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tiles that lie in the region to be painted."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        selection, current = self.selectionModel(), self.currentIndex().row()
        has_focus, offset = self.hasFocus(), self.verticalOffset()
        dirty = event.rect()
        delegate = self.itemDelegate()
        for row in self._geometry.rows_between(dirty.top() + offset - EDGE_PX, dirty.bottom() + offset + EDGE_PX):
            index = self._photos.index(row)
            option.rect = self._screen_rect(row)
            option.state = _STATES[selection.isSelected(index), row == self._hovered, row == current and has_focus]
            delegate.paint(painter, option, index)
        paint_headings(painter, self._geometry, self._photos.sections, dirty, offset, self.palette())
        if self._band is not None:
            paint_band(painter, self._band, self.palette())
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer: captions appear under it."""
        super().mouseMoveEvent(event)
        row = self._geometry.row_at(event.position().toPoint() + QPoint(0, self.verticalOffset()))
        self._set_hovered(row)
        if self._band is not None:
            self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on what lies on a tile means that, and chooses nothing."""
        zone = self._zone_at(event.position().toPoint()) if event.button() == Qt.MouseButton.LeftButton else None
        if zone is None:
            super().mousePressEvent(event)
        else:
            event.accept()
            self.zone_pressed.emit(self._photos.index(self._hovered), zone)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second press on what lies on a tile is a press like the first; on the photo, it opens it."""
        if self._zone_at(event.position().toPoint()) is None:
            super().mouseDoubleClickEvent(event)
        else:
            self.mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a rubber band."""
        super().mouseReleaseEvent(event)
        if self._band is not None:
            self._band = None
            self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """With Ctrl, larger or smaller tiles."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_tile_px(round(self._tile_px * TILE_STEP ** (event.angleDelta().y() / 120)))
            event.accept()
        else:
            super().wheelEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Forget the pointer when it leaves."""
        if event.type() == QEvent.Type.Leave:
            self._set_hovered(-1)
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Up on the first line goes back to the search box."""
        current = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current.isValid():
            self.open_requested.emit(current)
        elif event.key() == Qt.Key.Key_Up and self._is_on_first_line(current.row()) and not event.modifiers():
            self.left_upwards.emit()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: letters in the grid are shortcuts, words belong into the search box."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is."""
        super().focusInEvent(event)
        self._ensure_current()
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the focus ring away."""
        super().focusOutEvent(event)
        self.viewport().update()

    def startDrag(self, supported: Qt.DropAction) -> None:
        """Drag the chosen files out, under a small picture of the one that was grabbed."""
        indexes = [index for index in self.selectionModel().selectedIndexes()]
        if not indexes:
            return
        drag = QDrag(self)
        drag.setMimeData(self._photos.mimeData(indexes))
        drag.setPixmap(drag_picture(self.viewport(), self.visualRect(self.currentIndex())))
        drag.exec(supported, Qt.DropAction.CopyAction)

    # -- parts

    def _zone_at(self, point: QPoint) -> Zone | None:
        row = self._geometry.row_at(point + QPoint(0, self.verticalOffset()))
        if row < 0 or not self._is_refinable:
            return None
        self._set_hovered(row)
        stack = self._photos.stack_at(row)
        return zone_at(self._screen_rect(row), point, has_stack=stack is not None and stack.is_front)

    def _is_on_first_line(self, row: int) -> bool:
        return self._geometry.above(row) == row

    def _on_arrivals(self) -> None:
        arrived, self._arrived = self._arrived, set()
        for row in self.visible_rows():
            photo = self._photos.photo_at(row)
            if photo is not None and photo.content_hash in arrived:
                self.viewport().update(self._screen_rect(row))

    def _screen_rect(self, row: int) -> QRect:
        return self._geometry.rect_of(row).translated(0, -self.verticalOffset())

    def visible_rows(self) -> range:
        """Return the rows that are in sight."""
        top = self.verticalOffset()
        return self._geometry.rows_between(top, top + self.viewport().height())

    def _set_hovered(self, row: int) -> None:
        if row == self._hovered:
            return
        for old in (self._hovered, row):
            if old >= 0:
                self.viewport().update(self._screen_rect(old))
        self._hovered = row

    def _ensure_current(self) -> None:
        if not self.currentIndex().isValid() and self._geometry.count:
            first = next(iter(self.visible_rows()), 0)
            self.selectionModel().setCurrentIndex(self._photos.index(first), QItemSelectionModel.SelectionFlag.NoUpdate)

    def _on_about_to_reset(self) -> None:
        self._kept = Place.of(self)

    def _on_reset(self) -> None:
        """Go back to the photos that were current, chosen and on top, where they are still there."""
        self.updateGeometries()
        if self._kept is not None:
            self._kept.restore(self)
            self._kept = None
            self.viewport().update()
