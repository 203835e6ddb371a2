"""Pictures of one photo at several sizes in, the sharpest that is needed on screen: wheel zooms, drag moves."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from helios_desktop.ui.viewer.zoom import STEP, Zoom

GROUND = QColor(0x0E, 0x0F, 0x11)
DEGREES_A_NOTCH = 120
SHARP_ENOUGH = 0.95  # of the pixels on screen: less would look soft


class Canvas(QWidget):
    """Shows one photo. Sizes are device pixels inside, so that 100 % is a pixel for a pixel on every screen."""

    zoomed = Signal(float)  # percent
    resized = Signal()
    detail_wanted = Signal()  # the pictures at hand are too small for what is shown

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Photo"))
        self._zoom: Zoom | None = None
        self._pixmaps: list[QPixmap] = []
        self._dragged_from: QPointF | None = None

    @property
    def zoom(self) -> Zoom | None:
        """How the photo lies in the view; None while there is none."""
        return self._zoom

    @property
    def longest_px(self) -> int:
        """The long side of the largest picture at hand."""
        return max((max(one.width(), one.height()) for one in self._pixmaps), default=0)

    def show_photo(self, width: int, height: int) -> None:
        """Begin with a photo of this size in pixels, shown whole; its pictures follow."""
        self._pixmaps = []
        self._set_zoom(Zoom.fitted(QSizeF(width, height), self._room(), self.devicePixelRatioF()))

    def add_picture(self, image: QImage) -> None:
        """Take one more picture of the photo, smaller or larger than those at hand."""
        if self._zoom is None:
            return
        self._pixmaps.append(QPixmap.fromImage(image))
        self._pixmaps.sort(key=QPixmap.width)
        self._set_zoom(self._zoom)

    def clear(self) -> None:
        """Show nothing."""
        self._zoom, self._pixmaps = None, []
        self.update()

    def fit(self) -> None:
        """Show the whole photo."""
        if self._zoom is not None:
            self._set_zoom(Zoom.fitted(self._zoom.picture, self._room(), self.devicePixelRatioF()))

    def show_actual_size(self, at: QPointF | None = None) -> None:
        """Show a pixel of the photo on a pixel of the screen."""
        if self._zoom is not None:
            self._set_zoom(self._zoom.at_scale(1.0, at))

    def toggle_size(self, at: QPointF | None = None) -> None:
        """From the whole photo to its own size and back; a photo that is small enough to be whole at its size grows twice."""
        if self._zoom is None:
            return
        if not self._zoom.is_fitted:
            self.fit()
        else:
            self._set_zoom(self._zoom.at_scale(1.0 if self._zoom.scale < 1.0 else 2.0, at))

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom around a point in device pixels, the middle where None."""
        if self._zoom is not None:
            self._set_zoom(self._zoom.scaled(factor, at))

    # -- events

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom to the pointer."""
        notches = event.angleDelta().y() / DEGREES_A_NOTCH
        self.zoom_by(STEP**notches, self._device(event.position()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the picture."""
        if event.button() == Qt.MouseButton.LeftButton and self._zoom is not None and self._zoom.is_pannable:
            self._dragged_from = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the picture."""
        if self._dragged_from is None or self._zoom is None:
            return
        moved = self._device(event.position() - self._dragged_from)
        self._dragged_from = event.position()
        self._set_zoom(self._zoom.panned(moved.x(), moved.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._dragged_from = None
        self._show_cursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the photo's own size there, or the whole photo again."""
        self.toggle_size(self._device(event.position()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what is shown in the middle."""
        super().resizeEvent(event)
        self.resized.emit()
        if self._zoom is not None:
            self._set_zoom(self._zoom.resized(self._room()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the smallest picture that is sharp enough."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), GROUND)
        zoom = self._zoom
        if zoom is not None and self._pixmaps:
            ratio = self.devicePixelRatioF()
            rect = zoom.rect()
            pixmap = next((one for one in self._pixmaps if one.width() >= rect.width() * SHARP_ENOUGH), self._pixmaps[-1])
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, rect.width() < 4 * zoom.picture.width())
            target = QRectF(rect.x() / ratio, rect.y() / ratio, rect.width() / ratio, rect.height() / ratio)
            painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))
        painter.end()

    # -- parts

    def _set_zoom(self, zoom: Zoom) -> None:
        self._zoom = zoom
        shown = zoom.rect()
        needed = min(max(shown.width(), shown.height()), max(zoom.picture.width(), zoom.picture.height()))
        if self._pixmaps and self.longest_px < needed * SHARP_ENOUGH:
            self.detail_wanted.emit()
        self._show_cursor()
        self.zoomed.emit(100 * zoom.scale)
        self.update()

    def _show_cursor(self) -> None:
        is_pannable = self._zoom is not None and self._zoom.is_pannable
        self.setCursor(Qt.CursorShape.OpenHandCursor if is_pannable else Qt.CursorShape.ArrowCursor)

    def _room(self) -> QSizeF:
        ratio = self.devicePixelRatioF()
        return QSizeF(self.width() * ratio, self.height() * ratio)

    def _device(self, point: QPointF) -> QPointF:
        return point * self.devicePixelRatioF()
