"""The portable index: out, and in again elsewhere, with nothing changed, nothing embedded and nothing believed unchecked."""

import csv
import json
import os

import numpy as np
import pytest

from helios_desktop.catalog.libraries import Added, RemoteRow
from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import ModelId
from helios_desktop.errors import CatalogError, ImportFileError
from helios_desktop.pipeline.jobs import CancelToken
from helios_desktop.pipeline.portable import PortableIndex
from helios_desktop.pipeline.progress import ProgressBoard
from helios_desktop.pipeline.unsplash import SOURCE_PATTERN, URL_PATTERN, read_files

DIM = 16
MODEL = ModelId("far-1")


def portable(catalog):
    return PortableIndex(catalog, ProgressBoard(), CancelToken())


@pytest.fixture
def elsewhere(tmp_path):
    """Another catalogue, as on another computer."""
    catalog = Catalog.open(tmp_path / "elsewhere" / "catalog.sqlite", backups=tmp_path / "elsewhere" / "backups")
    yield catalog
    catalog.close()


@pytest.fixture
def unsplash(library):
    """Five thousand photos of another library, some with links of their own."""
    made = library.catalog.libraries.create("unsplash", MODEL, DIM, url_pattern=URL_PATTERN, source_pattern=SOURCE_PATTERN)
    rows = np.random.default_rng(1).standard_normal((5000, DIM)).astype(np.float32)
    names = [RemoteRow(remote_id=f"id{n:05}", url="https://example.org/a.jpg" if n == 7 else None) for n in range(5000)]
    library.catalog.libraries.add(made, names, rows / np.linalg.norm(rows, axis=1, keepdims=True))
    return library.catalog.libraries.get("unsplash")


@pytest.fixture
def exported(library, unsplash, tmp_path):
    folder = tmp_path / "export"
    portable(library.catalog).export_library(folder, unsplash, None)
    return folder


def everything(catalog, library):
    return [(rows, vectors.tobytes()) for rows, vectors in catalog.libraries.pages(library, 1000)]


def test_another_library_comes_back_bit_by_bit(library, unsplash, exported, elsewhere):
    summary = portable(elsewhere).take_in(exported, is_dry_run=False)
    assert summary.added == Added(new=5000)
    there = elsewhere.libraries.get("unsplash")
    assert (there.model_id, there.dim, there.count) == (MODEL, DIM, 5000)
    assert everything(elsewhere, there) == everything(library.catalog, unsplash)
    assert portable(elsewhere).take_in(exported, is_dry_run=False).added == Added(same=5000)
    assert portable(library.catalog).take_in(exported, is_dry_run=False).added == Added(same=5000)


def test_a_dry_run_changes_nothing(exported, elsewhere):
    assert portable(elsewhere).take_in(exported, is_dry_run=True).added == Added(new=5000)
    assert elsewhere.libraries.all() == []


