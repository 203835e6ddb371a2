"""A heart and five stars in a row: shown as they are, set by a click or a key."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from helios_desktop.domain import Photo
from helios_desktop.ui.theme.icons import draw_icon
from helios_desktop.ui.theme.spacing import ICON_PX, MEDIUM_PX, SMALL_PX

MOST_STARS = 5
_CELL_PX = ICON_PX + SMALL_PX


class MarkRow(QWidget):
    """The marks of one photo. Left and Right change the stars, F the heart."""

    favourite_toggled = Signal()
    rated = Signal(int)  # 0 takes the stars away

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_favourite, self._stars, self._hovered = False, 0, -1
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setToolTip(self.tr("Favourite (F), stars (0 to 5)"))
        self._describe()

    def show_marks(self, photo: Photo) -> None:
        """Show a photo's marks."""
        self._is_favourite, self._stars = photo.is_favourite, photo.metadata.rating or 0
        self._describe()
        self.update()

    @property
    def stars(self) -> int:
        """The stars shown."""
        return self._stars

    @property
    def is_favourite(self) -> bool:
        """Whether the heart is full."""
        return self._is_favourite

    def sizeHint(self) -> QSize:
        """A heart, a gap and five stars."""
        return QSize(_CELL_PX * (MOST_STARS + 1) + MEDIUM_PX, _CELL_PX + SMALL_PX)

    def cell(self, number: int) -> QRect:
        """Return where the heart (0) or a star (1 to 5) is."""
        shift = MEDIUM_PX if number else 0
        return QRect(number * _CELL_PX + shift, SMALL_PX // 2, _CELL_PX, _CELL_PX)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what a click would do."""
        self._hover(self._number_at(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Set what was clicked; a second click on the last star takes all away."""
        number = self._number_at(event)
        if number == 0:
            self.favourite_toggled.emit()
        elif number > 0:
            self.rated.emit(0 if number == self._stars else number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right for fewer and more stars, Space for the heart."""
        if event.key() == Qt.Key.Key_Right:
            self.rated.emit(min(MOST_STARS, self._stars + 1))
        elif event.key() == Qt.Key.Key_Left:
            self.rated.emit(max(0, self._stars - 1))
        elif event.key() == Qt.Key.Key_Space:
            self.favourite_toggled.emit()
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the pointer."""
        self._hover(-1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw heart and stars."""
        painter = QPainter(self)
        ratio = self.devicePixelRatioF()
        accent = self.palette().color(QPalette.ColorRole.Highlight)
        faint = self.palette().color(QPalette.ColorRole.PlaceholderText)
        shown = self._hovered if self._hovered > 0 else self._stars
        for number in range(MOST_STARS + 1):
            is_on = self._is_favourite or self._hovered == 0 if number == 0 else number <= shown
            name = ("heart" if number == 0 else "star") + ("-full" if is_on else "")
            box = self.cell(number)
            painter.drawPixmap(box.left() + 2, box.top() + 2, draw_icon(name, accent if is_on else faint, ICON_PX, ratio))
        if self.hasFocus():
            painter.setPen(QPen(accent, 1))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), SMALL_PX, SMALL_PX)
        painter.end()

    def _number_at(self, event: QMouseEvent) -> int:
        point = event.position().toPoint()
        return next((number for number in range(MOST_STARS + 1) if self.cell(number).contains(point)), -1)

    def _hover(self, number: int) -> None:
        if number != self._hovered:
            self._hovered = number
            self.update()

    def _describe(self) -> None:
        heart = self.tr("favourite") if self._is_favourite else self.tr("no favourite")
        self.setAccessibleName(self.tr("Marks: {heart}, {n} of 5 stars").format(heart=heart, n=self._stars))
