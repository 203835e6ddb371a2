"""What lies over tiles: the rubber band, and the small picture under a drag."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QWidget

DRAG_PICTURE_PX = 96


def paint_band(painter: QPainter, band: QRect, palette: QPalette) -> None:
    """Paint the rubber band."""
    accent = palette.color(QPalette.ColorRole.Highlight)
    painter.setPen(QPen(accent, 1))
    veil = QColor(accent)
    veil.setAlphaF(0.15)
    painter.setBrush(veil)
    painter.drawRect(band)


def drag_picture(of: QWidget, rect: QRect) -> QPixmap:
    """Return a small picture of a part of a widget."""
    picture = of.grab(rect)
    return picture.scaled(
        QSize(DRAG_PICTURE_PX, DRAG_PICTURE_PX) * picture.devicePixelRatio(),
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
