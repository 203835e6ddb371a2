"""The grid's photos seen one at a time: the viewer over the window, the details at its side, and their marks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtWidgets import QMainWindow, QStackedWidget

from helios_desktop.domain import Photo
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.desktop_files import FileOpener
from helios_desktop.ui.details.panel import DetailsPanel
from helios_desktop.ui.grid.model import PhotoGridModel, PhotoRole
from helios_desktop.ui.grid.view import PhotoGridView
from helios_desktop.ui.marks.changes import MarkChanges
from helios_desktop.ui.viewer.viewer import Viewer


class Viewing(QObject):
    """Opens the viewer when it is first wanted, and keeps grid, details and viewer at the same photo."""

    def __init__(
        self,
        window: QMainWindow,
        stack: QStackedWidget,
        bridge: Bridge,
        grid: PhotoGridView,
        details: DetailsPanel,
        marks: MarkChanges,
        opener: FileOpener,
    ) -> None:
        super().__init__(window)
        self._window, self._stack, self._bridge = window, stack, bridge
        self._grid, self._details, self._marks, self._opener = grid, details, marks, opener
        self._state_before = Qt.WindowState.WindowNoState
        self.viewer: Viewer | None = None
        grid.selectionModel().currentChanged.connect(self._on_current_changed)
        grid.model().modelReset.connect(self._show_details)
        grid.model().dataChanged.connect(self._on_rows_changed)
        marks.changed.connect(self._on_marks_changed)
        details.favourite_toggled.connect(lambda photo: marks.toggle_favourite([photo]))
        details.rated.connect(lambda photo, stars: marks.rate([photo], stars))

    @property
    def is_open(self) -> bool:
        """Whether the viewer covers the window."""
        return self.viewer is not None and self._stack.currentWidget() is self.viewer

    def open(self, index: QModelIndex, *, is_full_screen: bool = True) -> None:
        """Show a row over the whole window, and the window over the whole screen."""
        viewer = self.viewer or self._make_viewer()
        self._state_before = self._window.windowState()
        self._stack.setCurrentWidget(viewer)
        if is_full_screen:
            self._window.setWindowState(self._state_before | Qt.WindowState.WindowFullScreen)
        viewer.open_row(index.row())

    def toggle_full_screen(self) -> None:
        """Fill the screen, or no longer."""
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _make_viewer(self) -> Viewer:
        model = self._grid.model()
        assert isinstance(model, PhotoGridModel)  # noqa: S101 - the grid has no other
        self.viewer = viewer = Viewer(self._bridge, model, self._stack)
        self._stack.addWidget(viewer)
        viewer.closed.connect(self._on_closed)
        viewer.favourite_toggled.connect(lambda photo: self._marks.toggle_favourite([photo]))
        viewer.rated.connect(lambda photo, stars: self._marks.rate([photo], stars))
        viewer.open_elsewhere.connect(lambda photo: self._opener.open(photo.path))
        viewer.full_screen_toggled.connect(self.toggle_full_screen)
        return viewer

    def _on_closed(self, row: int) -> None:
        self._stack.setCurrentIndex(0)
        self._window.setWindowState(self._state_before & ~Qt.WindowState.WindowMinimized)
        index = self._grid.model().index(row, 0)
        if index.isValid():
            self._grid.setCurrentIndex(index)
            self._grid.scrollTo(index)
        self._grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_current_changed(self, _current: QModelIndex) -> None:
        self._show_details()

    def _show_details(self) -> None:
        current = self._grid.currentIndex()
        photo: Photo | None = current.data(PhotoRole.PHOTO) if current.isValid() else None
        self._details.show_photo(photo, current.data(PhotoRole.SCORE) if photo is not None else None)

    def _on_rows_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        if first.row() <= self._grid.currentIndex().row() <= last.row():
            self._show_details()

    def _on_marks_changed(self, photos: Sequence[Photo]) -> None:
        model = self._grid.model()
        if isinstance(model, PhotoGridModel):
            model.replace_rows(photos)
        if self.viewer is not None:
            self.viewer.refresh_marks()
