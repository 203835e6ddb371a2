"""What stands beside the window: the quick search, the phone's server, and a sign in the tray where there is a tray."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.desktop_files import FileOpener
from helios_desktop.ui.main_window import MainWindow
from helios_desktop.ui.phoning import Phoning
from helios_desktop.ui.quick.window import QuickWindow
from helios_desktop.ui.theme.icons import draw_icon
from helios_desktop.ui.theme.palette import ACCENT_LIGHT

TRAY_PX = 64


class Companions(QObject):
    """Makes each when it is first wanted. Closing the window ends them: nothing hides in a tray."""

    def __init__(self, window: MainWindow, bridge: Bridge, opener: FileOpener) -> None:
        super().__init__(window)
        self._window, self._bridge, self._opener = window, bridge, opener
        self.quick: QuickWindow | None = None
        self.tray: QSystemTrayIcon | None = None
        self.phoning = Phoning(window)
        window.closed.connect(self.close)
        window.phone_action.triggered.connect(self.phoning.open)
        window.status.add_button(window.phone_action)
        window.quick_action.triggered.connect(self.call_quick)

    def call_quick(self) -> None:
        """Show the quick search."""
        if self.quick is None:
            self.quick = QuickWindow(self._bridge, self._opener)
            self.quick.whole_window_wanted.connect(self._on_whole_window)
            self.quick.gone.connect(self._on_quick_gone)
        self.quick.call()

    def show_in_tray(self) -> None:
        """Put a sign into the tray, where there is one."""
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return
        self.tray = QSystemTrayIcon(draw_icon("sun", ACCENT_LIGHT, TRAY_PX), self)
        self.tray.setToolTip("Helios")
        menu = QMenu(self._window)
        menu.addAction(self.tr("Open")).triggered.connect(self._window.bring_to_front)
        menu.addAction(self._window.quick_action)
        menu.addAction(self._window.phone_action)
        menu.addAction(self._window.pause_action)
        menu.addSeparator()
        menu.addAction(self._window.quit_action)
        self.tray.setContextMenu(menu)
        self.tray.activated.connect(self._on_tray_activated)
        self.tray.show()

    def close(self) -> None:
        """End all of them."""
        self.phoning.end()
        if self.quick is not None:
            self.quick.close()
            self.quick.deleteLater()
            self.quick = None
        if self.tray is not None:
            self.tray.hide()

    def _on_tray_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason == QSystemTrayIcon.ActivationReason.Trigger:
            self._window.bring_to_front()

    def _on_whole_window(self, words: str) -> None:
        self._window.bring_to_front()
        if words:
            self._window.searching.ask(words)

    def _on_quick_gone(self) -> None:
        """A start that wanted only the quick search ends with it."""
        if not self._window.isVisible():
            self._window.close()
