"""Sections in, their headings painted: a title, a faint text at the right, and a line where the sure ones end."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette

from helios_desktop.ui.grid.geometry import GridGeometry
from helios_desktop.ui.grid.sections import Section
from helios_desktop.ui.theme.spacing import MEDIUM_PX

_BOTTOM_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def paint_headings(
    painter: QPainter, geometry: GridGeometry, sections: Sequence[Section], dirty: QRect, offset: int, palette: QPalette
) -> None:
    """Paint the headings that lie in ``dirty`` (screen coordinates; ``offset`` is how far the content is scrolled)."""
    if not sections:
        return
    plain = painter.font()
    bold = QFont(plain)
    bold.setBold(True)
    metrics = QFontMetrics(bold)
    for number, rect in geometry.headings_between(dirty.top() + offset, dirty.bottom() + offset):
        section, box = sections[number], rect.translated(0, -offset)
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        painter.setFont(bold)
        painter.drawText(box, _BOTTOM_LEFT, section.title)
        right = box.left() + metrics.horizontalAdvance(section.title) + 2 * MEDIUM_PX
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        painter.setFont(plain)
        if section.detail:
            painter.drawText(QRect(right, box.top(), box.right() - right, box.height()), _BOTTOM_LEFT, section.detail)
            right += QFontMetrics(plain).horizontalAdvance(section.detail) + 2 * MEDIUM_PX
        painter.setPen(palette.color(QPalette.ColorRole.Mid))
        painter.drawLine(right, box.center().y() + 1, box.right(), box.center().y() + 1)
