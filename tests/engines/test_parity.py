"""The same question gives the same answer, whoever answers: the embedded index, OpenSearch, Elasticsearch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from engines.fixtures import delete_indices
from engines.library import DIM, MODEL, ROOT, Library, clustered, opened
from engines.mirror import Mirror
from engines.nodes import Node

from helios_desktop.domain import Filter, PhotoTerm, Query, SearchResult
from helios_desktop.embed.base import Embedder
from helios_desktop.index.base import VectorIndex
from helios_desktop.index.embedded import EmbeddedIndex
from helios_desktop.index.engine_filters import condition_of
from helios_desktop.pipeline.engine_search import EngineFirst
from helios_desktop.pipeline.search import Search

COUNT = 3_000
SERVERS = ("opensearch_2", "elasticsearch_8")

FILTERS = (
    Filter(folders=(ROOT + b"/1",)),
    Filter(folders=(ROOT + b"/1/4", ROOT + b"/2")),
    Filter(folders=(ROOT + b"/1/4/Gr\xc3\xbc\xc3\x9fe aus K\xc3\xb6ln 0.jpg",)),
    Filter(folders=(ROOT + b"/0/0/red boat 0\xff.jpg",)),
    Filter(folders=(b"/elsewhere",)),
    Filter(taken_after="2023"),
    Filter(taken_after="2023-06", taken_before="2023-08-15"),
    Filter(taken_after="2023-06-15T12:00", taken_before="2023-07-15T12:00:01+05:00"),
    Filter(taken_before="2020-09-14"),
    Filter(cameras=("kodak",)),
    Filter(cameras=("D1*",)),
    Filter(cameras=("ÜNÏ",)),
    Filter(cameras=("no such",)),
    Filter(formats=("JPG",)),
    Filter(formats=(".heic", "png")),
    Filter(exact=("red boat",)),
    Filter(exact=("boat red",)),
    Filter(exact=("grusse aus koln",)),
    Filter(exact=("Grüße",)),
    Filter(exact=("nach sud",)),
    Filter(exact=("nach-Süden",)),
    Filter(exact=("京タワ",)),
    Filter(exact=("holiday", "year 2003")),
    Filter(exact=("boat a caption",)),
    Filter(exact=("...",)),
    Filter(exact=("plain", " ")),
    Filter(not_exact=("boat",)),
    Filter(not_exact=("...",)),
    Filter(is_favourite=True),
    Filter(min_rating=4),
    Filter(folder_names=("4",)),
    Filter(folder_names=("4",), formats=("png",)),
    Filter(folders=(ROOT + b"/0",), cameras=("nikon",), exact=("caption",), not_exact=("boat",), taken_after="2023-03"),
)


@dataclass
class Compared:
    library: Library
    mirror: Mirror
    embedded: EmbeddedIndex
    search: EngineFirst


@pytest.fixture(scope="module", params=SERVERS)
def compared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compared]:
    node: Node = request.getfixturevalue(request.param)
    folder = tmp_path_factory.mktemp("parity")
    with opened(folder) as library:
        library.add(clustered(COUNT, DIM))
        library.catalog.marks.favourite(library.ids(range(0, COUNT, 50)))
        mirror = Mirror(library, node, "parity", node.url)
        mirror.sync()
        embedded = EmbeddedIndex(folder / "index", mirror.mirrored.source, MODEL, DIM)
        search = EngineFirst(
            engine=lambda: mirror.index, embedded=lambda: embedded, mirrored=mirror.mirrored, changes=library.catalog.changes
        )
        yield Compared(library, mirror, embedded, search)
        embedded.close()
        mirror.index.close()
    delete_indices(node, "parity")


@pytest.mark.parametrize("wanted", FILTERS, ids=repr)
def test_a_filter_lets_the_same_photos_pass(compared: Compared, wanted: Filter) -> None:
    question = clustered(1, DIM, seed=5)[0]
    here, _ = compared.embedded.search(question, 10_000, wanted)
    among = compared.mirror.mirrored.ids_beyond(wanted)
    there, _ = compared.mirror.index.search(question, 10_000, wanted, among)
    assert sorted(there.tolist()) == sorted(here.tolist())


def test_the_filters_of_this_test_tell_photos_apart(compared: Compared) -> None:
    sizes = [len(compared.mirror.mirrored.source.matching_ids(wanted)) for wanted in FILTERS]
    assert sum(0 < size < COUNT for size in sizes) >= 20
    assert condition_of(Filter()) is None


def test_the_top_ten_and_their_scores_are_the_same(compared: Compared) -> None:
    shared = 0
    questions = clustered(60, DIM, seed=7)
    for turn, question in enumerate(questions):
        wanted = FILTERS[turn % len(FILTERS)] if turn % 2 else None
        ids, scores = compared.search.search(question, 10, wanted)
        assert compared.search.name == compared.mirror.index.name
        right_ids, right_scores = compared.embedded.search(question, 10, wanted)
        assert len(ids) == len(right_ids)
        shared += 1.0 if not len(ids) else len(set(ids.tolist()) & set(right_ids.tolist())) / len(ids)
        np.testing.assert_allclose(scores, right_scores, atol=1e-3)
    assert shared / len(questions) >= 0.97


def test_quoted_words_and_a_picture_give_the_same_order_whoever_answers(compared: Compared) -> None:
    """The words decide who may answer, both together who comes first; the engine's own text scores play no part."""
    differs = 0
    for number, exact in enumerate(
        [("red boat",), ("caption",), ("holiday", "boat"), ("köln",), ("京タワ",), ("plain", "year 2004")]
    ):
        (like,) = compared.library.ids([number])
        query = Query(terms=(PhotoTerm(photo_id=like),), filter=Filter(exact=exact), limit=40)
        there, here = (answer(compared, index, query) for index in (compared.search, compared.embedded))
        assert compared.search.name == compared.mirror.index.name
        assert [hit.photo.photo_id for hit in there.hits] == [hit.photo.photo_id for hit in here.hits]
        assert there.total == here.total >= len(there.hits) > 0
        assert set(compared.library.catalog.photos.matching_ids(query.filter).tolist()) >= {
            hit.photo.photo_id for hit in here.hits
        }
        scores = [hit.score for hit in here.hits if hit.score is not None]
        differs += scores != sorted(scores, reverse=True)
    assert differs, "the words never moved a photo"


