"""One drawing in, icons of every size out: PNGs for Linux, ``helios.ico`` for Windows, ``helios.icns`` for macOS.

Usage: ``icons.py FOLDER``. Qt draws the SVG, offscreen; Pillow writes the two containers.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PIL import Image
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

DRAWING = Path(__file__).resolve().parent.parent / "resources" / "icons" / "helios.svg"
SIDES_PX = (16, 22, 24, 32, 48, 64, 96, 128, 256, 512, 1024)
WINDOWS_PX = (16, 24, 32, 48, 64, 128, 256)


def main(folder: Path) -> None:
    """Write ``<side>.png`` for each side, and the two containers."""
    _application = QGuiApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    renderer = QSvgRenderer(str(DRAWING))
    if not renderer.isValid():
        raise SystemExit(f"{DRAWING} cannot be drawn.")
    for side in SIDES_PX:
        image = QImage(side, side, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter, QRectF(0, 0, side, side))
        painter.end()
        if not image.save(str(folder / f"{side}.png")):
            raise SystemExit(f"{side}.png cannot be written below {folder}.")
    with Image.open(folder / "1024.png") as large:
        large.save(folder / "helios.ico", sizes=[(side, side) for side in WINDOWS_PX])
        large.save(folder / "helios.icns")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
