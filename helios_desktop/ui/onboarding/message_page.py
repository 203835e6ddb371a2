"""One sentence and one button: what the middle of the window shows when there is no photo to show."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from helios_desktop.ui.plain_text import one_line
from helios_desktop.ui.theme.icons import draw_icon
from helios_desktop.ui.theme.spacing import HUGE_PX, LARGE_PX, MEDIUM_PX

PICTURE_PX = 64
TEXT_WIDTH_EM = 26
FAINT_OPACITY = 0.6


class LargeIcon(QWidget):
    """An icon in the palette's fainter text colour, or in the accent."""

    def __init__(self, name: str, size_px: int, role: QPalette.ColorRole, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._size_px, self._role = name, size_px, role
        self.setFixedSize(size_px, size_px)

    def set_name(self, name: str) -> None:
        """Show another icon."""
        self._name = name
        self.update()

    def sizeHint(self) -> QSize:
        """Return the icon's size."""
        return QSize(self._size_px, self._size_px)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the icon."""
        painter = QPainter(self)
        colour = self.palette().color(self._role)
        if self._role == QPalette.ColorRole.PlaceholderText:
            colour.setAlphaF(FAINT_OPACITY)
        painter.drawPixmap(0, 0, draw_icon(self._name, colour, self._size_px, self.devicePixelRatioF()))
        painter.end()


def plain_label(parent: QWidget, *, scale: float = 1.0, is_bold: bool = False, is_faint: bool = False) -> QLabel:
    """Return a centred label that wraps and shows text as it is, ``scale`` times as large as usual."""
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    label.setWordWrap(True)
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * scale)
    font.setBold(is_bold)
    label.setFont(font)
    if is_faint:
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label


def text_column(labels: Sequence[QLabel], width_px: int) -> QHBoxLayout:
    """Return labels one above the other, centred and never wider than ``width_px``; they wrap as the window gets narrow."""
    box = QWidget(labels[0].parentWidget())
    box.setMaximumWidth(width_px)
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(MEDIUM_PX)
    for label in labels:
        column.addWidget(label)
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(box, 1000)
    row.addStretch(1)
    return row


class MessagePage(QWidget):
    """Says one thing and offers one way on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = LargeIcon("search", PICTURE_PX, QPalette.ColorRole.PlaceholderText, self)
        self.sentence = plain_label(self, scale=1.2)
        self.detail = plain_label(self, is_faint=True)
        self.button = QPushButton(self)
        self.button.setProperty("kind", "primary")
        self._on_click: Callable[[], None] | None = None
        self.button.clicked.connect(self._clicked)
        width = TEXT_WIDTH_EM * self.fontMetrics().height()
        column = QVBoxLayout(self)
        column.setContentsMargins(HUGE_PX, HUGE_PX, HUGE_PX, HUGE_PX)
        column.setSpacing(MEDIUM_PX)
        column.addStretch(2)
        column.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(MEDIUM_PX)
        column.addLayout(text_column((self.sentence, self.detail), width))
        column.addSpacing(LARGE_PX)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def say(self, icon_name: str, sentence: str, detail: str, button: str, on_click: Callable[[], None]) -> None:
        """Show a sentence, a fainter one under it, and the button that mends it."""
        self._picture.set_name(icon_name)
        self.sentence.setText(one_line(sentence))
        self.detail.setText(one_line(detail))
        self.detail.setVisible(bool(detail))
        self.button.setText(button)
        self.button.setAccessibleName(button)
        self._on_click = on_click
        self.setAccessibleName(one_line(f"{sentence} {detail}"))

    def _clicked(self) -> None:
        if self._on_click is not None:
            self._on_click()
