"""How an answer is shown: how strictly good is judged, whether the good ones go by date, how large tiles are."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QSlider, QToolButton, QWidget

from helios_desktop.ui.grid.sections import Arranged, by_match, by_month, moment_of
from helios_desktop.ui.grid.stacking import Stacking
from helios_desktop.ui.grid.view import LARGEST_TILE_PX, SMALLEST_TILE_PX
from helios_desktop.ui.search.session import Answer
from helios_desktop.ui.theme.icons import ThemeIcons
from helios_desktop.ui.theme.spacing import ICON_PX, MEDIUM_PX

SLIDER_PX = 84
STRICTNESS_STEPS = 20


class ArrangeControls(QWidget):
    """Small controls at the right of the search bar."""

    changed = Signal()
    tile_px_changed = Signal(int)

    def __init__(self, icons: ThemeIcons, details: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stacking = Stacking(self)
        self.stacking.changed.connect(self.changed)
        self.strictness = self._slider(0, STRICTNESS_STEPS, self.tr("How strictly good matches are told from maybe"))
        self.strictness.setValue(STRICTNESS_STEPS // 2)
        self.by_date = QToolButton(self)
        self.by_date.setCheckable(True)
        self.by_date.setToolTip(self.tr("Good matches by date"))
        icons.give(self.by_date, "sort")
        self.fold = QToolButton(self)
        self.fold.setCheckable(True)
        self.fold.setChecked(True)
        self.fold.setToolTip(self.tr("Bursts, and RAW with JPEG, as one photo"))
        self.fold.toggled.connect(self.stacking.set_on)
        icons.give(self.fold, "layers")
        self.tiles = self._slider(SMALLEST_TILE_PX, LARGEST_TILE_PX, self.tr("Size of the photos (Ctrl+wheel)"))
        self.details = QToolButton(self)
        self.details.setDefaultAction(details)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(MEDIUM_PX)
        for part in (self.strictness, self.by_date, self.fold, self.tiles, self.details):
            row.addWidget(part)
        for button in (self.by_date, self.fold, self.details):
            button.setProperty("kind", "flat")
            button.setIconSize(QSize(ICON_PX, ICON_PX))
            button.setAccessibleName(button.toolTip() or details.text())
        self.strictness.valueChanged.connect(lambda _value: self.changed.emit())
        self.by_date.toggled.connect(lambda _on: self.changed.emit())
        self.tiles.valueChanged.connect(self.tile_px_changed)
        self._show_judging(is_judged=False)

    def _slider(self, first: int, last: int, text: str) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal, self)
        slider.setRange(first, last)
        slider.setFixedWidth(SLIDER_PX)
        slider.setToolTip(text)
        slider.setAccessibleName(text)
        return slider

    def arranged(self, answer: Answer) -> Arranged:
        """Return an answer as it shall be shown."""
        arranged = self._sorted(answer)
        if answer.stacks is None or answer.folding is not None:
            return self.stacking.folded(arranged, answer.stacks, answer.folding)
        rows = {photo_id: row for row, photo_id in enumerate(answer.ids.tolist())}
        order = np.array([rows[photo_id] for photo_id in arranged.ids.tolist()], np.int64)
        return self.stacking.folded(arranged, answer.stacks.at(order))

    def _sorted(self, answer: Answer) -> Arranged:
        if answer.is_listed:
            return Arranged(ids=answer.ids, sections=by_month(answer.months, self.tr))
        if answer.line is None or not answer.scores:
            return Arranged(ids=answer.ids)
        moments = {photo.photo_id: moment_of(photo) for photo in answer.photos} if self.by_date.isChecked() else None
        return by_match(
            answer.ids,
            [answer.scores.get(int(one), 0.0) for one in answer.ids],
            answer.line.at(self.strictness.value() / STRICTNESS_STEPS),
            self.tr,
            None if moments is None else moments.__getitem__,
        )

    def show_for(self, answer: Answer) -> None:
        """Show what makes sense for this answer."""
        self._show_judging(is_judged=answer.line is not None and bool(answer.scores))

    def show_tile_px(self, tile_px: int) -> None:
        """Show a size that was set elsewhere."""
        was_blocked = self.tiles.blockSignals(True)
        self.tiles.setValue(tile_px)
        self.tiles.blockSignals(was_blocked)

    def _show_judging(self, *, is_judged: bool) -> None:
        self.strictness.setVisible(is_judged)
        self.by_date.setVisible(is_judged)
