"""Which open_clip model: an architecture and where its weights come from. Needs no torch, so that anybody may name a model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from helios_desktop.domain import ModelId, View
from helios_desktop.embed.pack import sha256_of
from helios_desktop.errors import ModelError

CONFIG_NAME = "open_clip_config.json"
"""Beside weights of one's own, it says their architecture and how pictures are prepared (open_clip's ``local-dir`` layout)."""
CHECKPOINT_SUFFIXES = (".safetensors", ".pt", ".pth", ".bin")
_HASH_CHARACTERS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenClipSource:
    """``architecture``: a name that open_clip knows, or a folder with an ``open_clip_config.json``.

    ``pretrained``: a tag that open_clip publishes weights under. ``checkpoint``: weights of one's own instead; the tag, where
    both are given, then only says how pictures are prepared.
    """

    architecture: str
    pretrained: str = ""
    checkpoint: Path | None = None

    def __post_init__(self) -> None:
        if not self.pretrained and self.checkpoint is None:
            raise ModelError(
                f"It is not said which weights {self.architecture} should have.",
                "Name a tag that open_clip publishes, or a file with --checkpoint.",
            )
        if self.checkpoint is not None and self.checkpoint.suffix.lower() not in CHECKPOINT_SUFFIXES:
            raise ModelError(
                f"{self.checkpoint.name} is not a file of weights that can be read safely.",
                "Use a .safetensors file, or a .pt file that holds nothing but weights.",
            )

    @property
    def folder(self) -> Path | None:
        """The folder with the configuration, where the architecture is not one of open_clip's own."""
        path = Path(self.architecture)
        return path if (path / CONFIG_NAME).is_file() else None

    @property
    def name(self) -> str:
        """The architecture as people know it."""
        return self.folder.resolve().name if self.folder else self.architecture

    @property
    def title(self) -> str:
        """What people call the model."""
        return f"{self.name} ({self.pretrained})" if self.checkpoint is None else f"{self.name} (own weights)"

    def model_id(self) -> ModelId:
        """Name the vector space as ready-made exports of the same weights do; weights of one's own are named by their hash.

        Reads the whole checkpoint. Raises ``ModelError`` where it cannot be read.
        """
        if self.checkpoint is None:
            return ModelId(_safe(f"{self.name}__{self.pretrained.replace('_', '-')}"))
        try:
            digest = sha256_of(self.checkpoint)
        except OSError as error:
            raise ModelError(
                f"The weights in {self.checkpoint} cannot be read ({error.strerror}).", "Name the file again."
            ) from error
        return ModelId(_safe(f"{self.name}__{digest[:_HASH_CHARACTERS]}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What is known of a model before its weights are in memory. ``mean`` and ``std``: red, green, blue, of values 0 to 1."""

    model_id: ModelId
    title: str
    dim: int
    view: View
    mean: tuple[float, ...]
    std: tuple[float, ...]


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-")
