"""The commands of es-clip-image-search on real nodes: under their names, with their options, files and variables."""

import contextlib
import io
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from helios_desktop.cli.streaming import main

CHECKOUT = Path(__file__).resolve().parents[2]
COUNT = 600
FIELDS = {"url", "sourceUrl", "features", "@timestamp"}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The two files, the seventh vector zero."""
    folder = tmp_path_factory.mktemp("data")
    features = np.random.default_rng(5).standard_normal((COUNT, 512)).astype("float16")
    features[7] = 0
    np.save(folder / "features.npy", features)
    rows = "".join(f"photo-{number:04}\n" for number in range(COUNT))
    (folder / "photo_ids.csv").write_text("photo_id\n" + rows, encoding="utf-8")
    return folder


class Commands:
    """One engine and the commands that fill it."""

    def __init__(self, node, kind, index):
        self.node = node
        self.kind = kind
        self.index = index

    def run(self, command, *arguments, **variables):
        """Run in this process, which is a second sooner; the scripts are tried as processes below."""
        url = "OPENSEARCH_URL" if self.kind == "opensearch" else "ES_URL"
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            for name, value in {url: self.node.url, "INDEX_NAME": self.index, **variables}.items():
                patch.setenv(name, value)
            code = main([command, *map(str, arguments)])
        return subprocess.CompletedProcess(command, code, out.getvalue(), err.getvalue())

    def ok(self, command, *arguments, **variables):
        done = self.run(command, *arguments, **variables)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def create(self):
        return f"create-{self.kind}-index"

    @property
    def load(self):
        return f"index-unsplash-{self.kind}"

    def documents(self, index=None, size=COUNT):
        told = self.node.ask(f"/{index or self.index}/_search", "POST", {"size": size, "query": {"match_all": {}}})
        return {hit["_id"]: hit["_source"] for hit in told["hits"]["hits"]}


@pytest.fixture(params=["opensearch", "elasticsearch"])
def commands(request):
    node = request.getfixturevalue("opensearch_2" if request.param == "opensearch" else "elasticsearch_8")
    index = "streamed"
    yield Commands(node, request.param, index)
    for name in (index, "other", "managed-v1"):
        with contextlib.suppress(OSError):
            node.ask(f"/{name}", "DELETE")


def test_the_ancestors_way_from_nothing_to_documents(commands, data):
    assert "created" in commands.ok(commands.create)
    mapping = commands.node.ask(f"/{commands.index}")[commands.index]["mappings"]
    assert mapping["dynamic"] == "strict"
    assert set(mapping["properties"]) == FIELDS
    assert "exists already" in commands.ok(commands.create)
    files = (data / "photo_ids.csv", data / "features.npy")
    assert "99 documents" in commands.ok(commands.load, "--start", 0, "--end", 100, *files)
    found = commands.documents()
    assert len(found) == 99
    one = found["https://unsplash.com/photos/photo-0003/"]
    assert set(one) == FIELDS
    assert one["sourceUrl"] == "https://unsplash.com/photos/photo-0003/"
    assert one["url"] == "https://unsplash.com/photos/photo-0003/download"
    assert np.linalg.norm(one["features"]) == pytest.approx(1, abs=1e-3)
    expected = np.load(data / "features.npy")[3].astype(np.float64)
    assert one["features"] == pytest.approx(expected / np.linalg.norm(expected), abs=1e-3)


def test_loading_makes_the_index_and_loading_again_changes_nothing(commands, data):
    files = (data / "photo_ids.csv", data / "features.npy")
    out = commands.run(commands.load, *files)
    assert out.returncode == 0, out.stderr
    assert "599 documents" in out.stdout
    assert "photo-0007" in out.stderr
    commands.ok(commands.load, "--start", "-10", *files)
    assert len(commands.documents()) == COUNT - 1


def test_options_stand_over_variables_and_names_over_hyphens(commands, data):
    option = "--opensearch_url" if commands.kind == "opensearch" else "--es_url"
    arguments = (option, commands.node.url, "--index_name", "other", "--end", 5)
    variables = {"OPENSEARCH_URL": "http://127.0.0.1:9", "ES_URL": "http://127.0.0.1:9"}
    command = commands.load.replace("-", "_")
    commands.ok(command, *arguments, data / "photo_ids.csv", data / "features.npy", **variables)
    assert len(commands.documents("other")) == 5


def test_the_scripts_of_the_checkout_are_these_commands(commands, data):
    script = CHECKOUT / "scripts" / commands.create.replace("-", "_")
    url = "OPENSEARCH_URL" if commands.kind == "opensearch" else "ES_URL"
    done = subprocess.run(
        [script],
        env={**os.environ, url: commands.node.url, "INDEX_NAME": commands.index},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "created" in done.stdout


def test_an_index_of_another_dimension_is_refused_before_anything_is_written(commands, data):
    field = {"type": "dense_vector", "dims": 3}
    settings = {}
    if commands.kind == "opensearch":
        field, settings = {"type": "knn_vector", "dimension": 3}, {"index.knn": True}
    mappings = {"properties": {"features": field}}
    commands.node.ask(f"/{commands.index}", "PUT", {"settings": settings, "mappings": mappings})
    refused = commands.run(commands.load, data / "photo_ids.csv", data / "features.npy")
    assert refused.returncode == 3
    assert "vectors of 3 numbers" in refused.stderr
    commands.node.ask(f"/{commands.index}/_refresh", "POST")
    assert commands.documents() == {}


def test_an_index_that_helios_keeps_in_step_is_refused(commands, data):
    mappings = {"_meta": {"helios": {"catalogue": "abc"}}}
    aliases = {commands.index: {}}
    commands.node.ask("/managed-v1", "PUT", {"mappings": mappings, "aliases": aliases})
    refused = commands.run(commands.load, data / "photo_ids.csv", data / "features.npy")
    assert refused.returncode == 3
    assert "helios unsplash import" in refused.stderr


def test_files_that_are_damaged_reach_no_engine(commands, data, tmp_path):
    (tmp_path / "features.npy").write_bytes((data / "features.npy").read_bytes()[:-100])
    refused = commands.run(commands.load, data / "photo_ids.csv", tmp_path / "features.npy")
    assert refused.returncode == 3
    assert "bytes" in refused.stderr
    with pytest.raises(OSError):
        commands.node.ask(f"/{commands.index}")


def test_index_precomputed_is_for_elasticsearch(elasticsearch_8, data):
    commands = Commands(elasticsearch_8, "elasticsearch", "precomputed")
    commands.ok("index-precomputed", "--end", 3, data / "photo_ids.csv", data / "features.npy")
    assert len(commands.documents()) == 3
    elasticsearch_8.ask("/precomputed", "DELETE")


def test_a_document_can_be_found_by_its_vector(commands, data):
    """What the ancestor's page asks: the nearest, with url and sourceUrl."""
    commands.ok(commands.load, data / "photo_ids.csv", data / "features.npy")
    vector = np.load(data / "features.npy")[42].astype(float).tolist()
    if commands.kind == "opensearch":
        body = {"query": {"knn": {"features": {"vector": vector, "k": 3}}}}
    else:
        body = {"knn": {"field": "features", "query_vector": vector, "k": 3, "num_candidates": 50}}
    told = commands.node.ask(f"/{commands.index}/_search", "POST", {**body, "_source": {"excludes": ["features"]}})
    best = told["hits"]["hits"][0]
    assert best["_id"] == best["_source"]["sourceUrl"] == "https://unsplash.com/photos/photo-0042/"
    json.dumps(told)
