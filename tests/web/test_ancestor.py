"""Callers of es-clip-image-search: their request, their engine's answer, and a page like theirs that asks our backend."""

import contextlib
import functools
import http.server
import threading
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from web.browsers import Page, start_chromium

from helios_desktop.app import build
from helios_desktop.domain import Query, TextTerm
from helios_desktop.embed.onnx_embedder import open_pack
from helios_desktop.paths import AppPaths, resources_dir

THINGS = (
    "a cat",
    "a dog",
    "a boat",
    "a house",
    "a tree",
    "a car",
    "bread",
    "a mountain",
    "the sea",
    "snow",
    "a bird",
    "a horse",
)
COUNT = 40


@pytest.fixture(scope="module")
def unsplash(tmp_path_factory):
    """A library of Unsplash whose vectors are those of words, so that words find them."""
    home = tmp_path_factory.mktemp("ancestor")
    paths = AppPaths(config=home / "config", data=home / "data", cache=home / "cache", log=home / "log")
    with contextlib.closing(open_pack(resources_dir() / "models" / "starter", threads=1)) as embedder:
        named = embedder.embed_text(list(THINGS))
        model = str(embedder.model_id)
    noise = np.random.default_rng(1).standard_normal((COUNT - len(THINGS), named.shape[1]))
    rows = np.concatenate([named, noise / np.linalg.norm(noise, axis=1, keepdims=True)])
    np.save(home / "features.npy", rows.astype(np.float16))
    ids = [thing.replace(" ", "-") for thing in THINGS] + [f"other-{number}" for number in range(COUNT - len(THINGS))]
    (home / "photo_ids.csv").write_text("\n".join(["photo_id", *ids]) + "\n", encoding="utf-8")
    with build(paths) as app:
        app.libraries.import_unsplash(
            home / "photo_ids.csv",
            home / "features.npy",
            start=None,
            end=None,
            model=model,
            is_dry_run=False,
            listener=lambda _: None,
        )
        yield app


@pytest.mark.parametrize(
    ("db", "told"), [("opensearch", lambda cosine: (1 + cosine) / 2), ("elasticsearch", lambda cosine: 1 + cosine)]
)
def test_the_answer_is_that_of_the_engine(serve, unsplash, db, told):
    _, client = serve(unsplash)
    answer = client.get(f"/?search=a%20cat&db={db}").json()
    assert set(answer) == {"took", "timed_out", "_shards", "hits"}
    assert set(answer["hits"]) == {"total", "max_score", "hits"}
    hits = answer["hits"]["hits"]
    assert len(hits) == 18
    assert hits[0]["_id"] == "https://unsplash.com/photos/a-cat/"
    for hit in hits:
        assert set(hit) == {"_index", "_id", "_score", "_source"}
        assert set(hit["_source"]) == {"url", "sourceUrl", "@timestamp"}
        assert hit["_source"]["sourceUrl"] == hit["_id"]
        assert hit["_source"]["url"] == hit["_id"] + "download"
        assert datetime.fromisoformat(hit["_source"]["@timestamp"]).year >= 2024
    same = unsplash.search(Query(terms=(TextTerm(text="a cat"),), limit=18, library="unsplash"))
    assert [hit["_id"] for hit in hits] == [hit.photo.source_url for hit in same.hits]
    assert [hit["_score"] for hit in hits] == pytest.approx([told(hit.score) for hit in same.hits])
    assert answer["hits"]["max_score"] == hits[0]["_score"]


def test_without_a_database_elasticsearch_is_meant_and_another_one_is_refused_with_a_sentence(serve, unsplash):
    _, client = serve(unsplash)
    assert (
        client.get("/?search=a%20cat").json()["hits"]["hits"]
        == client.get("/?search=a+cat&db=elasticsearch").json()["hits"]["hits"]
    )
    refused = client.get("/?search=a%20cat&db=solr")
    assert refused.status == 400
    assert refused.json()["detail"].endswith(".")


def test_words_are_one_text_as_there_whatever_they_look_like(serve, unsplash):
    _, client = serve(unsplash)
    for words in ("a%20%22cat%22", "-cat", "after:2020%20cat", "2:cat", "%F0%9F%90%88", "%00cat"):
        assert len(client.get(f"/?search={words}&db=opensearch").json()["hits"]["hits"]) == 18
    assert client.get("/?search=&db=opensearch").json()["hits"]["hits"] == []
    assert client.get("/?search=%20%20&db=opensearch").status == 200


def test_its_page_may_read_the_answer_from_port_3000_and_others_may_not(serve, unsplash):
    _, client = serve(unsplash)
    for origin in ("http://localhost:3000", "http://127.0.0.1:3000"):
        assert client.get("/?search=cat", Origin=origin).headers["access-control-allow-origin"] == origin
    assert client.get("/?search=cat", Origin="http://evil.example").status == 403


def test_without_a_library_the_reason_and_the_remedy_are_told(client):
    refused = client.get("/?search=cat&db=opensearch")
    assert refused.status == 400
    assert "unsplash" in refused.json()["detail"]


def test_a_variable_that_names_an_engine_with_a_password_over_plain_http_is_refused(serve, library, monkeypatch):
    monkeypatch.setenv("OPENSEARCH_URL", "http://admin:admin@opensearch:9200")
    _, client = serve()
    refused = client.get("/?search=cat&db=opensearch")
    assert refused.status >= 400
    assert "https" in refused.json()["detail"] + refused.json()["remedy"]
    assert b"admin:admin" not in refused.body


@pytest.fixture
def page_server():
    """The page, served from an origin of its own."""
    handler = functools.partial(_Quiet, directory=str(Path(__file__).parent))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing."""


@pytest.mark.parametrize("is_named", [True, False])
def test_a_page_like_its_own_asks_our_backend(serve, unsplash, page_server, is_named):
    server, _ = serve(unsplash, origins=(page_server,) if is_named else ())
    driver = start_chromium()
    try:
        page = Page(driver, page_server)
        driver.get(f"{page_server}/ancestors_page.html?db=opensearch&api={server.address}")
        page.find("#words").send_keys("a boat")
        page.until(lambda: page.text("#state"))
        if is_named:
            page.until(lambda: page.text("#state") == "18 pictures")
            assert page.find("img").get_attribute("id") == "https://unsplash.com/photos/a-boat/"
            assert page.find("img").get_attribute("src") == "https://unsplash.com/photos/a-boat/download?w=640"
            assert page.find("figure a").get_attribute("href") == "https://unsplash.com/photos/a-boat/"
        else:
            page.until(lambda: "down" in page.text("#state"))
    finally:
        driver.quit()
