"""Places on screen in, the rows they choose out, as Qt wants selections."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, QRect

from helios_desktop.ui.grid.geometry import GridGeometry
from helios_desktop.ui.grid.model import PhotoGridModel


def touched(geometry: GridGeometry, photos: PhotoGridModel, band: QRect) -> QItemSelection:
    """Return the rows that a rubber band touches (in content coordinates)."""
    selection = QItemSelection()
    for row in geometry.rows_between(band.top(), band.bottom()):
        if geometry.rect_of(row).intersects(band):
            index = photos.index(row)
            selection.merge(QItemSelection(index, index), QItemSelectionModel.SelectionFlag.Select)
    return selection


def between(geometry: GridGeometry, photos: PhotoGridModel, first: QPoint, last: QPoint) -> QItemSelection:
    """Return everything from the row at one point to the row at another (in content coordinates)."""
    selection = QItemSelection()
    ends = sorted(geometry.row_at(point) for point in (first, last))
    if ends[1] >= 0:
        selection.select(photos.index(max(0, ends[0])), photos.index(ends[1]))
    return selection
