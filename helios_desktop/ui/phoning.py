"""An action of the window -> the phone's server and its dialog, joined. The server ends with the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from helios_desktop.ui.phone.process import PhoneServer

if TYPE_CHECKING:  # what draws its code is loaded when somebody opens it, not when the window starts
    from helios_desktop.ui.phone.dialog import PhoneDialog


class Phoning(QObject):
    """Makes both when they are first wanted."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.server: PhoneServer | None = None
        self.dialog: PhoneDialog | None = None

    def open(self) -> None:
        """Show the dialog."""
        if self.server is None or self.dialog is None:
            from helios_desktop.ui.phone.dialog import PhoneDialog

            self.server = PhoneServer(self)
            self.dialog = PhoneDialog(self._window)
            self.dialog.start_wanted.connect(self.server.start)
            self.dialog.stop_wanted.connect(self.server.stop)
            self.dialog.revoke_wanted.connect(self.server.revoke)
            self.server.changed.connect(self.dialog.show_state)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def end(self) -> None:
        """End the server and close the dialog."""
        if self.dialog is not None:
            self.dialog.close()
        if self.server is not None:
            self.server.end()
