"""Where the good answers of one question end: a value that crosses borders with the answers themselves."""

from __future__ import annotations

from dataclasses import dataclass

USUAL_STRICTNESS = 0.5
_LOOSEST, _STRICTEST = 0.45, 0.85
"""Shares of the way from an ordinary photo's score to the best one; 0.65, in the middle, is where precision and recall meet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreLine:
    """How one question scores a library. ``middle``: an ordinary photo; ``top``: the best one; ``floor``: no less is good."""

    middle: float
    top: float
    floor: float

    def at(self, strictness: float = USUAL_STRICTNESS) -> float:
        """Return the least good score. ``strictness``: 0 divides late, 1 early."""
        share = _LOOSEST + (_STRICTEST - _LOOSEST) * min(max(strictness, 0.0), 1.0)
        return max(self.floor, self.middle + share * (self.top - self.middle))
