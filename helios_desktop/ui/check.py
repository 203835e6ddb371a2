"""Qt in use: a photo on a tile, text and an icon painted where nobody sees it. What comes out says which Qt did it."""

from __future__ import annotations

import os

from PySide6.QtCore import QCoreApplication, QEvent, qVersion
from PySide6.QtGui import QColor, QFontDatabase, QImage
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QWidget

from helios_desktop.errors import KnownError
from helios_desktop.ui.theme.icons import draw_icon
from helios_desktop.ui.theme.palette import ACCENT_LIGHT, apply_theme
from helios_desktop.ui.translation import speak

SIDE_PX = 64
FEWEST_COLOURS = 4


def paint() -> str:
    """Paint a widget offscreen. Raises ``KnownError`` where something stays blank: no platform, no fonts, no SVG."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(["helios-desktop"])
    apply_theme(app)
    speak(app, "de")
    widget = QWidget()
    row = QHBoxLayout(widget)
    icon, text = QLabel(), QLabel("Helios")
    icon.setPixmap(draw_icon("sun", ACCENT_LIGHT, SIDE_PX))
    row.addWidget(icon)
    row.addWidget(text)
    widget.resize(widget.sizeHint())
    picture = widget.grab().toImage()
    widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    if _colours(picture) < FEWEST_COLOURS:
        raise KnownError(
            "A painted widget stayed blank.", "Install the fonts and libraries that the window needs: docs/install.md"
        )
    if not QFontDatabase.families():
        raise KnownError("There are no fonts on this system.", "Install one, such as fonts-dejavu-core, and start again.")
    return f"Qt {qVersion()} painted {picture.width()} x {picture.height()} pixels; plugin {QApplication.platformName()}"


def _colours(picture: QImage) -> int:
    seen = set[int]()
    for y in range(0, picture.height(), 2):
        seen |= {QColor(picture.pixel(x, y)).rgb() for x in range(0, picture.width(), 2)}
    return len(seen)
