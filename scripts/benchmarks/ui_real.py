"""The real window in processes of their own: from the start to the first paint, and the event loop while photos are indexed.

Run as a script: ``ui_real.py start|stall|viewer`` with HELIOS_HOME set; one JSON object on the last line of stdout.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BEAT_MS = 5
LOOK_SECONDS = 0.5
PATIENCE_SECONDS = 3600
SCREEN_PX = 2048  # what the viewer asks for on a screen of 1920


def in_process_of_its_own(what: str, home: Path, *arguments: str) -> dict[str, Any]:
    """Run this file and return what it found out."""
    environment = {**os.environ, "HELIOS_HOME": str(home), "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, __file__, what, *arguments], env=environment, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def start(begun: str) -> dict[str, float]:
    """Seconds from ``begun``, when this process was asked for, to the first paint of the window, and of CPU.

    The window's own line in the log is what is waited for, so that nothing watches its events. Told at once: the window ends
    the process.
    """
    from helios_desktop.__main__ import desktop

    seen: dict[str, float] = {}

    class Listener(logging.Handler):
        def emit(self, _record: logging.LogRecord) -> None:
            if not seen:
                seen.update(first_paint=time.time() - float(begun), cpu=time.process_time())
                sys.stdout.write(json.dumps(seen) + "\n")
                sys.stdout.flush()

    logging.getLogger("helios_desktop.ui.first_paint").addHandler(Listener())
    desktop(["--close-when-ready"])
    return seen


def stall(folder: str) -> dict[str, Any]:
    """Milliseconds that the event loop came late while a folder is indexed, and how many photos a second it was."""
    from PySide6.QtWidgets import QApplication

    from helios_desktop.app import build
    from helios_desktop.ui.bridge import Bridge
    from helios_desktop.ui.desktop_files import SystemOpener
    from helios_desktop.ui.main_window import MainWindow
    from helios_desktop.ui.onboarding.page import OnboardingPage
    from helios_desktop.ui.startup import SWITCH_SECONDS
    from helios_desktop.ui.theme.palette import apply_theme

    sys.setswitchinterval(SWITCH_SECONDS)
    qt = QApplication(["helios-desktop"])
    apply_theme(qt, "light")
    with build() as app:
        window = MainWindow(Bridge(app), SystemOpener(), OnboardingPage(pictures=[], samples=None))
        window.show()
        window.begin()
        app.add_root(os.fsencode(folder))
        wanted = sum(1 for _ in Path(folder).iterdir())
        app.start()
        began = time.perf_counter()
        late = beats(qt, lambda: app.counts().indexed >= wanted, window.grid.verticalScrollBar())
        seconds = time.perf_counter() - began
        window.close()
        window.stop()
    return {"late": late, "per_second": wanted / seconds}


def beats(qt: Any, is_done: Callable[[], bool], bar: Any) -> list[float]:
    """Let the event loop work until something is done, scrolling a little; return how many milliseconds late each beat came."""
    from PySide6.QtCore import Qt, QTimer

    late: list[float] = []
    last = [time.perf_counter()]

    def beat() -> None:
        now = time.perf_counter()
        late.append((now - last[0]) * 1000 - BEAT_MS)
        last[0] = now

    timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=BEAT_MS)
    timer.timeout.connect(beat)
    timer.start()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_done() and time.monotonic() < deadline:
        until = time.perf_counter() + LOOK_SECONDS
        while time.perf_counter() < until:
            qt.processEvents()
            time.sleep(0.001)
        bar.setValue((bar.value() + 200) % max(1, bar.maximum()))
    timer.stop()
    return late


def viewer(file: str) -> dict[str, Any]:
    """Milliseconds from opening a photo in the viewer to its first picture as sharp as the screen, five times."""
    from helios_desktop.app import build

    taken = []
    with build() as app:
        app.preview(os.fsencode(file), 512)  # the worker is there
        from PySide6.QtGui import QGuiApplication, QImage

        QGuiApplication(["bench"])
        for _ in range(5):
            started = time.perf_counter()
            image = QImage()
            image.loadFromData(app.preview(os.fsencode(file), SCREEN_PX, as_pixels=True))
            taken.append((time.perf_counter() - started) * 1000)
    return {"taken": taken}


if __name__ == "__main__":
    print(json.dumps({"start": start, "stall": stall, "viewer": viewer}[sys.argv[1]](*sys.argv[2:])))
