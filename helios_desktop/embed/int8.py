"""A CLIP pack in fp32 -> the same pack with 8-bit towers beside it, used only where they prove to be as good.

A tower is written in fewer nodes first (``onnx_fusion``), then in 8 bits (``onnx_quantiser``). The gate compares both packs on
real pictures and questions: mean cosine of either tower >= 0.99, and of the ten best pictures for each question at least 95 %
the same. Where that fails, the tower that does more harm is made anew by a more exact recipe, until none is left: then it stays
in fp32. The files of fp32 are kept in any case, so that the gate can be asked again with other pictures.

The vectors of both forms belong to one space (the same model id): that is what the gate is for.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

from helios_desktop.domain import Float32Array, UInt8Array
from helios_desktop.embed.clip_onnx import ClipOnnxEmbedder
from helios_desktop.embed.onnx_exports import file_entry, write_manifest
from helios_desktop.embed.onnx_fusion import fuse
from helios_desktop.embed.onnx_quantiser import RECIPES, quantise
from helios_desktop.embed.pack import MANIFEST_NAME, ModelPack, PackFile
from helios_desktop.errors import ModelError

LEAST_COSINE = 0.99
LEAST_OVERLAP = 0.95
TOP = 10
PICTURES_FOR_TOP = 30
"""With fewer pictures the ten best would be nearly all of them: then a third of the pictures is compared."""
VISUAL_INT8 = "visual/model_int8.onnx"
TEXTUAL_INT8 = "textual/model_int8.onnx"
_SAMPLE_ROWS = 8
"""So many pictures or questions of the gate show whether a tower in fewer nodes is still the same."""
_INT8_NAMES = {"image": VISUAL_INT8, "text": TEXTUAL_INT8}

QUESTIONS = (
    "a dog on a beach",
    "a cat on a chair",
    "children playing in a garden",
    "a red car in a street",
    "mountains covered with snow",
    "a sunset over the sea",
    "a plate of food on a table",
    "people at a wedding",
    "a birthday cake with candles",
    "a city at night",
    "a boat on a lake",
    "a bird in a tree",
    "flowers in a field",
    "a portrait of a woman",
    "a man riding a bicycle",
    "an old building with columns",
    "a train at a station",
    "a document with text",
    "a screenshot of a computer",
    "a baby sleeping",
    "a horse in a meadow",
    "rain on a window",
    "a bridge over a river",
    "a cup of coffee",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Int8Report:
    """What the gate found. Cosines are means against fp32, 0 where a tower could not be quantised."""

    is_image_kept: bool
    is_text_kept: bool
    image_cosine: float
    text_cosine: float
    overlap: float
    seconds: float
    reason: str = ""

    def sentence(self) -> str:
        """Say it to a person."""
        figures = (
            f"cosine of pictures {self.image_cosine:.4f}, of words {self.text_cosine:.4f}; same answers {self.overlap:.0%}"
        )
        if self.is_image_kept and self.is_text_kept:
            return f"8-bit form in use ({figures})"
        kept = " of pictures" if self.is_image_kept else " of words" if self.is_text_kept else ""
        if kept:
            return f"8-bit form in use for the tower{kept} only ({figures})"
        return f"full precision stays in use ({self.reason or figures})"


def quantise_and_gate(
    folder: Path,
    pictures: Sequence[UInt8Array],
    questions: Sequence[str] = QUESTIONS,
    *,
    threads: int = 1,
    say: Callable[[str], None] = lambda _: None,
) -> Int8Report:
    """Make 8-bit towers for the pack in ``folder`` and take them into use where they pass.

    ``pictures``: what ``embed_images`` takes, one uint8 array ``[n, h, w, 3]`` per view, of n real photos (30 or more, else
    the comparison of answers is coarse). Whatever cuts it short, the pack works.
    Raises ``ModelError`` where the pack cannot be run at all.
    """
    started = time.monotonic()
    folder = folder.absolute()  # as the scratch folder in it is, from Python 3.12 on
    full = in_full_precision(ModelPack.open(folder))
    with tempfile.TemporaryDirectory(prefix=".int8-", dir=folder) as scratch:
        image = _Tower("image", full, pictures, threads, Path(scratch))
        text = _Tower("text", full, questions, threads, Path(scratch))
        for tower in (image, text):
            say(f"making the 8-bit tower for {'pictures' if tower is image else 'words'}, and comparing it")
            tower.make_next()
        overlap = _climb(image, text, say)
        _take_into_use(full, (image, text))
    return Int8Report(
        is_image_kept=image.path is not None,
        is_text_kept=text.path is not None,
        image_cosine=image.cosine,
        text_cosine=text.cosine,
        overlap=overlap,
        seconds=time.monotonic() - started,
        reason="; ".join(tower.fault for tower in (image, text) if tower.fault),
    )


def in_full_precision(pack: ModelPack) -> ModelPack:
    """Return the pack with its fp32 towers, whichever are in use now."""
    params: dict[str, Any] = json.loads(json.dumps(dict(pack.params)))
    for tower, int8_name in _INT8_NAMES.items():
        if params[tower]["file"] == int8_name:
            params[tower]["file"] = int8_name.replace("_int8", "")
            pack.path(params[tower]["file"])
    return replace(pack, params=params)


def _climb(image: _Tower, text: _Tower, say: Callable[[str], None]) -> float:
    """Make the tower that does more harm more exact until the answers are the same; return the share of those that are."""
    while (overlap := top_overlap((image.exact, text.exact), (image.best, text.best))) < LEAST_OVERLAP:
        alone = {
            image: top_overlap((image.exact, text.exact), (image.best, text.exact)),
            text: top_overlap((image.exact, text.exact), (image.exact, text.best)),
        }
        worst = min((tower for tower in alone if tower.path is not None), key=lambda tower: alone[tower], default=None)
        if worst is None:
            break
        say("some answers differ; trying a more exact 8-bit form")
        worst.make_next()
    return overlap


class _Tower:
    """One tower: its vectors in full precision, and the 8-bit form that came close enough, where one did.

    ``given``: one array of pictures per view, or questions.
    """

    def __init__(self, name: str, full: ModelPack, given: Sequence[Any], threads: int, scratch: Path) -> None:
        self.name = name
        self._full = full
        self._given = given
        self._threads = threads
        self._scratch = scratch
        self._recipes = iter(enumerate(RECIPES))
        self.exact = self._run(full)
        self._source = self._in_fewer_nodes()
        self.best = self.exact
        self.cosine = 0.0
        self.path: Path | None = None
        self.fault = ""

    def make_next(self) -> None:
        """Try the recipes that are left, in turn, until one comes close enough; without one, full precision it is."""
        self.best, self.path = self.exact, None
        for number, recipe in self._recipes:
            target = self._scratch / f"{self.name}-{number}.onnx"
            self.fault = quantise(self._source, target, recipe)
            if self.fault:
                continue
            try:
                rows = self._run(self._pack_with(target))
            except ModelError as error:
                self.fault = error.message
                continue
            self.cosine = float((self.exact * rows).sum(axis=1).mean())
            if self.cosine >= LEAST_COSINE:  # False for NaN too
                self.best, self.path = rows, target
                return

    def _in_fewer_nodes(self) -> Path:
        source, target = self._full.path(self._full.params[self.name]["file"]), self._scratch / f"{self.name}.onnx"
        embedder = ClipOnnxEmbedder(self._full, threads=1)
        count = len(self._given if self.name == "text" else self._given[0])
        numbers = cycle(range(min(count, _SAMPLE_ROWS)))

        def feeds(rows: int) -> dict[str, Any]:
            chosen = [next(numbers) for _ in range(rows)]
            if self.name == "text":
                return embedder.text_input([self._given[i] for i in chosen])
            return embedder.image_input(self._given[0][chosen])

        return target if fuse(source, target, feeds) else source

    def _pack_with(self, path: Path) -> ModelPack:
        name = path.relative_to(self._full.folder).as_posix()
        params = {**self._full.params, self.name: {**self._full.params[self.name], "file": name}}
        return replace(self._full, params=params, files={**self._full.files, name: PackFile(sha256="", bytes=0)})

    def _run(self, pack: ModelPack) -> Float32Array:
        embedder = ClipOnnxEmbedder(pack, threads=self._threads)
        try:
            return embedder.embed_text(self._given) if self.name == "text" else embedder.embed_images(self._given)
        finally:
            embedder.close()


def top_overlap(exact: tuple[Float32Array, Float32Array], other: tuple[Float32Array, Float32Array]) -> float:
    """Return which share of the best pictures for each question two pairs (pictures, questions) of vectors agree on."""
    top = min(TOP, max(1, len(exact[0]) * TOP // PICTURES_FOR_TOP))
    best = [np.argsort(-(t @ i.T), axis=1, kind="stable")[:, :top] for i, t in (exact, other)]
    return float(np.mean([len(set(a) & set(b)) / top for a, b in zip(*best, strict=True)]))


def _take_into_use(full: ModelPack, towers: Sequence[_Tower]) -> None:
    """Move the towers that passed into the pack and rewrite its manifest; forget those of an earlier time that did not."""
    content = json.loads((full.folder / MANIFEST_NAME).read_text(encoding="utf-8"))
    content["params"] = dict(full.params)
    for tower in towers:
        content["files"].pop(_INT8_NAMES[tower.name], None)
    write_manifest(full.folder, content)  # in full precision: a cut from here on leaves a pack that works
    for tower in towers:
        name = _INT8_NAMES[tower.name]
        if tower.path is not None:
            tower.path.replace(full.folder / name)
            content["files"][name] = file_entry(full.folder / name)
            content["params"][tower.name] = {**content["params"][tower.name], "file": name}
    write_manifest(full.folder, content)
    for tower in towers:
        if tower.path is None:
            (full.folder / _INT8_NAMES[tower.name]).unlink(missing_ok=True)
