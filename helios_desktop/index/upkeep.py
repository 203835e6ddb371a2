"""One background thread that does what is due, when woken or when it asked to be called again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)


class UpkeepCancelledError(Exception):
    """The work in hand is given up because the index closes."""


class Upkeep:
    """Calls ``step`` in its own thread after each ``wake``. ``step`` returns after how many seconds it wants another turn."""

    def __init__(self, step: Callable[[], float | None], name: str) -> None:
        self._step = step
        self._name = name
        self._woken = threading.Event()
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def is_closing(self) -> bool:
        """Whether work should be given up."""
        return self._closing.is_set()

    def checkpoint(self) -> None:
        """Raise ``UpkeepCancelledError`` once the index closes: for the middle of long work."""
        if self._closing.is_set():
            raise UpkeepCancelledError

    def wake(self) -> None:
        """Have ``step`` called soon; the thread starts at the first call."""
        with self._lock:
            if self._thread is None and not self._closing.is_set():
                # Daemon: files are replaced whole, so that nothing is lost if the process ends without closing.
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
        self._woken.set()

    def close(self) -> None:
        """End the thread and wait for it."""
        with self._lock:
            self._closing.set()
            thread, self._thread = self._thread, None
        self._woken.set()
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        pause: float | None = None
        while True:
            self._woken.wait(pause)
            self._woken.clear()
            if self._closing.is_set():
                return
            try:
                pause = self._step()
            except UpkeepCancelledError:
                return
            except Exception:  # noqa: BLE001 - searches go on whatever befalls their maintenance; the log has it
                _log.exception("maintenance of the search index failed")
                pause = None
