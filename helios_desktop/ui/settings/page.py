"""What every page of the settings is: a heading, a column that scrolls, and a way to say what is to change."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from helios_desktop.ui.cards import heading_label
from helios_desktop.ui.theme.spacing import MEDIUM_PX, SMALL_PX


class SettingsPage(QScrollArea):
    """One subject. It changes nothing itself."""

    changed = Signal(dict)  # names and values of settings

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.inside = QWidget(self)
        whole = QVBoxLayout(self.inside)
        whole.setContentsMargins(SMALL_PX, 0, MEDIUM_PX, 0)
        self.column = QVBoxLayout()
        self.column.setSpacing(MEDIUM_PX)
        self._heading = heading_label(self.inside, "")
        whole.addWidget(self._heading)
        whole.addLayout(self.column)
        whole.addStretch(1)
        self.setWidget(self.inside)
        for part in (self.inside, self.viewport()):
            part.setAutoFillBackground(False)

    @property
    def title(self) -> str:
        """What the page is about."""
        return self._heading.text()

    def entitle(self, title: str) -> None:
        """Say what the page is about."""
        self._heading.setText(title)
        self.setAccessibleName(title)
