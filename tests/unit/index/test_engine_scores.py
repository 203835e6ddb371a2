"""Each kind of score means the cosine it was made from."""

import pytest

from helios_desktop.index import engine_scores


@pytest.mark.parametrize("cosine", [-0.9, -0.2, 0.0, 0.3, 0.99])
@pytest.mark.parametrize(
    ("score", "read"),
    [
        (lambda cosine: (1 + cosine) / 2, engine_scores.of_half),
        (lambda cosine: 1 + cosine, engine_scores.of_script),
        (lambda cosine: 1 / (1 + (1 - cosine)), engine_scores.of_angle),
        (lambda cosine: 1 / (1 + (2 - 2 * cosine)), engine_scores.of_distance),
        (lambda cosine: 1 + cosine if cosine >= 0 else 1 / (1 - cosine), engine_scores.of_product),
    ],
)
def test_a_score_is_read_as_its_cosine(score, read, cosine):
    assert read(score(cosine)) == pytest.approx(cosine, abs=1e-9)


@pytest.mark.parametrize("read", [engine_scores.of_angle, engine_scores.of_distance, engine_scores.of_product])
def test_a_score_of_nothing_is_no_division_by_zero(read):
    assert read(0.0) <= -1
