"""Indices that other programs wrote, on real nodes: searched as they are, and never written to."""

import json
import uuid

import numpy as np
import pytest

from helios_desktop.app import build
from helios_desktop.domain import Query, TextTerm
from helios_desktop.engine_control import EngineChoice
from helios_desktop.errors import ModelError, QueryError
from helios_desktop.index.engine_connection import EngineConnection
from helios_desktop.index.engine_errors import EngineError
from helios_desktop.index.engines import connect
from helios_desktop.paths import AppPaths
from helios_desktop.pipeline.foreign_index import ForeignIndex

COUNT, DIM = 1_200, 512
STAMP = "2021-03-04T05:06:07.890Z"

GRAPH = {"name": "hnsw", "engine": "lucene", "space_type": "cosinesimil", "parameters": {"m": 16, "ef_construction": 100}}
SHAPES = {
    "opensearch, graph": (
        "opensearch_2",
        {"index.knn": True},
        {"type": "knn_vector", "dimension": DIM, "method": GRAPH},
    ),
    "opensearch, no graph": ("opensearch_2", {}, {"type": "knn_vector", "dimension": DIM}),
    "elasticsearch, graph": (
        "elasticsearch_8",
        {},
        {"type": "dense_vector", "dims": DIM, "index": True, "similarity": "cosine"},
    ),
    "elasticsearch 9, graph": ("elasticsearch_9", {}, {"type": "dense_vector", "dims": DIM, "index": True}),
    "opensearch 3, graph": (
        "opensearch_3",
        {"index.knn": True},
        {"type": "knn_vector", "dimension": DIM, "method": GRAPH},
    ),
    "elasticsearch 7.11, no graph": ("elasticsearch_8", {}, {"type": "dense_vector", "dims": DIM, "index": False}),
}


def page(number):
    return f"https://unsplash.com/photos/photo-{number}/"


class Foreign:
    """An index as es-clip-image-search made it: strict, four fields, no word of who made it."""

    def __init__(self, node, kind, name, settings, field):
        self.node = node
        self.kind = kind
        self.name = name
        self.is_rough = field.get("index") is True
        keyword = {"type": "keyword"}
        properties = {"url": keyword, "sourceUrl": keyword, "features": field, "@timestamp": {"type": "date"}}
        node.ask(f"/{name}", "PUT", {"settings": settings, "mappings": {"dynamic": "strict", "properties": properties}})
        self.rows = np.random.default_rng(3).standard_normal((COUNT, DIM)).astype(np.float32)
        self.unit = self.rows / np.linalg.norm(self.rows, axis=1, keepdims=True)
        lines = []
        for number, row in enumerate(self.rows.tolist()):  # not of unit length: it did not bring them to it
            document = {"url": f"{page(number)}download", "sourceUrl": page(number), "features": row, "@timestamp": STAMP}
            lines += [json.dumps({"index": {"_id": page(number)}}), json.dumps(document)]
        assert not node.ask(f"/{name}/_bulk?refresh=true", "POST", lines)["errors"]

    def nearest(self, question, k):
        scores = self.unit @ question
        return [(page(number), scores[number]) for number in np.argsort(-scores, kind="stable")[:k].tolist()]

    def agrees(self, found, expected):
        """Elasticsearch keeps eight bits of a number in its graphs unless told otherwise: scores move by some thousandths."""
        if self.is_rough:
            assert len(found) == len(expected)
            assert len({name for name, _ in found} & {name for name, _ in expected}) >= len(expected) - 2
            assert found[0][1] == pytest.approx(expected[0][1], abs=5e-3)
        else:
            assert found == [(name, pytest.approx(score, abs=1e-5)) for name, score in expected]

    def written(self):
        """What changes with any write: the index as it is described, and how often it was written to."""
        told = self.node.ask(f"/{self.name}/_stats/indexing,docs")["_all"]["primaries"]
        counts = {key: number for key, number in told["indexing"].items() if key.endswith("_total")}
        return self.node.ask(f"/{self.name}"), told["docs"]["count"], counts


@pytest.fixture(params=SHAPES)
def foreign(request):
    fixture, settings, field = SHAPES[request.param]
    node = request.getfixturevalue(fixture)
    made = Foreign(node, fixture.partition("_")[0], f"foreign-{uuid.uuid4().hex[:8]}", settings, field)
    yield made
    node.ask(f"/{made.name}", "DELETE")


@pytest.fixture
def question():
    row = np.random.default_rng(8).standard_normal(DIM).astype(np.float32)
    return row / np.linalg.norm(row)


@pytest.fixture
def app(foreign, tmp_path):
    home = {"config": "config", "data": "data", "cache": "cache", "log": "log"}
    with build(AppPaths(**{name: tmp_path / place for name, place in home.items()})) as app:
        app.search_engine.use(EngineChoice(engine=foreign.kind, urls=(foreign.node.url,), index="helios-own"))
        yield app


def test_the_engines_own_answer_and_hits_scored_by_cosine(foreign, question):
    before = foreign.written()
    engine, _ = connect(EngineConnection(urls=(foreign.node.url,)))
    index = ForeignIndex(engine, foreign.name)
    described = index.described()
    assert (described.dim, described.count, described.model_id) == (DIM, COUNT, "")
    answer = index.answer(question, 18)
    hits = answer["hits"]["hits"]
    assert answer["hits"]["total"]["value"] >= 18
    assert len(hits) == 18
    assert [hit["_score"] for hit in hits] == sorted((hit["_score"] for hit in hits), reverse=True)
    assert hits[0]["_source"] == {"url": f"{hits[0]['_id']}download", "sourceUrl": hits[0]["_id"], "@timestamp": STAMP}
    found = index.hits(question, 18)
    foreign.agrees([(hit.document_id, hit.score) for hit in found], foreign.nearest(question, 18))
    assert {"url": found[0].url, "sourceUrl": found[0].source_url, "@timestamp": found[0].timestamp} == hits[0]["_source"]
    engine.close()
    assert foreign.written() == before


def test_its_photos_are_found_by_its_name_as_a_library(foreign, app):
    before = foreign.written()
    result = app.libraries.similar(foreign.name, "photo-7", 5)
    expected = [hit for hit in foreign.nearest(foreign.unit[7], 6) if hit[0] != page("7")]
    foreign.agrees([(hit.photo.source_url, hit.score) for hit in result.hits], expected)
    assert result.engine == foreign.kind
    assert result.total == COUNT
    assert foreign.written() == before


def test_words_need_the_model_that_made_the_vectors_and_say_so(foreign, app):
    with pytest.raises(ModelError, match="ViT-B-32__openai"):
        app.search(Query(terms=(TextTerm(text="two dogs"),), library=foreign.name))


def test_the_index_is_not_taken_for_ones_own(foreign, app):
    before = foreign.written()
    app.search_engine.use(EngineChoice(engine=foreign.kind, urls=(foreign.node.url,), index=foreign.name))
    with pytest.raises(EngineError, match="does not write to it") as refused:
        app.search_engine.sync()
    assert f"--library {foreign.name}" in refused.value.remedy
    for name in (foreign.name, "unsplash"):  # what the plain alias names is the Unsplash library, where none is here
        assert app.libraries.similar(name, "photo-7", 5).total == COUNT
    assert foreign.written() == before


def test_a_name_without_an_index_is_said_so(opensearch_2, tmp_path):
    engine, _ = connect(EngineConnection(urls=(opensearch_2.url,)))
    with pytest.raises(QueryError, match="is not there"):
        ForeignIndex(engine, "nobody-made-this").described()
    engine.close()
