"""Distances of the whole window, in device-independent pixels: everything is a multiple of four."""

from __future__ import annotations

SMALL_PX = 4
MEDIUM_PX = 8
LARGE_PX = 16
HUGE_PX = 32

RADIUS_PX = 8
TILE_RADIUS_PX = 6
TILE_GAP_PX = 8
FOCUS_RING_PX = 2
ICON_PX = 18
INDICATOR_PX = 14
SIDEBAR_PX = 220
DETAILS_PX = 280
