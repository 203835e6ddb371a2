"""What words weigh: keys, hypernyms, concepts and cues on tables small enough to follow by hand."""

from __future__ import annotations

import numpy as np
import pytest

from helios_desktop.embed.starter_cues import COLOURS, CUES
from helios_desktop.embed.starter_text import TextTables, question_weights

PARAMS = {
    "temperature": 0.06, "node_weight": 1.0, "gate_at": 0.6, "gate_width": 0.04, "broad_temperature": 0.06,
    "broad_weight": 0.0, "usual_weight": 0.0, "cue_temperature": 0.03, "cue_weight": 0.5, "colour_weight": 0.9,
}  # fmt: skip
NIGHT = CUES.index("night")


@pytest.fixture
def tables() -> TextTables:
    """Three classes, one hypernym over the first two, one concept on the third; the second class has a synonym."""
    cues = np.zeros((5, len(CUES)), np.float32)
    cues[4, NIGHT] = 1
    targets = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0], [0, 0, 1]], np.float32)
    return TextTables(
        keys=np.eye(6, dtype=np.float32),
        key_rows=np.array([0, 1, 1, 2, 3, 4]),
        key_penalties=np.array([0, 0, 0.06, 0, 0, 0], np.float32),
        targets=targets,
        cues=cues,
        classes=3,
        nodes=1,
        usual=targets[4:].mean(axis=0),
    )


def asked(tables: TextTables, key: int, colour: str = "", **params: float) -> tuple[np.ndarray, np.ndarray]:
    colours = np.array([[name == colour for name in COLOURS]], np.float32)
    weights, cues = question_weights(np.eye(6, dtype=np.float32)[[key]], colours, tables, {**PARAMS, **params})
    return weights[0], cues[0]


@pytest.mark.parametrize(("key", "best"), [(0, 0), (1, 1), (2, 1), (3, 2), (5, 2)])
def test_a_name_a_synonym_and_a_concept_lead_to_their_class(tables: TextTables, key: int, best: int) -> None:
    weights, _ = asked(tables, key)
    assert int(weights.argmax()) == best
    assert abs(float(np.linalg.norm(weights)) - 1) < 1e-5


def test_a_hypernym_weighs_all_below_it_alike(tables: TextTables) -> None:
    weights, _ = asked(tables, 4)
    assert weights[0] == pytest.approx(weights[1], abs=1e-5)
    assert weights[0] > 100 * weights[2]


def test_a_concept_brings_its_cues_and_a_class_brings_none(tables: TextTables) -> None:
    assert asked(tables, 5)[1][NIGHT] == pytest.approx(0.5, abs=1e-3)
    assert asked(tables, 0)[1][NIGHT] < 1e-3


def test_a_colour_word_weighs_its_cue(tables: TextTables) -> None:
    assert asked(tables, 0, colour="blue")[1][COLOURS.index("blue")] == pytest.approx(0.9, abs=1e-3)


def test_the_broad_part_orders_what_the_sharp_part_leaves_equal(tables: TextTables) -> None:
    sharp, _ = asked(tables, 0)
    mixed, _ = asked(tables, 0, broad_weight=1.0)
    assert int(mixed.argmax()) == 0
    assert mixed[1] < 0 <= sharp[1]


def test_what_concepts_have_in_common_weighs_less(tables: TextTables) -> None:
    plain, _ = asked(tables, 4, broad_weight=0.5)
    less, _ = asked(tables, 4, broad_weight=0.5, usual_weight=0.5)
    assert less[2] < plain[2]
    assert int(less.argmax()) in (0, 1)
