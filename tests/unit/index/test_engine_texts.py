"""Names, words, errors and bulk answers: what is said to engines and understood of them, without one."""

import json
from datetime import UTC, datetime

import numpy as np
import orjson
import pytest

from helios_desktop.domain import Filter, Metadata, Photo, PhotoState
from helios_desktop.errors import SettingsError
from helios_desktop.index.engine_bulk import send_bulk
from helios_desktop.index.engine_documents import PhotoFacts, delete_line, folders_above, path_key, upsert_line
from helios_desktop.index.engine_errors import EngineError, EngineFault, answered, fault_of
from helios_desktop.index.engine_filters import beyond, condition_of, moment
from helios_desktop.index.engine_names import IndexNames, checked_alias, fitting, write_alias
from helios_desktop.index.engine_words import words

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "kind", "reason", "fault"),
    [
        (401, "security_exception", "no", EngineFault.CREDENTIALS),
        (403, "security_exception", "no", EngineFault.CREDENTIALS),
        (429, "es_rejected_execution_exception", "queue", EngineFault.BUSY),
        (429, "cluster_block_exception", "disk usage exceeded flood-stage watermark", EngineFault.DISK_FULL),
        (403, "cluster_block_exception", "index read-only / allow delete (api): read-only-allow-delete", EngineFault.DISK_FULL),
        (400, "mapper_parsing_exception", "no", EngineFault.REFUSED),
        (404, "index_not_found_exception", "no", EngineFault.MISSING),
        (408, "", "", EngineFault.BUSY),
        (413, "", "", EngineFault.TOO_LARGE),
        (500, "", "", EngineFault.BUSY),
        (502, "", "", EngineFault.UNREACHABLE),
        (503, "unavailable_shards_exception", "", EngineFault.BUSY),
        (504, "", "", EngineFault.UNREACHABLE),
    ],
)
def test_each_answer_means_one_fault(status, kind, reason, fault):
    assert fault_of(status, kind, reason) is fault
    error = answered("https://a", status, kind, reason)
    assert error.message
    assert error.remedy


def test_only_what_passes_by_itself_is_tried_again():
    assert {fault for fault in EngineFault if fault.is_passing} == {EngineFault.UNREACHABLE, EngineFault.BUSY}


def test_an_index_is_named_by_alias_library_model_and_version():
    names = IndexNames(alias="images", library="photos", model_id="starter-1")
    assert names.versioned(3) == "images-photos-starter-1-v3"
    assert names.version_of("images-photos-starter-1-v3") == 3
    assert names.version_of("images-photos-starter-1-v3-write") is None
    assert names.version_of("images-photos-starter-12-v3") is None
    assert write_alias("x-v1") == "x-v1-write"


def test_models_whose_names_differ_only_in_what_engines_do_not_take_get_different_names():
    texts = ["ViT-B/32", "vit-b/32", "ViT-B 32", "vit-b-32", "..", "*"]
    found = {fitting(text) for text in texts}
    assert len(found) == len(texts)
    assert all(name == name.lower() and not set(name) & set('/\\*?"<>| ,#:') for name in found)
    assert len(IndexNames(alias="a" * 64, library="l" * 32, model_id="m" * 500).versioned(9_999_999).encode()) < 240


@pytest.mark.parametrize("alias", ["", "Images", "-images", "a/b", "a,b", "*", "a" * 65, "x-write"])
def test_a_name_that_engines_do_not_take_is_refused(alias):
    with pytest.raises(SettingsError):
        checked_alias(alias)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("IMG_0101.jpg", "img 0101 jpg"),
        ("Grüße aus Köln", "gruße aus koln"),
        ("Çelik--Ünal", "celik unal"),
        ("東京", "東 京"),
        ("...", ""),
        ("a\ud800b", "a b"),
    ],
)
def test_words_are_those_of_the_catalogue(text, expected):
    assert words(text) == expected


def test_a_path_is_one_keyword_whatever_its_bytes_are():
    paths = [b"/a/b", b"/a/\xff", b"/a/%FF", "/a/ü".encode(), b"/" + b"x" * 9000, b"/" + b"x" * 9001]
    keys = [path_key(path) for path in paths]
    assert len(set(keys)) == len(paths)
    assert max(map(len, keys)) <= 8000
    assert folders_above(b"/a/b/c.jpg") == [b"/a/b", b"/a", b"/"]


def a_photo(**changes):
    fields = {"photo_id": 7, "root_id": 1, "path": b"/p/x y.JPG", "display": "", "size": 5, "mtime_ns": 0}
    return Photo(**{**fields, "state": PhotoState.INDEXED, **changes})


