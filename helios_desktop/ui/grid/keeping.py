"""A grid whose photos change in; what was current, chosen and on top of it back afterwards: by photo, not by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QItemSelectionModel

if TYPE_CHECKING:
    from helios_desktop.ui.grid.view import PhotoGridView

CHOSEN_KEPT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a person was: ids of photos, -1 for none; ``shift``: pixels from the top of the first visible tile."""

    current: int
    chosen: tuple[int, ...]
    top: int
    shift: int

    @classmethod
    def of(cls, grid: PhotoGridView) -> Place:
        """Remember where a person is."""
        ids = grid.photos.ids
        top_row = next(iter(grid.visible_rows()), -1)
        current = grid.currentIndex()
        return cls(
            current=int(ids[current.row()]) if current.isValid() else -1,
            chosen=tuple(int(ids[index.row()]) for index in grid.selectionModel().selectedIndexes()[:CHOSEN_KEPT]),
            top=int(ids[top_row]) if 0 <= top_row < len(ids) else -1,
            shift=grid.verticalOffset() - grid.grid.rect_of(max(0, top_row)).top(),
        )

    def restore(self, grid: PhotoGridView) -> None:
        """Go back there, as far as the photos are still among those that are shown."""
        photos, selection = grid.photos, QItemSelection()
        for row in filter(lambda one: one >= 0, map(photos.row_of, self.chosen)):
            index = photos.index(row)
            selection.select(index, index)
        grid.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        row = photos.row_of(self.current)
        if row >= 0:
            grid.selectionModel().setCurrentIndex(photos.index(row), QItemSelectionModel.SelectionFlag.NoUpdate)
        top_row = photos.row_of(self.top)
        if top_row >= 0 and grid.verticalOffset() > 0:
            grid.verticalScrollBar().setValue(grid.grid.rect_of(top_row).top() + self.shift)
