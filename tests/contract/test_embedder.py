"""What every embedder must keep, whichever model it runs: one set of assertions, run over each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from helios_desktop.domain import UInt8Array
from helios_desktop.embed.base import Embedder
from helios_desktop.embed.onnx_embedder import open_pack
from helios_desktop.errors import ModelError

REPOSITORY = Path(__file__).resolve().parents[2]
PACKS = {"starter": REPOSITORY / "resources" / "models" / "starter"}
UNIT_TOLERANCE = 1e-4
BATCH_TOLERANCE = 1e-4
INT8_BATCH_TOLERANCE = 0.05
TEXTS = ("a cat", "ein Hund am Strand", "日本の城", "صورة قطة", "🐈 on a 🪑", "sunset, sunset; SUNSET!", "x", "")


@pytest.fixture(scope="module", params=[*sorted(PACKS), "open_clip", "exported fp32", "exported int8"])
def embedder(request: pytest.FixtureRequest) -> Iterator[Embedder]:
    if request.param == "open_clip":
        opened = open_pack(request.getfixturevalue("tiny_torch_pack"), threads=1, device="cpu")
    elif request.param in PACKS:
        opened = open_pack(PACKS[request.param], threads=1)
    else:
        opened = open_pack(request.getfixturevalue("tiny_packs")[request.param.removeprefix("exported ")], threads=1)
    yield opened
    opened.close()


@pytest.fixture
def batch_tolerance(request: pytest.FixtureRequest) -> float:
    """8-bit towers choose one scale for all activations of a run, so a photo's neighbours show in its vector a little."""
    return INT8_BATCH_TOLERANCE if "int8" in request.node.callspec.id else BATCH_TOLERANCE


def pictures(embedder: Embedder, count: int) -> list[UInt8Array]:
    """Smooth random pictures, one array a view; noise alone would be no picture at all."""
    made = []
    for number, view in enumerate(embedder.preprocess):
        coarse = np.random.default_rng(number).integers(0, 256, (count, 5, 5, 3), np.uint8)
        rows = np.arange(view.height) * 5 // view.height
        columns = np.arange(view.width) * 5 // view.width
        made.append(np.ascontiguousarray(coarse[:, rows][:, :, columns]))
    return made


def test_says_who_it_is_and_what_it_wants_to_see(embedder: Embedder) -> None:
    assert embedder.model_id
    assert embedder.title
    assert embedder.dim > 0
    assert embedder.preprocess
    assert all(view.width > 0 and view.height > 0 and 0 < view.crop <= 1 for view in embedder.preprocess)
    assert embedder.batch_photos >= 1


def test_photos_become_rows_of_unit_length(embedder: Embedder) -> None:
    vectors = embedder.embed_images(pictures(embedder, 3))
    assert vectors.shape == (3, embedder.dim)
    assert vectors.dtype == np.float32
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < UNIT_TOLERANCE


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_becomes_a_row_of_unit_length(embedder: Embedder, text: str) -> None:
    vectors = embedder.embed_text([text])
    assert vectors.shape == (1, embedder.dim)
    assert vectors.dtype == np.float32
    assert abs(float(np.linalg.norm(vectors[0])) - 1) < UNIT_TOLERANCE


def test_ten_thousand_characters_are_no_trouble(embedder: Embedder) -> None:
    vectors = embedder.embed_text(["a cat on a chair " * 600, "a" * 10_000])
    assert np.isfinite(vectors).all()
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < UNIT_TOLERANCE


def test_nothing_becomes_no_rows(embedder: Embedder) -> None:
    assert embedder.embed_text([]).shape == (0, embedder.dim)
    assert embedder.embed_images(pictures(embedder, 0)).shape == (0, embedder.dim)
    assert embedder.embed_images(pictures(embedder, 0)).dtype == np.float32


def test_the_same_input_gives_the_same_bytes(embedder: Embedder) -> None:
    shown = pictures(embedder, 2)
    assert embedder.embed_images(shown).tobytes() == embedder.embed_images(shown).tobytes()
    assert embedder.embed_text(["a red car"]).tobytes() == embedder.embed_text(["a red car"]).tobytes()


def test_a_photo_in_a_batch_is_the_photo_alone(embedder: Embedder, batch_tolerance: float) -> None:
    shown = pictures(embedder, 11)
    together = embedder.embed_images(shown)
    alone = np.concatenate([embedder.embed_images([view[i : i + 1] for view in shown]) for i in range(11)])
    assert np.abs(together - alone).max() < batch_tolerance


def test_a_question_among_others_is_the_question_alone(embedder: Embedder, batch_tolerance: float) -> None:
    questions = ["a cat", "a long question about a boat in the harbour at night", "x"]
    together = embedder.embed_text(questions)
    alone = np.concatenate([embedder.embed_text([question]) for question in questions])
    assert np.abs(together - alone).max() < batch_tolerance


def test_different_photos_and_different_questions_differ(embedder: Embedder) -> None:
    shown = embedder.embed_images(pictures(embedder, 2))
    asked = embedder.embed_text(["a red circle", "a black dog"])
    assert float(shown[0] @ shown[1]) < 0.999
    assert float(asked[0] @ asked[1]) < 0.9


def test_pictures_of_the_wrong_size_are_refused(embedder: Embedder) -> None:
    with pytest.raises(ModelError) as caught:
        embedder.embed_images([np.zeros((1, 7, 7, 3), np.uint8) for _ in embedder.preprocess])
    assert caught.value.remedy


def test_a_missing_view_is_refused(embedder: Embedder) -> None:
    with pytest.raises(ModelError):
        embedder.embed_images(pictures(embedder, 1)[:-1])
