"""EVENTS -> HINTS: gathers the folders in which something happened and says, after a moment of quiet, which to rescan.

In: folders below one root, each with the question whether all below it is concerned or its own entries only. Out: a short
list of hints without overlaps. No thread and no clock of its own: the times come from the caller, in monotonic seconds.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

DEBOUNCE_SECONDS = 0.5
MAX_DELAY_SECONDS = 5.0
"""A folder in which something happens all the time is told of at least so often."""

MANY_FOLDERS = 32
"""More hints than this become hints of the folders above them."""

_SEPARATOR = os.fsencode(os.sep)


@dataclass(frozen=True, slots=True)
class Hint:
    """A folder to be rescanned, with all below it or its own entries only."""

    folder: bytes
    is_recursive: bool


class HintBox:
    """The hints of one root that were not told yet. Not for several threads at once."""

    def __init__(
        self, root: bytes, *, debounce_seconds: float = DEBOUNCE_SECONDS, max_delay_seconds: float = MAX_DELAY_SECONDS
    ) -> None:
        self.root = root
        self.events = 0
        self._debounce = debounce_seconds
        self._max_delay = max_delay_seconds
        self._folders: dict[bytes, bool] = {}
        self._first = 0.0
        self._last = 0.0

    def add(self, folder: bytes, now: float, *, is_recursive: bool) -> None:
        """Note that something happened in this folder."""
        if not self._folders:
            self._first = now
        self._last = now
        self.events += 1
        self._folders[folder] = is_recursive or self._folders.get(folder, False)

    def due_at(self) -> float | None:
        """Return the moment at which the hints are to be told; None where there are none."""
        if not self._folders:
            return None
        return min(self._last + self._debounce, self._first + self._max_delay)

    def take(self) -> list[Hint]:
        """Return the hints, coalesced, and forget them."""
        folders, self._folders, self.events = self._folders, {}, 0
        return coalesce(folders, self.root)


def coalesce(folders: dict[bytes, bool], root: bytes, limit: int = MANY_FOLDERS) -> list[Hint]:
    """Drop what lies below a recursive hint; while there are more than ``limit``, the deepest ones become their parents."""
    folders = _without_covered(folders, root)
    while len(folders) > limit:
        deepest = max(_depth(folder, root) for folder in folders)
        if deepest == 0:
            break
        merged: dict[bytes, bool] = {}
        for folder, is_recursive in folders.items():
            if _depth(folder, root) == deepest:
                merged[_parent(folder)] = True
            else:
                merged[folder] = is_recursive or merged.get(folder, False)
        folders = _without_covered(merged, root)
    return [Hint(folder, is_recursive) for folder, is_recursive in sorted(folders.items())]


def _without_covered(folders: dict[bytes, bool], root: bytes) -> dict[bytes, bool]:
    recursive = {folder for folder, is_recursive in folders.items() if is_recursive}
    return {folder: flag for folder, flag in folders.items() if not _has_one_above(folder, root, recursive)}


def _has_one_above(folder: bytes, root: bytes, wanted: set[bytes]) -> bool:
    while len(folder) > len(root):
        folder = _parent(folder)
        if folder in wanted:
            return True
    return False


def _depth(folder: bytes, root: bytes) -> int:
    return 0 if folder == root else folder.count(_SEPARATOR) - root.rstrip(_SEPARATOR).count(_SEPARATOR)


def _parent(folder: bytes) -> bytes:
    return folder.rpartition(_SEPARATOR)[0] or _SEPARATOR
