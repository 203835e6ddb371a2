"""Ctrl-C -> exit code 130, whatever it hits: an import, native code that makes another error of it, or the way out."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import NoReturn

EXIT_INTERRUPTED = 130
SENTENCE = "helios: interrupted; what was done so far is kept."
CLOSING_SECONDS = 2.0
"""After the first Ctrl-C further ones are ignored for so long, so that files are closed and the terminal is left tidy."""


def interruptible(work: Callable[[], int]) -> int:
    """Do the work and return its exit code; where an interrupt ended it, say so and end the process with code 130."""
    interrupt = _Interrupt()
    interrupt.listen()
    try:
        code = work()
    except BaseException as error:
        # A native module that is interrupted while it loads fails with an error of its own.
        if not interrupt.has_come and not isinstance(error, KeyboardInterrupt):
            raise
        if sys.stderr is not None:  # a window without a terminal has none
            sys.stderr.write(f"\n{SENTENCE}\n")  # below the ^C that the terminal shows
        code = EXIT_INTERRUPTED
    if interrupt.has_come and code == EXIT_INTERRUPTED:
        _leave(code)
    return code


def _leave(code: int) -> NoReturn:
    """End the process, all of whose work is closed, with this code: Python by itself may choose death by SIGINT instead."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


class _Interrupt:
    """What SIGINT does while a command runs: raise once, and end the process where closing takes too long."""

    def __init__(self) -> None:
        self._came_at: float | None = None

    @property
    def has_come(self) -> bool:
        """Whether the user pressed Ctrl-C."""
        return self._came_at is not None

    def listen(self) -> None:
        """Take SIGINT over, except where the caller had it ignored."""
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._come)

    def _come(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self._came_at is None:
            self._came_at = time.monotonic()
            raise KeyboardInterrupt
        if time.monotonic() - self._came_at > CLOSING_SECONDS:
            os._exit(EXIT_INTERRUPTED)  # nothing that is committed can be lost by this
