"""How long work is stopped and held: cancel tokens that any thread may set, and a gate for pausing.

A loop asks ``token.check()`` between two pieces of work; whoever waits does so in ``token.wait``, never in a plain sleep.
"""

from __future__ import annotations

import threading


class CancelledError(Exception):
    """The work was asked to stop. Not an error for the user: what was committed stays."""


class CancelToken:
    """Set once, by any thread; seen by every loop that holds it."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop at its next check."""
        self._event.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether the work was asked to stop."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise ``CancelledError`` where the work was asked to stop."""
        if self._event.is_set():
            raise CancelledError

    def wait(self, seconds: float) -> None:
        """Wait, at most so long; raise ``CancelledError`` at once where the work is asked to stop."""
        if self._event.wait(seconds):
            raise CancelledError


class PauseGate:
    """Holds a loop while closed. Open at first."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._open.set()

    @property
    def is_paused(self) -> bool:
        """Whether loops are being held."""
        return not self._open.is_set()

    def pause(self) -> None:
        """Hold every loop at its next pass."""
        self._open.clear()

    def resume(self) -> None:
        """Let them go on."""
        self._open.set()

    def pass_through(self, token: CancelToken) -> None:
        """Return when the gate is open; raise ``CancelledError`` where the work is asked to stop meanwhile."""
        while not self._open.wait(POLL_SECONDS):
            token.check()
        token.check()


POLL_SECONDS = 0.1
