"""The filter menu: what the library can be narrowed by, as words for the box, where each becomes a chip."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu, QWidget

from helios_desktop.catalog.facets import Facets
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.plain_text import number, one_line
from helios_desktop.ui.theme.icons import ThemeIcons

YEARS = 8
MOST_STARS = 5


class FilterMenu(QObject):
    """Offers filters; the library is asked what it holds when the menu is opened."""

    words_added = Signal(str)  # to put behind the words in the box
    failed = Signal(object)  # KnownError

    def __init__(self, bridge: Bridge, icons: ThemeIcons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._icons = bridge, icons

    def open_below(self, widget: QWidget) -> None:
        """Show the menu below a widget."""

        def show(facets: Facets) -> None:
            menu = self.menu(widget, facets, date.today())
            menu.exec(widget.mapToGlobal(QPoint(0, widget.height())))
            menu.deleteLater()

        self._bridge.ask("library", self._bridge.library.facets, show, self.failed.emit)

    def menu(self, parent: QWidget, facets: Facets, today: date) -> QMenu:
        """Return the menu. Its words are those of the query language, whatever the window's language is."""
        menu = QMenu(parent)
        years = [(str(year), str(year)) for year in range(today.year, today.year - YEARS, -1)]
        self._add(menu, self.tr("Taken in"), "calendar", years)
        cameras = [(f"{one_line(name)}  ({number(count)})", f'camera:"{name}"') for name, count in facets.cameras]
        self._add(menu, self.tr("Camera"), "camera", cameras)
        formats = [(f"{one_line(name)}  ({number(count)})", f"format:{name}") for name, count in facets.formats]
        self._add(menu, self.tr("Format"), "file", formats)
        stars = [("★" * count + (" +" if count < MOST_STARS else ""), f"rating:{count}") for count in range(MOST_STARS, 0, -1)]
        self._add(menu, self.tr("Stars"), "star", stars)
        favourites = menu.addAction(self.tr("Favourites"))
        favourites.triggered.connect(lambda: self.words_added.emit("favourite:yes"))
        self._icons.give(favourites, "heart")
        return menu

    def _add(self, menu: QMenu, title: str, icon_name: str, choices: Sequence[tuple[str, str]]) -> None:
        below = menu.addMenu(title)
        below.setEnabled(bool(choices))
        self._icons.give(below.menuAction(), icon_name)
        for text, words in choices:
            below.addAction(text.replace("&", "&&")).triggered.connect(
                lambda _on=False, words=words: self.words_added.emit(words)
            )
