"""How a picture lies in a view: plain arithmetic. Scale 1 shows a pixel of the picture on a pixel of the view."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, QSizeF

LARGEST_SCALE = 16.0
STEP = 1.25
_NEARLY = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Zoom:
    """``picture`` and ``view`` are sizes, ``scale`` view pixels for a picture pixel, ``corner`` the picture's top left one.

    ``most``: how large a picture gets to fill the view: 1 a pixel for a pixel, more on screens of many pixels.
    """

    picture: QSizeF
    view: QSizeF
    scale: float
    corner: QPointF
    most: float = 1.0

    @classmethod
    def fitted(cls, picture: QSizeF, view: QSizeF, most: float = 1.0) -> Zoom:
        """Show the whole picture, as large as fits; a small one is not enlarged."""
        scale = fitting_scale(picture, view, most)
        return cls(picture=picture, view=view, scale=scale, corner=QPointF(), most=most)._settled()

    @property
    def is_fitted(self) -> bool:
        """Whether the whole picture is shown as large as fits."""
        return abs(self.scale - fitting_scale(self.picture, self.view, self.most)) < _NEARLY

    @property
    def is_pannable(self) -> bool:
        """Whether a part of the picture lies outside the view."""
        shown = self.rect().size()
        return shown.width() > self.view.width() + 1 or shown.height() > self.view.height() + 1

    def rect(self) -> QRectF:
        """Return where the whole picture lies, in the view's pixels."""
        return QRectF(self.corner, QSizeF(self.picture.width() * self.scale, self.picture.height() * self.scale))

    def scaled(self, factor: float, at: QPointF | None = None) -> Zoom:
        """Zoom by a factor around a point of the view (its middle where None): what is under the point stays there."""
        return self.at_scale(self.scale * factor, at)

    def at_scale(self, scale: float, at: QPointF | None = None) -> Zoom:
        """Show at one scale, with what is under the point staying there."""
        point = QPointF(self.view.width() / 2, self.view.height() / 2) if at is None else at
        smallest = min(fitting_scale(self.picture, self.view, self.most), 1.0)
        scale = min(max(scale, smallest), LARGEST_SCALE)
        ratio = scale / self.scale
        corner = QPointF(point.x() - (point.x() - self.corner.x()) * ratio, point.y() - (point.y() - self.corner.y()) * ratio)
        return replace(self, scale=scale, corner=corner)._settled()

    def panned(self, dx: float, dy: float) -> Zoom:
        """Move the picture, never farther than to its edge."""
        return replace(self, corner=self.corner + QPointF(dx, dy))._settled()

    def resized(self, view: QSizeF) -> Zoom:
        """Keep the middle in the middle of a view of another size; a fitted picture stays fitted."""
        if self.is_fitted:
            return Zoom.fitted(self.picture, view, self.most)
        shift = QPointF((view.width() - self.view.width()) / 2, (view.height() - self.view.height()) / 2)
        return replace(self, view=view, corner=self.corner + shift)._settled()

    def _settled(self) -> Zoom:
        """Centre what is smaller than the view, and let no gap open beside what is larger."""
        corner = QPointF(
            _settle(self.corner.x(), self.picture.width() * self.scale, self.view.width()),
            _settle(self.corner.y(), self.picture.height() * self.scale, self.view.height()),
        )
        return replace(self, corner=corner)


def fitting_scale(picture: QSizeF, view: QSizeF, most: float) -> float:
    """Return the scale at which the whole picture is in sight, ``most`` at most."""
    if picture.isEmpty():
        return 1.0
    return max(min(view.width() / picture.width(), view.height() / picture.height(), most), _NEARLY)


def _settle(start: float, length: float, room: float) -> float:
    if length <= room:
        return (room - length) / 2
    return min(0.0, max(start, room - length))
