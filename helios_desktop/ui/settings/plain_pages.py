"""The pages that are a few choices or a few sentences: appearance, folders, indexing, storage, privacy."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QPlainTextEdit, QSpinBox, QVBoxLayout, QWidget

from helios_desktop.domain import Root
from helios_desktop.ui.cards import card, facts_form, field_form, push_button, text_label
from helios_desktop.ui.details.facts import bytes_text
from helios_desktop.ui.library.feed import Snapshot
from helios_desktop.ui.plain_text import one_line
from helios_desktop.ui.settings.facts import SettingsFacts
from helios_desktop.ui.settings.page import SettingsPage

LANGUAGES = (("", ""), ("en", "English"), ("fr", "Français"), ("de", "Deutsch"))
MOST_CACHE_MEGABYTES = 1_000_000


class AppearancePage(SettingsPage):
    """Colours and language."""

    def __init__(self, facts: SettingsFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entitle(self.tr("Appearance"))
        self.appearance = QComboBox(self.inside)
        for value, text in (("system", self.tr("As the system")), ("light", self.tr("Light")), ("dark", self.tr("Dark"))):
            self.appearance.addItem(text, value)
        self.appearance.setCurrentIndex(max(0, self.appearance.findData(facts.settings.appearance)))
        self.language = QComboBox(self.inside)
        for code, name in LANGUAGES:
            self.language.addItem(name or self.tr("As the system"), code)
        self.language.setCurrentIndex(max(0, self.language.findData(facts.settings.language)))
        form = field_form()
        for label, key, box in (
            (self.tr("Colours"), "appearance", self.appearance),
            (self.tr("Language"), "language", self.language),
        ):
            box.setAccessibleName(label)
            box.setProperty("kind", "field")
            box.currentIndexChanged.connect(lambda _row, key=key, box=box: self.changed.emit({key: box.currentData()}))
            form.addRow(label, box)
        self.column.addLayout(form)


class FoldersPage(SettingsPage):
    """The folders that are followed, and what is left out of them."""

    add_wanted = Signal()
    remove_wanted = Signal(object)  # Root

    def __init__(self, facts: SettingsFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entitle(self.tr("Folders"))
        self._rows = QVBoxLayout()
        self._roots: tuple[Root, ...] | None = None
        self.column.addLayout(self._rows)
        self.show_roots(facts.status.roots)
        add = push_button(self.inside, self.tr("Add folder…"), self.add_wanted.emit)
        self.column.addWidget(add, 0, Qt.AlignmentFlag.AlignLeft)
        text = self.tr("Leave out what matches these patterns, one a line, as in *.tmp or Screenshots:")
        self.column.addWidget(text_label(self.inside, text))
        self.ignore = QPlainTextEdit("\n".join(facts.settings.ignore), self.inside)
        self.ignore.setAccessibleName(self.tr("Patterns to leave out"))
        self.ignore.setTabChangesFocus(True)
        self.ignore.setMinimumHeight(5 * self.fontMetrics().height())
        self.ignore.setMaximumHeight(8 * self.fontMetrics().height())
        self.column.addWidget(self.ignore)
        self.keep = push_button(self.inside, self.tr("Keep patterns"), self._keep_patterns)
        self.column.addWidget(self.keep, 0, Qt.AlignmentFlag.AlignLeft)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """List the folders of a snapshot."""
        self.show_roots(snapshot.roots)

    def show_roots(self, roots: Sequence[Root]) -> None:
        """List the folders that are followed now."""
        if self._roots == tuple(roots):
            return
        self._roots = tuple(roots)
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for root in roots:
            self._rows.addWidget(self._row(root))

    def _row(self, root: Root) -> QWidget:
        state = "" if root.is_present else self.tr("its drive is not connected")
        state = state or (self.tr("looked at now and then") if root.is_polled else self.tr("followed"))
        frame, column = card(self.inside, one_line(root.display))
        line = QHBoxLayout()
        line.addWidget(text_label(frame, state, is_faint=True), 1)
        remove = push_button(frame, self.tr("Remove…"), partial(self.remove_wanted.emit, root))
        remove.setAccessibleName(self.tr("Remove “{name}” from the library?").format(name=one_line(root.display)))
        line.addWidget(remove)
        column.addLayout(line)
        return frame

    def _keep_patterns(self) -> None:
        lines = [line.strip() for line in self.ignore.toPlainText().splitlines()]
        self.changed.emit({"ignore": tuple(line for line in lines if line)})


class IndexingPage(SettingsPage):
    """When photos may be read."""

    def __init__(self, facts: SettingsFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entitle(self.tr("Indexing"))
        self.battery = QCheckBox(self.tr("Wait for mains power before reading new photos"), self.inside)
        self.battery.setChecked(facts.settings.pause_on_battery)
        self.battery.toggled.connect(lambda is_on: self.changed.emit({"pause_on_battery": is_on}))
        self.idle = QCheckBox(self.tr("Read new photos only while nobody uses the computer"), self.inside)
        self.idle.setChecked(facts.settings.only_when_idle)
        self.idle.toggled.connect(lambda is_on: self.changed.emit({"only_when_idle": is_on}))
        for box in (self.battery, self.idle):
            self.column.addWidget(box)
        for sentence in (
            self.tr("Photos are read at low priority; what you do comes first."),
            self.tr(
                "Nobody uses it: no key and no mouse for two minutes, as far as this system tells, and no other program works."
            ),
        ):
            self.column.addWidget(text_label(self.inside, sentence, is_faint=True))


class StoragePage(SettingsPage):
    """What Helios keeps, where, and how much room it takes."""

    clear_wanted = Signal()
    open_wanted = Signal(str)  # a folder

    def __init__(self, facts: SettingsFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entitle(self.tr("Storage"))
        status, (settings, data, _log) = facts.status, facts.folders
        self.column.addLayout(
            facts_form(
                self.inside,
                [
                    (self.tr("Library"), f"{one_line(status.catalog_file)} ({bytes_text(status.catalog_bytes)})"),
                    (self.tr("Last backup"), status.last_backup or self.tr("none yet")),
                    (self.tr("Settings"), one_line(settings)),
                    (self.tr("Data"), one_line(data)),
                ],
            )
        )
        open_data = push_button(self.inside, self.tr("Show folder"), lambda: self.open_wanted.emit(data))
        self.column.addWidget(open_data, 0, Qt.AlignmentFlag.AlignLeft)
        frame, column = card(self.inside, self.tr("Thumbnails"))
        self.thumbnails = text_label(frame, self.tr("They take {size}.").format(size=bytes_text(status.thumbnails_bytes)))
        column.addWidget(self.thumbnails)
        form = field_form()
        self.most = QSpinBox(frame)
        self.most.setRange(0, MOST_CACHE_MEGABYTES)
        self.most.setSingleStep(500)
        self.most.setSuffix(" MB")
        self.most.setSpecialValueText(self.tr("As much as they need"))
        self.most.setValue(facts.settings.cache_megabytes)
        self.most.setAccessibleName(self.tr("Most room for thumbnails"))
        self.most.setKeyboardTracking(False)
        self.most.setProperty("kind", "field")
        self.most.valueChanged.connect(lambda value: self.changed.emit({"cache_megabytes": value}))
        form.addRow(self.tr("Most room for thumbnails"), self.most)
        column.addLayout(form)
        self.clear = push_button(frame, self.tr("Clear thumbnails"), self.clear_wanted.emit)
        column.addWidget(self.clear, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(text_label(frame, self.tr("They are made again when they are looked at."), is_faint=True))
        self.column.addWidget(frame)

    def show_cleared(self, freed_bytes: int) -> None:
        """Say what is free now."""
        self.thumbnails.setText(self.tr("{size} are free now.").format(size=bytes_text(freed_bytes)))


class PrivacyPage(SettingsPage):
    """What leaves this computer: nothing, but for what the person asked for."""

    def __init__(self, facts: SettingsFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entitle(self.tr("Privacy"))
        for sentence in (
            self.tr("Everything happens on this computer. There is no account and nothing is counted."),
            self.tr("Photos are only read. None is ever changed, moved or sent."),
            self.tr("What you searched for is kept here, to offer it again; the menu under the box forgets it."),
        ):
            self.column.addWidget(text_label(self.inside, sentence))
        frame, column = card(self.inside, self.tr("What was ever sent: nothing"))
        if facts.fetched:
            column.addWidget(text_label(frame, self.tr("What was fetched because you asked for it:")))
            for name, address in facts.fetched:
                column.addWidget(text_label(frame, f"{name}: {address}", is_faint=True))
        else:
            column.addWidget(
                text_label(frame, self.tr("Nothing was fetched either. A model is downloaded only when you ask for it."))
            )
        if facts.has_unsplash:
            pictures = self.tr("Small pictures of Unsplash are loaded from unsplash.com while you look at that page.")
            column.addWidget(text_label(frame, pictures))
        if facts.settings.engine != "embedded":
            engine = self.tr("Names and vectors of your photos are at the search engine that you chose: {where}")
            column.addWidget(
                text_label(frame, engine.format(where=", ".join(facts.settings.engine_urls) or "http://127.0.0.1:9200"))
            )
        self.column.addWidget(frame)
