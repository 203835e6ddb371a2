"""The moments of the window, in the order of a first evening with it: each goes there from a window that shows all photos."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from helios_desktop.app import App
from helios_desktop.ui.main_window import MainWindow

PATIENCE_SECONDS = 30.0


@dataclass(kw_only=True)
class Walk:
    """The window that is walked through; ``target`` is what the next picture shows."""

    window: MainWindow
    app: App
    target: QWidget = field(init=False)

    def __post_init__(self) -> None:
        self.target = self.window

    def wait(self, until: Callable[[], bool]) -> None:
        """Let the window work until something is so."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not until():
            if time.monotonic() > deadline:
                raise TimeoutError(until)
            QTest.qWait(10)

    def settle(self) -> None:
        """Wait until everything that is in sight has its picture."""

        def is_painted() -> bool:
            self.target.grab()
            return not self.window._bridge._waiting

        QTest.qWait(50)
        self.wait(is_painted)
        QTest.qWait(50)

    def ask(self, words: str) -> None:
        """Type words and wait for their answer."""
        self.window.search_bar.box.edit.setText(words)
        self.wait(lambda: self.window.session.answered_words == words)

    def go_back(self) -> None:
        """Back to all photos."""
        self.window.show_everything()
        self.wait(lambda: self.window.session.answered_words == "")


def browsing(walk: Walk) -> None:
    """All photos, newest first."""
    walk.wait(lambda: walk.window.grid_model.rowCount() > 0)


def searching(walk: Walk) -> None:
    """Words find pictures."""
    walk.ask("a lake with mountains")


MOMENTS: dict[str, Callable[[Walk], None]] = {"browsing": browsing, "searching": searching}
