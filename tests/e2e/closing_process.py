"""Run by test_closes.py: ``closing_process.py STATE signal|close|quit [FOLDER...]`` opens the real window in a state.

It prints "ready" there. Then the parent sends SIGTERM, or ("close", "quit") the window is closed from within, as a person does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from helios_desktop.app import App, build
from helios_desktop.ui.main_window import MainWindow
from helios_desktop.ui.settings.dialog import SettingsDialog
from helios_desktop.ui.startup import run
from helios_desktop.ui.unsplash.import_dialog import ImportDialog

STATE, WAY, *ARGUMENTS = sys.argv[1:]
LOOK_MS = 10
HUB_MODEL = "immich-app/colours__toy-one"
Steps = Iterator[Callable[[], bool]]


def has_photos(window: MainWindow) -> bool:
    return window.grid_model.rowCount() > 0


def starting(_window: MainWindow) -> Steps:
    yield lambda: True


def idle(window: MainWindow) -> Steps:
    yield lambda: has_photos(window) and not window._bridge._waiting


def indexing(window: MainWindow) -> Steps:
    yield lambda: window.feed.progress.phase == "indexing"


def searching(window: MainWindow) -> Steps:
    yield lambda: has_photos(window)
    window.searching.ask("a cat on a chair")
    yield lambda: True


def typing(window: MainWindow) -> Steps:
    yield lambda: has_photos(window)
    window.search_bar.box.edit.setText("two dogs")
    yield lambda: True


def downloading(window: MainWindow) -> Steps:
    yield lambda: has_photos(window)
    window.models.fetch(HUB_MODEL)
    yield lambda: window.models.download.state.done_bytes > 0


def settings(window: MainWindow) -> Steps:
    yield lambda: has_photos(window)
    window.settings_action.trigger()
    yield lambda: bool(window.findChildren(SettingsDialog))


def importing(window: MainWindow) -> Steps:
    yield lambda: has_photos(window)
    window.import_action.trigger()
    yield lambda: bool(window.findChildren(ImportDialog))


def helping(window: MainWindow) -> Steps:
    yield lambda: has_photos(window)
    window.help_action.trigger()
    yield lambda: QApplication.activeModalWidget() is not None


def viewing(window: MainWindow) -> Steps:
    yield lambda: has_photos(window)
    window.viewing.open(window.grid_model.index(0))
    yield lambda: window.viewing.is_open


def looking(window: MainWindow) -> Steps:
    """The viewer, with a sharp picture, and the photos beside it on their way."""
    yield from viewing(window)
    yield lambda: window.viewing.viewer is not None and window.viewing.viewer.canvas.longest_px > 512


def unsplash(window: MainWindow) -> Steps:
    yield lambda: has_photos(window)
    window.unsplashing.show()
    yield lambda: True


def quick(window: MainWindow) -> Steps:
    yield lambda: has_photos(window)
    window.quick_action.trigger()
    yield lambda: True


def scrolling(window: MainWindow) -> Steps:
    yield lambda: has_photos(window)
    window.grid.set_tile_px(300)
    window.grid.verticalScrollBar().setValue(window.grid.verticalScrollBar().maximum())
    yield lambda: True


STATES = {
    one.__name__: one
    for one in (
        starting,
        idle,
        indexing,
        searching,
        typing,
        downloading,
        settings,
        importing,
        helping,
        viewing,
        looking,
        unsplash,
        quick,
        scrolling,
    )
}


class Driver:
    """Goes through the steps of a state, then says so."""

    def __init__(self) -> None:
        self._steps: Steps | None = None
        self._until: Callable[[], bool] = lambda: True
        self._window: MainWindow | None = None
        self.timer = QTimer(QApplication.instance(), interval=LOOK_MS)
        self.timer.timeout.connect(self.look)
        self.timer.start()

    def look(self) -> None:
        if self._window is None:
            self._window = next((one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow)), None)
            if self._window is None:
                return
            self._steps = STATES[STATE](self._window)
        assert self._steps is not None
        while self._until():
            try:
                self._until = next(self._steps)
            except StopIteration:
                self.timer.stop()
                print("ready", flush=True)
                self.go(self._window)
                return

    def go(self, window: MainWindow) -> None:
        if WAY == "close":
            window.close()
        elif WAY == "quit":
            window.quit_action.trigger()


def driven() -> App:
    app = build()
    DRIVERS.append(Driver())
    return app


DRIVERS: list[Driver] = []

if __name__ == "__main__":
    sys.exit(run(driven, ARGUMENTS))
