"""The words a person typed -> ``Query``.

The text is cut into tokens; each rule in ``RULES`` may understand one; what no rule claims goes, joined, to the model. A new
kind of chip (a place, a season) is a new rule and nothing else.

    "exact words"     must occur in the name, a folder's name, the title, the caption or the keywords
    -word  -"words"   look away from the word; quoted: must not occur
    2:word  0.5:word  weigh a word
    after:2024-06     taken then or later; before:2025 taken earlier
    folder:Italy  camera:iphone  format:png  rating:4  favourite:yes
    last summer       taken then: see ``query_dates``
    in Paris          taken there: see ``query_places``
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

from helios_desktop.domain import Filter, Query, Term, TextTerm
from helios_desktop.errors import QueryError
from helios_desktop.geography import Area
from helios_desktop.pipeline.query_dates import DatePhrase, find_dates
from helios_desktop.pipeline.query_places import PlacePhrase, Places, find_places

MAX_TEXT_CHARACTERS = 2_000
MAX_WEIGHT = 100.0

PartKind = Literal[
    "words",
    "exact",
    "not-exact",
    "negative",
    "weighted",
    "after",
    "before",
    "date",
    "folder",
    "camera",
    "format",
    "rating",
    "favourite",
    "place",
]

_TOKEN = re.compile(
    r"""(?P<prefix>-?(?:\d+(?:\.\d+)?:|\w+:)?)      # a minus, a weight, a key
        "(?P<quoted>[^"]*)"?                        # quoted words; a missing end quote reaches to the end
      | (?P<bare>\S+)""",
    re.VERBOSE,
)
_WEIGHTED = re.compile(r"(?P<minus>-?)(?P<weight>\d+(?:\.\d+)?):(?P<words>[^\W\d_].*)", re.DOTALL)
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2})?)?)?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One piece ``[start, end)`` of the clean text: a bare word, or quoted words with what stood before the quote."""

    prefix: str
    text: str
    is_quoted: bool
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing that was understood, as the window shows it in a chip.

    ``start`` and ``end``: where it stands in the clean text, both 0 where it does not. ``after`` and ``before``: what a
    date says. ``area`` or ``squares``: where a place is; ``said``: how it was said.
    """

    kind: PartKind
    text: str
    weight: float = 1.0
    after: str | None = None
    before: str | None = None
    area: Area | None = None
    squares: tuple[int, ...] | None = None
    said: str = ""
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedQuery:
    """The question, and the parts it was read as."""

    query: Query
    parts: tuple[Part, ...] = field(default=())


Rule = Callable[[Token], Part | None]


def parse(
    text: str,
    *,
    negatives: tuple[str, ...] = (),
    base: Filter | None = None,
    limit: int = 50,
    today: date | None = None,
    places: Places | None = None,
) -> ParsedQuery:
    """Read the words (and the separate negatives) as a question among the photos that ``base`` lets pass.

    ``today`` is what "last summer" is said from; ``places`` knows what "in Paris" means (None: such words stay words).
    Raises ``QueryError`` for a text that is too long. A text without any words gives a query without terms.
    """
    tokens = tokenize(text)
    barred = [(token.start, token.end) for token in tokens if token.is_quoted or token.text.startswith("-")]
    parts = [_date_part(clean(text), phrase) for phrase in find_dates(clean(text), today or date.today(), barred)]
    if places is not None:
        barred += [(part.start, part.end) for part in parts]
        parts += [_place_part(clean(text), one) for one in find_places(clean(text), places, barred)]
    claimed = [(part.start, part.end) for part in parts]
    words: list[str] = []
    for token in tokens:
        if any(token.start < end and start < token.end for start, end in claimed):
            continue
        part = next((found for rule in RULES if (found := rule(token))), None)
        if part is not None:
            parts.append(replace(part, start=token.start, end=token.end))
        elif token.text.strip("-\"'"):
            words.append(token.prefix + token.text)
    parts.sort(key=lambda part: part.start)
    if words:
        parts.insert(0, Part(kind="words", text=" ".join(words)))
    parts += [Part(kind="negative", text=words, weight=-1.0) for words in map(clean, negatives) if words]
    query = Query(terms=_terms(parts), filter=_narrow(base or Filter(), parts), limit=limit)
    return ParsedQuery(query=query, parts=tuple(parts))


def without(text: str, part: Part) -> str:
    """Return the words without one part that was understood in them."""
    whole = clean(text)
    return " ".join((whole[: part.start] + " " + whole[part.end :]).split())


def tokenize(text: str) -> list[Token]:
    """Cut a text into bare words and quoted pieces. Never fails over quotes: one left open reaches to the end."""
    if len(text) > MAX_TEXT_CHARACTERS:
        raise QueryError(
            f"The question has {len(text):,} characters; {MAX_TEXT_CHARACTERS:,} is the most that can be read.",
            "Ask in fewer words.",
        )
    tokens = []
    for match in _TOKEN.finditer(clean(text)):
        quoted = match["quoted"]
        if quoted is not None:
            tokens.append(
                Token(prefix=match["prefix"], text=quoted.strip(), is_quoted=True, start=match.start(), end=match.end())
            )
        else:
            tokens.append(Token(prefix="", text=match["bare"], is_quoted=False, start=match.start(), end=match.end()))
    return tokens


def clean(text: str) -> str:
    """Return the text composed (NFC), with typographic quotes made plain and control characters (NUL too) made spaces."""
    text = unicodedata.normalize("NFC", text).translate(_QUOTES)
    return "".join(" " if unicodedata.category(letter) in {"Cc", "Cs"} else letter for letter in text).strip()


def parse_date(text: str) -> str:
    """Check a date and return it as ISO 8601: a year, a month, a day or a moment. Raises ``QueryError`` otherwise."""
    value = text.strip()
    padded = value + "0000-01-01"[len(value) :] if len(value) < len("0000-01-01") else value
    try:
        if _DATE.fullmatch(value):
            datetime.fromisoformat(padded)
            return value
    except ValueError:
        pass
    raise QueryError(f"{text[:40]!r} is not a date.", "Write it as 2024, 2024-06, 2024-06-01 or 2024-06-01T18:30.")


def _exact_rule(token: Token) -> Part | None:
    if not token.is_quoted or not token.text or token.prefix not in {"", "-"}:
        return None
    return Part(kind="not-exact" if token.prefix else "exact", text=token.text)


def _weight_rule(token: Token) -> Part | None:
    match = _WEIGHTED.fullmatch(token.prefix + token.text)
    if match is None:
        return None
    weight = min(float(match["weight"]), MAX_WEIGHT)
    return Part(kind="weighted", text=match["words"], weight=-weight if match["minus"] else weight)


def _date_rule(token: Token) -> Part | None:
    key, colon, value = (token.prefix + token.text).partition(":")
    if colon and key == "after":
        return Part(kind="after", text=parse_date(value))
    if colon and key == "before":
        return Part(kind="before", text=parse_date(value))
    return None


def _key_rule(token: Token) -> Part | None:
    """folder:Italy, camera:"Lumen X100", format:png, rating:4, favourite:yes, and what French and German call them."""
    key, colon, value = (token.prefix + token.text).partition(":")
    kind = KEYS.get(key.casefold())
    if not colon or kind is None or not value.strip():
        return None
    if kind == "rating":
        stars = value.strip().rstrip("+")
        return Part(kind="rating", text=stars) if stars in {"1", "2", "3", "4", "5"} else None
    return Part(kind=kind, text=value.strip())


def _date_part(text: str, phrase: DatePhrase) -> Part:
    words = text[phrase.start : phrase.end]
    return Part(kind="date", text=words, after=phrase.after, before=phrase.before, start=phrase.start, end=phrase.end)


def _place_part(text: str, phrase: PlacePhrase) -> Part:
    near = text[phrase.start : phrase.end]
    return Part(
        kind="place", text=phrase.name, said=near, area=phrase.area, squares=phrase.squares, start=phrase.start, end=phrase.end
    )


def _negative_rule(token: Token) -> Part | None:
    if token.is_quoted or not token.text.startswith("-") or not token.text.strip("-\"'"):
        return None
    return Part(kind="negative", text=token.text.lstrip("-"), weight=-1.0)


KEYS: dict[str, PartKind] = {
    "folder": "folder",
    "dossier": "folder",
    "ordner": "folder",
    "camera": "camera",
    "appareil": "camera",
    "kamera": "camera",
    "format": "format",
    "type": "format",
    "rating": "rating",
    "stars": "rating",
    "étoiles": "rating",
    "sterne": "rating",
    "favourite": "favourite",
    "favorite": "favourite",
    "favori": "favourite",
    "favorit": "favourite",
}
RULES: tuple[Rule, ...] = (_exact_rule, _date_rule, _key_rule, _weight_rule, _negative_rule)
"""In this order: the first rule that understands a token keeps it."""


def _terms(parts: list[Part]) -> tuple[Term, ...]:
    return tuple(
        TextTerm(text=part.text, weight=part.weight)
        for part in parts
        if part.kind in {"words", "negative", "weighted"} and part.weight
    )


def _narrow(base: Filter, parts: list[Part]) -> Filter:
    """Add what the parts ask for to a filter; of two dates the stricter one counts."""

    def texts(kind: PartKind) -> tuple[str, ...]:
        return tuple(part.text for part in parts if part.kind == kind)

    after = [*texts("after"), *(part.after for part in parts if part.after), *([base.taken_after] if base.taken_after else [])]
    before = [
        *texts("before"),
        *(part.before for part in parts if part.before),
        *([base.taken_before] if base.taken_before else []),
    ]
    stars = [int(stars) for stars in texts("rating")] + ([base.min_rating] if base.min_rating is not None else [])
    return replace(
        base,
        exact=base.exact + texts("exact"),
        not_exact=base.not_exact + texts("not-exact"),
        taken_after=max(after, default=None),
        taken_before=min(before, default=None),
        folder_names=base.folder_names + texts("folder"),
        cameras=base.cameras + texts("camera"),
        formats=base.formats + texts("format"),
        min_rating=max(stars, default=None),
        is_favourite=base.is_favourite or bool(texts("favourite")),
        near=base.near + tuple(part.area for part in parts if part.area is not None),
        squares=_squares(base.squares, parts),
    )


def _squares(base: tuple[int, ...] | None, parts: list[Part]) -> tuple[int, ...] | None:
    """Return the squares of all lands that were named, and of the base's, which narrow each other."""
    named = [part.squares for part in parts if part.squares is not None]
    asked = None if not named else tuple(sorted(set().union(*named)))
    if asked is None or base is None:
        return base if asked is None else asked
    return tuple(sorted(set(base) & set(asked)))


_QUOTES = str.maketrans("“”„‟«»″", '"' * 7)
