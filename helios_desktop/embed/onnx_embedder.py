"""A pack on disk -> an ``Embedder``: looks at the kind of the pack and hands it to the code that runs that kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from helios_desktop.embed.base import Embedder
from helios_desktop.embed.pack import ModelPack
from helios_desktop.errors import ModelError

Opener = Callable[[ModelPack, int, str], Embedder]


def _open_starter(pack: ModelPack, threads: int, _device: str) -> Embedder:
    from helios_desktop.embed.starter import StarterEmbedder  # each kind loads its own libraries alone

    return StarterEmbedder(pack, threads=threads)


def _open_clip(pack: ModelPack, threads: int, _device: str) -> Embedder:
    from helios_desktop.embed.clip_onnx import ClipOnnxEmbedder

    return ClipOnnxEmbedder(pack, threads=threads)


def _open_torch(pack: ModelPack, threads: int, device: str) -> Embedder:
    from helios_desktop.embed.open_clip.packs import open_torch_pack

    return open_torch_pack(pack, threads=threads, device=device)


# A new kind of pack is one line here and one module beside this one.
_OPENERS: dict[str, Opener] = {"starter": _open_starter, "clip": _open_clip, "open_clip": _open_torch}


def open_pack(folder: Path, *, threads: int = 1, device: str = "") -> Embedder:
    """Open the pack in ``folder``; its towers are loaded when they are first needed, on ``threads`` threads each.

    ``device``: for packs that torch runs, "cuda", "mps" or "cpu"; empty for the best one here.

    Raises ``ModelError`` where the pack is missing, damaged, or of a kind that this version cannot run.
    """
    pack = ModelPack.open(folder)
    opener = _OPENERS.get(pack.kind)
    if opener is None:
        raise ModelError(
            f"The model {pack.title!r} is of the kind {pack.kind!r}, which this version cannot run.",
            "Update Helios Desktop, or choose another model in the settings.",
        )
    return opener(pack, threads, device)
