"""Pairs of label and text, one under the other; texts can be marked and copied."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from helios_desktop.domain import Photo
from helios_desktop.ui.details.facts import facts
from helios_desktop.ui.theme.spacing import MEDIUM_PX

SMALL_TEXT = 0.88


class FactsList(QWidget):
    """What is known of one photo."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[tuple[QLabel, QLabel]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(1)
        self.setAccessibleName(self.tr("Details"))

    def show_photo(self, photo: Photo, score: float | None, place: str = "") -> None:
        """Show this photo's facts; lines are used again, so that stepping through photos makes no widgets."""
        found = facts(photo, score, self.tr, place)
        while len(self._lines) < len(found):
            self._lines.append(self._make_line())
        for number, (label, text) in enumerate(self._lines):
            is_used = number < len(found)
            label.setVisible(is_used)
            text.setVisible(is_used)
            if is_used:
                label.setText(found[number][0])
                text.setText(found[number][1])
                text.setAccessibleName(f"{found[number][0]}: {found[number][1]}")

    def texts(self) -> dict[str, str]:
        """Return what is shown, by label."""
        return {label.text(): text.text() for label, text in self._lines if not label.isHidden()}

    def _make_line(self) -> tuple[QLabel, QLabel]:
        label, text = QLabel(self), QLabel(self)
        font = label.font()
        font.setPointSizeF(font.pointSizeF() * SMALL_TEXT)
        label.setFont(font)
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        label.setContentsMargins(0, MEDIUM_PX, 0, 0)
        for part in (label, text):
            part.setPalette(self.palette())  # the viewer's is dark, and a style sheet keeps it from reaching new widgets
            part.setTextFormat(Qt.TextFormat.PlainText)
            part.setWordWrap(True)
            part.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            self._column.addWidget(part)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label, text
