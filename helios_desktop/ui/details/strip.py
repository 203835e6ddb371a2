"""A few photos in, small squares in rows of three out; a click chooses one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from helios_desktop.domain import Photo
from helios_desktop.ui.grid.thumbnails import ThumbnailLoader
from helios_desktop.ui.plain_text import file_name, tooltip
from helios_desktop.ui.theme.spacing import DETAILS_PX, FOCUS_RING_PX, SMALL_PX, TILE_RADIUS_PX

COLUMNS = 3


class SimilarStrip(QWidget):
    """Arrow keys move, Enter chooses."""

    chosen = Signal(object)  # Photo

    def __init__(self, thumbnails: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._photos: list[Photo] = []
        self._current = 0
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Similar photos"))
        thumbnails.loaded.connect(lambda _hash: self.update())

    @property
    def photos(self) -> list[Photo]:
        """The photos shown."""
        return self._photos

    def show_photos(self, photos: Sequence[Photo]) -> None:
        """Show these."""
        self._photos, self._current = list(photos), 0
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Squares follow the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all rows."""
        rows = max(1, -(-len(self._photos) // COLUMNS))
        return rows * (self._side(width) + SMALL_PX)

    def sizeHint(self) -> QSize:
        """As wide as the panel."""
        return QSize(DETAILS_PX, self.heightForWidth(DETAILS_PX))

    def cell(self, number: int) -> QRect:
        """Return where a photo is."""
        side = self._side(self.width())
        row, column = divmod(number, COLUMNS)
        return QRect(column * (side + SMALL_PX), row * (side + SMALL_PX), side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the squares."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for number, photo in enumerate(self._photos):
            box = self.cell(number)
            pixmap = None
            if photo.content_hash is not None:
                pixmap = self._thumbnails.pixmap(photo.content_hash, box.width(), self.devicePixelRatioF())
            if pixmap is None:
                painter.setPen(Qt.PenStyle.NoPen)
                faint = self.palette().color(QPalette.ColorRole.Midlight)
                painter.setBrush(faint if photo.colour is None else QColor(photo.colour))
                painter.drawRoundedRect(box, TILE_RADIUS_PX, TILE_RADIUS_PX)
            else:
                painter.drawPixmap(box, pixmap)
            if self.hasFocus() and number == self._current:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), FOCUS_RING_PX))
                painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), TILE_RADIUS_PX, TILE_RADIUS_PX)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Name the photo under the pointer."""
        number = self._number_at(event)
        self.setToolTip(tooltip(file_name(self._photos[number].display)) if number >= 0 else "")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose the photo under the pointer."""
        self._choose(self._number_at(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move and choose."""
        step = {
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Down: COLUMNS,
            Qt.Key.Key_Up: -COLUMNS,
        }.get(Qt.Key(event.key()), 0)
        if step and 0 <= self._current + step < len(self._photos):
            self._current += step
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose(self._current)
        else:
            super().keyPressEvent(event)

    def _choose(self, number: int) -> None:
        if 0 <= number < len(self._photos):
            self.chosen.emit(self._photos[number])

    def _number_at(self, event: QMouseEvent) -> int:
        point = event.position().toPoint()
        return next((number for number in range(len(self._photos)) if self.cell(number).contains(point)), -1)

    def _side(self, width: int) -> int:
        return max(8, (width - (COLUMNS - 1) * SMALL_PX) // COLUMNS)
