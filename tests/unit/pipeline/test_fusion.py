"""Two orders become one: ranks count, not scores; equal ones share a rank; the rest keeps its order."""

import numpy as np

from helios_desktop.pipeline import fusion
from helios_desktop.pipeline.fusion import fused


def order_of(scores, relevance):
    ids = np.arange(10, 10 + len(scores))
    found, kept = fused(ids, np.array(scores, np.float32), relevance)
    assert dict(zip(found.tolist(), kept.tolist(), strict=True)) == dict(
        zip(ids.tolist(), np.array(scores, np.float32).tolist(), strict=True)
    )
    return found.tolist()


def test_a_photo_that_is_good_in_both_comes_before_those_that_are_good_in_one():
    assert order_of([0.9, 0.8, 0.7], {10: 1.0, 11: 3.0, 12: 2.0})[0] == 11


def test_words_that_fit_all_photos_alike_leave_the_models_order():
    assert order_of([0.9, 0.8, 0.7], {10: 2.0, 11: 2.0, 12: 2.0}) == [10, 11, 12]


def test_pictures_that_fit_alike_are_ordered_by_the_words():
    assert order_of([0.5, 0.5, 0.5], {10: 1.0, 11: 3.0, 12: 2.0}) == [11, 12, 10]


def test_ties_go_by_the_lower_id():
    assert order_of([0.9, 0.8], {10: 1.0, 11: 2.0}) == [10, 11]


def test_the_ranks_are_those_of_the_method():
    """1/(60+1) + 1/(60+4) < 2/(60+2): two second places are worth more than a first and a fourth."""
    assert order_of([0.9, 0.8, 0.7, 0.6], {10: 1.0, 11: 3.0, 12: 2.0, 13: 4.0})[0] == 11


def test_only_the_first_ones_take_part(monkeypatch):
    monkeypatch.setattr(fusion, "FUSED_ROWS", 2)
    assert order_of([0.9, 0.8, 0.7], {10: 1.0, 11: 2.0, 12: 9.0}) == [10, 11, 12]


def test_nothing_stays_nothing():
    ids, scores = fused(np.empty(0, np.int64), np.empty(0, np.float32), {})
    assert not ids.size
    assert not scores.size
