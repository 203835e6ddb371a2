"""Texts -> the words that quoted phrases are compared by: the same for documents and questions, so that engines need not agree.

What separates words is what separates them in the catalogue's own full-text index (``unicode61``): all but letters, digits and
private characters; case and accents do not count; scripts without spaces count character by character. The engines only see
words with spaces between them, and split there.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Thai, Lao, Khmer, Myanmar; kana; Han; Hangul syllables; Han beyond the basic plane: a phrase finds a part of such a text.
_SPACELESS = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0003ffff])"
)
_ASCII_WORD = re.compile(r"[a-z0-9]+")


@lru_cache(maxsize=4096)
def words(text: str) -> str:
    """Return the words of a text, one space between them; empty where it holds none."""
    if text.isascii():
        return " ".join(_ASCII_WORD.findall(text.lower()))
    plain = unicodedata.normalize("NFKD", text.encode("utf-8", "replace").decode()).lower()
    bare = "".join(letter for letter in plain if unicodedata.category(letter) != "Mn")
    composed = _SPACELESS.sub(r" \1 ", unicodedata.normalize("NFC", bare))
    return " ".join("".join(letter if _is_part_of_a_word(letter) else " " for letter in composed).split())


def _is_part_of_a_word(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category[0] in "LN" or category == "Co"
