"""Weights into memory: what is refused, and what is said then. Nothing is fetched here."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tiny_clip_fixtures import TINY_CLIP

from helios_desktop.decode.views import make_view
from helios_desktop.embed.open_clip.source import OpenClipSource
from helios_desktop.errors import ModelError

pytestmark = pytest.mark.usefixtures("torch_libraries")

WEIGHTS = TINY_CLIP / "open_clip_model.safetensors"
PUBLISHED = (
    ("ViT-B-32", "laion2b_s34b_b79k"),
    ("ViT-B-32", "openai"),
    ("ViT-B-32-256", "datacomp_s34b_b86k"),
    ("ViT-B-16-SigLIP", "webli"),
    ("ViT-B-32-SigLIP2-256", "webli"),
    ("ViT-B-16-SigLIP2", "webli"),
    ("xlm-roberta-base-ViT-B-32", "laion5b_s13b_b90k"),
    ("nllb-clip-base-siglip", "v1"),
    ("ViT-L-14-quickgelu", "dfn2b"),
    ("ViT-H-14-378-quickgelu", "dfn5b"),
)


def tiny(checkpoint: Path = WEIGHTS) -> OpenClipSource:
    return OpenClipSource(architecture=str(TINY_CLIP), checkpoint=checkpoint)


@pytest.mark.parametrize(("architecture", "pretrained"), PUBLISHED)
@pytest.mark.parametrize("size", [(640, 427), (333, 500), (224, 224), (97, 1031)])
def test_pictures_are_prepared_as_open_clip_does_it(architecture: str, pretrained: str, size: tuple[int, int]) -> None:
    from open_clip.pretrained import get_pretrained_cfg
    from open_clip.transform import PreprocessCfg, image_transform_v2, merge_preprocess_dict

    from helios_desktop.embed.open_clip.loading import configuration, describe

    source = OpenClipSource(architecture=architecture, pretrained=pretrained)
    about = describe(source)
    settings = merge_preprocess_dict(PreprocessCfg(), get_pretrained_cfg(architecture, pretrained))
    settings["size"] = configuration(source)["vision_cfg"]["image_size"]
    random = np.random.default_rng(size[0])
    picture = Image.fromarray(random.integers(0, 256, (size[1], size[0], 3), np.uint8))
    wanted = image_transform_v2(PreprocessCfg(**settings), is_train=False)(picture).numpy()
    pixels = make_view(picture, about.view).astype(np.float32) / 255
    got = ((pixels - np.float32(about.mean)) / np.float32(about.std)).transpose(2, 0, 1)
    assert np.abs(got - wanted).max() < 1e-5


def test_an_unknown_architecture_is_answered_with_what_it_resembles() -> None:
    from helios_desktop.embed.open_clip.loading import load_model

    with pytest.raises(ModelError, match="knows no architecture") as caught:
        load_model(OpenClipSource(architecture="ViT-B32", pretrained="openai"))
    assert "ViT-B-32" in caught.value.remedy


def test_an_unknown_tag_is_answered_with_those_there_are() -> None:
    from helios_desktop.embed.open_clip.loading import load_model

    with pytest.raises(ModelError, match="no weights 'best'") as caught:
        load_model(OpenClipSource(architecture="ViT-B-32", pretrained="best"))
    assert "laion2b_s34b_b79k" in caught.value.remedy


def test_a_file_of_weights_alone_is_read(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    from helios_desktop.embed.open_clip.loading import load_model

    path = tmp_path / "weights.pt"
    torch.save({"state_dict": {f"module.{name}": value for name, value in load_file(WEIGHTS).items()}}, path)
    model, same = load_model(tiny(path)), load_model(tiny())
    assert torch.equal(model.visual.proj, same.visual.proj)


class Harmful:
    """Does something when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.mark),)


