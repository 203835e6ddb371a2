"""Progress in, the sentence of the status bar out."""

from __future__ import annotations

from collections.abc import Callable

from helios_desktop.domain import Progress
from helios_desktop.ui.plain_text import number, one_line

Translate = Callable[[str], str]
MINUTE_SECONDS = 60
HOUR_SECONDS = 3600


def time_left(seconds: float, tr: Translate) -> str:
    """Return a rough time, never more exact than it is known."""
    if seconds < 10:
        return tr("a few seconds left")
    if seconds < MINUTE_SECONDS:
        return tr("less than a minute left")
    if seconds < HOUR_SECONDS:
        return tr("~{n} min left").format(n=round(seconds / MINUTE_SECONDS))
    return tr("~{n} h left").format(n=max(1, round(seconds / HOUR_SECONDS)))


def rate(per_second: float, tr: Translate) -> str:
    """Return photos a second, as a person would say it."""
    if per_second >= 10:
        return tr("{n}/s").format(n=round(per_second))
    return tr("{n}/s").format(n=f"{per_second:.1f}")


def progress_sentence(progress: Progress, tr: Translate) -> str:
    """Return what is going on, or nothing where nothing is."""
    message = one_line(progress.message)
    match progress.phase:
        case "scanning":
            return message or tr("Looking through the folders…")
        case "paused":
            return message or tr("Paused at {done} of {total}").format(done=number(progress.done), total=number(progress.total))
        case "waiting":
            return message or tr("Waiting…")
        case "indexing":
            parts = [tr("Indexing {done} of {total}").format(done=number(progress.done), total=number(progress.total))]
            if progress.per_second > 0:
                parts.append(rate(progress.per_second, tr))
            if progress.eta_seconds is not None:
                parts.append(time_left(progress.eta_seconds, tr))
            if message:
                parts.append(message)
            return "   ".join(parts)
    return message