def test_a_document_has_what_the_ancestors_readers_expect_and_what_filters_need():
    facts = PhotoFacts(
        photo=a_photo(format="JPEG", metadata=Metadata(camera=" Nikon  D1 ", latitude=1.0, longitude=2.0, rating=3)),
        taken_at="2024-01-01T00:00:00",
        texts=("x y.JPG", "...", "Köln"),
    )
    action, document = upsert_line(facts, np.array([0.123456789, 1.0], np.float32), NOW, 12).splitlines()
    assert orjson.loads(action) == {"index": {"_id": "7", "version": 12, "version_type": "external_gte"}}
    found = orjson.loads(document)
    assert found["url"] == found["sourceUrl"] == "file:///p/x%20y.JPG"
    assert found["features"] == [0.123457, 1.0]
    assert found["@timestamp"] == "2026-01-02T03:04:05.000Z"
    assert (found["camera"], found["format"], found["rating"]) == ("nikon d1", "jpeg", 3)
    assert found["words"] == ["x y jpg", "koln"]
    assert found["place"] == {"lat": 1.0, "lon": 2.0}
    assert "lens" not in found


def test_a_remote_photo_keeps_the_ancestors_id_and_has_no_path():
    facts = PhotoFacts(photo=a_photo(path=b"", url="https://u/d", source_url="https://u/"))
    action, document = upsert_line(facts, np.ones(1, np.float32), NOW, None).splitlines()
    assert orjson.loads(action) == {"index": {"_id": "https://u/"}}
    assert set(orjson.loads(document)) == {"url", "sourceUrl", "features", "@timestamp", "photo_id"}


def test_a_filter_that_lets_everything_pass_is_no_condition():
    assert condition_of(None) is None
    assert condition_of(Filter()) is None
    assert beyond(Filter(cameras=("x",), album_id=3)) == Filter(album_id=3)
    assert condition_of(Filter(), [1, 2]) is not None


def test_stars_in_a_cameras_name_are_stars():
    assert '"*a\\\\*\\\\?\\\\\\\\*"' in json.dumps(condition_of(Filter(cameras=("a*?\\",))))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024", "2024-01-01"),
        ("2024-06", "2024-06-01"),
        ("2024-06-02", "2024-06-02"),
        ("2024-06-02 10:11", "2024-06-02T10:11:00"),
        ("2024-06-02T10:11:12.5+02:00", "2024-06-02T10:11:12"),
        ("2024-06-02T10:11Z", "2024-06-02T10:11:00"),
    ],
)
def test_dates_are_wall_clocks(text, expected):
    assert moment(text) == expected


class ScriptedEngine:
    """Answers bulk requests from a list; keeps their bodies."""

    where = "http://engine"

    def __init__(self, *answers):
        self.answers = list(answers)
        self.bodies = []

    def request(self, method, path, *, params=None, body=None, is_lines=False, timeout_seconds=0.0):
        self.bodies.append(body)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def item(action, status, kind="", reason=""):
    told = {"_id": "x", "status": status}
    return {action: told | ({"error": {"type": kind, "reason": reason}} if kind else {})}


def test_each_document_of_a_bulk_request_is_judged_on_its_own():
    items = [
        item("index", 201),
        item("index", 429, "es_rejected_execution_exception", "queue"),
        item("index", 400, "mapper_parsing_exception", "bad"),
        item("index", 409, "version_conflict_engine_exception", "newer"),
        item("delete", 404),
        item("delete", 404, "index_not_found_exception", "gone"),
    ]
    outcome = send_bulk(ScriptedEngine({"errors": True, "items": items}), "t", [b"line\n"] * 6)
    assert (outcome.done, outcome.again) == (3, [1, 5])
    assert [one.reason for one in outcome.refused] == ["mapper_parsing_exception: bad"]
    assert outcome.fault.fault is EngineFault.MISSING  # the more serious one of the two


def test_half_an_answer_means_that_all_is_sent_again():
    outcome = send_bulk(ScriptedEngine({"errors": True, "items": [item("index", 201)]}), "t", [b"a\n", b"b\n"])
    assert outcome.again == [0, 1]
    assert outcome.fault.fault.is_passing


def test_a_request_that_is_too_large_is_halved_until_it_fits_and_one_document_alone_is_refused():
    too_large = answered("http://engine", 413, "", "")
    fine = {"errors": False}
    engine = ScriptedEngine(too_large, fine, too_large, fine, too_large)
    outcome = send_bulk(engine, "t", [b"1\n", b"2\n", b"3\n", b"4\n"])
    assert [body.count(b"\n") for body in engine.bodies] == [4, 2, 2, 1, 1]
    assert (outcome.done, len(outcome.refused), outcome.again) == (3, 1, [])


def test_other_failures_of_the_whole_request_are_raised():
    with pytest.raises(EngineError):
        send_bulk(ScriptedEngine(answered("http://engine", 503, "", "")), "t", [delete_line("1", None)])
