"""Words -> weights: what a question means in terms of the classes and cues that the starter model sees in pictures.

Comes in: the sentence vector of a question and its colour words. Goes out: a row over ``[1,000 classes | cues]``.

Keys are phrases with a sentence vector: names and synonyms of the classes, of WordNet hypernyms with a few classes below them,
and of everyday concepts that a person wrote down ("sunset", "birthday party") with the classes and cues that such pictures
tend to show. A softmax over the similarities says what the question is about (after ConSE, Norouzi et al., ICLR 2014, turned
round: the classes are the space, not the sentence vectors). A broad, shallow part, the plain similarity to every class as in
ConSE, is added: it orders the tail where no key is near. Some of what concepts have in common (lakeshores and spotlights stand
in for much) is subtracted, as the mean picture is from pictures: else pictures of that come up for everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helios_desktop.domain import Float32Array, Int64Array
from helios_desktop.embed.starter_cues import COLOURS, CUES


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTables:
    """The tables of the pack. ``r`` rows stand in the order classes, hypernyms, concepts; ``k`` keys.

    ``keys`` float32 ``[k, 384]``; ``key_rows`` int64 ``[k]``, ascending; ``key_penalties`` float32 ``[k]``; ``targets``
    float32 ``[r, 1000]``; ``cues`` float32 ``[r, 18]``; ``classes``, ``nodes``: how many rows of each kind; ``usual`` float32
    ``[1000]``: the mean target of the concepts.
    """

    keys: Float32Array
    key_rows: Int64Array
    key_penalties: Float32Array
    targets: Float32Array
    cues: Float32Array
    classes: int
    nodes: int
    usual: Float32Array

    @classmethod
    def load(cls, path: Path) -> TextTables:
        """Read ``tables.npz``."""
        with np.load(path, allow_pickle=False) as stored:
            classes, nodes, rows = (int(n) for n in stored["shape"])
            targets = np.zeros((rows, classes), np.float32)
            targets[np.arange(classes), np.arange(classes)] = 1
            targets[stored["target_rows"], stored["target_columns"]] = stored["target_weights"]
            cues = np.zeros((rows, len(CUES)), np.float32)
            cues[classes + nodes :] = stored["concept_cues"]
            return cls(
                keys=stored["keys"].astype(np.float32),
                key_rows=stored["key_rows"].astype(np.int64),
                key_penalties=stored["key_penalties"].astype(np.float32),
                targets=targets,
                cues=cues,
                classes=classes,
                nodes=nodes,
                usual=targets[classes + nodes :].mean(axis=0),
            )


def question_weights(
    sentences: Float32Array, colours: Float32Array, tables: TextTables, params: Mapping[str, Any]
) -> tuple[Float32Array, Float32Array]:
    """Weights over the classes, float32 ``[n, 1000]`` (unit length), and over the cues, float32 ``[n, 18]``.

    ``sentences`` float32 ``[n, 384]``, unit length; ``colours`` float32 ``[n, 11]``; ``params`` from the manifest.
    """
    scores = _row_scores(sentences, tables)
    first_concept = tables.classes + tables.nodes
    concept_scores = scores[:, first_concept:]
    gate = 1 / (1 + np.exp(-(concept_scores.max(axis=1, keepdims=True) - params["gate_at"]) / params["gate_width"]))
    mass = _softmax(scores, params["temperature"])
    mass[:, tables.classes : first_concept] *= params["node_weight"]
    mass[:, first_concept:] *= gate
    sharp = _unit(mass[:, : tables.classes] + mass[:, tables.classes :] @ tables.targets[tables.classes :])  # a class is itself
    broad = _unit(_centred(scores[:, : tables.classes], params["broad_temperature"]))
    weights = _unit(_unit(sharp + params["broad_weight"] * broad) - params["usual_weight"] * tables.usual)
    cue_mass = gate * _softmax(concept_scores, params["cue_temperature"])
    cues = params["cue_weight"] * (cue_mass @ tables.cues[first_concept:])
    cues[:, : len(COLOURS)] += params["colour_weight"] * colours
    return weights, cues.astype(np.float32)


def _row_scores(sentences: Float32Array, tables: TextTables) -> Float32Array:
    """Best similarity of each row's keys, float32 ``[n, r]``."""
    similarities = sentences @ tables.keys.T - tables.key_penalties
    starts = np.flatnonzero(np.diff(tables.key_rows, prepend=-1))
    scores: Float32Array = np.maximum.reduceat(similarities, starts, axis=1)
    return scores


def _centred(similarities: Float32Array, temperature: float) -> Float32Array:
    soft = _softmax(similarities, temperature)
    centred: Float32Array = soft - soft.mean(axis=1, keepdims=True)
    return centred


def _softmax(scores: Float32Array, temperature: float) -> Float32Array:
    shifted = np.exp((scores - scores.max(axis=1, keepdims=True)) / temperature)
    soft: Float32Array = (shifted / shifted.sum(axis=1, keepdims=True)).astype(np.float32)
    return soft


def _unit(rows: NDArray[np.float32]) -> Float32Array:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Float32Array = (rows / np.maximum(norms, 1e-9)).astype(np.float32)
    return scaled
