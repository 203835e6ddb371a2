"""The labelled set of tests/data/starter_eval: photos and questions in, how well a model pack answers them out.

Shared by scripts/bench_starter and the test that keeps the figures from falling. The photos go through the same decoder as a
user's photos do. Measures: hit@k is the share of questions with a right photo among the first k, MRR the mean of 1 / rank
of the first right photo, R-precision the share of right photos among the first R, where R is the number of right ones (Manning,
Raghavan and Schuetze, Introduction to Information Retrieval, chapter 8).
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helios_desktop.decode.loader import load
from helios_desktop.domain import Float32Array, View
from helios_desktop.embed.base import Embedder

FOLDER = Path(__file__).resolve().parent / "data" / "starter_eval"
SPLITS = ("dev", "test")
PHOTOS_AT_ONCE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One row of questions.csv; ``right``: positions, in the order of ``photo_paths``, of every photo that answers it."""

    question_id: str
    split: str
    category: str
    text: str
    right: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A question and the photos in the order in which the model ranks them, best first."""

    question: Question
    ranking: Sequence[int]

    @property
    def first_rank(self) -> int:
        """Rank of the first right photo, from 1."""
        return next(rank for rank, photo in enumerate(self.ranking, 1) if photo in self.question.right)

    @property
    def r_precision(self) -> float:
        """Share of right photos among the first R, where R is their number."""
        wanted = self.question.right
        return len(wanted.intersection(self.ranking[: len(wanted)])) / len(wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Means over ``questions`` questions, each between 0 and 1."""

    questions: int
    hit_at_1: float
    hit_at_5: float
    mrr: float
    r_precision: float


def photo_paths() -> list[Path]:
    """The photos of photos.csv, in its order."""
    return [FOLDER / "photos" / row["file"] for row in _rows("photos.csv")]


def questions(paths: Sequence[Path]) -> list[Question]:
    """The questions, with their right photos as positions in ``paths``."""
    at = {path.name: position for position, path in enumerate(paths)}
    return [
        Question(
            question_id=row["id"],
            split=row["split"],
            category=row["category"],
            text=row["question"],
            right=frozenset(at[name] for name in row["relevant"].split()),
        )
        for row in _rows("questions.csv")
    ]


def embed_photos(embedder: Embedder, paths: Sequence[Path]) -> Float32Array:
    """Decode and embed ``paths``: float32 ``[n, dim]``, in their order."""
    chunks = (paths[start : start + PHOTOS_AT_ONCE] for start in range(0, len(paths), PHOTOS_AT_ONCE))
    return np.concatenate([_embed_chunk(embedder, chunk, embedder.preprocess) for chunk in chunks])


def answers(embedder: Embedder, asked: Sequence[Question], photos: Float32Array) -> list[Answer]:
    """Rank all ``photos`` for each question by dot product; of equal scores the earlier photo comes first."""
    scores = embedder.embed_text([question.text for question in asked]) @ photos.T
    rankings = np.argsort(-scores, axis=1, kind="stable")
    return [Answer(question=q, ranking=ranking.tolist()) for q, ranking in zip(asked, rankings, strict=True)]


def figures(of: Iterable[Answer]) -> Figures:
    """Means over the answers, of which there must be one or more."""
    given = list(of)
    ranks = np.array([answer.first_rank for answer in given])
    return Figures(
        questions=len(given),
        hit_at_1=float(np.mean(ranks <= 1)),
        hit_at_5=float(np.mean(ranks <= 5)),
        mrr=float(np.mean(1 / ranks)),
        r_precision=float(np.mean([answer.r_precision for answer in given])),
    )


def _embed_chunk(embedder: Embedder, chunk: Sequence[Path], views: tuple[View, ...]) -> Float32Array:
    decoded = [load(os.fsencode(path), views=views).views for path in chunk]
    return embedder.embed_images([np.stack(view) for view in zip(*decoded, strict=True)])


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
