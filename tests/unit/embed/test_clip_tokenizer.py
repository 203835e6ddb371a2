"""CLIP's vocabulary as a ``tokenizer.json``: the ids must be open_clip's own, for anything that a person may type."""

from __future__ import annotations

import random
import string
import unicodedata
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from helios_desktop.embed.clip_text import ClipTokenizer, TextRecipe
from helios_desktop.embed.clip_tokenizer import clip_tokenizer

pytestmark = pytest.mark.usefixtures("torch_libraries")

CONTEXT = 77
WORDS = (
    "a photo of the red car's dog don't we're 2024 café naïve über Straße ŒUVRE ΣΊΣΥΦΟΣ 日本語 привет 👩‍👩‍👧 🇩🇪 it’s “quoted” "
    "ﬁre ＦＵＬＬ &amp; <b> &lt; #tag @me a_b 3.14 — … ¿qué? SchÃ¶n I'LL They'Ve x²"
)


@pytest.fixture(scope="module")
def tokenizers(tmp_path_factory: pytest.TempPathFactory, torch_libraries: None) -> tuple[Any, ClipTokenizer]:
    from open_clip.tokenizer import SimpleTokenizer

    theirs = SimpleTokenizer()
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    merges = sorted(theirs.bpe_ranks, key=theirs.bpe_ranks.get)
    start, end = (theirs.decoder[number] for number in (theirs.sot_token_id, theirs.eot_token_id))
    clip_tokenizer(theirs.encoder, merges, start=start, end=end).save(str(path))
    return theirs, ClipTokenizer(path, TextRecipe(context_length=CONTEXT, pad_id=0, is_lowercase=True))


def characters() -> list[str]:
    """Every assigned character of the planes in use, but for those that are no text by themselves."""
    every = (chr(code) for code in range(0x20, 0x30000))
    return [one for one in every if unicodedata.category(one) not in {"Cn", "Cs", "Co"}]


def texts(kind: str) -> Iterator[str]:
    pick = random.Random(3)
    every, words = characters(), WORDS.split()
    for number in range(600):
        if kind == "words":
            yield " ".join(pick.choice(words) for _ in range(pick.randint(0, 12)))
        elif kind == "long":
            yield " ".join(pick.choice(words) for _ in range(pick.randint(40, 160)))
        elif kind == "unicode":
            yield "".join(pick.choice(every) for _ in range(pick.randint(1, 30)))
        elif kind == "printable":
            yield "".join(pick.choice(string.printable) for _ in range(pick.randint(0, 60)))
        else:
            yield "a " + "".join(every[number * 200 : number * 200 + 200])


@pytest.mark.parametrize("kind", ["words", "long", "unicode", "printable", "alphabets"])
def test_ids_are_those_of_open_clip(tokenizers: tuple[Any, ClipTokenizer], kind: str) -> None:
    theirs, ours = tokenizers
    asked = list(texts(kind))
    wrong = np.flatnonzero((theirs(asked).numpy() != ours.tokens(asked)).any(axis=1))
    assert [asked[int(number)] for number in wrong] == []


def test_a_long_text_is_cut_and_keeps_its_end_mark(tokenizers: tuple[Any, ClipTokenizer]) -> None:
    theirs, ours = tokenizers
    row = ours.tokens(["boat " * 200])[0]
    assert (row[0], row[-1]) == (theirs.sot_token_id, theirs.eot_token_id)


def test_plain_english_needs_no_library_to_mend_it() -> None:
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from helios_desktop.embed.clip_text import TextRecipe, cleaned\n"
        "cleaned('a red car, at night!', TextRecipe(context_length=77))\n"
        "print('ftfy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
