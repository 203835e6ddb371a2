"""Packs: what is opened, what is refused, and that nothing leaves its folder."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from helios_desktop.domain import View
from helios_desktop.embed.pack import ModelPack, install_pack
from helios_desktop.errors import ModelError

Maker = Callable[..., Path]


def zipped(folder: Path, target: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, prefix + path.relative_to(folder).as_posix())
    return target


def test_a_sound_pack_opens_with_all_it_says(make_pack: Maker) -> None:
    pack = ModelPack.open(make_pack())
    assert (pack.model_id, pack.kind, pack.dim) == ("tiny-1", "starter", 4)
    assert pack.views == (View(width=8, height=8),)
    assert pack.path("sub/table.npz").read_bytes() == b"x" * 2000
    pack.verify()


def test_a_changed_byte_is_found_by_verify_and_a_changed_length_at_once(make_pack: Maker) -> None:
    folder = make_pack()
    (folder / "weights.onnx").write_bytes(b"not really a Graph")
    pack = ModelPack.open(folder)
    with pytest.raises(ModelError, match=r"weights\.onnx"):
        pack.verify()
    (folder / "weights.onnx").write_bytes(b"short")
    with pytest.raises(ModelError, match="wrong length"):
        ModelPack.open(folder)


def test_a_missing_file_is_named(make_pack: Maker) -> None:
    folder = make_pack()
    (folder / "weights.onnx").unlink()
    with pytest.raises(ModelError, match=r"weights\.onnx is missing"):
        ModelPack.open(folder)


def test_a_folder_without_manifest_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        ModelPack.open(tmp_path / "nowhere")
    assert caught.value.remedy


@pytest.mark.parametrize("content", ["", "[]", "{", "null", '{"format": 1}', "\x00"])
def test_a_broken_manifest_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(ModelError):
        ModelPack.open(tmp_path)


def test_a_manifest_of_a_newer_format_asks_for_an_update(make_pack: Maker) -> None:
    with pytest.raises(ModelError) as caught:
        ModelPack.open(make_pack(format=2))
    assert "Update" in caught.value.remedy


@pytest.mark.parametrize(
    "fields",
    [
        {"dim": "many"},
        {"views": [{"width": 8}]},
        {"views": 3},
        {"files": []},
        {"files": {"a": {}}},
        {"model_id": "../x"},
        {"model_id": ".x"},
    ],
)
def test_a_manifest_with_a_wrong_field_is_refused(make_pack: Maker, fields: dict[str, Any]) -> None:
    folder = make_pack()
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | fields))
    with pytest.raises(ModelError):
        ModelPack.open(folder)


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/../../b", "C:/windows", "a\\b", "weights.pkl", "model.PT"])
def test_a_manifest_may_name_no_file_outside_and_no_pickle(make_pack: Maker, name: str) -> None:
    with pytest.raises(ModelError):
        ModelPack.open(_naming(make_pack(), name))


def _naming(folder: Path, name: str) -> Path:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = {"sha256": "0" * 64, "bytes": 0}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_a_folder_is_installed_under_its_id(make_pack: Maker, tmp_path: Path) -> None:
    pack = install_pack(make_pack(), tmp_path / "models")
    assert pack.folder == tmp_path / "models" / "tiny-1"
    pack.verify()


@pytest.mark.parametrize("prefix", ["", "tiny-1.0/"])
def test_a_zip_is_unpacked_and_checked_wrapped_in_a_folder_or_not(make_pack: Maker, tmp_path: Path, prefix: str) -> None:
    pack = install_pack(zipped(make_pack(), tmp_path / "tiny.zip", prefix), tmp_path / "models")
    pack.verify()
    assert {path.name for path in (tmp_path / "models").iterdir()} == {"tiny-1"}


def test_installing_again_replaces_the_pack(make_pack: Maker, tmp_path: Path) -> None:
    install_pack(make_pack("old"), tmp_path / "models")
    pack = install_pack(make_pack("new", files={"weights.onnx": b"newer"}), tmp_path / "models")
    assert pack.path("weights.onnx").read_bytes() == b"newer"
    assert not (pack.folder / "sub").exists()
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["tiny-1"]


def test_a_pack_with_a_wrong_checksum_leaves_nothing_behind(make_pack: Maker, tmp_path: Path) -> None:
    folder = make_pack()
    (folder / "weights.onnx").write_bytes(b"not really a Graph")
    with pytest.raises(ModelError):
        install_pack(zipped(folder, tmp_path / "tiny.zip"), tmp_path / "models")
    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.parametrize("name", ["../evil.txt", "/evil.txt", "a/../../evil.txt", "code.pickle"])
def test_a_zip_entry_that_leaves_the_folder_is_refused(make_pack: Maker, tmp_path: Path, name: str) -> None:
    archive = zipped(make_pack(), tmp_path / "tiny.zip")
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr(name, "evil")
    with pytest.raises(ModelError):
        install_pack(archive, tmp_path / "deep" / "models")
    assert not list(tmp_path.rglob("evil.txt"))
    assert list((tmp_path / "deep" / "models").iterdir()) == []


def test_a_link_in_a_zip_is_refused(make_pack: Maker, tmp_path: Path) -> None:
    archive = zipped(make_pack(), tmp_path / "tiny.zip")
    with zipfile.ZipFile(archive, "a") as opened:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        opened.writestr(link, "/etc/passwd")
    with pytest.raises(ModelError, match="link"):
        install_pack(archive, tmp_path / "models")


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tiny.zip").write_bytes(b"PK\x03\x04 but not really")
    with pytest.raises(ModelError) as caught:
        install_pack(tmp_path / "tiny.zip", tmp_path / "models")
    assert caught.value.remedy


def test_the_pack_that_ships_is_whole_small_and_says_its_licences(starter_folder: Path) -> None:
    pack = ModelPack.open(starter_folder)
    pack.verify()
    assert set(pack.files) == {path.name for path in starter_folder.iterdir()} - {"manifest.json"}
    assert sum(path.stat().st_size for path in starter_folder.iterdir()) <= 40_000_000
    notices = pack.path("NOTICES.txt").read_text(encoding="utf-8")
    assert all(word in notices for word in ("EfficientNet", "MiniLM", "BlazeFace", "WordNet", "open_clip"))
