"""Icon names in, icons out: outlines on a 24 by 24 field, drawn in the palette's own colours at any size.

The shapes are ours, written as SVG paths. ``ThemeIcons`` remembers who carries which icon and draws them again when the
palette changes.
"""

from __future__ import annotations

import weakref
from typing import Protocol

from PySide6.QtCore import QByteArray, QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

_SHAPES = {
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5 21 21"/>',
    "close": '<path d="M6 6 18 18M18 6 6 18"/>',
    "photos": '<rect x="3" y="6" width="15" height="13" rx="2"/>'
    '<path d="M7 3h12a2 2 0 0 1 2 2v10M3 16l4.5-4.5 4 4 2-2 4.5 4.5"/>',
    "folder": '<path d="M3 7a2 2 0 0 1 2-2h4.2l2 2.4H19a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z"/>',
    "folder-add": '<path d="M3 7a2 2 0 0 1 2-2h4.2l2 2.4H19a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z"/>'
    '<path d="M12 10.5v5M9.5 13h5"/>',
    "folder-away": '<path d="M21 12V9.4a2 2 0 0 0-2-2h-7.8l-2-2.4H5a2 2 0 0 0-2 2v10a2 2 0 0 0 2 2h7"/>'
    '<path d="M16 15l5 5M21 15l-5 5"/>',
    "pause": '<path d="M8.5 5v14M15.5 5v14"/>',
    "play": '<path d="M8 5.2v13.6L18.5 12z"/>',
    "attention": '<path d="M12 4 2.8 19.5h18.4z"/><path d="M12 10v4.5M12 17.2v.1"/>',
    "open": '<path d="M14 4h6v6M20 4l-9 9M18 14v4a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2h4"/>',
    "copy": '<rect x="8" y="8" width="12" height="12" rx="2"/>'
    '<path d="M16 8V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v8a2 2 0 0 0 2 2h2"/>',
    "similar": '<rect x="3" y="3" width="11" height="11" rx="2"/>'
    '<path d="M18 10h1a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2v-1"/>'
    '<path d="M3.5 11.5 7 8l4 5"/>',
    "sun": '<circle cx="12" cy="12" r="4.2"/>'
    '<path d="M12 2.5v2.7M12 18.8v2.7M2.5 12h2.7M18.8 12h2.7M5.3 5.3l1.9 1.9M16.8 16.8l1.9 1.9'
    'M18.7 5.3l-1.9 1.9M7.2 16.8l-1.9 1.9"/>',
    "check": '<path d="M5.5 12.5 10 17l8.5-9.5"/>',
    "remove": '<path d="M5 12h14"/>',
    "retry": '<path d="M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9.2M20 4v5.2h-5.2"/>',
    "quit": '<path d="M12 3v8M6.3 7.5a7.5 7.5 0 1 0 11.4 0"/>',
}
_SIZES_PX = (16, 18, 20, 24, 32, 48, 64, 96)


class HasIcon(Protocol):
    """Whatever carries an icon: an action, a button."""

    def setIcon(self, icon: QIcon) -> None:
        """Show this icon."""


def draw_icon(name: str, colour: QColor, size_px: int, device_pixel_ratio: float = 1.0) -> QPixmap:
    """Return the icon in one colour, sharp on a screen of this ratio."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="{colour.name()}" '
        f'stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">{_SHAPES[name]}</svg>'
    )
    side = round(size_px * device_pixel_ratio)
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setOpacity(colour.alphaF())
    QSvgRenderer(QByteArray(svg.encode("ascii"))).render(painter, QRectF(0, 0, side, side))
    painter.end()
    pixmap.setDevicePixelRatio(device_pixel_ratio)
    return pixmap


def make_icon(name: str, palette: QPalette) -> QIcon:
    """Return the icon in the palette's text colour, and fainter where it is disabled."""
    icon = QIcon()
    normal = palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText)
    faint = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText)
    for size_px in _SIZES_PX:
        icon.addPixmap(draw_icon(name, normal, size_px), QIcon.Mode.Normal)
        icon.addPixmap(draw_icon(name, faint, size_px), QIcon.Mode.Disabled)
    return icon


class ThemeIcons(QObject):
    """Gives icons to actions and buttons, and new ones when the application's palette changes."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._carriers: list[tuple[weakref.ref[HasIcon], str]] = []
        app = QGuiApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def give(self, carrier: HasIcon, name: str) -> None:
        """Show the icon ``name`` on the carrier from now on; a later call replaces it."""
        self._carriers = [(ref, old) for ref, old in self._carriers if ref() is not None and ref() is not carrier]
        self._carriers.append((weakref.ref(carrier), name))
        carrier.setIcon(make_icon(name, QGuiApplication.palette()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hear of the application's new palette."""
        if event.type() == QEvent.Type.ApplicationPaletteChange and watched is QGuiApplication.instance():
            palette = QGuiApplication.palette()
            for ref, name in self._carriers:
                carrier = ref()
                if carrier is not None:
                    carrier.setIcon(make_icon(name, palette))
        return False
