"""The table of everyday concepts: what comes in is ``concepts.txt``, what goes out are rows of weighted classes and cues.

A line is ``phrase | synonym | synonym => class, class*2, {WordNet word}*.5, @cue*.8``. A class is named as in open_clip's list;
``{bird}`` stands for all classes below that word, sharing one weight among them; ``@night`` is a cue; ``&woman`` stands for
a bundle, defined further up as ``&woman := class, class*2``, with all weights of its own. ``#`` starts a comment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Weights = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Concept:
    """One line: its phrases, class weights float32 ``[1000]`` of unit length, cue weights float32 ``[cues]``."""

    phrases: tuple[str, ...]
    classes: NDArray[np.float32]
    cues: NDArray[np.float32]


def read_concepts(path: Path, names: Sequence[str], cues: Sequence[str], below: Callable[[str], list[int]]) -> list[Concept]:
    """Parse the table; an unknown class, word or cue stops the build, naming its line."""
    numbers: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        numbers.setdefault(name.lower(), []).append(number)
    concepts, bundles = [], {}
    for line_number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        content = line.partition("#")[0].strip()
        if content:
            try:
                left, is_bundle, right = content.partition(":=")
                if is_bundle:
                    bundles[left.strip()] = _weights(right, numbers, cues, below, bundles)
                else:
                    concepts.append(_parsed(content, numbers, cues, below, bundles))
            except (KeyError, ValueError) as error:
                raise SystemExit(f"{path.name}:{line_number}: {error}") from error
    return concepts


def _parsed(
    content: str,
    numbers: dict[str, list[int]],
    cues: Sequence[str],
    below: Callable[[str], list[int]],
    bundles: dict[str, Weights],
) -> Concept:
    left, _, right = content.partition("=>")
    classes, cue_weights = _weights(right, numbers, cues, below, bundles)
    length = float(np.linalg.norm(classes))
    if length:
        classes /= length
    phrases = tuple(phrase.strip() for phrase in left.split("|") if phrase.strip())
    if not phrases:
        raise ValueError("no phrase")
    return Concept(phrases, classes, cue_weights)


def _weights(
    terms: str,
    numbers: dict[str, list[int]],
    cues: Sequence[str],
    below: Callable[[str], list[int]],
    bundles: dict[str, Weights],
) -> Weights:
    classes = np.zeros(1000, np.float32)
    cue_weights = np.zeros(len(cues), np.float32)
    for term in filter(None, (part.strip() for part in terms.split(","))):
        name, _, factor = term.partition("*")
        name, weight = name.strip(), float(factor or 1)
        if name.startswith("@"):
            cue_weights[cues.index(name[1:])] += weight
        elif name.startswith("&"):
            classes += weight * bundles[name][0]
            cue_weights += weight * bundles[name][1]
        elif name.startswith("{"):
            found = below(name.strip("{}"))
            if not found:
                raise ValueError(f"no class below {name}")
            classes[found] += weight / np.sqrt(len(found))
        else:
            classes[numbers[name.lower()]] += weight
    return classes, cue_weights
