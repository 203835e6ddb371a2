"""Texts from strangers: whatever a file says in, printable text of bounded length out."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

MOST_CHARACTERS = 4000
MOST_KEYWORDS = 200


def clean(text: str) -> str:
    """``text`` without control characters and lone surrogates, its spaces joined, at most ``MOST_CHARACTERS`` long."""
    kept = (" " if character.isspace() else character for character in text[: 4 * MOST_CHARACTERS])
    printable = "".join(character for character in kept if unicodedata.category(character) not in {"Cc", "Cs", "Cn"})
    return " ".join(printable.split())[:MOST_CHARACTERS]


def clean_all(texts: Iterable[str]) -> tuple[str, ...]:
    """Each text once, in the order of their first appearance, empty ones left out, at most ``MOST_KEYWORDS``."""
    cleaned = dict.fromkeys(clean(text) for text in texts)
    return tuple(text for text in cleaned if text)[:MOST_KEYWORDS]
