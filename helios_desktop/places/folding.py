"""A name as people write it in, the form it is looked up by out: "São Paulo", "sao paulo" and "Sao-Paulo" are one."""

from __future__ import annotations

import re
import unicodedata

_NO_LETTERS = re.compile(r"[^\w]+|_")
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "æ": "ae", "œ": "oe", "ı": "i"}
)


def folded(name: str) -> str:
    """Return a name in lower case, without accents, its words parted by one space."""
    plain = unicodedata.normalize("NFKD", name.translate(_LETTERS).casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(_NO_LETTERS.sub(" ", letters).split())
