"""Photos in, what is taken out of the library: a picture on the clipboard, copies in a folder; made in the background."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QClipboard, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from helios_desktop.domain import Photo
from helios_desktop.errors import KnownError
from helios_desktop.pipeline.export_copies import Exported
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.grid.model import file_url
from helios_desktop.ui.plain_text import file_name, number, one_line

COPIED_PX = 8192  # on the long side; a larger picture would fill a clipboard with gigabytes

AskFolder = Callable[[QWidget, str], str]


def ask_folder(parent: QWidget, title: str) -> str:
    """Ask for a folder; empty where the person thought better of it."""
    return QFileDialog.getExistingDirectory(parent, title)


class TakingOut(QObject):
    """Copies a picture, exports copies, and says how it went."""

    said = Signal(str)  # a sentence
    failed = Signal(object)  # KnownError

    def __init__(self, owner: QWidget, bridge: Bridge, ask: AskFolder = ask_folder) -> None:
        super().__init__(owner)
        self._owner, self._bridge, self.ask = owner, bridge, ask

    def copy_image(self, photo: Photo) -> None:
        """Put a photo's pixels on the clipboard, for an editor, and its file, for a mail."""
        library = self._bridge.library

        def work() -> QImage:
            image = QImage()
            image.loadFromData(library.preview(photo.path, COPIED_PX), "JPEG")
            return image

        def take(image: QImage) -> None:
            data = QMimeData()
            data.setImageData(image)
            data.setUrls([file_url(photo.path)])
            QGuiApplication.clipboard().setMimeData(data, QClipboard.Mode.Clipboard)
            self.said.emit(self.tr("{name} is on the clipboard.").format(name=file_name(photo.display)))

        self._bridge.ask("viewer", work, take, self.failed.emit)

    def export(self, photos: Sequence[Photo]) -> None:
        """Ask for a folder and put copies of photos there."""
        folder = self.ask(self._owner, self.tr("Choose a folder for the copies")) if photos else ""
        if folder:
            library, paths = self._bridge.library, [photo.path for photo in photos]
            self._bridge.ask(
                "library",
                lambda: library.export_copies(paths, os.fsencode(folder)),
                lambda done: self._on_exported(done, folder),
                self.failed.emit,
            )

    def _on_exported(self, done: Exported, folder: str) -> None:
        count, name = len(done.copies), one_line(os.path.basename(folder) or folder)
        if count:
            text = self.tr("1 copy was put into “{folder}”.") if count == 1 else self.tr("{n} copies were put into “{folder}”.")
            self.said.emit(text.format(n=number(count), folder=name))
        if done.failed:
            path, reason = done.failed[0]
            sentence = self.tr("{name} could not be copied ({reason}).").format(
                name=file_name(os.fsdecode(path)), reason=one_line(reason)
            )
            more = len(done.failed) - 1
            more_text = self.tr("So could {n} more not.").format(n=number(more)) if more else ""
            self.failed.emit(KnownError(sentence, more_text or self.tr("The others were copied.")))
