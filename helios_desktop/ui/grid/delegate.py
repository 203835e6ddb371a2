"""One row in, one tile painted: picture or its colour, what hovers, what is chosen, where the keyboard is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QGuiApplication, QLinearGradient, QPainter, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from helios_desktop.domain import Photo, PhotoState
from helios_desktop.ui.grid.model import AnyIndex, PhotoRole
from helios_desktop.ui.grid.sections import StackTile
from helios_desktop.ui.grid.thumbnails import ThumbnailLoader
from helios_desktop.ui.grid.zones import BADGE_PX, BUTTON_PX, ROOM_FOR_TEXT_PX, judging_rects, stack_rect
from helios_desktop.ui.plain_text import file_name, number
from helios_desktop.ui.theme.icons import draw_icon
from helios_desktop.ui.theme.palette import ACCENT_LIGHT, ON_ACCENT
from helios_desktop.ui.theme.spacing import FOCUS_RING_PX, LARGE_PX, MEDIUM_PX, SMALL_PX, TILE_RADIUS_PX

ABSENT_OPACITY = 0.35
COMMON_FORMATS = frozenset({"JPEG", "PNG"})  # no tile needs to say that it is one of these
OPEN_STRIP_PX = 3
LABEL_PX = 11
_SELECTED = QStyle.StateFlag.State_Selected.value
_HOVERED = QStyle.StateFlag.State_MouseOver.value
_FOCUSED = QStyle.StateFlag.State_HasFocus.value


class TileDelegate(QStyledItemDelegate):
    """Paints photo tiles. It keeps nothing of its own but ready-made badges."""

    def __init__(
        self,
        thumbnails: ThumbnailLoader,
        judged: Callable[[int], float] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """``judged``: a photo's id -> more like it (positive), less like it (negative), neither (0). None: nobody judges."""
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._judged = judged
        self._badges: dict[tuple[str, int, int, float], QPixmap] = {}

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
            stack: StackTile | None = index.data(PhotoRole.STACK)
            self._paint_marks(painter, rect, photo, stack, is_absent=is_absent)
            if self._judged is not None:
                self._paint_judging(painter, rect, self._judged(photo.photo_id), is_hovered=bool(state & _HOVERED))
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
        """Name and facts over a dark fall-off: light on dark in both themes, since it lies on a photo.

        At their right there is room for tick and cross.
        """
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
        if rect.width() < ROOM_FOR_TEXT_PX:
            return
        room = judging_rects(rect)[0].left() - rect.left() - 2 * MEDIUM_PX
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

    def _paint_marks(self, painter: QPainter, rect: QRect, photo: Photo, stack: StackTile | None, *, is_absent: bool) -> None:
        """Badges at the right of the upper edge, each beside the one before."""
        corner = rect.topRight() + QPoint(-BADGE_PX - SMALL_PX, SMALL_PX)
        if stack is not None:
            if stack.is_open:
                self._paint_open_strip(painter, rect)
            if stack.is_front:
                box = stack_rect(rect)
                self._paint_pill(painter, box, number(stack.count), "layers", is_lit=stack.is_open)
                corner = box.topLeft() - QPoint(BADGE_PX + SMALL_PX, 0)
        if photo.format is not None and photo.format not in COMMON_FORMATS:
            width = QFontMetrics(self._label_font()).horizontalAdvance(photo.format) + 2 * MEDIUM_PX
            box = QRect(corner.x() + BADGE_PX - width, corner.y(), width, BADGE_PX)
            self._paint_pill(painter, box, photo.format, "", is_lit=False)
            corner = box.topLeft() - QPoint(BADGE_PX + SMALL_PX, 0)
        for name, is_shown in (("folder-away", is_absent), ("heart-full", photo.is_favourite)):
            if is_shown:
                self._paint_badge(painter, corner, name, None)
                corner -= QPoint(BADGE_PX + SMALL_PX, 0)

    def _paint_judging(self, painter: QPainter, rect: QRect, weight: float, *, is_hovered: bool) -> None:
        """Tick and cross under the pointer; afterwards the one that was pressed stays."""
        more, less = judging_rects(rect)
        for box, name, is_chosen in ((more, "check", weight > 0), (less, "close", weight < 0)):
            if is_hovered or is_chosen:
                fill = ACCENT_LIGHT if is_chosen else None
                self._paint_badge(painter, box.topLeft(), name, fill, BUTTON_PX)

    def _paint_open_strip(self, painter: QPainter, rect: QRect) -> None:
        """A strip below the photos of an open stack, which says that they belong together."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ACCENT_LIGHT)
        painter.drawRect(QRect(rect.left() - 4, rect.bottom() + 3, rect.width() + 8, OPEN_STRIP_PX))

    def _paint_pill(self, painter: QPainter, box: QRect, text: str, icon_name: str, *, is_lit: bool) -> None:
        """A short text, after an icon where it has one, on a dark plate; on amber where it is lit."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ACCENT_LIGHT if is_lit else QColor(0, 0, 0, 160))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        ink = ON_ACCENT if is_lit else QColor(Qt.GlobalColor.white)
        room = QRect(box)
        if icon_name:
            side = BADGE_PX - 8
            corner = QPointF(box.left() + SMALL_PX + 2, box.center().y() - side / 2 + 0.5)
            painter.drawPixmap(corner, self._icon(painter, icon_name, ink, side))
            room.setLeft(box.left() + side + SMALL_PX)
        painter.setPen(ink)
        painter.setFont(self._label_font())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter), text)

    def _label_font(self) -> QFont:
        font = QGuiApplication.font()
        font.setPixelSize(LABEL_PX)
        font.setWeight(QFont.Weight.DemiBold)
        return font

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

    def _paint_badge(self, painter: QPainter, corner: QPoint, name: str, fill: QColor | None, side: int = BADGE_PX) -> None:
        box = QRectF(corner.x(), corner.y(), side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 160) if fill is None else fill)
        painter.drawEllipse(box)
        ink = QColor(Qt.GlobalColor.white) if fill is None else ON_ACCENT
        icon_px = side - 8
        painter.drawPixmap(box.center() - QPointF(icon_px / 2, icon_px / 2), self._icon(painter, name, ink, icon_px))

    def _icon(self, painter: QPainter, name: str, ink: QColor, side: int) -> QPixmap:
        ratio = painter.device().devicePixelRatioF()
        key = (name, ink.rgb(), side, ratio)
        if key not in self._badges:
            self._badges[key] = draw_icon(name, ink, side, ratio)
        return self._badges[key]
