"""The place "Unsplash" in, its page over the photos out; the import, and the model that understands its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from helios_desktop.domain import Library
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.desktop_files import FileOpener
from helios_desktop.ui.library.feed import LibraryFeed
from helios_desktop.ui.library.model import Place
from helios_desktop.ui.library.panel import LibraryPanel
from helios_desktop.ui.models.keeping import ModelKeeping
from helios_desktop.ui.theme.icons import ThemeIcons
from helios_desktop.ui.unsplash.importing import UNSPLASH, UnsplashImporting

if TYPE_CHECKING:
    from helios_desktop.ui.unsplash.view import UnsplashView


class Unsplashing(QObject):
    """Makes the page when it is first looked at: until then nothing of it costs anything, and nothing is asked of anybody."""

    def __init__(
        self,
        window: QMainWindow,
        bridge: Bridge,
        opener: FileOpener,
        icons: ThemeIcons,
        feed: LibraryFeed,
        models: ModelKeeping,
        stack: QStackedWidget,
    ) -> None:
        super().__init__(window)
        self._window, self._bridge, self._opener, self._icons = window, bridge, opener, icons
        self._feed, self._models, self._stack = feed, models, stack
        self.importing = UnsplashImporting(bridge, self)
        self.view: UnsplashView | None = None
        self._panel: LibraryPanel | None = None

    def join(self, panel: LibraryPanel, import_action: QAction) -> None:
        """Come and go as places are chosen, and import when that is wanted."""
        self._panel = panel
        panel.place_chosen.connect(self.choose)
        import_action.triggered.connect(self.open_import)

    @property
    def is_shown(self) -> bool:
        """Whether the page covers the photos."""
        return self.view is not None and self._stack.currentWidget() is self.view

    def choose(self, place: Place) -> None:
        """Show the page, or what lies below it."""
        if place.kind == "unsplash":
            self.show()
        else:
            self.leave()

    def show(self) -> None:
        """Show the page."""
        if self.view is None:
            from helios_desktop.ui.unsplash.view import UnsplashView

            self.view = UnsplashView(self._bridge, self._opener, self._icons, self._stack)
            self.view.import_wanted.connect(self.open_import)
            self.view.model_wanted.connect(self._models.fetch)
            self._stack.addWidget(self.view)
        self._stack.setCurrentWidget(self.view)
        if self._panel is not None:
            self._panel.show_place(("unsplash", None))
        self._look()

    def focus_box(self) -> None:
        """Let words be typed into its box."""
        if self.view is not None:
            self.view.focus_box()

    def leave(self) -> None:
        """Show the photos again."""
        self._stack.setCurrentIndex(0)

    def open_import(self) -> None:
        """Ask for the two files."""
        from helios_desktop.ui.unsplash.import_dialog import ImportDialog

        owner: QWidget = self._window
        dialog = ImportDialog(self.importing, self._bridge.library.engine, owner)
        dialog.library_changed.connect(self._look)
        dialog.library_changed.connect(self._feed.refresh)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _look(self) -> None:
        libraries = self._bridge.library.libraries
        self._bridge.ask("library", lambda: libraries.get(UNSPLASH), self._show_library)

    def _show_library(self, library: Library | None) -> None:
        if self.view is not None:
            self.view.show_library(library)
