"""8-bit towers are made here, and used only where they answer as full precision does."""

import json
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from clip_layout import COLOURS, write_export
from onnx import numpy_helper

from helios_desktop.embed import int8
from helios_desktop.embed.int8 import quantise_and_gate, top_overlap
from helios_desktop.embed.onnx_embedder import open_pack
from helios_desktop.embed.onnx_exports import facts_from_name, make_pack
from helios_desktop.embed.pack import ModelPack
from helios_desktop.errors import ModelError

QUESTIONS = [f"a {one} {other}" for one in COLOURS for other in COLOURS]


@pytest.fixture
def folder(tmp_path):
    folder = write_export(tmp_path / "export")
    make_pack(folder, facts_from_name("colours"))
    return folder


@pytest.fixture
def pictures():
    shades = np.random.default_rng(3).integers(0, 256, (60, 1, 1, 3))
    return [np.broadcast_to(shades, (60, 32, 32, 3)).astype(np.uint8)]


def coarse_weights(path):
    """Give one weight of each row a value that leaves the others no steps: such a tower cannot be told in 8 bits."""
    model = onnx.load(path)
    for tensor in model.graph.initializer:
        if tensor.name in {"first", "second"}:
            array = numpy_helper.to_array(tensor).copy()
            array[0, :] += 3e4 * (tensor.name == "second")
            array[1:, :] *= 1.0 if tensor.name == "first" else 30.0
            tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))
    onnx.save(model, path)


def test_towers_that_pass_are_used_and_belong_to_the_pack(folder, pictures):
    before = open_pack(folder).embed_images(pictures)
    report = quantise_and_gate(folder, pictures, QUESTIONS)
    assert report.is_image_kept
    assert report.is_text_kept
    assert report.image_cosine >= 0.99
    assert report.text_cosine >= 0.99
    assert report.overlap >= 0.95
    pack = ModelPack.open(folder)
    pack.verify()
    assert pack.params["image"]["file"] == "visual/model_int8.onnx"
    assert pack.params["text"]["file"] == "textual/model_int8.onnx"
    assert "visual/model.onnx" in pack.files
    after = open_pack(folder)
    assert after.model_id == "colours"
    assert ((before * after.embed_images(pictures)).sum(axis=1)).mean() >= 0.99
    assert not list(folder.glob(".int8-*"))


def test_a_tower_that_fails_stays_in_full_precision(folder, pictures):
    coarse_weights(folder / "visual" / "model.onnx")
    make_again(folder)
    report = quantise_and_gate(folder, pictures, QUESTIONS)
    assert not report.is_image_kept
    assert report.is_text_kept
    assert report.image_cosine < 0.99
    assert "words only" in report.sentence()
    assert ModelPack.open(folder).params["image"]["file"] == "visual/model.onnx"
    assert not (folder / "visual" / "model_int8.onnx").exists()


def test_other_answers_keep_full_precision_whatever_the_cosines_say(folder, pictures, monkeypatch):
    monkeypatch.setattr(int8, "top_overlap", lambda *_: 0.94)
    report = quantise_and_gate(folder, pictures, QUESTIONS)
    assert not report.is_image_kept
    assert not report.is_text_kept
    assert "full precision" in report.sentence()
    ModelPack.open(folder).verify()


def test_the_gate_can_be_asked_again_with_other_pictures(folder, pictures, monkeypatch):
    assert quantise_and_gate(folder, pictures, QUESTIONS).is_image_kept
    assert quantise_and_gate(folder, [pictures[0][::-1]], QUESTIONS).is_image_kept
    monkeypatch.setattr(int8, "LEAST_COSINE", 1.1)
    assert not quantise_and_gate(folder, pictures, QUESTIONS).is_image_kept
    pack = ModelPack.open(folder)
    pack.verify()
    assert pack.params["image"]["file"] == "visual/model.onnx"
    assert "visual/model_int8.onnx" not in pack.files


def test_a_cut_leaves_a_pack_that_works(folder, pictures, monkeypatch):
    assert quantise_and_gate(folder, pictures, QUESTIONS).is_image_kept

    def cut(path):
        raise KeyboardInterrupt

    monkeypatch.setattr(int8, "file_entry", cut)
    with pytest.raises(KeyboardInterrupt):
        quantise_and_gate(folder, [pictures[0][::-1]], QUESTIONS)
    ModelPack.open(folder).verify()
    assert open_pack(folder).embed_images(pictures).shape == (60, 48)


def test_a_graph_that_cannot_be_quantised_stays_as_it_is(folder, pictures, monkeypatch):
    monkeypatch.setattr(int8, "quantise", lambda source, target, recipe: "it cannot be quantised")
    report = quantise_and_gate(folder, pictures, QUESTIONS)
    assert report.reason
    assert "it cannot be quantised" in report.sentence()
    assert ModelPack.open(folder).params["image"]["file"] == "visual/model.onnx"


def test_without_the_memory_for_it_full_precision_stays_and_it_is_said(folder, pictures, monkeypatch):
    import psutil

    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=1000))
    report = quantise_and_gate(folder, pictures, QUESTIONS)
    assert not report.is_image_kept
    assert "GB of memory are needed" in report.sentence()
    ModelPack.open(folder).verify()


def test_a_pack_that_does_not_run_at_all_says_so(folder, pictures):
    (folder / "visual" / "model.onnx").write_bytes(b"not a graph")
    make_again(folder)
    with pytest.raises(ModelError, match="cannot be loaded"):
        quantise_and_gate(folder, pictures, QUESTIONS)


def test_overlap_counts_the_best_ten_of_each_question():
    images = np.eye(40, dtype=np.float32)
    texts = np.stack([np.linspace(1, 0, 40), np.linspace(0, 1, 40)]).astype(np.float32)
    assert top_overlap((images, texts), (images, texts)) == 1.0
    assert top_overlap((images, texts), (images, texts[::-1])) == 0.0


def make_again(folder):
    (folder / "manifest.json").unlink()
    make_pack(folder, facts_from_name("colours"))
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["kind"] == "clip"
