"""A sentence above the photos, with at most one button that mends it, until it is closed or replaced."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from helios_desktop.ui.plain_text import one_line
from helios_desktop.ui.theme.icons import ThemeIcons
from helios_desktop.ui.theme.spacing import ICON_PX, LARGE_PX, MEDIUM_PX


class NoticeBar(QWidget):
    """Says what happened without standing in the way."""

    def __init__(self, icons: ThemeIcons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._on_click: Callable[[], None] | None = None
        picture = QToolButton(self)
        picture.setProperty("kind", "flat")
        picture.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        picture.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        picture.setIconSize(QSize(ICON_PX, ICON_PX))
        icons.give(picture, "attention")
        self.sentence = QLabel(self)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.button = QPushButton(self)
        self.button.setProperty("kind", "normal")
        self.button.clicked.connect(self._clicked)
        cross = QToolButton(self)
        cross.setProperty("kind", "flat")
        cross.setAccessibleName(self.tr("Close this notice"))
        cross.setToolTip(self.tr("Close"))
        cross.clicked.connect(self.hide)
        icons.give(cross, "close")
        row = QHBoxLayout(self)
        row.setContentsMargins(LARGE_PX, MEDIUM_PX, LARGE_PX, MEDIUM_PX)
        row.setSpacing(MEDIUM_PX)
        row.addWidget(picture)
        row.addWidget(self.sentence, 1)
        row.addWidget(self.button)
        row.addWidget(cross)
        self.hide()

    def say(self, sentence: str, button: str = "", on_click: Callable[[], None] | None = None) -> None:
        """Show a sentence, and a button where there is something to do."""
        self.sentence.setText(one_line(sentence))
        self.setAccessibleName(one_line(sentence))
        self.button.setText(button)
        self.button.setAccessibleName(button)
        self.button.setVisible(bool(button))
        self._on_click = on_click
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a faint ground in the accent."""
        painter = QPainter(self)
        ground = QColor(self.palette().color(QPalette.ColorRole.Highlight))
        ground.setAlphaF(0.16)
        painter.fillRect(self.rect(), ground)
        painter.end()

    def _clicked(self) -> None:
        self.hide()
        if self._on_click is not None:
            self._on_click()
