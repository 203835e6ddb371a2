"""The tiny CLIP for every folder of tests: its source, pictures to judge by, and its packs, exported once a session."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_clip_pictures import Said, all_pairs, caption, draw, random_scene

TINY_CLIP = Path(__file__).resolve().parent / "data" / "tiny_clip"
SIZE_PX = 48
GATE_PICTURES = 120


@pytest.fixture(scope="session")
def torch_libraries() -> None:
    """Skips where torch and open_clip are not installed. Imports them here, where their own deprecations fail no test."""
    from helios_desktop.embed.open_clip.libraries import is_installed, require_libraries

    if not is_installed():
        pytest.skip('torch and open_clip are not installed: pip install "helios-desktop[torch]"')
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        require_libraries()


@pytest.fixture(scope="session")
def tiny_source(torch_libraries: None) -> Any:
    """Names the tiny CLIP."""
    from helios_desktop.embed.open_clip.source import OpenClipSource

    return OpenClipSource(architecture=str(TINY_CLIP), checkpoint=TINY_CLIP / "open_clip_model.safetensors")


@pytest.fixture(scope="session")
def tiny_torch_pack(tiny_source: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny CLIP as a pack that torch runs. Not to be changed."""
    from helios_desktop.embed.open_clip.packs import write_torch_pack

    return write_torch_pack(tiny_source, tmp_path_factory.mktemp("tiny-torch") / "pack").folder


@pytest.fixture(scope="session")
def shape_pictures() -> np.ndarray:
    """uint8 ``[n, 48, 48, 3]``: pictures of pairs that the tiny CLIP knows."""
    random = np.random.default_rng(5)
    scenes = [random_scene(random, pairs=all_pairs(held_out=False)) for _ in range(GATE_PICTURES)]
    return np.stack([np.asarray(draw(scene, SIZE_PX, random)) for scene in scenes])


@pytest.fixture(scope="session")
def tiny_packs(tiny_source: Any, shape_pictures: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The tiny CLIP as packs that run without torch, "fp32" and "int8". Not to be changed: copy what you break."""
    from helios_desktop.embed.int8 import quantise_and_gate
    from helios_desktop.embed.open_clip.export import export_pack

    folder = tmp_path_factory.mktemp("tiny-packs")
    packs = {"fp32": folder / "fp32", "int8": folder / "int8"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own parts are deprecated from version to version
        export_pack(tiny_source, packs["fp32"], pictures=lambda _: list(shape_pictures), is_int8_wanted=False)
    shutil.copytree(packs["fp32"], packs["int8"])
    asked = [caption(Said(colour=colour, shape=shape)) for colour, shape in all_pairs(held_out=False)]
    report = quantise_and_gate(packs["int8"], [shape_pictures], asked)
    assert report.is_image_kept, report.sentence()
    assert report.is_text_kept, report.sentence()
    return packs
