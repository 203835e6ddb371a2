"""Photographs and text rows -> ``space.npz``: the mean picture, and the rotation from 1,019 to fewer dimensions; and
``rivals.npz``: where the concepts lie in that space."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import photos
from numpy.typing import NDArray
from settings import DIMENSIONS
from tables import save, unit

from helios_desktop.embed.starter_cues import COLOURS, CUES
from helios_desktop.embed.starter_ease import Rivals
from helios_desktop.embed.starter_text import TextTables, question_weights


def class_scores(graph: Path, pictures: list[Path], cache: Path) -> NDArray[np.float32]:
    """Mean scores of both views, float32 ``[n, 1000]``; kept in ``cache`` under the graph's hash."""
    kept = cache / f"scores-{hashlib.sha256(graph.read_bytes()).hexdigest()[:16]}-{len(pictures)}.npy"
    if not kept.exists():
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        session = ort.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        shown = (photos.views(path) for path in pictures)
        np.save(kept, np.stack([session.run(None, {"pixels": pair})[0].mean(axis=0) for pair in shown if pair is not None]))
    scores: NDArray[np.float32] = np.load(kept)
    return scores


def write_space(target: Path, tables: Path, scores: NDArray[np.float32], params: dict[str, Any]) -> None:
    """Write the mean and the projection."""
    seen = _seen(scores, params)
    mean = seen.mean(axis=0)
    projection = _projection(unit(seen - mean), TextTables.load(tables), DIMENSIONS - 1)
    save(target, mean=mean.astype(np.float32), projection=projection.astype(np.float16))


def write_rivals(target: Path, space: Path, tables: Path, scores: NDArray[np.float32], params: dict[str, Any]) -> None:
    """Write the mean question of each concept, and the mean ease of the photographs, by their classes alone."""
    texts = TextTables.load(tables)
    first = texts.classes + texts.nodes
    own = texts.key_rows >= first
    weights, cues = question_weights(texts.keys[own], np.zeros((int(own.sum()), len(COLOURS)), np.float32), texts, params)
    with np.load(space, allow_pickle=False) as stored:
        mean, rotation = stored["mean"], stored["projection"].astype(np.float32)
    asked = unit(unit(np.concatenate([weights, cues, np.zeros((len(cues), 1), np.float32)], axis=1)) @ rotation)
    starts = np.flatnonzero(np.diff(texts.key_rows[own], prepend=-1))
    vectors = np.add.reduceat(asked, starts) / np.diff(np.append(starts, len(asked)))[:, None]
    blank = np.zeros((len(scores), len(CUES)), np.float32)
    filler = np.full((len(scores), 1), params["image_cue_limit"], np.float32)
    shown = unit(unit(np.concatenate([unit(_seen(scores, params) - mean), blank, filler], axis=1)) @ rotation)
    kept = vectors.astype(np.float16)
    usual = Rivals(kept.astype(np.float32), 0.0).ease(shown, params["ease_temperature"]).mean()
    save(target, vectors=kept, usual=np.float32(usual))


def _seen(scores: NDArray[np.float32], params: dict[str, Any]) -> NDArray[np.float32]:
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return unit((shares / shares.sum(axis=1, keepdims=True)) ** params["power"])


def _projection(seen: NDArray[np.float32], tables: TextTables, dimensions: int) -> NDArray[np.float32]:
    """Orthonormal columns: the cues as they are, and the directions in which pictures and meanings vary most."""
    classes = seen.shape[1]
    rows = tables.cues.shape[1] + 1
    texts = unit(tables.targets)
    _, _, directions = np.linalg.svd(np.concatenate([seen * np.sqrt(len(texts) / len(seen)), texts]), full_matrices=False)
    projection = np.zeros((classes + rows, dimensions), np.float32)
    projection[:classes, : dimensions - rows] = directions[: dimensions - rows].T
    projection[classes:, dimensions - rows :] = np.eye(rows)
    return projection
