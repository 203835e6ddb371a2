"""A ready-made ONNX export of an open_clip model -> a model pack: what comes in is a folder, what goes out is its manifest.

The layout of such exports (one folder a model)::

    config.json                     open_clip's model configuration
    visual/model.onnx               and, for large models, its weights beside it
    visual/preprocess_cfg.json      size, mean, std, interpolation, resize_mode
    textual/model.onnx              the same for words
    textual/tokenizer.json, tokenizer_config.json

Nothing in the folder is changed: a ``manifest.json`` is written beside it, with the length and SHA-256 of every file needed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from helios_desktop.domain import View
from helios_desktop.embed.clip_onnx import TOKENIZER_NAME
from helios_desktop.embed.clip_text import pad_id_of, read_tokenizer
from helios_desktop.embed.pack import FORMAT_VERSION, MANIFEST_NAME, ModelPack, sha256_of
from helios_desktop.errors import ModelError

CONFIG_NAME = "config.json"
VISUAL_NAME = "visual/model.onnx"
TEXTUAL_NAME = "textual/model.onnx"
PREPROCESS_NAME = "visual/preprocess_cfg.json"
TOKENIZER_CONFIG_NAME = "textual/tokenizer_config.json"
REQUIRED = (CONFIG_NAME, VISUAL_NAME, PREPROCESS_NAME, TEXTUAL_NAME, TOKENIZER_NAME, TOKENIZER_CONFIG_NAME)
_TOWERS = ("visual", "textual")
# Exports for other runtimes lie in the same folders; and what other tokenizers read is not needed here.
_OTHERS = frozenset(
    {".armnn", ".rknn", ".tflite", ".xml", ".engine", ".md", ".txt", ".bin", ".pt", ".pth", ".pkl", ".safetensors"}
)
_OTHER_NAMES = frozenset({"vocab.json", "merges.txt", "added_tokens.json", "special_tokens_map.json"})
_NLLB_LANGUAGE = "eng_Latn"
_REMEDY = "Use an export in the layout described in the guide page about models."
_MAX_JSON_BYTES = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFacts:
    """What the export does not say of itself. ``licence`` stays empty where it is not known for sure."""

    model_id: str
    title: str
    licence: str = ""
    sources: tuple[str, ...] = ()
    architecture: str = ""
    pretrained: str = ""


def is_export(folder: Path) -> bool:
    """Whether a folder holds an export without a manifest of ours."""
    return not (folder / MANIFEST_NAME).exists() and (folder / VISUAL_NAME).is_file() and (folder / TEXTUAL_NAME).is_file()


def needed_files(names: Iterable[str]) -> list[str]:
    """Pick what a pack needs from the names of an export: the six known files, and weights that lie beside a graph."""
    found = set(names)
    return sorted(name for name in found if name in REQUIRED or _is_weight(name))


def missing_files(names: Iterable[str]) -> list[str]:
    """Name the known files that an export lacks."""
    return sorted(set(REQUIRED) - set(names))


def facts_from_name(name: str) -> ExportFacts:
    """Read ``<architecture>__<tag>``, as exports are usually named, into an id and a title."""
    stem = name.rsplit("/", 1)[-1]
    architecture, _, tag = stem.partition("__")
    model_id = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip(".-") or "model"
    title = f"{architecture} ({tag.replace('_', '-')})" if tag else architecture
    return ExportFacts(model_id=model_id, title=title, architecture=architecture, pretrained=tag.replace("-", "_"))


def make_pack(folder: Path, facts: ExportFacts) -> ModelPack:
    """Write the manifest of an export, whose files stay as they are. Raises ``ModelError`` where something does not fit."""
    names = [path.relative_to(folder).as_posix() for path in _files(folder)]
    if missing := missing_files(names):
        raise ModelError(f"The export in {folder} lacks {', '.join(missing)}.", _REMEDY)
    config = _read_json(folder / CONFIG_NAME)
    try:
        content = {
            "format": FORMAT_VERSION,
            "model_id": facts.model_id,
            "title": facts.title,
            "kind": "clip",
            "dim": int(config["embed_dim"]),
            "views": [asdict(_view(_read_json(folder / PREPROCESS_NAME)))],
            "licence": facts.licence,
            "sources": list(facts.sources),
            "files": {name: file_entry(folder / name) for name in needed_files(names)},
            "params": _params(folder, config, facts),
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"The configuration of the export in {folder} is not understood ({error!r}).", _REMEDY) from error
    write_manifest(folder, content)
    return ModelPack.open(folder)


def file_entry(path: Path) -> dict[str, Any]:
    """Return what a manifest says of one file."""
    return {"sha256": sha256_of(path), "bytes": path.stat().st_size}


def write_manifest(folder: Path, content: dict[str, Any]) -> None:
    """Put a manifest in place, all or nothing."""
    fresh = folder / f".{MANIFEST_NAME}.new"
    fresh.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    fresh.replace(folder / MANIFEST_NAME)


def _files(folder: Path) -> Iterator[Path]:
    for place in (folder, *(folder / tower for tower in _TOWERS)):
        if place.is_dir():
            yield from (path for path in place.iterdir() if path.is_file() and not path.name.startswith("."))


def _is_weight(name: str) -> bool:
    path = PurePosixPath(name)
    is_beside_graph = len(path.parts) == 2 and path.parts[0] in _TOWERS
    is_odd = "\\" in name or ":" in name or path.name.startswith(".")
    is_other = path.suffix.lower() in _OTHERS or path.name in _OTHER_NAMES or is_odd
    return is_beside_graph and not is_other


def _params(folder: Path, config: dict[str, Any], facts: ExportFacts) -> dict[str, Any]:
    preprocess = _read_json(folder / PREPROCESS_NAME)
    words = config["text_cfg"]
    options = words.get("tokenizer_kwargs") or {}
    named = str(words.get("hf_tokenizer_name", ""))
    tokenizer = read_tokenizer(folder / TOKENIZER_NAME)
    clean = str(options.get("clean", ""))
    if clean not in {"", "canonicalize", "lower", "whitespace"}:
        raise ValueError(f"texts are to be cleaned by {clean!r}")
    return {
        "image": {
            "file": VISUAL_NAME,
            "mean": [float(value) for value in preprocess["mean"]],
            "std": [float(value) for value in preprocess["std"]],
        },
        "text": {
            "file": TEXTUAL_NAME,
            "context_length": int(words.get("context_length", 77)),
            "clean": "canonicalize" if clean == "canonicalize" else "",
            "pad_id": pad_id_of(tokenizer, _read_json(folder / TOKENIZER_CONFIG_NAME)),
            "lowercase": clean == "lower" or (not clean and not named),  # without a named one it is CLIP's own, which lowers
            "language": _NLLB_LANGUAGE if "nllb" in named.lower() else "",
        },
        "logit_scale": None,
        "architecture": facts.architecture,
        "pretrained": facts.pretrained,
    }


def _view(preprocess: dict[str, Any]) -> View:
    size = preprocess["size"]
    height, width = (int(size), int(size)) if isinstance(size, int) else (int(size[0]), int(size[1]))
    fit = str(preprocess.get("resize_mode") or "shortest")
    interpolation = str(preprocess.get("interpolation") or "bicubic")
    if fit not in {"shortest", "squash"} or interpolation not in {"bicubic", "bilinear"}:
        raise ValueError(f"pictures are to be resized by {fit!r} and {interpolation!r}")
    return View(width=width, height=height, fit=fit, interpolation=interpolation)  # type: ignore[arg-type]


def _read_json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MAX_JSON_BYTES:
            raise ModelError(f"{path} is too large for a configuration.", _REMEDY)
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read ({error}).", _REMEDY) from error
    if not isinstance(content, dict):
        raise ModelError(f"{path} is not a configuration.", _REMEDY)
    return content
