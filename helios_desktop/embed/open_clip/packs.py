"""An open_clip model as a pack of the kind "open_clip", which torch runs: for GPUs, and for models that cannot be exported.

Such a pack is what open_clip calls a local folder, with a manifest of ours beside it, so nothing is fetched when it is used::

    open_clip_config.json           "model_cfg" and "preprocess_cfg"
    open_clip_model.safetensors     the weights
    tokenizer.json, ...             where the vocabulary is not CLIP's own

Its model id is that of the pack that runs without torch: vectors made with one go on being used with the other.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from helios_desktop.embed.onnx_exports import file_entry, write_manifest
from helios_desktop.embed.open_clip.embedder import OpenClipEmbedder
from helios_desktop.embed.open_clip.libraries import require_libraries
from helios_desktop.embed.open_clip.source import CONFIG_NAME, Description, OpenClipSource
from helios_desktop.embed.pack import FORMAT_VERSION, ModelPack
from helios_desktop.errors import ModelError

KIND = "open_clip"
WEIGHTS_NAME = "open_clip_model.safetensors"


def write_torch_pack(
    source: OpenClipSource, folder: Path, *, licence: str = "", say: Callable[[str], None] = lambda _: None
) -> ModelPack:
    """Make the pack in ``folder``, which must not exist yet; it appears complete or not at all. Raises ``ModelError``."""
    if folder.exists():
        raise ModelError(f"{folder} exists already.", "Name a folder that does not exist yet.")
    require_libraries()
    from helios_desktop.embed.open_clip.loading import describe

    about = describe(source)
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".export-", dir=folder.parent))
    try:
        say(f"loading {about.title}")
        _write_files(source, staging)
        names = sorted(path.name for path in staging.iterdir())
        write_manifest(
            staging,
            {
                "format": FORMAT_VERSION,
                "model_id": about.model_id,
                "title": about.title,
                "kind": KIND,
                "dim": about.dim,
                "views": [asdict(about.view)],
                "licence": licence,
                "sources": [f"open_clip {source.name}, weights {source.pretrained or 'of your own'}"],
                "files": {name: file_entry(staging / name) for name in names},
                "params": {"mean": about.mean, "std": about.std, "architecture": source.name, "pretrained": source.pretrained},
            },
        )
        staging.rename(folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return ModelPack.open(folder)


def open_torch_pack(pack: ModelPack, *, threads: int, device: str = "") -> OpenClipEmbedder:
    """Return the embedder of a pack; torch is loaded when it is first used. Raises ``ModelError`` for a broken manifest."""
    try:
        (view,) = pack.views
        mean, std = (tuple(float(value) for value in pack.params[name]) for name in ("mean", "std"))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"The manifest in {pack.folder} says its numbers wrongly ({error!r}).", "Install it again.") from error
    about = Description(model_id=pack.model_id, title=pack.title, dim=pack.dim, view=view, mean=mean, std=std)
    source = OpenClipSource(architecture=str(pack.path(CONFIG_NAME).parent), checkpoint=pack.path(WEIGHTS_NAME))
    return OpenClipEmbedder(source, about=about, threads=threads, device=device)


def _write_files(source: OpenClipSource, folder: Path) -> None:
    from helios_desktop.embed.open_clip.loading import configuration, load_model, load_tokenizer, preparation, save_weights

    save_weights(load_model(source), folder / WEIGHTS_NAME)
    content = {"model_cfg": configuration(source), "preprocess_cfg": preparation(source)}
    (folder / CONFIG_NAME).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    tokenizer = load_tokenizer(source)
    if hasattr(tokenizer, "save_pretrained"):  # not CLIP's own: then open_clip looks for it in this folder
        tokenizer.save_pretrained(str(folder))
