"""What watching has to say: why a root is polled, in words for people, and the warnings of the library underneath.

In: what went wrong. Out: ``WatchError`` with its remedy, to be shown and not raised; a log handler that passes warnings on.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from helios_desktop.errors import WatchError

_log = logging.getLogger(__name__)


def limit_notice() -> WatchError:
    """Return what to say where the system has no watches left."""
    return WatchError(
        "The system grants no more watches on folders, so Helios looks for changes once a minute instead.",
        "Raise fs.inotify.max_user_watches and fs.inotify.max_user_instances, then start Helios again.",
    )


def network_notice(root: bytes) -> WatchError:
    """Return what to say of a drive whose changes are made elsewhere."""
    return WatchError(
        f"{os.fsdecode(root)!r} is on a network drive, which tells nothing of changes made elsewhere.",
        "Nothing to do: Helios looks for changes there once a minute.",
    )


def other_notice(root: bytes, error: OSError) -> WatchError:
    """Return what to say where watching failed for another reason."""
    return WatchError(
        f"Changes in {os.fsdecode(root)!r} cannot be heard of ({error.strerror}).",
        "Helios looks for them once a minute; if the folder is new to you, check that it can be read.",
    )


class TroubleHandler(logging.Handler):
    """Hears watchdog's warnings, the only sign that it gives of a queue that ran over."""

    def __init__(self, on_trouble: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._on_trouble = on_trouble

    def emit(self, record: logging.LogRecord) -> None:
        """Pass the warning on as a fact, and its words to the log."""
        _log.info("watchdog: %s", record.getMessage())
        self._on_trouble()

    def attach(self) -> None:
        """Begin to listen."""
        logging.getLogger("watchdog").addHandler(self)

    def detach(self) -> None:
        """Stop listening."""
        logging.getLogger("watchdog").removeHandler(self)
