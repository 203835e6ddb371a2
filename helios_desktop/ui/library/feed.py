"""News of progress in, snapshots of the library out: folders, counts, and whether photos came or went. At most one a second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, QTimer, Signal

from helios_desktop.catalog.marks import Album, SavedSearch
from helios_desktop.domain import Counts, Filter, Progress, Root
from helios_desktop.errors import KnownError
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.library_port import Library

REFRESH_MS = 1000
IDLE = Progress(phase="idle", done=0, total=0, skipped=0, per_second=0.0, eta_seconds=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The library at one moment. ``photos_of``: indexed photos by root id; ``why_polled``: reasons by root id.

    ``total``: all photos; then what people made.
    """

    token: int
    roots: tuple[Root, ...]
    counts: Counts
    photos_of: Mapping[int, int] = field(default_factory=dict)
    why_polled: Mapping[int, str] = field(default_factory=dict)
    total: int = 0
    favourites: int = 0
    albums: tuple[Album, ...] = ()
    saved: tuple[SavedSearch, ...] = ()


def take_snapshot(library: Library, previous: Snapshot | None) -> Snapshot:
    """Ask the library; blocks. Photos are counted again only where the catalogue changed."""
    token, roots = library.change_token(), tuple(library.roots())
    counts = library.counts()
    if previous is not None and previous.token == token and previous.roots == roots:
        return replace(previous, counts=counts)
    total = len(library.browse(Filter()))
    photos_of = {roots[0].root_id: total} if len(roots) == 1 else {}
    for root in roots if len(roots) > 1 else ():
        photos_of[root.root_id] = len(library.browse(Filter(folders=(root.path,))))
    return Snapshot(
        token=token,
        roots=roots,
        counts=counts,
        photos_of=photos_of,
        why_polled={root.root_id: library.why_polled(root) for root in roots if root.is_polled},
        total=total,
        favourites=len(library.browse(Filter(is_favourite=True))),
        albums=tuple(library.marks.albums()),
        saved=tuple(library.marks.saved_searches()),
    )


class LibraryFeed(QObject):
    """Keeps the latest snapshot and progress."""

    refreshed = Signal(object)  # Snapshot
    photos_changed = Signal()
    failed = Signal(object)  # KnownError

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.snapshot: Snapshot | None = None
        self.progress = IDLE
        self._is_asking = False
        self._is_due = False
        self._timer = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._timer.timeout.connect(self._on_due)
        bridge.progressed.connect(self._on_progressed)

    def refresh(self) -> None:
        """Take a snapshot now."""
        if self._is_asking:
            self._is_due = True
            return
        self._is_asking, self._is_due = True, False
        library, previous = self._bridge.library, self.snapshot
        self._bridge.ask("library", lambda: take_snapshot(library, previous), self._on_snapshot, self._on_failure)

    def _on_progressed(self, progress: Progress) -> None:
        has_phase_changed = progress.phase != self.progress.phase
        self.progress = progress
        if has_phase_changed:
            self.refresh()
        elif not self._timer.isActive():
            self._timer.start()

    def _on_due(self) -> None:
        self.refresh()

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        previous, self.snapshot = self.snapshot, snapshot
        self._is_asking = False
        self.refreshed.emit(snapshot)
        if previous is None or previous.token != snapshot.token or previous.roots != snapshot.roots:
            self.photos_changed.emit()
        if self._is_due and not self._timer.isActive():
            self._timer.start()

    def _on_failure(self, error: KnownError) -> None:
        self._is_asking = False
        self.failed.emit(error)
