"""The line between good answers and maybe, on the labelled set: precision above the line, recall, and how many stand above it.

For each question: the share of right photos among the good ones (left out where nothing is good), the share of all right photos
that are good, and their F1; means over questions. ``dev`` chose the constants, ``test`` reports them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from benchmarks.tables import Report

ROOT = Path(__file__).resolve().parent.parent.parent
DESCRIPTION = "Good matches: precision above the line and recall on the labelled set, for each strictness."
STRICTNESSES = (0.0, 0.25, 0.5, 0.75, 1.0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--pack", type=Path, default=ROOT / "resources" / "models" / "starter", help="a model pack")
    parser.add_argument("--threads", type=int, default=1)


def run(options: argparse.Namespace) -> Report:
    """Embed photos and questions, and draw the line for each."""
    sys.path.insert(0, str(ROOT / "tests"))
    from starter_questions import SPLITS, embed_photos, photo_paths, questions

    from helios_desktop.embed.onnx_embedder import open_pack
    from helios_desktop.pipeline.match_line import NEUTRAL_QUESTIONS, Background

    paths = photo_paths()
    embedder = open_pack(options.pack, threads=options.threads)
    photos = embed_photos(embedder, paths)
    background = Background.measured(photos, embedder.embed_text(NEUTRAL_QUESTIONS), len(photos))
    asked = questions(paths)
    scores = {one.question_id: photos @ embedder.embed_text([one.text])[0] for one in asked}
    vectors = {one.question_id: embedder.embed_text([one.text])[0] for one in asked}
    rows = []
    for split in SPLITS:
        for strictness in STRICTNESSES:
            found = []
            for one in (question for question in asked if question.split == split):
                own = scores[one.question_id]
                good = own >= background.line(vectors[one.question_id], float(own.max())).at(strictness)
                found.append((int(good.sum()), int(good[list(one.right)].sum()), len(one.right)))
            rows.append({"split": split, "strictness": strictness, **_figures(np.array(found, np.float64))})
    embedder.close()
    note = f"Model {embedder.model_id}, {len(paths)} photos; {len(asked)} questions. Differences under .03 are noise."
    return Report(benchmark="match", rows=rows, notes=[note])


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
