"""One tower on one device. "cpu:0" stands for a GPU here: to torch it is the processor, to the tower it is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from helios_desktop.embed.open_clip.source import OpenClipSource
from helios_desktop.errors import ModelError

pytestmark = pytest.mark.usefixtures("torch_libraries")

GPU = "cpu:0"


def image_tower(source: OpenClipSource, device: str, notices: list[str]) -> Any:
    from helios_desktop.embed.open_clip.loading import describe, load_model
    from helios_desktop.embed.open_clip.towers import ImageTower

    return ImageTower(load_model(source), describe(source), device, notices.append)


def without_room_for(tower: Any, pictures: int) -> None:
    """Let the model of a tower run out of memory for this many pictures or more, as long as it is on the "GPU"."""
    import torch

    encode = tower._model.encode_image

    def scarce(images: Any) -> Any:
        if len(images) >= pictures and tower.device == GPU:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB")
        return encode(images)

    tower._model.encode_image = scarce


def test_half_precision_agrees_with_full(tiny_source: OpenClipSource, shape_pictures: np.ndarray) -> None:
    notices: list[str] = []
    exact = image_tower(tiny_source, "cpu", notices).embed(shape_pictures[:40])
    half = image_tower(tiny_source, GPU, notices).embed(shape_pictures[:40])
    assert half.dtype == np.float32
    assert (exact * half).sum(axis=1).min() > 0.999
    assert notices == []


def test_a_gpu_out_of_memory_gets_half_the_batch_and_says_so(tiny_source: OpenClipSource, shape_pictures: np.ndarray) -> None:
    notices: list[str] = []
    tower = image_tower(tiny_source, GPU, notices)
    exact = tower.embed(shape_pictures)
    without_room_for(tower, 40)
    assert np.abs(tower.embed(shape_pictures) - exact).max() < 5e-3
    assert tower.batch == 32
    assert tower.device == GPU
    assert [notice.split("with ")[1] for notice in notices] == [f"{n} pictures at a time." for n in (128, 64, 32)]


def test_a_gpu_with_no_memory_at_all_leaves_the_work_to_the_processor(
    tiny_source: OpenClipSource, shape_pictures: np.ndarray
) -> None:
    notices: list[str] = []
    tower = image_tower(tiny_source, GPU, notices)
    exact = image_tower(tiny_source, "cpu", []).embed(shape_pictures[:9])
    without_room_for(tower, 1)
    assert np.abs(tower.embed(shape_pictures[:9]) - exact).max() < 1e-5
    assert tower.device == "cpu"
    assert "runs on the processor now" in notices[-1]


def test_a_gpu_too_full_for_the_model_leaves_it_to_the_processor(
    tiny_source: OpenClipSource, shape_pictures: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    move = torch.nn.Module.to

    def scarce(self: Any, *args: Any, **options: Any) -> Any:
        if str(options.get("device")) == GPU or GPU in args:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return move(self, *args, **options)

    monkeypatch.setattr(torch.nn.Module, "to", scarce)
    notices: list[str] = []
    tower = image_tower(tiny_source, GPU, notices)
    assert tower.embed(shape_pictures[:2]).shape == (2, 64)
    assert (tower.device, len(notices)) == ("cpu", 1)


def test_numbers_that_overflow_half_precision_are_computed_in_full(
    tiny_source: OpenClipSource, shape_pictures: np.ndarray
) -> None:
    import torch

    notices: list[str] = []
    tower = image_tower(tiny_source, GPU, notices)
    with torch.no_grad():
        tower._model.visual.proj.mul_(60_000)  # beyond the 65,504 of half precision once it is multiplied
    rows = tower.embed(shape_pictures[:5])
    assert np.isfinite(rows).all()
    assert np.abs(np.linalg.norm(rows, axis=1) - 1).max() < 1e-4
    assert len(notices) == 1
    assert "full precision" in notices[0]


def test_other_failures_are_known_errors(tiny_source: OpenClipSource, shape_pictures: np.ndarray) -> None:
    def broken(images: Any) -> Any:
        raise RuntimeError("an illegal memory access was encountered")

    tower = image_tower(tiny_source, GPU, [])
    tower._model.encode_image = broken
    with pytest.raises(ModelError, match="illegal memory access"):
        tower.embed(shape_pictures[:1])


def test_each_tower_lets_go_of_the_other(tiny_source: OpenClipSource) -> None:
    from helios_desktop.embed.open_clip.loading import load_model
    from helios_desktop.embed.open_clip.towers import only_pictures, only_words

    def weights(model: Any) -> int:
        return sum(value.numel() for value in model.parameters())

    whole = weights(load_model(tiny_source))
    pictures, words = weights(only_pictures(load_model(tiny_source))), weights(only_words(load_model(tiny_source)))
    assert pictures < whole / 4
    assert abs(pictures + words - whole) < 5


def test_a_device_that_is_not_here_is_answered_with_those_that_are() -> None:
    import torch

    from helios_desktop.embed.open_clip.towers import available_devices, choose_device

    assert available_devices()[-1] == "cpu"
    assert choose_device("") == choose_device("auto") == available_devices()[0]
    missing = "mps" if torch.cuda.is_available() else "cuda:1"
    with pytest.raises(ModelError) as caught:
        choose_device(missing)
    assert "cpu" in caught.value.remedy
