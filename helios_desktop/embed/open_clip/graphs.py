"""An open_clip model -> two ONNX files, one a tower: what goes in is a module, what comes out are files that need no torch.

Imports torch: call ``libraries.require_libraries`` before importing this module. The number of rows is left open; everything
else is fixed. Graphs of more than 2 GB keep their weights in a file beside them.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from helios_desktop.errors import ModelError

OPSET = 18
_ROWS = 2
"""Rows of the example that is traced: one would be taken for a constant."""


def export_images(model: Any, size: tuple[int, int], path: Path) -> None:
    """Write the tower for pictures: ``image`` float32 ``[n, 3, height, width]`` -> ``[n, d]``. Raises ``ModelError``."""
    _export(_Pictures(model), torch.zeros(_ROWS, 3, *size), "image", path)


def export_texts(model: Any, context_length: int, path: Path) -> None:
    """Write the tower for words: ``text`` int32 ``[n, context_length]`` -> ``[n, d]``. Raises ``ModelError``."""
    _export(_Words(model), torch.zeros(_ROWS, context_length, dtype=torch.int32), "text", path)


class _Pictures(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Any) -> Any:
        return self.model.encode_image(image)


class _Words(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, text: Any) -> Any:
        return self.model.encode_text(text)


def _export(module: Any, example: Any, name: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = torch.export.Dim("rows", min=1)
    try:
        with _plain_attention(), torch.inference_mode(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter's remarks are about its own parts
            torch.onnx.export(
                module.eval(),
                (example,),
                path,
                input_names=[name],
                output_names=["vectors"],
                dynamic_shapes=({0: rows},),
                opset_version=OPSET,
                dynamo=True,
                external_data=False,
                verbose=False,
            )
    except ImportError as error:
        raise ModelError(
            f"A pack cannot be made: {error.name or 'onnxscript'} is not installed.",
            'Install what it needs with `pip install "helios-desktop[torch]"`.',
        ) from error
    except Exception as error:  # the exporter raises kinds of its own, a different one in each version of torch
        raise ModelError(
            f"The tower for {name}s cannot be written as ONNX ({str(error).strip().split(chr(10), 1)[0]}).",
            "Use the model with PyTorch instead, or choose another one.",
        ) from error


@contextmanager
def _plain_attention() -> Iterator[None]:
    """Have attention written as ordinary operators: torch's fused inference path has no ONNX form. Keeps the log quiet."""
    was_enabled = torch.backends.mha.get_fastpath_enabled()
    log = logging.getLogger("torch.onnx")
    level = log.level
    torch.backends.mha.set_fastpath_enabled(False)
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(was_enabled)
        log.setLevel(level)
