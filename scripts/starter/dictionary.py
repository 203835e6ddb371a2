"""``words.txt`` (French and German by hand) -> ``words.json``: {"words": {foreign: English}, "in_company": {...}}.

What the two tables mean is said in ``helios_desktop/embed/starter_question.py``. Keys are folded as there.
"""

from __future__ import annotations

import json
from pathlib import Path

from helios_desktop.embed.starter_question import folded


def write_words(source: Path, target: Path) -> int:
    """Write the tables; returns how many words they hold. A word with two meanings keeps the first."""
    words: dict[str, str] = {}
    in_company: dict[str, str] = {}
    for line in source.read_text(encoding="utf-8").splitlines():
        english, _, foreign = line.partition("#")[0].partition(":")
        for word in foreign.split():
            table = in_company if word.endswith("?") else words
            table.setdefault(folded(word.rstrip("?")), english.strip())
    ambiguous = {word: english for word, english in in_company.items() if word not in words}
    target.write_text(
        json.dumps({"words": words, "in_company": ambiguous}, ensure_ascii=False, indent=0, sort_keys=True) + "\n",
        encoding="utf-8",
    )
    return len(words) + len(ambiguous)
