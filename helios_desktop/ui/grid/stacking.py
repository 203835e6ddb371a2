"""An arranged answer in, the same with its stacks folded out; which of them a person has opened is kept here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from helios_desktop.domain import Int64Array
from helios_desktop.pipeline.stacks import Folding, Stacks
from helios_desktop.ui.grid.sections import Arranged, Section, StackOf, StackTile


class Stacking(QObject):
    """Folds answers. A new question begins with every stack closed."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_on = True
        self._opened: frozenset[int] = frozenset()

    @property
    def is_on(self) -> bool:
        """Whether stacks are folded at all."""
        return self._is_on

    def set_on(self, is_on: bool) -> None:
        """Fold stacks, or show every photo."""
        if is_on != self._is_on:
            self._is_on = is_on
            self.changed.emit()

    def toggle(self, number: int) -> None:
        """Open a stack, or close it."""
        self._opened ^= {number}
        self.changed.emit()

    def close_all(self) -> None:
        """Begin anew, without saying so."""
        self._opened = frozenset()

    def folded(self, arranged: Arranged, stacks: Stacks | None, prepared: Folding | None = None) -> Arranged:
        """Return what is shown of an arranged answer. ``prepared``: its folding, where that was made elsewhere already."""
        if not self._is_on or stacks is None:
            return arranged
        folding = prepared or Folding(arranged.ids, stacks)
        if not folding.counts:
            return arranged
        shown = folding.shown(self._opened)
        return replace(
            arranged,
            ids=arranged.ids[shown.rows],
            sections=_moved(arranged.sections, shown.places),
            stack_of=_tiles(folding, arranged.ids, self._opened),
        )


def _moved(sections: Sequence[Section], places: Int64Array) -> tuple[Section, ...]:
    """Return sections with the rows they begin at now; those whose photos all stand behind others go."""
    if not sections:
        return ()
    firsts = np.searchsorted(places, [section.first for section in sections]).tolist()
    ends = [*firsts[1:], len(places)]
    return tuple(
        replace(section, first=first) for section, first, end in zip(sections, firsts, ends, strict=True) if end > first
    )


def _tiles(folding: Folding, ids: Int64Array, opened: frozenset[int]) -> StackOf:
    members: dict[int, StackTile] = {}
    for number in opened:
        some = ids[folding.members(number)].tolist()
        for photo_id in some:
            members[photo_id] = StackTile(number=number, count=len(some), is_open=True, is_front=photo_id == some[0])

    def tile(photo_id: int) -> StackTile | None:
        if photo_id in members:
            return members[photo_id]
        count = folding.counts.get(photo_id)
        if count is None:
            return None
        return StackTile(number=folding.numbers[photo_id], count=count, is_open=False, is_front=True)

    return tile
