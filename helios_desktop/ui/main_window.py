"""The window: layout and wiring only. Questions go to the session, answers to the grid, news to the panel and the bars."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QModelIndex, QPoint, QSettings, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtWidgets import QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from helios_desktop.domain import Photo
from helios_desktop.errors import KnownError
from helios_desktop.ui.beginning import Beginnings
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.content import ContentArea
from helios_desktop.ui.desktop_files import FileOpener, dropped_paths
from helios_desktop.ui.details.panel import DetailsPanel
from helios_desktop.ui.following import Following
from helios_desktop.ui.grid.delegate import TileDelegate
from helios_desktop.ui.grid.model import PhotoGridModel
from helios_desktop.ui.grid.thumbnails import ThumbnailLoader
from helios_desktop.ui.library.feed import LibraryFeed, Snapshot
from helios_desktop.ui.library.folders import FolderChanges
from helios_desktop.ui.library.model import PlacesModel
from helios_desktop.ui.library.panel import LibraryPanel
from helios_desktop.ui.library.places import PlaceChoices, is_in, key_of
from helios_desktop.ui.library.tending import Tending
from helios_desktop.ui.marks.changes import MarkChanges
from helios_desktop.ui.models.bar import ModelBar
from helios_desktop.ui.models.keeping import ModelKeeping
from helios_desktop.ui.news import News
from helios_desktop.ui.onboarding.page import OnboardingPage
from helios_desktop.ui.photo_actions import PhotoActions
from helios_desktop.ui.preferring import Preferring
from helios_desktop.ui.progressing import Progressing
from helios_desktop.ui.refining import Refining
from helios_desktop.ui.search.bar import SearchBar
from helios_desktop.ui.search.filter_menu import FilterMenu
from helios_desktop.ui.search.history import SearchHistory
from helios_desktop.ui.search.pasted import is_picture
from helios_desktop.ui.search.session import SearchSession
from helios_desktop.ui.searching import Searching
from helios_desktop.ui.status.bar import StatusBar
from helios_desktop.ui.taking_out import TakingOut
from helios_desktop.ui.theme.icons import ThemeIcons
from helios_desktop.ui.theme.spacing import DETAILS_PX, SIDEBAR_PX
from helios_desktop.ui.unsplashing import Unsplashing
from helios_desktop.ui.viewing import Viewing

if TYPE_CHECKING:
    from helios_desktop.ui.settings.dialog import SettingsDialog

FIRST_SIZE_PX = (1180, 760)


class MainWindow(QMainWindow):
    """Shows one library. The caller starts the library, and closes it after ``stop``."""

    content_shown = Signal()
    closed = Signal()

    def __init__(
        self,
        bridge: Bridge,
        opener: FileOpener,
        onboarding: OnboardingPage,
        *,
        tile_px: int = 176,
        memory: QSettings | None = None,
    ) -> None:
        super().__init__()
        self._bridge, self._opener, self._memory = bridge, opener, memory
        self.setWindowTitle(self.tr("Helios"))
        self.setAcceptDrops(True)
        self.icons = ThemeIcons(self)
        self.session = SearchSession(bridge, self)
        self.feed = LibraryFeed(bridge, self)
        self.folders = FolderChanges(bridge, self)
        self.marks = MarkChanges(bridge, self)
        self.choices = PlaceChoices(self, self.session, self.marks)
        self._make_actions()
        self._make_grid(onboarding, tile_px)
        self._make_layout()
        history = SearchHistory(bridge, self.icons, self)
        filters = FilterMenu(bridge, self.icons, self)
        self.searching = Searching(self, self.session, self.search_bar, self.content, self.feed, history, filters)
        self.taking_out = TakingOut(self, bridge)
        self.refining = Refining(self, bridge, self.session, self.feed, self.grid, self.search_bar.arrange.stacking)
        self.viewing = Viewing(self, self.stack, bridge, self.grid, self.details, self.marks, opener)
        history.save_wanted.connect(lambda: self.choices.save_search(self.session.question.words))
        self.following = Following(self, self.folders, self.content.notice)
        self.preferring = Preferring(self, bridge, opener, self.icons)
        self.progressing = Progressing(self, bridge, self.status, self.pause_action, opener, self.icons)
        self.preferring.settled.connect(self.progressing.holding.use)
        self.models = ModelKeeping(self, bridge, self.feed, self.model_bar, self.content.notice.say)
        self.news = News(self, bridge, self.feed, self.models.standing, self.content.notice.say, self.preferring.open)
        self.unsplashing = Unsplashing(self, bridge, opener, self.icons, self.feed, self.models, self.right)
        self.unsplashing.join(self.panel, self.import_action)
        self.beginnings = Beginnings(self, bridge, onboarding, self.folders, self.models)
        self._connect_search()
        self._connect_library()
        self._restore()
        self._show_engine()
        self.search_bar.focus_box()

    def begin(self) -> None:
        """Ask for the first answer and the first snapshot."""
        self.session.ask_now()
        self.feed.refresh()
        self.beginnings.look_at_models()

    def stop(self) -> bool:
        """End everything that runs behind the window; return whether it ended in time."""
        return self._bridge.close()

    def bring_to_front(self) -> None:
        """Show the window to the person who asked for it, wherever it was."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()

    # -- making

    def _make_actions(self) -> None:
        self.find_action = self._action(self.tr("Find"), QKeySequence(QKeySequence.StandardKey.Find), "search")
        self.add_action = self._action(self.tr("Add folder…"), QKeySequence("Ctrl+Shift+A"), "folder-add")
        self.pause_action = self._action(self.tr("Pause indexing"), QKeySequence("Ctrl+Shift+P"), "pause")
        self.problems_action = self._action(self.tr("Files that need attention"), QKeySequence("Ctrl+Shift+E"), "attention")
        self.help_action = self._action(self.tr("What you can ask"), QKeySequence("F1"), "help")
        self.filter_action = self._action(self.tr("Narrow the search"), QKeySequence("Ctrl+Shift+L"), "filter")
        self.save_action = self._action(self.tr("Save this search…"), QKeySequence("Ctrl+S"), "bookmark")
        self.details_action = self._action(self.tr("Details"), QKeySequence("I"), "info")
        self.details_action.setCheckable(True)
        self.details_action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)  # the viewer has an I of its own
        self.import_action = self._action(self.tr("Import an Unsplash data set"), QKeySequence("Ctrl+Shift+U"), "image")
        self.quick_action = self._action(self.tr("Quick search"), QKeySequence("Ctrl+Shift+F"), "search")
        self.phone_action = self._action(self.tr("Search from your phone…"), QKeySequence("Ctrl+Shift+M"), "phone")
        self.settings_action = self._action(self.tr("Settings"), QKeySequence("Ctrl+,"), "settings")
        self.settings_action.setMenuRole(QAction.MenuRole.PreferencesRole)
        self.quit_action = self._action(self.tr("Quit"), QKeySequence("Ctrl+Q"), "quit")
        self.quit_action.setMenuRole(QAction.MenuRole.QuitRole)
        self.quit_action.triggered.connect(self.close)

    def _action(self, text: str, keys: QKeySequence, icon_name: str) -> QAction:
        action = QAction(text, self)
        action.setShortcut(keys)
        action.setToolTip(f"{text} ({keys.toString(QKeySequence.SequenceFormat.NativeText)})")
        self.icons.give(action, icon_name)
        self.addAction(action)
        return action

    def _make_grid(self, onboarding: OnboardingPage, tile_px: int) -> None:
        bridge = self._bridge
        self.grid_model = PhotoGridModel(self._fetch_rows, self)
        self.thumbnails = ThumbnailLoader(bridge, parent=self)
        self.content = ContentArea(self.grid_model, onboarding, self.icons, tile_px=tile_px, parent=self)
        self.grid = self.content.grid
        self.grid.setItemDelegate(TileDelegate(self.thumbnails, self.grid.judged, self.grid))
        self.thumbnails.loaded.connect(self.grid.repaint_photo)
        self.photo_actions = PhotoActions(self.grid, self._chosen_photos, self._opener, self.marks, self.icons)

    def _make_layout(self) -> None:
        self.search_bar = SearchBar(self.icons, self.details_action, self)
        self.places = PlacesModel(self.folders.inside, self)
        self.panel = LibraryPanel(self.places, self.add_action, self.pause_action, self.icons, self)
        self.status = StatusBar(self.pause_action, self.icons, self)
        right = QWidget(self)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.search_bar)
        column.addWidget(self.content, 1)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self.splitter.setHandleWidth(1)
        self.splitter.addWidget(self.panel)
        self.details = DetailsPanel(self._bridge, self)
        self.details.hide()
        self.right = QStackedWidget(self)  # the page of Unsplash lies over the photos
        self.right.addWidget(right)
        self.splitter.addWidget(self.right)
        self.splitter.addWidget(self.details)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([SIDEBAR_PX, FIRST_SIZE_PX[0] - SIDEBAR_PX - DETAILS_PX, DETAILS_PX])
        whole = QWidget(self)
        rows = QVBoxLayout(whole)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.splitter, 1)
        self.model_bar = ModelBar(self.icons, self)
        rows.addWidget(self.model_bar)
        rows.addWidget(self.status)
        self.stack = QStackedWidget(self)  # the viewer lies over everything
        self.stack.addWidget(whole)
        self.removeAction(self.details_action)
        whole.addAction(self.details_action)
        self.setCentralWidget(self.stack)
        for first, second in ((self.search_bar.box.edit, self.grid), (self.grid, self.panel.view)):
            QWidget.setTabOrder(first, second)

    def _connect_search(self) -> None:
        searching, actions = self.searching, self.photo_actions
        self.find_action.triggered.connect(self._on_find)
        self.help_action.triggered.connect(searching.show_help)
        self.filter_action.triggered.connect(searching.show_filters)
        self.save_action.triggered.connect(lambda: self.choices.save_search(self.session.question.words))
        self.details_action.toggled.connect(self.details.setVisible)
        arrange = self.search_bar.arrange
        arrange.show_tile_px(self.grid.tile_px)
        arrange.tile_px_changed.connect(self.grid.set_tile_px)
        self.grid.tile_px_changed.connect(arrange.show_tile_px)
        searching.answer_shown.connect(self._on_answer_shown)
        self.choices.words_wanted.connect(searching.ask)
        self.session.place_changed.connect(lambda: self.panel.show_place(key_of(self.session.question)))
        self.grid.left_upwards.connect(self.search_bar.focus_box)
        self.grid.open_requested.connect(self._on_view)
        self.grid.customContextMenuRequested.connect(self._on_grid_menu)
        actions.view_requested.connect(lambda: self._on_view(self.grid.currentIndex()))
        actions.similar_requested.connect(searching.find_similar)
        actions.around_wanted.connect(searching.look_around)
        actions.example_added.connect(self.refining.judge)
        actions.stack_toggled.connect(lambda: self.refining.toggle_stack(self.grid.currentIndex()))
        actions.album_wanted.connect(self.choices.make_album)
        actions.failed.connect(self.content.notice.say)
        actions.image_wanted.connect(self.taking_out.copy_image)
        actions.copies_wanted.connect(self.taking_out.export)
        self.taking_out.said.connect(self.content.notice.say)
        self.taking_out.failed.connect(lambda error: self.content.notice.say(str(error)))
        self.details.similar_wanted.connect(searching.find_similar)

    def _connect_library(self) -> None:
        feed, panel, content = self.feed, self.panel, self.content
        feed.refreshed.connect(self._on_snapshot)
        feed.photos_changed.connect(self._on_photos_changed)
        feed.failed.connect(self._on_library_failed)
        self._bridge.progressed.connect(self.searching.say_how_many)
        self._bridge.failed.connect(self._on_library_failed)
        self.folders.changed.connect(feed.refresh)
        self.add_action.triggered.connect(self.following.choose)
        self.marks.written.connect(feed.refresh)
        self.marks.failed.connect(lambda error: content.notice.say(str(error)))
        self.tending = Tending(panel, self.places, self._bridge, feed, self.folders, self.choices, self._opener)
        panel.patterns_requested.connect(self.preferring.open)
        panel.remove_requested.connect(self.following.confirm_removal)
        content.add_folder_wanted.connect(self.following.choose)
        self.problems_action.triggered.connect(self.progressing.show_problems)
        self.status.settings_requested.connect(self.preferring.open)
        self.settings_action.triggered.connect(self.preferring.open)
        self.preferring.opened.connect(self._on_settings_opened)
        self.models.answering_changed.connect(self._on_photos_changed)
        self.preferring.engine_changed.connect(self._on_photos_changed)
        for part in (self.preferring, self.models):
            part.failed.connect(self._on_library_failed)

    # -- searching

    def show_everything(self) -> None:
        """Back to all photos, newest first."""
        self.searching.show_everything()

    def find_similar(self, photo: Photo) -> None:
        """Look for photos like this one."""
        self.searching.find_similar(photo)

    def _on_answer_shown(self) -> None:
        self._show_engine()
        self.content_shown.emit()

    # -- the library

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        has_roots = bool(snapshot.roots)
        is_begun = has_roots and self.search_bar.isHidden()
        for part in (self.panel, self.search_bar):
            part.setVisible(has_roots)
        if not has_roots:
            self.content.show_onboarding()
        if is_begun:
            self.search_bar.focus_box()
        self.places.show_places(snapshot)
        self.status.show_counts(snapshot.counts)
        question = self.session.question
        is_folder_gone = question.folder is not None and not any(is_in(question.folder, root) for root in snapshot.roots)
        albums = [album.album_id for album in snapshot.albums]
        if is_folder_gone or (question.album_id is not None and question.album_id not in albums):
            self.session.set_place()

    def _on_photos_changed(self) -> None:
        self.thumbnails.retry_missing()
        self.session.refresh()

    def _on_settings_opened(self, dialog: SettingsDialog) -> None:
        dialog.folders_page.add_wanted.connect(self.following.choose)
        dialog.folders_page.remove_wanted.connect(self.following.confirm_removal)
        self.feed.refreshed.connect(dialog.folders_page.show_snapshot)
        self.models.attach(dialog.model_page)

    def _on_library_failed(self, error: KnownError) -> None:
        self.content.notice.say(str(error), self.tr("Try again"), self.feed.refresh)

    def _show_engine(self) -> None:
        library = self._bridge.library
        self.status.show_engine(library.model_title, library.model_id, library.engine)

    # -- photos

    def _fetch_rows(self, ids: Sequence[int], done: Callable[[list[Photo]], None]) -> None:
        library = self._bridge.library
        self._bridge.ask("rows", lambda: library.photos(ids), done)

    def _chosen_photos(self) -> list[Photo]:
        return [photo for photo in map(self.grid_model.photo_at, self.grid.chosen_rows()) if photo is not None]

    def _on_find(self) -> None:
        if self.viewing.viewer is not None and self.viewing.is_open:
            self.viewing.viewer.leave()
        (self.unsplashing if self.unsplashing.is_shown else self.search_bar).focus_box()

    def _on_view(self, index: QModelIndex) -> None:
        if index.isValid():
            self.searching.remember()
            self.viewing.open(index)

    def _on_grid_menu(self, point: QPoint) -> None:
        if self.grid.indexAt(point).isValid():
            albums = () if self.feed.snapshot is None else self.feed.snapshot.albums
            menu = self.photo_actions.menu(self.grid, albums, self.session.question.album_id)
            menu.exec(self.grid.viewport().mapToGlobal(point))
            menu.deleteLater()

    # -- window events

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take folders and pictures that come from outside."""
        if event.source() is None and is_picture(event.mimeData()):
            event.setDropAction(Qt.DropAction.LinkAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Follow the folders that were dropped; search by a picture."""
        event.acceptProposedAction()
        paths = dropped_paths(event.mimeData().urls())
        folders = [path for path in paths if not os.path.isfile(path)]
        if folders:
            self.folders.add(folders)
        else:
            self.searching.take_picture(event.mimeData())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember size and place, and go."""
        self._bridge.quiet()
        self.retire()
        self.setUpdatesEnabled(False)  # what is still to be painted has no window to be painted on
        event.accept()
        self.closed.emit()

    def retire(self) -> None:
        """Remember size and place, and hear of nothing any more: the window goes, or another one takes its place."""
        if self._memory is not None:
            self._memory.setValue("geometry", self.saveGeometry())
            self._memory.setValue("splitter", self.splitter.saveState())
            self._memory.setValue("tile_px", self.grid.tile_px)
            self._memory.setValue("fold", self.search_bar.arrange.fold.isChecked())
            self._memory.setValue("details", self.details_action.isChecked())
        self._bridge.forget_all()
        self.models.download.end()
        self.searching.pasted.close()

    def _restore(self) -> None:
        self.resize(*FIRST_SIZE_PX)
        if self._memory is not None:
            for key, restore in (("geometry", self.restoreGeometry), ("splitter", self.splitter.restoreState)):
                state = self._memory.value(key)
                if isinstance(state, QByteArray):
                    restore(state)
            self.details_action.setChecked(self._memory.value("details", False, type=bool) is True)
            self.search_bar.arrange.fold.setChecked(self._memory.value("fold", True, type=bool) is True)
            tile_px = self._memory.value("tile_px", 0, type=int)
            if isinstance(tile_px, int) and tile_px:
                self.grid.set_tile_px(tile_px)
