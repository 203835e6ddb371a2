"""What makes the window's start short: no collecting of garbage, numpy before Qt, and each icon drawn once."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QPushButton

from helios_desktop.ui.theme.icons import ThemeIcons

START = """
import gc, os, sys
really = gc.enable
def enable():
    really()
    names = list(sys.modules)
    told = gc.isenabled(), gc.get_freeze_count() > 0, names.index("numpy") < names.index("PySide6")
    os.write(1, (" ".join(map(str, told)) + "\\n").encode())
gc.enable = enable
from helios_desktop.__main__ import desktop
desktop(["--close-when-ready"])
"""


def test_garbage_is_collected_again_once_the_window_is_painted(tmp_path):
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HELIOS_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", START], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True", "True", "True"], done.stderr


@pytest.fixture
def palette(qapp):
    before = qapp.palette()
    yield before
    qapp.setPalette(before)


def test_an_icon_is_drawn_once_for_all_that_carry_it_and_again_in_a_new_palette(qapp, qtbot, palette):
    icons = ThemeIcons()
    first, second = QPushButton(), QPushButton()
    for button in (first, second):
        qtbot.addWidget(button)
        icons.give(button, "star")
    drawn = first.icon().cacheKey()
    assert second.icon().cacheKey() == drawn
    ink = QColor("#ff0000")
    changed = QPalette(palette)
    changed.setColor(QPalette.ColorRole.WindowText, ink)
    qapp.setPalette(changed)
    qtbot.waitUntil(lambda: first.icon().cacheKey() != drawn)
    assert second.icon().cacheKey() == first.icon().cacheKey()
    image = second.icon().pixmap(48).toImage()
    assert any(image.pixelColor(x, y).red() > 200 for x in range(48) for y in range(48))
