"""A photo in, what its spot is called out, a moment later: the gazetteer is read behind the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from helios_desktop.domain import Photo
from helios_desktop.errors import KnownError
from helios_desktop.ui.bridge import Bridge

KEPT = 2000


class PlaceNames(QObject):
    """Asks for one photo at a time; what was asked before is forgotten, and what was answered is kept."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._names: dict[tuple[float, float], str] = {}
        self._request: int | None = None

    def ask(self, photo: Photo, show: Callable[[str], None]) -> None:
        """Call ``show`` with the name, at once where it is known; not at all where the photo has no position."""
        if self._request is not None:
            self._bridge.forget(self._request)
            self._request = None
        meta = photo.metadata
        if meta.latitude is None or meta.longitude is None:
            return
        spot = (meta.latitude, meta.longitude)
        if spot in self._names:
            show(self._names[spot])
            return

        def take(name: str) -> None:
            if len(self._names) >= KEPT:
                self._names.clear()
            self._names[spot] = name
            show(name)

        library = self._bridge.library
        self._request = self._bridge.ask("library", lambda: library.place_name(photo), take, _leave_unnamed)


def _leave_unnamed(_error: KnownError) -> None:
    """The degrees are shown; whatever is wrong is said where it matters."""
