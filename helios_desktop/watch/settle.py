"""DELTA -> DELTA: holds back files that are still being written, until size and mtime have been the same for two seconds.

In: what a comparison found new or changed, and the clocks. Out: the part that may be recorded now, and what has to be looked
at again, and when. Vanished and moved files never wait: nothing of them is read.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from helios_desktop.domain import FoundFile, ScanDelta, SkipReason
from helios_desktop.watch.scanner import SEPARATOR

STABLE_SECONDS = 2.0
FORGET_SECONDS = 600.0
"""A file that nobody asked about for so long is forgotten; it was a temporary one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """``delta`` may be recorded; ``waiting`` must be scanned again in ``wait_seconds`` (0 where nothing waits)."""

    delta: ScanDelta
    waiting: tuple[FoundFile, ...] = ()
    wait_seconds: float = 0.0

    @property
    def folders(self) -> frozenset[bytes]:
        """Return the folders of the files that wait: what to rescan, their own entries only."""
        return frozenset(one.stat.path.rpartition(SEPARATOR)[0] or SEPARATOR for one in self.waiting)


@dataclass(slots=True)
class _Sight:
    size: int
    mtime_ns: int
    since: float
    """When this size and mtime were first seen, in seconds of the monotonic clock."""
    last: float
    has_changed: bool


class SettleTracker:
    """Remembers the files that were not stable at their last scan. Not for several threads at once.

    ``wall_ns`` is the clock that mtimes are held against, ``monotonic`` the one that waiting is measured by.
    """

    def __init__(self, *, wall_ns: Callable[[], int] = time.time_ns, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall_ns = wall_ns
        self._monotonic = monotonic
        self._sights: dict[bytes, _Sight] = {}

    def sift(self, delta: ScanDelta, *, is_live: bool = False) -> Settled:
        """Split a delta into what is stable and what waits.

        ``is_live``: the scan follows an event. Then an old mtime alone proves nothing, since copying tools may set it before
        the content is whole, and a file has to be seen unchanged for the full time.
        """
        now = self._monotonic()
        waits = [
            (one, wait)
            for one in (*delta.added, *delta.changed)
            if (wait := self._seconds_to_wait(one, now, is_live=is_live)) > 0
        ]
        self._forget(now)
        if not waits:
            return Settled(delta=delta)
        held = {one.stat.path for one, _ in waits}
        ready = replace(
            delta,
            added=tuple(one for one in delta.added if one.stat.path not in held),
            changed=tuple(one for one in delta.changed if one.stat.path not in held),
        )
        return Settled(delta=ready, waiting=tuple(one for one, _ in waits), wait_seconds=min(wait for _, wait in waits))

    def seconds_to_wait(self, found: FoundFile, *, is_live: bool = False) -> float:
        """Return how long this file has to stay as it is before it counts as whole; 0 where it does now."""
        return self._seconds_to_wait(found, self._monotonic(), is_live=is_live)

    def _seconds_to_wait(self, found: FoundFile, now: float, *, is_live: bool) -> float:
        if found.reason is not None and found.reason is not SkipReason.EMPTY:
            return 0.0  # never opened, so it cannot be read by half
        facts = found.stat
        sight = self._sights.get(facts.path)
        if sight is None or (sight.size, sight.mtime_ns) != (facts.size, facts.mtime_ns):
            has_changed = sight is not None and (sight.has_changed or sight.size != facts.size)
            sight = _Sight(facts.size, facts.mtime_ns, now, now, has_changed)
        sight.last = now
        wait = max(0.0, sight.since + STABLE_SECONDS - now)
        if not (is_live or sight.has_changed):
            wait = min(wait, self._seconds_until_old(facts.mtime_ns))
        if wait > 0:
            self._sights[facts.path] = sight
        else:
            self._sights.pop(facts.path, None)
        return wait

    def _seconds_until_old(self, mtime_ns: int) -> float:
        """Return when the mtime will be old enough to speak for itself; one in the future never is."""
        age = (self._wall_ns() - mtime_ns) / 1e9
        return max(0.0, STABLE_SECONDS - age) if age >= 0 else STABLE_SECONDS

    def _forget(self, now: float) -> None:
        stale = [path for path, sight in self._sights.items() if now - sight.last > FORGET_SECONDS]
        for path in stale:
            del self._sights[path]
