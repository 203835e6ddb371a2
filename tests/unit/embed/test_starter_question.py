"""Questions: what is kept of the words, which colours are heard, which other languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from helios_desktop.embed.starter_cues import COLOURS
from helios_desktop.embed.starter_question import Dictionary, folded, read_question
from helios_desktop.errors import ModelError

NO_WORDS = Dictionary({}, {})


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    return Dictionary.load(Path(__file__).resolve().parents[3] / "resources" / "models" / "starter" / "words.json")


def colours(text: str) -> set[str]:
    named = read_question(text, NO_WORDS).colours
    return {colour for colour, count in zip(COLOURS, named, strict=True) if count}


@pytest.mark.parametrize(
    "text", ["a photo of a cat", "Pictures of a cat", "show me some images of a CAT!", "  a   cat ", "“a cat”"]
)
def test_the_frame_of_a_question_falls_away(text: str) -> None:
    assert read_question(text, NO_WORDS).sentence in ("a cat", "cat")


def test_colour_words_are_taken_out_and_counted() -> None:
    question = read_question("a red car and a grey house", NO_WORDS)
    assert question.sentence == "a car and a house"
    assert colours("a red car and a grey house") == {"red", "grey"}
    assert colours("a golden ring with turquoise") == {"yellow", "blue"}


@pytest.mark.parametrize("text", ["red", "black", "in blue", "the colour purple"])
def test_a_question_of_colours_alone_keeps_its_words(text: str) -> None:
    assert read_question(text, NO_WORDS).sentence == text
    assert colours(text)


@pytest.mark.parametrize("text", ["a glass of red wine", "a black and white photo", "a brown bear", "an orange on a table"])
def test_a_colour_that_names_something_else_stays(text: str) -> None:
    assert read_question(text, NO_WORDS).sentence == text
    assert not colours(text)


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("Hund", "dog"),
        ("un chat sur une chaise", "a cat on a chair"),
        ("Sonnenuntergang am Meer", "sunset at sea"),
        ("das Schloß im Wald", "the castle in forest"),
        ("forêt en automne", "forest in autumn"),
        ("eine Brücke", "a bridge"),
        ("l'arbre d’automne", "tree autumn"),
    ],
)
def test_everyday_french_and_german_become_english(dictionary: Dictionary, text: str, english: str) -> None:
    assert read_question(text, dictionary).sentence == english


@pytest.mark.parametrize(
    "text",
    [
        "a chat with friends",
        "pain in the back",
        "a hut in the mountains",
        "a bear in its den",
        "the die is cast",
        "see the tour",
        "the main street",
        "gift",
    ],
)
def test_english_words_that_look_foreign_stay_english(dictionary: Dictionary, text: str) -> None:
    assert read_question(text, dictionary).sentence == text


def test_a_foreign_colour_is_heard(dictionary: Dictionary) -> None:
    named = read_question("ein rotes Auto", dictionary)
    assert named.colours[COLOURS.index("red")] == 1
    assert named.sentence == "a car"


def test_folding_drops_case_and_accents() -> None:
    assert [folded(word) for word in ("Straße", "FORÊT", "œil", "Ölfarbe")] == ["strasse", "foret", "oeil", "olfarbe"]


@pytest.mark.parametrize("content", ["", "[]", '{"words": {}}', '{"words": 3, "in_company": {}}'])
def test_a_broken_dictionary_is_a_known_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "words.json").write_text(content)
    with pytest.raises(ModelError):
        Dictionary.load(tmp_path / "words.json")
