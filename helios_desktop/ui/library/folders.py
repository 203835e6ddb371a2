"""Folders that a person adds or removes in, the library changed in the background out."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from helios_desktop.catalog.folders import FolderCount
from helios_desktop.domain import Root
from helios_desktop.errors import WatchError
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.library.place import Place
from helios_desktop.ui.library_port import Library


def add_folders(library: Library, paths: Sequence[bytes], not_a_folder: tuple[str, str]) -> list[Root]:
    """Follow those paths that are folders; blocks. Raises ``WatchError``, with the sentence given where all are files."""
    folders = [path for path in paths if not os.path.isfile(path)]
    if not folders:
        raise WatchError(*not_a_folder)
    return [library.add_root(folder) for folder in folders]


class FolderChanges(QObject):
    """Adds and removes folders."""

    changed = Signal()
    failed = Signal(object)  # KnownError

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge

    def add(self, paths: Sequence[bytes]) -> None:
        """Follow these folders from now on."""
        library = self._bridge.library
        message = (self.tr("Only folders can be added to the library."), self.tr("Drop the folder that holds the photo."))
        self._bridge.ask("library", lambda: add_folders(library, paths, message), self._on_done, self.failed.emit)

    def remove(self, root: Root) -> None:
        """Forget a folder."""
        library = self._bridge.library
        self._bridge.ask("library", lambda: library.remove_root(root.root_id), self._on_done, self.failed.emit)

    def inside(self, folder: bytes, done: Callable[[list[FolderCount]], None]) -> None:
        """Ask for the folders inside one."""
        library = self._bridge.library
        self._bridge.ask("library", lambda: library.folders_inside(folder), done, self.failed.emit)

    def rescan(self, folder: bytes) -> None:
        """Look through a folder soon."""
        library = self._bridge.library
        self._bridge.ask("library", lambda: library.rescan(folder), lambda _done: None, self.failed.emit)

    def leave_out(self, place: Place) -> None:
        """Pass over a folder inside a followed one from now on: its photos leave the library, the files stay."""
        if place.root is None or not place.path:
            return
        library, root, pattern = self._bridge.library, place.root, pattern_of(place.path, place.root.path)

        def work() -> None:
            present = library.preferences.now().ignore
            library.preferences.change({"ignore": (*(one for one in present if one != pattern), pattern)})
            library.rescan(root.path)

        self._bridge.ask("library", work, self._on_done, self.failed.emit)

    def _on_done(self, _result: object) -> None:
        self.changed.emit()


def pattern_of(folder: bytes, root: bytes) -> str:
    """Return the ignore pattern of one folder below a root: its path from there, with nothing in it that stands for others."""
    below = os.fsdecode(folder[len(root) :]).replace(os.sep, "/").strip("/")
    return "/" + re.sub(r"([*?\[])", r"[\1]", below) + "/"
