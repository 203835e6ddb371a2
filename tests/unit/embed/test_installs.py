"""Models from files: packs and exports, whole and checked, or refused with the reason."""

import json
import os
import shutil
import zipfile

import onnx
import pytest
from clip_layout import write_export

from helios_desktop.embed.installs import install
from helios_desktop.embed.onnx_embedder import open_pack
from helios_desktop.embed.onnx_exports import facts_from_name, make_pack
from helios_desktop.embed.pack import ModelPack
from helios_desktop.errors import ModelError


@pytest.fixture
def export(tmp_path):
    return write_export(tmp_path / "colours__toy-one")


@pytest.fixture
def models(tmp_path):
    return tmp_path / "models"


def zipped(folder, target, prefix=""):
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, prefix + path.relative_to(folder).as_posix())
    return target


def refused(source, models):
    with pytest.raises(ModelError) as caught:
        install(source, models)
    assert caught.value.remedy
    assert [path for path in models.iterdir() if not path.name.startswith(".")] == []
    assert not list(models.glob(".install-*"))
    return str(caught.value)


def test_a_ready_made_export_in_a_folder_becomes_a_pack(export, models):
    (export / "README.md").write_text("words", encoding="utf-8")
    pack = install(export, models)
    assert pack.folder == models / "colours__toy-one"
    assert not (export / "manifest.json").exists()
    assert not (pack.folder / "README.md").exists()
    assert open_pack(pack.folder).embed_text(["red"]).shape == (1, pack.dim)


@pytest.mark.parametrize("prefix", ["", "some-folder/"])
def test_a_ready_made_export_in_a_zip_becomes_a_pack(export, models, tmp_path, prefix):
    pack = install(zipped(export, tmp_path / "colours__toy-two.zip", prefix), models)
    assert pack.model_id == "colours__toy-two"
    pack.verify()


@pytest.mark.parametrize("is_zip", [False, True])
def test_a_pack_keeps_its_id_and_what_it_says_of_itself(export, models, tmp_path, is_zip):
    make_pack(export, facts_from_name("named__once"))
    source = zipped(export, tmp_path / "other.zip") if is_zip else export
    pack = install(source, models)
    assert pack.model_id == "named__once"
    assert pack.title == "named (once)"


def test_what_was_left_by_an_installation_that_was_killed_goes_after_a_day(export, models):
    old, new = models / ".install-old", models / ".install-new"
    for path in (old, new):
        (path / "visual").mkdir(parents=True)
    os.utime(old, (1e9, 1e9))
    install(export, models)
    assert not old.exists()
    assert new.exists()


def test_a_pack_of_the_same_id_is_replaced(export, models):
    first = install(export, models)
    second = install(write_export(export, seed=8), models)
    assert first.files != second.files
    assert [path.name for path in models.iterdir()] == ["colours__toy-one"]


def test_what_is_not_named_does_not_come_along(export, models, tmp_path):
    make_pack(export, facts_from_name("x"))
    (export / "visual" / "stray.txt").write_text("stray", encoding="utf-8")
    pack = install(zipped(export, tmp_path / "x.zip"), models)
    assert not (pack.folder / "visual" / "stray.txt").exists()


def test_a_flipped_byte_is_refused(export, models):
    make_pack(export, facts_from_name("x"))
    content = bytearray((export / "visual" / "model.onnx").read_bytes())
    content[-3] ^= 1
    (export / "visual" / "model.onnx").write_bytes(bytes(content))
    assert "not the file that was published" in refused(export, models)


@pytest.mark.parametrize("name", ["../evil.json", "/etc/evil", "visual/../../evil", "c:\\evil", "visual/weights.pt", "a.pkl"])
def test_a_zip_that_leaves_its_folder_or_may_hold_code_is_refused(export, models, tmp_path, name):
    archive = zipped(export, tmp_path / "x.zip")
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr(name, b"x")
    said = refused(archive, models)
    assert "outside its folder" in said or "may run code" in said
    assert not (tmp_path / "evil.json").exists()


def test_weights_from_outside_the_pack_are_refused(export, models, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(10_000))
    path = export / "visual" / "model.onnx"
    model = onnx.load(path)
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../secret")
    path.write_bytes(model.SerializeToString())
    assert "'../../secret'" in refused(export, models)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"no zip at all"])
def test_a_file_that_is_no_zip_is_refused(models, tmp_path, content):
    source = tmp_path / "model.zip"
    source.write_bytes(content)
    assert "not a readable model pack" in refused(source, models)


def test_a_cut_zip_is_refused(export, models, tmp_path):
    archive = zipped(export, tmp_path / "x.zip")
    archive.write_bytes(archive.read_bytes()[:-500])
    refused(archive, models)


def test_a_folder_without_a_model_and_a_name_without_a_file_are_refused(models, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "There is no model" in refused(tmp_path / "empty", models)
    assert "does not exist" in refused(tmp_path / "nowhere", models)


def test_a_broken_graph_is_refused(export, models):
    (export / "textual" / "model.onnx").write_bytes(b"\xff" * 100)
    assert "not a readable model" in refused(export, models)


def test_a_failed_install_leaves_the_old_pack_in_place(export, models):
    install(export, models)
    make_pack(export, facts_from_name("colours__toy-one"))
    manifest = json.loads((export / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["config.json"]["sha256"] = "0" * 64
    (export / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ModelError):
        install(export, models)
    ModelPack.open(models / "colours__toy-one").verify()


def test_links_in_a_folder_are_not_followed(export, models, tmp_path):
    real = tmp_path / "elsewhere.json"
    shutil.move(export / "config.json", real)
    (export / "config.json").symlink_to(real)
    assert "config.json" in refused(export, models)
