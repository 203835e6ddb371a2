"""One integer for when a photo was taken: the seconds that the wall clock showed, counted as if it stood in UTC.

Cameras write local time, mostly without an offset; "photos of June" means June where they were taken. So offsets are left
out, and a file's mtime counts as this computer's wall clock.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime

from helios_desktop.errors import QueryError

_EPOCH = datetime(1970, 1, 1)
_USUAL_CHARACTERS = len("2024-06-01T12:00:00")
_ISO = re.compile(
    r"\s*(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?)?)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?\s*",
    re.ASCII,
)


def wall_seconds(text: str | None) -> int | None:
    """Return the seconds of an ISO 8601 text ("2024", "2024-06", "2024-06-01", or with a time).

    A short text means its beginning. None where it is no such text or no such day.
    """
    if text is not None and len(text) == _USUAL_CHARACTERS:  # what cameras write: twenty times sooner than the pattern
        with suppress(ValueError):
            return round((datetime.fromisoformat(text).replace(tzinfo=None) - _EPOCH).total_seconds())
    found = _ISO.fullmatch(text) if text else None
    if found is None:
        return None
    year, month, day, hour, minute, second = (None if part is None else int(part) for part in found.groups())
    try:
        moment = datetime(year or 0, 1 if month is None else month, 1 if day is None else day)
        moment = moment.replace(hour=hour or 0, minute=minute or 0, second=min(second or 0, 59))
    except ValueError:
        return None
    return round((moment - _EPOCH).total_seconds())


def wall_seconds_of_mtime(mtime_ns: int) -> int:
    """Return what this computer's wall clock showed at ``mtime_ns`` (nanoseconds since the epoch)."""
    seconds = mtime_ns // 1_000_000_000
    try:
        here = datetime.fromtimestamp(seconds, tz=UTC).astimezone().replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):  # outside the years 1 to 9999, or what this system's clock knows
        return seconds
    return round((here - _EPOCH).total_seconds())


def bound(text: str) -> int:
    """Return the seconds of a filter's date. Raises ``QueryError``."""
    seconds = wall_seconds(text)
    if seconds is None:
        raise QueryError(f"'{text}' is not a date.", "Write dates as 2024, 2024-06 or 2024-06-01.")
    return seconds
