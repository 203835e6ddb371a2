"""Photographs and text rows -> ``space.npz``: the mean picture, and the rotation from 1,019 to fewer dimensions."""

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

from helios_desktop.embed.starter_text import TextTables


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
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    seen = unit(shares ** params["power"])
    mean = seen.mean(axis=0)
    arrays = {"mean": mean.astype(np.float32)}
    if DIMENSIONS:
        arrays["projection"] = _projection(unit(seen - mean), TextTables.load(tables), DIMENSIONS).astype(np.float16)
    save(target, **arrays)


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
