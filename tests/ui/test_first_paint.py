"""The log says when the window was painted for the first time, and says it once."""

from __future__ import annotations

import logging

from PySide6.QtWidgets import QLabel

from helios_desktop.ui.first_paint import MESSAGE, FirstPaint


def test_the_first_paint_is_logged_once(qtbot, caplog):
    caplog.set_level(logging.INFO, "helios_desktop")
    window = QLabel("Helios")
    qtbot.addWidget(window)
    FirstPaint(window)
    assert MESSAGE not in caplog.messages
    window.show()
    qtbot.waitUntil(lambda: MESSAGE in caplog.messages)
    window.setText("again")
    window.repaint()
    window.grab()
    qtbot.waitUntil(window.isVisible)
    assert caplog.messages.count(MESSAGE) == 1
