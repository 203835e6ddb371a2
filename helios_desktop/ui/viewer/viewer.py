"""The photos of the grid in, one at a time over the whole window out: keys, bar, side panel and slideshow around the canvas."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QImage, QKeySequence, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from helios_desktop.domain import Photo
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.details.facts_list import FactsList
from helios_desktop.ui.details.place_names import PlaceNames
from helios_desktop.ui.grid.model import PhotoGridModel
from helios_desktop.ui.marks.stars import MarkRow
from helios_desktop.ui.plain_text import file_name, number
from helios_desktop.ui.theme.icons import make_icon
from helios_desktop.ui.theme.palette import own_palette
from helios_desktop.ui.theme.spacing import DETAILS_PX, ICON_PX, LARGE_PX, MEDIUM_PX
from helios_desktop.ui.viewer.canvas import Canvas
from helios_desktop.ui.viewer.loader import PictureLoader
from helios_desktop.ui.viewer.zoom import STEP

SLIDE_SECONDS = 4
PREVIEW_STEP_PX = 256  # previews are asked for in steps, so that a window a few pixels wider finds what is kept


class Viewer(QWidget):
    """Shows rows of a ``PhotoGridModel``. Dark in both themes: a photo is judged best against black."""

    closed = Signal(int)  # the row that was looked at last
    favourite_toggled = Signal(object)  # Photo
    rated = Signal(object, int)  # Photo, stars
    open_elsewhere = Signal(object)  # Photo
    full_screen_toggled = Signal()

    def __init__(self, bridge: Bridge, model: PhotoGridModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._row = -1
        self._photo: Photo | None = None
        self.setPalette(own_palette(dark=True))
        self.setAutoFillBackground(True)
        self.setStyleSheet("QToolButton[kind='flat']:hover { background: #2c2e33; }")
        self.canvas = Canvas(self)
        self.loader = PictureLoader(bridge, self)
        self.facts = FactsList(self)
        self._places = PlaceNames(bridge, self)
        self.marks = MarkRow(self)
        self.name, self.position, self.percent, self.trouble = (QLabel(self) for _ in range(4))
        self.actions_by_name: dict[str, QAction] = {}
        self._slides = QTimer(self, interval=SLIDE_SECONDS * 1000)
        self._make_actions()
        self._make_layout()
        for part in self.findChildren(QWidget):  # a style sheet keeps a palette from reaching what is inside
            part.setPalette(self.palette())
        self._connect()

    # -- what the window asks

    @property
    def photo(self) -> Photo | None:
        """The photo that is shown; None while its row is on the way."""
        return self._photo

    @property
    def is_playing(self) -> bool:
        """Whether the slideshow runs."""
        return self._slides.isActive()

    def open_row(self, row: int) -> None:
        """Show a row, and take the keyboard."""
        self._go_to(row)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave(self) -> None:
        """Back to the grid."""
        if self._slides.isActive():
            self._toggle_slides()
        self.loader.stop()
        self._photo = None
        self.canvas.clear()
        self.closed.emit(self._row)

    def refresh_marks(self) -> None:
        """Show the row's marks as they are now."""
        photo = self._model.photo_at(self._row)
        if photo is not None and self._photo is not None and photo.photo_id == self._photo.photo_id:
            self._photo = photo
            self.marks.show_marks(photo)

    # -- making

    def _make_actions(self) -> None:
        self._act("back", self.tr("Back to the photos"), "close", self.leave, "Esc", "Backspace")
        self._act("previous", self.tr("Previous"), "left", lambda: self._step(-1), "Left", "PgUp")
        self._act("next", self.tr("Next"), "right", lambda: self._step(1), "Right", "PgDown", "Space")
        self._act("first", self.tr("First"), "left", lambda: self._go_to(0), "Home")
        self._act("last", self.tr("Last"), "right", lambda: self._go_to(self._model.rowCount() - 1), "End")
        self._act("larger", self.tr("Zoom in"), "add", lambda: self.canvas.zoom_by(STEP), "+", "=", "Ctrl++")
        self._act("smaller", self.tr("Zoom out"), "remove", lambda: self.canvas.zoom_by(1 / STEP), "-", "Ctrl+-")
        self._act("fit", self.tr("Whole photo"), "fit", self.canvas.fit, "Ctrl+0")
        self._act("actual", self.tr("Pixel for pixel"), "search", self.canvas.show_actual_size, "Ctrl+1")
        self._act("size", self.tr("Whole photo or pixel for pixel"), "search", self.canvas.toggle_size, "Z")
        self._act("info", self.tr("Details"), "info", self._toggle_info, "I")
        self._act("play", self.tr("Slideshow"), "slideshow", self._toggle_slides, "S", "F5")
        self._act("screen", self.tr("Full screen"), "screen", self.full_screen_toggled.emit, "F11")
        self._act("favourite", self.tr("Favourite"), "heart", self._toggle_favourite, "F")
        self._act("elsewhere", self.tr("Open in the system's viewer"), "open", self._open_elsewhere, "Ctrl+Return")
        for stars in range(6):
            text = self.tr("{n} stars").format(n=stars)
            self._act(f"stars-{stars}", text, "star", lambda stars=stars: self._rate(stars), str(stars))  # type: ignore[misc]

    def _act(self, name: str, text: str, icon_name: str, run: Callable[[], None], *keys: str) -> None:
        action = QAction(make_icon(icon_name, self.palette()), text, self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setToolTip(f"{text} ({QKeySequence(keys[0]).toString(QKeySequence.SequenceFormat.NativeText)})")
        action.triggered.connect(lambda _checked=False: run())
        self.addAction(action)
        self.actions_by_name[name] = action

    def _make_layout(self) -> None:
        for label in (self.name, self.position, self.percent, self.trouble):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        for label in (self.position, self.percent):
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.bar = QWidget(self)
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(MEDIUM_PX, MEDIUM_PX, MEDIUM_PX, MEDIUM_PX)
        row.setSpacing(MEDIUM_PX)
        row.addWidget(self._button("back"))
        row.addWidget(self.name, 1)
        row.addWidget(self.position)
        row.addSpacing(MEDIUM_PX)
        row.addWidget(self.marks)
        row.addSpacing(MEDIUM_PX)
        row.addWidget(self.percent)
        for name in ("smaller", "larger", "fit", "play", "screen", "info"):
            row.addWidget(self._button(name))
        self.side = QWidget(self)
        self.side.setFixedWidth(DETAILS_PX)
        side = QVBoxLayout(self.side)
        side.setContentsMargins(LARGE_PX, LARGE_PX, LARGE_PX, LARGE_PX)
        side.addWidget(self.facts)
        side.addStretch(1)
        self.side.hide()
        self.trouble.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.trouble.setWordWrap(True)
        self.trouble.setContentsMargins(LARGE_PX, LARGE_PX, LARGE_PX, LARGE_PX)
        self.trouble.hide()
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.canvas, 1)
        middle.addWidget(self.side)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addLayout(middle, 1)
        column.addWidget(self.trouble)
        self.arrows = [self._arrow("previous"), self._arrow("next")]

    def _button(self, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("kind", "flat")
        button.setIconSize(QSize(ICON_PX, ICON_PX))
        button.setDefaultAction(self.actions_by_name[name])
        button.setAccessibleName(self.actions_by_name[name].text())
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _arrow(self, name: str) -> QToolButton:
        arrow = self._button(name)
        arrow.setParent(self.canvas)
        arrow.setIconSize(QSize(2 * ICON_PX, 2 * ICON_PX))
        arrow.setCursor(Qt.CursorShape.PointingHandCursor)
        arrow.setStyleSheet("background: rgba(20, 21, 24, 140);")
        return arrow

    def _connect(self) -> None:
        self._slides.timeout.connect(self._on_slide_due)
        self.loader.arrived.connect(self._on_picture)
        self.loader.failed.connect(self._on_failure)
        self.canvas.zoomed.connect(lambda percent: self.percent.setText(f"{percent:.0f} %"))
        self.canvas.resized.connect(self._place_arrows)
        self.canvas.detail_wanted.connect(self._on_detail_wanted)
        self.marks.favourite_toggled.connect(self._toggle_favourite)
        self.marks.rated.connect(self._rate)
        self._model.dataChanged.connect(self._on_rows_changed)
        self._model.modelReset.connect(self._on_reset)

    # -- moving

    def _step(self, by: int) -> None:
        self._go_to(self._row + by)

    def _go_to(self, row: int) -> None:
        count = self._model.rowCount()
        if not 0 <= row < count:
            return
        self._row = row
        self._photo = None
        self.position.setText(self.tr("{n} of {total}").format(n=number(row + 1), total=number(count)))
        self.actions_by_name["previous"].setEnabled(row > 0)
        self.actions_by_name["next"].setEnabled(row < count - 1)
        self._show_row()

    def _show_row(self) -> None:
        photo = self._model.photo_at(self._row)
        if photo is None:
            return
        self._photo = photo
        self.trouble.hide()
        self.name.setText(file_name(photo.display))
        self.canvas.setAccessibleName(file_name(photo.display))
        self.marks.show_marks(photo)
        score = self._model.score_of(photo.photo_id)
        self.facts.show_photo(photo, score)
        self._places.ask(photo, lambda place: self.facts.show_photo(photo, score, place))
        self.canvas.show_photo(photo.width or 1, photo.height or 1)
        self.loader.show(photo, self._screen_px())

    def _on_rows_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        if self.isVisible() and first.row() <= self._row <= last.row():
            if self._photo is None:
                self._show_row()
            else:
                self.refresh_marks()

    def _on_reset(self) -> None:
        """Other photos came into the grid: stay with the one that is looked at, where it is still among them."""
        if not self.isVisible():
            return
        row = -1 if self._photo is None else self._model.row_of(self._photo.photo_id)
        if row < 0:
            self.leave()
        else:
            self._row = row

    # -- pictures

    def _on_picture(self, photo_id: int, image: QImage) -> None:
        if self._photo is None or photo_id != self._photo.photo_id or image.isNull():
            return
        self.canvas.add_picture(image)
        if max(image.width(), image.height()) >= min(self._screen_px(), max(self._photo.width or 1, self._photo.height or 1)):
            self._prepare_neighbours()

    def _prepare_neighbours(self) -> None:
        for row in (self._row - 1, self._row + 1):
            photo = self._model.photo_at(row)
            if photo is not None:
                self.loader.prepare(photo, self._screen_px())

    def _on_detail_wanted(self) -> None:
        photo = self._photo
        if photo is not None and self.canvas.longest_px >= self._screen_px():
            self.loader.show_all_pixels(photo)

    def _on_failure(self, photo_id: int, sentence: str) -> None:
        if self._photo is not None and photo_id == self._photo.photo_id:
            self.trouble.setText(sentence)
            self.trouble.show()

    def _screen_px(self) -> int:
        """The screen's long side, whatever the window's size is now: full screen is where photos are looked at."""
        size = self.screen().size()
        room = max(size.width(), size.height()) * self.devicePixelRatioF()
        return int(-(-room // PREVIEW_STEP_PX) * PREVIEW_STEP_PX)

    # -- what keys do

    def _toggle_favourite(self) -> None:
        if self._photo is not None:
            self.favourite_toggled.emit(self._photo)

    def _rate(self, stars: int) -> None:
        if self._photo is not None:
            self.rated.emit(self._photo, stars)

    def _open_elsewhere(self) -> None:
        if self._photo is not None:
            self.open_elsewhere.emit(self._photo)

    def _toggle_info(self) -> None:
        self.side.setVisible(self.side.isHidden())

    def _toggle_slides(self) -> None:
        if self._slides.isActive():
            self._slides.stop()
        else:
            self._slides.start()
        is_playing = self._slides.isActive()
        self.actions_by_name["play"].setIcon(make_icon("pause" if is_playing else "slideshow", self.palette()))
        self.bar.setHidden(is_playing)
        for arrow in self.arrows:
            arrow.setHidden(is_playing)

    def _on_slide_due(self) -> None:
        """Go on when the present photo is there, and begin again after the last one."""
        if self.canvas.longest_px:
            self._go_to(self._row + 1 if self._row + 1 < self._model.rowCount() else 0)

    def _place_arrows(self) -> None:
        for arrow in self.arrows:
            arrow.adjustSize()
            left = LARGE_PX if arrow is self.arrows[0] else self.canvas.width() - arrow.width() - LARGE_PX
            arrow.move(left, (self.canvas.height() - arrow.height()) // 2)
