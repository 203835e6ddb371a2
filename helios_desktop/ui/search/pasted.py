"""What was pasted or dropped in, a picture file to search by out.

Pictures that come as data (from a browser, a screenshot) are written down as they came, to be read by our own decoder; they go
when the window closes.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData
from PySide6.QtGui import QImage

from helios_desktop.ui.desktop_files import dropped_paths

_DATA_FORMATS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/tiff": ".tiff",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
}
LARGEST_BYTES = 200 * 1024 * 1024


class PastedPictures:
    """Keeps what came as data in a folder of its own, until ``close``."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._count = 0

    def picture_of(self, data: QMimeData) -> bytes | None:
        """Return the path of the picture that was brought; None where there is none."""
        files = [path for path in dropped_paths(data.urls()) if not os.path.isdir(path)]
        if files:
            return files[0]
        for mime, ending in _DATA_FORMATS.items():
            if data.hasFormat(mime):
                return self._write(bytes(data.data(mime).data()), ending)
        return self._write(_png_of(data.imageData()), ".png") if data.hasImage() else None

    def close(self) -> None:
        """Forget all of it."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _write(self, content: bytes, ending: str) -> bytes | None:
        if not content or len(content) > LARGEST_BYTES:
            return None
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="helios-pasted-")
        self._count += 1
        file = Path(self._folder.name) / f"pasted-{self._count}{ending}"
        file.write_bytes(content)
        return os.fsencode(file)


def is_picture(data: QMimeData) -> bool:
    """Whether there is a picture among what was brought, or a file that may be one."""
    return data.hasImage() or any(data.hasFormat(mime) for mime in _DATA_FORMATS) or bool(dropped_paths(data.urls()))


def _png_of(image: object) -> bytes:
    """Return pixels that are already decoded as a PNG."""
    if not isinstance(image, QImage) or image.isNull():
        return b""
    array = QByteArray()
    buffer = QBuffer(array)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    buffer.close()
    return bytes(array.data())
