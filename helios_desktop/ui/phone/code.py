"""A text in, its QR code on the screen out: dark on white in any theme, with the quiet margin that scanners need.

Method: ISO/IEC 18004, by segno; error correction L, since a screen is not torn.
"""

from __future__ import annotations

import segno
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

QUIET_MODULES = 4
SIDE_PX = 280
DARK, LIGHT = QColor(0, 0, 0), QColor(255, 255, 255)


class QrCode(QWidget):
    """Shows one text; nothing where it is empty."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[bytearray, ...] = ()
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return a square that a phone reads from half a metre."""
        return QSize(SIDE_PX, SIDE_PX)

    @property
    def text(self) -> str:
        """What the code says."""
        return self._text

    def show_text(self, text: str) -> None:
        """Show another text."""
        if text != self._text:
            self._text = text
            self._rows = tuple(segno.make(text, error="l", micro=False).matrix) if text else ()
            self.setAccessibleDescription(text)
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint whole pixels, so that every module is as sharp as the next."""
        if not self._rows:
            return
        painter = QPainter(self)
        ratio = self.devicePixelRatioF()
        painter.scale(1 / ratio, 1 / ratio)
        side = int(min(self.width(), self.height()) * ratio)
        count = len(self._rows) + 2 * QUIET_MODULES
        module = max(1, side // count)
        left = (int(self.width() * ratio) - module * count) // 2
        top = (int(self.height() * ratio) - module * count) // 2
        painter.fillRect(QRect(left, top, module * count, module * count), LIGHT)
        for y, row in enumerate(self._rows):
            for x, is_dark in enumerate(row):
                if is_dark:
                    at = QRect(left + (x + QUIET_MODULES) * module, top + (y + QUIET_MODULES) * module, module, module)
                    painter.fillRect(at, DARK)
        painter.end()
