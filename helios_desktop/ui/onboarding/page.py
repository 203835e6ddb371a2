"""The first page: which folders, what will happen, what never happens, which model; and one button that begins it all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from helios_desktop.pipeline.status import ModelChoices
from helios_desktop.ui.cards import card, text_label
from helios_desktop.ui.onboarding.message_page import LargeIcon, plain_label
from helios_desktop.ui.onboarding.questions import FolderQuestion, ModelQuestion
from helios_desktop.ui.theme.spacing import ICON_PX, LARGE_PX, MEDIUM_PX, SMALL_PX

SUN_PX = 40
WIDTH_EM = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What a person chose to begin with. ``model``: the name of one to fetch, empty for the one that is here."""

    folders: tuple[bytes, ...]
    model: str = ""


def pictures_folders() -> list[str]:
    """Return the system's picture folders that are there, the home folder itself never among them."""
    home = str(Path.home())
    found = QStandardPaths.standardLocations(QStandardPaths.StandardLocation.PicturesLocation)
    return [folder for folder in found if Path(folder).is_dir() and Path(folder) != Path(home)]


class OnboardingPage(QWidget):
    """Begins a library."""

    folder_wanted = Signal()
    begin_wanted = Signal(object)  # Beginning

    def __init__(self, *, pictures: Sequence[str], samples: str | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scroller = QScrollArea(self)
        self.scroller.setWidgetResizable(True)
        self.scroller.setFrameShape(QFrame.Shape.NoFrame)
        self.scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        whole = QWidget(self)
        self.folders = FolderQuestion(whole)
        self.models = ModelQuestion(whole)
        self.begin_button = QPushButton(self.tr("Start"), self)
        self.begin_button.setProperty("kind", "primary")
        self.begin_button.setMinimumWidth(8 * self.fontMetrics().height())
        self._make_layout(whole)
        self.scroller.setWidget(whole)
        for part in (whole, self.scroller.viewport()):
            part.setAutoFillBackground(False)
        for folder in pictures[:1]:
            self.folders.offer(os.fsencode(folder), is_chosen=True)
        if samples is not None:
            self.folders.offer(os.fsencode(samples), is_chosen=False, title=self.tr("Sample photos, to try it"))
        self.folders.changed.connect(self._on_changed)
        self.folders.another_wanted.connect(self.folder_wanted)
        self.begin_button.clicked.connect(self._on_begin)
        self.setFocusProxy(self.begin_button if self.folders.chosen() else self.folders.choose_button)
        self._on_changed()

    def add_folder(self, path: bytes) -> None:
        """Show a folder that the person chose, ticked."""
        self.folders.offer(path, is_chosen=True)
        self.begin_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_choices(self, choices: ModelChoices) -> None:
        """Offer models to fetch beside the one that is here."""
        self.models.show_choices(choices)

    def _make_layout(self, whole: QWidget) -> None:
        title = plain_label(whole, scale=1.6, is_bold=True)
        title.setText(self.tr("Find any photo by describing it"))
        self.setAccessibleName(title.text())
        title.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        head = QHBoxLayout()
        head.setSpacing(LARGE_PX)
        head.addWidget(LargeIcon("sun", SUN_PX, QPalette.ColorRole.Highlight, whole))
        head.addWidget(title, 1)
        column = QVBoxLayout()
        column.setSpacing(MEDIUM_PX)
        column.addLayout(head)
        column.addWidget(self.folders)
        column.addWidget(self.models)
        column.addWidget(self._promises(whole))
        box = QWidget(whole)
        box.setMaximumWidth(WIDTH_EM * self.fontMetrics().height())
        box.setLayout(column)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(box, 1000)
        row.addStretch(1)
        around = QVBoxLayout(whole)
        around.setContentsMargins(LARGE_PX, MEDIUM_PX, LARGE_PX, SMALL_PX)
        around.addStretch(1)
        around.addLayout(row)
        around.addStretch(1)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, LARGE_PX)
        outside.addWidget(self.scroller, 1)
        outside.addWidget(self.begin_button, 0, Qt.AlignmentFlag.AlignHCenter)

    def _promises(self, whole: QWidget) -> QWidget:
        """What will happen, and what never happens, side by side."""
        will = (
            self.tr("Each photo is looked at once; new ones follow by themselves."),
            self.tr("You can search from the first photo on, in your own words."),
            self.tr("Closing is always possible; it goes on at the next start."),
        )
        never = (
            self.tr("No photo is ever changed, moved or deleted."),
            self.tr("Nothing is sent anywhere: no account, nothing counted."),
            self.tr("No photo leaves this computer, not even a small one."),
        )
        both = QWidget(whole)
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(MEDIUM_PX)
        for title, icon_name, sentences in (
            (self.tr("What will happen"), "check", will),
            (self.tr("What never happens"), "not", never),
        ):
            frame, column = card(both, title)
            for sentence in sentences:
                line = QHBoxLayout()
                line.setSpacing(MEDIUM_PX)
                sign = LargeIcon(icon_name, ICON_PX, QPalette.ColorRole.WindowText, frame)
                line.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
                line.addWidget(text_label(frame, sentence), 1)
                column.addLayout(line)
            column.addStretch(1)
            row.addWidget(frame, 1)
        return both

    def _on_changed(self) -> None:
        self.begin_button.setEnabled(bool(self.folders.chosen()))

    def _on_begin(self) -> None:
        self.begin_wanted.emit(Beginning(folders=self.folders.chosen(), model=self.models.chosen()))
