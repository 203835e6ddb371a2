"""Who answers: the engine where it can, the embedded index where it cannot, and each says so."""

import numpy as np
import pytest
from engines.library import DIM, MODEL, clustered, opened

from helios_desktop.domain import Filter
from helios_desktop.errors import IndexUnavailableError
from helios_desktop.index.embedded import EmbeddedIndex
from helios_desktop.index.engine_errors import EngineError, EngineFault
from helios_desktop.index.engine_indices import IndexState
from helios_desktop.pipeline import engine_search
from helios_desktop.pipeline.engine_search import EngineFirst
from helios_desktop.pipeline.mirrored import mirrored_photos
from helios_desktop.pipeline.sync import VISIBLE, cursor_key

STATE = IndexState(name="i-v1", uuid="u1", version=1, meta={}, aliases=frozenset(), refresh_interval=None)


class FakeEngineIndex:
    """Answers with what it was given, at scores of its own; fails where it is told to."""

    name = "opensearch"

    def __init__(self, ids, score=0.1):
        self.ids = np.array(ids, np.int64)
        self.score = score
        self.error = None
        self.state = STATE
        self.asked = []

    def look(self):
        return self.state

    def search(self, vector, k, wanted=None, among=None):
        self.asked.append((k, wanted, among))
        if self.error is not None:
            raise self.error
        return self.ids[:k], np.full(len(self.ids[:k]), self.score, np.float32)


class Stage:
    def __init__(self, library, folder):
        self.library = library
        self.catalog = library.catalog
        self.rows = clustered(20, DIM)
        library.add(self.rows)
        self.ids = library.ids(range(20))
        self.now = 0.0
        mirrored = mirrored_photos(self.catalog, MODEL, DIM)
        self.embedded = EmbeddedIndex(folder / "index", mirrored.source, MODEL, DIM)
        self.engine = FakeEngineIndex(self.ids)
        self.search = EngineFirst(
            engine=lambda: self.engine,
            embedded=lambda: self.embedded,
            mirrored=mirrored,
            changes=self.catalog.changes,
            clock=lambda: self.now,
        )
        self.in_step()

    def in_step(self):
        self.catalog.changes.set_cursor(cursor_key(STATE, VISIBLE), self.catalog.changes.last_sequence())


@pytest.fixture
def stage(tmp_path):
    with opened(tmp_path) as library:
        stage = Stage(library, tmp_path)
        yield stage
        stage.embedded.close()


def test_the_engines_candidates_get_the_catalogues_scores_and_order(stage):
    ids, scores = stage.search.search(stage.rows[4], 5)
    right_ids, right_scores = stage.embedded.search(stage.rows[4], 5)
    assert stage.search.name == "opensearch"
    assert ids.tolist() == right_ids.tolist()
    np.testing.assert_allclose(scores, right_scores, atol=1e-6)


def test_where_no_engine_is_in_use_the_embedded_index_answers(stage):
    stage.engine = None
    assert stage.search.search(stage.rows[0], 1)[0].tolist() == stage.ids[:1]
    assert stage.search.name == "embedded"


def test_an_index_that_was_never_complete_is_not_asked(stage):
    stage.engine.state = None
    stage.search.search(stage.rows[0], 1)
    stage.engine.state = STATE
    stage.catalog.changes.set_cursor(cursor_key(STATE, VISIBLE), 0)
    stage.search.search(stage.rows[0], 1)
    assert stage.search.name == "embedded"
    assert stage.engine.asked == []


def test_an_engine_that_fails_is_left_alone_for_a_while(stage):
    stage.engine.error = EngineError(EngineFault.UNREACHABLE, "away", "wait")
    for _ in range(3):
        assert stage.search.search(stage.rows[3], 1)[0].tolist() == [stage.ids[3]]
        assert stage.search.name == "embedded"
    assert len(stage.engine.asked) == 1
    stage.engine.error = None
    stage.now += engine_search.LEFT_ALONE_SECONDS
    stage.search.search(stage.rows[3], 1)
    assert stage.search.name == "opensearch"


def test_a_question_that_it_refuses_is_answered_here_and_the_next_one_there(stage):
    stage.engine.error = EngineError(EngineFault.REFUSED, "no", "ask otherwise")
    stage.search.search(stage.rows[3], 1)
    assert stage.search.name == "embedded"
    stage.engine.error = None
    stage.search.search(stage.rows[3], 1)
    assert stage.search.name == "opensearch"


def test_more_than_an_engine_gives_is_asked_of_the_embedded_index(stage):
    stage.search.search(stage.rows[0], 10_001)
    assert stage.search.name == "embedded"


def test_what_the_engine_has_not_heard_is_laid_over(stage):
    new = clustered(3, DIM, seed=8)
    stage.library.add(new, first=20)
    stage.library.remove([5])
    ids, scores = stage.search.search(new[0], 30)
    assert stage.search.name == "opensearch"
    assert ids[0] == stage.library.ids([20])[0]
    assert stage.ids[5] not in ids
    assert len(ids) == 22
    assert (np.diff(scores) <= 0).all()
    filtered, _ = stage.search.search(new[0], 30, Filter(exact=("nothing has this",)))
    assert not set(stage.library.ids([20, 21, 22])) & set(filtered.tolist())


def test_an_engine_that_is_far_behind_is_not_asked(stage, monkeypatch):
    monkeypatch.setattr(engine_search, "OVERLAY_ROWS", 3)
    stage.library.add(clustered(3, DIM, seed=8), first=20)
    stage.search.search(stage.rows[0], 1)
    assert stage.search.name == "embedded"


def test_an_album_is_passed_as_its_photos(stage):
    album = stage.catalog.marks.create_album("a")
    stage.catalog.marks.add_to_album(album, stage.ids[:3])
    stage.search.search(stage.rows[0], 5, Filter(album_id=album))
    assert stage.engine.asked[-1][2] == stage.ids[:3]


def test_a_wrong_question_is_told_by_the_embedded_index(stage):
    stage.engine.error = IndexUnavailableError("dimension", "ask otherwise")
    with pytest.raises(IndexUnavailableError, match="dimension 32"):
        stage.search.search(np.zeros(DIM + 1, np.float32), 5)


def test_the_count_is_the_catalogues(stage):
    assert stage.search.count() == 20
