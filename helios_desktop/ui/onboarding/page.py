"""The first page: what Helios does, what never happens, and one button to begin; Pictures and sample photos are offered."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from helios_desktop.ui.onboarding.message_page import LargeIcon, plain_label, text_column
from helios_desktop.ui.plain_text import one_line, tooltip
from helios_desktop.ui.theme.spacing import HUGE_PX, LARGE_PX, MEDIUM_PX

SUN_PX = 96
TEXT_WIDTH_EM = 30


def pictures_folders() -> list[str]:
    """Return the system's picture folders that are there, the home folder itself never among them."""
    home = str(Path.home())
    found = QStandardPaths.standardLocations(QStandardPaths.StandardLocation.PicturesLocation)
    return [folder for folder in found if Path(folder).is_dir() and Path(folder) != Path(home)]


class OnboardingPage(QWidget):
    """Begins a library."""

    folder_wanted = Signal()
    folder_offered = Signal(bytes)  # a folder that the person agreed to

    def __init__(self, *, pictures: Sequence[str], samples: str | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        sun = LargeIcon("sun", SUN_PX, QPalette.ColorRole.Highlight, self)
        title = plain_label(self, scale=1.7, is_bold=True)
        title.setText(self.tr("Find any photo by describing it"))
        text = plain_label(self, scale=1.1)
        text.setText(
            self.tr("Choose a folder. Helios looks at every photo in it once, and then you can search them in your own words.")
        )
        promise = plain_label(self, is_faint=True)
        promise.setText(self.tr("Everything happens on this computer. Nothing is sent anywhere, and no photo is ever changed."))
        self.choose_button = QPushButton(self.tr("Choose a folder…"), self)
        self.choose_button.setProperty("kind", "primary")
        self.choose_button.clicked.connect(self.folder_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(HUGE_PX, HUGE_PX, HUGE_PX, HUGE_PX)
        column.setSpacing(MEDIUM_PX)
        column.addStretch(2)
        column.addWidget(sun, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(LARGE_PX)
        width = TEXT_WIDTH_EM * self.fontMetrics().height()
        column.addLayout(text_column((title, text, promise), width))
        column.addSpacing(LARGE_PX)
        column.addWidget(self.choose_button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(MEDIUM_PX)
        offers = QHBoxLayout()
        offers.setSpacing(MEDIUM_PX)
        offers.addStretch(1)
        self.offers = [self._offer(self.tr("Use {name}").format(name=one_line(Path(p).name)), p) for p in pictures[:1]]
        if samples is not None:
            self.offers.append(self._offer(self.tr("Try it with sample photos"), samples))
        for button in self.offers:
            offers.addWidget(button)
        offers.addStretch(1)
        column.addLayout(offers)
        column.addStretch(3)
        self.setFocusProxy(self.choose_button)
        self.setAccessibleName(title.text())

    def _offer(self, text: str, folder: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setProperty("kind", "normal")
        button.setToolTip(tooltip(folder))
        button.clicked.connect(lambda: self.folder_offered.emit(os.fsencode(folder)))
        return button
