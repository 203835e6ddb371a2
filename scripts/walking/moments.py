"""The moments of the window, in the order of a first evening with it: each goes there from a window that shows all photos."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from helios_desktop.app import App
from helios_desktop.domain import Filter
from helios_desktop.ui.main_window import MainWindow
from helios_desktop.ui.viewer.viewer import Viewer

PATIENCE_SECONDS = 30.0


@dataclass(kw_only=True)
class Walk:
    """The window that is walked through; ``target`` is what the next picture shows."""

    window: MainWindow
    app: App
    target: QWidget = field(init=False)

    def __post_init__(self) -> None:
        self.target = self.window

    def wait(self, until: Callable[[], bool]) -> None:
        """Let the window work until something is so."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not until():
            if time.monotonic() > deadline:
                raise TimeoutError(until)
            QTest.qWait(10)

    def settle(self) -> None:
        """Wait until everything that is in sight has its picture."""

        def is_painted() -> bool:
            self.target.grab()
            return not self.window._bridge._waiting

        QTest.qWait(50)
        self.wait(is_painted)
        QTest.qWait(50)

    def ask(self, words: str) -> None:
        """Type words and wait for their answer."""
        self.window.search_bar.box.edit.setText(words)
        self.wait(lambda: self.window.session.answered_words == words)

    @property
    def viewer(self) -> Viewer:
        """The viewer, which is open."""
        assert self.window.viewing.viewer is not None
        return self.window.viewing.viewer

    def go_back(self) -> None:
        """Back to all photos."""
        if self.target is not self.window:
            self.target.close()
        if self.window.viewing.is_open:
            self.viewer.side.hide()
            self.viewer.leave()
        self.window.details_action.setChecked(False)
        self.window.show_everything()
        self.wait(lambda: self.window.session.answered_words == "")


def browsing(walk: Walk) -> None:
    """All photos, newest first."""
    walk.wait(lambda: walk.window.grid_model.rowCount() > 0)


def searching(walk: Walk) -> None:
    """Words find pictures."""
    walk.ask("a lake with mountains")


def understood(walk: Walk) -> None:
    """What was understood stands in chips under the box."""
    walk.ask("mountains -people 2:temple folder:Pictures since 2010")


def details(walk: Walk) -> None:
    """A photo, what is known of it, and photos like it."""
    walk.ask("a bird")
    walk.window.grid.setFocus()
    walk.window.grid.setCurrentIndex(walk.window.grid_model.index(0))
    walk.window.details_action.setChecked(True)
    walk.wait(lambda: len(walk.window.details.strip.photos) > 0)


def favourites(walk: Walk) -> None:
    """Hearts on tiles, and albums at the side."""
    ids = [int(one) for one in walk.app.browse(Filter())[:3]]
    walk.app.marks.favourite(ids)
    walk.app.marks.rating(ids[:2], 4)
    if not walk.app.marks.albums():
        walk.app.marks.add_to_album(walk.app.marks.create_album("Best of the year"), ids)
        walk.app.marks.save_search("Animals", "an animal")
    walk.window.feed.refresh()
    walk.wait(lambda: walk.window.feed.snapshot is not None and walk.window.feed.snapshot.favourites == 3)
    walk.window.grid.setFocus()


def viewing(walk: Walk) -> None:
    """One photo over the whole window."""
    walk.ask("a bird")
    walk.window.viewing.open(walk.window.grid_model.index(0), is_full_screen=False)
    walk.wait(lambda: walk.viewer.canvas.longest_px > 512)


def viewing_details(walk: Walk) -> None:
    """The same photo larger, with what is known of it."""
    viewing(walk)
    walk.viewer.canvas.zoom_by(2.2)
    walk.viewer.actions_by_name["info"].trigger()


def asking_help(walk: Walk) -> None:
    """What the box understands."""
    walk.window.searching.show_help()
    walk.target = QApplication.activeModalWidget() or walk.window


MOMENTS: dict[str, Callable[[Walk], None]] = {
    "browsing": browsing,
    "searching": searching,
    "understood": understood,
    "details": details,
    "favourites": favourites,
    "viewing": viewing,
    "viewing-details": viewing_details,
    "help": asking_help,
}
