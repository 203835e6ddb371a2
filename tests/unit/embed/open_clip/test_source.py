"""Naming a model of open_clip's, without torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tiny_clip_fixtures import TINY_CLIP

from helios_desktop.embed.open_clip.source import OpenClipSource
from helios_desktop.errors import ModelError


def test_published_weights_are_named_as_ready_made_exports_name_them() -> None:
    source = OpenClipSource(architecture="ViT-B-32", pretrained="laion2b_s34b_b79k")
    assert source.model_id() == "ViT-B-32__laion2b-s34b-b79k"
    assert source.title == "ViT-B-32 (laion2b_s34b_b79k)"


def test_weights_of_ones_own_are_named_by_what_they_hold(tmp_path: Path) -> None:
    one, other = tmp_path / "one.safetensors", tmp_path / "other.safetensors"
    one.write_bytes(b"weights")
    other.write_bytes(b"weightz")
    ids = {OpenClipSource(architecture="ViT-B-32", checkpoint=path).model_id() for path in (one, other)}
    assert len(ids) == 2
    one.rename(tmp_path / "renamed.safetensors")
    assert OpenClipSource(architecture="ViT-B-32", checkpoint=tmp_path / "renamed.safetensors").model_id() in ids


def test_a_folder_with_a_configuration_is_an_architecture() -> None:
    source = OpenClipSource(architecture=str(TINY_CLIP), checkpoint=TINY_CLIP / "open_clip_model.safetensors")
    assert source.folder == TINY_CLIP
    assert source.model_id().startswith("tiny_clip__")


def test_without_weights_it_is_asked_for_them() -> None:
    with pytest.raises(ModelError, match="not said which weights"):
        OpenClipSource(architecture="ViT-B-32")


@pytest.mark.parametrize("name", ["weights.npz", "weights.pkl", "weights.h5", "weights"])
def test_formats_that_may_hold_code_are_refused_by_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match="read safely"):
        OpenClipSource(architecture="ViT-B-32", checkpoint=tmp_path / name)


def test_weights_that_are_not_there_are_a_known_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        OpenClipSource(architecture="ViT-B-32", checkpoint=tmp_path / "gone.safetensors").model_id()


def test_naming_and_opening_load_no_torch() -> None:
    code = (
        "import sys\n"
        "import helios_desktop.embed.open_clip.embedder as e, helios_desktop.embed.open_clip.export\n"
        "from helios_desktop.embed.open_clip.source import OpenClipSource\n"
        "e.OpenClipEmbedder(OpenClipSource(architecture='ViT-B-32', pretrained='openai')).close()\n"
        "print(sorted({'torch', 'open_clip', 'torchvision', 'transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
