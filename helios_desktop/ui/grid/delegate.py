"""One row in, one tile painted: picture or its colour, what hovers, what is chosen, where the keyboard is."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QLinearGradient, QPainter, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from helios_desktop.domain import Photo, PhotoState
from helios_desktop.ui.grid.model import AnyIndex, PhotoRole
from helios_desktop.ui.grid.thumbnails import ThumbnailLoader
from helios_desktop.ui.plain_text import file_name
from helios_desktop.ui.theme.icons import draw_icon
from helios_desktop.ui.theme.palette import ON_ACCENT
from helios_desktop.ui.theme.spacing import FOCUS_RING_PX, LARGE_PX, MEDIUM_PX, SMALL_PX, TILE_RADIUS_PX

ABSENT_OPACITY = 0.35
BADGE_PX = 22
_SELECTED = QStyle.StateFlag.State_Selected.value
_HOVERED = QStyle.StateFlag.State_MouseOver.value
_FOCUSED = QStyle.StateFlag.State_HasFocus.value


class TileDelegate(QStyledItemDelegate):
    """Paints photo tiles. It keeps nothing of its own but ready-made badges."""

    def __init__(self, thumbnails: ThumbnailLoader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._badges: dict[tuple[str, int, float], QPixmap] = {}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Paint one tile into ``option.rect``, with room for the focus ring just outside it."""
        rect: QRect = option.rect
        state: int = option.state.value
        photo: Photo | None = index.data(PhotoRole.PHOTO)
        is_absent = photo is not None and photo.state is PhotoState.ABSENT
        if is_absent:
            painter.setOpacity(ABSENT_OPACITY)
        self._paint_picture(painter, rect, photo, option.palette)
        painter.setOpacity(1.0)
        if state & _HOVERED and photo is not None:
            self._paint_caption(painter, rect, photo, index.data(PhotoRole.SCORE), option.font)
        if photo is not None:
            self._paint_marks(painter, rect, photo, is_absent=is_absent)
        if state & _SELECTED:
            self._paint_selection(painter, rect, option.palette)
        if state & _FOCUSED:
            self._paint_focus(painter, rect, option.palette)

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """Return the tile's size, which the view has decided."""
        size: QSize = option.rect.size()
        return size

    def _paint_picture(self, painter: QPainter, rect: QRect, photo: Photo | None, palette: QPalette) -> None:
        pixmap = None
        if photo is not None and photo.content_hash is not None:
            pixmap = self._thumbnails.pixmap(photo.content_hash, rect.width(), painter.device().devicePixelRatioF())
        if pixmap is not None:
            painter.drawPixmap(rect, pixmap)
            return
        colour = None if photo is None else photo.colour
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.color(QPalette.ColorRole.Midlight) if colour is None else QColor(colour))
        painter.drawRoundedRect(rect, TILE_RADIUS_PX, TILE_RADIUS_PX)

    def _paint_caption(self, painter: QPainter, rect: QRect, photo: Photo, score: float | None, base: QFont) -> None:
        """Name and facts over a dark fall-off: light on dark in both themes, since it lies on a photo."""
        name_font = QFont(base)
        name_font.setWeight(QFont.Weight.DemiBold)
        name_metrics, metrics = QFontMetrics(name_font), QFontMetrics(base)
        facts = " · ".join(filter(None, ((photo.metadata.taken_at or "")[:10], "" if score is None else f"{score:.3f}")))
        text_height = name_metrics.height() + (metrics.height() if facts else 0)
        band = QRectF(rect)
        band.setTop(max(band.top(), band.bottom() - text_height - 3 * LARGE_PX))
        fall = QLinearGradient(band.topLeft(), band.bottomLeft())
        fall.setColorAt(0.0, QColor(0, 0, 0, 0))
        fall.setColorAt(0.55, QColor(0, 0, 0, 150))
        fall.setColorAt(1.0, QColor(0, 0, 0, 205))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fall)
        painter.save()
        painter.setClipRect(band)
        painter.drawRoundedRect(QRectF(rect), TILE_RADIUS_PX, TILE_RADIUS_PX)
        painter.restore()
        room = rect.width() - 2 * MEDIUM_PX
        baseline = rect.bottom() - MEDIUM_PX - metrics.descent()
        painter.setPen(QColor(255, 255, 255, 215))
        painter.setFont(base)
        if facts:
            painter.drawText(rect.left() + MEDIUM_PX, baseline, metrics.elidedText(facts, Qt.TextElideMode.ElideRight, room))
            baseline -= metrics.height()
        painter.setPen(Qt.GlobalColor.white)
        painter.setFont(name_font)
        name = name_metrics.elidedText(file_name(photo.display), Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(rect.left() + MEDIUM_PX, baseline, name)

    def _paint_marks(self, painter: QPainter, rect: QRect, photo: Photo, *, is_absent: bool) -> None:
        """Badges at the right of the upper edge, each beside the one before."""
        corner = rect.topRight() + QPoint(-BADGE_PX - SMALL_PX, SMALL_PX)
        for name, is_shown in (("folder-away", is_absent), ("heart-full", photo.is_favourite)):
            if is_shown:
                self._paint_badge(painter, corner, name, None)
                corner -= QPoint(BADGE_PX + SMALL_PX, 0)

    def _paint_selection(self, painter: QPainter, rect: QRect, palette: QPalette) -> None:
        accent = palette.color(QPalette.ColorRole.Highlight)
        veil = QColor(accent)
        veil.setAlphaF(0.10)
        painter.setBrush(veil)
        painter.setPen(QPen(accent, 3))
        painter.drawRoundedRect(QRectF(rect).adjusted(1.5, 1.5, -1.5, -1.5), TILE_RADIUS_PX - 1, TILE_RADIUS_PX - 1)
        corner = rect.topLeft() + QPoint(MEDIUM_PX, MEDIUM_PX)
        self._paint_badge(painter, corner, "check", accent)

    def _paint_focus(self, painter: QPainter, rect: QRect, palette: QPalette) -> None:
        """A ring in the text's colour, just outside the tile: visible on any picture, and apart from the selection's amber."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(palette.color(QPalette.ColorRole.WindowText), FOCUS_RING_PX))
        painter.drawRoundedRect(QRectF(rect).adjusted(-2, -2, 2, 2), TILE_RADIUS_PX + 2, TILE_RADIUS_PX + 2)

    def _paint_badge(self, painter: QPainter, corner: QPoint, name: str, fill: QColor | None) -> None:
        box = QRectF(corner.x(), corner.y(), BADGE_PX, BADGE_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 160) if fill is None else fill)
        painter.drawEllipse(box)
        ink = QColor(Qt.GlobalColor.white) if fill is None else ON_ACCENT
        ratio = painter.device().devicePixelRatioF()
        key = (name, ink.rgb(), ratio)
        if key not in self._badges:
            self._badges[key] = draw_icon(name, ink, BADGE_PX - 8, ratio)
        painter.drawPixmap(box.center() - QPointF((BADGE_PX - 8) / 2, (BADGE_PX - 8) / 2), self._badges[key])
