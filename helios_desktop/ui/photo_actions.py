"""What can be done with the photos that are chosen, each as an action with a key, an icon and a name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QAction, QClipboard, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from helios_desktop.catalog.marks import Album
from helios_desktop.domain import Photo
from helios_desktop.ui.desktop_files import FileOpener
from helios_desktop.ui.grid.model import file_url
from helios_desktop.ui.marks.changes import MOST_STARS, MarkChanges
from helios_desktop.ui.plain_text import file_name, one_line
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

    view_requested = Signal()
    similar_requested = Signal(object)  # Photo
    example_added = Signal(object, float)  # Photo, weight
    around_wanted = Signal(object)  # Photo around whose spot shall be looked
    stack_toggled = Signal()
    image_wanted = Signal(object)  # Photo that shall go on the clipboard
    copies_wanted = Signal(list)  # Photos that shall be copied into a folder
    album_wanted = Signal(list)  # Photos that shall make a new album
    failed = Signal(str)  # a sentence

    def __init__(
        self,
        owner: QWidget,
        chosen: Callable[[], list[Photo]],
        opener: FileOpener,
        marks: MarkChanges,
        icons: ThemeIcons,
    ) -> None:
        super().__init__(owner)
        self._owner, self._chosen, self._opener, self._marks, self._icons = owner, chosen, opener, marks, icons
        self.actions: dict[str, QAction] = {}
        for name, plan in self._plans().items():
            action = QAction(plan.text, owner)
            action.setShortcut(QKeySequence(plan.keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda _checked=False, plan=plan: plan.run())
            icons.give(action, plan.icon_name)
            owner.addAction(action)
            self.actions[name] = action

    def _plans(self) -> dict[str, _Plan]:
        plans = {
            "view": _Plan(text=self.tr("View"), icon_name="screen", keys="Return", run=self.view_requested.emit),
            "open": _Plan(text=self.tr("Open elsewhere"), icon_name="open", keys="Ctrl+Return", run=self.open_chosen),
            "show": _Plan(text=self.tr("Show in folder"), icon_name="folder", keys="Ctrl+Shift+O", run=self.show_in_folder),
            "copy": _Plan(text=self.tr("Copy path"), icon_name="copy", keys="Ctrl+Shift+C", run=self.copy_paths),
            "copy-image": _Plan(text=self.tr("Copy image"), icon_name="image", keys="Ctrl+C", run=self.copy_image),
            "export": _Plan(text=self.tr("Export copies…"), icon_name="export", keys="Ctrl+E", run=self.export),
            "similar": _Plan(text=self.tr("Find similar"), icon_name="similar", keys="Ctrl+L", run=self.find_similar),
            "around": _Plan(text=self.tr("Taken near here"), icon_name="place", keys="Ctrl+Shift+N", run=self.look_around),
            "more": _Plan(text=self.tr("More like this"), icon_name="more-like", keys="Alt++", run=lambda: self._weigh(1.0)),
            "less": _Plan(text=self.tr("Less like this"), icon_name="less-like", keys="Alt+-", run=lambda: self._weigh(-0.5)),
            "stack": _Plan(text=self.tr("Open or close the burst"), icon_name="layers", keys="B", run=self.stack_toggled.emit),
            "favourite": _Plan(text=self.tr("Favourite"), icon_name="heart", keys="F", run=self._toggle_favourite),
        }
        for stars in range(MOST_STARS + 1):
            text = self.tr("No stars") if stars == 0 else "★" * stars
            plans[f"stars-{stars}"] = _Plan(text=text, icon_name="star", keys=str(stars), run=partial(self._rate, stars))
        return plans

    def menu(self, parent: QWidget, albums: Sequence[Album] = (), album_id: int | None = None) -> QMenu:
        """Return the context menu. ``album_id``: the album that is looked at."""
        menu = QMenu(parent)
        for name in ("view", "open", "show", "copy-image", "copy", "export"):
            menu.addAction(self.actions[name])
        menu.addSeparator()
        for name in ("similar", "around", "more", "less", "stack"):
            menu.addAction(self.actions[name])
        menu.addSeparator()
        menu.addAction(self.actions["favourite"])
        stars = menu.addMenu(self.tr("Stars"))
        for number in range(MOST_STARS, -1, -1):
            stars.addAction(self.actions[f"stars-{number}"])
        self._add_albums(menu, albums, album_id)
        return menu

    def _add_albums(self, menu: QMenu, albums: Sequence[Album], album_id: int | None) -> None:
        into = menu.addMenu(self.tr("Add to album"))
        for album in albums:
            action = into.addAction(one_line(album.name).replace("&", "&&"))
            action.triggered.connect(lambda _on=False, album=album: self._marks.add_to_album(album.album_id, self._chosen()))
        if albums:
            into.addSeparator()
        new = into.addAction(self.tr("New album…"))
        new.triggered.connect(lambda: self.album_wanted.emit(self._chosen()))
        if album_id is not None:
            out = menu.addAction(self.tr("Remove from this album"))
            out.triggered.connect(lambda: self._marks.remove_from_album(album_id, self._chosen()))

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

    def copy_image(self) -> None:
        """Copy the first chosen photo as a picture."""
        for photo in self._chosen()[:1]:
            self.image_wanted.emit(photo)

    def export(self) -> None:
        """Copy the chosen photos into a folder."""
        self.copies_wanted.emit(self._chosen())

    def find_similar(self) -> None:
        """Look for photos like the first chosen one."""
        for photo in self._chosen()[:1]:
            self.similar_requested.emit(photo)

    def look_around(self) -> None:
        """Look around the spot of the first chosen photo, where it tells that."""
        for photo in self._chosen()[:1]:
            if photo.metadata.latitude is None:
                self.failed.emit(self.tr("{name} does not tell where it was taken.").format(name=file_name(photo.display)))
            else:
                self.around_wanted.emit(photo)

    def _weigh(self, weight: float) -> None:
        for photo in self._chosen():
            self.example_added.emit(photo, weight)

    def _toggle_favourite(self) -> None:
        self._marks.toggle_favourite(self._chosen())

    def _rate(self, stars: int) -> None:
        self._marks.rate(self._chosen(), stars)


def _clipboard_text(path: bytes) -> str:
    """Return a path as text; bytes that are no UTF-8 show as such, since a clipboard carries only text."""
    return path.decode("utf-8", "replace")
