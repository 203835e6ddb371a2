"""What a question was understood as in, chips out: one for each part of the words, one for each picture."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from helios_desktop.pipeline.query import Part
from helios_desktop.ui.search.chip import Chip
from helios_desktop.ui.search.flow import FlowLayout
from helios_desktop.ui.search.session import Example
from helios_desktop.ui.theme.icons import ThemeIcons
from helios_desktop.ui.theme.spacing import MEDIUM_PX

WEIGHTS = (3.0, 2.0, 1.0, 0.5, -0.5, -1.0)
PART_ICONS = {
    "exact": "quote",
    "not-exact": "not",
    "negative": "not",
    "weighted": "weight",
    "after": "calendar",
    "before": "calendar",
    "date": "calendar",
    "folder": "folder",
    "camera": "camera",
    "format": "file",
    "favourite": "heart",
    "rating": "star",
}


class ChipRow(QWidget):
    """The chips under the box; hidden while there is none."""

    part_removed = Signal(object)  # Part
    part_pressed = Signal(object)  # Part
    example_removed = Signal(object)  # Example
    example_weighed = Signal(object, float)  # Example, its new weight

    def __init__(self, icons: ThemeIcons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._parts: tuple[Part, ...] = ()
        self._examples: tuple[Example, ...] = ()
        self._flow = FlowLayout(MEDIUM_PX, self)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.chips: list[Chip] = []
        self.hide()

    @property
    def examples(self) -> tuple[Example, ...]:
        """The pictures that have a chip."""
        return self._examples

    def show_parts(self, parts: Sequence[Part]) -> None:
        """Show what the words were read as. Plain words need no chip: they stand in the box."""
        shown = tuple(part for part in parts if part.kind != "words")
        if shown != self._parts:
            self._parts = shown
            self._rebuild()

    def show_examples(self, examples: Sequence[Example]) -> None:
        """Show the pictures that likes are looked for."""
        if tuple(examples) != self._examples:
            self._examples = tuple(examples)
            self._rebuild()

    def texts(self) -> list[str]:
        """Return what the chips say."""
        return [chip.accessibleName() for chip in self.chips]

    def weight_menu(self, example: Example) -> QMenu:
        """Return the menu that weighs a picture."""
        menu = QMenu(self)
        for weight in WEIGHTS:
            text = self.tr("Like this, × {n}") if weight > 0 else self.tr("Unlike this, × {n}")
            action = menu.addAction(text.format(n=_times(abs(weight))))
            action.setCheckable(True)
            action.setChecked(weight == example.weight)
            action.triggered.connect(lambda _on=False, weight=weight: self.example_weighed.emit(example, weight))
        return menu

    def _rebuild(self) -> None:
        for chip in self.chips:
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self.chips = [self._part_chip(part) for part in self._parts]
        self.chips += [self._example_chip(example) for example in self._examples]
        for chip in self.chips:
            self._flow.addWidget(chip)
            chip.show()
        self.setVisible(bool(self.chips))
        self.updateGeometry()

    def _part_chip(self, part: Part) -> Chip:
        chip = Chip(self._icons, PART_ICONS.get(part.kind, "search"), self)
        chip.set_text(self._part_text(part))
        chip.removed.connect(lambda: self.part_removed.emit(part))
        chip.pressed.connect(lambda: self.part_pressed.emit(part))
        return chip

    def _example_chip(self, example: Example) -> Chip:
        chip = Chip(self._icons, "similar" if example.weight > 0 else "less-like", self)
        text = self.tr("Similar to {name}") if example.weight > 0 else self.tr("Unlike {name}")
        weight = "" if abs(example.weight) == 1 else f" × {_times(abs(example.weight))}"
        chip.set_text(text.format(name=example.name) + weight)
        chip.removed.connect(lambda: self.example_removed.emit(example))
        chip.pressed.connect(lambda: self._open_menu(chip, example))
        return chip

    def _open_menu(self, chip: Chip, example: Example) -> None:
        menu = self.weight_menu(example)
        menu.exec(chip.mapToGlobal(QPoint(0, chip.height())))
        menu.deleteLater()

    def _part_text(self, part: Part) -> str:
        match part.kind:
            case "exact":
                return f"“{part.text}”"
            case "not-exact":
                return self.tr("without “{words}”").format(words=part.text)
            case "negative":
                return self.tr("not: {words}").format(words=part.text)
            case "weighted":
                return f"{part.text} × {_times(part.weight)}"
            case "after":
                return self.tr("from {date}").format(date=part.text)
            case "before":
                return self.tr("before {date}").format(date=part.text)
            case "folder":
                return self.tr("folder: {name}").format(name=part.text)
            case "camera":
                return self.tr("camera: {name}").format(name=part.text)
            case "format":
                return self.tr("format: {name}").format(name=part.text)
        return part.text


def _times(weight: float) -> str:
    return f"{weight:g}"
