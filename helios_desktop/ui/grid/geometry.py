"""A number of tiles and a width in, the place of every tile out: plain arithmetic, so that 100,000 rows cost nothing.

Tiles are squares that fill the width edge to edge: as many columns as fit at the wanted size, then stretched evenly. Rows may
be parted into sections, each under a heading and on lines of its own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from PySide6.QtCore import QPoint, QRect


@dataclass(frozen=True, slots=True, kw_only=True)
class GridGeometry:
    """Where tiles lie, in content coordinates (0, 0 is the top left corner of everything). All lengths are pixels.

    ``starts``: the first row of each section, beginning with 0; ``tops``: where its first line begins, below its heading.
    """

    count: int
    columns: int
    side: int
    gap: int
    margin: int
    left: int
    starts: tuple[int, ...] = (0,)
    tops: tuple[int, ...] = (0,)
    heading: int = 0

    @classmethod
    def fit(
        cls,
        *,
        count: int,
        width: int,
        wanted_side: int,
        gap: int,
        margin: int,
        starts: Sequence[int] = (),
        heading: int = 0,
    ) -> GridGeometry:
        """Choose columns and the side of a tile for this width. No ``starts``: one section without a heading."""
        room = max(1, width - 2 * margin)
        columns = max(1, (room + gap) // (wanted_side + gap))
        side = max(1, min((room - (columns - 1) * gap) // columns, 2 * wanted_side))
        used = columns * side + (columns - 1) * gap
        heading = heading if starts else 0
        starts = tuple(starts) or (0,)
        ends = (*starts[1:], count)
        heights = [-(-(end - start) // columns) * (side + gap) + heading for start, end in zip(starts, ends, strict=True)]
        tops = tuple(margin + heading + above for above in accumulate([0, *heights[:-1]]))
        return cls(
            count=count,
            columns=columns,
            side=side,
            gap=gap,
            margin=margin,
            left=margin + max(0, room - used) // 2,
            starts=starts,
            tops=tops,
            heading=heading,
        )

    @property
    def step(self) -> int:
        """From the top of one line of tiles to the top of the next."""
        return self.side + self.gap

    @property
    def lines(self) -> int:
        """How many lines of tiles there are."""
        return sum(self._lines_of(section) for section in range(len(self.starts)))

    @property
    def height(self) -> int:
        """The height of everything, margins included."""
        last = len(self.starts) - 1
        return self.tops[last] + max(0, self._lines_of(last) * self.step - self.gap) + self.margin

    def rect_of(self, row: int) -> QRect:
        """Return the square of one tile."""
        section = self.section_of(row)
        line, column = divmod(row - self.starts[section], self.columns)
        return QRect(self.left + column * self.step, self.tops[section] + line * self.step, self.side, self.side)

    def row_at(self, point: QPoint) -> int:
        """Return the tile at a point, -1 in a gap, on a heading or outside."""
        section = bisect_right(self.tops, point.y()) - 1
        if section < 0:
            return -1
        line, y = divmod(point.y() - self.tops[section], self.step)
        column, x = divmod(point.x() - self.left, self.step)
        row = self.starts[section] + line * self.columns + column
        is_inside = 0 <= column < self.columns and x < self.side and y < self.side
        return row if is_inside and row < self._end_of(section) else -1

    def rows_between(self, top: int, bottom: int) -> range:
        """Return the tiles of every line that touches the stripe from ``top`` to ``bottom``."""
        return range(self._first_row(top), max(self._first_row(top), self._first_row(bottom + self.step)))

    def headings_between(self, top: int, bottom: int) -> list[tuple[int, QRect]]:
        """Return the sections whose headings touch the stripe, and where those lie."""
        if not self.heading:
            return []
        first = max(0, bisect_right(self.tops, top) - 1)
        width = self.columns * self.step - self.gap
        found = []
        for section in range(first, len(self.tops)):
            if self.tops[section] - self.heading > bottom:
                break
            found.append((section, QRect(self.left, self.tops[section] - self.heading, width, self.heading)))
        return found

    def section_of(self, row: int) -> int:
        """Return the section that a row is in."""
        return bisect_right(self.starts, row) - 1

    def above(self, row: int) -> int:
        """Return the row one line higher, the row itself on the first line."""
        section = self.section_of(row)
        if row - self.columns >= self.starts[section]:
            return row - self.columns
        if section == 0:
            return row
        column = (row - self.starts[section]) % self.columns
        begin = self.starts[section - 1] + (self._lines_of(section - 1) - 1) * self.columns
        return min(begin + column, self.starts[section] - 1)

    def below(self, row: int) -> int:
        """Return the row one line lower, the row itself on the last line."""
        section = self.section_of(row)
        start, end = self.starts[section], self._end_of(section)
        line, column = divmod(row - start, self.columns)
        if line + 1 < self._lines_of(section):
            return min(row + self.columns, end - 1)
        return row if end >= self.count else min(end + column, self._end_of(section + 1) - 1)

    def _lines_of(self, section: int) -> int:
        return -(-(self._end_of(section) - self.starts[section]) // self.columns)

    def _end_of(self, section: int) -> int:
        return self.starts[section + 1] if section + 1 < len(self.starts) else self.count

    def _first_row(self, y: int) -> int:
        """Return the first row of the line that lies at ``y`` or, in a heading, below it."""
        section = max(0, bisect_right(self.tops, y) - 1)
        line = max(0, (y - self.tops[section]) // self.step)
        return min(self.starts[section] + line * self.columns, self._end_of(section))
