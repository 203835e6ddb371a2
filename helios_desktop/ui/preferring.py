"""The settings dialog opened, and what is changed in it made true: colours at once, the rest written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import psutil
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from helios_desktop.settings import Settings
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.settings.dialog import SettingsDialog
from helios_desktop.ui.settings.facts import SettingsFacts, look
from helios_desktop.ui.theme.palette import Appearance, apply_theme

POWER_CHECK_SECONDS = 20


class Preferring(QObject):
    """Keeps the window as the person prefers it."""

    opened = Signal(object)  # SettingsDialog
    failed = Signal(object)  # KnownError

    def __init__(self, owner: QWidget, bridge: Bridge) -> None:
        super().__init__(owner)
        self._owner, self._bridge = owner, bridge
        self._has_paused = False
        self._power = QTimer(self, interval=POWER_CHECK_SECONDS * 1000)
        self._power.timeout.connect(self.mind_power)

    def begin(self, settings: Settings) -> None:
        """Take the settings of the start."""
        self._power.stop()
        if settings.pause_on_battery:
            self._power.start()

    def open(self) -> None:
        """Show the settings."""
        library = self._bridge.library
        self._bridge.ask("library", lambda: look(library), self._show, self.failed.emit)

    def mind_power(self, has_mains: bool | None = None) -> None:
        """Pause where there is no mains power, and go on when it is back; what a person paused stays paused."""
        has_mains = _has_mains() if has_mains is None else has_mains
        library = self._bridge.library
        if not has_mains and not library.is_paused:
            self._has_paused = True
            self._bridge.ask("library", library.pause, lambda _done: None)
        elif has_mains and self._has_paused:
            self._has_paused = False
            self._bridge.ask("library", library.resume, lambda _done: None)

    def _show(self, facts: SettingsFacts) -> None:
        dialog = SettingsDialog(facts, self._owner)
        dialog.changed.connect(self.change)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        self.opened.emit(dialog)

    def change(self, changes: Mapping[str, Any]) -> None:
        """Write changes down, and make those true that can be at once."""
        library = self._bridge.library
        self._bridge.ask("library", lambda: library.preferences.change(changes), self._apply, self.failed.emit)

    def _apply(self, settings: Settings) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, cast("Appearance", settings.appearance))
        if not settings.pause_on_battery:
            self.mind_power(has_mains=True)
        self.begin(settings)


def _has_mains() -> bool:
    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    return battery is None or bool(battery.power_plugged)
