"""Opening a pack: the kind decides who runs it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from helios_desktop.embed.onnx_embedder import open_pack
from helios_desktop.errors import ModelError


def test_the_starter_pack_opens_as_the_starter_model(starter_folder: Path) -> None:
    embedder = open_pack(starter_folder, threads=1)
    assert embedder.title == "starter model"
    assert embedder.model_id == "starter-3"
    embedder.close()


def test_a_kind_from_the_future_asks_for_an_update(make_pack: Callable[..., Path]) -> None:
    with pytest.raises(ModelError) as caught:
        open_pack(make_pack(kind="telepathy"), threads=1)
    assert "telepathy" in caught.value.message
    assert "Update" in caught.value.remedy


def test_a_starter_pack_without_its_files_is_refused_at_once(make_pack: Callable[..., Path]) -> None:
    with pytest.raises(ModelError, match=r"no file vision\.onnx"):
        open_pack(make_pack(), threads=1)
