"""Packs made of open_clip models: complete or not there, and in agreement with the model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from helios_desktop.embed.open_clip import export
from helios_desktop.embed.open_clip.source import OpenClipSource
from helios_desktop.embed.pack import ModelPack
from helios_desktop.errors import ModelError


def test_the_pack_is_laid_out_as_ready_made_exports_are(tiny_packs: dict[str, Path]) -> None:
    pack = ModelPack.open(tiny_packs["fp32"])
    pack.verify()
    assert set(pack.files) == {
        "config.json",
        "textual/model.onnx",
        "textual/tokenizer.json",
        "textual/tokenizer_config.json",
        "visual/model.onnx",
        "visual/preprocess_cfg.json",
    }
    assert pack.kind == "clip"
    assert pack.params["text"]["context_length"] == 16
    assert 1 < pack.params["logit_scale"] < 101
    prepared = json.loads((pack.folder / "visual" / "preprocess_cfg.json").read_text(encoding="utf-8"))
    assert prepared["size"] == [48, 48]
    assert prepared["resize_mode"] == "shortest"


def test_the_8_bit_pack_uses_8_bit_towers_of_the_same_space(tiny_packs: dict[str, Path]) -> None:
    full, small = ModelPack.open(tiny_packs["fp32"]), ModelPack.open(tiny_packs["int8"])
    small.verify()
    assert small.model_id == full.model_id
    used = [small.params[tower]["file"] for tower in ("image", "text")]
    assert used == ["visual/model_int8.onnx", "textual/model_int8.onnx"]
    assert sum(small.files[name].bytes for name in used) < 0.5 * sum(
        full.files[full.params[t]["file"]].bytes for t in ("image", "text")
    )


def test_a_folder_that_exists_is_left_alone(tiny_source: OpenClipSource, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="exists already"):
        export.export_pack(tiny_source, tmp_path, pictures=lambda _: [])


def test_a_pack_that_does_not_agree_is_not_given_out(
    tiny_source: OpenClipSource,
    shape_pictures: np.ndarray,
    tiny_packs: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import shutil

    from helios_desktop.embed.open_clip import graphs

    def copied(model: object, shape: object, path: Path) -> None:
        shutil.copytree(tiny_packs["fp32"] / path.parent.name, path.parent, dirs_exist_ok=True)

    monkeypatch.setattr(graphs, "export_images", copied)
    monkeypatch.setattr(graphs, "export_texts", copied)
    made = export.export_pack(tiny_source, tmp_path / "good", pictures=lambda _: list(shape_pictures), is_int8_wanted=False)
    assert min(made.image_cosine, made.text_cosine) > 0.9999
    from helios_desktop.embed.open_clip import towers

    exact = towers.exact_rows

    def other(*arguments: object) -> object:
        seen, words = exact(*arguments)  # type: ignore[arg-type]
        return seen[::-1].copy(), words

    monkeypatch.setattr(towers, "exact_rows", other)
    with pytest.raises(ModelError, match="does not agree"):
        export.export_pack(tiny_source, tmp_path / "bad", pictures=lambda _: list(shape_pictures))
    assert [path.name for path in tmp_path.iterdir()] == ["good"]
