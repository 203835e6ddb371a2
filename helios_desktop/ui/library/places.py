"""A place that is chosen in, the question about it out; and what can be done with albums and saved searches."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from helios_desktop.domain import Photo, Root
from helios_desktop.ui.library.place import EVERYTHING, Place
from helios_desktop.ui.marks.changes import MarkChanges
from helios_desktop.ui.search.session import Question, SearchSession

AskName = Callable[[QWidget, str, str, str], str]


def ask_name(parent: QWidget, title: str, label: str, present: str) -> str:
    """Ask for a name; empty where the person thought better of it."""
    name, is_given = QInputDialog.getText(parent, title, label, text=present)
    return name.strip() if is_given else ""


class PlaceChoices(QObject):
    """Turns places into questions, and their menus into changes."""

    words_wanted = Signal(str)  # a saved search to ask

    def __init__(self, owner: QWidget, session: SearchSession, marks: MarkChanges, ask: AskName = ask_name) -> None:
        super().__init__(owner)
        self._owner, self._session, self._marks = owner, session, marks
        self.ask = ask

    def choose(self, place: Place) -> None:
        """Look at a place of one's own photos."""
        if place.kind == "unsplash":  # it has a page of its own
            return
        if place.kind == "saved":
            self._session.set_place()
            self.words_wanted.emit(place.words)
        else:
            self._session.set_place(folder=place.folder, album_id=place.album_id, is_favourite=place.kind == "favourites")

    def menu(self, place: Place, parent: QWidget) -> QMenu | None:
        """Return the menu of an album or a saved search; None for other places."""
        menu = QMenu(parent)
        if place.kind == "album" and place.album_id is not None:
            album_id = place.album_id
            menu.addAction(self.tr("Rename album…")).triggered.connect(lambda: self._rename(album_id, place.title))
            menu.addAction(self.tr("Remove album")).triggered.connect(lambda: self._marks.delete_album(album_id))
            return menu
        if place.kind == "saved":
            menu.addAction(self.tr("Forget this search")).triggered.connect(lambda: self._marks.delete_search(place.title))
            return menu
        return None

    def open_menu(self, place: Place, where: QPoint) -> None:
        """Show that menu, where there is one."""
        menu = self.menu(place, self._owner)
        if menu is not None:
            menu.exec(where)
            menu.deleteLater()

    def make_album(self, photos: Sequence[Photo]) -> None:
        """Ask for a name and make an album of these photos."""
        name = self.ask(self._owner, self.tr("New album"), self.tr("Name of the album"), "")
        if name:
            self._marks.add_to_new_album(name, photos)

    def save_search(self, words: str) -> None:
        """Ask for a name and keep the question under it."""
        name = self.ask(self._owner, self.tr("Save this search"), self.tr("Name of the search"), words)
        if name and words:
            self._marks.save_search(name, words)

    def _rename(self, album_id: int, present: str) -> None:
        name = self.ask(self._owner, self.tr("Rename album"), self.tr("Name of the album"), present)
        if name and name != present:
            self._marks.rename_album(album_id, name)


def key_of(question: Question) -> tuple[str, object]:
    """Return the key of the place that a question looks at."""
    if question.folder is not None:
        return "folder", question.folder
    if question.album_id is not None:
        return "album", question.album_id
    return ("favourites", None) if question.is_favourite else EVERYTHING


def is_in(folder: bytes, root: Root) -> bool:
    """Whether a folder is a followed one, or lies in it."""
    return folder == root.path or folder.startswith(root.path.rstrip(b"/\\") + os.sep.encode())
