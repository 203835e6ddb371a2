"""The library follows the disk by itself: hints and clocks say when to scan, one thread scans, another embeds.

What the window and ``helios watch`` run. A hint never says what happened, only where to look; whole roots are looked at when
they come back, when events may have been lost, and once in a while in any case.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from concurrent import futures
from typing import Protocol

from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import Root
from helios_desktop.errors import KnownError
from helios_desktop.pipeline.follow import Follower, Target, is_below
from helios_desktop.pipeline.indexing import Indexing
from helios_desktop.pipeline.jobs import CancelledError, CancelToken, PauseGate
from helios_desktop.pipeline.progress import ProgressBoard

PRESENCE_SECONDS = 3.0
FULL_SCAN_SECONDS = 1800.0
POLL_SCAN_SECONDS = 60.0
RETRY_SECONDS = 5.0
MODEL_SECONDS = 3.0

_log = logging.getLogger(__name__)


class Observer(Protocol):
    """What is needed of ``watch.observer.FolderObserver``; a test may pass another."""

    def follow(self, roots: Collection[bytes]) -> None:
        """Watch exactly these roots from now on."""
        ...

    def stop(self) -> None:
        """Stop all threads."""
        ...


class LiveLibrary:
    """Two threads that keep a library in step, from ``start`` to ``stop``."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        follower: Follower,
        indexing: Indexing,
        look_after: Callable[[], None],
        board: ProgressBoard,
        gate: PauseGate,
        make_observer: Callable[[Callable[[bytes], None], Callable[[bytes], None]], Observer],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._catalog = catalog
        self._follower = follower
        self._indexing = indexing
        self._look_after = look_after
        self._board = board
        self._gate = gate
        self._make_observer = make_observer
        self._clock = clock
        self._token = CancelToken()
        self._lock = threading.Lock()
        self._hints: set[tuple[bytes, bool]] = set()
        self._wake_follow = threading.Event()
        self._wake_ingest = threading.Event()
        self._is_rescan_due = threading.Event()
        self._due: dict[Target, float] = {}
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin; calling it again does nothing."""
        if self._threads:
            return
        for name, loop in (("helios-follow", self._follow_loop), ("helios-ingest", self._ingest_loop)):
            thread = threading.Thread(target=self._guarded, args=(loop,), name=name)
            self._threads.append(thread)
            thread.start()

    def cancel(self) -> None:
        """Ask both threads to stop, and do not wait."""
        self._token.cancel()
        self._wake_follow.set()
        self._wake_ingest.set()

    def stop(self) -> None:
        """Ask both threads to stop and wait for them; what was committed stays."""
        self.cancel()
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def hint(self, folder: bytes) -> None:
        """Something may have changed anywhere below this folder; called by the observer, from its threads."""
        self._hint(folder, is_recursive=True)

    def hint_own_entries(self, folder: bytes) -> None:
        """Something may have changed among this folder's own entries."""
        self._hint(folder, is_recursive=False)

    def rescan(self) -> None:
        """Look at every folder as a whole, now: what counts as a photo changed, or somebody wants to be sure."""
        self._is_rescan_due.set()
        self.wake()

    def _hint(self, folder: bytes, *, is_recursive: bool) -> None:
        with self._lock:
            self._hints.add((folder, is_recursive))
        self._wake_follow.set()

    def wake(self) -> None:
        """Folders were added or removed, or work was resumed: look at once."""
        self._wake_follow.set()
        self._wake_ingest.set()

    def _guarded(self, loop: Callable[[], None]) -> None:
        """Run one loop to its end. A defect is logged and ends the loop, never the process."""
        try:
            loop()
        except CancelledError:
            pass
        except Exception as error:  # noqa: BLE001 the last stop of a thread: nobody else would ever hear of it
            if isinstance(error, futures.CancelledError) and self._token.is_cancelled:
                return  # the decoder is closed first, so that nobody waits for a large file
            _log.exception("a background loop ended")
            self._board.enter("paused", "Indexing stopped because of a fault; the log tells more. Start Helios again.")

    def _follow_loop(self) -> None:
        watched: dict[bytes, Root] = {}
        observer = self._make_observer(self.hint, self.hint_own_entries)
        try:
            while True:
                self._token.check()
                watched = self._look_at_roots(watched, observer)
                self._scan_what_is_due(watched)
                self._wake_follow.wait(self._seconds_until_due())
                self._wake_follow.clear()
        finally:
            observer.stop()

    def _look_at_roots(self, watched: dict[bytes, Root], observer: Observer) -> dict[bytes, Root]:
        """Notice roots that were added, removed, unplugged or plugged in; those that came are due for a whole scan."""
        roots = self._catalog.roots.all()
        present = {root.path: root for root in roots if self._follower.check_presence(root)}
        now = self._clock()
        for path, root in present.items():
            if path not in watched:
                self._schedule(Target(root), now)
        if present.keys() != watched.keys():
            observer.follow(present.keys())
        return present

    def _scan_what_is_due(self, present: dict[bytes, Root]) -> None:
        now = self._clock()
        if self._is_rescan_due.is_set():
            self._is_rescan_due.clear()
            for root in present.values():
                self._schedule(Target(root), now)
        with self._lock:
            hints, self._hints = self._hints, set()
        live = [target for hint in hints if (target := _target_of(*hint, present)) is not None]
        due = [target for target, moment in self._due.items() if moment <= now]
        for target in due:
            del self._due[target]
        current = [self._renewed(target, present) for target in due]
        whole = [target for target in current if target is not None and target.below is None]
        partial = [target for target in current if target is not None and target.below is not None]
        if whole:
            self._follow(whole, is_live=False)
            for target in whole:
                self._schedule(target, self._clock() + (POLL_SCAN_SECONDS if target.root.is_polled else FULL_SCAN_SECONDS))
        if live or partial:
            self._follow(live + partial, is_live=True)

    def _follow(self, targets: list[Target], *, is_live: bool) -> None:
        try:
            report = self._indexing.follow(targets, self._token, is_live=is_live)
        except KnownError as error:
            _log.warning("scan: %s", error)
            for target in targets:
                self._schedule(target, self._clock() + RETRY_SECONDS)
            return
        for target in report.again:
            self._schedule(target, self._clock() + report.wait_seconds)
        self._wake_ingest.set()

    def _ingest_loop(self) -> None:
        while True:
            self._token.check()
            try:
                self._indexing.ingest((), self._token, self._gate)
                self._look_after()
                self._board.enter("paused" if self._gate.is_paused else "idle")
            except KnownError as error:
                _log.warning("indexing: %s", error)
                self._board.enter("waiting", str(error))
                self._token.wait(RETRY_SECONDS)
                continue
            self._wait_for_work()

    def _wait_for_work(self) -> None:
        """Return when somebody woke this loop, or another process chose another model."""
        while not self._wake_ingest.wait(MODEL_SECONDS):
            if self._has_other_models():
                return
        self._wake_ingest.clear()

    def _has_other_models(self) -> bool:
        try:
            return self._indexing.has_other_models()
        except KnownError as error:  # a pack that is being replaced: the next look sees it whole
            _log.warning("models: %s", error)
            return False

    def _schedule(self, target: Target, moment: float) -> None:
        self._due[target] = min(moment, self._due.get(target, moment))

    def _seconds_until_due(self) -> float:
        nearest = min(self._due.values(), default=float("inf")) - self._clock()
        return max(0.0, min(nearest, PRESENCE_SECONDS))

    @staticmethod
    def _renewed(target: Target, present: dict[bytes, Root]) -> Target | None:
        """Return the target with its root as it is now; None where that is not followed any more."""
        root = present.get(target.root.path)
        return None if root is None else Target(root, target.below, target.is_recursive)


def _target_of(folder: bytes, is_recursive: bool, present: dict[bytes, Root]) -> Target | None:
    """Return what to scan for a hint: the root itself, or the folder inside one."""
    best = max((path for path in present if folder == path or is_below(folder, path)), key=len, default=None)
    if best is None:
        return None
    return Target(present[best], None if folder == best and is_recursive else folder, is_recursive)
