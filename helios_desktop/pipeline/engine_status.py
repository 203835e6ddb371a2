"""What ``helios engine`` and the window say about the search engine in use, as values."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from helios_desktop.catalog.outbox import ChangeLog
from helios_desktop.errors import KnownError
from helios_desktop.index.engine_errors import EngineError

_PAUSE = "pause"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Why sending stands still: the kind of fault, what happened, what to do, and since when (ISO 8601)."""

    fault: str
    message: str
    remedy: str
    since: str

    def sentence(self) -> str:
        """Say it to a person."""
        return f"Sending to the search engine is paused. {self.message} {self.remedy}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorStatus:
    """One library on the engine. ``index``: None where there is none yet; ``behind``: changes it has not heard."""

    library: str
    model_id: str
    index: str | None
    photos: int
    there: int
    behind: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatus:
    """One look at the engine in use."""

    engine: str
    server: str = ""
    urls: tuple[str, ...] = ()
    alias: str = ""
    libraries: tuple[MirrorStatus, ...] = ()
    pause: Pause | None = None
    problem: str = ""
    remedy: str = ""

    @property
    def behind(self) -> int:
        """Changes that the engine has not heard, of all libraries."""
        return sum(one.behind for one in self.libraries)

    def record(self) -> dict[str, Any]:
        """Return the stable keys for scripts."""
        return {
            "engine": self.engine,
            "server": self.server or None,
            "urls": list(self.urls),
            "index": self.alias or None,
            "libraries": [asdict(one) for one in self.libraries],
            "behind": self.behind,
            "paused": None if self.pause is None else asdict(self.pause),
            "problem": self.problem or None,
            "remedy": self.remedy or None,
        }


def keep_pause(changes: ChangeLog, error: KnownError, now: str) -> None:
    """Remember why sending stands still, for every process; since when stays as long as the reason does."""
    fault = str(error.fault) if isinstance(error, EngineError) else "settings"
    before = kept_pause(changes)
    if before is not None and before.fault == fault and before.message == error.message:
        return
    pause = Pause(fault=fault, message=error.message, remedy=error.remedy, since=now)
    changes.note(_PAUSE, json.dumps(asdict(pause)))


def end_pause(changes: ChangeLog) -> None:
    """Forget it: sending goes on."""
    if changes.noted(_PAUSE):
        changes.note(_PAUSE, "")


def kept_pause(changes: ChangeLog) -> Pause | None:
    """Return why sending stands still, None where it does not."""
    text = changes.noted(_PAUSE)
    return Pause(**json.loads(text)) if text else None
