"""How far indexing is, told to whoever listens; rates come from the last half minute, so that they follow the work."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Literal

from helios_desktop.domain import Progress

RATE_WINDOW_SECONDS = 30.0

Phase = Literal["idle", "scanning", "indexing", "paused", "waiting"]
Listener = Callable[[Progress], None]


class ProgressBoard:
    """Holds the latest ``Progress`` and passes each on to its listeners, on the thread that made it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._listeners: list[Listener] = []
        self._samples: deque[tuple[float, int]] = deque()
        self._phase: Phase = "idle"
        self._done = 0
        self._total = 0
        self._skipped = 0
        self._message = ""

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with every change, from any thread; the returned function ends that."""
        with self._lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unsubscribe

    @property
    def latest(self) -> Progress:
        """The state as it is now."""
        with self._lock:
            return self._snapshot()

    def enter(self, phase: Phase, message: str = "") -> None:
        """Say what goes on now."""
        with self._lock:
            if phase == "idle":
                self._samples.clear()
            self._phase, self._message = phase, message
        self._tell()

    def swap(self, expected: Phase, phase: Phase) -> None:
        """Enter a phase only where the present one is ``expected``: two threads tell, and embedding outranks scanning."""
        with self._lock:
            if self._phase != expected:
                return
            self._phase, self._message = phase, ""
        self._tell()

    def start(self, total: int) -> None:
        """Begin to count towards ``total`` photos."""
        with self._lock:
            self._done, self._skipped, self._total = 0, 0, total
            self._samples.clear()
            self._samples.append((self._clock(), 0))
        self._tell()

    def advance(self, ready: int, skipped: int) -> None:
        """Count what one batch did."""
        with self._lock:
            self._done += ready + skipped
            self._skipped += skipped
            self._total = max(self._total, self._done)
            now = self._clock()
            self._samples.append((now, self._done))
            while len(self._samples) > 2 and now - self._samples[0][0] > RATE_WINDOW_SECONDS:
                self._samples.popleft()
        self._tell()

    def _tell(self) -> None:
        with self._lock:
            progress, listeners = self._snapshot(), list(self._listeners)
        for listener in listeners:
            listener(progress)

    def _snapshot(self) -> Progress:
        rate = 0.0
        if len(self._samples) > 1:
            (first_time, first_done), (last_time, last_done) = self._samples[0], self._samples[-1]
            rate = (last_done - first_done) / max(last_time - first_time, 1e-6)
        left = self._total - self._done
        return Progress(
            phase=self._phase,
            done=self._done,
            total=self._total,
            skipped=self._skipped,
            per_second=rate,
            eta_seconds=left / rate if rate and left > 0 else None,
            message=self._message,
        )
