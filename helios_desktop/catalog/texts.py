"""Names for people and for the full-text index: in come path bytes and metadata texts, out come display texts and FTS5 input.

A phrase must stay inside one name: names are joined by a private character that unicode61 counts as a word of its own, so
no phrase crosses it. Scripts that write without spaces get one around each character, in the index and in the question alike,
so that a phrase finds a part of such a text. https://sqlite.org/fts5.html#unicode61_tokenizer
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable

_BETWEEN_NAMES = " \ue000 "
_JOINERS = "\u200c\u200d"  # inside emoji and in scripts that need them
_HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
# Thai, Lao, Khmer, Myanmar; kana; Han; Hangul syllables; Han beyond the basic plane.
_SPACELESS = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0003ffff])"
)


def display_text(path: bytes) -> str:
    """Return a path as one readable line: what cannot be shown, or would fool the reader, is escaped."""
    text = os.fsdecode(path)
    if text.isprintable():
        return text
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    if character.isprintable() or character in _JOINERS or unicodedata.category(character) not in _HIDDEN_CATEGORIES:
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8, as os.fsdecode keeps it
        return f"\\x{code - 0xDC00:02x}"
    simple = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
    if simple:
        return simple
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def storable(text: str) -> str:
    """Return ``text`` without what SQLite's UTF-8 texts cannot carry: lone surrogates and NULs."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")


def searchable(text: str) -> str:
    """Return ``text`` as the full-text index keeps it; questions go through the same."""
    if text.isascii():
        return text.replace("\0", " ")
    return _SPACELESS.sub(r" \1 ", unicodedata.normalize("NFKC", storable(text)))


def name_texts(path: bytes, root: bytes) -> tuple[str, str]:
    """Return what the index keeps of a path: the file's name, and the names of its folders from the root's own on.

    Folders above the root are left out: else every photo would answer to the name of the user's home.
    """
    base = root.rstrip(os.sep.encode())
    below = os.fsdecode(path[len(base) :]).strip(os.sep).split(os.sep)
    top = os.path.basename(os.fsdecode(base))
    return searchable(below[-1]), joined([top, *below[:-1]])


def joined(names: Iterable[str]) -> str:
    """Several names as one text that no phrase crosses."""
    return _BETWEEN_NAMES.join(searchable(name) for name in names if name)


def phrase(words: str) -> str | None:
    """Return the FTS5 question for ``words`` as they stand, or None where they hold no letter and no digit."""
    text = searchable(words).replace("\ue000", " ")
    if not any(unicodedata.category(character)[0] in "LN" for character in text):
        return None
    return '"' + text.replace('"', '""') + '"'
