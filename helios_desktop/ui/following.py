"""A person's wish to follow a folder, or to follow it no longer, asked for and confirmed; what failed is said with a way on."""

from __future__ import annotations

import os

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from helios_desktop.domain import Root
from helios_desktop.errors import KnownError
from helios_desktop.ui.library.folders import FolderChanges
from helios_desktop.ui.notice import NoticeBar
from helios_desktop.ui.plain_text import one_line


class Following(QObject):
    """Asks, and hands the answers to ``folders``."""

    def __init__(self, owner: QWidget, folders: FolderChanges, notice: NoticeBar) -> None:
        super().__init__(owner)
        self._owner, self._folders, self._notice = owner, folders, notice
        folders.failed.connect(self._on_failed)

    def choose(self) -> None:
        """Ask for a folder and follow it."""
        folder = QFileDialog.getExistingDirectory(self._owner, self.tr("Choose a folder with photos"))
        if folder:
            self._folders.add([os.fsencode(folder)])

    def confirm_removal(self, root: Root) -> None:
        """Ask before a folder is forgotten."""
        box = QMessageBox(self._owner)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(self.tr("Remove “{name}” from the library?").format(name=one_line(root.display)))
        box.setInformativeText(
            self.tr("Helios forgets its photos, with their favourites and albums. The photos themselves stay where they are.")
        )
        remove = box.addButton(self.tr("Remove"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        remove.clicked.connect(lambda: self._folders.remove(root))
        box.open()

    def _on_failed(self, error: KnownError) -> None:
        self._notice.say(str(error), self.tr("Add folder…"), self.choose)
