"""While the scroll bar is dragged, the month (or the part of an answer) that is in sight stands beside the pointer."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel

from helios_desktop.ui.grid.model import PhotoGridModel
from helios_desktop.ui.grid.view import PhotoGridView
from helios_desktop.ui.theme.spacing import MEDIUM_PX, SMALL_PX


class Scrubber(QObject):
    """A small plate over the grid, at the height of the scroll bar's handle."""

    def __init__(self, grid: PhotoGridView, model: PhotoGridModel) -> None:
        super().__init__(grid)
        self._grid, self._model = grid, model
        self.plate = QLabel(grid)
        self.plate.setTextFormat(Qt.TextFormat.PlainText)
        self.plate.setAutoFillBackground(True)
        self.plate.setBackgroundRole(QPalette.ColorRole.ToolTipBase)
        self.plate.setForegroundRole(QPalette.ColorRole.ToolTipText)
        self.plate.setContentsMargins(MEDIUM_PX, SMALL_PX, MEDIUM_PX, SMALL_PX)
        self.plate.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.plate.hide()
        bar = grid.verticalScrollBar()
        bar.sliderPressed.connect(self._show)
        bar.sliderMoved.connect(lambda _value: self._show())
        bar.sliderReleased.connect(self.plate.hide)

    def _show(self) -> None:
        sections, bar = self._model.sections, self._grid.verticalScrollBar()
        if not sections:
            return
        geometry = self._grid.grid
        rows = geometry.rows_between(bar.value(), bar.value() + geometry.step)
        section = sections[geometry.section_of(min(rows.start, max(0, geometry.count - 1)))]
        self.plate.setText(section.title)
        self.plate.adjustSize()
        share = bar.value() / max(1, bar.maximum())
        top = round(share * (self._grid.height() - self.plate.height()))
        self.plate.move(QPoint(self._grid.viewport().width() - self.plate.width() - MEDIUM_PX, top))
        self.plate.show()
        self.plate.raise_()
