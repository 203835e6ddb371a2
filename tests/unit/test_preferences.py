"""Settings that are changed while the application runs count at once; secrets of an engine never reach a file."""

import os
import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import keyring
import pytest
from hub_downloads import REPOSITORY, export_files, server
from memory_keyring import MemoryKeyring
from PIL import Image

from helios_desktop.app import build
from helios_desktop.engine_control import EngineChoice
from helios_desktop.errors import KnownError
from helios_desktop.parts.engines import connection_of
from helios_desktop.passwords import keep_key, kept_key
from helios_desktop.paths import AppPaths
from helios_desktop.settings import Settings

__all__ = ["export_files", "server"]
PATIENCE_SECONDS = 60


@pytest.fixture
def app(tmp_path):
    with build(AppPaths(**{name: tmp_path / "home" / name for name in ("config", "data", "cache", "log")})) as made:
        yield made


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "Pictures"
    (folder / "Screenshots").mkdir(parents=True)
    an_hour_ago = time.time() - 3600
    for name in ("red.jpg", "Screenshots/blue.jpg"):
        Image.new("RGB", (320, 240), name.split("/")[-1].removesuffix(".jpg")).save(folder / name)
        os.utime(folder / name, (an_hour_ago, an_hour_ago))
    return folder


@contextmanager
def waiting_for(app, is_so):
    """Hear of progress until something is so."""
    heard = threading.Event()
    unsubscribe = app.subscribe(lambda _progress: heard.set())
    yield
    ends = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        heard.wait(0.1)
        heard.clear()
        assert time.monotonic() < ends
    unsubscribe()


def test_patterns_count_at_once_in_both_directions(app, photos):
    app.index([os.fsencode(photos)], lambda _progress: None)
    assert app.counts().indexed == 2
    app.start()
    with waiting_for(app, lambda: app.counts().indexed == 1):
        app.preferences.change({"ignore": ("Screenshots",)})
    with waiting_for(app, lambda: app.counts().indexed == 2):
        app.preferences.change({"ignore": ()})


def test_thumbnails_keep_to_their_room_and_come_back_after_clearing(app, photos):
    app.index([os.fsencode(photos)], lambda _progress: None)
    [first, _second] = app.photos(app.browse(app.understand("", _everything()).query.filter))
    assert app.clear_cache() > 0
    assert app.thumbnail(first.content_hash)
    app.preferences.change({"cache_megabytes": 1})
    assert app.thumbnail(first.content_hash)
    assert app.clear_cache() > 0
    assert app.clear_cache() == 0


def _everything():
    from helios_desktop.domain import Filter

    return Filter()


def test_a_file_is_tried_again_when_somebody_asks(app, photos):
    bad = photos / "bad.jpg"
    bad.write_bytes((photos / "red.jpg").read_bytes()[:400])
    an_hour_ago = time.time() - 3600
    os.utime(bad, (an_hour_ago, an_hour_ago))
    app.index([os.fsencode(photos)], lambda _progress: None)
    [problem] = app.problems()
    assert app.try_again([problem.photo_id]) == 1
    assert app.problems() == []
    app.index([], lambda _progress: None)
    assert [one.photo_id for one in app.problems()] == [problem.photo_id]
    assert app.try_again([10**9]) == 0


def test_another_device_makes_embedders_anew(app):
    before = app._parts.embedder()
    app.preferences.change({"device": "cpu"})
    assert app._parts.embedder() is not before


@pytest.fixture
def memory():
    before = keyring.get_keyring()
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


def test_an_api_key_comes_from_the_keyring_and_is_in_no_repr(memory):
    settings = Settings(engine="opensearch", engine_urls=("https://search.example:9200",), engine_key_kept=True)
    assert connection_of(settings).api_key == ""
    keep_key("https://search.example:9200", "canary")
    connection = connection_of(settings)
    assert connection.api_key == kept_key("https://search.example:9200") == "canary"
    assert "canary" not in repr(connection)
    assert connection_of(replace(settings, engine_key_kept=False)).api_key == ""
    assert "canary" not in repr(EngineChoice(engine="opensearch", api_key="canary"))


def test_an_engine_that_does_not_answer_is_a_sentence_and_changes_nothing(app, memory):
    before = app.preferences.now()
    choice = EngineChoice(engine="opensearch", urls=("http://127.0.0.1:9",))
    for ask in (app.search_engine.test, app.search_engine.use):
        with pytest.raises(KnownError) as caught:
            ask(choice)
        assert caught.value.remedy
    with pytest.raises(KnownError, match="plain http"):
        app.search_engine.test(replace(choice, urls=("http://search.example:9200",), api_key="canary"))
    assert app.preferences.now() == before
    assert memory.kept == {}


def test_what_came_over_the_network_is_named(app, server):
    assert app.model_store.fetched() == []
    app.model_store.download(REPOSITORY, endpoint=server.url)
    assert app.model_store.fetched() == [(REPOSITORY.split("/")[1], f"{server.url}/{REPOSITORY}")]
