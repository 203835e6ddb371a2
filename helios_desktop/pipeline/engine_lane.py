"""One thread that keeps the search engine in step: it looks for changes, sends them, and pauses where that is of no use."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from helios_desktop.errors import KnownError
from helios_desktop.pipeline.jobs import CancelledError, CancelToken

LOOK_SECONDS = 1.0
RESUME_SECONDS = 15.0
"""A pause is tried again by itself after so long; ``wake`` tries at once."""

_log = logging.getLogger(__name__)


class EngineLane:
    """Runs ``sync`` when ``token_of_changes`` moved, from ``start`` to ``stop``.

    ``sync`` brings everything in step, or raises a ``KnownError`` where it has to pause (and keeps that for others to see).
    """

    def __init__(
        self, *, sync: Callable[[CancelToken], None], changes: Callable[[], object], is_in_use: Callable[[], bool]
    ) -> None:
        self._sync = sync
        self._changes = changes
        self._is_in_use = is_in_use
        self._token = CancelToken()
        self._woken = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; calling it again does nothing."""
        if self._thread is None and not self._token.is_cancelled:
            self._thread = threading.Thread(target=self._run, name="helios-engine")
            self._thread.start()

    def wake(self) -> None:
        """Try again now."""
        self._woken.set()

    def stop(self) -> None:
        """End the thread and wait for it; what was sent is remembered."""
        self._token.cancel()
        self._woken.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        heard: object = None
        try:
            while not self._token.is_cancelled:
                wait = LOOK_SECONDS
                now = self._changes() if self._is_in_use() else None
                if now is not None and now != heard:
                    try:
                        self._sync(self._token)
                        heard = now
                    except KnownError as error:
                        _log.warning("engine: %s", error)
                        wait = RESUME_SECONDS
                self._woken.wait(wait)
                if self._woken.is_set():
                    heard = None
                self._woken.clear()
        except CancelledError:
            pass
        except Exception:  # noqa: BLE001 the last stop of a thread: nobody else would ever hear of it
            _log.exception("the engine's lane ended")
