"""Two orders of the same photos -> one: by what is in the picture, and by how well the quoted words fit.

Reciprocal rank fusion (Cormack, Clarke, Büttcher, SIGIR 2009): a photo's place is the sum of 1 / (60 + rank) over both orders.
Quoted words are a condition that every photo of the answer fulfils; fusion only decides who comes first. It is done here, over
ranks that do not depend on the engine, so that the same question has the same order everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from helios_desktop.domain import Float32Array, Int64Array

RANK_CONSTANT = 60
FUSED_ROWS = 1_000
"""So many of the photos that the model likes best take part; those after them stay in the model's order."""


def fused(ids: Int64Array, scores: Float32Array, relevance: Mapping[int, float]) -> tuple[Int64Array, Float32Array]:
    """Return photos, best first by ``scores``, in the order of both; equal ones share a rank, and ties go by lower id.

    The scores stay the model's own, so that they no longer descend.
    """
    head = ids[:FUSED_ROWS]
    texts = np.array([relevance.get(photo_id, 0.0) for photo_id in head.tolist()])
    total = 1.0 / (RANK_CONSTANT + _ranks(scores[:FUSED_ROWS])) + 1.0 / (RANK_CONSTANT + _ranks(texts))
    order = np.concatenate([np.lexsort((head, -total)), np.arange(len(head), len(ids))])
    return ids[order], scores[order]


def _ranks(values: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return 1 for the highest value, 2 for the next lower one, and so on."""
    _, place = np.unique(-values, return_inverse=True)
    ranks: NDArray[np.int64] = place.reshape(-1).astype(np.int64) + 1
    return ranks
