"""What a person is told when torch, torchvision or open_clip are missing or do not fit."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from helios_desktop.embed.open_clip import libraries
from helios_desktop.errors import ModelError


def told(folder: Path) -> str:
    """What ``require_libraries`` says in a fresh process where ``folder`` comes first."""
    code = (
        "from helios_desktop.embed.open_clip.libraries import require_libraries\n"
        "from helios_desktop.errors import ModelError\n"
        "try:\n    require_libraries()\nexcept ModelError as error:\n    print(error)"
    )
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment).stdout


def fake(folder: Path, name: str, content: str) -> None:
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text(content, encoding="utf-8")


def test_a_torchvision_made_for_another_torch_is_named_with_its_remedy(tmp_path: Path) -> None:
    fake(tmp_path, "torch", "")
    fake(tmp_path, "open_clip", "import torchvision")
    fake(tmp_path, "torchvision", "raise RuntimeError('operator torchvision::nms does not exist')")
    words = told(tmp_path)
    assert "torchvision" in words
    assert "does not fit torch" in words
    assert "nms does not exist" in words
    assert "pip install --force-reinstall torch torchvision" in words


def test_a_torch_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    fake(tmp_path, "torch", "raise OSError('libcudart.so.13: cannot open shared object file')")
    fake(tmp_path, "torchvision", "")
    fake(tmp_path, "open_clip", "")
    assert "PyTorch cannot be loaded (libcudart" in told(tmp_path)


def test_nothing_is_said_where_all_fits(tmp_path: Path) -> None:
    for name in ("torch", "torchvision", "open_clip"):
        fake(tmp_path, name, "")
    assert told(tmp_path) == ""


def test_what_is_not_installed_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in ("torch", "open_clip") else found(name))
    assert not libraries.is_installed()
    with pytest.raises(ModelError) as caught:
        libraries.require_libraries()
    assert "torch, open_clip_torch is not installed" in caught.value.message
    assert "helios-desktop[torch]" in caught.value.remedy
