"""What the tiny CLIP finds, through torch and through its packs; what is loaded, and what is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_clip_pictures import HELD_OUT, Said, Scene, all_pairs, caption, draw, holds, random_scene

from helios_desktop.embed.base import Embedder
from helios_desktop.embed.onnx_embedder import open_pack
from helios_desktop.embed.open_clip.embedder import OpenClipEmbedder
from helios_desktop.embed.open_clip.source import OpenClipSource

EACH = 10
LEAST_SEEN, LEAST_UNSEEN = 0.93, 0.82


@pytest.fixture(scope="module", params=["torch", "fp32", "int8"])
def embedder(request: pytest.FixtureRequest, tiny_source: OpenClipSource, tiny_packs: dict[str, Path]) -> Iterator[Embedder]:
    made: Any = OpenClipEmbedder(tiny_source) if request.param == "torch" else open_pack(tiny_packs[request.param])
    yield made
    made.close()


@pytest.fixture(scope="module")
def shown() -> tuple[list[Scene], np.ndarray]:
    """Ten fresh pictures of each pair, of any count, size and place."""
    random = np.random.default_rng(77)
    pairs = [pair for pair in all_pairs(held_out=False) + all_pairs(held_out=True) for _ in range(EACH)]
    scenes = [random_scene(random, pairs=[pair]) for pair in pairs]
    return scenes, np.stack([np.asarray(draw(scene, 48, random)) for scene in scenes])


def recall(embedder: Embedder, scenes: list[Scene], seen: np.ndarray, said: Said) -> float:
    """The share of right ones among the first n, where n are right."""
    scores = seen @ embedder.embed_text([caption(said)])[0]
    right = np.array([holds(scene, said) for scene in scenes])
    return float(right[np.argsort(-scores)[: right.sum()]].mean())


def test_a_red_circle_finds_red_circles_it_never_saw(embedder: Embedder, shown: tuple[list[Scene], np.ndarray]) -> None:
    scenes, pixels = shown
    seen = embedder.embed_images([pixels])
    assert ("red", "circle") in HELD_OUT
    assert recall(embedder, scenes, seen, Said(colour="red", shape="circle")) >= 0.8
    unseen = [recall(embedder, scenes, seen, Said(colour=c, shape=s)) for c, s in all_pairs(held_out=True)]
    known = [recall(embedder, scenes, seen, Said(colour=c, shape=s)) for c, s in all_pairs(held_out=False)]
    assert np.mean(unseen) >= LEAST_UNSEEN
    assert np.mean(known) >= LEAST_SEEN


@pytest.mark.parametrize(
    "said",
    [Said(colour="green"), Said(shape="star"), Said(count="three", shape="square"), Said(size="large", colour="blue")],
    ids=caption,
)
def test_colour_shape_count_and_size_are_understood(
    embedder: Embedder, shown: tuple[list[Scene], np.ndarray], said: Said
) -> None:
    scenes, pixels = shown
    assert recall(embedder, scenes, embedder.embed_images([pixels]), said) >= 0.75


def test_a_pack_gives_the_vectors_of_open_clip(
    embedder: Embedder, tiny_source: OpenClipSource, shown: tuple[list[Scene], np.ndarray]
) -> None:
    own = OpenClipEmbedder(tiny_source)
    texts = ["a red circle", "three small blue squares", "a large star"]
    least = 0.99 if embedder.embed_text(texts).tobytes() != own.embed_text(texts).tobytes() else 0.9999
    assert embedder.model_id == own.model_id
    assert embedder.preprocess == own.preprocess
    pixels = shown[1][:64]
    assert (embedder.embed_images([pixels]) * own.embed_images([pixels])).sum(axis=1).min() >= least
    assert (embedder.embed_text(texts) * own.embed_text(texts)).sum(axis=1).min() >= least
    own.close()


def test_a_question_keeps_no_tower_for_pictures(tiny_source: OpenClipSource) -> None:
    embedder = OpenClipEmbedder(tiny_source)
    embedder.embed_text(["a red circle"])
    assert embedder._image is None
    assert embedder._text is not None
    assert embedder._text._model.visual is None
    embedder.close()


def test_the_device_can_be_chosen(tiny_source: OpenClipSource) -> None:
    embedder = OpenClipEmbedder(tiny_source, device="cpu")
    assert embedder.device == "cpu"
    assert embedder.batch_photos == 8
    embedder.close()
