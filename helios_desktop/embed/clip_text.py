"""WORDS -> TOKENS for the text tower of a CLIP pack: cleaned, tokenised, cut and padded as open_clip does it.

Method: open_clip's ``tokenizer.py`` (basic clean, then "whitespace" or "canonicalize"), the latter from big_vision's prompt
engineering for SigLIP: underscores become spaces, ASCII punctuation goes, lower case, single spaces. The vocabulary itself is
a ``tokenizer.json``, read by the ``tokenizers`` library.
"""

from __future__ import annotations

import html
import string
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from helios_desktop.errors import ModelError

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_REINSTALL = "Install the model again, or choose another one in the settings."


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRecipe:
    """How a model wants its words.

    ``context_length``: tokens a text, exactly. ``clean``: "canonicalize" for SigLIP, else only spaces are put in order.
    ``pad_id``: fills up short texts; None where the tokenizer's own padding says it. ``language``: a token that goes in front
    where the tokenizer does not put one there itself (NLLB).
    """

    context_length: int
    clean: str = ""
    pad_id: int | None = None
    is_lowercase: bool = False
    language: str = ""


def cleaned(text: str, recipe: TextRecipe) -> str:
    """Return the text as the tokenizer should see it."""
    text = html.unescape(html.unescape(_mended(text)))
    if recipe.clean == "canonicalize":
        text = text.replace("_", " ").translate(_PUNCTUATION).lower()
    elif recipe.is_lowercase:
        text = text.lower()
    return " ".join(text.split())


def _mended(text: str) -> str:
    """Return the text with curly quotes, ligatures, full-width letters and garbled accents put right, as open_clip has it.

    Plain ASCII needs none of that, so that an English question does not wait for the library.
    """
    if text.isascii() and text.isprintable() and "&" not in text:
        return text
    import ftfy

    return str(ftfy.fix_text(text))


class ClipTokenizer:
    """Reads a ``tokenizer.json`` when it is first needed. For any thread."""

    def __init__(self, path: Path, recipe: TextRecipe) -> None:
        self._path = path
        self._recipe = recipe
        self._tokenizer: Tokenizer | None = None
        self._prefix: tuple[int, ...] = ()
        self._lock = threading.Lock()

    def tokens(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return int32 ``[n, context_length]``. Raises ``ModelError`` where the tokenizer cannot be read."""
        tokenizer = self._loaded()
        length = self._recipe.context_length
        rows = np.full((len(texts), length), self._recipe.pad_id or 0, np.int32)
        encodings = tokenizer.encode_batch([cleaned(text, self._recipe) for text in texts])
        for row, encoding in zip(rows, encodings, strict=True):
            ids = [*self._prefix, *encoding.ids]
            if len(ids) > length:  # a language token came in front: the end mark keeps the last place
                ids = [*ids[: length - 1], ids[-1]]
            row[: len(ids)] = ids
        return rows

    def _loaded(self) -> Tokenizer:
        with self._lock:
            if self._tokenizer is None:
                tokenizer = read_tokenizer(self._path)
                tokenizer.no_padding()
                tokenizer.enable_truncation(self._recipe.context_length)
                self._prefix = _language_prefix(tokenizer, self._recipe.language)
                self._tokenizer = tokenizer
            return self._tokenizer


def read_tokenizer(path: Path) -> Tokenizer:
    """Read a ``tokenizer.json``. Raises ``ModelError``."""
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare Exceptions
        raise ModelError(f"The tokenizer {path} cannot be read ({error}).", _REINSTALL) from error


def pad_id_of(tokenizer: Tokenizer, config: dict[str, Any]) -> int:
    """Return the id that fills up short texts: ``pad_token`` of ``tokenizer_config.json``, else the tokenizer's own."""
    named = config.get("pad_token")
    token = named.get("content") if isinstance(named, dict) else named
    found = tokenizer.token_to_id(token) if isinstance(token, str) else None
    if found is None and tokenizer.padding:
        found = tokenizer.padding.get("pad_id")
    return int(found or 0)


def _language_prefix(tokenizer: Tokenizer, language: str) -> tuple[int, ...]:
    """Return the language's token where texts do not get one by themselves."""
    number = tokenizer.token_to_id(language) if language else None
    return () if number is None or number in tokenizer.encode("").ids else (number,)
