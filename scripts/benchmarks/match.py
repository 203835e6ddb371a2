"""The line between good answers and maybe, on the labelled set: precision above the line, recall, and how many stand above it.

For each question: the share of right photos among the good ones (left out where nothing is good), the share of all right photos
that are good, and their F1; means over questions. ``dev`` chose the constants, ``test`` reports them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from benchmarks.tables import Report

from helios_desktop.embed.base import Embedder
from helios_desktop.pipeline.match_line import NEUTRAL_QUESTIONS, Background

ROOT = Path(__file__).resolve().parent.parent.parent
DESCRIPTION = "Good matches: precision above the line and recall on the labelled set, for each strictness."
TINY_PICTURES = 600
STRICTNESSES = (0.0, 0.25, 0.5, 0.75, 1.0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--pack", type=Path, default=ROOT / "resources" / "models" / "starter", help="a model pack")
    parser.add_argument("--tiny-clip", action="store_true", help="the tiny CLIP of the tests over pictures that it can read")
    parser.add_argument("--threads", type=int, default=1)


def run(options: argparse.Namespace) -> Report:
    """Embed photos and questions, and draw the line for each."""
    sys.path.insert(0, str(ROOT / "tests"))
    if options.tiny_clip:
        return _tiny_clip()
    from starter_questions import SPLITS, embed_photos, photo_paths, questions

    from helios_desktop.embed.onnx_embedder import open_pack

    paths = photo_paths()
    embedder = open_pack(options.pack, threads=options.threads)
    photos = embed_photos(embedder, paths)
    asked = questions(paths)
    right = np.zeros((len(asked), len(paths)), np.bool_)
    for number, one in enumerate(asked):
        right[number, list(one.right)] = True
    rows = []
    for split in SPLITS:
        some = [number for number, one in enumerate(asked) if one.split == split]
        rows += _rows(embedder, split, photos, [asked[number].text for number in some], right[some])
    embedder.close()
    note = f"Model {embedder.model_id}, {len(paths)} photos; {len(asked)} questions. Differences under .03 are noise."
    return Report(benchmark="match", rows=rows, notes=[note])


def _tiny_clip() -> Report:
    """The tiny CLIP of the tests over pictures as it knows them: each colour, each shape, each pair of both is a question."""
    from tiny_clip_fixtures import SIZE_PX, TINY_CLIP
    from tiny_clip_pictures import COLOURS, SHAPES, Said, all_pairs, caption, draw, holds, random_scene

    from helios_desktop.embed.open_clip.libraries import require_libraries

    require_libraries()
    from helios_desktop.embed.onnx_embedder import open_pack
    from helios_desktop.embed.open_clip.packs import write_torch_pack
    from helios_desktop.embed.open_clip.source import OpenClipSource

    random = np.random.default_rng(11)
    scenes = [random_scene(random, pairs=all_pairs(held_out=False)) for _ in range(TINY_PICTURES)]
    pictures = np.stack([np.asarray(draw(scene, SIZE_PX, random)) for scene in scenes])
    asked = [Said(colour=one) for one in COLOURS] + [Said(shape=one) for one in SHAPES]
    asked += [Said(colour=colour, shape=shape) for colour, shape in all_pairs(held_out=False)]
    right = np.array([[holds(scene, said) for scene in scenes] for said in asked])
    is_asked = right.any(axis=1)
    with tempfile.TemporaryDirectory(prefix="helios-bench-match-") as folder:
        source = OpenClipSource(architecture=str(TINY_CLIP), checkpoint=TINY_CLIP / "open_clip_model.safetensors")
        embedder = open_pack(write_torch_pack(source, Path(folder) / "pack").folder)
        texts = [caption(said) for said, is_some in zip(asked, is_asked, strict=True) if is_some]
        rows = _rows(embedder, "tiny", embedder.embed_images([pictures]), texts, right[is_asked])
        embedder.close()
    note = f"The tiny CLIP, {len(scenes)} drawn pictures; {len(texts)} questions."
    return Report(benchmark="match", rows=rows, notes=[note])


def _rows(
    embedder: Embedder, name: str, photos: np.ndarray, texts: Sequence[str], right: np.ndarray
) -> list[dict[str, object]]:
    """Judge questions with each strictness. ``right`` bool ``[questions, photos]``."""
    background = Background.measured(photos, embedder.embed_text(NEUTRAL_QUESTIONS), len(photos))
    vectors = [embedder.embed_text([text])[0] for text in texts]
    rows = []
    for strictness in STRICTNESSES:
        found = []
        for vector, wanted in zip(vectors, right, strict=True):
            own = photos @ vector
            good = own >= background.line(vector, float(own.max())).at(strictness)
            found.append((int(good.sum()), int((good & wanted).sum()), int(wanted.sum())))
        rows.append({"questions": name, "strictness": strictness, **_figures(np.array(found, np.float64))})
    return rows


def _figures(found: np.ndarray) -> dict[str, float]:
    good, right_and_good, right = found.T
    precision = np.divide(right_and_good, good, out=np.zeros_like(good), where=good > 0)
    recall = right_and_good / right
    both = precision + recall
    f1 = np.divide(2 * precision * recall, both, out=np.zeros_like(both), where=both > 0)
    return {
        "precision": round(float(precision[good > 0].mean()), 3),
        "recall": round(float(recall.mean()), 3),
        "F1": round(float(f1.mean()), 3),
        "good (median)": float(np.median(good)),
        "none good": int((good == 0).sum()),
    }
