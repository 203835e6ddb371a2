"""The quick search: a frameless box over everything; type, arrows, Enter opens, Ctrl+C copies, drag out, Esc goes.

A desktop binds ``helios gui --quick`` to a key of its own; under Wayland no application can listen for keys everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QHideEvent, QKeySequence, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from helios_desktop.domain import Photo
from helios_desktop.errors import KnownError
from helios_desktop.pipeline.stacks import Folding, Stacks
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.desktop_files import FileOpener
from helios_desktop.ui.grid.delegate import TileDelegate
from helios_desktop.ui.grid.model import PhotoGridModel
from helios_desktop.ui.grid.thumbnails import ThumbnailLoader
from helios_desktop.ui.grid.view import PhotoGridView
from helios_desktop.ui.search.bar import SearchBox
from helios_desktop.ui.search.session import Answer, SearchSession
from helios_desktop.ui.taking_out import TakingOut
from helios_desktop.ui.theme.icons import ThemeIcons
from helios_desktop.ui.theme.spacing import MEDIUM_PX, RADIUS_PX

SIZE_PX = (720, 470)
TILE_PX = 120
SHOWN = 24
TOP_SHARE = 0.18  # of the screen's height


class QuickWindow(QWidget):
    """Asks the library as the large window does, in a session of its own."""

    whole_window_wanted = Signal(str)  # with these words
    gone = Signal()

    def __init__(self, bridge: Bridge, opener: FileOpener) -> None:
        super().__init__(None, Qt.WindowType.Tool | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint)
        self._bridge, self._opener = bridge, opener
        self._was_active = False
        self.taking_out = TakingOut(self, bridge)
        self.setWindowTitle(self.tr("Helios quick search"))
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        icons = ThemeIcons(self)
        self.session = SearchSession(bridge, self)
        self.model = PhotoGridModel(self._fetch, self)
        self.box = SearchBox(icons, self)
        self.box.help.hide()
        self.box.history.hide()
        self.box.filter.hide()
        self.grid = PhotoGridView(self.model, tile_px=TILE_PX, parent=self)
        thumbnails = ThumbnailLoader(bridge, parent=self)
        self.grid.setItemDelegate(TileDelegate(thumbnails, parent=self.grid))
        thumbnails.loaded.connect(self.grid.repaint_photo)
        column = QVBoxLayout(self)
        column.setContentsMargins(MEDIUM_PX, MEDIUM_PX, MEDIUM_PX, MEDIUM_PX)
        column.addWidget(self.box)
        column.addWidget(self.grid, 1)
        self.resize(*SIZE_PX)
        self._make_actions()
        self.box.edit.textChanged.connect(self.session.set_words)
        self.box.edit.left_downwards.connect(self._on_entered)
        self.box.edit.escaped.connect(self.hide)
        self.box.cross.clicked.connect(self.box.edit.clear)
        self.session.answered.connect(self._on_answer)
        self.session.failed.connect(self._on_failure)
        self.grid.open_requested.connect(self._on_open)
        self.grid.left_upwards.connect(self.box.edit.setFocus)

    def _make_actions(self) -> None:
        self._act(self.tr("Close"), "Esc", self.hide)
        self._act(self.tr("Copy"), "Ctrl+C", self.copy_current)
        self._act(self.tr("Show in the window"), "Ctrl+Return", self._on_whole_window)

    def _act(self, text: str, keys: str, run: Callable[[], None]) -> None:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda _checked=False: run())
        self.addAction(action)

    def call(self) -> None:
        """Come to the front, empty and ready to be typed into."""
        self.box.edit.selectAll()
        screen = QGuiApplication.primaryScreen().availableGeometry()
        self.move(screen.center().x() - self.width() // 2, screen.top() + round(screen.height() * TOP_SHARE))
        self.session.ask_now()
        self.show()
        self.raise_()
        self.activateWindow()
        self.box.edit.setFocus(Qt.FocusReason.ActiveWindowFocusReason)

    def copy_current(self) -> None:
        """Copy the current photo: its pixels for an editor, and its file for a mail."""
        photo = self.model.photo_at(max(0, self.grid.currentIndex().row()))
        if photo is not None:
            self.taking_out.copy_image(photo)

    def changeEvent(self, event: QEvent) -> None:
        """Go when something else is wanted, as a menu does."""
        super().changeEvent(event)
        if event.type() != QEvent.Type.ActivationChange:
            return
        was_active, self._was_active = self._was_active, self.isActiveWindow()
        is_dragging = QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton
        if was_active and not self._was_active and self.isVisible() and not is_dragging:
            self.hide()

    def hideEvent(self, event: QHideEvent) -> None:
        """Say so."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.gone.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a plate with a frame."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Window))
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), 1))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), RADIUS_PX // 2, RADIUS_PX // 2)
        painter.end()

    def _fetch(self, ids: Sequence[int], done: Callable[[list[Photo]], None]) -> None:
        library = self._bridge.library
        self._bridge.ask("rows", lambda: library.photos(ids), done)

    def _on_entered(self) -> None:
        self.session.flush()
        self.grid.setFocus(Qt.FocusReason.TabFocusReason)

    def _on_answer(self, answer: Answer) -> None:
        stacks = answer.stacks or Stacks.none(len(answer.ids))
        ids = answer.ids[Folding(answer.ids, stacks).shown().rows][:SHOWN]  # a burst is one photo here, and stays so
        self.model.show_answer(ids, answer.photos, answer.scores)
        self.grid.go_to_start()

    def _on_failure(self, _error: KnownError) -> None:
        self.whole_window_wanted.emit(self.session.question.words)

    def _on_open(self, index: QModelIndex) -> None:
        photo = self.model.photo_at(index.row())
        if photo is not None:
            self._opener.open(photo.path)
            self.hide()

    def _on_whole_window(self) -> None:
        self.whole_window_wanted.emit(self.session.question.words)
        self.hide()
