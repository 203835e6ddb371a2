"""``_score`` of a document -> cosine of two unit vectors: each kind of vector field counts in its own way.

Sources: the tables of score functions in the documentation of OpenSearch's k-NN plugin and of Elasticsearch's ``dense_vector``.
"""

from __future__ import annotations

from collections.abc import Callable

Cosine = Callable[[float], float]


def of_half(score: float) -> float:
    """Score (1 + cosine) / 2."""
    return 2.0 * score - 1.0


def of_script(score: float) -> float:
    """Score 1 + cosine: what scripts give, since no score may be negative."""
    return score - 1.0


def of_angle(score: float) -> float:
    """Score 1 / (1 + (1 - cosine)): nmslib's."""
    return 2.0 - 1.0 / score if score > 0 else -1.0


def of_distance(score: float) -> float:
    """Score 1 / (1 + squared distance)."""
    return 1.0 - (1.0 / score - 1.0) / 2.0 if score > 0 else -1.0


def of_product(score: float) -> float:
    """Score 1 + product, or 1 / (1 - product) where that is negative."""
    return score - 1.0 if score >= 1 else 1.0 - 1.0 / max(score, 1e-9)
