"""Words in, dates out: years, months, ranges, seasons, "last summer", "two weeks ago", by rules and without a network.

English, French and German are read at once, since nobody says beforehand which language comes. A word that is also an everyday
word counts as a date only beside something that makes it one: "may 2023", "in May", "last summer", never "summer meadow".
Seasons are those of the north, by whole months; winter 2023 begins in December 2023.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from helios_desktop.pipeline.query_date_words import (
    AFTER,
    AGO,
    BEFORE,
    CHRISTMAS,
    DAYS_BACK,
    FILLERS,
    FROM,
    INSIDE,
    LAST,
    LAST_AFTER,
    MONTHS,
    NUMBERS,
    SEASONS,
    SINCE,
    THIS,
    TO,
    UNITS,
    UNTIL,
    fold,
)
from helios_desktop.pipeline.query_periods import (
    Period,
    back,
    christmas,
    day_period,
    month_period,
    ordered,
    season_period,
    unit_period,
    year_period,
)

FIRST_YEAR = 1900
MOST_UNITS_BACK = 400

_CHUNK = re.compile(r"\S+")
_ELISION = re.compile(r"(l|d|jusqu|qu)['’](?=\w)", re.IGNORECASE)
_YEARS = re.compile(r"(\d{4})\s*[-–]\s*(\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?")
_NUMERIC = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")
_DECADE = re.compile(r"(\d{2}|\d{3}0)(?:'?s|er)")
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|\.)?")


@dataclass(frozen=True, slots=True)
class DatePhrase:
    """A piece ``[start, end)`` of the text that says when: taken at or after ``after``, before ``before`` (ISO days)."""

    start: int
    end: int
    after: str | None
    before: str | None


@dataclass(frozen=True, slots=True)
class _Word:
    fold: str
    start: int
    end: int


_Found = tuple[Period, int] | None


def find_dates(text: str, today: date, barred: Sequence[tuple[int, int]] = ()) -> list[DatePhrase]:
    """Return what says when, from left to right. ``barred``: pieces that mean something else, as quoted words do."""
    reader = _Reader(_words(text, barred), today)
    phrases = []
    at = 0
    while at < len(reader.words):
        found = reader.phrase(at)
        if found is None:
            at += 1
            continue
        after, before, behind = found
        phrases.append(DatePhrase(reader.words[at].start, reader.words[behind - 1].end, _iso(after), _iso(before)))
        at = behind
    return phrases


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _words(text: str, barred: Sequence[tuple[int, int]]) -> list[_Word]:
    """Cut at spaces; signs of a sentence around a word do not belong to it, an elided article is a word of its own."""
    words = []
    for chunk in _CHUNK.finditer(text):
        raw = chunk.group()
        start = chunk.start() + len(raw) - len(raw.lstrip("(["))
        end = chunk.end() - (len(raw) - len(raw.rstrip(",.;!?)]")))
        if any(start < last and first < end for first, last in barred) or ":" in raw or end <= start:
            words.append(_Word("", chunk.start(), chunk.end()))
            continue
        elided = _ELISION.match(text, start)
        if elided is not None and elided.end() < end:
            words.append(_Word(fold(elided.group(1)), start, elided.end()))
            start = elided.end()
        words.append(_Word(fold(text[start:end]), start, end))
    return words


class _Reader:
    """Reads phrases at a place: each method returns what it read and the place behind it, or None."""

    def __init__(self, words: list[_Word], today: date) -> None:
        self.words = words
        self._today = today

    def phrase(self, at: int) -> tuple[date | None, date | None, int] | None:
        """Read a whole phrase: a range, an open end, or a period with what introduces it."""
        word = self._at(at)
        found = self._range(at)
        if found is not None:
            return found[0].first, found[0].end, found[1]
        for introductions, bounds in _OPEN_ENDS:
            if word in introductions:
                period = self._period_near(at + 1, is_introduced=True)
                if period is not None:
                    return (*bounds(period[0]), period[1])
        period = self._period_near(at + 1, is_introduced=True) if word in INSIDE else None
        period = period or self._period_near(at)
        return None if period is None else (period[0].first, period[0].end, period[1])

    # -- ranges

    def _range(self, at: int) -> _Found:
        years = _YEARS.fullmatch(self._at(at))
        if years is not None and self._year(years[1]) and self._year(years[2]):
            return ordered(year_period(int(years[1])), year_period(int(years[2]))), at + 1
        is_introduced = self._at(at) in FROM
        first = self._period_near(at + is_introduced, is_introduced=is_introduced, is_vague_welcome=True)
        if first is None or self._at(first[1]) not in TO:
            return None
        if self._at(first[1]) == "and" and not is_introduced:
            return None
        last = self._period_near(first[1] + 1, is_introduced=True)
        if last is None or (first[0].is_vague and last[0].is_vague and not is_introduced):
            return None
        begin = first[0]
        if begin.is_vague and not last[0].is_vague:
            begin = month_period(last[0].first.year, begin.first.month)
            if begin.first > last[0].first:
                begin = month_period(last[0].first.year - 1, begin.first.month)
        return ordered(begin, last[0]), last[1]

    # -- periods

    def _period_near(self, at: int, *, is_introduced: bool = False, is_vague_welcome: bool = False) -> _Found:
        """Read a period here, or behind the articles that stand here."""
        while self._at(at):
            found = self._period(at, is_introduced=is_introduced, is_vague_welcome=is_vague_welcome)
            if found is not None or self._at(at) not in FILLERS:
                return found
            at += 1
        return None

    def _period(self, at: int, *, is_introduced: bool = False, is_vague_welcome: bool = False) -> _Found:
        for rule in (
            self._literal,
            self._relative,
            self._ago,
            self._last_units,
            self._day,
            self._month,
            self._season,
            self._feast,
        ):
            found = rule(at)
            if found is not None:
                return found
        year = self._year(self._at(at))
        if year is not None:
            return year_period(year), at + 1
        month = MONTHS.get(self._at(at))
        if month is not None and (is_introduced or is_vague_welcome):
            return self._latest_month(month), at + 1
        return None

    def _literal(self, at: int) -> _Found:
        """A date in digits: 2023-06, 2023-06-01, 24.12.2023, 1990s."""
        word = self._at(at)
        if (match := _ISO.fullmatch(word)) is not None:
            year, month, day = int(match[1]), int(match[2]), int(match[3] or 0)
            return self._checked(lambda: day_period(year, month, day) if day else month_period(year, month), at + 1)
        if (match := _NUMERIC.fullmatch(word)) is not None:
            day, month, year = int(match[1]), int(match[2]), int(match[3])
            if month > 12:
                day, month = month, day
            return self._checked(lambda: day_period(year, month, day), at + 1)
        if (match := _DECADE.fullmatch(word)) is not None:
            digits = match[1]
            year = int(digits) if len(digits) == 4 else int(digits) + (1900 if int(digits) > 20 else 2000)
            if year % 10 == 0 and FIRST_YEAR <= year <= self._today.year:
                return Period(date(year, 1, 1), date(year + 10, 1, 1)), at + 1
        return None

    def _relative(self, at: int) -> _Found:
        """Yesterday, last week, this month, last summer; French says "la semaine dernière"."""
        word = self._at(at)
        if word in DAYS_BACK:
            day = self._today - timedelta(days=DAYS_BACK[word])
            return Period(day, day + timedelta(days=1)), at + 1
        if word in THIS or word in LAST:
            period = self._near(self._at(at + 1), is_last=word in LAST)
            return None if period is None else (period, at + 2)
        if self._at(at + 1) in LAST_AFTER:
            period = self._near(word, is_last=True)
            return None if period is None else (period, at + 2)
        return None

    def _near(self, word: str, *, is_last: bool) -> Period | None:
        if word in UNITS:
            return unit_period(self._today, UNITS[word], 1 if is_last else 0)
        if word in SEASONS:
            return self._near_season(SEASONS[word], is_last=is_last)
        if word in MONTHS:
            month = self._latest_month(MONTHS[word])
            is_now = month.first.month == self._today.month
            return month_period(month.first.year - (is_last and is_now), month.first.month)
        if word in CHRISTMAS:
            feast = christmas(self._today.year)
            return christmas(self._today.year - 1) if is_last and feast.end > self._today else feast
        return None

    def _near_season(self, month: int, *, is_last: bool) -> Period:
        seasons = [season_period(year, month) for year in range(self._today.year - 2, self._today.year + 1)]
        fitting = [one for one in seasons if (one.end if is_last else one.first) <= self._today]
        return fitting[-1]

    def _ago(self, at: int) -> _Found:
        """Two weeks ago, il y a deux semaines, vor zwei Wochen."""
        if [self._at(at + step) for step in range(3)] == ["il", "y", "a"]:
            return self._units_back(at + 3)
        if self._at(at) == "vor":
            return self._units_back(at + 1)
        found = self._units_back(at)
        return (found[0], found[1] + 1) if found is not None and self._at(found[1]) in AGO else None

    def _units_back(self, at: int) -> _Found:
        counted = self._counted(at)
        return None if counted is None else (unit_period(self._today, counted[1], counted[0]), counted[2])

    def _last_units(self, at: int) -> _Found:
        """The last three weeks, les trois derniers mois, die letzten drei Jahre: up to and with today."""
        if self._at(at) in LAST:
            counted = self._counted(at + 1)
        elif self._at(at + 1) in LAST_AFTER and self._number(at) is not None:
            unit = UNITS.get(self._at(at + 2))
            counted = None if unit is None else (self._number(at) or 1, unit, at + 3)
        else:
            return None
        if counted is None:
            return None
        first = back(self._today, counted[1], counted[0])
        return Period(first, self._today + timedelta(days=1)), counted[2]

    def _counted(self, at: int) -> tuple[int, str, int] | None:
        """A number and a unit: "3 weeks", "a couple of months"."""
        count = self._number(at)
        behind = at + 1
        if count == 1 and self._at(behind) == "couple":
            count, behind = 2, behind + 1
        if self._at(behind) == "of":
            behind += 1
        unit = UNITS.get(self._at(behind))
        return None if count is None or unit is None else (count, unit, behind + 1)

    def _number(self, at: int) -> int | None:
        word = self._at(at)
        if word.isascii() and word.isdigit() and 0 < int(word) <= MOST_UNITS_BACK:
            return int(word)
        return NUMBERS.get(word)

    def _day(self, at: int) -> _Found:
        """1 June 2023, June 1st 2023, 1er juin 2023, 1. Juni 2023."""
        first, second = self._at(at), self._at(at + 1)
        if second in {"of", "de"}:
            return None
        if second in MONTHS and (match := _DAY.fullmatch(first)) is not None:
            month, day = MONTHS[second], int(match[1])
        elif first in MONTHS and (match := _DAY.fullmatch(second)) is not None:
            month, day = MONTHS[first], int(match[1])
        else:
            return None
        year = self._year(self._at(at + 2))
        return None if year is None else self._checked(lambda: day_period(year, month, day), at + 3)

    def _month(self, at: int) -> _Found:
        month = MONTHS.get(self._at(at))
        behind = self._skip(at + 1)
        year = self._year(self._at(behind))
        return None if month is None or year is None else (month_period(year, month), behind + 1)

    def _season(self, at: int) -> _Found:
        month = SEASONS.get(self._at(at))
        behind = self._skip(at + 1)
        year = self._year(self._at(behind).split("/")[0])
        return None if month is None or year is None else (season_period(year, month), behind + 1)

    def _feast(self, at: int) -> _Found:
        year = self._year(self._at(at + 1))
        return (christmas(year), at + 2) if self._at(at) in CHRISTMAS and year is not None else None

    # -- parts

    def _at(self, at: int) -> str:
        return self.words[at].fold if 0 <= at < len(self.words) else ""

    def _skip(self, at: int) -> int:
        """Step over articles, as long as a word follows."""
        while self._at(at) in FILLERS and self._at(at + 1):
            at += 1
        return at

    def _year(self, word: str) -> int | None:
        is_year = len(word) == 4 and word.isascii() and word.isdigit() and FIRST_YEAR <= int(word) <= self._today.year + 1
        return int(word) if is_year else None

    def _latest_month(self, month: int) -> Period:
        year = self._today.year if month <= self._today.month else self._today.year - 1
        period = month_period(year, month)
        return Period(period.first, period.end, is_vague=True)

    def _checked(self, make: Callable[[], Period], behind: int) -> _Found:
        try:
            period = make()
        except ValueError:  # there is no 31 June
            return None
        return (period, behind) if FIRST_YEAR <= period.first.year <= self._today.year + 1 else None


_OPEN_ENDS: tuple[tuple[frozenset[str], Callable[[Period], tuple[date | None, date | None]]], ...] = (
    (SINCE, lambda period: (period.first, None)),
    (AFTER, lambda period: (period.end, None)),
    (BEFORE, lambda period: (None, period.first)),
    (UNTIL, lambda period: (None, period.end)),
)