def test_other_programs_read_it(exported):
    features = np.load(exported / "features.npy", allow_pickle=False)
    assert (features.shape, features.dtype) == ((5000, DIM), np.float16)
    assert np.linalg.norm(features.astype(np.float32), axis=1) == pytest.approx(1, abs=1e-3)
    with (exported / "ids.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[3] == {
        "photo_id": "id00003",
        "url": "https://unsplash.com/photos/id00003/download",
        "source_url": "https://unsplash.com/photos/id00003/",
    }
    assert rows[7]["url"] == "https://example.org/a.jpg"
    manifest = json.loads((exported / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["model_id"], manifest["count"], manifest["dim"]) == (MODEL, 5000, DIM)
    assert sorted(path.name for path in exported.iterdir()) == ["features.npy", "ids.csv", "manifest.json"]


def test_its_two_tables_are_those_of_the_ancestor(exported):
    files = read_files(exported / "ids.csv", exported / "features.npy", dim=DIM, board=ProgressBoard())
    assert len(files.ids) == files.features.count == 5000


def test_photos_travel_by_content_and_are_not_embedded_again(library, paint, elsewhere, tmp_path):
    for number, colour in enumerate(("red", "green", "blue")):
        paint(library.folder / f"{colour}.jpg", colour, age_seconds=100 + number)
    odd = os.fsencode(library.folder) + b"/caf\xe9.jpg"
    os.link(library.folder / "red.jpg", odd)
    library.add()
    library.index()
    folder = tmp_path / "export"
    views = library.embedder.preprocess
    summary = portable(library.catalog).export_photos(folder, library.embedder.model_id, views)
    assert summary.rows == 4
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["preprocessing"][0]["width"] == 16
    assert "caf\\xe9.jpg" in (folder / "ids.csv").read_text(encoding="utf-8")
    taken = portable(elsewhere).take_in(folder, is_dry_run=False)
    assert taken.added == Added(new=3, same=1)  # the copy has the content of another
    assert portable(elsewhere).take_in(folder, is_dry_run=True).added == Added(same=4)
    ours = library.catalog.photos.by_path(os.fsencode(library.folder / "red.jpg"))
    assert elsewhere.vectors.has([ours.content_hash], library.embedder.model_id)
    assert elsewhere.vectors.facts_of(ours.content_hash) == library.catalog.vectors.facts_of(ours.content_hash)
    assert elsewhere.check() == []


def test_photos_that_are_here_answer_with_what_was_taken_in(library, paint, tmp_path):
    paint(library.folder / "red.jpg", "red")
    library.add()
    library.index()
    model_id = library.embedder.model_id
    portable(library.catalog).export_photos(tmp_path / "export", model_id, None)
    library.catalog.vectors.drop_model(model_id)
    sequence = library.catalog.changes.last_sequence()
    assert portable(library.catalog).take_in(tmp_path / "export", is_dry_run=False).added == Added(new=1)
    told = list(library.catalog.changes.changes_since(model_id, library.embedder.dim, sequence))
    assert [batch.is_removed.tolist() for batch in told] == [[False]]
    before = library.embedder.embedded
    library.index()
    assert library.embedder.embedded == before


def test_an_export_takes_the_place_of_an_earlier_one_and_of_nothing_else(library, unsplash, exported, tmp_path):
    assert portable(library.catalog).export_library(exported, unsplash, None).rows == 5000
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "ids.csv").write_text("precious", encoding="utf-8")
    with pytest.raises(ImportFileError, match="not empty"):
        portable(library.catalog).export_library(mine, unsplash, None)
    assert (mine / "ids.csv").read_text(encoding="utf-8") == "precious"
    with pytest.raises(ImportFileError, match="not empty"):
        portable(library.catalog).export_library(mine / "ids.csv", unsplash, None)


def test_nothing_to_export_is_a_sentence_and_leaves_no_trace(library, tmp_path):
    with pytest.raises(ImportFileError, match="no vectors"):
        portable(library.catalog).export_photos(tmp_path / "export", MODEL, None)
    assert not any((tmp_path / "export").iterdir())


def test_another_model_under_the_same_name_is_refused(exported, elsewhere):
    elsewhere.libraries.create("unsplash", ModelId("other-1"), DIM)
    with pytest.raises(CatalogError, match="cannot be compared"):
        portable(elsewhere).take_in(exported, is_dry_run=False)


