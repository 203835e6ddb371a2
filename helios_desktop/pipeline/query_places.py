"""A text -> the places that are named in it: "in Paris", "near Rome", "within 50 km of Lyon"; English, French and German.

A name after a word of place may be a place, and may be anything else ("in winter", "in nice light"). What decides is the
library: where photos were taken there, it is meant; else the words stay words, and the model looks for what they show. So an
unknown name, or a library without positions, costs nothing. ``place:Paris`` and ``near:Rome`` are always meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from helios_desktop.geography import Area

MOST_WORDS = 4  # of a name: "Las Palmas de Gran"
NEAR_KM = 30.0
NEAR_FACTOR = 2.0
MOST_KM = 2000.0
# Names that are common words, too: meant only with a capital letter.
COMMON_WORDS = frozenset(
    """
    angers bad beach bed best bend bergen black blue born bridge bronze brown bush cabin car castle church copper cork date eden
    enterprise essen feld flat forest garden gold green grey hall halle heath home hope house ice independence island kitchen
    lake lens light male mine mobile nice orange paradise park pink rain reading red river sale same sand school see sens silver
    sion snow sore spring stein street strand summer sun sunset sunshine tours town train troyes union van wald wasser water
    white wien winter wood woods
    """.split()  # noqa: SIM905 - a list of words reads best as words
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacePhrase:
    """A place at ``[start, end)`` of a text: photos within an area, or in some squares of the map."""

    start: int
    end: int
    name: str
    area: Area | None = None
    squares: tuple[int, ...] | None = None


class Places(Protocol):
    """What knows names, and where photos were taken."""

    def find(self, name: str, radius_km: float | None, *, is_near: bool, is_meant: bool) -> PlacePhrase | None:
        """Return what a name stands for (start and end 0).

        ``radius_km``: what was asked for, None for what suits the place; ``is_near``: around it rather than in it. None where
        nothing bears the name or, unless it ``is_meant``, no photo was taken there.
        """
        ...


_NUMBER = r"(?P<km>\d{1,4}(?:[.,]\d)?)\s?(?:km|kilometers?|kilometres?|kilomètres?|kilometern?)"
_LEADS = (
    (rf"\b(?:within\s+)?{_NUMBER}\s+(?:of|from|around)\s+", True),
    (rf"\b(?:à\s+)?(?:moins\s+de\s+)?{_NUMBER}\s+(?:de|d['’]|autour\s+de|autour\s+d['’])\s?", True),
    (rf"\b(?:im\s+umkreis\s+von\s+)?{_NUMBER}\s+(?:um|von)\s+", True),
    (r"\b(?:near|close\s+to|around)\s+", True),
    (r"\b(?:près\s+de|près\s+d['’]|autour\s+de|autour\s+d['’])\s?", True),
    (r"\b(?:nahe|nähe|bei|um)\s+", True),
    (r"\b(?:in|at|à|en|au|aux|from|aus|dans)\s+(?:the\s+|la\s+|les?\s+|l['’]|der\s+|den\s+)?", False),
)
_LEAD = [(re.compile(pattern, re.IGNORECASE), is_near) for pattern, is_near in _LEADS]
_KEY = re.compile(r"(?P<key>\w+):(?:\"(?P<quoted>[^\"]*)\"?|(?P<bare>\S+))")
_KEYS = {"place": False, "lieu": False, "ort": False, "near": True, "près": True, "nahe": True}
_WORD = re.compile(r"[^\s,;:\"]+")


def find_places(text: str, places: Places, barred: Sequence[tuple[int, int]] = ()) -> list[PlacePhrase]:
    """Return the places that are named, in their order, none within a ``barred`` piece of the text."""
    taken = list(barred)
    found: list[PlacePhrase] = []

    def take(phrase: PlacePhrase | None) -> None:
        if phrase is not None and not any(phrase.start < end and start < phrase.end for start, end in taken):
            found.append(phrase)
            taken.append((phrase.start, phrase.end))

    for match in _KEY.finditer(text):
        key = match["key"].casefold()
        if key in _KEYS and not any(start < match.start() < end for start, end in barred):
            name = match["quoted"] or match["bare"] or ""
            place = places.find(name, None, is_near=_KEYS[key], is_meant=True)
            if place is not None:
                found.append(_at(place, *match.span()))
            taken.append(match.span())
    for lead, is_near in _LEAD:
        for match in lead.finditer(text):
            take(_named_after(text, match, places, is_near=is_near))
    return sorted(found, key=lambda phrase: phrase.start)


def _named_after(text: str, lead: re.Match[str], places: Places, *, is_near: bool) -> PlacePhrase | None:
    """Return the place whose name follows, the longest name first."""
    words: list[re.Match[str]] = []
    position = lead.end()
    while len(words) < MOST_WORDS and (word := _WORD.match(text, position)) is not None:
        words.append(word)
        gap = re.compile(r"\s+").match(text, word.end())
        if gap is None:
            break
        position = gap.end()
    km = lead.groupdict().get("km")
    radius = None if km is None else min(MOST_KM, float(km.replace(",", ".")))
    for count in range(len(words), 0, -1):
        name = text[words[0].start() : words[count - 1].end()].rstrip(".!?")
        if not name or (name.casefold() in COMMON_WORDS and not name[0].isupper()):
            continue
        place = places.find(name, radius, is_near=is_near, is_meant=radius is not None)
        if place is not None:
            return _at(place, lead.start(), words[0].start() + len(name))
    return None


def _at(place: PlacePhrase, start: int, end: int) -> PlacePhrase:
    return PlacePhrase(start=start, end=end, name=place.name, area=place.area, squares=place.squares)
