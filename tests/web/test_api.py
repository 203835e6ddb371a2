"""The API over real sockets: the keys, the order, the errors, what may be kept, what is answered in parts."""

import gzip
import io
import json
import os

import pytest
from PIL import Image

from helios_desktop.domain import Filter, PhotoTerm, Query
from helios_desktop.web import schemas

HIT_KEYS = {"id", "name", "score", "taken_at", "width", "height", "thumbnail", "favourite"}


def quoted(**asked):
    from urllib.parse import urlencode

    return urlencode(asked, doseq=True)


def test_words_find_what_the_command_line_finds_in_the_same_order(client, library):
    answer = client.get("/api/search?" + quoted(q="a cat on a chair", limit=5)).json()
    schemas.SearchAnswer.model_validate(answer)
    same = library.search(library.parse("a cat on a chair"))
    assert [hit["id"] for hit in answer["hits"]] == [str(hit.photo.photo_id) for hit in same.hits[:5]]
    assert [hit["score"] for hit in answer["hits"]] == [round(hit.score, 6) for hit in same.hits[:5]]
    assert set(answer["hits"][0]) == HIT_KEYS
    assert answer["hits"][0]["name"] == "IMG_0112.jpg"
    assert answer["total"] == len(library.browse(Filter()))


def test_pages_follow_one_another_without_a_gap_or_a_photo_twice(client):
    whole = client.get("/api/search?q=water&limit=50").json()
    address, ids = "/api/search?q=water&limit=4", []
    while address:
        page = client.get(address).json()
        ids += [hit["id"] for hit in page["hits"]]
        address = page["next"]
    assert ids == [hit["id"] for hit in whole["hits"]]
    assert len(set(ids)) == len(ids) > 8


def test_without_words_all_photos_answer_the_newest_first(client, library):
    answer = client.get("/api/search?limit=1000").json()
    assert [int(hit["id"]) for hit in answer["hits"]] == library.browse(Filter()).tolist()
    assert {hit["score"] for hit in answer["hits"]} == {None}


def test_a_photo_finds_photos_like_it_and_not_itself(client, library, id_of):
    cat = id_of["IMG_0112.jpg"]
    answer = client.get(f"/api/search?id={cat}&limit=3").json()
    same = library.search(Query(terms=(PhotoTerm(photo_id=cat),), limit=3))
    assert [hit["id"] for hit in answer["hits"]] == [str(hit.photo.photo_id) for hit in same.hits]
    assert str(cat) not in [hit["id"] for hit in answer["hits"]]


def test_filters_negatives_and_chips_mean_what_they_mean_in_the_window(client, id_of):
    placed = client.get("/api/search?" + quoted(camera="lumen")).json()
    assert [hit["name"] for hit in placed["hits"]] == ["placed.jpg"]
    assert client.get("/api/search?q=camera:lumen").json()["hits"] == placed["hits"]
    parts = client.get("/api/search?" + quoted(q='cat -dog "img"')).json()["parts"]
    assert [(part["kind"], part["without"]) for part in parts] == [
        ("words", '-dog "img"'),
        ("negative", 'cat "img"'),
        ("exact", "cat -dog"),
    ]
    away = client.get("/api/search?" + quoted(q="animal", **{"not": ["a cat", "a dog"]})).json()
    assert [part["kind"] for part in away["parts"]] == ["words", "negative", "negative"]
    none = client.get("/api/search?" + quoted(after="2031-01", format="png", rating=5)).json()
    assert none["hits"] == []


def test_a_picture_that_is_sent_finds_photos_like_it(client, photos):
    body = (photos / "samples" / "IMG_0112.jpg").read_bytes()
    answer = client.ask("/api/search/image?limit=2", "POST", body, Content_Type="image/jpeg")
    assert answer.status == 200
    schemas.SearchAnswer.model_validate(answer.json())
    assert answer.json()["hits"][0]["name"] == "IMG_0112.jpg"
    with_words = client.ask("/api/search/image?q=-cat&limit=1", "POST", body).json()
    assert [part["kind"] for part in with_words["parts"]] == ["negative"]


@pytest.mark.parametrize(("body", "status"), [(b"", 400), (b"no picture at all", 415), (b"\xff\xd8\xff\xe0cut", 415)])
def test_what_is_no_picture_is_said_without_a_path(client, body, status):
    answer = client.ask("/api/search/image", "POST", body)
    assert answer.status == status
    assert b"helios-upload" not in answer.body
    assert b"/tmp" not in answer.body


