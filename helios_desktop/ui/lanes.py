"""Work in, done in the background: a lane is a few threads behind one bounded queue.

Threads are daemons on purpose: work that hangs (a dead network drive, a silent engine) must not keep the window from closing.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable


class Lane:
    """Runs jobs named by a key. ``newest_first`` serves the last submitted first; over ``capacity`` the oldest are dropped."""

    def __init__(self, name: str, *, workers: int = 1, capacity: int = 1000, newest_first: bool = False) -> None:
        self._capacity = capacity
        self._newest_first = newest_first
        self._jobs: OrderedDict[int, Callable[[], None]] = OrderedDict()
        self._condition = threading.Condition()
        self._is_closed = False
        self._threads = [threading.Thread(target=self._run, name=f"{name}-{n}", daemon=True) for n in range(workers)]
        for thread in self._threads:
            thread.start()

    def submit(self, key: int, job: Callable[[], None]) -> list[int]:
        """Queue a job that raises nothing; return the keys of jobs that were dropped to make room."""
        dropped: list[int] = []
        with self._condition:
            if self._is_closed:
                return [key]
            self._jobs[key] = job
            while len(self._jobs) > self._capacity:
                dropped.append(self._jobs.popitem(last=False)[0])
            self._condition.notify()
        return dropped

    def cancel(self, key: int) -> bool:
        """Take a job out of the queue; False where it already runs or is done."""
        with self._condition:
            return self._jobs.pop(key, None) is not None

    @property
    def is_closed(self) -> bool:
        """Whether results no longer matter."""
        return self._is_closed

    def stop(self) -> None:
        """Take no more work and forget what waits; jobs that run finish."""
        with self._condition:
            self._is_closed = True
            self._jobs.clear()
            self._condition.notify_all()

    def join(self, deadline: float) -> bool:
        """Wait for the threads until ``deadline`` (seconds of ``time.monotonic``); return whether all have ended."""
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._jobs and not self._is_closed:
                    self._condition.wait()
                if self._is_closed:
                    return
                job = self._jobs.popitem(last=self._newest_first)[1]
            job()
