"""What can be done with the photos that are chosen, each as an action with a key, an icon and a name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QAction, QClipboard, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from helios_desktop.domain import Photo
from helios_desktop.ui.desktop_files import FileOpener
from helios_desktop.ui.grid.model import file_url
from helios_desktop.ui.plain_text import file_name
from helios_desktop.ui.theme.icons import ThemeIcons

OPENED_AT_ONCE_MAX = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    text: str
    icon_name: str
    keys: str
    run: Callable[[], None]


class PhotoActions(QObject):
    """Acts on the photos that ``chosen`` returns: the selected ones, or the current one."""

    similar_requested = Signal(object)  # Photo
    failed = Signal(str)  # a sentence

    def __init__(self, owner: QWidget, chosen: Callable[[], list[Photo]], opener: FileOpener, icons: ThemeIcons) -> None:
        super().__init__(owner)
        self._chosen, self._opener = chosen, opener
        plans = {
            "open": _Plan(text=self.tr("Open"), icon_name="open", keys="Ctrl+O", run=self.open_chosen),
            "show": _Plan(text=self.tr("Show in folder"), icon_name="folder", keys="Ctrl+Shift+O", run=self.show_in_folder),
            "copy": _Plan(text=self.tr("Copy path"), icon_name="copy", keys="Ctrl+Shift+C", run=self.copy_paths),
            "similar": _Plan(text=self.tr("Find similar"), icon_name="similar", keys="Ctrl+L", run=self.find_similar),
        }
        self.actions: dict[str, QAction] = {}
        for name, plan in plans.items():
            action = QAction(plan.text, owner)
            action.setShortcut(QKeySequence(plan.keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(plan.run)
            icons.give(action, plan.icon_name)
            owner.addAction(action)
            self.actions[name] = action

    def menu(self, parent: QWidget) -> QMenu:
        """Return the context menu."""
        menu = QMenu(parent)
        for name in ("open", "show", "copy"):
            menu.addAction(self.actions[name])
        menu.addSeparator()
        menu.addAction(self.actions["similar"])
        return menu

    def open_chosen(self) -> None:
        """Open the chosen photos in the system's viewer."""
        for photo in self._chosen()[:OPENED_AT_ONCE_MAX]:
            if not self._opener.open(photo.path):
                self.failed.emit(self.tr("{name} could not be opened.").format(name=file_name(photo.display)))

    def show_in_folder(self) -> None:
        """Show the first chosen photo in its folder."""
        for photo in self._chosen()[:1]:
            if not self._opener.show_in_folder(photo.path):
                self.failed.emit(self.tr("The folder of {name} could not be shown.").format(name=file_name(photo.display)))

    def copy_paths(self) -> None:
        """Copy the paths of the chosen photos, as text and as files."""
        photos = self._chosen()
        if photos:
            data = QMimeData()
            data.setText("\n".join(_clipboard_text(photo.path) for photo in photos))
            data.setUrls([file_url(photo.path) for photo in photos])
            QGuiApplication.clipboard().setMimeData(data, QClipboard.Mode.Clipboard)

    def find_similar(self) -> None:
        """Look for photos like the first chosen one."""
        for photo in self._chosen()[:1]:
            self.similar_requested.emit(photo)


def _clipboard_text(path: bytes) -> str:
    """Return a path as text; bytes that are no UTF-8 show as such, since a clipboard carries only text."""
    return path.decode("utf-8", "replace")
