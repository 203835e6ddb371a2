"""Any open_clip model -> a pack of the kind "clip", which runs without torch: fp32, and int8 where that passes its gate.

The layout is that of ready-made exports (see ``embed.onnx_exports``), so one reader serves both. A pack is checked against
the model it was made from before anybody gets it: the same words must give the same tokens, the same pictures and words the
same vectors. torch is imported when ``export_pack`` runs, never before.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from helios_desktop.domain import Float32Array, UInt8Array, View
from helios_desktop.embed import int8
from helios_desktop.embed.clip_onnx import TOKENIZER_NAME, ClipOnnxEmbedder
from helios_desktop.embed.clip_tokenizer import clip_tokenizer
from helios_desktop.embed.onnx_exports import (
    CONFIG_NAME,
    PREPROCESS_NAME,
    TEXTUAL_NAME,
    TOKENIZER_CONFIG_NAME,
    VISUAL_NAME,
    ExportFacts,
    make_pack,
    write_manifest,
)
from helios_desktop.embed.open_clip.libraries import require_libraries
from helios_desktop.embed.open_clip.source import Description, OpenClipSource
from helios_desktop.embed.pack import MANIFEST_NAME, ModelPack
from helios_desktop.errors import ModelError

LEAST_AGREEMENT = 0.999
CHECKED_PICTURES = 8
CHECKED_TEXTS = (
    "a photo of a dog",
    "Two children's bikes, near the lake!",
    "“Straße” in München, 2024 – it’s raining…",
    "日本の桜 и зима",
    "",
    "a very long question " * 30,
)
_REMEDY = "Use the model with PyTorch instead, or choose another one."


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """What was made. ``image_cosine`` and ``text_cosine``: the lowest agreement of the fp32 pack with open_clip itself."""

    pack: ModelPack
    image_cosine: float
    text_cosine: float
    int8: int8.Int8Report | None

    def sentence(self) -> str:
        """Say it to a person."""
        agreement = f"agrees with open_clip (pictures {self.image_cosine:.5f}, words {self.text_cosine:.5f})"
        return f"{self.pack.model_id}: {agreement}" + (
            f"; {self.int8.sentence()}" if self.int8 else "; full precision as asked"
        )


def export_pack(
    source: OpenClipSource,
    folder: Path,
    *,
    pictures: Callable[[View], Sequence[UInt8Array]],
    is_int8_wanted: bool = True,
    licence: str = "",
    threads: int = 1,
    say: Callable[[str], None] = lambda _: None,
) -> ExportReport:
    """Make the pack of a model in ``folder``, which must not exist yet; it appears complete or not at all.

    ``pictures``: real photos as this view of them, uint8 ``[h, w, 3]`` each; the gate for int8 compares on them.
    Raises ``ModelError`` where torch is missing, the model cannot be loaded, or its pack does not agree with it.
    """
    if folder.exists():
        raise ModelError(f"{folder} exists already.", "Name a folder that does not exist yet.")
    require_libraries()
    from helios_desktop.embed.open_clip.loading import describe, load_model, load_tokenizer

    about = describe(source)
    say(f"loading {about.title}")
    model, tokenizer = load_model(source), load_tokenizer(source)
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".export-", dir=folder.parent))
    try:
        _write(source, about, model, tokenizer, staging, say)
        pack = make_pack(
            staging,
            ExportFacts(
                model_id=about.model_id,
                title=about.title,
                licence=licence,
                sources=(f"open_clip {source.name}, weights {source.pretrained or 'of your own'}",),
                architecture=source.name,
                pretrained=source.pretrained,
            ),
        )
        _complete(pack, model)
        photos = np.stack(list(pictures(about.view)))
        say("comparing the pack with the model")
        agreement = _check(pack, model, tokenizer, about, photos)
        del model
        found = int8.quantise_and_gate(staging, [photos], threads=threads, say=say) if is_int8_wanted else None
        staging.rename(folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return ExportReport(pack=ModelPack.open(folder), image_cosine=agreement[0], text_cosine=agreement[1], int8=found)


def _write(
    source: OpenClipSource, about: Description, model: Any, tokenizer: Any, folder: Path, say: Callable[[str], None]
) -> None:
    from helios_desktop.embed.open_clip.graphs import export_images, export_texts
    from helios_desktop.embed.open_clip.loading import configuration, preparation

    config = configuration(source)
    say("writing the tower for pictures")
    export_images(model, (about.view.height, about.view.width), folder / VISUAL_NAME)
    say("writing the tower for words")
    export_texts(model, int(config["text_cfg"].get("context_length", 77)), folder / TEXTUAL_NAME)
    prepared = {"size": [about.view.height, about.view.width], "mode": "RGB", "fill_color": 0, **preparation(source)}
    _dump(folder / CONFIG_NAME, config)
    _dump(folder / PREPROCESS_NAME, {**prepared, "mean": about.mean, "std": about.std})
    pad_token = _write_tokenizer(tokenizer, folder / TOKENIZER_NAME)
    _dump(folder / TOKENIZER_CONFIG_NAME, {"pad_token": pad_token})


def _write_tokenizer(tokenizer: Any, path: Path) -> str:
    """Write the ``tokenizer.json`` of an open_clip tokenizer; return the token that fills up short texts."""
    if hasattr(tokenizer, "bpe_ranks"):  # CLIP's own
        start, end = (tokenizer.decoder[number] for number in (tokenizer.sot_token_id, tokenizer.eot_token_id))
        merges = sorted(tokenizer.bpe_ranks, key=tokenizer.bpe_ranks.get)
        clip_tokenizer(tokenizer.encoder, merges, start=start, end=end).save(str(path))
        return str(tokenizer.decoder[0])
    inner = getattr(tokenizer, "tokenizer", None)
    backend = getattr(inner, "backend_tokenizer", None)
    if inner is None or backend is None:
        raise ModelError("The tokenizer of this model has no form that runs without PyTorch.", _REMEDY)
    backend.save(str(path))
    return str(inner.pad_token)


def _complete(pack: ModelPack, model: Any) -> None:
    """Add to the manifest what only the model knows: the factor that turned cosines into logits in training."""
    content = json.loads((pack.folder / MANIFEST_NAME).read_text(encoding="utf-8"))
    content["params"]["logit_scale"] = round(float(model.logit_scale.exp()), 4)
    write_manifest(pack.folder, content)


def _check(pack: ModelPack, model: Any, tokenizer: Any, about: Description, photos: UInt8Array) -> tuple[float, float]:
    """Return the lowest cosine of either tower between pack and model. Raises ``ModelError`` where one is too low."""
    from helios_desktop.embed.open_clip.towers import exact_rows

    embedder = ClipOnnxEmbedder(pack, threads=1)
    texts = list(CHECKED_TEXTS)
    if not np.array_equal(embedder.tokens(texts), tokenizer(texts).numpy()):
        raise ModelError(f"The words of {about.title} would be read differently without PyTorch.", _REMEDY)
    try:
        some = photos[:CHECKED_PICTURES]
        seen, words = exact_rows(model, tokenizer, about, some, texts)
        found = (_lowest(seen, embedder.embed_images([some])), _lowest(words, embedder.embed_text(texts)))
    finally:
        embedder.close()
    if min(found) < LEAST_AGREEMENT:
        raise ModelError(
            f"The pack of {about.title} does not agree with it (pictures {found[0]:.4f}, words {found[1]:.4f}).", _REMEDY
        )
    return found


def _lowest(one: Float32Array, other: Float32Array) -> float:
    return float((one * other).sum(axis=1).min())


def _dump(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
