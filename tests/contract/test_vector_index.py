"""What every search index keeps, whichever engine answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helios_desktop.domain import Filter, Float32Array, Int64Array, ModelId, Photo, PhotoState
from helios_desktop.errors import KnownError
from helios_desktop.index.base import VectorIndex
from helios_desktop.index.embedded import EmbeddedIndex
from helios_desktop.index.engine_documents import PhotoFacts

DIM = 32
EVEN = Filter(formats=("even",))
NONE_PASS = Filter(formats=("none",))


@dataclass
class Library:
    """A source and an index over it, changed together as the pipeline changes them."""

    source: Any
    index: VectorIndex

    def put(self, photo_ids: Int64Array, vectors: Float32Array) -> None:
        self.source.put(photo_ids, vectors)
        self.index.upsert(photo_ids, vectors)

    def remove(self, photo_ids: Int64Array) -> None:
        self.source.remove(photo_ids)
        self.index.delete(photo_ids)

    def brute_force(self, question: Float32Array, k: int) -> tuple[Int64Array, Float32Array]:
        ids = np.array(sorted(self.source.vectors), dtype=np.int64)
        rows = np.stack([self.source.vectors[photo_id] for photo_id in ids.tolist()])
        scores = (rows.astype(np.float64) @ question).astype(np.float32)
        order = np.lexsort((ids, -scores))[:k]
        return ids[order], scores[order]


ENGINES = ("opensearch_2", "elasticsearch_8", "opensearch_3", "elasticsearch_9")


@pytest.fixture(params=["embedded", *ENGINES])
def library(request: pytest.FixtureRequest, tmp_path: Path, memory_source: Any) -> Iterator[Library]:
    source = memory_source(DIM)
    source.predicates = {EVEN: lambda photo_id: photo_id % 2 == 0, NONE_PASS: lambda _: False}
    if request.param == "embedded":
        index: VectorIndex = EmbeddedIndex(tmp_path / "index", source, ModelId("test-1"), DIM, threads=2)
    else:
        index = request.getfixturevalue("engine_index")(request.getfixturevalue(request.param), DIM, facts_of)
    yield Library(source, index)
    index.close()


def facts_of(photo_ids: Sequence[int]) -> list[PhotoFacts]:
    """What the catalogue would say of these photos: half of them are of the format "even"."""
    return [
        PhotoFacts(
            photo=Photo(
                photo_id=photo_id,
                root_id=1,
                path=b"/photos/%d.jpg" % photo_id,
                display="",
                size=1,
                mtime_ns=0,
                state=PhotoState.INDEXED,
                format="odd" if photo_id % 2 else "even",
            )
        )
        for photo_id in photo_ids
    ]


def unit_rows(count: int, seed: int = 0) -> Float32Array:
    rows = np.random.default_rng(seed).standard_normal((count, DIM), dtype=np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def ids_of(*numbers: int) -> Int64Array:
    return np.array(numbers, dtype=np.int64)


def test_an_empty_index_answers_nothing(library: Library) -> None:
    ids, scores = library.index.search(unit_rows(1)[0], 10)
    assert (ids.size, scores.size, library.index.count()) == (0, 0, 0)
    assert (ids.dtype, scores.dtype) == (np.int64, np.float32)


def test_the_answers_are_those_of_comparing_every_photo(library: Library) -> None:
    rows = unit_rows(500)
    library.put(np.random.default_rng(1).permutation(5000)[:500], rows)
    for question in unit_rows(20, seed=2):
        ids, scores = library.index.search(question, 10)
        right_ids, right_scores = library.brute_force(question, 10)
        assert ids.tolist() == right_ids.tolist()
        np.testing.assert_allclose(scores, right_scores, atol=1e-3)


def test_a_photo_is_found_as_soon_as_it_is_added(library: Library) -> None:
    rows = unit_rows(3)
    for photo_id, row in enumerate(rows):
        library.put(ids_of(photo_id), row[np.newaxis])
        assert library.index.search(row, 1)[0].tolist() == [photo_id]
        assert library.index.count() == photo_id + 1


def test_a_removed_photo_no_longer_answers_and_unknown_ids_are_ignored(library: Library) -> None:
    rows = unit_rows(3)
    library.put(ids_of(1, 2, 3), rows)
    library.remove(ids_of(2, 99))
    assert set(library.index.search(rows[1], 10)[0].tolist()) == {1, 3}
    assert library.index.count() == 2


def test_a_removed_photo_that_comes_back_answers_again(library: Library) -> None:
    rows = unit_rows(2)
    library.put(ids_of(1, 2), rows)
    library.remove(ids_of(1))
    library.put(ids_of(1), rows[:1])
    assert library.index.search(rows[0], 1)[0].tolist() == [1]
    assert library.index.count() == 2


def test_a_new_vector_replaces_the_old_one(library: Library) -> None:
    rows = unit_rows(3)
    library.put(ids_of(1, 2), rows[:2])
    library.put(ids_of(1), rows[2:])
    ids, scores = library.index.search(rows[2], 2)
    assert ids.tolist() == [1, 2]
    assert scores[0] == pytest.approx(1.0, abs=1e-3)
    assert library.index.count() == 2


def test_of_a_photo_given_twice_the_last_vector_stays(library: Library) -> None:
    rows = unit_rows(2)
    library.put(ids_of(7, 7), rows)
    assert library.index.count() == 1
    assert library.index.search(rows[1], 5)[1][0] == pytest.approx(1.0, abs=1e-3)


def test_a_filter_is_applied_before_the_best_are_chosen(library: Library) -> None:
    rows = unit_rows(200)
    library.put(np.arange(200), rows)
    question = rows[1]
    everything = library.index.search(question, 200)[0]
    filtered = library.index.search(question, 30, EVEN)[0]
    assert filtered.tolist() == [photo_id for photo_id in everything.tolist() if photo_id % 2 == 0][:30]
    assert library.index.search(question, 200, EVEN)[0].size == 100
    assert library.index.search(question, 10, NONE_PASS)[0].size == 0
    assert library.index.search(question, 10, Filter())[0].tolist() == everything[:10].tolist()


def test_a_filter_sees_photos_added_and_removed_since(library: Library) -> None:
    rows = unit_rows(6)
    library.put(np.arange(4), rows[:4])
    assert set(library.index.search(rows[0], 10, EVEN)[0].tolist()) == {0, 2}
    library.remove(ids_of(0))
    library.put(ids_of(4, 5), rows[4:])
    assert set(library.index.search(rows[0], 10, EVEN)[0].tolist()) == {2, 4}


def test_more_photos_wanted_than_there_are_gives_all(library: Library) -> None:
    rows = unit_rows(5)
    library.put(np.arange(5), rows)
    ids, scores = library.index.search(rows[0], 1000)
    assert sorted(ids.tolist()) == list(range(5))
    assert (np.diff(scores) <= 0).all()
    assert library.index.search(rows[0], 0)[0].size == 0


def test_ten_thousand_hits_come_in_order(library: Library) -> None:
    library.put(np.arange(12_000), unit_rows(12_000))
    question = unit_rows(1, seed=5)[0]
    ids, scores = library.index.search(question, 10_000)
    right_ids, right_scores = library.brute_force(question, 10_000)
    assert len(set(ids.tolist()) & set(right_ids.tolist())) >= 9_999  # float rounding at the last place
    np.testing.assert_allclose(scores, right_scores, atol=1e-3)
    assert (np.diff(scores) <= 0).all()


def test_equal_scores_are_ordered_by_lower_id(library: Library) -> None:
    rows = unit_rows(37)
    shuffled = np.random.default_rng(3).permutation(1000)[: 37 * 9]
    library.put(shuffled, np.tile(rows, (9, 1)))
    ids, scores = library.index.search(rows[4], 9)
    assert ids.tolist() == sorted(shuffled[4::37].tolist())
    assert len(set(scores.tolist())) == 1
    assert library.index.search(rows[4], 4)[0].tolist() == ids[:4].tolist()


@pytest.mark.parametrize("wrong", [np.zeros((1, DIM + 1)), np.zeros((1, DIM - 1)), np.zeros(DIM)])
def test_a_wrong_dimension_is_refused_in_a_sentence(library: Library, wrong: Float32Array) -> None:
    with pytest.raises(KnownError, match=rf"dimension {DIM}") as caught:
        library.index.upsert(ids_of(1), wrong.astype(np.float32))
    assert caught.value.remedy
    assert library.index.count() == 0


def test_a_question_of_a_wrong_dimension_is_refused_in_a_sentence(library: Library) -> None:
    with pytest.raises(KnownError, match=rf"dimension {DIM}") as caught:
        library.index.search(np.zeros(DIM + 1, dtype=np.float32), 10)
    assert caught.value.remedy


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, 3.0])
def test_a_vector_that_is_not_of_unit_length_is_refused_and_nothing_of_its_batch_is_stored(
    library: Library, value: float
) -> None:
    rows = unit_rows(2)
    rows[1] = value
    with pytest.raises(KnownError, match="unit length"):
        library.index.upsert(ids_of(1, 2), rows)
    assert library.index.count() == 0


def test_a_question_that_is_not_a_number_is_refused(library: Library) -> None:
    with pytest.raises(KnownError, match="not numbers"):
        library.index.search(np.full(DIM, np.nan, dtype=np.float32), 10)


def test_ids_as_large_as_a_catalogue_may_give_are_kept(library: Library) -> None:
    rows = unit_rows(2)
    library.put(ids_of(1, 2**53 - 1), rows)
    assert library.index.search(rows[1], 1)[0].tolist() == [2**53 - 1]


def test_searches_answer_rightly_while_photos_come_and_go(library: Library) -> None:
    stays = unit_rows(50)
    library.put(np.arange(50), stays)
    comes = unit_rows(600, seed=9)
    is_done = threading.Event()

    def write() -> None:
        try:
            for start in range(0, 600, 20):
                ids = np.arange(1000 + start, 1020 + start)
                library.put(ids, comes[start : start + 20])
                library.remove(ids[::2])
        finally:
            is_done.set()

    def read(seed: int) -> int:
        turns = 0
        while not is_done.is_set() or not turns:
            at = (seed + turns) % 50
            ids, scores = library.index.search(stays[at], 20)
            assert ids[0] == at
            assert len(set(ids.tolist())) == len(ids) == 20
            assert (np.diff(scores) <= 0).all()
            turns += 1
        return turns

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read, seed) for seed in range(3)]
        pool.submit(write).result()
        assert all(reader.result() for reader in readers)
    assert library.index.count() == 50 + 300


def test_closing_twice_is_harmless(library: Library) -> None:
    library.put(ids_of(1), unit_rows(1))
    library.index.close()
    library.index.close()
