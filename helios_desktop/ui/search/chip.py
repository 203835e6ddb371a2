"""One thing that was understood of a question, as a small plate with a cross: "Similar to IMG_1234.jpg"."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from helios_desktop.ui.plain_text import one_line
from helios_desktop.ui.theme.icons import ThemeIcons
from helios_desktop.ui.theme.spacing import FOCUS_RING_PX, ICON_PX, MEDIUM_PX, SMALL_PX

TEXT_EM_MAX = 28


class Chip(QWidget):
    """A removable part of the question."""

    removed = Signal()
    pressed = Signal()

    def __init__(self, icons: ThemeIcons, icon_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._icon = QToolButton(self)
        self._icon.setProperty("kind", "flat")
        self._icon.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._icon.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._text = QLabel(self)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._cross = QToolButton(self)
        self._cross.setProperty("kind", "flat")
        self._cross.setIconSize(QSize(ICON_PX - 4, ICON_PX - 4))
        self._cross.clicked.connect(self.removed)
        icons.give(self._icon, icon_name)
        icons.give(self._cross, "close")
        row = QHBoxLayout(self)
        row.setContentsMargins(SMALL_PX, 2, SMALL_PX, 2)
        row.setSpacing(SMALL_PX)
        for part in (self._icon, self._text, self._cross):
            row.addWidget(part)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter edits, Delete removes."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.pressed.emit()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click edits."""
        if self.rect().contains(event.position().toPoint()):
            self.pressed.emit()

    def set_text(self, text: str) -> None:
        """Show this text, shortened in the middle where it is long."""
        text = one_line(text)
        metrics = self.fontMetrics()
        self._text.setText(metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, TEXT_EM_MAX * metrics.height() // 2))
        self.setAccessibleName(text)
        self._cross.setAccessibleName(self.tr("Remove: {what}").format(what=text))
        self._cross.setToolTip(self.tr("Remove"))

    def text(self) -> str:
        """Return what is shown."""
        return self._text.text()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the plate."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        accent = self.palette().color(QPalette.ColorRole.Highlight)
        fill = QColor(accent)
        fill.setAlphaF(0.20)
        painter.setPen(QPen(accent, FOCUS_RING_PX if self.hasFocus() else 1))
        painter.setBrush(fill)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        radius = min(box.height() / 2, MEDIUM_PX * 2)
        painter.drawRoundedRect(box, radius, radius)
        painter.end()
