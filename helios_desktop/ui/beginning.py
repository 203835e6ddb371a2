"""The first page joined to the library: folders that are chosen there are followed, a model that is chosen there is fetched."""

from __future__ import annotations

import os

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from helios_desktop.errors import KnownError
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.library.folders import FolderChanges
from helios_desktop.ui.models.keeping import ModelKeeping
from helios_desktop.ui.onboarding.page import Beginning, OnboardingPage


def ask_folder(parent: QWidget, title: str) -> str:
    """Ask for a folder; empty where the person thought better of it."""
    return QFileDialog.getExistingDirectory(parent, title)


class Beginnings(QObject):
    """Begins what the first page is told to begin."""

    def __init__(
        self, owner: QWidget, bridge: Bridge, page: OnboardingPage, folders: FolderChanges, models: ModelKeeping
    ) -> None:
        super().__init__(owner)
        self._owner, self._bridge, self._page = owner, bridge, page
        self._folders, self._models = folders, models
        self.ask = ask_folder
        page.folder_wanted.connect(self._on_folder_wanted)
        page.begin_wanted.connect(self._on_begin)

    def look_at_models(self) -> None:
        """Find out which models can be offered, and which of them suits this computer."""
        store = self._bridge.library.model_store
        self._bridge.ask("library", store.choices, self._page.show_choices, self._on_no_choices)

    def _on_no_choices(self, _error: KnownError) -> None:
        """The page then offers the model that is here, which is enough to begin."""

    def _on_folder_wanted(self) -> None:
        folder = self.ask(self._owner, self.tr("Choose a folder with photos"))
        if folder:
            self._page.add_folder(os.fsencode(folder))

    def _on_begin(self, beginning: Beginning) -> None:
        self._folders.add(list(beginning.folders))
        if beginning.model:
            self._models.fetch(beginning.model)
