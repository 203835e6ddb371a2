"""What is pressed on tiles in: more or fewer photos like one, a stack opened or closed. Stacks are looked for here, too."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QTimer

from helios_desktop.domain import Photo
from helios_desktop.errors import KnownError
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.grid.model import PhotoRole
from helios_desktop.ui.grid.stacking import Stacking
from helios_desktop.ui.grid.view import PhotoGridView
from helios_desktop.ui.library.feed import LibraryFeed
from helios_desktop.ui.search.session import Example, SearchSession

MORE, LESS = 1.0, -0.5
LOOK_AGAIN_MS = 4000  # while photos come and go


class Refining(QObject):
    """Turns ticks and crosses into examples of the question, and keeps the tiles marked that are examples."""

    def __init__(
        self, owner: QObject, bridge: Bridge, session: SearchSession, feed: LibraryFeed, grid: PhotoGridView, stacking: Stacking
    ) -> None:
        super().__init__(owner)
        self._bridge, self._session, self._grid, self._stacking = bridge, session, grid, stacking
        self._timer = QTimer(self, singleShot=True, interval=LOOK_AGAIN_MS)
        self._timer.timeout.connect(self._on_rested)
        self._is_due = False
        grid.zone_pressed.connect(self._on_zone_pressed)
        session.examples_changed.connect(self._on_examples_changed)
        feed.photos_changed.connect(self.look_for_stacks)

    def judge(self, photo: Photo, weight: float) -> None:
        """Look for more photos like this one, or for fewer; asked for the same again, no longer."""
        example = Example.of(photo, weight)
        if any(one.key == example.key and one.weight * weight > 0 for one in self._session.question.examples):
            self._session.remove_example(example)
        else:
            self._session.add_example(example)

    def toggle_stack(self, index: QModelIndex) -> None:
        """Show all photos of the stack that a row stands for, or one again."""
        stack = index.data(PhotoRole.STACK) if index.isValid() else None
        if stack is not None:
            self._stacking.toggle(stack.number)

    def look_for_stacks(self) -> None:
        """Look for stacks in the library as it is now: at once, then every few seconds while it changes."""
        if self._timer.isActive():
            self._is_due = True
            return
        self._is_due = False
        self._timer.start()
        self._bridge.ask("library", self._bridge.library.find_stacks, self._on_stacks, _leave_alone)

    def _on_rested(self) -> None:
        if self._is_due:
            self.look_for_stacks()

    def _on_stacks(self, has_changed: bool) -> None:
        if has_changed:
            self._session.refresh()

    def _on_zone_pressed(self, index: QModelIndex, zone: str) -> None:
        photo: Photo | None = index.data(PhotoRole.PHOTO)
        if zone == "stack":
            self.toggle_stack(index)
        elif photo is not None:
            self.judge(photo, MORE if zone == "more" else LESS)

    def _on_examples_changed(self, examples: tuple[Example, ...]) -> None:
        self._grid.show_judged({one.photo_id: one.weight for one in examples if one.photo_id is not None})


def _leave_alone(_error: KnownError) -> None:
    """Photos are shown one by one then; whatever is wrong with the library is said where it matters."""
