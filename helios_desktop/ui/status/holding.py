"""Power and presence in, indexing held or let go out: on battery, and while somebody uses the computer, if that is wished.

What a person paused stays paused, and what a person resumed goes on until the reason to hold went and came back.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from helios_desktop.errors import KnownError
from helios_desktop.settings import Settings
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.status.presence import OtherLoad, OwnInput, Situation, look

LOOK_SECONDS = 10
Reason = Literal["", "battery", "in use"]


def reason_to_hold(settings: Settings, situation: Situation) -> Reason:
    """Return why indexing should wait, empty where it need not."""
    if settings.pause_on_battery and not situation.has_mains:
        return "battery"
    if settings.only_when_idle and not situation.is_idle:
        return "in use"
    return ""


class Holding(QObject):
    """Looks every ten seconds, as long as any of it is wished."""

    changed = Signal(str)  # Reason

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._settings = Settings()
        self._own_input = OwnInput(self)
        self._load = OtherLoad()
        self._asked = 0
        self._overruled: Reason = ""
        self.reason: Reason = ""
        self._timer = QTimer(self, interval=LOOK_SECONDS * 1000)
        self._timer.timeout.connect(self.look)

    def use(self, settings: Settings) -> None:
        """Hold by these settings from now on."""
        self._settings = settings
        if settings.pause_on_battery or settings.only_when_idle:
            self._timer.start()
            self.look()
        else:
            self._timer.stop()
            self.judge(Situation())

    def look(self) -> None:
        """Look at power and presence now."""
        if not self._bridge.is_waiting(self._asked):
            seconds, load = self._own_input.seconds(), self._load
            self._asked = self._bridge.ask("library", lambda: look(seconds, load), self.judge, self._on_failed)

    def judge(self, situation: Situation) -> None:
        """Hold, or let go."""
        wanted = reason_to_hold(self._settings, situation)
        if wanted != self._overruled:
            self._overruled = ""
        if self._overruled:
            return
        library = self._bridge.library
        if wanted and not self.reason:
            if library.is_paused:  # by a person: nothing to add
                return
            self._bridge.ask("library", library.pause, lambda _done: None)
        elif self.reason and not wanted:
            self._bridge.ask("library", library.resume, lambda _done: None)
        if wanted != self.reason:
            self.reason = wanted
            self.changed.emit(wanted)

    def overrule(self) -> None:
        """A person paused or resumed by hand, which counts more."""
        if self.reason:
            self._overruled, self.reason = self.reason, ""
            self.changed.emit("")

    def _on_failed(self, _error: KnownError) -> None:
        """The library is closing."""
