"""Icon names in, icons out: outlines on a 24 by 24 field, drawn in the palette's own colours at any size.

The shapes are ours, written as SVG paths in ``shapes``. ``ThemeIcons`` remembers who carries which icon and draws them again
when the palette changes.
"""

from __future__ import annotations

import weakref
from typing import Protocol

from PySide6.QtCore import QByteArray, QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from helios_desktop.ui.theme.shapes import SHAPES

_SIZES_PX = (16, 18, 20, 24, 32, 48, 64, 96)


class HasIcon(Protocol):
    """Whatever carries an icon: an action, a button."""

    def setIcon(self, icon: QIcon) -> None:
        """Show this icon."""


def draw_icon(name: str, colour: QColor, size_px: int, device_pixel_ratio: float = 1.0) -> QPixmap:
    """Return the icon in one colour, sharp on a screen of this ratio."""
    return _draw(_outline(name, colour), colour, size_px, device_pixel_ratio)


def make_icon(name: str, palette: QPalette) -> QIcon:
    """Return the icon in the palette's text colour, and fainter where it is disabled."""
    icon = QIcon()
    for group, mode in ((QPalette.ColorGroup.Active, QIcon.Mode.Normal), (QPalette.ColorGroup.Disabled, QIcon.Mode.Disabled)):
        colour = palette.color(group, QPalette.ColorRole.WindowText)
        outline = _outline(name, colour)
        for size_px in _SIZES_PX:
            icon.addPixmap(_draw(outline, colour, size_px), mode)
    return icon


def _outline(name: str, colour: QColor) -> QSvgRenderer:
    shape = SHAPES[name].replace("{ink}", colour.name())
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="{colour.name()}" '
        f'stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">{shape}</svg>'
    )
    return QSvgRenderer(QByteArray(svg.encode("ascii")))


def _draw(outline: QSvgRenderer, colour: QColor, size_px: int, device_pixel_ratio: float = 1.0) -> QPixmap:
    side = round(size_px * device_pixel_ratio)
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setOpacity(colour.alphaF())
    outline.render(painter, QRectF(0, 0, side, side))
    painter.end()
    pixmap.setDevicePixelRatio(device_pixel_ratio)
    return pixmap


class ThemeIcons(QObject):
    """Gives icons to actions and buttons, and new ones when the application's palette changes."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._carriers: list[tuple[weakref.ref[HasIcon], str]] = []
        self._drawn: dict[str, QIcon] = {}  # in the palette of now: many carry the same icon, and drawing takes a millisecond
        app = QGuiApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def give(self, carrier: HasIcon, name: str) -> None:
        """Show the icon ``name`` on the carrier from now on; a later call replaces it."""
        self._carriers = [(ref, old) for ref, old in self._carriers if ref() is not None and ref() is not carrier]
        self._carriers.append((weakref.ref(carrier), name))
        carrier.setIcon(self._icon(name))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hear of the application's new palette."""
        if event.type() == QEvent.Type.ApplicationPaletteChange and watched is QGuiApplication.instance():
            self._drawn.clear()
            for ref, name in self._carriers:
                carrier = ref()
                if carrier is not None:
                    carrier.setIcon(self._icon(name))
        return False

    def _icon(self, name: str) -> QIcon:
        if name not in self._drawn:
            self._drawn[name] = make_icon(name, QGuiApplication.palette())
        return self._drawn[name]
