"""Disk -> catalogue: scan, compare with what is known, hold back what is still growing, record the rest.

A scan is the truth; an event is only a hint that one is due. A root that is not here is marked absent, and nothing of it is
touched. Roots scanned together are compared together, so that a file moved from one to another keeps its row.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import Root, ScanDelta
from helios_desktop.errors import WatchError
from helios_desktop.pipeline.jobs import CancelToken
from helios_desktop.pipeline.presence import Presence
from helios_desktop.watch.comparison import compare_together
from helios_desktop.watch.ignore import IgnoreRules
from helios_desktop.watch.scanner import SEPARATOR, ScanOutcome, scan
from helios_desktop.watch.settle import SettleTracker

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Target:
    """What to scan: a root, or one of its folders, with all below it or its own entries only."""

    root: Root
    below: bytes | None = None
    is_recursive: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowReport:
    """What a scan led to. ``again``: the folders to scan once more in ``wait_seconds``, for files that were still growing."""

    found: int
    recorded: int
    skipped: int
    absent: int
    again: tuple[Target, ...]
    wait_seconds: float


class Follower:
    """Brings the catalogue in step with folders. For one thread at a time."""

    def __init__(
        self, *, catalog: Catalog, ignore: IgnoreRules, extensions: frozenset[str], settle: SettleTracker | None = None
    ) -> None:
        self._catalog = catalog
        self._ignore = ignore
        self._extensions = extensions
        self._settle = settle or SettleTracker()
        self._presence = Presence(catalog, self._has_photos)

    def follow(self, targets: Sequence[Target], token: CancelToken, *, is_live: bool = False) -> FollowReport:
        """Scan the targets and record what changed. ``is_live``: an event led here, so a fresh file has to prove itself.

        Raises ``CancelledError`` when asked to stop; a scan that was cut short records nothing as vanished.
        """
        scanned: list[tuple[Target, ScanOutcome]] = []
        absent = 0
        for target in _without_overlaps(targets):
            outcome = self._scan(target, token)
            if outcome is None:
                absent += 1
            else:
                scanned.append((target, outcome))
        token.check()
        deltas = compare_together([(outcome, self._catalog.photos.known(target.root.root_id)) for target, outcome in scanned])
        again: list[Target] = []
        waits: list[float] = []
        recorded = skipped = 0
        for (target, _), delta in zip(scanned, deltas, strict=True):
            settled = self._settle.sift(delta, is_live=is_live)
            self._record(target.root, settled.delta)
            recorded += _size(settled.delta)
            skipped += sum(one.reason is not None for one in (*settled.delta.added, *settled.delta.changed))
            again += [Target(target.root, folder, is_recursive=False) for folder in sorted(settled.folders)]
            if settled.waiting:
                waits.append(settled.wait_seconds)
        return FollowReport(
            found=sum(len(outcome.found) for _, outcome in scanned),
            recorded=recorded,
            skipped=skipped,
            absent=absent,
            again=tuple(again),
            wait_seconds=min(waits, default=0.0),
        )

    def check_presence(self, root: Root) -> bool:
        """Ask whether the root's drive is here, and remember the answer where it changed."""
        return self._presence.check(root)

    def absent_root(self, path: bytes) -> Root | None:
        """Return the root that is at ``path`` or above it, if it is not here; else None."""
        above = [root for root in self._catalog.roots.all() if path == root.path or is_below(path, root.path)]
        return next((root for root in above if not self.check_presence(root)), None)

    def _has_photos(self, root: Root) -> bool:
        """Whether anything below this root could be indexed."""
        try:
            return any(one.reason is None for one in scan(root.path, self._ignore, self._extensions).found)
        except WatchError:
            return False

    def _scan(self, target: Target, token: CancelToken) -> ScanOutcome | None:
        """List the target; None where its root is not here."""
        if not self.check_presence(target.root):
            return None
        try:
            return scan(
                target.root.path,
                self._ignore,
                self._extensions,
                below=target.below,
                is_recursive=target.is_recursive,
                should_stop=lambda: token.is_cancelled,
            )
        except WatchError as error:
            _log.warning("scan: %s", error)
            self._catalog.roots.set_present(target.root.root_id, False)
            return None

    def _record(self, root: Root, delta: ScanDelta) -> None:
        if not delta.is_empty:
            self._catalog.photos.record(root.root_id, delta)


def _without_overlaps(targets: Sequence[Target]) -> list[Target]:
    """Leave out targets that another one covers: scans of one root must not overlap."""
    kept: list[Target] = []
    ordered = sorted(targets, key=lambda one: (one.below is not None, not one.is_recursive, one.below or b""))
    for target in ordered:
        if not any(_covers(other, target) for other in kept):
            kept.append(target)
    return kept


def _covers(one: Target, other: Target) -> bool:
    if one.root.root_id != other.root.root_id:
        return False
    if one.below is None:
        return one.is_recursive
    if other.below is None:
        return False
    if one.below == other.below:
        return one.is_recursive or not other.is_recursive
    return one.is_recursive and is_below(other.below, one.below)


def is_below(path: bytes, folder: bytes) -> bool:
    """Whether ``path`` lies somewhere in ``folder``; a folder is not below itself."""
    return path.startswith(folder.rstrip(SEPARATOR) + SEPARATOR)


def _size(delta: ScanDelta) -> int:
    return sum(map(len, (delta.added, delta.changed, delta.moved, delta.vanished, delta.sidecars)))
