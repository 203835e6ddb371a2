"""How easily a photo answers whatever is asked, taken off its scores: pictures' rows -> vectors, questions' rows -> vectors.

In many dimensions some photos are near to every question (hubs), and come up for what they do not show. The remedy is known
from matching words across languages (inverted softmax: Smith et al., ICLR 2017) and from asking for videos (Bogolin et al.,
"Cross Modal Retrieval with Querybank Normalisation", CVPR 2022): ask each photo many other questions, and take off how well it
answers those. Here the others are the concepts of the pack, so that no other photo and no question of the user is needed::

    ease(photo)     = temperature * log(mean over concepts of exp(concept . photo / temperature)) - the usual ease
    photo's vector  = [ row, filler, -ease / weight ] at length 1
    question's      = [ row,      0,         weight ] at length 1

The dot product of both is then the similarity less the ease, times a number that is the same for all photos.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from helios_desktop.domain import Float32Array


@dataclass(frozen=True, slots=True)
class Rivals:
    """What else a photo could be about. ``vectors`` float32 ``[concepts, dim - 1]``; ``usual``: the ease of usual photos."""

    vectors: Float32Array
    usual: float

    @classmethod
    def load(cls, path: Path) -> Rivals:
        """Read ``rivals.npz``."""
        with np.load(path, allow_pickle=False) as stored:
            return cls(stored["vectors"].astype(np.float32), float(stored["usual"]))

    def ease(self, pictures: Float32Array, temperature: float) -> Float32Array:
        """float32 ``[n]``: above 0 for photos that answer more questions than most. ``pictures``: as in ``picture_vectors``."""
        answers = pictures @ self.vectors.T / temperature
        highest = answers.max(axis=1)
        mean = np.exp(answers - highest[:, None]).mean(axis=1)
        ease: Float32Array = (temperature * (highest + np.log(mean)) - self.usual).astype(np.float32)
        return ease


def picture_vectors(pictures: Float32Array, rivals: Rivals, params: Mapping[str, Any]) -> Float32Array:
    """Vectors of n photos, float32 ``[n, dim]``, unit length.

    ``pictures``: float32 ``[n, dim - 1]``, unit length, the filler (0 or more) in the last column; it grows by what the ease
    leaves free, so that all photos stay of one length.
    """
    limit = float(params["ease_limit"])
    ease = np.clip(rivals.ease(pictures, float(params["ease_temperature"])), -limit, limit)
    last = -ease / float(params["ease_weight"])
    room = (limit / float(params["ease_weight"])) ** 2
    filler = np.sqrt(pictures[:, -1] ** 2 + room - last**2)
    rows = np.concatenate([pictures[:, :-1], filler[:, None], last[:, None]], axis=1)
    vectors: Float32Array = (rows / np.sqrt(1 + room)).astype(np.float32)
    return vectors


def question_vectors(questions: Float32Array, params: Mapping[str, Any]) -> Float32Array:
    """Vectors of n questions, float32 ``[n, dim]``, unit length.

    ``questions``: float32 ``[n, dim - 1]``, unit length, 0 where pictures have the filler.
    """
    weight = float(params["ease_weight"])
    last = np.full((len(questions), 1), weight, np.float32)
    vectors: Float32Array = (np.concatenate([questions, last], axis=1) / np.sqrt(1 + weight**2)).astype(np.float32)
    return vectors