def rewrite(folder, **changes):
    """Change the manifest (or, with ``ids``, the table, with a manifest that agrees)."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**manifest, **changes}), encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"format": 2}, "format 2"),
        ({"library": "../photos"}, "damaged"),
        ({"model_id": ""}, "damaged"),
        ({"dim": True}, "damaged"),
        ({"count": -1}, "damaged"),
        ({"count": 4999}, "says 4,999"),
        ({"dim": 17}, "16 numbers"),
        ({"url_pattern": "file:///etc/{id}"}, "https"),
        ({"url_pattern": "https://example.org/"}, "https"),
        ({"files": {}}, "damaged"),
        ({"files": {"ids.csv": {"sha256": "x", "bytes": 1}, "features.npy": {"sha256": "x", "bytes": 1}}}, "checksum"),
    ],
)
def test_a_crafted_manifest_is_a_sentence(exported, elsewhere, changes, says):
    rewrite(exported, **changes)
    with pytest.raises(ImportFileError, match=says):
        portable(elsewhere).take_in(exported, is_dry_run=False)
    assert elsewhere.libraries.all() == []


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "[" * 100_000, '"\\ud800"', "{}"])
def test_a_manifest_that_is_none_is_a_sentence(exported, elsewhere, text):
    (exported / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(ImportFileError, match="damaged"):
        portable(elsewhere).take_in(exported, is_dry_run=False)


def test_a_folder_without_a_manifest_is_no_export(elsewhere, tmp_path):
    with pytest.raises(ImportFileError, match="no export") as caught:
        portable(elsewhere).take_in(tmp_path, is_dry_run=False)
    assert "unsplash import" in caught.value.remedy


@pytest.mark.parametrize("name", ["ids.csv", "features.npy"])
def test_one_flipped_byte_is_found(exported, elsewhere, name):
    with (exported / name).open("r+b") as file:
        file.seek(5000)
        byte = file.read(1)
        file.seek(5000)
        file.write(bytes([byte[0] ^ 1]))
    with pytest.raises(ImportFileError, match="checksum"):
        portable(elsewhere).take_in(exported, is_dry_run=False)


def craft(folder, line):
    """Put ``line`` in the place of the first row, with checksums that agree."""
    import hashlib

    path = folder / "ids.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] = line
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    raw = path.read_bytes()
    manifest["files"]["ids.csv"] = {"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize(
    "line", ["../x,,", "id1,file:///etc/passwd,", "id1,,javascript:alert(1)", "id1,https://a b/,", "id1,http://example.org/,"]
)
def test_links_that_are_none_are_refused_with_their_line(exported, elsewhere, line):
    craft(exported, line)
    with pytest.raises(ImportFileError, match="Line 2 "):
        portable(elsewhere).take_in(exported, is_dry_run=False)
    assert elsewhere.libraries.all() == []


def test_an_id_that_occurs_twice_is_refused(exported, elsewhere):
    craft(exported, "id00001,,")
    with pytest.raises(ImportFileError, match="4,999 different ids"):
        portable(elsewhere).take_in(exported, is_dry_run=False)


@pytest.mark.parametrize(
    "line",
    [
        "1,p,zz,1,1,1,JPEG,0,{}",
        "1,p,00,1,1,1,JPEG,0,{}",
        f"1,p,{'0' * 64},-1,1,1,JPEG,0,{{}}",
        f"1,p,{'0' * 64},1,0,1,JPEG,0,{{}}",
        f"1,p,{'0' * 64},1,1,1,JPEG,x,{{}}",
        f"1,p,{'0' * 64},1,1,1,JPEG,0,[]",
        f'1,p,{"0" * 64},1,1,1,JPEG,0,"{{""evil"": ""x""}}"',
        f'1,p,{"0" * 64},1,1,1,JPEG,0,"{{""rating"": ""x""}}"',
        f'1,p,{"0" * 64},1,1,1,JPEG,0,"{{""latitude"": NaN}}"',
        f'1,p,{"0" * 64},1,1,1,JPEG,0,"{{""keywords"": [1]}}"',
    ],
    ids=range(10),
)
def test_a_crafted_photo_row_is_refused_with_its_line(library, paint, elsewhere, tmp_path, line):
    paint(library.folder / "red.jpg", "red")
    library.add()
    library.index()
    portable(library.catalog).export_photos(tmp_path / "export", library.embedder.model_id, None)
    craft(tmp_path / "export", line)
    with pytest.raises(ImportFileError, match="Line 2 "):
        portable(elsewhere).take_in(tmp_path / "export", is_dry_run=False)
    assert elsewhere.vectors.models() == {}
