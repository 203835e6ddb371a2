"""Examples of what the box understands; a click asks one."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from helios_desktop.ui.theme.spacing import LARGE_PX, MEDIUM_PX, SMALL_PX


class HelpDialog(QDialog):
    """One line for each kind of question."""

    words_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("What you can ask"))
        title = QLabel(self.tr("Describe the photo, as you would to a friend. These make a question sharper:"), self)
        title.setWordWrap(True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(LARGE_PX)
        grid.setVerticalSpacing(SMALL_PX)
        self.buttons = []
        for row, (words, meaning) in enumerate(self.examples()):
            button = QPushButton(words, self)
            button.setProperty("kind", "plain")
            button.setAccessibleName(self.tr("Ask: {words}").format(words=words))
            button.clicked.connect(lambda _checked=False, words=words: self._ask(words))
            label = QLabel(meaning, self)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            label.setWordWrap(True)
            grid.addWidget(button, row, 0)
            grid.addWidget(label, row, 1)
            self.buttons.append(button)
        grid.setColumnStretch(1, 1)
        keys = QLabel(
            self.tr(
                "Keys: Ctrl+F search, arrows move, Enter looks at a photo, F favourite, 1 to 5 stars, "
                "I details, Ctrl+L find similar, Esc back."
            ),
            self,
        )
        keys.setWordWrap(True)
        keys.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        column = QVBoxLayout(self)
        column.setContentsMargins(LARGE_PX, LARGE_PX, LARGE_PX, LARGE_PX)
        column.setSpacing(MEDIUM_PX)
        column.addWidget(title)
        column.addLayout(grid)
        column.addWidget(keys)
        self.resize(640, self.sizeHint().height())

    def examples(self) -> list[tuple[str, str]]:
        """Return questions and what they mean."""
        return [
            (self.tr("dogs playing on the beach"), self.tr("anything you can see in a photo")),
            (self.tr("castle last summer"), self.tr("when: years, months, seasons, “two weeks ago”, “from May to July 2023”")),
            (self.tr("dog in Paris"), self.tr("where: in a city or a country, “near Rome”, “within 50 km of Lyon”")),
            (self.tr("party -people"), self.tr("look away from something")),
            (self.tr("2:red car"), self.tr("one word counts twice")),
            (self.tr("“Aunt Mary”"), self.tr("these words are in the name, the folder or the caption")),
            (self.tr("sunset folder:Italy"), self.tr("in a folder of that name")),
            (self.tr("flower camera:iphone format:jpeg"), self.tr("taken with a camera, in a format")),
            (self.tr("mountain rating:4"), self.tr("with four stars or more")),
        ]

    def _ask(self, words: str) -> None:
        self.accept()
        self.words_wanted.emit(words)
