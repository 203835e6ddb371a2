"""Content hashes in, pixmaps out: our own JPEGs are decoded, cropped and rounded in worker threads, and kept by size.

Only bytes that Helios wrote itself are given to Qt to decode, as a ``QImage`` in a worker; it becomes a ``QPixmap`` in the
GUI thread, and the least recently painted go first when the cache is full.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QImage, QPainter, QPixmap, QTransform

from helios_desktop.ui.bridge import Bridge, LaneName
from helios_desktop.ui.theme.spacing import TILE_RADIUS_PX

CACHE_BYTES = 192 * 1024 * 1024
MISSING_KEPT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    pixmap: QPixmap
    side_px: int

    @property
    def size_bytes(self) -> int:
        return self.pixmap.width() * self.pixmap.height() * 4


def tile_image(jpeg: bytes, side_px: int, radius_px: float) -> QImage | None:
    """Return the middle of a picture as a square with round corners, premultiplied; None where the bytes are no JPEG."""
    source = QImage()
    if not source.loadFromData(jpeg, "JPEG"):
        return None
    scale = side_px / min(source.width(), source.height())
    scaled = source.scaled(
        max(side_px, round(source.width() * scale)),
        max(side_px, round(source.height() * scale)),
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    tile = QImage(side_px, side_px, QImage.Format.Format_ARGB32_Premultiplied)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    brush = QBrush(scaled)
    brush.setTransform(QTransform.fromTranslate((side_px - scaled.width()) // 2, (side_px - scaled.height()) // 2))
    painter.setBrush(brush)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(QRectF(0, 0, side_px, side_px), radius_px, radius_px)
    painter.end()
    return tile


class ThumbnailLoader(QObject):
    """Brings thumbnails for painting. All calls in the GUI thread."""

    loaded = Signal(bytes)  # content hash whose pixmap is there now

    def __init__(
        self,
        bridge: Bridge,
        *,
        cache_bytes: int = CACHE_BYTES,
        lane: LaneName = "thumbnails",
        fetch: Callable[[bytes], bytes | None] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """``fetch``: where thumbnails come from, run in ``lane``; the library's own where None."""
        super().__init__(parent)
        self._bridge = bridge
        self._lane = lane
        self._fetch = fetch
        self._cache_bytes = cache_bytes
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self._kept_bytes = 0
        self._asked: dict[bytes, int] = {}
        self._missing: set[bytes] = set()

    def pixmap(self, content_hash: bytes, side: int, device_pixel_ratio: float) -> QPixmap | None:
        """Return the thumbnail if it is at hand, of another size while the right one is made; ask for what is missing."""
        side_px = round(side * device_pixel_ratio)
        kept = self._kept.get(content_hash)
        if kept is not None:
            self._kept.move_to_end(content_hash)
            if kept.side_px == side_px:
                return kept.pixmap
        self._ask(content_hash, side_px, device_pixel_ratio)
        return None if kept is None else kept.pixmap

    def retry_missing(self) -> None:
        """Ask again for thumbnails that were not there: indexing may have made them since."""
        self._missing.clear()

    def _ask(self, content_hash: bytes, side_px: int, device_pixel_ratio: float) -> None:
        asked = self._asked.get(content_hash)
        if content_hash in self._missing or (asked is not None and self._bridge.is_waiting(asked)):
            return
        fetch = self._fetch or self._bridge.library.thumbnail

        def work() -> QImage | None:
            jpeg = fetch(content_hash)
            return None if jpeg is None else tile_image(jpeg, side_px, TILE_RADIUS_PX * device_pixel_ratio)

        self._asked[content_hash] = self._bridge.ask(
            self._lane,
            work,
            lambda image: self._take(content_hash, side_px, device_pixel_ratio, image),
            lambda _error: self._take(content_hash, side_px, device_pixel_ratio, None),
        )

    def _take(self, content_hash: bytes, side_px: int, device_pixel_ratio: float, image: QImage | None) -> None:
        self._asked.pop(content_hash, None)
        if image is None:
            if len(self._missing) >= MISSING_KEPT:
                self._missing.clear()
            self._missing.add(content_hash)
            return
        pixmap = QPixmap.fromImage(image)
        pixmap.setDevicePixelRatio(device_pixel_ratio)
        old = self._kept.pop(content_hash, None)
        kept = _Kept(pixmap=pixmap, side_px=side_px)
        self._kept[content_hash] = kept
        self._kept_bytes += kept.size_bytes - (0 if old is None else old.size_bytes)
        while self._kept_bytes > self._cache_bytes and len(self._kept) > 1:
            self._kept_bytes -= self._kept.popitem(last=False)[1].size_bytes
        self.loaded.emit(content_hash)
