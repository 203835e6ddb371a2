"""Whether torch, torchvision and open_clip are here and fit each other, in words for the person who has to install them."""

from __future__ import annotations

import importlib
import importlib.util
from importlib import metadata

from helios_desktop.errors import ModelError

_PARTS = {"torch": "torch", "torchvision": "torchvision", "open_clip": "open_clip_torch"}
_INSTALL = 'Install them with `pip install "helios-desktop[torch]"`, or choose a model that needs no PyTorch.'


def is_installed() -> bool:
    """Whether all three are installed; nothing is imported."""
    return all(importlib.util.find_spec(name) is not None for name in _PARTS)


def require_libraries() -> None:
    """Import torch, torchvision and open_clip (seconds, the first time). Raises ``ModelError`` that says what is wrong.

    open_clip needs torchvision at its import, and a torchvision made for another torch fails there: its compiled part
    declares no operators, so ``operator torchvision::nms does not exist``.
    """
    if missing := [package for name, package in _PARTS.items() if importlib.util.find_spec(name) is None]:
        raise ModelError(f"This model runs on PyTorch, and {', '.join(missing)} is not installed.", _INSTALL)
    _imported("torch", "PyTorch cannot be loaded", "Install it again with `pip install --force-reinstall torch torchvision`.")
    _imported(
        "torchvision",
        f"torchvision {_version('torchvision')} does not fit torch {_version('torch')}",
        "Install both together, from one place: `pip install --force-reinstall torch torchvision`.",
    )
    _imported(
        "open_clip", "open_clip cannot be loaded", "Install it again with `pip install --force-reinstall open_clip_torch`."
    )


def _imported(name: str, message: str, remedy: str) -> None:
    try:
        importlib.import_module(name)
    except (ImportError, RuntimeError, OSError, AttributeError) as error:
        raise ModelError(f"{message} ({error}).", remedy) from error


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "(of an unknown version)"
