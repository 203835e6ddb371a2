"""``GET /?search=WORDS&db=...`` on real nodes: the index that ``OPENSEARCH_URL`` or ``ES_URL`` names gives its own answer."""

import contextlib
import http.client
import json
import uuid

import pytest

from helios_desktop.app import build
from helios_desktop.embed.onnx_embedder import open_pack
from helios_desktop.paths import AppPaths, resources_dir
from helios_desktop.web.options import ServeOptions
from helios_desktop.web.server import WebServer

THINGS = ["a cat", "a dog", "a boat", "bread", "snow", "a horse", "a tree", "a car", "the sea", "a bird", *map(str, range(20))]


def got(server, path):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    assert response.status == 200, body
    return json.loads(body)


@pytest.mark.parametrize(
    ("fixture", "variable", "kind", "field"),
    [
        ("opensearch_2", "OPENSEARCH_URL", "opensearch", {"type": "knn_vector"}),
        ("elasticsearch_8", "ES_URL", "elasticsearch", {"type": "dense_vector", "index": False}),
    ],
)
def test_the_index_that_a_variable_names_answers_by_itself(request, tmp_path, monkeypatch, fixture, variable, kind, field):
    node = request.getfixturevalue(fixture)
    name = f"ancestor-{uuid.uuid4().hex[:8]}"
    with contextlib.closing(open_pack(resources_dir() / "models" / "starter", threads=1)) as embedder:
        rows = embedder.embed_text(THINGS)
        model = str(embedder.model_id)
    size = {"dimension": rows.shape[1]} if kind == "opensearch" else {"dims": rows.shape[1]}
    keyword = {"type": "keyword"}
    properties = {"url": keyword, "sourceUrl": keyword, "features": field | size, "@timestamp": {"type": "date"}}
    mappings = {"dynamic": "strict", "_meta": {"helios": {"model": model}}, "properties": properties}
    node.ask(f"/{name}", "PUT", {"mappings": mappings})
    lines = []
    for thing, row in zip(THINGS, rows.tolist(), strict=True):
        page = f"https://unsplash.com/photos/{thing.replace(' ', '-')}/"
        document = {"url": f"{page}download", "sourceUrl": page, "features": row, "@timestamp": "2021-03-04T05:06:07Z"}
        lines += [json.dumps({"index": {"_id": page}}), json.dumps(document)]
    assert not node.ask(f"/{name}/_bulk?refresh=true", "POST", lines)["errors"]
    monkeypatch.setenv(variable, node.url)
    monkeypatch.setenv("INDEX_NAME", name)
    home = {place: tmp_path / place for place in ("config", "data", "cache", "log")}
    with build(AppPaths(**home)) as app:
        server = WebServer(app, ServeOptions(port=0), tmp_path / "web")
        server.start()
        try:
            answer = got(server, f"/?search=a%20boat&db={kind}")
            libraries = got(server, "/api/status")["libraries"]
            found = got(server, f"/api/search?q=a+boat&library={kind}&limit=3&offset=1")
        finally:
            server.stop()
    node.ask(f"/{name}", "DELETE")
    hits = answer["hits"]["hits"]
    assert len(hits) == 18
    assert hits[0]["_id"] == "https://unsplash.com/photos/a-boat/"
    assert hits[0]["_index"] == name
    assert set(hits[0]["_source"]) == {"url", "sourceUrl", "@timestamp"}
    assert [hit["_score"] for hit in hits] == sorted((hit["_score"] for hit in hits), reverse=True)
    assert libraries == [{"name": kind, "photos": len(THINGS), "words": True}]  # the page offers it
    assert [hit["sourceUrl"] for hit in found["hits"]] == [hit["_id"] for hit in hits[1:4]]
    assert found["total"] == len(THINGS)
