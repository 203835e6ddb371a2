"""One place in, one line of the panel painted: icon, name, count."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from helios_desktop.ui.library.model import AnyIndex, PlaceRole
from helios_desktop.ui.library.place import Place
from helios_desktop.ui.plain_text import number
from helios_desktop.ui.theme.icons import draw_icon
from helios_desktop.ui.theme.spacing import ICON_PX, MEDIUM_PX, RADIUS_PX, SMALL_PX

HEADING_SCALE = 0.88
INDENT_PX = 16
ARROW_PX = 12
STATE_PX = 14
_STATE_ICONS = {"scanning": "retry", "polled": "clock"}
_State = QStyle.StateFlag


class PlaceDelegate(QStyledItemDelegate):
    """Paints the lines of the panel."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """A line high enough for the text at any size."""
        return QSize(0, max(ICON_PX, option.fontMetrics.height()) + 2 * MEDIUM_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Paint one line."""
        place: Place = index.data(PlaceRole.PLACE)
        palette: QPalette = option.palette
        if place.kind == "heading":
            self._paint_heading(painter, option, place)
            return
        is_present = place.root is None or place.root.is_present
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plate = QRectF(option.rect).adjusted(SMALL_PX, 1, -SMALL_PX, -1)
        self._paint_plate(painter, plate, option)
        ink = palette.color(QPalette.ColorRole.WindowText if is_present else QPalette.ColorRole.PlaceholderText)
        muted = palette.color(QPalette.ColorRole.PlaceholderText)
        ratio = painter.device().devicePixelRatioF()
        inner = plate.toRect().adjusted(INDENT_PX * _level(index) + INDENT_PX, 0, -MEDIUM_PX, 0)
        if option.state & _State.State_Children:
            name = "down" if option.state & _State.State_Open else "right"
            arrow = draw_icon(name, muted, ARROW_PX, ratio)
            painter.drawPixmap(inner.left() - ARROW_PX - 2, inner.center().y() - ARROW_PX // 2 + 1, arrow)
        icon = draw_icon(place.icon_name, ink, ICON_PX, ratio)
        painter.drawPixmap(inner.left(), inner.center().y() - ICON_PX // 2 + 1, icon)
        count = "" if place.count is None else number(place.count)
        metrics = option.fontMetrics
        count_width = metrics.horizontalAdvance(count)
        painter.setPen(muted)
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), count)
        if place.state in _STATE_ICONS:
            count_width += STATE_PX + SMALL_PX
            sign = draw_icon(_STATE_ICONS[place.state], muted, STATE_PX, ratio)
            painter.drawPixmap(inner.right() - count_width, inner.center().y() - STATE_PX // 2 + 1, sign)
        left = inner.left() + ICON_PX + MEDIUM_PX
        room = QRect(left, inner.top(), max(0, inner.right() - count_width - MEDIUM_PX - left), inner.height())
        painter.setPen(ink)
        title = metrics.elidedText(place.title, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), title)
        painter.restore()

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, place: Place) -> None:
        """The name of a group, small and faint, just above its first row."""
        painter.save()
        font = QFont(option.font)
        font.setPointSizeF(font.pointSizeF() * HEADING_SCALE)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(option.palette.color(QPalette.ColorRole.PlaceholderText))
        room = option.rect.adjusted(INDENT_PX + SMALL_PX, 0, -MEDIUM_PX, -SMALL_PX)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom), place.title)
        painter.restore()

    def _paint_plate(self, painter: QPainter, plate: QRectF, option: QStyleOptionViewItem) -> None:
        palette: QPalette = option.palette
        fill = QColor(Qt.GlobalColor.transparent)
        if option.state & _State.State_Selected:
            fill = QColor(palette.color(QPalette.ColorRole.Highlight))
            fill.setAlphaF(0.22)
        elif option.state & _State.State_MouseOver:
            fill = palette.color(QPalette.ColorRole.Midlight)
        has_focus = option.state & _State.State_HasFocus
        painter.setPen(palette.color(QPalette.ColorRole.Highlight) if has_focus else Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(plate.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_PX - 2, RADIUS_PX - 2)


def _level(index: AnyIndex) -> int:
    """Return how many folders lie around one."""
    level, around = 0, index.parent()
    while around.isValid():
        level, around = level + 1, around.parent()
    return level
