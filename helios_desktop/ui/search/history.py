"""The menu under the box: what was asked before, what was saved, and saving what is asked now."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu, QWidget

from helios_desktop.catalog.marks import SavedSearch
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.library_port import Library
from helios_desktop.ui.plain_text import one_line
from helios_desktop.ui.theme.icons import ThemeIcons

SHOWN = 12
LONGEST = 60  # characters of a question in the menu


@dataclass(frozen=True, slots=True)
class Remembered:
    """Saved questions and the last ones, newest first."""

    saved: tuple[SavedSearch, ...]
    last: tuple[str, ...]


def recall(library: Library) -> Remembered:
    """Ask the library; blocks."""
    return Remembered(tuple(library.marks.saved_searches()), tuple(library.marks.history(SHOWN)))


class SearchHistory(QObject):
    """Writes down what was asked, and brings it back."""

    words_wanted = Signal(str)
    save_wanted = Signal()

    def __init__(self, bridge: Bridge, icons: ThemeIcons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._icons = bridge, icons

    def remember(self, words: str) -> None:
        """Write down a question that a person meant: one that was entered, or whose answer was opened."""
        if words:
            marks = self._bridge.library.marks
            self._bridge.ask("library", lambda: marks.remember(words), lambda _done: None)

    def open_below(self, widget: QWidget, words: str) -> None:
        """Show the menu below the box. ``words``: what is asked now."""
        library = self._bridge.library

        def show(remembered: Remembered) -> None:
            menu = self.menu(widget, remembered, words)
            menu.setMinimumWidth(widget.width())
            menu.exec(widget.mapToGlobal(QPoint(0, widget.height())))
            menu.deleteLater()

        self._bridge.ask("library", lambda: recall(library), show)

    def menu(self, parent: QWidget, remembered: Remembered, words: str) -> QMenu:
        """Return the menu."""
        menu = QMenu(parent)
        if words:
            save = menu.addAction(self.tr("Save this search…"))
            save.triggered.connect(self.save_wanted)
            self._icons.give(save, "bookmark")
            menu.addSeparator()
        for one in remembered.saved:
            self._add(menu, one.name, one.query, "bookmark")
        if remembered.saved and remembered.last:
            menu.addSeparator()
        for query in remembered.last:
            self._add(menu, query, query, "history")
        if remembered.last:
            menu.addSeparator()
            menu.addAction(self.tr("Forget what was searched")).triggered.connect(self._forget)
        elif not remembered.saved:
            menu.addAction(self.tr("What you search for appears here")).setEnabled(False)
        return menu

    def _add(self, menu: QMenu, text: str, query: str, icon_name: str) -> None:
        shown = one_line(text)
        shown = shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"
        action = menu.addAction(shown.replace("&", "&&"))
        action.triggered.connect(lambda: self.words_wanted.emit(query))
        self._icons.give(action, icon_name)

    def _forget(self) -> None:
        marks = self._bridge.library.marks
        self._bridge.ask("library", marks.clear_history, lambda _done: None)
