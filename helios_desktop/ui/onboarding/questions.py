"""What the first page asks: which folders, and which model; the widgets that hold the answers."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QFrame, QLabel, QPushButton, QRadioButton, QVBoxLayout, QWidget

from helios_desktop.pipeline.status import ModelChoice, ModelChoices
from helios_desktop.ui.cards import card, text_label
from helios_desktop.ui.models.wording import begins_large, choice_sentence
from helios_desktop.ui.plain_text import file_name, one_line, tooltip
from helios_desktop.ui.theme.spacing import INDICATOR_PX, MEDIUM_PX, SMALL_PX

INDENT_PX = INDICATOR_PX + 2 + MEDIUM_PX  # where the words of a check box or a radio button begin


def indented(label: QLabel) -> QLabel:
    """Return the label, moved to where the words above it begin."""
    label.setContentsMargins(INDENT_PX, 0, 0, SMALL_PX)
    return label


class FolderQuestion(QFrame):
    """The folders to begin with: some offered, others added by the person, each with a box to tick."""

    another_wanted = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.boxes: dict[bytes, QCheckBox] = {}
        frame, self._column = card(self, self.tr("Your photos"))
        self._column.addWidget(text_label(frame, self.tr("Helios looks into these folders, and into all folders in them.")))
        self._where = self._column.count()
        self.choose_button = QPushButton(self.tr("Choose a folder…"), frame)
        self.choose_button.setProperty("kind", "normal")
        self.choose_button.clicked.connect(self.another_wanted)
        self._column.addWidget(self.choose_button, 0, Qt.AlignmentFlag.AlignLeft)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(frame)
        self._frame = frame

    def offer(self, path: bytes, *, is_chosen: bool, title: str = "") -> QCheckBox:
        """Show a folder; it is ticked where ``is_chosen``. One that is shown already is only ticked."""
        box = self.boxes.get(path)
        if box is None:
            display = path.decode("utf-8", "replace")
            box = self.boxes[path] = QCheckBox(_escaped(title or one_line(display)), self._frame)
            box.setToolTip(tooltip(display))
            box.setAccessibleName(title or file_name(display))
            self._column.insertWidget(self._where, box)
            self._where += 1
            box.toggled.connect(lambda _on: self.changed.emit())
        box.setChecked(is_chosen or box.isChecked())
        self.changed.emit()
        return box

    def chosen(self) -> tuple[bytes, ...]:
        """The ticked folders, in the order they are shown."""
        return tuple(path for path, box in self.boxes.items() if box.isChecked())


class ModelQuestion(QFrame):
    """The model that understands the photos: the one in the box, and larger ones that are fetched beside it."""

    MOST_OFFERS = 2

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        frame, self._column = card(self, self.tr("What understands them"))
        self._frame = frame
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QRadioButton] = {}
        starter = self._choice("", self.tr("The starter model, which is here already"))
        starter.setChecked(True)
        note = self.tr("Search works at once. Nothing is downloaded.")
        self._column.addWidget(indented(text_label(frame, note, is_faint=True)))
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(frame)

    def show_choices(self, choices: ModelChoices) -> None:
        """Offer the recommended model and the first of the others; the rest are in the settings."""
        others = [row for row in choices.rows if not row.is_installed]
        for model in sorted(others, key=lambda row: not row.is_recommended)[: self.MOST_OFFERS]:
            if model.name not in self.buttons:
                self._show(model)
        if len(self.buttons) > 1:
            text = self.tr("It is downloaded while you search with the starter model, and takes over when it is ready.")
            self._column.addWidget(text_label(self._frame, text, is_faint=True))

    def chosen(self) -> str:
        """The name of the model to fetch; empty for none."""
        return next((name for name, button in self.buttons.items() if button.isChecked()), "")

    def _show(self, model: ModelChoice) -> None:
        title = begins_large(model.title)
        text = self.tr("{title}, recommended for this computer").format(title=title) if model.is_recommended else title
        self._choice(model.name, text)
        self._column.addWidget(indented(text_label(self._frame, choice_sentence(model, self.tr), is_faint=True)))

    def _choice(self, name: str, text: str) -> QRadioButton:
        button = QRadioButton(_escaped(text), self._frame)
        button.setAccessibleName(text)
        self._group.addButton(button)
        self.buttons[name] = button
        self._column.addWidget(button)
        return button


def _escaped(text: str) -> str:
    """Return a text whose ampersands are shown, not taken for keys."""
    return text.replace("&", "&&")
