"""Colour scheme in, palette and style sheet out: the sun's amber is the one accent of the window.

Systems with a look of their own (macOS, Windows, KDE) keep their palette and get our accent. Where Qt falls back to its
"fusion" style, it has no colours of its own worth keeping, and ours are used.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from helios_desktop.paths import resources_dir
from helios_desktop.ui.theme.spacing import INDICATOR_PX, MEDIUM_PX, RADIUS_PX, SMALL_PX

Appearance = Literal["system", "light", "dark"]

ACCENT_LIGHT = QColor(0xF2, 0xA1, 0x1B)
ACCENT_DARK = QColor(0xFF, 0xB4, 0x2E)
ON_ACCENT = QColor(0x22, 0x17, 0x02)
LINK_LIGHT = QColor(0x8F, 0x55, 0x00)
LINK_DARK = QColor(0xFF, 0xC4, 0x5C)

_CHOSEN = "helios-appearance"
_ROLES = QPalette.ColorRole
_LIGHT: dict[QPalette.ColorRole, int] = {
    _ROLES.Window: 0xF7F6F3,
    _ROLES.WindowText: 0x1F1D1A,
    _ROLES.Base: 0xFFFFFF,
    _ROLES.AlternateBase: 0xEFEDE8,
    _ROLES.Text: 0x1F1D1A,
    _ROLES.Button: 0xFFFFFF,
    _ROLES.ButtonText: 0x1F1D1A,
    _ROLES.BrightText: 0xB3261E,
    _ROLES.ToolTipBase: 0x2A2825,
    _ROLES.ToolTipText: 0xF7F6F3,
    _ROLES.PlaceholderText: 0x6B675F,
    _ROLES.Light: 0xFFFFFF,
    _ROLES.Midlight: 0xE9E6E0,
    _ROLES.Mid: 0xD9D5CC,
    _ROLES.Dark: 0xB6B1A7,
    _ROLES.Shadow: 0x8C877D,
}
_DARK: dict[QPalette.ColorRole, int] = {
    _ROLES.Window: 0x17181B,
    _ROLES.WindowText: 0xECEAE6,
    _ROLES.Base: 0x202226,
    _ROLES.AlternateBase: 0x1D1E22,
    _ROLES.Text: 0xECEAE6,
    _ROLES.Button: 0x2A2C31,
    _ROLES.ButtonText: 0xECEAE6,
    _ROLES.BrightText: 0xFF8A80,
    _ROLES.ToolTipBase: 0x33353B,
    _ROLES.ToolTipText: 0xECEAE6,
    _ROLES.PlaceholderText: 0xA09C94,
    _ROLES.Light: 0x3B3E45,
    _ROLES.Midlight: 0x2C2E33,
    _ROLES.Mid: 0x35383E,
    _ROLES.Dark: 0x0E0F11,
    _ROLES.Shadow: 0x000000,
}


def is_dark(palette: QPalette) -> bool:
    """Whether text is lighter than what it stands on."""
    window, text = palette.color(_ROLES.Window), palette.color(_ROLES.WindowText)
    return window.lightnessF() < text.lightnessF()


def _with_accent(palette: QPalette) -> QPalette:
    """Return the palette with our accent for selections, links and focus."""
    result = QPalette(palette)
    dark = is_dark(result)
    accent = ACCENT_DARK if dark else ACCENT_LIGHT
    result.setColor(_ROLES.Highlight, accent)
    result.setColor(_ROLES.Accent, accent)
    result.setColor(_ROLES.HighlightedText, ON_ACCENT)
    result.setColor(_ROLES.Link, LINK_DARK if dark else LINK_LIGHT)
    result.setColor(_ROLES.LinkVisited, LINK_DARK if dark else LINK_LIGHT)
    return result


def own_palette(*, dark: bool) -> QPalette:
    """Return our own palette, light or dark."""
    palette = QPalette()
    for role, value in (_DARK if dark else _LIGHT).items():
        palette.setColor(role, QColor(value))
    faded = QColor(0x6F6C66) if dark else QColor(0xA39E94)
    for role in (_ROLES.WindowText, _ROLES.Text, _ROLES.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, faded)
    return _with_accent(palette)


def scroll_bar_sheet(palette: QPalette) -> str:
    """Return slim scroll bars, for Qt's own style only: systems with a look of their own know how theirs should be."""
    handle, hover = palette.color(_ROLES.Dark).name(), palette.color(_ROLES.PlaceholderText).name()
    if is_dark(palette):
        handle = palette.color(_ROLES.Light).name()
    return f"""
        QScrollBar {{ background: transparent; border: none; margin: 0; }}
        QScrollBar:vertical {{ width: 12px; }}
        QScrollBar:horizontal {{ height: 12px; }}
        QScrollBar::handle {{ background: {handle}; border-radius: 4px; margin: 2px; }}
        QScrollBar::handle:vertical {{ min-height: 40px; }}
        QScrollBar::handle:horizontal {{ min-width: 40px; }}
        QScrollBar::handle:hover {{ background: {hover}; }}
        QScrollBar::handle:disabled {{ background: transparent; }}
        QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
        QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    """


