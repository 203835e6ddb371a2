"""An answer in, the sections of the grid out: months while browsing, good and maybe while searching."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QDate, QLocale

from helios_desktop.domain import Int64Array, Photo
from helios_desktop.ui.plain_text import number

Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StackTile:
    """What a tile says of its stack: how many photos it is of, whether all are shown, whether this one stands in front."""

    number: int
    count: int
    is_open: bool
    is_front: bool


StackOf = Callable[[int], StackTile | None]


def alone(_photo_id: int) -> StackTile | None:
    """Return None: no photo is in a stack."""
    return None


@dataclass(frozen=True, slots=True)
class Section:
    """Rows from ``first`` up to the next section, under a title; a second text may stand at the right."""

    first: int
    title: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranged:
    """Photos in the order to show them: ids int64 ``[n]``, their sections, and how many are good (None: not judged).

    ``stack_of``: what the tile of a photo (by its id) says of its stack, None for one that stands alone.
    """

    ids: Int64Array
    sections: tuple[Section, ...] = ()
    good: int | None = None
    stack_of: StackOf = alone


def by_month(months: Sequence[tuple[str, int]], tr: Translate) -> tuple[Section, ...]:
    """Return a section for each month ("2024-06" and how many photos, newest first); none where all are of one month."""
    if len(months) < 2:
        return ()
    sections, first = [], 0
    for month, count in months:
        detail = tr("1 photo") if count == 1 else tr("{n} photos").format(n=number(count))
        sections.append(Section(first, month_text(month), detail))
        first += count
    return tuple(sections)


def month_text(month: str) -> str:
    """Return "2024-06" as "June 2024", in the user's language."""
    year, of_year = int(month[:4]), int(month[5:7])
    date = QDate(year, of_year, 1)
    locale = QLocale()
    if locale.language() == QLocale.Language.C:
        locale = QLocale(QLocale.Language.English)
    text = locale.toString(date, "MMMM yyyy") if date.isValid() else month
    return text[:1].upper() + text[1:]


def by_match(
    ids: Int64Array, scores: Sequence[float], line: float, tr: Translate, newest_first: Callable[[int], str] | None = None
) -> Arranged:
    """Divide answers, best first, where scores fall below a line. ``newest_first``: sorts the good ones by this moment."""
    good = int(np.searchsorted(-np.asarray(scores, np.float64), -line, side="right"))
    head, tail = ids[:good], ids[good:]
    if newest_first is not None:
        head = np.array(sorted(map(int, head), key=newest_first, reverse=True), dtype=np.int64)
    sections = []
    if good:
        sections.append(Section(0, tr("1 good match") if good == 1 else tr("{n} good matches").format(n=number(good))))
    if len(tail):
        title = tr("Maybe") if good else tr("No sure match, but maybe one of these")
        sections.append(Section(good, title))
    return Arranged(ids=np.concatenate([head, tail]), sections=tuple(sections), good=good)


def moment_of(photo: Photo) -> str:
    """Return when a photo was taken, else when its file was written, as a text that sorts."""
    if photo.metadata.taken_at:
        return photo.metadata.taken_at[:19]
    return str(np.datetime64(photo.mtime_ns // 1_000_000_000, "s"))
