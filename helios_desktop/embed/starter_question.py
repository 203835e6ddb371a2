"""The words a person typed -> what the starter model asks its sentence encoder, and which colours were named.

Comes in: any text. Goes out: a ``Question``. Lower case, "a photo of" dropped, everyday French and German words put into
English, colour words taken out (the classifier knows no colours; cues do). Negative words never come here: the query
subtracts their vectors.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helios_desktop.domain import Float32Array
from helios_desktop.embed.starter_cues import COLOURS
from helios_desktop.errors import ModelError

MAX_CHARACTERS = 600  # what stands behind them does not change what a short question is about
_PHOTO_OF = re.compile(
    r"^(?:(?:a|an|the|some|my|our|please|show me|find|all)\s+)*"
    r"(?:photo(?:graph)?s?|pictures?|images?|pics?|shots?|snapshots?)\s+(?:of|with|showing)\s+"
)
_ELIDED = re.compile(r"\b[ld]['’](?=\w)")  # l'arbre, d'eau
_EDGE = " \t\n.,;:!?\"'()[]«»“”„"
_LITTLE_WORDS = frozenset(
    {"a", "an", "the", "and", "in", "on", "of", "with", "colour", "color", "coloured", "colored", "thing", "things"}
)
_COLOUR_WORDS = {colour: colour for colour in COLOURS} | {
    "gray": "grey", "silver": "grey", "golden": "yellow", "gold": "yellow", "blond": "yellow", "violet": "purple",
    "lilac": "purple", "lavender": "purple", "magenta": "pink", "scarlet": "red", "crimson": "red", "maroon": "brown",
    "beige": "brown", "navy": "blue", "turquoise": "blue", "azure": "blue", "emerald": "green",
}  # fmt: skip
# In these a colour word names something else, and stays.
_NO_COLOURS = re.compile(
    r"\b(?:black[ -]and[ -]white"
    r"|(?:white|red) wine|orange juice|oranges|an orange|brown bear|grey wolf|red panda|red fox|lavender"
    r"|black hole|white house|blonde? hair|greenhouse|golden (?:hour|gate|retriever)|gold (?:ring|medal|coin))\b"
)


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Everyday words of other languages, folded -> English.

    ``in_company`` holds those that English knows too ("chat", "hut", "pain"): they are translated only where the question
    has a word of ``words``.
    """

    words: Mapping[str, str]
    in_company: Mapping[str, str]

    @classmethod
    def load(cls, path: Path) -> Dictionary:
        """Read ``words.json``. Raises ``ModelError`` where it is not what the manifest promised."""
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            return cls(dict(stored["words"]), dict(stored["in_company"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{path.name} of the starter model cannot be read ({error!r}).", "Install the model again."
            ) from error

    def translated(self, words: list[str]) -> list[str]:
        """The words in English, as far as they are in the tables."""
        keys = [folded(word) for word in words]
        is_foreign = any(key in self.words for key in keys)
        table = {**self.in_company, **self.words} if is_foreign else self.words
        return [table.get(key, word) for key, word in zip(keys, words, strict=True)]


@dataclass(frozen=True, slots=True)
class Question:
    """``sentence`` is for the sentence encoder; ``colours`` float32 ``[11]`` is 1 where one was named."""

    sentence: str
    colours: Float32Array


def read_question(text: str, dictionary: Dictionary) -> Question:
    """Make a question ready. An empty text, or one of colours alone, keeps its words."""
    lowered = _ELIDED.sub("", text[:MAX_CHARACTERS].lower())
    words = [stripped for word in lowered.split() if (stripped := word.strip(_EDGE))]
    plain = _PHOTO_OF.sub("", " ".join(dictionary.translated(words)))
    colours = np.zeros(len(COLOURS), np.float32)
    if _NO_COLOURS.search(plain):
        return Question(plain, colours)
    kept = []
    for word in plain.split(" "):
        colour = _COLOUR_WORDS.get(word)
        if colour is None:
            kept.append(word)
        else:
            colours[COLOURS.index(colour)] = 1
    has_more = any(word not in _LITTLE_WORDS for word in kept)
    return Question(" ".join(kept) if has_more else plain, colours)


def folded(word: str) -> str:
    """Lower case without accents, ß as ss: ``Straße`` -> ``strasse``."""
    apart = unicodedata.normalize("NFKD", word.lower().replace("ß", "ss").replace("œ", "oe"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
