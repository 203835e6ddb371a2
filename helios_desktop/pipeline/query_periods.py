"""Days from one up to another: years, months, seasons, and how far back a unit of time lies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``first`` up to, not including, ``end``. ``is_vague``: a month without its year."""

    first: date
    end: date
    is_vague: bool = False


def ordered(first: Period, last: Period) -> Period:
    """Return what two periods span together, whichever comes first."""
    return Period(min(first.first, last.first), max(first.end, last.end))


def year_period(year: int) -> Period:
    """Return a year."""
    return Period(date(year, 1, 1), date(year + 1, 1, 1))


def month_period(year: int, month: int) -> Period:
    """Return a month. Raises ``ValueError``."""
    return Period(date(year, month, 1), date(year + month // 12, month % 12 + 1, 1))


def day_period(year: int, month: int, day: int) -> Period:
    """Return one day. Raises ``ValueError``."""
    first = date(year, month, day)
    return Period(first, first + timedelta(days=1))


def season_period(year: int, month: int) -> Period:
    """Return the season that begins with this month: winter reaches into the next year."""
    end = month + 3
    return Period(date(year, month, 1), date(year + (end > 12), (end - 1) % 12 + 1, 1))


def christmas(year: int) -> Period:
    """Return 24 to 26 December."""
    return Period(date(year, 12, 24), date(year, 12, 27))


def back(day: date, unit: str, count: int) -> date:
    """Return the day so many units before; the last of a month where that day is not in it."""
    if unit in {"day", "week"}:
        return day - timedelta(days=count * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 - count * (12 if unit == "year" else 1)
    year, month = max(months // 12, 1), months % 12 + 1
    last = (month_period(year, month).end - timedelta(days=1)).day
    return date(year, month, min(day.day, last))


def unit_period(today: date, unit: str, count: int) -> Period:
    """The whole day, week (from Monday), month or year that lies so many units before today."""
    day = back(today, unit, count)
    if unit == "day":
        return Period(day, day + timedelta(days=1))
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return Period(monday, monday + timedelta(days=7))
    return month_period(day.year, day.month) if unit == "month" else year_period(day.year)
