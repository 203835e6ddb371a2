"""The log says when the window was painted for the first time, and says it once."""

from __future__ import annotations

import logging

from PySide6.QtWidgets import QLabel

from helios_desktop.ui.first_paint import MESSAGE, FirstPaint

PAINTED = MESSAGE.split(";")[0]


def test_the_first_paint_is_logged_once(qtbot, caplog):
    caplog.set_level(logging.INFO, "helios_desktop")
    window = QLabel("Helios")
    qtbot.addWidget(window)
    watch = FirstPaint(window, window)
    passed = []
    watch.passed.connect(lambda: passed.append(True))

    def times() -> int:
        return sum(message.startswith(PAINTED) for message in caplog.messages)

    assert times() == 0
    window.show()
    qtbot.waitUntil(lambda: times() > 0)
    window.setText("again")
    window.repaint()
    window.grab()
    qtbot.waitUntil(window.isVisible)
    assert times() == 1
    assert passed == [True]


def test_what_waits_begins_also_where_nothing_is_painted(qtbot):
    window = QLabel("Helios")
    qtbot.addWidget(window)
    with qtbot.waitSignal(FirstPaint(window, window).passed, timeout=20_000):
        pass
    assert not window.isVisible()