def answer(compared: Compared, index: VectorIndex, query: Query) -> SearchResult:
    search = Search(
        catalog=compared.library.catalog,
        index=index,
        embedder=cast(Embedder, SimpleNamespace(model_id=MODEL, dim=DIM)),  # photos are compared: it is asked for no vector
        decoder=lambda: pytest.fail("there is no picture to decode"),
    )
    return search.answer(query)


def test_an_album_is_asked_for_by_its_photos(compared: Compared) -> None:
    album = compared.library.catalog.marks.create_album(f"of {compared.mirror.index.name}")
    members = compared.library.ids(range(100, 120))
    compared.library.catalog.marks.add_to_album(album, members)
    ids, _ = compared.search.search(clustered(1, DIM, seed=5)[0], 50, Filter(album_id=album))
    assert sorted(ids.tolist()) == sorted(members)
    assert compared.search.name == compared.mirror.index.name


def test_what_changed_since_the_last_sync_counts_at_once(compared: Compared) -> None:
    rows = clustered(10, DIM, seed=99)
    first = COUNT + (0 if compared.mirror.index.name == "opensearch" else 10)
    compared.library.add(rows, first=first)
    new = compared.library.ids(range(first, first + 10))
    gone = compared.library.ids([7])
    for number, row in enumerate(rows):
        ids, scores = compared.search.search(row, 3)
        assert ids[0] == new[number]
        assert scores[0] == pytest.approx(1.0, abs=1e-3)
    assert compared.search.name == compared.mirror.index.name
    ids, _ = compared.search.search(rows[0], 3, Filter(formats=("tiff",)))
    assert not ids.size
    compared.library.catalog.marks.favourite(gone)  # not sent yet, and counted all the same
    ids, _ = compared.search.search(rows[0], 200, Filter(is_favourite=True))
    assert gone[0] in ids
    compared.mirror.sync()  # the other tests ask the engine alone


@pytest.mark.full
@pytest.mark.parametrize("server", SERVERS)
def test_twenty_thousand_vectors_of_512_numbers(
    server: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    node: Node = request.getfixturevalue(server)
    folder = tmp_path_factory.mktemp("large")
    with opened(folder, 512) as library:
        library.add(clustered(20_000, 512, clusters=2_000))
        mirror = Mirror(library, node, "parity-large", node.url)
        mirror.sync()
        embedded = EmbeddedIndex(folder / "index", mirror.mirrored.source, MODEL, 512)
        search = EngineFirst(
            engine=lambda: mirror.index, embedded=lambda: embedded, mirrored=mirror.mirrored, changes=library.catalog.changes
        )
        shared = []
        for question in clustered(100, 512, seed=3, clusters=2_000):
            ids, _ = search.search(question, 10)
            assert search.name == mirror.index.name
            shared.append(len(set(ids.tolist()) & set(embedded.search(question, 10)[0].tolist())) / 10)
        assert float(np.mean(shared)) >= 0.97
        embedded.close()
        mirror.index.close()
    delete_indices(node, "parity-large")
