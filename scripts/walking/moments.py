"""The moments of the window, in the order of a first evening with it: each goes there from a window that shows all photos."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QModelIndex, QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from helios_desktop.app import App
from helios_desktop.domain import Filter
from helios_desktop.ui.companions import Companions
from helios_desktop.ui.main_window import MainWindow
from helios_desktop.ui.settings.dialog import SettingsDialog
from helios_desktop.ui.viewer.viewer import Viewer

PATIENCE_SECONDS = 60.0  # a busy machine is slow, not broken


@dataclass(kw_only=True)
class Walk:
    """The window that is walked through; ``target`` is what the next picture shows."""

    window: MainWindow
    app: App
    companions: Companions
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
        self.window.unsplashing.leave()
        self.window.panel.view.collapseAll()
        for part in (self.window.panel, self.window.search_bar):
            part.show()
        window = self.window
        window.search_bar.arrange.stacking.close_all()
        window.show_everything()
        self.wait(lambda: window.session.answered_words == "" and not window._bridge._waiting)
        window.session.ask_now()
        self.wait(lambda: window.content.pages.currentWidget() is window.grid and not window._bridge._waiting)
        window.grid.clearSelection()
        window.grid.verticalScrollBar().setValue(0)
        QTest.mouseMove(window.panel)  # nothing is under the pointer


def browsing(walk: Walk) -> None:
    """All photos, newest first."""
    walk.wait(lambda: walk.window.grid_model.rowCount() > 0)


def searching(walk: Walk) -> None:
    """Words find pictures."""
    walk.ask("old buildings and temples")


def understood(walk: Walk) -> None:
    """What was understood stands in chips under the box."""
    walk.ask("mountains -people 2:temple folder:Pictures since 2010")


def details(walk: Walk) -> None:
    """A photo, what is known of it, and photos like it."""
    walk.ask("an animal")
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


def settings(walk: Walk) -> None:
    """The settings, at the page of models."""
    opened: list[SettingsDialog] = []
    walk.window.preferring.opened.connect(opened.append)
    walk.window.preferring.open()
    walk.wait(lambda: bool(opened))
    opened[0].show_page(opened[0].model_page)
    walk.target = opened[0]


def quick_search(walk: Walk) -> None:
    """A thought, and a photo."""
    walk.companions.call_quick()
    assert walk.companions.quick is not None
    walk.target = walk.companions.quick
    walk.companions.quick.box.edit.setText("a dog")
    walk.wait(lambda: walk.companions.quick is not None and walk.companions.quick.session.answered_words == "a dog")


def more_like_this(walk: Walk) -> None:
    """Like one photo, unlike another."""
    window = walk.window
    walk.wait(lambda: window.grid_model.photo_at(0) is not None and window.grid_model.photo_at(4) is not None)
    photos = [window.grid_model.photo_at(row) for row in (4, 1)]
    for photo, weight in zip(photos, (1.0, -0.5), strict=True):
        assert photo is not None
        window.searching.add_example(photo, weight)
    walk.wait(lambda: window.searching.answer is not None and len(window.searching.answer.question.examples) == 2)


def refining(walk: Walk) -> None:
    """A tick on one result, a cross on another; the pointer is on a third."""
    window = walk.window
    walk.ask("an animal")
    walk.wait(lambda: all(window.grid_model.photo_at(row) is not None for row in range(4)))
    grid = window.grid
    for row, zone in ((0, "more"), (3, "less")):
        grid.zone_pressed.emit(window.grid_model.index(row), zone)
        walk.wait(lambda: not window._bridge._waiting)
    tile = grid.visualRect(window.grid_model.index(1))
    QTest.mouseMove(grid.viewport(), tile.center())
    QTest.qWait(50)
    QTest.mouseMove(grid.viewport(), tile.center() + QPoint(3, 3))


def burst(walk: Walk) -> None:
    """Five frames as one tile, and opened."""
    window = walk.window
    walk.wait(lambda: any(stack_at(window, row) for row in range(window.grid_model.rowCount())))
    row = next(row for row in range(window.grid_model.rowCount()) if stack_at(window, row))
    window.refining.toggle_stack(window.grid_model.index(row))
    window.grid.scrollTo(window.grid_model.index(row))


def bursts_folded(walk: Walk) -> None:
    """Five frames as one tile."""
    window = walk.window
    walk.wait(lambda: any(stack_at(window, row) for row in range(window.grid_model.rowCount())))


def folders(walk: Walk) -> None:
    """The folders of a library as a tree, one of them looked at."""
    window = walk.window
    model, view = window.places, window.panel.view

    def is_open(index: QModelIndex) -> bool:
        view.setExpanded(index, not view.isExpanded(index) or model.rowCount(index) > 0)  # laid out before it can be opened
        return model.rowCount(index) > 1

    walk.wait(lambda: is_open(model.index(1)))
    trips = model.index(1, 0, model.index(1))
    walk.wait(lambda: is_open(trips))
    view.setCurrentIndex(trips)
    walk.wait(lambda: window.grid_model.rowCount() == 4 and not window._bridge._waiting)


def places(walk: Walk) -> None:
    """Words and a land; the place stands in the details of the photo."""
    window = walk.window
    walk.ask("a temple or a mountain in Peru")
    window.grid.setFocus()
    window.grid.setCurrentIndex(window.grid_model.index(0))
    window.details_action.setChecked(True)
    walk.wait(lambda: "Place" in window.details.facts.texts())


def around_a_photo(walk: Walk) -> None:
    """What was taken near a photo, and a place with how far around it is looked."""
    walk.ask("within 25 km of Beijing")


def stack_at(window: MainWindow, row: int) -> bool:
    """Whether a row stands for several photos."""
    return window.grid_model.stack_at(row) is not None


def nothing_found(walk: Walk) -> None:
    """A sentence, and one button that helps."""
    walk.ask('"no such words anywhere"')


def first_start(walk: Walk) -> None:
    """The first page, as a person sees it who has no library yet."""
    browsing(walk)
    walk.settle()
    walk.window.content.show_onboarding()
    for part in (walk.window.panel, walk.window.search_bar):
        part.hide()


def engine_settings(walk: Walk) -> None:
    """The settings, at the page of the search engine."""
    opened: list[SettingsDialog] = []
    walk.window.preferring.opened.connect(opened.append)
    walk.window.preferring.open()
    walk.wait(lambda: bool(opened))
    opened[0].show_page(opened[0].engine_page)
    opened[0].engine_page.kind.setCurrentIndex(1)
    walk.target = opened[0]


def unsplash(walk: Walk) -> None:
    """The page of photos that lie elsewhere, before anything was imported."""
    walk.window.unsplashing.show()


MOMENTS: dict[str, Callable[[Walk], None]] = {
    "first-start": first_start,
    "browsing": browsing,
    "searching": searching,
    "understood": understood,
    "details": details,
    "more-like-this": more_like_this,
    "refining": refining,
    "folders": folders,
    "places": places,
    "around": around_a_photo,
    "burst-folded": bursts_folded,
    "burst-open": burst,
    "favourites": favourites,
    "viewing": viewing,
    "viewing-details": viewing_details,
    "nothing-found": nothing_found,
    "help": asking_help,
    "settings": settings,
    "engine-settings": engine_settings,
    "quick-search": quick_search,
    "unsplash": unsplash,
}
