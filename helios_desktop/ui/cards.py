"""Plates, headings, texts and buttons of pages that are read from top to bottom: the first page, the settings, imports."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from helios_desktop.ui.plain_text import one_line
from helios_desktop.ui.theme.spacing import LARGE_PX, MEDIUM_PX

ORDINARY_LINE_PX = 16
SCREEN_SHARE = 0.92


def card(parent: QWidget, title: str) -> tuple[QFrame, QVBoxLayout]:
    """Return a plate with a heading, and the column below it."""
    frame = QFrame(parent)
    frame.setProperty("kind", "card")
    column = QVBoxLayout(frame)
    column.setContentsMargins(LARGE_PX, LARGE_PX, LARGE_PX, LARGE_PX)
    column.setSpacing(MEDIUM_PX)
    heading = text_label(frame, title)
    font = heading.font()
    font.setBold(True)
    heading.setFont(font)
    column.addWidget(heading)
    return frame, column


def text_label(parent: QWidget, text: str, *, is_faint: bool = False) -> QLabel:
    """Return a label at the left that wraps and shows text as it is."""
    label = QLabel(one_line(text), parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    if is_faint:
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label


def heading_label(parent: QWidget, text: str, *, scale: float = 1.3) -> QLabel:
    """Return a heading."""
    label = text_label(parent, text)
    font = label.font()
    font.setBold(True)
    font.setPointSizeF(font.pointSizeF() * scale)
    label.setFont(font)
    return label


def push_button(parent: QWidget, text: str, on_click: Callable[[], object], *, kind: str = "normal") -> QPushButton:
    """Return a button that carries its kind before any style looks at it."""
    button = QPushButton(text.replace("&", "&&"), parent)
    button.setProperty("kind", kind)
    button.setAccessibleName(text)
    button.clicked.connect(lambda _checked=False: on_click())
    return button


def field_form(parent: QWidget | None = None) -> QFormLayout:
    """Return labels at the left, level with the fields at the right, which take all the room there is."""
    form = QFormLayout(parent)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    return form


def facts_form(parent: QWidget, facts: list[tuple[str, str]]) -> QFormLayout:
    """Return labels at the left and texts at the right, which can be marked and copied."""
    form = QFormLayout()
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
    for label, text in facts:
        shown = text_label(parent, text)
        shown.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)  # else it wraps at each hyphen
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        form.addRow(text_label(parent, label, is_faint=True), shown)
    return form


def first_size(widget: QWidget, width_px: int, height_px: int) -> QSize:
    """Return a dialog's first size: these pixels at an ordinary text size, more where text is larger, never over the screen."""
    scale = max(1.0, widget.fontMetrics().height() / ORDINARY_LINE_PX)
    room = widget.screen().availableGeometry().size() * SCREEN_SHARE
    return QSize(round(width_px * scale), round(height_px * scale)).boundedTo(room)
