"""The photos of an Unsplash data set: a box, what answers, each with its page; pictures come while they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QStackedWidget, QVBoxLayout, QWidget

from helios_desktop.domain import Library, Photo, SearchResult
from helios_desktop.errors import KnownError, ModelError
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.cards import push_button, text_label
from helios_desktop.ui.desktop_files import FileOpener
from helios_desktop.ui.grid.delegate import TileDelegate
from helios_desktop.ui.grid.model import PhotoGridModel
from helios_desktop.ui.grid.thumbnails import ThumbnailLoader
from helios_desktop.ui.grid.view import PhotoGridView
from helios_desktop.ui.notice import NoticeBar
from helios_desktop.ui.onboarding.message_page import MessagePage
from helios_desktop.ui.plain_text import number
from helios_desktop.ui.search.bar import SearchBox
from helios_desktop.ui.theme.icons import ThemeIcons
from helios_desktop.ui.theme.spacing import LARGE_PX, MEDIUM_PX
from helios_desktop.ui.unsplash.session import UnsplashSession

LICENCE_URL = "https://unsplash.com/license"


class UnsplashView(QWidget):
    """Shows one library that lies elsewhere. Nothing is loaded from there before it is shown."""

    import_wanted = Signal()
    model_wanted = Signal(str)  # the model that understands words here, and is not installed
    _unreachable = Signal(object)  # KnownError, from the lane that fetches pictures

    def __init__(self, bridge: Bridge, opener: FileOpener, icons: ThemeIcons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._opener, self._icons = bridge, opener, icons
        self._library: Library | None = None
        self._urls: dict[bytes, str] = {}
        self.session = UnsplashSession(bridge, self)
        self.model = PhotoGridModel(self._fetch_rows, self)
        self._make_box()
        self._make_grid()
        self.message = MessagePage(self)
        self.notice = NoticeBar(icons, self)
        self.pages = QStackedWidget(self)
        for page in (self.message, self.grid):
            self.pages.addWidget(page)
        self._make_actions()
        self._make_layout()
        self.session.answered.connect(self._on_answer)
        self.session.emptied.connect(self._say_what_is_here)
        self.session.failed.connect(self._on_failure)
        self._unreachable.connect(self._on_unreachable)

    def show_library(self, library: Library | None) -> None:
        """Show what was imported, or that nothing was."""
        if library != self._library:
            self._library = library
            self.session.ask_now()
        if library is None:
            self._say_what_is_here()
        self.box.setEnabled(library is not None)
        self.count.setText("" if library is None else self.tr("{n} photos").format(n=number(library.count)))

    def focus_box(self) -> None:
        """Let words be typed."""
        self.box.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.box.edit.selectAll()

    # -- making

    def _make_box(self) -> None:
        self.box = SearchBox(self._icons, self)
        for part in (self.box.help, self.box.history, self.box.filter):
            part.hide()
        self.box.edit.setPlaceholderText(self.tr("Search Unsplash"))
        self.box.edit.setAccessibleName(self.tr("Search Unsplash"))
        self.box.edit.textChanged.connect(self.session.set_words)
        self.box.edit.textChanged.connect(lambda text: self.box.cross.setVisible(bool(text)))
        self.box.edit.left_downwards.connect(self._on_entered)
        self.box.edit.escaped.connect(self.box.edit.clear)
        self.box.cross.clicked.connect(self.box.edit.clear)

    def _make_grid(self) -> None:
        self.grid = PhotoGridView(self.model, tile_px=176, parent=self)
        self.grid.setDragEnabled(False)  # there is no file to drag
        self.thumbnails = ThumbnailLoader(self._bridge, lane="remote", fetch=self._fetch_picture, parent=self)
        self.grid.setItemDelegate(TileDelegate(self.thumbnails, parent=self.grid))
        self.thumbnails.loaded.connect(self.grid.repaint_photo)
        self.grid.open_requested.connect(self._open_page)
        self.grid.left_upwards.connect(self.focus_box)
        self.grid.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.grid.customContextMenuRequested.connect(self._on_menu)

    def _make_actions(self) -> None:
        self.actions_of_photo = [
            self._action(self.tr("Open its page"), "Ctrl+Return", "open", lambda: self._open_page(self.grid.currentIndex())),
            self._action(self.tr("Copy link"), "Ctrl+C", "copy", self._copy_link),
            self._action(self.tr("Find similar"), "Ctrl+L", "similar", self._find_similar),
        ]

    def _action(self, text: str, keys: str, icon_name: str, run: Callable[[], None]) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda _checked=False: run())
        self._icons.give(action, icon_name)
        self.grid.addAction(action)
        return action

    def _make_layout(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(LARGE_PX, MEDIUM_PX, LARGE_PX, MEDIUM_PX)
        head.setSpacing(MEDIUM_PX)
        self.count = QLabel(self)
        self.import_button = push_button(self, self.tr("Import…"), self.import_wanted.emit)
        head.addWidget(self.box, 1000)
        head.addStretch(1)
        head.addWidget(self.count)
        head.addWidget(self.import_button)
        foot = QHBoxLayout()
        foot.setContentsMargins(LARGE_PX, MEDIUM_PX, LARGE_PX, MEDIUM_PX)
        licence = self.tr(
            "Photos from Unsplash, under the Unsplash licence: free to use, not to be sold unaltered; thank the photographer. "
            "While you look at this page, small pictures are loaded from unsplash.com."
        )
        foot.addWidget(text_label(self, licence, is_faint=True), 1)
        foot.addWidget(push_button(self, self.tr("Licence"), lambda: self._opener.open_page(LICENCE_URL), kind="plain"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.notice)
        column.addWidget(self.pages, 1)
        column.addLayout(foot)

    # -- what happens

    def _on_entered(self) -> None:
        self.session.ask_now()
        self.grid.setFocus(Qt.FocusReason.TabFocusReason)

    def _on_answer(self, result: SearchResult) -> None:
        photos = tuple(hit.photo for hit in result.hits)
        self._urls = {photo.content_hash: photo.url for photo in photos if photo.content_hash and photo.url}
        ids = np.fromiter((photo.photo_id for photo in photos), dtype=np.int64, count=len(photos))
        scores = {hit.photo.photo_id: hit.score for hit in result.hits if hit.score is not None}
        self.model.show_answer(ids, photos, scores)
        self.grid.go_to_start()
        self.thumbnails.retry_missing()
        took = self.tr("{n} ms").format(n=number(max(1, round(result.elapsed_seconds * 1000))))
        total = self.tr("best {shown} of {total}").format(shown=number(len(photos)), total=number(result.total))
        self.count.setText(f"{total} · {took}")
        self.pages.setCurrentWidget(self.grid)

    def _say_what_is_here(self) -> None:
        if self._library is None:
            detail = self.tr("Two million photos can be searched beside your own, without being downloaded.")
            self.message.say("image", self.tr("Nothing was imported yet."), detail, self.tr("Import…"), self.import_wanted.emit)
        else:
            sentence = self.tr("{n} photos are here to be searched.").format(n=number(self._library.count))
            detail = self.tr("Say what is in the photo, as in “a red boat”.")
            self.message.say("search", sentence, detail, self.tr("Search Unsplash"), self.focus_box)
        self.pages.setCurrentWidget(self.message)

    def _on_failure(self, error: KnownError) -> None:
        library = self._library
        if isinstance(error, ModelError) and library is not None:
            sentence = self.tr("Words are understood here by a model that is not installed: {name}").format(
                name=library.model_id
            )
            detail = self.tr("It is downloaded beside everything else; then ask again.")
            name = library.model_id
            self.message.say("attention", sentence, detail, self.tr("Download it"), lambda: self.model_wanted.emit(name))
        else:
            self.message.say("attention", error.message, error.remedy, self.tr("Try again"), self.session.ask_now)
        self.pages.setCurrentWidget(self.message)

    def _on_unreachable(self, error: KnownError) -> None:
        if not self.notice.isVisible():
            self.notice.say(str(error), self.tr("Try again"), self._retry_pictures)

    def _retry_pictures(self) -> None:
        self.thumbnails.retry_missing()
        self.grid.viewport().update()

    def _fetch_picture(self, content_hash: bytes) -> bytes | None:
        """Bring one picture; runs in a lane of its own."""
        url = self._urls.get(content_hash)
        if url is None:
            return None
        try:
            return self._bridge.library.libraries.picture(url)
        except KnownError as error:
            self._unreachable.emit(error)
            return None

    def _fetch_rows(self, ids: Sequence[int], done: Callable[[list[Photo]], None]) -> None:
        """Every row came with the answer."""
        done([])

    def _current(self) -> Photo | None:
        return self.model.photo_at(self.grid.currentIndex().row()) if self.grid.currentIndex().isValid() else None

    def _open_page(self, index: QModelIndex) -> None:
        photo = self.model.photo_at(index.row()) if index.isValid() else None
        if photo is not None and photo.source_url:
            self._opener.open_page(photo.source_url)

    def _copy_link(self) -> None:
        photo = self._current()
        if photo is not None and photo.source_url:
            QGuiApplication.clipboard().setText(photo.source_url)

    def _find_similar(self) -> None:
        photo = self._current()
        if photo is not None:
            was_blocked = self.box.edit.blockSignals(True)
            self.box.edit.clear()
            self.box.edit.blockSignals(was_blocked)
            self.session.find_similar(photo)

    def _on_menu(self, point: QPoint) -> None:
        if self.grid.indexAt(point).isValid():
            menu = QMenu(self)
            menu.addActions(self.actions_of_photo)
            menu.exec(self.grid.viewport().mapToGlobal(point))
            menu.deleteLater()
