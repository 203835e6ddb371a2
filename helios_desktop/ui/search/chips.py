"""What a question was understood as in, chips out: one for each part of the words, one for each picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from helios_desktop.pipeline.query import Part
from helios_desktop.ui.search.chip import Chip
from helios_desktop.ui.search.flow import FlowLayout
from helios_desktop.ui.search.session import Around, Example
from helios_desktop.ui.theme.icons import ThemeIcons
from helios_desktop.ui.theme.spacing import MEDIUM_PX

RADII_KM = (1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0)
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
    "place": "place",
}


class ChipRow(QWidget):
    """The chips under the box; hidden while there is none."""

    part_removed = Signal(object)  # Part
    part_pressed = Signal(object)  # Part
    part_replaced = Signal(object, str)  # Part, the words that shall stand in its place
    around_changed = Signal(object)  # Around, or None
    example_removed = Signal(object)  # Example
    example_weighed = Signal(object, float)  # Example, its new weight

    def __init__(self, icons: ThemeIcons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._parts: tuple[Part, ...] = ()
        self._examples: tuple[Example, ...] = ()
        self._around: Around | None = None
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

    @property
    def around(self) -> Around | None:
        """The photo around whose spot is looked."""
        return self._around

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

    def show_around(self, around: Around | None) -> None:
        """Show the photo around whose spot is looked."""
        if around != self._around:
            self._around = around
            self._rebuild()

    def radius_menu(self, present_km: float, choose: Callable[[float], None]) -> QMenu:
        """Return the menu that says how far around a spot is looked."""
        menu = QMenu(self)
        for radius in RADII_KM:
            action = menu.addAction(self.tr("within {n} km").format(n=_times(radius)))
            action.setCheckable(True)
            action.setChecked(radius == present_km)
            action.triggered.connect(lambda _on=False, radius=radius: choose(radius))
        return menu

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
        self.chips += [] if self._around is None else [self._around_chip(self._around)]
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
        chip.pressed.connect(lambda: self._press(chip, part))
        return chip

    def _press(self, chip: Chip, part: Part) -> None:
        """Words are edited where they stand; how far around a place is looked is chosen from a menu."""
        if part.area is None:
            self.part_pressed.emit(part)
            return
        phrase = self.tr("within {n} km of {place}")
        menu = self.radius_menu(
            part.area.radius_km,
            lambda radius: self.part_replaced.emit(part, phrase.format(n=_times(radius), place=part.text)),
        )
        self._show_below(chip, menu)

    def _around_chip(self, around: Around) -> Chip:
        chip = Chip(self._icons, "place", self)
        chip.set_text(self.tr("within {n} km of {place}").format(n=_times(around.area.radius_km), place=around.name))
        chip.removed.connect(lambda: self.around_changed.emit(None))

        def choose(radius: float) -> None:
            self.around_changed.emit(replace(around, area=replace(around.area, radius_km=radius)))

        chip.pressed.connect(lambda: self._show_below(chip, self.radius_menu(around.area.radius_km, choose)))
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
        self._show_below(chip, self.weight_menu(example))

    def _show_below(self, chip: Chip, menu: QMenu) -> None:
        menu.exec(chip.mapToGlobal(QPoint(0, chip.height())))
        menu.deleteLater()

    def _part_text(self, part: Part) -> str:
        if part.kind == "exact":
            return f"“{part.text}”"
        if part.kind == "weighted":
            return f"{part.text} × {_times(part.weight)}"
        if part.kind == "rating":
            return self.tr("{stars} or more").format(stars="★" * int(part.text))
        if part.kind == "favourite":
            return self.tr("Favourites")
        if part.area is not None:
            return self.tr("{place}, {n} km around").format(place=part.text, n=_times(part.area.radius_km))
        templates = {
            "not-exact": self.tr("without “{words}”"),
            "negative": self.tr("not: {words}"),
            "after": self.tr("from {date}"),
            "before": self.tr("before {date}"),
            "folder": self.tr("folder: {name}"),
            "camera": self.tr("camera: {name}"),
            "format": self.tr("format: {name}"),
        }
        return templates.get(part.kind, "{words}").format(words=part.text, date=part.text, name=part.text)


def _times(weight: float) -> str:
    return f"{weight:g}"
