"""Plain callbacks in, Qt signals out: a result reaches the GUI thread here or not at all.

Every request has an id. Its answer is delivered once, in the GUI thread, as a result *or* an error, unless the request was
forgotten meanwhile: then it is stale and dropped. Progress of any speed is thinned to a few signals a second.
"""

from __future__ import annotations

import itertools
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from helios_desktop.domain import Progress
from helios_desktop.errors import KnownError
from helios_desktop.ui.lanes import Lane
from helios_desktop.ui.library_port import Library

PROGRESS_INTERVAL_MS = 100
JOIN_SECONDS = 0.5

LaneName = Literal["search", "rows", "thumbnails", "viewer", "library", "download", "engine", "remote", "import"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Outcome:
    value: Any
    error: BaseException | None


@dataclass(frozen=True, slots=True)
class _Waiting:
    lane: LaneName
    done: Callable[[Any], None]
    failed: Callable[[KnownError], None] | None


class Bridge(QObject):
    """The one way off the GUI thread and back. Everything but ``hear`` is called in the GUI thread."""

    progressed = Signal(object)  # Progress, at most ten a second
    failed = Signal(object)  # KnownError of a request that had nobody else to hear it
    _answered = Signal(int, object)  # request id, _Outcome
    _heard = Signal()

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.library = library
        self._ids = itertools.count(1)
        self._waiting: dict[int, _Waiting] = {}
        self._lanes: dict[LaneName, Lane] = {
            "search": Lane("search", workers=2, newest_first=True),
            "rows": Lane("rows", workers=1, capacity=64, newest_first=True),
            "thumbnails": Lane("thumbnails", workers=2, capacity=512, newest_first=True),
            "viewer": Lane("viewer", workers=1, capacity=4, newest_first=True),
            "library": Lane("library", workers=1),
            "download": Lane("download", workers=1),
            "engine": Lane("engine", workers=1),
            "remote": Lane("remote", workers=4, capacity=256, newest_first=True),
            "import": Lane("import", workers=1),
        }
        self._answered.connect(self._on_answered)
        self._heard.connect(self._on_heard)
        self._lock = threading.Lock()
        self._latest: Progress | None = None
        self._is_closed = False
        self._timer = QTimer(self, singleShot=True, interval=PROGRESS_INTERVAL_MS)
        self._timer.timeout.connect(self._on_progress_due)
        self._unsubscribe: Callable[[], None] | None = library.subscribe(self.hear)

    def ask(
        self,
        lane: LaneName,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[KnownError], None] | None = None,
    ) -> int:
        """Run ``work`` in a lane, then ``done`` or ``failed`` here; return the request's id."""
        request_id = next(self._ids)
        if self._is_closed:
            return request_id
        self._waiting[request_id] = _Waiting(lane, done, failed)
        runner = self._lanes[lane]

        def job() -> None:
            try:
                outcome = _Outcome(work(), None)
            except BaseException as error:  # noqa: BLE001 - carried to the GUI thread, where it is shown or reported
                outcome = _Outcome(None, error)
            if not runner.is_closed:
                self._answered.emit(request_id, outcome)

        for dropped in runner.submit(request_id, job):
            self._waiting.pop(dropped, None)
        return request_id

    def is_waiting(self, request_id: int) -> bool:
        """Whether the answer to a request may still come; False after it came, was forgotten or was dropped for newer ones."""
        return request_id in self._waiting

    def forget(self, request_id: int) -> None:
        """Drop a request: its answer, if it ever comes, reaches nobody."""
        waiting = self._waiting.pop(request_id, None)
        if waiting is not None:
            self._lanes[waiting.lane].cancel(request_id)

    def forget_all(self) -> None:
        """Drop every request: whoever asked is going."""
        self._waiting.clear()

    def hear(self, progress: Progress) -> None:
        """Take news of progress, from any thread."""
        with self._lock:
            is_first = self._latest is None
            self._latest = progress
            if not is_first or self._is_closed:
                return
        self._heard.emit()

    def quiet(self) -> None:
        """Deliver nothing any more: the window goes. At once, where ``close`` may wait."""
        with self._lock:
            self._is_closed = True
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self._timer.stop()
        self._waiting.clear()
        for lane in self._lanes.values():
            lane.stop()

    def close(self) -> bool:
        """Stop listening, forget every request, end the threads; return whether all of them ended in time."""
        self.quiet()
        deadline = time.monotonic() + JOIN_SECONDS
        return all([lane.join(deadline) for lane in self._lanes.values()])

    @Slot()
    def _on_heard(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _on_progress_due(self) -> None:
        with self._lock:
            progress, self._latest = self._latest, None
        if progress is not None and not self._is_closed:
            self.progressed.emit(progress)

    @Slot(int, object)
    def _on_answered(self, request_id: int, outcome: _Outcome) -> None:
        waiting = self._waiting.pop(request_id, None)
        if waiting is None:
            return
        error = outcome.error
        if error is None:
            waiting.done(outcome.value)
        elif isinstance(error, KnownError):
            (waiting.failed or self.failed.emit)(error)
        else:
            if waiting.failed is not None:
                waiting.failed(KnownError(self.tr("Something went wrong inside Helios."), self.tr("Try it again.")))
            sys.excepthook(type(error), error, error.__traceback__)
