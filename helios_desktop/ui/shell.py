"""A library in, its window out, and a new window in its place when another language is spoken: texts are made once a window."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QSettings, QTimer, Signal
from PySide6.QtWidgets import QApplication

from helios_desktop.settings import Settings
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.companions import Companions
from helios_desktop.ui.desktop_files import FileOpener
from helios_desktop.ui.main_window import MainWindow
from helios_desktop.ui.onboarding.page import OnboardingPage
from helios_desktop.ui.translation import TableTranslator, speak


class Shell(QObject):
    """Holds the one window, and what stands beside it."""

    closed = Signal()
    content_shown = Signal()

    def __init__(
        self,
        app: QApplication,
        bridge: Bridge,
        opener: FileOpener,
        settings: Settings,
        *,
        make_onboarding: Callable[[], OnboardingPage],
        memory: QSettings | None = None,
    ) -> None:
        super().__init__()
        self._app, self._bridge, self._opener = app, bridge, opener
        self._make_onboarding, self._memory = make_onboarding, memory
        self._translator: TableTranslator | None = speak(app, settings.language)
        self._settings = settings
        self._open(settings)

    def _open(self, settings: Settings) -> None:
        self.window = window = MainWindow(
            self._bridge, self._opener, self._make_onboarding(), tile_px=settings.tile_px, memory=self._memory
        )
        self.companions = Companions(window, self._bridge, self._opener)
        window.preferring.begin(settings)
        window.models.begin(settings)
        window.closed.connect(self.closed)
        window.content_shown.connect(self.content_shown)
        window.preferring.language_changed.connect(self._on_language_changed)

    def begin(self, *, is_quick: bool) -> None:
        """Show the window, or the quick search alone, and ask for the first answer."""
        self.companions.show_in_tray()
        if is_quick:
            self.companions.call_quick()
        else:
            self.window.show()
        self.window.begin()

    def call(self, folders: Sequence[str]) -> None:
        """Come to the front, and follow these folders: another start wanted that."""
        self.window.bring_to_front()
        if folders:
            self.window.folders.add([os.fsencode(folder) for folder in folders])

    def call_quick(self) -> None:
        """Show the quick search."""
        self.companions.call_quick()

    def close(self) -> None:
        """Close the window, and with it the application."""
        self.window.close()

    def _on_language_changed(self, settings: Settings) -> None:
        """Only write it down: the window that says so is in the middle of its work."""
        self._settings = settings
        QTimer.singleShot(0, self, self._speak_anew)

    def _speak_anew(self) -> None:
        old, was_visible = self.window, self.window.isVisible()
        self.companions.close()
        old.retire()
        if self._translator is not None:
            self._app.removeTranslator(self._translator)
        self._translator = speak(self._app, self._settings.language)
        self._open(self._settings)
        self.companions.show_in_tray()
        if was_visible:
            self.window.show()
        self.window.begin()
        self.window.preferring.open()
        old.deleteLater()
