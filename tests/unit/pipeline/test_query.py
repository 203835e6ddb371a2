"""How the words of a person are read."""

from datetime import date

import pytest

from helios_desktop.domain import Filter, TextTerm
from helios_desktop.errors import QueryError
from helios_desktop.pipeline.query import MAX_TEXT_CHARACTERS, parse, parse_date, without


def terms(text, **more):
    return [(term.text, term.weight) for term in parse(text, **more).query.terms]


def test_plain_words_go_to_the_model_as_one_sentence():
    assert parse("a dog  on the beach").query.terms == (TextTerm(text="a dog on the beach"),)


def test_quoted_words_must_occur_and_do_not_go_to_the_model():
    query = parse('dog "summer holiday"').query
    assert query.filter.exact == ("summer holiday",)
    assert [term.text for term in query.terms] == ["dog"]


def test_typographic_quotes_are_quotes():
    assert parse("“Marie”").query.filter.exact == ("Marie",)


def test_a_minus_looks_away_from_a_word():
    assert terms("dog -beach") == [("dog", 1.0), ("beach", -1.0)]


def test_a_minus_before_quotes_excludes_the_words():
    query = parse('cat -"not this"').query
    assert query.filter.not_exact == ("not this",)
    assert [term.text for term in query.terms] == ["cat"]


def test_a_hyphen_inside_a_word_is_a_hyphen():
    assert terms("black-and-white") == [("black-and-white", 1.0)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2:red car", [("car", 1.0), ("red", 2.0)]), ('0.5:"red car"', [("red car", 0.5)]), ("-0.5:cat", [("cat", -0.5)])],
)
def test_a_number_and_a_colon_weigh_the_word(text, expected):
    assert terms(text) == expected


def test_a_time_of_day_is_not_a_weight():
    assert terms("train at 10:30") == [("train at 10:30", 1.0)]


def test_separate_negatives_are_sentences_of_their_own():
    assert terms("dog", negatives=("people at night",)) == [("dog", 1.0), ("people at night", -1.0)]


def test_dates_narrow_the_filter_and_the_stricter_one_counts():
    query = parse("cat after:2024-06 before:2025", base=Filter(taken_after="2023", taken_before="2024-12-24")).query
    assert (query.filter.taken_after, query.filter.taken_before) == ("2024-06", "2024-12-24")


@pytest.mark.parametrize("text", ["", "   ", "-", "--", '""', "'", '"', "\0", "- -"])
def test_a_text_without_words_gives_no_terms(text):
    query = parse(text).query
    assert query.terms == ()
    assert query.filter.is_empty


@pytest.mark.parametrize(
    "text", ['"open quote', 'open" quote', '-"', '2:"', "a\0b", "猫 椅子", "كلب", "👩‍👩‍👧", "%s $(ls) ; --"]
)
def test_any_text_is_read_without_a_fault(text):
    parse(text)


def test_a_nul_separates_words():
    assert terms("a\0b") == [("a b", 1.0)]


def test_lone_surrogates_never_reach_the_model():
    assert terms("dog \udcff cat") == [("dog cat", 1.0)]


def test_a_text_that_is_too_long_is_refused_with_a_sentence():
    with pytest.raises(QueryError, match="10,000 characters"):
        parse("x" * 10_000)
    parse("x" * MAX_TEXT_CHARACTERS)


@pytest.mark.parametrize("text", ["2024", "2024-06", "2024-06-01", "2024-06-01T18:30"])
def test_dates_are_years_months_days_or_moments(text):
    assert parse_date(text) == text


@pytest.mark.parametrize("text", ["", "june", "2024-13", "2024-02-30", "24", "2024-6-1", "x" * 500])
def test_anything_else_is_no_date(text):
    with pytest.raises(QueryError, match="is not a date"):
        parse_date(text)


def test_what_was_understood_is_kept_for_the_window():
    kinds = [(part.kind, part.text) for part in parse('boat -people "Italy" 2:red').parts]
    assert kinds == [("words", "boat"), ("negative", "people"), ("exact", "Italy"), ("weighted", "red")]


def test_words_that_say_when_become_a_date_and_leave_the_rest_to_the_model():
    parsed = parse("dogs on the beach last summer", today=date(2026, 11, 22))
    assert [(part.kind, part.text) for part in parsed.parts] == [("words", "dogs on the beach"), ("date", "last summer")]
    assert (parsed.query.filter.taken_after, parsed.query.filter.taken_before) == ("2026-06-01", "2026-09-01")


def test_of_a_date_in_words_and_one_with_a_key_the_stricter_one_counts():
    wanted = parse("cat 2023 after:2023-06", today=date(2026, 11, 22)).query.filter
    assert (wanted.taken_after, wanted.taken_before) == ("2023-06", "2024-01-01")


def test_a_quoted_year_must_occur_and_is_no_date():
    wanted = parse('party "2023"').query.filter
    assert (wanted.exact, wanted.taken_after) == (("2023",), None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cat folder:Italy", Filter(folder_names=("Italy",))),
        ('cat Ordner:"Italien 2023"', Filter(folder_names=("Italien 2023",))),
        ("cat camera:iphone format:png", Filter(cameras=("iphone",), formats=("png",))),
        ("cat rating:4+", Filter(min_rating=4)),
        ("cat favori:oui", Filter(is_favourite=True)),
    ],
)
def test_keys_narrow_the_filter(text, expected):
    parsed = parse(text)
    assert parsed.query.filter == expected
    assert [term.text for term in parsed.query.terms] == ["cat"]


def test_a_key_without_a_value_or_that_nobody_knows_is_a_word():
    assert terms("folder: cat rating:9 note:x") == [("folder: cat rating:9 note:x", 1.0)]


@pytest.mark.parametrize(
    ("text", "kind", "left"),
    [
        ("dogs last summer at home", "date", "dogs at home"),
        ('party "in Rome" -people', "exact", "party -people"),
        ('party "in Rome" -people', "negative", 'party "in Rome"'),
        ("2:beach dog", "weighted", "dog"),
        ("folder:Italy", "folder", ""),
    ],
)
def test_a_part_can_be_taken_out_of_the_words(text, kind, left):
    [part] = [part for part in parse(text, today=date(2026, 11, 22)).parts if part.kind == kind]
    assert without(text, part) == left
    assert kind not in [other.kind for other in parse(left).parts]
