"""The line between good and maybe: by rules on made-up scores, and by its figures on the labelled set."""

import numpy as np
import pytest

from helios_desktop.domain import Query, TextTerm
from helios_desktop.pipeline.match_line import FEWEST, Background, MatchLine
from helios_desktop.pipeline.search import Search
from helios_desktop.score_line import ScoreLine

RANDOM = np.random.default_rng(5)


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def background():
    """Four hundred photos of nothing in particular, in 64 dimensions."""
    vectors = unit(RANDOM.normal(size=(400, 64)))
    return Background.measured(vectors, unit(RANDOM.normal(size=(4, 64))), 400)


def test_the_stricter_the_fewer_and_never_below_the_floor():
    line = ScoreLine(middle=0.1, top=0.5, floor=0.2)
    values = [line.at(strictness) for strictness in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert values == sorted(values)
    assert values[2] == pytest.approx(0.36)
    assert ScoreLine(middle=0.1, top=0.15, floor=0.2).at(0.0) == 0.2
    assert line.at(7.0) == line.at(1.0)


def test_a_photo_that_stands_out_is_good_and_the_crowd_is_not(background):
    question = unit(RANDOM.normal(size=64))
    line = background.line(question, top=0.8)
    assert (background.vectors @ question < line.at(0.0)).all()
    assert line.at(1.0) < 0.8


def test_where_nothing_stands_out_nothing_is_good(background):
    question = unit(RANDOM.normal(size=64))
    scores = background.vectors @ question
    assert (scores >= background.line(question, float(scores.max())).at()).sum() == 0


def test_a_question_that_means_a_large_part_of_the_library_still_has_good_answers():
    question = unit(RANDOM.normal(size=64))
    others = unit(RANDOM.normal(size=(350, 64)))
    meant = unit(question + 0.5 * unit(RANDOM.normal(size=(50, 64))))
    wide = unit(others + question * RANDOM.normal(scale=0.25, size=(350, 1)))
    vectors = np.concatenate([wide, meant])
    line = Background.measured(vectors, unit(RANDOM.normal(size=(4, 64))), 400).line(
        question, float((vectors @ question).max())
    )
    good = vectors @ question >= line.at()
    assert good[350:].mean() > 0.9
    assert good[:350].mean() < 0.02


def test_the_line_moves_with_the_scale_of_the_scores(background):
    question = unit(RANDOM.normal(size=64))
    squeezed = Background.measured(background.vectors * 0.1, unit(RANDOM.normal(size=(4, 64))), 400)
    assert squeezed.line(question, top=0.08).at() == pytest.approx(0.1 * background.line(question, top=0.8).at(), rel=0.05)


def test_an_answer_carries_its_line_and_a_tiny_library_has_none(library, paint):
    def answer():
        search = Search(catalog=library.catalog, index=index, embedder=library.embedder, decoder=lambda: library.decoder)
        return search.answer(Query(terms=(TextTerm(text="red"),)))

    from helios_desktop.index.embedded import EmbeddedIndex
    from helios_desktop.pipeline.vector_source import CatalogVectors

    paint(library.folder / "red.jpg", "red")
    library.add()
    library.index()
    index = EmbeddedIndex(library.base / "index", CatalogVectors(library.catalog), library.embedder.model_id, 8, 1)
    assert answer().line is None
    for number in range(2 * FEWEST):
        paint(library.folder / f"{number}.jpg", ("blue", "green", "grey")[number % 3], size=(64 + number, 48))
    library.index()
    found = answer()
    assert found.line is not None
    good = [hit.photo.display.rsplit("/", 1)[1] for hit in found.hits if hit.score >= found.line.at()]
    assert good == ["red.jpg"]
    index.close()


def test_the_sample_is_drawn_again_only_when_the_library_has_changed_much(library, paint):
    for number in range(20):
        paint(library.folder / f"{number}.jpg", ("blue", "green", "grey", "red")[number % 4], size=(64 + number, 48))
    library.add()
    library.index()
    line = MatchLine(catalog=library.catalog, embedder=library.embedder)
    first = line._present()
    paint(library.folder / "more.jpg", "white")
    library.index()
    assert line._present() is first
    for number in range(20, 30):
        paint(library.folder / f"{number}.jpg", "yellow", size=(64 + number, 48))
    library.index()
    assert line._present() is not first
