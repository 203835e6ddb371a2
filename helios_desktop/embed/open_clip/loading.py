"""``OpenClipSource`` -> an open_clip model in memory, on the CPU in float32, with its preprocessing and its tokenizer.

Imports torch and open_clip: call ``libraries.require_libraries`` before importing this module. Weights are read as safetensors
or as tensors alone (``weights_only``); a file that holds anything else is refused before open_clip sees it, since open_clip
falls back to full unpickling when the first reading fails with a ``TypeError``.
"""

from __future__ import annotations

import difflib
import importlib.util
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import open_clip
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_model

from helios_desktop.domain import View
from helios_desktop.embed.open_clip.source import CONFIG_NAME, Description, OpenClipSource
from helios_desktop.errors import ModelError

_DOWNLOAD_REMEDY = "Check the connection and try again, or give the weights as a file with --checkpoint."
_WITHOUT_TORCH = "use its ready-made export, which needs neither PyTorch nor the hub afterwards: helios models list names them."
_FITS = ("shortest", "squash")
_PREPARATION = ("mean", "std", "interpolation", "resize_mode")


def configuration(source: OpenClipSource) -> dict[str, Any]:
    """Return open_clip's configuration of the architecture (``embed_dim``, ``vision_cfg``, ``text_cfg``, ...)."""
    if source.folder is not None:
        return dict(_folder_content(source.folder)["model_cfg"])
    config: dict[str, Any] | None = open_clip.get_model_config(source.architecture)
    if config is not None and source.pretrained and _tag(source).get("quick_gelu"):
        config["quick_gelu"] = True  # as these weights were trained; open_clip itself only warns
    if config is None:
        near = difflib.get_close_matches(source.architecture, open_clip.list_models(), n=3, cutoff=0.4)
        raise ModelError(
            f"open_clip knows no architecture {source.architecture!r}.",
            f"Did you mean {' or '.join(near)}?" if near else "Name one of open_clip's architectures, such as ViT-B-32.",
        )
    return config


def preparation(source: OpenClipSource) -> dict[str, Any]:
    """Return how pictures are prepared: ``mean``, ``std``, ``interpolation``, ``resize_mode``."""
    if source.folder is not None:
        found = _folder_content(source.folder).get("preprocess_cfg", {})
    else:
        found = _tag(source) if source.pretrained else {}
    standard = {
        "mean": open_clip.OPENAI_DATASET_MEAN,
        "std": open_clip.OPENAI_DATASET_STD,
        "interpolation": "bicubic",
        "resize_mode": "shortest",
    }
    return {name: found.get(name) or standard[name] for name in _PREPARATION}


def describe(source: OpenClipSource) -> Description:
    """Say what the model wants and gives, from its configuration alone. Raises ``ModelError`` for what Helios cannot feed."""
    config, prepared = configuration(source), preparation(source)
    size = config["vision_cfg"].get("image_size", 224)
    height, width = (size, size) if isinstance(size, int) else size
    fit, interpolation = prepared["resize_mode"], prepared["interpolation"]
    if fit not in _FITS or (fit == "shortest" and height != width):
        raise ModelError(
            f"{source.title} wants pictures of {width} x {height} resized by {fit!r}, which Helios does not do.",
            "Choose another model.",
        )
    mean, std = (value if isinstance(value, (list, tuple)) else (value,) * 3 for value in (prepared["mean"], prepared["std"]))
    return Description(
        model_id=source.model_id(),
        title=source.title,
        dim=int(config["embed_dim"]),
        # open_clip's inference takes bicubic for everything that is not bilinear
        view=View(width=width, height=height, fit=fit, interpolation="bilinear" if interpolation == "bilinear" else "bicubic"),
        mean=tuple(float(value) for value in mean),
        std=tuple(float(value) for value in std),
    )


def load_model(source: OpenClipSource) -> Any:
    """Build the model and read its weights: an ``open_clip`` module in float32 on the CPU, for inference.

    Raises ``ModelError`` where the architecture or the tag is unknown, weights cannot be fetched, do not fit or are unsafe.
    """
    config = configuration(source)  # an unknown name or tag is reported before anything is fetched
    _require_transformers(source, config, "hf_model_name")
    path = source.checkpoint if source.checkpoint is not None else _fetched(source)
    check_weights(path)
    is_quick = bool(config.get("quick_gelu"))
    with quiet_log():
        try:
            model = open_clip.create_model(
                _name(source),
                load_weights=False,
                pretrained_image=False,
                pretrained_text=False,
                force_quick_gelu=is_quick,
                force_preprocess_cfg=preparation(source),
            )
            open_clip.load_checkpoint(model, str(path), strict=True, weights_only=True)
        except (RuntimeError, OSError, ValueError, KeyError) as error:
            if (base := _foreign(config, "hf_model_name")) and isinstance(error, OSError):
                raise ModelError(
                    f"{source.title} needs the configuration of {base} from the model hub, which cannot be had now"
                    f" ({_first(error)}).",
                    f"Connect to the network for its first use, or {_WITHOUT_TORCH}",
                ) from error
            raise ModelError(
                f"The weights in {path.name} cannot be used for {source.name} ({_first(error)}).",
                "Name the architecture that these weights were trained for.",
            ) from error
    return model.eval().requires_grad_(False)


