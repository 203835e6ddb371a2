"""The Unsplash library on real nodes: sent, asked, changed, removed, and answered without a node as well."""

import uuid

import numpy as np
import pytest

from helios_desktop.app import build
from helios_desktop.engine_control import EngineChoice
from helios_desktop.errors import QueryError
from helios_desktop.paths import AppPaths

COUNT = 500


class Walk:
    """An application with a home of its own and an alias of its own on the node."""

    def __init__(self, folder, node, kind):
        self.folder = folder
        self.node = node
        self.kind = kind
        self.alias = f"walk-{uuid.uuid4().hex[:8]}"
        home = {"config": "config", "data": "data", "cache": "cache", "log": "log"}
        self.app = build(AppPaths(**{name: folder / "home" / place for name, place in home.items()}))

    def write(self):
        np.save(self.folder / "features.npy", np.random.default_rng(1).standard_normal((COUNT, 512)).astype("float16"))
        rows = "".join(f"id_{number}\n" for number in range(COUNT))
        (self.folder / "photo_ids.csv").write_text("photo_id\n" + rows, encoding="utf-8")

    def take_in(self, end=None):
        files = (self.folder / "photo_ids.csv", self.folder / "features.npy")
        self.app.libraries.import_unsplash(*files, start=None, end=end, model=None, is_dry_run=False, listener=lambda _: None)

    def use(self):
        self.app.search_engine.use(EngineChoice(engine=self.kind, urls=(self.node.url,), index=self.alias))

    def similar(self):
        result = self.app.libraries.similar("unsplash", "id_3", 10)
        return result.engine, [(hit.photo.source_url, round(hit.score, 4)) for hit in result.hits]


@pytest.fixture(params=["opensearch", "elasticsearch"])
def walk(request, tmp_path):
    node = request.getfixturevalue("opensearch_2" if request.param == "opensearch" else "elasticsearch_8")
    made = Walk(tmp_path, node, request.param)
    made.write()
    yield made
    made.app.close()
    for name in node.ask(f"/{made.alias}*/_settings"):
        node.ask(f"/{name}", "DELETE")


def test_a_library_goes_to_the_engine_and_answers_there_as_it_does_here(walk):
    walk.take_in()
    engine, here = walk.similar()
    assert engine == "embedded"
    walk.use()
    sent = {one.index: one.sent for one in walk.app.search_engine.sync()}
    (index,) = [name for name in sent if name.startswith(f"{walk.alias}-unsplash-")]
    assert sent[index] == COUNT
    assert walk.similar() == (walk.kind, here)
    assert list(walk.node.ask(f"/{walk.alias}/_alias")) == [index]  # the ancestor's readers find Unsplash
    told = walk.node.ask(f"/{walk.alias}/_doc/https%3A%2F%2Funsplash.com%2Fphotos%2Fid_3%2F")["_source"]
    assert told["url"] == "https://unsplash.com/photos/id_3/download"
    assert all(one.is_sound for one in walk.app.search_engine.verify())


def test_what_is_imported_later_and_what_is_removed_reaches_the_engine(walk):
    walk.take_in(end=100)
    walk.use()
    walk.app.search_engine.sync()
    walk.take_in()
    walk.app.search_engine.sync()
    (status,) = [one for one in walk.app.search_engine.status().libraries if one.library == "unsplash"]
    assert (status.photos, status.there, status.behind) == (COUNT, COUNT, 0)
    walk.app.libraries.remove("unsplash")
    walk.app.search_engine.sync()
    assert not [name for name in walk.node.ask(f"/{walk.alias}*/_settings") if "unsplash" in name]
    with pytest.raises(QueryError):
        walk.similar()
