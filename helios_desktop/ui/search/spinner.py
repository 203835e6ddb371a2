"""A turning arc that says "still at it"; drawn by hand, in the accent, and still while it is hidden."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPalette, QPen, QShowEvent
from PySide6.QtWidgets import QWidget

FRAME_MS = 40
DEGREES_A_FRAME = 18


class Spinner(QWidget):
    """Turns while it is visible."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._angle = 0
        self._timer = QTimer(self, interval=FRAME_MS)
        self._timer.timeout.connect(self._turn)
        self.setAccessibleName(self.tr("Searching"))

    def sizeHint(self) -> QSize:
        """As high as a line of text."""
        side = self.fontMetrics().height()
        return QSize(side, side)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to turn."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop."""
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw three quarters of a circle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = min(self.width(), self.height()) - 4
        box = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 2, c=Qt.PenCapStyle.RoundCap))
        painter.drawArc(box, -self._angle * 16, 270 * 16)
        painter.end()

    def _turn(self) -> None:
        self._angle = (self._angle + DEGREES_A_FRAME) % 360
        self.update()
