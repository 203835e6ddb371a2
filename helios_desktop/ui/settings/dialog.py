"""The settings: a list of subjects at the left, one page at the right. What is changed counts at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from helios_desktop.pipeline.status import ModelRow
from helios_desktop.ui.details.facts import bytes_text
from helios_desktop.ui.plain_text import number, one_line
from helios_desktop.ui.settings.facts import SettingsFacts
from helios_desktop.ui.theme.spacing import LARGE_PX, MEDIUM_PX

LANGUAGES = (("", ""), ("en", "English"), ("fr", "Français"), ("de", "Deutsch"))
FIRST_SIZE_PX = (720, 500)


class SettingsDialog(QDialog):
    """Shows facts and says what a person wants changed; it changes nothing itself."""

    changed = Signal(dict)  # names and values of settings
    model_chosen = Signal(str)
    add_folder_wanted = Signal()
    remove_folder_wanted = Signal(object)  # Root

    def __init__(self, facts: SettingsFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self.resize(*FIRST_SIZE_PX)
        self.subjects = QListWidget(self)
        self.subjects.setProperty("kind", "subjects")
        self.subjects.setAccessibleName(self.tr("Subjects"))
        self.subjects.setFixedWidth(11 * self.fontMetrics().height())
        self.pages = QStackedWidget(self)
        pages: list[tuple[str, Callable[[SettingsFacts, QVBoxLayout], None]]] = [
            (self.tr("Appearance"), self._fill_appearance),
            (self.tr("Folders"), self._fill_folders),
            (self.tr("Model"), self._fill_models),
            (self.tr("Indexing"), self._fill_indexing),
            (self.tr("Storage"), self._fill_storage),
            (self.tr("Privacy"), self._fill_privacy),
            (self.tr("About"), self._fill_about),
        ]
        for title, fill in pages:
            self.subjects.addItem(title)
            self.pages.addWidget(self._page(title, fill, facts))
        self.subjects.currentRowChanged.connect(self.pages.setCurrentIndex)
        self.subjects.setCurrentRow(0)
        row = QHBoxLayout(self)
        row.setContentsMargins(MEDIUM_PX, MEDIUM_PX, MEDIUM_PX, MEDIUM_PX)
        row.setSpacing(LARGE_PX)
        row.addWidget(self.subjects)
        row.addWidget(self.pages, 1)

    def show_subject(self, number_of_page: int) -> None:
        """Turn to a page."""
        self.subjects.setCurrentRow(number_of_page)

    # -- pages

    def _page(self, title: str, fill: Callable[[SettingsFacts, QVBoxLayout], None], facts: SettingsFacts) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setSpacing(MEDIUM_PX)
        heading = self._text(title)
        font = heading.font()
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() * 1.3)
        heading.setFont(font)
        column.addWidget(heading)
        fill(facts, column)
        column.addStretch(1)
        return page

    def _fill_appearance(self, facts: SettingsFacts, column: QVBoxLayout) -> None:
        form = QFormLayout()
        self.appearance = QComboBox(self)
        for value, text in (("system", self.tr("As the system")), ("light", self.tr("Light")), ("dark", self.tr("Dark"))):
            self.appearance.addItem(text, value)
        self.appearance.setCurrentIndex(max(0, self.appearance.findData(facts.settings.appearance)))
        self.language = QComboBox(self)
        for code, name in LANGUAGES:
            self.language.addItem(name or self.tr("As the system"), code)
        self.language.setCurrentIndex(max(0, self.language.findData(facts.settings.language)))
        for name, box in (("appearance", self.appearance), ("language", self.language)):
            box.currentIndexChanged.connect(lambda _row, name=name, box=box: self.changed.emit({name: box.currentData()}))
        form.addRow(self.tr("Colours"), self.appearance)
        form.addRow(self.tr("Language"), self.language)
        column.addLayout(form)
        column.addWidget(self._text(self.tr("Another language is spoken from the next start on."), is_faint=True))

    def _fill_folders(self, facts: SettingsFacts, column: QVBoxLayout) -> None:
        for root in facts.status.roots:
            state = "" if root.is_present else self.tr("its drive is not connected")
            state = state or (self.tr("looked at now and then") if root.is_polled else self.tr("followed"))
            line = QHBoxLayout()
            line.addWidget(self._text(f"{one_line(root.display)}\n{state}"), 1)
            remove = self._button(self.tr("Remove…"))
            remove.clicked.connect(lambda _checked=False, root=root: self.remove_folder_wanted.emit(root))
            line.addWidget(remove)
            column.addLayout(line)
        add = self._button(self.tr("Add folder…"))
        add.clicked.connect(self.add_folder_wanted)
        column.addWidget(add, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._text(self.tr("Leave out what matches these patterns, one a line, as in *.tmp or Screenshots:")))
        self.ignore = QPlainTextEdit("\n".join(facts.settings.ignore), self)
        self.ignore.setAccessibleName(self.tr("Patterns to leave out"))
        self.ignore.setMaximumHeight(6 * self.fontMetrics().height())
        column.addWidget(self.ignore)
        keep = self._button(self.tr("Keep patterns"))
        keep.clicked.connect(self._keep_patterns)
        column.addWidget(keep, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._text(self.tr("Patterns count from the next start on."), is_faint=True))

    def _fill_models(self, facts: SettingsFacts, column: QVBoxLayout) -> None:
        column.addWidget(self._text(self.tr("The model decides what is understood. Another one looks at every photo once.")))
        self.model_buttons: dict[str, QPushButton] = {}
        for model in facts.models:
            line = QHBoxLayout()
            line.addWidget(self._text(self._model_text(model)), 1)
            button = self._button(self.tr("In use") if model.is_in_use else self.tr("Use"))
            button.setEnabled(not model.is_in_use)
            button.clicked.connect(lambda _checked=False, name=model.name: self.model_chosen.emit(name))
            self.model_buttons[model.name] = button
            line.addWidget(button)
            column.addLayout(line)

    def _fill_indexing(self, facts: SettingsFacts, column: QVBoxLayout) -> None:
        self.battery = QCheckBox(self.tr("Wait for mains power before reading new photos"), self)
        self.battery.setChecked(facts.settings.pause_on_battery)
        self.battery.toggled.connect(lambda is_on: self.changed.emit({"pause_on_battery": is_on}))
        column.addWidget(self.battery)
        column.addWidget(self._text(self.tr("Photos are read at low priority; what you do comes first."), is_faint=True))

    def _fill_storage(self, facts: SettingsFacts, column: QVBoxLayout) -> None:
        status = facts.status
        settings, data, log = facts.folders
        self._add_facts(
            column,
            [
                (self.tr("Library"), f"{one_line(status.catalog_file)} ({bytes_text(status.catalog_bytes)})"),
                (self.tr("Thumbnails"), bytes_text(status.thumbnails_bytes)),
                (self.tr("Last backup"), status.last_backup or self.tr("none yet")),
                (self.tr("Settings"), one_line(settings)),
                (self.tr("Data"), one_line(data)),
                (self.tr("Log"), one_line(log)),
            ],
        )

    def _fill_privacy(self, facts: SettingsFacts, column: QVBoxLayout) -> None:
        for sentence in (
            self.tr("Everything happens on this computer. There is no account and nothing is counted."),
            self.tr("Photos are only read. None is ever changed, moved or sent."),
            self.tr("What was ever sent: nothing. A model is downloaded only when you ask for it."),
            self.tr("What you searched for is kept here, to offer it again; the menu under the box forgets it."),
        ):
            column.addWidget(self._text(sentence))

    def _fill_about(self, facts: SettingsFacts, column: QVBoxLayout) -> None:
        column.addWidget(self._text(f"Helios {facts.status.version}"))
        column.addWidget(self._text(self.tr("Licence: Apache-2.0. Parts by others, each under its own licence:")))
        for model in facts.models:
            column.addWidget(self._text(f"{one_line(model.title)}: {one_line(model.licence)}", is_faint=True))
        column.addWidget(
            self._text(
                "Qt for Python (LGPL-3.0) · SQLite (public domain) · Pillow (MIT-CMU) · ONNX Runtime (MIT) · faiss (MIT) · "
                "NumPy (BSD-3-Clause) · watchdog (Apache-2.0)",
                is_faint=True,
            )
        )

    # -- parts

    def _model_text(self, model: ModelRow) -> str:
        photos = self.tr("{n} photos").format(n=number(model.photos))
        title = one_line(model.title)
        return f"{title[:1].upper()}{title[1:]}\n{bytes_text(model.size)} · {photos} · {one_line(model.licence)}"

    def _keep_patterns(self) -> None:
        lines = [line.strip() for line in self.ignore.toPlainText().splitlines()]
        self.changed.emit({"ignore": tuple(line for line in lines if line)})

    def _add_facts(self, column: QVBoxLayout, facts: list[tuple[str, str]]) -> None:
        form = QFormLayout()
        for label, text in facts:
            form.addRow(self._text(label, is_faint=True), self._text(text))
        column.addLayout(form)

    def _text(self, text: str, *, is_faint: bool = False) -> QLabel:
        label = QLabel(text, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if is_faint:
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        return label

    def _button(self, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setProperty("kind", "normal")
        button.setAccessibleName(text)
        return button
