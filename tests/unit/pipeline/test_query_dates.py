"""Words that say when, in English, French and German, as seen from Sunday 22 November 2026."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helios_desktop.pipeline.query_dates import find_dates

TODAY = date(2026, 11, 22)


def when(text):
    return [(found.after, found.before) for found in find_dates(text, TODAY)]


def said(text):
    return [text[found.start : found.end] for found in find_dates(text, TODAY)]


YEAR_2023 = ("2023-01-01", "2024-01-01")
JUNE_2023 = ("2023-06-01", "2023-07-01")
DAY = ("2023-06-01", "2023-06-02")
SUMMER_2023 = ("2023-06-01", "2023-09-01")
LAST_SUMMER = ("2026-06-01", "2026-09-01")
LAST_MONTH = ("2026-10-01", "2026-11-01")
LAST_WEEK = ("2026-11-09", "2026-11-16")
TWO_WEEKS_AGO = ("2026-11-02", "2026-11-09")
RANGE = ("2019-01-01", "2022-01-01")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023", YEAR_2023),
        ("in 2023", YEAR_2023),
        ("June 2023", JUNE_2023),
        ("in june of 2023", JUNE_2023),
        ("2023-06", JUNE_2023),
        ("1 June 2023", DAY),
        ("June 1st, 2023", DAY),
        ("2023-06-01", DAY),
        ("01/06/2023", DAY),
        ("summer 2023", SUMMER_2023),
        ("in the summer of 2023", SUMMER_2023),
        ("winter 2023", ("2023-12-01", "2024-03-01")),
        ("last summer", LAST_SUMMER),
        ("last winter", ("2025-12-01", "2026-03-01")),
        ("this autumn", ("2026-09-01", "2026-12-01")),
        ("last month", LAST_MONTH),
        ("last week", LAST_WEEK),
        ("last year", ("2025-01-01", "2026-01-01")),
        ("this year", ("2026-01-01", "2027-01-01")),
        ("last november", ("2025-11-01", "2025-12-01")),
        ("in June", ("2026-06-01", "2026-07-01")),
        ("in December", ("2025-12-01", "2026-01-01")),
        ("yesterday", ("2026-11-21", "2026-11-22")),
        ("today", ("2026-11-22", "2026-11-23")),
        ("two weeks ago", TWO_WEEKS_AGO),
        ("a year ago", ("2025-01-01", "2026-01-01")),
        ("3 months ago", ("2026-08-01", "2026-09-01")),
        ("a couple of days ago", ("2026-11-20", "2026-11-21")),
        ("the last three weeks", ("2026-11-01", "2026-11-23")),
        ("past 2 months", ("2026-09-22", "2026-11-23")),
        ("between 2019 and 2021", RANGE),
        ("from 2019 to 2021", RANGE),
        ("2019-2021", RANGE),
        ("2019 to 2021", RANGE),
        ("from June to August 2022", ("2022-06-01", "2022-09-01")),
        ("from November 2021 until February 2022", ("2021-11-01", "2022-03-01")),
        ("since 2020", ("2020-01-01", None)),
        ("after June 2020", ("2020-07-01", None)),
        ("before 2015", (None, "2015-01-01")),
        ("until summer 2023", (None, "2023-09-01")),
        ("the 90s", ("1990-01-01", "2000-01-01")),
        ("christmas 2023", ("2023-12-24", "2023-12-27")),
        ("last christmas", ("2025-12-24", "2025-12-27")),
    ],
)
def test_english(text, expected):
    assert when(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("en 2023", YEAR_2023),
        ("juin 2023", JUNE_2023),
        ("au mois de juin 2023", JUNE_2023),
        ("le 1er juin 2023", DAY),
        ("été 2023", SUMMER_2023),
        ("pendant l'été 2023", SUMMER_2023),
        ("l’été dernier", LAST_SUMMER),
        ("le mois dernier", LAST_MONTH),
        ("la semaine dernière", LAST_WEEK),
        ("l'an dernier", ("2025-01-01", "2026-01-01")),
        ("cette année", ("2026-01-01", "2027-01-01")),
        ("hier", ("2026-11-21", "2026-11-22")),
        ("aujourd'hui", ("2026-11-22", "2026-11-23")),
        ("il y a deux semaines", TWO_WEEKS_AGO),
        ("il y a un an", ("2025-01-01", "2026-01-01")),
        ("les trois dernières semaines", ("2026-11-01", "2026-11-23")),
        ("de 2019 à 2021", RANGE),
        ("entre 2019 et 2021", RANGE),
        ("depuis 2020", ("2020-01-01", None)),
        ("avant 2015", (None, "2015-01-01")),
        ("Noël 2023", ("2023-12-24", "2023-12-27")),
        ("en août", ("2026-08-01", "2026-09-01")),
    ],
)
def test_french(text, expected):
    assert when(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("im Jahr 2023", YEAR_2023),
        ("Juni 2023", JUNE_2023),
        ("im Juni 2023", JUNE_2023),
        ("am 1. Juni 2023", DAY),
        ("01.06.2023", DAY),
        ("Sommer 2023", SUMMER_2023),
        ("letzten Sommer", LAST_SUMMER),
        ("letzten Monat", LAST_MONTH),
        ("letzte Woche", LAST_WEEK),
        ("letztes Jahr", ("2025-01-01", "2026-01-01")),
        ("dieses Jahr", ("2026-01-01", "2027-01-01")),
        ("gestern", ("2026-11-21", "2026-11-22")),
        ("vor zwei Wochen", TWO_WEEKS_AGO),
        ("vor einem Jahr", ("2025-01-01", "2026-01-01")),
        ("in den letzten drei Wochen", ("2026-11-01", "2026-11-23")),
        ("von 2019 bis 2021", RANGE),
        ("zwischen 2019 und 2021", RANGE),
        ("seit 2020", ("2020-01-01", None)),
        ("vor 2015", (None, "2015-01-01")),
        ("im März", ("2026-03-01", "2026-04-01")),
        ("Weihnachten 2023", ("2023-12-24", "2023-12-27")),
    ],
)
def test_german(text, expected):
    assert when(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "summer meadow",
        "fall leaves",
        "we may march in spring",
        "a dog on the beach",
        "am Strand",
        "la plage en hiver",
        "10:30 train",
        "IMG_2023",
        "3000",
        "1920x1080",
        "black-and-white",
        "12 monkeys",
        "after the rain",
        "in the sun",
    ],
)
def test_everyday_words_are_no_dates(text):
    assert when(text) == []


def test_the_phrase_is_the_whole_of_what_was_said():
    assert said("dogs in the summer of 2023, at home") == ["in the summer of 2023"]
    assert said("plage l'été dernier") == ["l'été dernier"]
    assert said("Hund vor zwei Wochen im Garten") == ["vor zwei Wochen"]


def test_what_is_barred_is_left_alone():
    text = 'dog "summer 2023"'
    assert find_dates(text, TODAY, [(4, len(text))]) == []


@given(st.text(alphabet=st.sampled_from("abcé 0123456789-./'\"lastsummervori"), max_size=40))
def test_no_text_breaks_the_rules(text):
    for found in find_dates(text, TODAY):
        assert 0 <= found.start < found.end <= len(text)
        assert found.after is not None or found.before is not None
