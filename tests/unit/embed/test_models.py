"""The table of models: what ships, what was installed, and which one is used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from helios_desktop.embed.models import choose_model, known_models
from helios_desktop.embed.pack import install_pack
from helios_desktop.errors import ModelError


def test_the_starter_model_is_there_and_used_by_itself(starter_folder: Path, tmp_path: Path) -> None:
    known = known_models(starter_folder, tmp_path / "none yet")
    assert [row.model_id for row in known] == ["starter-3"]
    assert choose_model(known, None).is_shipped


def test_an_installed_pack_is_listed_and_can_be_chosen(
    starter_folder: Path, tmp_path: Path, make_pack: Callable[..., Path]
) -> None:
    install_pack(make_pack(), tmp_path / "models")
    known = known_models(starter_folder, tmp_path / "models")
    assert choose_model(known, "tiny-1").folder == tmp_path / "models" / "tiny-1"
    assert not choose_model(known, "tiny-1").is_shipped


def test_a_damaged_pack_is_left_out(starter_folder: Path, tmp_path: Path, make_pack: Callable[..., Path]) -> None:
    install_pack(make_pack(), tmp_path / "models")
    (tmp_path / "models" / "tiny-1" / "weights.onnx").unlink()
    assert [row.model_id for row in known_models(starter_folder, tmp_path / "models")] == ["starter-3"]


def test_an_unknown_model_is_refused_with_the_ones_there_are(starter_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        choose_model(known_models(starter_folder, tmp_path), "clip-9")
    assert "starter-3" in caught.value.remedy


def test_an_earlier_revision_of_the_starter_model_means_the_one_that_ships(starter_folder: Path, tmp_path: Path) -> None:
    known = known_models(starter_folder, tmp_path)
    assert choose_model(known, "starter-1").model_id == "starter-3"
    with pytest.raises(ModelError):
        choose_model(known, "starter-extra-1")


def test_an_installation_without_the_starter_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="starter model is missing"):
        choose_model(known_models(tmp_path, tmp_path), None)
