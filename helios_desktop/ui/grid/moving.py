"""A key in, the row that it leads to out."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractItemView

from helios_desktop.ui.grid.geometry import GridGeometry

_Move = QAbstractItemView.CursorAction


def row_after(geometry: GridGeometry, row: int, action: _Move, height: int) -> int:
    """Return where a key leads from a row; 0 where there was none. ``height``: of what is in sight, in pixels."""
    if row < 0:
        return 0
    page = max(1, height // geometry.step) * geometry.columns
    steps = {
        _Move.MoveLeft: -1,
        _Move.MovePrevious: -1,
        _Move.MoveRight: 1,
        _Move.MoveNext: 1,
        _Move.MoveUp: geometry.above(row) - row,
        _Move.MoveDown: geometry.below(row) - row,
        _Move.MovePageUp: -page,
        _Move.MovePageDown: page,
        _Move.MoveHome: -geometry.count,
        _Move.MoveEnd: geometry.count,
    }
    return max(0, min(geometry.count - 1, row + steps[action]))
