"""The search bar: one box, what it understood as chips, and how many photos answered how fast."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFocusEvent, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from helios_desktop.ui.search.arrange import ArrangeControls
from helios_desktop.ui.search.chips import ChipRow
from helios_desktop.ui.search.pasted import is_picture
from helios_desktop.ui.search.session import Around, Example
from helios_desktop.ui.search.spinner import Spinner
from helios_desktop.ui.theme.icons import ThemeIcons
from helios_desktop.ui.theme.spacing import ICON_PX, LARGE_PX, MEDIUM_PX, RADIUS_PX, SMALL_PX

BOX_MAX_PX = 720


class SearchEdit(QLineEdit):
    """The line that words are typed into."""

    left_downwards = Signal()
    escaped = Signal()
    focus_changed = Signal()
    history_wanted = Signal()
    picture_pasted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down and Enter lead to the photos, Esc clears, Alt+Down shows what was asked; a picture can be pasted."""
        key = event.key()
        if key == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.history_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Paste) and _holds_picture(QGuiApplication.clipboard().mimeData()):
            self.picture_pasted.emit()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left_downwards.emit()
        elif key == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Let the frame around show it."""
        super().focusInEvent(event)
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Let the frame around show it."""
        super().focusOutEvent(event)
        self.focus_changed.emit()


def _holds_picture(data: QMimeData) -> bool:
    return not data.hasText() and is_picture(data)


class SearchBox(QFrame):
    """The line with its magnifier and its cross inside one rounded frame."""

    def __init__(self, icons: ThemeIcons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = SearchEdit(self)
        self.edit.setFrame(False)
        self.edit.setPlaceholderText(self.tr("Search your photos, as in “dogs playing on the beach”"))
        self.edit.setAccessibleName(self.tr("Search your photos"))
        self.edit.focus_changed.connect(self.update)
        clear = QPalette(self.edit.palette())
        clear.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        self.edit.setPalette(clear)
        font = self.edit.font()
        font.setPointSizeF(font.pointSizeF() * 1.12)
        self.edit.setFont(font)
        magnifier = QToolButton(self)
        magnifier.setProperty("kind", "flat")
        magnifier.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        magnifier.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        icons.give(magnifier, "search")
        self.spinner = Spinner(self)
        self.filter = self._button(icons, "filter", self.tr("Narrow the search (Ctrl+Shift+L)"))
        self.history = self._button(icons, "history", self.tr("What was searched (Alt+Down)"))
        self.help = self._button(icons, "help", self.tr("What you can ask (F1)"))
        self.cross = self._button(icons, "close", self.tr("Clear the search (Esc)"))
        magnifier.setIconSize(QSize(ICON_PX, ICON_PX))
        row = QHBoxLayout(self)
        row.setContentsMargins(MEDIUM_PX, SMALL_PX + 1, SMALL_PX + 1, SMALL_PX + 1)
        row.setSpacing(SMALL_PX)
        row.addWidget(magnifier)
        row.addWidget(self.edit, 1)
        row.addWidget(self.spinner)
        row.addWidget(self.cross)
        row.addWidget(self.filter)
        row.addWidget(self.history)
        row.addWidget(self.help)
        for hidden in (self.spinner, self.cross):
            policy = hidden.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            hidden.setSizePolicy(policy)
            hidden.hide()
        self.setFocusProxy(self.edit)
        self.setMaximumWidth(BOX_MAX_PX)

    def _button(self, icons: ThemeIcons, icon_name: str, text: str) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("kind", "flat")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setIconSize(QSize(ICON_PX, ICON_PX))
        button.setAccessibleName(text)
        button.setToolTip(text)
        icons.give(button, icon_name)
        return button

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame, in the accent while the keyboard is here."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        has_focus = self.edit.hasFocus()
        role = QPalette.ColorRole.Highlight if has_focus else QPalette.ColorRole.Mid
        width = 2.0 if has_focus else 1.0
        painter.setPen(QPen(self.palette().color(role), width))
        painter.setBrush(self.palette().color(QPalette.ColorRole.Base))
        inset = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), RADIUS_PX + 2, RADIUS_PX + 2)
        painter.end()


class SearchBar(QWidget):
    """The whole bar. It knows nothing of searching: words go out, a sentence about the answer comes in."""

    words_changed = Signal(str)
    entered = Signal()
    cleared = Signal()
    help_wanted = Signal()
    history_wanted = Signal()
    filter_wanted = Signal()
    picture_pasted = Signal()

    def __init__(self, icons: ThemeIcons, details: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = SearchBox(icons, self)
        self.arrange = ArrangeControls(icons, details, self)
        self.chips = ChipRow(icons, self)
        self.summary = QLabel(self)
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.summary.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.summary.setAccessibleName(self.tr("About this answer"))
        self.summary.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        first = QHBoxLayout()
        first.setSpacing(LARGE_PX)
        first.addWidget(self.box, 1000)
        first.addStretch(1)
        first.addWidget(self.arrange)
        second = QHBoxLayout()
        second.setSpacing(LARGE_PX)
        second.addWidget(self.chips, 1)
        second.addWidget(self.summary, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(LARGE_PX, MEDIUM_PX + 2, LARGE_PX, MEDIUM_PX + 2)
        column.setSpacing(MEDIUM_PX)
        column.addLayout(first)
        column.addLayout(second)
        self.box.edit.textChanged.connect(self._on_text_changed)
        self.box.edit.left_downwards.connect(self.entered)
        self.box.edit.escaped.connect(self.clear)
        self.box.edit.history_wanted.connect(self.history_wanted)
        self.box.edit.picture_pasted.connect(self.picture_pasted)
        self.box.cross.clicked.connect(self.clear)
        self.box.history.clicked.connect(self.history_wanted)
        self.box.filter.clicked.connect(self.filter_wanted)
        self.box.help.clicked.connect(self.help_wanted)
        self.setFocusProxy(self.box)

    def words(self) -> str:
        """Return what is in the box."""
        return self.box.edit.text()

    def set_words(self, words: str) -> None:
        """Put words into the box without asking anything."""
        was_blocked = self.box.edit.blockSignals(True)
        self.box.edit.setText(words)
        self.box.edit.blockSignals(was_blocked)
        self._show_cross()

    def focus_box(self) -> None:
        """Take the keyboard and mark everything, ready to be typed over."""
        self.box.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.box.edit.selectAll()

    def clear(self) -> None:
        """Back to all photos."""
        self.box.edit.clear()
        self.cleared.emit()

    def set_busy(self, is_busy: bool) -> None:
        """Show or hide the turning arc."""
        self.box.spinner.setVisible(is_busy)

    def set_summary(self, sentence: str) -> None:
        """Say how many photos answered and how fast."""
        self.summary.setText(sentence)

    def show_examples(self, examples: Sequence[Example]) -> None:
        """Show the chips of the pictures that likes are looked for."""
        self.chips.show_examples(examples)
        self._show_cross()

    def show_around(self, around: Around | None) -> None:
        """Show the chip of the photo around whose spot is looked."""
        self.chips.show_around(around)
        self._show_cross()

    def mark_words(self, start: int, end: int) -> None:
        """Take the keyboard with a piece of the words marked, ready to be typed over."""
        self.box.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.box.edit.setSelection(start, end - start)

    def _on_text_changed(self, text: str) -> None:
        self._show_cross()
        self.words_changed.emit(text)

    def _show_cross(self) -> None:
        self.box.cross.setVisible(bool(self.words()) or bool(self.chips.examples) or self.chips.around is not None)
