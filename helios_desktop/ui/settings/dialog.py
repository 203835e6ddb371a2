"""The settings: a list of subjects at the left, one page at the right. What is changed counts at once."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QStackedWidget, QWidget

from helios_desktop.ui.cards import first_size
from helios_desktop.ui.settings.about_page import AboutPage, LogPage
from helios_desktop.ui.settings.engine_page import EnginePage
from helios_desktop.ui.settings.facts import SettingsFacts
from helios_desktop.ui.settings.model_page import ModelPage
from helios_desktop.ui.settings.page import SettingsPage
from helios_desktop.ui.settings.plain_pages import AppearancePage, FoldersPage, IndexingPage, PrivacyPage, StoragePage
from helios_desktop.ui.theme.icons import ThemeIcons
from helios_desktop.ui.theme.spacing import LARGE_PX, MEDIUM_PX

FIRST_SIZE_PX = (860, 620)


class SettingsDialog(QDialog):
    """Shows facts and says what a person wants changed; it changes nothing itself."""

    changed = Signal(dict)  # names and values of settings

    def __init__(self, facts: SettingsFacts, icons: ThemeIcons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self.resize(first_size(self, *FIRST_SIZE_PX))
        self.subjects = QListWidget(self)
        self.subjects.setProperty("kind", "subjects")
        self.subjects.setAccessibleName(self.tr("Subjects"))
        self.subjects.setFixedWidth(9 * self.fontMetrics().height())
        self.pages = QStackedWidget(self)
        self.appearance_page = AppearancePage(facts)
        self.folders_page = FoldersPage(facts)
        self.model_page = ModelPage(facts, icons)
        self.engine_page = EnginePage(facts)
        self.indexing_page = IndexingPage(facts)
        self.storage_page = StoragePage(facts)
        self.privacy_page = PrivacyPage(facts)
        self.log_page = LogPage(facts)
        self.about_page = AboutPage(facts)
        for page in self._all_pages():
            self.subjects.addItem(page.title)
            self.pages.addWidget(page)
            page.changed.connect(self.changed)
        self.subjects.currentRowChanged.connect(self.pages.setCurrentIndex)
        self.subjects.setCurrentRow(0)
        row = QHBoxLayout(self)
        row.setContentsMargins(MEDIUM_PX, MEDIUM_PX, MEDIUM_PX, MEDIUM_PX)
        row.setSpacing(LARGE_PX)
        row.addWidget(self.subjects)
        row.addWidget(self.pages, 1)

    def show_page(self, page: SettingsPage) -> None:
        """Turn to a page."""
        self.subjects.setCurrentRow(self.pages.indexOf(page))

    def _all_pages(self) -> tuple[SettingsPage, ...]:
        return (
            self.appearance_page,
            self.folders_page,
            self.model_page,
            self.engine_page,
            self.indexing_page,
            self.storage_page,
            self.privacy_page,
            self.log_page,
            self.about_page,
        )
