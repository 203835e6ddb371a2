"""Spots on the map, as values that cross borders: degrees (WGS 84), kilometres, and the squares that a library is known by."""

from __future__ import annotations

import math
from dataclasses import dataclass

KM_A_DEGREE = 111.195
SQUARES_A_DEGREE = 50
"""Squares of a fiftieth of a degree, 2.2 km high: what a photo is known by where a country or a region is asked for."""
SQUARES_A_ROW = 100_000
"""A square's number is its row (from the equator) times this, plus its column (from Greenwich)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Everything within some kilometres of a spot."""

    latitude: float
    longitude: float
    radius_km: float

    @property
    def degrees(self) -> float:
        """The radius along a meridian."""
        return self.radius_km / KM_A_DEGREE

    @property
    def shrinking(self) -> float:
        """How much shorter a degree of longitude is here than at the equator; never 0."""
        return max(0.01, math.cos(math.radians(self.latitude)))


def spot_of(square: int) -> tuple[float, float]:
    """Return the middle of a square: latitude, longitude."""
    row = round(square / SQUARES_A_ROW)
    return row / SQUARES_A_DEGREE, (square - row * SQUARES_A_ROW) / SQUARES_A_DEGREE
