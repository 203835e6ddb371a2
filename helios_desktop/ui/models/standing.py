"""News of the library in, which model answers out, and the moment when another one took over."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from helios_desktop.errors import KnownError
from helios_desktop.pipeline.models_in_use import ModelsNow
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.library.feed import LibraryFeed


class ModelStanding(QObject):
    """Looks whenever the feed took a snapshot; at most one question is under way."""

    changed = Signal(object)  # ModelsNow
    took_over = Signal(object, object)  # ModelsNow of before, and of now

    def __init__(self, bridge: Bridge, feed: LibraryFeed, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._asked = 0
        self.now: ModelsNow | None = None
        feed.refreshed.connect(lambda _snapshot: self.look())

    def look(self) -> None:
        """Look now."""
        if not self._bridge.is_waiting(self._asked):
            store = self._bridge.library.model_store
            self._asked = self._bridge.ask("library", store.now, self._take, self._on_failed)

    def _take(self, now: ModelsNow) -> None:
        before, self.now = self.now, now
        if before != now:
            self.changed.emit(now)
        if before is not None and before.answering.model_id != now.answering.model_id:
            self.took_over.emit(before, now)

    def _on_failed(self, _error: KnownError) -> None:
        """A pack is being replaced, or none is here: whoever searches hears of it."""
