"""Wishes of the engine's page in, its answers out: servers are reached in the background, in a lane of their own."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from helios_desktop.engine_control import EngineChoice
from helios_desktop.errors import KnownError
from helios_desktop.pipeline.engine_status import EngineStatus
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.settings.engine_page import SERVERS, EnginePage


class EngineChanges(QObject):
    """Belongs to one page, and forgets what it asked when that goes."""

    used = Signal()  # another engine, or another place of one

    def __init__(self, bridge: Bridge, page: EnginePage) -> None:
        super().__init__(page)
        self._bridge, self._page = bridge, page
        self._asked = 0
        page.test_wanted.connect(self._on_test)
        page.use_wanted.connect(self._on_use)
        page.start_wanted.connect(self._on_start)
        page.destroyed.connect(lambda: bridge.forget(self._asked))

    def look(self) -> None:
        """Say how the engine in use is."""
        engine = self._bridge.library.search_engine
        self._asked = self._bridge.ask("engine", engine.status, self._page.show_status, self._page.show_failure)

    def _on_test(self, choice: EngineChoice) -> None:
        engine = self._bridge.library.search_engine
        self._page.set_busy(self.tr("Asking {where}…").format(where=", ".join(choice.urls)))
        self._asked = self._bridge.ask("engine", lambda: engine.test(choice), self._page.show_tested, self._page.show_failure)

    def _on_use(self, choice: EngineChoice) -> None:
        engine = self._bridge.library.search_engine
        self._page.set_busy(self.tr("Asking {where}…").format(where=", ".join(choice.urls)))
        self._asked = self._bridge.ask("engine", lambda: engine.use(choice), self._on_used, self._on_failed)

    def _on_start(self, kind: str) -> None:
        engine = self._bridge.library.search_engine
        text = self.tr("Starting {name}; the first time its images are downloaded, some gigabytes…")
        self._page.set_busy(text.format(name=SERVERS.get(kind, kind)))
        self._asked = self._bridge.ask("engine", lambda: engine.start_local(kind), self._on_used, self._on_failed)

    def _on_used(self, status: EngineStatus) -> None:
        self._page.show_status(status)
        self.used.emit()

    def _on_failed(self, error: KnownError) -> None:
        self._page.show_failure(error)
