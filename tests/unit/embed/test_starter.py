"""The starter model: it finds plain things, loads only what it needs, and knows faces."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import skimage
from PIL import Image

from helios_desktop.domain import UInt8Array, View
from helios_desktop.embed.onnx_session import OnnxModel
from helios_desktop.embed.pack import ModelPack, sha256_of
from helios_desktop.embed.starter import StarterEmbedder
from helios_desktop.embed.starter_faces import FaceFinder
from helios_desktop.errors import ModelError

PHOTOS = Path(skimage.__file__).parent / "data"
QUESTIONS = {
    "a cat": "chelsea.png",
    "a cup of coffee": "coffee.png",
    "ein Kaffee": "coffee.png",
    "a rocket": "rocket.jpg",
    "portrait of a woman": "astronaut.png",
    "a motorbike": "motorcycle_left.png",
    "the moon at night": "moon.png",
    "a page of text": "page.png",
}


def seen(view: View, path: Path) -> UInt8Array:
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    if view.fit == "centre":
        side = round(view.crop * min(picture.size))
        left, top = (picture.width - side) // 2, (picture.height - side) // 2
        picture = picture.crop((left, top, left + side, top + side))
    return np.asarray(picture.resize((view.width, view.height), Image.Resampling.BICUBIC))


def with_broken_part(starter_folder: Path, tmp_path: Path, name: str) -> Path:
    """A copy of the pack, in which one file is garbage that the manifest vouches for."""
    folder = tmp_path / "starter"
    folder.mkdir()
    for path in starter_folder.iterdir():
        if path.name != name:
            (folder / path.name).symlink_to(path)
    (folder / name).write_bytes(b"{broken")
    (folder / "manifest.json").unlink()
    shutil.copyfile(starter_folder / "manifest.json", folder / "manifest.json")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"][name] = {"sha256": sha256_of(folder / name), "bytes": 7}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def test_plain_questions_find_their_photo_first(starter: StarterEmbedder) -> None:
    names = sorted(set(QUESTIONS.values()))
    vectors = starter.embed_images([np.stack([seen(view, PHOTOS / name) for name in names]) for view in starter.preprocess])
    asked = starter.embed_text(list(QUESTIONS))
    found = [names[int(best)] for best in (asked @ vectors.T).argmax(axis=1)]
    assert found == list(QUESTIONS.values())


def test_asking_never_loads_the_tower_for_pictures(starter: StarterEmbedder) -> None:
    starter.embed_text(["a cat"])
    assert starter._text.is_loaded
    assert not starter._vision.is_loaded
    assert not starter._faces.is_loaded


def test_looking_never_loads_the_tower_for_words(starter: StarterEmbedder) -> None:
    starter.embed_images([np.full((1, view.height, view.width, 3), 90, np.uint8) for view in starter.preprocess])
    assert not starter._text.is_loaded


def test_a_colour_word_moves_the_question(starter: StarterEmbedder) -> None:
    red, blue = starter.embed_text(["a red car", "a blue car"])
    assert 0.3 < float(red @ blue) < 0.97


def test_a_pack_without_its_rivals_is_a_known_error(starter_folder: Path, tmp_path: Path) -> None:
    folder = with_broken_part(starter_folder, tmp_path, "rivals.npz")
    embedder = StarterEmbedder(ModelPack.open(folder), threads=1)
    with pytest.raises(ModelError):
        embedder.embed_images([np.full((1, view.height, view.width, 3), 90, np.uint8) for view in embedder.preprocess])
    embedder.close()


def test_a_blank_picture_has_a_vector_too(starter: StarterEmbedder) -> None:
    for shade in (0, 255):
        vectors = starter.embed_images(
            [np.full((1, view.height, view.width, 3), shade, np.uint8) for view in starter.preprocess]
        )
        assert np.isfinite(vectors).all()
        assert abs(float(np.linalg.norm(vectors)) - 1) < 1e-4


def test_a_face_is_found_where_there_is_one(starter_folder: Path) -> None:
    model = OnnxModel(starter_folder / "faces.onnx", threads=1)
    view = View(width=260, height=260, fit="squash")
    cues = FaceFinder(model).cues(
        np.stack([seen(view, PHOTOS / name) for name in ("astronaut.png", "coffee.png", "brick.png")])
    )
    model.close()
    assert cues[0, 0] > 0.5
    assert cues[0, 1] == 0
    assert cues[1:].max() == 0


@pytest.mark.parametrize("name", ["words.json", "tokenizer.json", "tables.npz"])
def test_a_pack_with_a_broken_part_is_a_known_error(starter_folder: Path, tmp_path: Path, name: str) -> None:
    folder = with_broken_part(starter_folder, tmp_path, name)
    embedder = StarterEmbedder(ModelPack.open(folder), threads=1)
    with pytest.raises(ModelError):
        embedder.embed_text(["a cat"])
    embedder.close()
