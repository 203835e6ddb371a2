"""Names, WordNet and the concept table -> ``tables.npz`` (what words mean) and ``space.npz`` (where pictures lie).

What the two files hold is said in ``helios_desktop/embed/starter_text.py`` and ``starter.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import timm
from concepts import Concept
from numpy.typing import NDArray
from wordnet import WordNet

SYNONYM_PENALTY = 0.06  # a synonym is a little less sure than the name
MAIN_CLASS_SHARE = 0.7  # of the unit-length row of a concept: from here on it means that class
KIND_SHARE = 0.7  # of "X, a kind of Y" in the sentence vector of a class
Encode = Callable[[list[str]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that a question can be about: its phrases with their penalties."""

    phrases: tuple[tuple[str, float], ...]


def class_offsets() -> list[int]:
    """WordNet offsets of the classes, in class order."""
    lines = (Path(timm.__file__).parent / "data" / "_info" / "imagenet_synsets.txt").read_text(encoding="ascii").split()
    return [int(line.lstrip("n")) for line in lines]


def class_rows(names: Sequence[str], offsets: Sequence[int], words: WordNet) -> list[Row]:
    """Each class with its name, and its WordNet synonyms; Latin names and duplicates left out."""
    rows = []
    for name, offset in zip(names, offsets, strict=True):
        plain = re.sub(r"\s*\(.*?\)", "", name).replace(" / ", " or ")
        synonyms = [word.lower() for word in words.synsets[offset].words if not _is_latin(word)]
        extra = [(word, SYNONYM_PENALTY) for word in dict.fromkeys(synonyms) if word != plain.lower()]
        rows.append(Row(((plain, 0.0), *extra)))
    return rows


def node_rows(nodes: dict[int, list[int]], words: WordNet) -> list[Row]:
    """Each hypernym with its first two words."""
    return [Row(tuple((word, 0.0) for word in words.synsets[offset].words[:2])) for offset in nodes]


def concept_rows(concepts: Sequence[Concept], classes: Sequence[Row]) -> list[Row]:
    """Each concept with its phrases, less those that name a class which the concept hardly means: "cheetah" is the class alone,
    though the concept of big cats lists it. A concept keeps at least its first phrase."""
    named: dict[str, list[int]] = {}
    for number, row in enumerate(classes):
        for phrase, _ in row.phrases:
            named.setdefault(phrase.lower(), []).append(number)
    rows = []
    for concept in concepts:
        kept = [phrase for phrase in concept.phrases if not _is_of_a_class(phrase, concept, named)]
        rows.append(Row(tuple((phrase, 0.0) for phrase in kept or concept.phrases[:1])))
    return rows


def _is_of_a_class(phrase: str, concept: Concept, named: dict[str, list[int]]) -> bool:
    singulars = {phrase, phrase.removesuffix("s"), phrase.removesuffix("es")}
    shares = [float(concept.classes[number]) for singular in singulars for number in named.get(singular, ())]
    return bool(shares) and max(shares) < MAIN_CLASS_SHARE


def kind_phrases(names: Sequence[str], offsets: Sequence[int], words: WordNet) -> list[str]:
    """Each class as "X, a kind of Y", Y being the hypernym's first word: it tells a crane from a crane."""
    above = [words.synsets[offset].hypernyms for offset in offsets]
    return [f"{n}, a kind of {words.synsets[up[0]].words[0]}" if up else n for n, up in zip(names, above, strict=True)]


def write_tables(
    target: Path,
    rows: Sequence[Row],
    nodes: dict[int, list[int]],
    concepts: Sequence[Concept],
    kinds: Sequence[str],
    encode: Encode,
) -> None:
    """Write ``tables.npz``; the rows stand in the order classes, nodes, concepts."""
    classes = len(kinds)
    keys = [(phrase, number, penalty) for number, row in enumerate(rows) for phrase, penalty in row.phrases]
    vectors = encode([key[0] for key in keys])
    names = [index for index, (_, number, penalty) in enumerate(keys) if number < classes and penalty == 0]
    vectors[names] = unit((1 - KIND_SHARE) * vectors[names] + KIND_SHARE * encode(list(kinds)))
    found: list[tuple[int, int, float]] = []
    for number, below in enumerate(nodes.values(), classes):
        found += [(number, column, 1 / len(below)) for column in below]
    for number, concept in enumerate(concepts, classes + len(nodes)):
        found += [(number, int(column), float(concept.classes[column])) for column in np.flatnonzero(concept.classes)]
    save(
        target,
        shape=np.array([classes, len(nodes), len(rows)], np.int32),
        keys=vectors.astype(np.float16),
        key_rows=np.array([key[1] for key in keys], np.int16),
        key_penalties=np.array([key[2] for key in keys], np.float16),
        target_rows=np.array([f[0] for f in found], np.int16),
        target_columns=np.array([f[1] for f in found], np.int16),
        target_weights=np.array([f[2] for f in found], np.float16),
        concept_cues=np.stack([concept.cues for concept in concepts]).astype(np.float16),
    )


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows at length 1."""
    return (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)).astype(np.float32)


def save(target: Path, **arrays: NDArray[np.generic]) -> None:
    """Write an .npz whose bytes depend on the arrays alone: numpy's zip entries carry a fixed date."""
    np.savez(target, **arrays)


def _is_latin(word: str) -> bool:
    parts = word.split(" ")
    return (
        len(parts) == 2
        and parts[0][:1].isupper()
        and parts[1].islower()
        and parts[0].endswith(("us", "a", "is", "um", "es", "os", "on", "ix", "ax", "er"))
    )
