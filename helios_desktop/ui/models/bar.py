"""The lines above the status bar, while a model is on its way here or gets ready: a sentence, how far, what can be done."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from helios_desktop.pipeline.models_in_use import ModelsNow
from helios_desktop.ui.models.downloading import DownloadState
from helios_desktop.ui.models.wording import download_sentence, switching_sentence
from helios_desktop.ui.plain_text import tooltip
from helios_desktop.ui.theme.icons import ThemeIcons
from helios_desktop.ui.theme.spacing import ICON_PX, LARGE_PX, MEDIUM_PX, SMALL_PX

PROGRESS_WIDTH_PX = 140
PROGRESS_STEPS = 1000


class ActivityLine(QWidget):
    """One activity: a sentence, a bar, and up to two buttons."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.sentence = QLabel(self)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.sentence.setAccessibleName(name)
        self.progress = QProgressBar(self)
        self.progress.setProperty("kind", "thin")
        self.progress.setTextVisible(False)
        self.progress.setRange(0, PROGRESS_STEPS)
        self.progress.setFixedWidth(PROGRESS_WIDTH_PX)
        self.progress.setAccessibleName(name)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(LARGE_PX, 0, LARGE_PX, 0)
        self._row.setSpacing(MEDIUM_PX)
        self._row.addWidget(self.sentence, 1)
        self._row.addWidget(self.progress)

    def button(self, text: str, on_click: Callable[[], None], icons: ThemeIcons, icon_name: str) -> QPushButton:
        """Add a button to the right."""
        button = QPushButton(text, self)
        button.setProperty("kind", "plain")
        button.setIconSize(QSize(ICON_PX, ICON_PX))
        button.setAccessibleName(text)
        button.clicked.connect(lambda _checked=False: on_click())
        icons.give(button, icon_name)
        self._row.addWidget(button)
        return button

    def say(self, sentence: str, share: float | None) -> None:
        """Show a sentence, and a share from 0 to 1; a bar that only moves where the share is None."""
        self.sentence.setText(sentence)
        self.sentence.setToolTip(tooltip(sentence))
        self.progress.setRange(0, 0 if share is None else PROGRESS_STEPS)
        if share is not None:
            self.progress.setValue(round(PROGRESS_STEPS * min(1.0, share)))


class ModelBar(QWidget):
    """Shows what it is told, and nothing at all where there is nothing to tell."""

    pause_wanted = Signal()
    resume_wanted = Signal()
    retry_wanted = Signal()
    stop_wanted = Signal()
    use_now_wanted = Signal(str)  # the wanted model's name
    go_back_wanted = Signal(str)  # the answering model's name

    def __init__(self, icons: ThemeIcons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wanted = self._answering = ""
        self.download = ActivityLine(self.tr("Download of a model"), self)
        self.pause_button = self.download.button(self.tr("Pause"), self.pause_wanted.emit, icons, "pause")
        self.resume_button = self.download.button(self.tr("Resume"), self.resume_wanted.emit, icons, "play")
        self.retry_button = self.download.button(self.tr("Try again"), self.retry_wanted.emit, icons, "retry")
        self.stop_button = self.download.button(self.tr("Stop"), self.stop_wanted.emit, icons, "close")
        self.switching = ActivityLine(self.tr("A model that gets ready"), self)
        self.use_now_button = self.switching.button(
            self.tr("Use now"), lambda: self.use_now_wanted.emit(self._wanted), icons, "check"
        )
        self.use_now_button.setToolTip(tooltip(self.tr("Photos that it has not seen yet are not found until it has.")))
        self.go_back_button = self.switching.button(
            self.tr("Go back"), lambda: self.go_back_wanted.emit(self._answering), icons, "history"
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SMALL_PX, 0, SMALL_PX)
        column.setSpacing(SMALL_PX)
        column.addWidget(self.download)
        column.addWidget(self.switching)
        self.show_download(DownloadState())
        self.show_models(None)

    def show_download(self, state: DownloadState) -> None:
        """Say how far a download is."""
        share = state.done_bytes / state.total_bytes if state.total_bytes else None
        self.download.say(download_sentence(state, self.tr), None if state.phase == "preparing" else share)
        self.download.progress.setVisible(state.is_busy)
        self.pause_button.setVisible(state.phase in ("asking", "running"))
        self.resume_button.setVisible(state.phase == "paused")
        self.retry_button.setVisible(state.phase == "failed")
        self.stop_button.setVisible(state.phase != "preparing")
        self.download.setVisible(state.phase != "none")
        self._show_if_needed()

    def show_models(self, now: ModelsNow | None) -> None:
        """Say how far a model is that is to take over."""
        is_switching = now is not None and now.is_switching
        if now is not None and is_switching:
            self._wanted, self._answering = now.wanted.model_id, now.answering.model_id
            self.switching.say(switching_sentence(now, self.tr), now.covered / now.total if now.total else None)
        self.switching.setVisible(is_switching)
        self._show_if_needed()

    def _show_if_needed(self) -> None:
        self.setVisible(not (self.download.isHidden() and self.switching.isHidden()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line that parts it from what is above."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
        painter.drawLine(0, 0, self.width(), 0)
        painter.end()
