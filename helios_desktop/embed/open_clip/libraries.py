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


def smallest_answer() -> str:
    """Ask a small CLIP with random weights for a picture and a question; return what ran it. Raises ``ModelError``."""
    require_libraries()
    import open_clip
    import torch

    vision = {"image_size": 32, "layers": 2, "width": 64, "patch_size": 16}
    text = {"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 1, "layers": 2}
    model = open_clip.CLIP(32, vision, text).eval()
    with torch.inference_mode():
        picture = model.encode_image(torch.zeros(1, 3, 32, 32), normalize=True)
        question = model.encode_text(open_clip.tokenize(["a cat"]), normalize=True)
    score = float((picture @ question.T).item())
    return f"torch {torch.__version__}, open_clip {open_clip.__version__}: a random model answers ({score:+.3f})"