def indicator_sheet(palette: QPalette) -> str:
    """Return boxes and buttons to tick, for Qt's own style only: its outlines cannot be seen on a dark ground."""
    line, base = palette.color(_ROLES.PlaceholderText).name(), palette.color(_ROLES.Base).name()
    accent = palette.color(_ROLES.Highlight).name()
    text, off = palette.color(_ROLES.WindowText).name(), palette.color(_ROLES.Mid).name()
    tick = (resources_dir() / "icons" / "tick.svg").as_posix()
    both = {"QCheckBox": 3, "QRadioButton": INDICATOR_PX // 2 + 1}
    rules = [
        f"""
        {kind} {{ spacing: {MEDIUM_PX}px; }}
        {kind}::indicator {{ width: {INDICATOR_PX}px; height: {INDICATOR_PX}px; border: 1px solid {line};
            border-radius: {radius}px; background: {base}; }}
        {kind}::indicator:hover, {kind}::indicator:focus {{ border: 1px solid {accent}; }}
        {kind}::indicator:disabled {{ border: 1px solid {off}; }}
        {kind}:focus {{ color: {text}; }}
        """
        for kind, radius in both.items()
    ]
    return (
        "".join(rules)
        + f"""
        QCheckBox::indicator:checked {{ background: {accent}; border: 1px solid {accent}; image: url("{tick}"); }}
        QRadioButton::indicator:checked {{ border: 1px solid {accent};
            background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5,
            stop: 0 {accent}, stop: 0.55 {accent}, stop: 0.65 {base}, stop: 1 {base}); }}
        """
    )


def style_sheet(palette: QPalette) -> str:
    """Return the rules for the few widgets that Qt's own styles do not draw as we need them; everything else stays native."""
    soft_colour = QColor(palette.color(_ROLES.Highlight))
    soft = f"rgba({soft_colour.red()}, {soft_colour.green()}, {soft_colour.blue()}, 70)"
    header = palette.color(_ROLES.AlternateBase).name()
    accent = palette.color(_ROLES.Highlight)
    text, muted = palette.color(_ROLES.WindowText).name(), palette.color(_ROLES.PlaceholderText).name()
    border, button = palette.color(_ROLES.Mid).name(), palette.color(_ROLES.Button).name()
    hover = palette.color(_ROLES.Midlight).name()
    base = palette.color(_ROLES.Base).name()
    bright = accent.lighter(108).name()
    return f"""
        QPushButton[kind] {{ border-radius: {RADIUS_PX}px; padding: {MEDIUM_PX}px {2 * MEDIUM_PX}px; border: 1px solid {border};
            background: {button}; color: {text}; }}
        QPushButton[kind]:hover {{ background: {hover}; }}
        QPushButton[kind]:focus {{ border: 2px solid {accent.name()}; padding: {MEDIUM_PX - 1}px {2 * MEDIUM_PX - 1}px; }}
        QPushButton[kind]:disabled {{ color: {muted}; }}
        QPushButton[kind="primary"] {{ background: {accent.name()}; border: 1px solid {accent.name()};
            color: {ON_ACCENT.name()}; font-weight: 600; }}
        QPushButton[kind="primary"]:disabled {{ background: {border}; border: 1px solid {border}; color: {muted}; }}
        QPushButton[kind="primary"]:hover {{ background: {bright}; }}
        QPushButton[kind="primary"]:focus {{ border: 2px solid {text}; }}
        QPushButton[kind="plain"] {{ border: 1px solid transparent; background: transparent; text-align: left;
            padding: {SMALL_PX}px {MEDIUM_PX}px; }}
        QPushButton[kind="plain"]:hover {{ background: {hover}; }}
        QPushButton[kind="plain"]:focus {{ border: 1px solid {accent.name()}; padding: {SMALL_PX}px {MEDIUM_PX}px; }}
        QToolButton[kind="flat"] {{ border: 1px solid transparent; border-radius: {RADIUS_PX - 2}px; padding: 3px;
            background: transparent; }}
        QToolButton[kind="flat"]:hover {{ background: {hover}; }}
        QToolButton[kind="flat"]:checked {{ background: {soft}; }}
        QToolButton[kind="flat"]:focus {{ border: 1px solid {accent.name()}; }}
        QProgressBar[kind="thin"] {{ border: none; border-radius: 2px; background: {border};
            max-height: 4px; min-height: 4px; }}
        QProgressBar[kind="thin"]::chunk {{ border-radius: 2px; background: {accent.name()}; }}
        QLineEdit[kind="field"], QComboBox[kind="field"], QSpinBox[kind="field"] {{ min-height: {3 * MEDIUM_PX}px; }}
        QFrame[kind="card"] {{ border: 1px solid {border}; border-radius: {RADIUS_PX}px; background: {base}; }}
        QTableView {{ border: 1px solid {border}; border-radius: {SMALL_PX}px;
            selection-background-color: {soft}; selection-color: {text}; }}
        QTableView::item {{ padding: 0 {MEDIUM_PX}px; }}
        QHeaderView::section {{ background: {header}; color: {muted}; border: none; border-bottom: 1px solid {border};
            padding: {MEDIUM_PX}px; }}
        QListWidget[kind="subjects"] {{ border: none; background: transparent; outline: none; }}
        QListWidget[kind="subjects"]::item {{ padding: {MEDIUM_PX}px; border-radius: {RADIUS_PX - 2}px; color: {text}; }}
        QListWidget[kind="subjects"]::item:hover {{ background: {hover}; }}
        QListWidget[kind="subjects"]::item:selected {{ background: {soft}; color: {text}; }}
        QSplitter::handle {{ background: {border}; }}
        QToolTip {{ color: {palette.color(_ROLES.ToolTipText).name()}; background: {palette.color(_ROLES.ToolTipBase).name()};
            border: 1px solid {border}; padding: {SMALL_PX}px; }}
    """


def chosen_appearance() -> Appearance:
    """Return what was last applied to the application: the system's changes do not undo a person's choice."""
    app = QApplication.instance()
    chosen = None if app is None else app.property(_CHOSEN)
    return "light" if chosen == "light" else "dark" if chosen == "dark" else "system"


def apply_theme(app: QApplication, appearance: Appearance = "system") -> None:
    """Give the whole application its colours; called again when the system changes its own."""
    app.setProperty(_CHOSEN, appearance)
    dark = appearance == "dark" or (appearance == "system" and app.styleHints().colorScheme() == Qt.ColorScheme.Dark)
    app.setStyleSheet("")  # a style sheet in use hides the name of the style below it
    is_fusion = app.style().name().lower() == "fusion"
    if appearance == "system" and not is_fusion:
        palette = _with_accent(app.style().standardPalette())
    else:
        palette = own_palette(dark=dark)
    app.setPalette(palette)
    own_parts = scroll_bar_sheet(palette) + indicator_sheet(palette)
    app.setStyleSheet(style_sheet(palette) + (own_parts if is_fusion else ""))
