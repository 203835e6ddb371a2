"""A pack on disk -> an ``Embedder``: looks at the kind of the pack and hands it to the code that runs that kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from helios_desktop.embed.base import Embedder
from helios_desktop.embed.pack import ModelPack
from helios_desktop.errors import ModelError

Opener = Callable[[ModelPack, int], Embedder]


def _open_starter(pack: ModelPack, threads: int) -> Embedder:
    from helios_desktop.embed.starter import StarterEmbedder  # each kind loads its own libraries alone

    return StarterEmbedder(pack, threads=threads)


def _open_clip(pack: ModelPack, threads: int) -> Embedder:
    from helios_desktop.embed.clip_onnx import ClipOnnxEmbedder

    return ClipOnnxEmbedder(pack, threads=threads)


# A new kind of pack is one line here and one module beside this one.
_OPENERS: dict[str, Opener] = {"starter": _open_starter, "clip": _open_clip}


def open_pack(folder: Path, *, threads: int = 1) -> Embedder:
    """Open the pack in ``folder``; its ONNX graphs are loaded when they are first needed, on ``threads`` threads each.

    Raises ``ModelError`` where the pack is missing, damaged, or of a kind that this version cannot run.
    """
    pack = ModelPack.open(folder)
    opener = _OPENERS.get(pack.kind)
    if opener is None:
        raise ModelError(
            f"The model {pack.title!r} is of the kind {pack.kind!r}, which this version cannot run.",
            "Update Helios Desktop, or choose another model in the settings.",
        )
    return opener(pack, threads)
