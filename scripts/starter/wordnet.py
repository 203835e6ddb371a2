"""WordNet 3.0 nouns -> what lies above the classifier's classes, and what else they are called.

Comes in: the folder with ``data.noun`` (Debian's wordnet-base) and the offsets of the 1,000 classes in class order. Goes out:
hypernyms with a handful of classes below them, and the synonyms of each class. File format: wndb(5WN).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

MIN_CLASSES, MAX_CLASSES = 2, 60


@dataclass(frozen=True, slots=True)
class Synset:
    """One meaning: its words (spaces, no underscores), its gloss, and the offsets of what it is a kind of."""

    words: tuple[str, ...]
    gloss: str
    hypernyms: tuple[int, ...]


class WordNet:
    """All noun synsets by offset."""

    def __init__(self, folder: Path) -> None:
        self.synsets: dict[int, Synset] = {}
        for line in (folder / "data.noun").read_text(encoding="ascii").splitlines():
            if not line.startswith("  "):
                offset, synset = _parsed(line)
                self.synsets[offset] = synset

    def above(self, offset: int) -> set[int]:
        """Offsets of everything that ``offset`` is a kind of, itself left out."""
        found: set[int] = set()
        waiting = list(self.synsets[offset].hypernyms)
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                waiting += self.synsets[current].hypernyms
        return found

    def nodes(self, classes: list[int]) -> dict[int, list[int]]:
        """Hypernym offset -> sorted class numbers below it, for those with 2 to 60 classes."""
        below: dict[int, list[int]] = defaultdict(list)
        for number, offset in enumerate(classes):
            for node in self.above(offset):
                below[node].append(number)
        return {node: numbers for node, numbers in sorted(below.items()) if MIN_CLASSES <= len(numbers) <= MAX_CLASSES}

    def below(self, word: str, classes: list[int]) -> list[int]:
        """Class numbers below the most frequent-looking meaning of ``word``: the one with the most classes below it."""
        best: list[int] = []
        wanted = {offset for offset, synset in self.synsets.items() if word in synset.words}
        for offset in wanted:
            numbers = [n for n, own in enumerate(classes) if own == offset or offset in self.above(own)]
            best = max(best, numbers, key=len)
        return best


def _parsed(line: str) -> tuple[int, Synset]:
    facts, _, gloss = line.partition("|")
    fields = facts.split()
    count = int(fields[3], 16)
    words = tuple(fields[4 + 2 * i].replace("_", " ") for i in range(count))
    start = 4 + 2 * count
    hypernyms = []
    for i in range(int(fields[start])):
        symbol, offset, part, _ = fields[start + 1 + 4 * i : start + 5 + 4 * i]
        if symbol in ("@", "@i") and part == "n":
            hypernyms.append(int(offset))
    return int(fields[0]), Synset(words, gloss.strip(), tuple(hypernyms))
