"""Run by test_startup.py: opens a real window over the library in memory; prints "ready" when its first answer is shown."""

# ruff: noqa: E402 - the path is set before our own modules are imported

from __future__ import annotations

import os
import sys
import threading
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent.parent))

from fake_library import IDLE, FakeLibrary
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from helios_desktop.domain import Root
from helios_desktop.errors import CatalogTooNewError
from helios_desktop.ui.main_window import MainWindow
from helios_desktop.ui.startup import run

STATE = os.environ["HELIOS_TEST_STATE"]


class TalkingLibrary(FakeLibrary):
    """Says on stdout what happens to it, and is in the state that the test asks for."""

    def __init__(self) -> None:
        super().__init__()
        self._work: threading.Thread | None = None
        if STATE == "refusing":
            raise CatalogTooNewError("The catalogue was written by a newer Helios.", "Install that version.")
        if STATE != "empty":
            self.fill(200)

    def add_root(self, path: bytes) -> Root:
        root = super().add_root(path)
        print("added", os.fsdecode(path), flush=True)
        return root

    def start(self) -> None:
        super().start()
        QTimer.singleShot(0, QApplication.instance(), announce)
        if STATE == "indexing":
            self._work = threading.Thread(target=self._index)
            self._work.start()

    def _index(self) -> None:
        number = 0
        while not self.is_closed:
            number += 1
            self.tell(replace(IDLE, phase="indexing", done=number, total=10**9))

    def close(self) -> None:
        super().close()
        if STATE == "hanging":
            threading.Event().wait(60)
        if self._work is not None:
            self._work.join()


def announce() -> None:
    window = next(widget for widget in QApplication.topLevelWidgets() if isinstance(widget, MainWindow))
    if STATE == "searching":
        window._bridge.library.hold()
    if STATE in ("searching", "typing"):
        window.search_bar.box.edit.setText("dog")
        window.session.flush()
    print("ready", flush=True)


if __name__ == "__main__":
    sys.exit(run(TalkingLibrary, sys.argv[1:]))