def test_a_photo_tells_what_is_known_of_it(client, id_of):
    record = client.get(f"/api/photos/{id_of['placed.jpg']}").json()
    schemas.PhotoRecord.model_validate(record)
    assert (record["folder"], record["camera"], record["width"], record["height"]) == ("Holiday photos", "Lumen X100", 600, 900)
    inner = client.get(f"/api/photos/{id_of['IMG_0112.jpg']}").json()
    assert inner["folder"] == "Holiday photos/samples"
    assert inner["original"] is None


def test_a_name_that_is_not_utf8_is_told_readably(client):
    names = [hit["name"] for hit in client.get("/api/search?limit=1000").json()["hits"]]
    assert "caf\\xe9.jpg" in names


def test_thumbnails_and_previews_are_upright_jpegs_that_may_be_kept(client, id_of):
    hit = client.get("/api/search?camera=lumen").json()["hits"][0]
    thumbnail = client.get(hit["thumbnail"])
    assert thumbnail.headers["cache-control"].endswith("immutable")
    assert thumbnail.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(thumbnail.body)) as image:
        assert image.size == (341, 512)
    assert client.get(hit["thumbnail"], If_None_Match=thumbnail.headers["etag"]).status == 304
    assert client.get(hit["thumbnail"].partition("?")[0]).headers["cache-control"] == "private, no-cache"
    preview = client.get(f"/api/photos/{hit['id']}/preview?size=600")
    with Image.open(io.BytesIO(preview.body)) as image:
        assert image.size == (427, 640)
    head = client.ask(hit["thumbnail"], "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == thumbnail.headers["content-length"]


def test_ranges_are_answered_in_part(client, id_of):
    address = f"/api/photos/{id_of['IMG_0112.jpg']}/thumbnail"
    whole = client.get(address)
    part = client.get(address, Range="bytes=10-19")
    assert (part.status, part.body) == (206, whole.body[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.body)}"
    assert client.get(address, Range="bytes=-5").body == whole.body[-5:]
    assert client.get(address, Range="bytes=5-").body == whole.body[5:]
    beyond = client.get(address, Range=f"bytes={len(whole.body)}-")
    assert (beyond.status, beyond.headers["content-range"]) == (416, f"bytes */{len(whole.body)}")
    assert client.get(address, Range="bytes=10-19", If_Range='"older"').body == whole.body
    assert client.get(address, Range="bytes=10-19", If_Range=whole.headers["etag"]).status == 206
    assert client.get(address, Range="bytes=0-1,4-5").status == 200


def test_json_is_packed_and_not_sent_twice(client):
    plain = client.get("/api/search?q=water&limit=50")
    packed = client.get("/api/search?q=water&limit=50", Accept_Encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    found = json.loads(gzip.decompress(packed.body))
    assert [hit["id"] for hit in found["hits"]] == [hit["id"] for hit in plain.json()["hits"]]
    status = client.get("/api/status")
    again = client.get("/api/status", If_None_Match=status.headers["etag"])
    assert (again.status, again.body) == (304, b"")


def test_the_status_is_one_object(client, library):
    status = client.get("/api/status").json()
    schemas.StatusAnswer.model_validate(status)
    assert status["photos"]["indexed"] == library.counts().indexed
    assert status["folders"] == [{"name": "Holiday photos", "present": True}]


def test_events_tell_the_state_and_then_what_another_process_changed(client, library, id_of):
    connection = client.connect()
    connection.request("GET", "/api/events")
    response = connection.getresponse()
    assert response.headers["content-type"].startswith("text/event-stream")

    def next_event():
        lines = []
        while (line := response.readline().decode().strip()) or not lines:
            lines.append(line)
        return [line for line in lines if line and not line.startswith(":")]

    assert next_event()[0] == "event: progress"
    assert next_event()[0] == "event: library"
    library.marks.favourite(id_of["IMG_0112.jpg"], True)
    try:
        event = next_event()
        assert event[0] == "event: library"
        assert json.loads(event[1].removeprefix("data: "))["indexed"] == library.counts().indexed
    finally:
        library.marks.favourite(id_of["IMG_0112.jpg"], False)
        connection.close()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/search?limit=0", 422),
        ("/api/search?limit=1001", 422),
        ("/api/search?offset=-1", 422),
        ("/api/search?unknown=1", 422),
        ("/api/search?after=yesterday", 422),
        ("/api/search?after=2024-13", 400),
        ("/api/search?id=999999", 400),
        ("/api/search?library=unsplash&q=cat", 400),
        ("/api/search?q=" + "x" * 2001, 422),
        ("/api/search?q=cat+-cat", 400),
        ("/api/photos/999999", 404),
        ("/api/photos/0", 422),
        ("/api/photos/99999999999999999999", 422),
        ("/api/photos/x", 422),
        ("/api/photos/999999/thumbnail", 404),
        ("/api/photos/999999/preview", 404),
        ("/api/nothing", 404),
        ("/static/..%2f..%2fpyproject.toml", 404),
        ("/static/nothing.js", 404),
    ],
)
def test_what_cannot_be_answered_is_a_problem_with_its_reason(client, path, status):
    answer = client.get(path)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status
    assert told["title"]
    assert told["detail"]


