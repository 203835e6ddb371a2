"""A number of tiles and a width in, the place of every tile out: plain arithmetic, so that 100,000 rows cost nothing.

Tiles are squares that fill the width edge to edge: as many columns as fit at the wanted size, then stretched evenly.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect


@dataclass(frozen=True, slots=True, kw_only=True)
class GridGeometry:
    """Where tiles lie, in content coordinates (0, 0 is the top left corner of everything). All lengths are pixels."""

    count: int
    columns: int
    side: int
    gap: int
    margin: int
    left: int

    @classmethod
    def fit(cls, *, count: int, width: int, wanted_side: int, gap: int, margin: int) -> GridGeometry:
        """Choose columns and the side of a tile for this width."""
        room = max(1, width - 2 * margin)
        columns = max(1, (room + gap) // (wanted_side + gap))
        side = max(1, min((room - (columns - 1) * gap) // columns, 2 * wanted_side))
        used = columns * side + (columns - 1) * gap
        return cls(count=count, columns=columns, side=side, gap=gap, margin=margin, left=margin + max(0, room - used) // 2)

    @property
    def step(self) -> int:
        """From the top of one line of tiles to the top of the next."""
        return self.side + self.gap

    @property
    def lines(self) -> int:
        """How many lines of tiles there are."""
        return -(-self.count // self.columns)

    @property
    def height(self) -> int:
        """The height of everything, margins included."""
        return 2 * self.margin + max(0, self.lines * self.step - self.gap)

    def rect_of(self, row: int) -> QRect:
        """Return the square of one tile."""
        line, column = divmod(row, self.columns)
        return QRect(self.left + column * self.step, self.margin + line * self.step, self.side, self.side)

    def row_at(self, point: QPoint) -> int:
        """Return the tile at a point, -1 in a gap or outside."""
        line, y = divmod(point.y() - self.margin, self.step)
        column, x = divmod(point.x() - self.left, self.step)
        row = line * self.columns + column
        is_inside = line >= 0 and 0 <= column < self.columns and x < self.side and y < self.side
        return row if is_inside and row < self.count else -1

    def rows_between(self, top: int, bottom: int) -> range:
        """Return the tiles of every line that touches the stripe from ``top`` to ``bottom``."""
        first = max(0, (top - self.margin) // self.step)
        last = max(first, (bottom - self.margin) // self.step + 1)
        return range(min(first * self.columns, self.count), min(last * self.columns, self.count))
