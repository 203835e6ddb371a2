"""The settings dialog opened, and what is changed in it made true: colours at once, the rest written down."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from helios_desktop.settings import Settings
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.desktop_files import FileOpener
from helios_desktop.ui.settings.facts import SettingsFacts, look
from helios_desktop.ui.theme.icons import ThemeIcons
from helios_desktop.ui.theme.palette import Appearance, apply_theme

if TYPE_CHECKING:  # the pages are loaded when somebody opens them, not when the window starts
    from helios_desktop.ui.settings.plain_pages import StoragePage


class Preferring(QObject):
    """Keeps the window as the person prefers it."""

    opened = Signal(object)  # SettingsDialog
    settled = Signal(object)  # Settings, at the start and after each change
    engine_changed = Signal()
    language_changed = Signal(object)  # Settings
    failed = Signal(object)  # KnownError

    def __init__(self, owner: QWidget, bridge: Bridge, opener: FileOpener, icons: ThemeIcons) -> None:
        super().__init__(owner)
        self._owner, self._bridge, self._opener, self._icons = owner, bridge, opener, icons
        self._language: str | None = None

    def begin(self, settings: Settings) -> None:
        """Take the settings of the start, or those that were just changed."""
        self._language = settings.language
        self.settled.emit(settings)

    def open(self) -> None:
        """Show the settings."""
        library = self._bridge.library
        self._bridge.ask("library", lambda: look(library), self._show, self.failed.emit)

    def _show(self, facts: SettingsFacts) -> None:
        from helios_desktop.ui.settings.dialog import SettingsDialog
        from helios_desktop.ui.settings.engine_changes import EngineChanges

        dialog = SettingsDialog(facts, self._icons, self._owner)
        dialog.changed.connect(self.change)
        engine = EngineChanges(self._bridge, dialog.engine_page)
        engine.used.connect(self.engine_changed)
        if facts.settings.engine != "embedded":
            engine.look()
        for page in (dialog.storage_page, dialog.log_page):
            page.open_wanted.connect(lambda folder: self._opener.open(os.fsencode(folder)))
        dialog.storage_page.clear_wanted.connect(lambda: self._clear_cache(dialog.storage_page))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        self.opened.emit(dialog)

    def _clear_cache(self, page: StoragePage) -> None:
        library = self._bridge.library
        request = self._bridge.ask("library", library.clear_cache, page.show_cleared, self.failed.emit)
        page.destroyed.connect(lambda: self._bridge.forget(request))

    def change(self, changes: Mapping[str, Any]) -> None:
        """Write changes down, and make those true that can be at once."""
        library = self._bridge.library
        self._bridge.ask("library", lambda: library.preferences.change(changes), self._apply, self.failed.emit)

    def _apply(self, settings: Settings) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, cast("Appearance", settings.appearance))
        is_other_language = self._language not in (None, settings.language)
        self.begin(settings)
        if is_other_language:
            self.language_changed.emit(settings)
