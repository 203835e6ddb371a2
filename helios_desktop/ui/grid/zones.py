"""A tile's place in, the places of what can be pressed on it out: its stack's count, and tick and cross under the pointer."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPoint, QRect

from helios_desktop.ui.theme.spacing import MEDIUM_PX, SMALL_PX

BADGE_PX = 22
BUTTON_PX = 26
PILL_PX = 40
ROOM_FOR_TEXT_PX = 150  # a narrower tile shows tick and cross, and no caption beside them

Zone = Literal["stack", "more", "less"]


def stack_rect(tile: QRect) -> QRect:
    """Return where the count of a stack stands: at the right of the upper edge."""
    return QRect(tile.right() - PILL_PX - SMALL_PX + 1, tile.top() + SMALL_PX, PILL_PX, BADGE_PX)


def judging_rects(tile: QRect) -> tuple[QRect, QRect]:
    """Return where tick and cross stand: in the lower right corner, in the middle of a small tile."""
    width = 2 * BUTTON_PX + SMALL_PX
    left = tile.right() - width - MEDIUM_PX + 1
    if tile.width() < ROOM_FOR_TEXT_PX:
        left = tile.center().x() - width // 2
    top = tile.bottom() - BUTTON_PX - MEDIUM_PX + 1
    more = QRect(left, top, BUTTON_PX, BUTTON_PX)
    return more, more.translated(BUTTON_PX + SMALL_PX, 0)


def zone_at(tile: QRect, point: QPoint, *, has_stack: bool) -> Zone | None:
    """Return what lies at a point of a tile that the pointer is on."""
    if has_stack and stack_rect(tile).contains(point):
        return "stack"
    more, less = judging_rects(tile)
    if more.contains(point):
        return "more"
    return "less" if less.contains(point) else None
