"""Packs that torch runs: whole, of the same vector space as the source, and opened without torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from helios_desktop.embed.onnx_embedder import open_pack
from helios_desktop.embed.open_clip.embedder import OpenClipEmbedder
from helios_desktop.embed.open_clip.packs import write_torch_pack
from helios_desktop.embed.open_clip.source import OpenClipSource
from helios_desktop.embed.pack import ModelPack, install_pack
from helios_desktop.errors import ModelError


def test_an_installed_pack_gives_the_vectors_of_its_source(
    tiny_torch_pack: Path, tiny_source: OpenClipSource, shape_pictures: np.ndarray, tmp_path: Path
) -> None:
    pack = install_pack(tiny_torch_pack, tmp_path)
    pack.verify()
    embedder, own = open_pack(pack.folder, device="cpu"), OpenClipEmbedder(tiny_source, device="cpu")
    assert embedder.model_id == own.model_id
    assert embedder.preprocess == own.preprocess
    assert embedder.embed_images([shape_pictures[:9]]).tobytes() == own.embed_images([shape_pictures[:9]]).tobytes()
    assert embedder.embed_text(["a red circle"]).tobytes() == own.embed_text(["a red circle"]).tobytes()
    embedder.close()
    own.close()


def test_it_holds_weights_as_safetensors_and_no_code(tiny_torch_pack: Path) -> None:
    assert set(ModelPack.open(tiny_torch_pack).files) == {"open_clip_config.json", "open_clip_model.safetensors"}


def test_a_folder_that_exists_is_left_alone(tiny_source: OpenClipSource, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="exists already"):
        write_torch_pack(tiny_source, tmp_path)


def test_what_it_is_can_be_said_without_torch(tiny_torch_pack: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from helios_desktop.embed.onnx_embedder import open_pack\n"
        f"one = open_pack(Path({str(tiny_torch_pack)!r}))\n"
        "print(one.dim, one.preprocess[0].width, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["64", "48", "False"]


def test_a_device_that_is_not_here_is_a_known_error(tiny_torch_pack: Path, shape_pictures: np.ndarray) -> None:
    embedder = open_pack(tiny_torch_pack, device="xpu")
    with pytest.raises(ModelError, match="cannot use the device 'xpu'"):
        embedder.embed_images([shape_pictures[:1]])