def test_favourites_change_only_where_that_is_switched_on(client, serve, library, id_of):
    address = f"/api/photos/{id_of['IMG_0123.jpg']}/favourite"
    assert client.ask(address, "PUT").status == 403
    _, open_client = serve(allows_favourites=True)
    assert open_client.ask(address, "PUT").json() == {"id": str(id_of["IMG_0123.jpg"]), "favourite": True}
    assert [hit["name"] for hit in client.get("/api/search?favourite=true").json()["hits"]] == ["IMG_0123.jpg"]
    assert open_client.ask(address, "DELETE").json()["favourite"] is False
    assert client.get("/api/search?favourite=true").json()["hits"] == []
    assert open_client.ask("/api/photos/999999/favourite", "PUT").status == 404


def test_originals_are_given_out_whole_and_in_parts_only_where_that_is_switched_on(client, serve, id_of, photos):
    address = f"/api/photos/{id_of['placed.jpg']}/original"
    assert client.get(address).status == 403
    _, open_client = serve(shows_originals=True)
    file = (photos / "placed.jpg").read_bytes()
    whole = open_client.get(address)
    assert (whole.status, whole.body, whole.headers["content-type"]) == (200, file, "image/jpeg")
    assert open_client.get(address, Range="bytes=100-199").body == file[100:200]
    assert open_client.get(address, Range="bytes=999999999-").status == 416
    assert open_client.get(address, If_None_Match=whole.headers["etag"]).status == 304
    assert open_client.get(f"/api/photos/{id_of['placed.jpg']}").json()["original"].startswith(address)


def test_the_description_has_an_example_for_every_answer_and_loads_nothing_from_elsewhere(client):
    described = client.get("/openapi.json").json()
    assert described["openapi"].startswith("3.")
    assert {"/api/search", "/api/search/image", "/api/photos/{photo_id}", "/api/status", "/api/events", "/"} <= set(
        described["paths"]
    )
    for name in ("SearchAnswer", "PhotoRecord", "StatusAnswer", "Problem"):
        assert described["components"]["schemas"][name]["examples"]
    assert client.get("/docs").status == 200


def test_no_file_of_the_page_names_another_host():
    from helios_desktop.paths import resources_dir

    allowed = ("http://www.w3.org/",)
    for file in (resources_dir() / "web").iterdir():
        if file.suffix in {".png"}:
            continue
        text = file.read_text(encoding="utf-8")
        for one in allowed:
            text = text.replace(one, "")
        assert "http://" not in text, file.name
        assert '"//' not in text, file.name
        assert text.replace('startsWith("https://")', "").count("https://") == 0, file.name


def test_places_are_understood_as_in_the_window(client):
    answer = client.get("/api/search?q=in%20Paris").json()
    assert [hit["name"] for hit in answer["hits"]] == ["placed.jpg"]
    assert [part["kind"] for part in answer["parts"]] == ["place"]


def test_two_hundred_questions_at_once_are_all_answered(client, id_of):
    from concurrent.futures import ThreadPoolExecutor

    addresses = [f"/api/search?q=cat&limit=3&offset={n % 3}" for n in range(60)]
    addresses += [f"/api/photos/{photo}/thumbnail" for photo in id_of.values()] * 8
    with ThreadPoolExecutor(24) as many:
        answers = list(many.map(client.get, addresses))
    assert {answer.status for answer in answers} == {200}


def test_the_library_is_read_only_over_http(client, photos, id_of):
    before = {file: os.stat(file).st_mtime_ns for file in photos.rglob("*")}
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        for path in ("/api/search", f"/api/photos/{id_of['placed.jpg']}", "/api/status", "/"):
            assert client.ask(path, method).status == 405
    assert {file: os.stat(file).st_mtime_ns for file in photos.rglob("*")} == before