def save_weights(model: Any, path: Path) -> None:
    """Write the weights of a model as safetensors."""
    save_model(model, str(path))


def load_tokenizer(source: OpenClipSource) -> Any:
    """Return open_clip's own tokenizer of the model: texts -> int64 ``[n, context_length]``. Raises ``ModelError``."""
    _require_transformers(source, configuration(source), "hf_tokenizer_name")
    with quiet_log():
        try:
            return open_clip.get_tokenizer(_name(source))
        except (OSError, RuntimeError, ValueError, ImportError) as error:
            raise ModelError(
                f"The tokenizer of {source.title} is not here and cannot be fetched ({_first(error)}).", _DOWNLOAD_REMEDY
            ) from error


def check_weights(path: Path) -> None:
    """Refuse a file that is not there, not whole, or holds more than tensors. Raises ``ModelError``."""
    try:
        if path.suffix.lower() == ".safetensors":
            with safe_open(path, framework="pt") as file:
                file.keys()
        else:
            torch.load(path, map_location="meta", weights_only=True)
    except OSError as error:
        raise ModelError(
            f"The weights in {path} cannot be read ({error.strerror or error}).", "Name the file again."
        ) from error
    except SafetensorError as error:
        raise ModelError(f"{path.name} is not a whole .safetensors file ({error}).", "Download or copy it again.") from error
    except Exception as error:  # whatever a hostile or broken pickle makes the reader raise
        raise ModelError(
            f"{path.name} holds more than weights, or is damaged ({_first(error)}).",
            "Use the .safetensors file of this model; other files may run code when they are read.",
        ) from error


@contextmanager
def quiet_log() -> Iterator[None]:
    """Keep open_clip's remarks off the root logger: the first one would even install a handler there for good."""
    root = logging.getLogger()
    handler = logging.NullHandler()

    def is_foreign(record: logging.LogRecord) -> bool:
        return "open_clip" not in Path(record.pathname).parts

    root.addHandler(handler)
    root.addFilter(is_foreign)
    try:
        yield
    finally:
        root.removeFilter(is_foreign)
        root.removeHandler(handler)


def _foreign(config: Mapping[str, Any], name: str) -> str:
    """What a model takes from the hub beside its weights: a tower ("hf_model_name") or a vocabulary ("hf_tokenizer_name")."""
    return str(config.get("text_cfg", {}).get(name) or "")


def _require_transformers(source: OpenClipSource, config: Mapping[str, Any], name: str) -> None:
    if (wanted := _foreign(config, name)) and importlib.util.find_spec("transformers") is None:
        raise ModelError(
            f"{source.title} reads words with {wanted}, which takes the package transformers, and that is not installed.",
            f"Install it with `pip install transformers`, or {_WITHOUT_TORCH}",
        )


def _name(source: OpenClipSource) -> str:
    return f"local-dir:{source.folder}" if source.folder is not None else source.architecture


def _folder_content(folder: Path) -> dict[str, Any]:
    path = folder / CONFIG_NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {"model_cfg": dict(content["model_cfg"]), "preprocess_cfg": dict(content.get("preprocess_cfg", {}))}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{path} is not a configuration of open_clip ({error!r}).", "Write one, or name an architecture."
        ) from error


def _tag(source: OpenClipSource) -> Mapping[str, Any]:
    found: Mapping[str, Any] = open_clip.get_pretrained_cfg(source.architecture, source.pretrained)
    if not found:
        tags = ", ".join(open_clip.list_pretrained_tags_by_model(source.architecture)) or "none"
        raise ModelError(
            f"open_clip has no weights {source.pretrained!r} for {source.architecture}.",
            f"Its tags are: {tags}. Weights of your own are given with --checkpoint.",
        )
    return found


def _fetched(source: OpenClipSource) -> Path:
    """Return where the published weights lie, after fetching them where they are not here yet."""
    tag = _tag(source)
    with quiet_log():
        try:
            return Path(open_clip.download_pretrained(tag))
        except Exception as error:  # the hub's client and urllib raise kinds of their own
            raise ModelError(f"The weights of {source.title} cannot be fetched ({_first(error)}).", _DOWNLOAD_REMEDY) from error


def _first(error: BaseException) -> str:
    return str(error).strip().split("\n", 1)[0] or type(error).__name__
