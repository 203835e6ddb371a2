"""What is taken off a photo that answers everything: on three directions, small enough to follow by hand."""

from __future__ import annotations

import numpy as np
import pytest

from helios_desktop.embed.starter_ease import Rivals, picture_vectors, question_vectors

PARAMS = {"ease_temperature": 0.1, "ease_limit": 0.4, "ease_weight": 0.7}
# Each of three concepts is one direction; the last column is the filler, where no question and no concept has anything.
CONCEPTS = np.eye(3, 4, dtype=np.float32)
CLEAR = [0.6, 0.0, 0.0, 0.8]  # shows the first thing
HUB = [0.62, 0.48, 0.48, 0.394]  # a little more of the first thing, and of everything else
DULL = [0.0, 0.0, 0.0, 1.0]


def unit(rows: list[list[float]]) -> np.ndarray:
    array = np.array(rows, np.float32)
    return array / np.linalg.norm(array, axis=1, keepdims=True)


@pytest.fixture
def rivals() -> Rivals:
    plain = Rivals(CONCEPTS, 0.0)
    return Rivals(CONCEPTS, float(plain.ease(unit([CLEAR, DULL]), 0.1).mean()))


def test_a_photo_that_answers_everything_comes_after_one_that_shows_the_thing(rivals: Rivals) -> None:
    pictures, asked = unit([CLEAR, HUB]), CONCEPTS[:1]
    assert (asked @ pictures.T)[0].argmax() == 1  # the hub would be first
    scores = question_vectors(asked, PARAMS) @ picture_vectors(pictures, rivals, PARAMS).T
    assert scores[0].argmax() == 0


def test_the_score_is_the_similarity_less_the_ease(rivals: Rivals) -> None:
    pictures, asked = unit([CLEAR, HUB, DULL]), unit([[1, 1, 0, 0], [0, 0.2, 1, 0]])
    scores = question_vectors(asked, PARAMS) @ picture_vectors(pictures, rivals, PARAMS).T
    wanted = asked @ pictures.T - np.clip(rivals.ease(pictures, 0.1), -0.4, 0.4)
    factor = scores / wanted
    assert factor == pytest.approx(np.full(factor.shape, factor[0, 0]), rel=1e-4)
    assert 0 < factor[0, 0] < 1


def test_the_ease_is_the_soft_maximum_of_the_answers() -> None:
    (ease,) = Rivals(CONCEPTS, 0.05).ease(unit([CLEAR]), 0.1)
    assert ease == pytest.approx(0.1 * np.log((np.exp(6) + 2) / 3) - 0.05, abs=1e-5)


def test_every_vector_has_length_one_even_beyond_the_limit() -> None:
    far = Rivals(CONCEPTS, -5.0)
    vectors = picture_vectors(unit([CLEAR, HUB, DULL]), far, PARAMS)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert np.linalg.norm(question_vectors(CONCEPTS, PARAMS), axis=1) == pytest.approx(np.ones(3), abs=1e-6)
    assert np.ptp(vectors[:, -1]) == pytest.approx(0, abs=1e-6)  # all are beyond the limit


def test_a_sharp_answer_does_not_overflow() -> None:
    assert np.isfinite(Rivals(CONCEPTS, 0.0).ease(unit([CLEAR]), 1e-4)).all()
