"""Pixels -> faces: how sure it is that somebody looks at us, and whether there are several of them.

Comes in: the whole picture, uint8 ``[n, 260, 260, 3]``. Goes out: float32 ``[n, 2]`` in 0..1: one face, several faces.
BlazeFace, back camera version (Bazarevsky et al., "BlazeFace", CVPR workshops 2019): 896 anchors on grids of 16 and 8 cells,
each with a score and a box relative to its cell's centre, in pixels of the 256 px input.
"""

from __future__ import annotations

import numpy as np

from helios_desktop.domain import Float32Array, UInt8Array
from helios_desktop.embed.onnx_session import OnnxModel

INPUT_PX = 256
_GRIDS = ((16, 2), (8, 6))  # cells a side, anchors a cell
_SCORE_START, _SCORE_FULL = 0.65, 0.85
_SIZE_FULL = 0.10  # a face as wide as this share of the picture counts fully
_SAME_FACE_IOU = 0.3
_SEVERAL_FACES = 3  # that many faces are certainly several


class FaceFinder:
    """Finds faces with the detector at ``model``."""

    def __init__(self, model: OnnxModel) -> None:
        self._model = model
        self._centres = _anchor_centres()

    def cues(self, pictures: UInt8Array) -> Float32Array:
        """Face cues, float32 ``[n, 2]``. Raises ``ModelError`` where the detector cannot be run."""
        return np.array([self._cues_of(picture) for picture in pictures], np.float32).reshape(-1, 2)

    def _cues_of(self, picture: UInt8Array) -> tuple[float, float]:
        margin = (picture.shape[0] - INPUT_PX) // 2
        cropped = picture[margin : margin + INPUT_PX, margin : margin + INPUT_PX]
        pixels = cropped.astype(np.float32)[None] / 127.5 - 1
        scores_16, scores_8, boxes_16, boxes_8 = self._model.run({"image": pixels})
        logits = np.concatenate([scores_16[0, :, 0], scores_8[0, :, 0]])
        raw = np.concatenate([boxes_16[0], boxes_8[0]])
        scores = 1 / (1 + np.exp(-np.clip(logits, -50, 50)))
        centres = np.asarray(raw[:, :2] / INPUT_PX + self._centres, np.float32)
        sizes = np.asarray(raw[:, 2:4] / INPUT_PX, np.float32)
        found = _distinct(scores, centres, sizes)
        strengths = [_ramp(score) * min(1.0, width / _SIZE_FULL) for score, width in found]
        several = sum(strengths) - max(strengths, default=0.0)
        return max(strengths, default=0.0), min(1.0, several / (_SEVERAL_FACES - 1))


def _anchor_centres() -> Float32Array:
    rows = []
    for cells, anchors in _GRIDS:
        steps = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        y, x = np.meshgrid(steps, steps, indexing="ij")
        rows.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), anchors, axis=0))
    return np.concatenate(rows).astype(np.float32)


def _distinct(scores: Float32Array, centres: Float32Array, sizes: Float32Array) -> list[tuple[float, float]]:
    """Greedy suppression of boxes on the same face; returns (score, width) of each face, surest first."""
    kept: list[int] = []
    for index in sorted(np.flatnonzero(scores > _SCORE_START).tolist(), key=lambda i: -scores[i]):
        if all(_overlap(centres, sizes, index, other) < _SAME_FACE_IOU for other in kept):
            kept.append(index)
    return [(float(scores[i]), float(sizes[i, 0])) for i in kept]


def _overlap(centres: Float32Array, sizes: Float32Array, a: int, b: int) -> float:
    low = np.maximum(centres[a] - sizes[a] / 2, centres[b] - sizes[b] / 2)
    high = np.minimum(centres[a] + sizes[a] / 2, centres[b] + sizes[b] / 2)
    shared = float(np.prod(np.maximum(high - low, 0)))
    return shared / max(float(np.prod(sizes[a]) + np.prod(sizes[b])) - shared, 1e-9)


def _ramp(score: float) -> float:
    return min(1.0, max(0.0, (score - _SCORE_START) / (_SCORE_FULL - _SCORE_START)))
