"""A photo in, its pictures out, the quickest first: our thumbnail, then the screen's size, then all pixels when needed.

Qt is given only JPEGs that our decoder wrote, or its bare pixels. Pictures of the screen's size are kept, so that the photos
beside the one that is looked at can be there before they are asked for.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from helios_desktop.domain import Photo
from helios_desktop.errors import KnownError
from helios_desktop.ui.bridge import Bridge

KEPT_SCREENS = 7
ALL_PIXELS_PX = 12_000  # 144 Mpx at most, half a gigabyte


class PictureLoader(QObject):
    """Brings the pictures of the photo that is looked at. All calls in the GUI thread."""

    arrived = Signal(int, QImage)  # photo id
    failed = Signal(int, str)  # photo id, a sentence

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._kept: OrderedDict[tuple[bytes | None, int], QImage] = OrderedDict()
        self._asked: dict[tuple[int, int], int] = {}

    def show(self, photo: Photo, screen_px: int) -> None:
        """Bring the photo's pictures up to the screen's size, and forget what else was asked for."""
        self.stop()
        kept = self._kept.get((photo.content_hash, screen_px))
        if kept is not None:
            self.arrived.emit(photo.photo_id, kept)
            return
        self._ask_thumbnail(photo)
        self._ask(photo, screen_px, is_wanted=True)

    def prepare(self, photo: Photo, screen_px: int) -> None:
        """Have the picture of a photo at hand that may be looked at next."""
        if (photo.content_hash, screen_px) not in self._kept:
            self._ask(photo, screen_px, is_wanted=False)

    def show_all_pixels(self, photo: Photo) -> None:
        """Bring the photo in its own size."""
        self._ask(photo, ALL_PIXELS_PX, is_wanted=True)

    def stop(self) -> None:
        """Forget everything that is asked for."""
        for request in self._asked.values():
            self._bridge.forget(request)
        self._asked.clear()

    def _ask_thumbnail(self, photo: Photo) -> None:
        if photo.content_hash is None:
            return
        library, content_hash = self._bridge.library, photo.content_hash

        def take(image: QImage) -> None:
            if not image.isNull():
                self.arrived.emit(photo.photo_id, image)

        self._remember(photo, 0, lambda: _image(library.thumbnail(content_hash)), take, lambda _error: None)

    def _ask(self, photo: Photo, longest_px: int, *, is_wanted: bool) -> None:
        library, path = self._bridge.library, photo.path

        def take(image: QImage) -> None:
            if longest_px != ALL_PIXELS_PX:
                self._keep((photo.content_hash, longest_px), image)
            self.arrived.emit(photo.photo_id, image)

        def fail(error: KnownError) -> None:
            if is_wanted:
                self.failed.emit(photo.photo_id, str(error))

        def work() -> QImage:
            if longest_px == ALL_PIXELS_PX:
                return _image(library.preview(path, longest_px))
            # A screen's pixels cross the pipe as they are: a JPEG of them would be encoded and decoded first.
            return _image(library.preview(path, longest_px, as_pixels=True))

        self._remember(photo, longest_px, work, take, fail)

    def _remember(
        self,
        photo: Photo,
        longest_px: int,
        work: Callable[[], QImage],
        take: Callable[[QImage], None],
        fail: Callable[[KnownError], None],
    ) -> None:
        key = (photo.photo_id, longest_px)
        asked = self._asked.get(key)
        if asked is None or not self._bridge.is_waiting(asked):
            self._asked[key] = self._bridge.ask("thumbnails" if longest_px == 0 else "viewer", work, take, fail)

    def _keep(self, key: tuple[bytes | None, int], image: QImage) -> None:
        self._kept[key] = image
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT_SCREENS:
            self._kept.popitem(last=False)


def _image(content: bytes | None) -> QImage:
    """Read a JPEG or a PPM of our own; a null image where there is none."""
    image = QImage()
    if content is not None:
        image.loadFromData(content, "PPM" if content.startswith(b"P6") else "JPEG")
    return image