def test_a_file_that_would_run_code_is_refused_and_does_not_run_it(tmp_path: Path) -> None:
    import torch

    from helios_desktop.embed.open_clip.loading import load_model

    path, mark = tmp_path / "weights.pt", tmp_path / "was-here"
    torch.save({"state_dict": Harmful(mark)}, path)
    with pytest.raises(ModelError, match="more than weights") as caught:
        load_model(tiny(path))
    assert "safetensors" in caught.value.remedy
    assert not mark.exists()


def test_a_cut_off_file_is_refused(tmp_path: Path) -> None:
    from helios_desktop.embed.open_clip.loading import load_model

    path = tmp_path / "weights.safetensors"
    path.write_bytes(WEIGHTS.read_bytes()[:100_000])
    with pytest.raises(ModelError, match="not a whole"):
        load_model(tiny(path))


def test_weights_of_another_architecture_are_refused(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    from helios_desktop.embed.open_clip.loading import load_model

    path = tmp_path / "weights.safetensors"
    state = load_file(WEIGHTS)
    state["ln_final.weight"] = torch.zeros(7)
    save_file(state, path)
    with pytest.raises(ModelError, match="cannot be used for tiny_clip") as caught:
        load_model(tiny(path))
    assert "architecture" in caught.value.remedy


def test_a_model_that_wants_pictures_made_otherwise_is_refused(tmp_path: Path) -> None:
    from helios_desktop.embed.open_clip.loading import describe

    content = (TINY_CLIP / "open_clip_config.json").read_text(encoding="utf-8")
    (tmp_path / "open_clip_config.json").write_text(content.replace("shortest", "longest"), encoding="utf-8")
    with pytest.raises(ModelError, match="longest"):
        describe(OpenClipSource(architecture=str(tmp_path), checkpoint=WEIGHTS))


@pytest.mark.parametrize("architecture", ["xlm-roberta-base-ViT-B-32", "nllb-clip-base-siglip"])
def test_a_model_with_a_foreign_tower_says_what_it_takes_before_anything_is_fetched(
    architecture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import open_clip

    from helios_desktop.embed.open_clip import loading

    monkeypatch.setattr(loading.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(open_clip, "download_pretrained", lambda *_: pytest.fail("something was fetched"))
    tag = open_clip.list_pretrained_tags_by_model(architecture)[0]
    source = OpenClipSource(architecture=architecture, pretrained=tag)
    for load in (loading.load_model, loading.load_tokenizer):
        with pytest.raises(ModelError) as caught:
            load(source)
        assert "package transformers" in caught.value.message
        assert "pip install transformers" in caught.value.remedy
        assert "ready-made export" in caught.value.remedy


def test_a_foreign_tower_without_the_hub_says_that_its_configuration_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    import open_clip

    from helios_desktop.embed.open_clip import loading

    def without_network(*_: Any, **__: Any) -> None:
        raise OSError("We couldn't connect to the hub to load the files, and couldn't find them in the cached files.")

    monkeypatch.setattr(loading.importlib.util, "find_spec", lambda _: object())
    monkeypatch.setattr(open_clip, "create_model", without_network)
    with pytest.raises(ModelError) as caught:
        loading.load_model(OpenClipSource(architecture="xlm-roberta-base-ViT-B-32", checkpoint=WEIGHTS))
    assert "configuration of xlm-roberta-base" in caught.value.message
    assert "first use" in caught.value.remedy


def test_a_broken_configuration_is_a_known_error(tmp_path: Path) -> None:
    from helios_desktop.embed.open_clip.loading import describe

    (tmp_path / "open_clip_config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="not a configuration"):
        describe(OpenClipSource(architecture=str(tmp_path), checkpoint=WEIGHTS))


def test_loading_leaves_the_log_as_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    from helios_desktop.embed.open_clip.loading import load_model

    root = logging.getLogger()
    before = (list(root.handlers), list(root.filters))
    load_model(tiny())
    assert (list(root.handlers), list(root.filters)) == before
    assert capfd.readouterr().err == ""
