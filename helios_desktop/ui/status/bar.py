"""The bar at the bottom: how far indexing is, pause, files that need attention, which model and engine answer."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QToolButton, QWidget

from helios_desktop.domain import Counts, Progress
from helios_desktop.ui.library.feed import IDLE
from helios_desktop.ui.plain_text import number, one_line, tooltip
from helios_desktop.ui.status.wording import progress_sentence
from helios_desktop.ui.theme.icons import ThemeIcons
from helios_desktop.ui.theme.spacing import ICON_PX, LARGE_PX, MEDIUM_PX, SMALL_PX

PROGRESS_WIDTH_PX = 140
PROGRESS_STEPS = 1000


class StatusBar(QWidget):
    """Shows what it is told; the pause action belongs to the window."""

    problems_requested = Signal()
    settings_requested = Signal()

    def __init__(self, pause: QAction, icons: ThemeIcons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence = QLabel(self)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setAccessibleName(self.tr("Progress"))
        self.sentence.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.progress = QProgressBar(self)
        self.progress.setProperty("kind", "thin")
        self.progress.setTextVisible(False)
        self.progress.setRange(0, PROGRESS_STEPS)
        self.progress.setFixedWidth(PROGRESS_WIDTH_PX)
        self.progress.setAccessibleName(self.tr("Indexing progress"))
        self.pause_button = QToolButton(self)
        self.pause_button.setProperty("kind", "flat")
        self.pause_button.setDefaultAction(pause)
        self.pause_button.setIconSize(QSize(ICON_PX, ICON_PX))
        self.problems_button = QPushButton(self)
        self.problems_button.setProperty("kind", "plain")
        self.problems_button.setIconSize(QSize(ICON_PX, ICON_PX))
        self.problems_button.clicked.connect(self.problems_requested)
        icons.give(self.problems_button, "attention")
        self.settings_button = self._make_settings_button(icons)
        self._progress = IDLE
        self._hold = ""
        self._counts: Counts | None = None
        self.model = QLabel(self)
        self.model.setTextFormat(Qt.TextFormat.PlainText)
        self.model.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.model.setAccessibleName(self.tr("Model and search engine"))
        self._make_layout()

    def _make_settings_button(self, icons: ThemeIcons) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("kind", "flat")
        button.setIconSize(QSize(ICON_PX, ICON_PX))
        button.setToolTip(self.tr("Settings (Ctrl+,)"))
        button.setAccessibleName(self.tr("Settings"))
        button.clicked.connect(self.settings_requested)
        icons.give(button, "settings")
        return button

    def _make_layout(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(LARGE_PX, SMALL_PX, LARGE_PX, SMALL_PX)
        row.setSpacing(MEDIUM_PX)
        row.addWidget(self.sentence)
        row.addWidget(self.progress)
        row.addWidget(self.pause_button)
        row.addStretch(1)
        row.addWidget(self.problems_button)
        row.addSpacing(MEDIUM_PX)
        row.addWidget(self.model)
        self._actions = QHBoxLayout()
        row.addLayout(self._actions)
        row.addWidget(self.settings_button)
        for part in (self.progress, self.pause_button, self.problems_button):
            policy = part.sizePolicy()
            policy.setRetainSizeWhenHidden(part is self.pause_button)
            part.setSizePolicy(policy)
            part.hide()

    def add_button(self, action: QAction) -> None:
        """Show an action of the window as a button before the settings."""
        button = QToolButton(self)
        button.setProperty("kind", "flat")
        button.setIconSize(QSize(ICON_PX, ICON_PX))
        button.setDefaultAction(action)
        button.setAccessibleName(action.text())
        self._actions.addWidget(button)

    def show_progress(self, progress: Progress) -> None:
        """Say how far indexing is."""
        self._progress = progress
        self._say()
        is_counted = progress.phase in ("indexing", "paused") and progress.total > 0
        self.progress.setVisible(is_counted or progress.phase == "scanning")
        if is_counted:
            self.progress.setRange(0, PROGRESS_STEPS)
            self.progress.setValue(round(PROGRESS_STEPS * min(1.0, progress.done / progress.total)))
        else:
            self.progress.setRange(0, 0)
        self.pause_button.setVisible(progress.phase != "idle")

    def show_counts(self, counts: Counts) -> None:
        """Say how many photos can be searched, and how many files need attention, if any do."""
        self._counts = counts
        self._say()
        text = (
            self.tr("1 file needs attention")
            if counts.problems == 1
            else self.tr("{n} files need attention").format(n=number(counts.problems))
        )
        self.problems_button.setText(text)
        self.problems_button.setAccessibleName(text)
        self.problems_button.setVisible(counts.problems > 0)

    def show_engine(self, model_title: str, model_id: str, engine: str) -> None:
        """Name the model and the engine that answer."""
        title = one_line(model_title)
        self.model.setText(f"{title[:1].upper()}{title[1:]} · {one_line(engine)}")
        self.model.setToolTip(
            tooltip(
                self.tr("Model: {title} ({id})").format(title=model_title, id=model_id),
                self.tr("Search engine: {name}").format(name=engine),
            )
        )

    def show_hold(self, reason: str) -> None:
        """Say why indexing waits: "battery", "in use", or empty where nobody holds it but a person."""
        reasons = {
            "battery": self.tr("Waits for mains power"),
            "in use": self.tr("Waits until nobody uses the computer"),
        }
        self._hold = reasons.get(reason, "")
        self._say()

    def _say(self) -> None:
        sentence = progress_sentence(self._progress, self.tr)
        if self._hold and self._progress.phase == "paused":
            sentence = self._hold
        if not sentence and self._counts is not None and self._counts.indexed and not self._counts.pending:
            sentence = self.tr("All photos can be searched")
        self.sentence.setText(sentence)
        is_indexing = self._progress.phase == "indexing"
        self.sentence.setToolTip(self.tr("Photos that are done can already be searched.") if is_indexing else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line that parts the bar from what is above."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
        painter.drawLine(0, 0, self.width(), 0)
        painter.end()
