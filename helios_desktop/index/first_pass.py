"""The first pass over a large snapshot: 4-bit codes in memory tell which rows are worth an exact comparison.

Each vector is turned by one fixed random rotation, which spreads over all dimensions what some models put into a few, and
each dimension becomes one of 16 levels, 0.335 standard deviations apart: the best even spacing for a normal distribution
(Max, "Quantizing for minimum distortion", IRE Trans. Inf. Theory 1960). faiss compares such codes from registers (André,
Kermarrec and Le Scouarnec, "Cache locality is not enough: high-performance nearest neighbor search with product
quantization fast scan", VLDB 2015). The best rows by code get their exact scores, and these say how far codes err; unless the
k-th best exact score clears the best code that was left out by ``CERTAIN_ERRORS`` such errors, more rows are taken, and in
the end all. So answers are those of the exact search, and a crowd of near copies costs time, not answers.

Nothing is trained: mean and spread come from a sample, a million rows are encoded in seconds, and a new snapshot simply is
encoded again. Measured beside it (512 dimensions, 2 cores, one query; recall@10 of the first pass with 1000 rows re-ranked,
questions far from all photos included): float32 numpy 12-23 ms at 100,000 and 140-330 at a million; faiss fp16 12 ms, SQ8
5-16 ms, SQ4 8 ms; these codes 1 ms and at a million 12-16 ms, recall 1.000; PQ of 2 bits a dimension 0.5 ms, 1.000 with less
to spare; PQ of 1 bit .830; RaBitQ of 1 bit .440. IVF needs training, loses answers to questions far from the photos, and has
no speed to add here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helios_desktop.domain import Float32Array, Int64Array
from helios_desktop.index.ranking import is_among
from helios_desktop.index.scan import scores_at
from helios_desktop.index.snapshot import Snapshot

FIRST_PASS_ROWS = 32768
"""Below this many rows, comparing all of them takes no longer."""

CERTAIN_ERRORS = 5.0
"""So many times the usual error of a code must lie between the answers and the rows that were left out."""

_LEVELS = 16
_SPACING = 0.335  # of a standard deviation
_SAMPLE_ROWS = 16384
_SAMPLE_RUNS = 32  # rows that lie together: single ones all over the file would map most of it
_ENCODE_ROWS = 4096
_SHARD_ROWS = 131072
_FIRST_TAKE = 512
_WIDER = 8
_LAST_TAKE = 32768


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shard:
    """The codes of consecutive rows, from ``start`` on, in a faiss index."""

    start: int
    codes: Any


class FirstPass:
    """The codes of one snapshot: ``dim / 2`` bytes a row. Searches may come from several threads at once."""

    def __init__(self, snapshot: Snapshot, rotation: Float32Array, shards: tuple[_Shard, ...], executor: Executor) -> None:
        self._snapshot = snapshot
        self._rotation = rotation
        self._shards = shards
        self._executor = executor

    @classmethod
    def of(cls, snapshot: Snapshot, executor: Executor, threads: int, checkpoint: Callable[[], None]) -> FirstPass:
        """Encode a snapshot; ``checkpoint`` is called now and then and may raise to stop. ``executor`` runs the searches."""
        dim = snapshot.vectors.shape[1]
        gaussian = np.random.default_rng(0).standard_normal((dim, dim))
        rotation = np.linalg.qr(gaussian)[0].astype(np.float32)
        run = min(snapshot.count, _SAMPLE_ROWS) // _SAMPLE_RUNS
        starts = np.linspace(0, snapshot.count - run, _SAMPLE_RUNS, dtype=np.int64).tolist()
        turned = np.concatenate([snapshot.rows.between(start, start + run) for start in starts]) @ rotation
        step = np.maximum(turned.std(axis=0) * _SPACING, 1e-6).astype(np.float32)
        lowest = turned.mean(axis=0) - step * ((_LEVELS - 1) / 2)
        per_thread = -(-snapshot.count // (max(1, threads) * 32)) * 32
        size = min(_SHARD_ROWS, per_thread)
        shards = tuple(
            _Shard(start=start, codes=_encoded(snapshot, start, start + size, rotation, lowest, step, checkpoint))
            for start in range(0, snapshot.count, size)
        )
        return cls(snapshot, rotation, shards, executor)

    def best_rows(
        self, question: Float32Array, k: int, passing: NDArray[np.bool_] | None, dead: Int64Array
    ) -> Int64Array | None:
        """Return positions that hold the k best rows of those passing (bool ``[count]``; None: all) and not dead.

        None where the codes cannot tell them apart: compare all rows then.
        """
        share = 1.0 if passing is None else max(1, int(np.count_nonzero(passing))) / len(passing)
        take = int((_FIRST_TAKE + 2 * k) / share)
        turned = question @ self._rotation
        while take <= max(_LAST_TAKE, 4 * k / share) and take < self._snapshot.count // 2:
            positions = self._take(turned, question, take, k, passing, dead)
            if positions is not None:
                return positions
            take *= _WIDER
        return None

    def _take(
        self,
        turned: Float32Array,
        question: Float32Array,
        take: int,
        k: int,
        passing: NDArray[np.bool_] | None,
        dead: Int64Array,
    ) -> Int64Array | None:
        positions, coded = self._nearest_codes(turned, take)
        if len(positions) < take:  # faiss finds nothing where all scores are equal or not numbers: a question of zeros
            return None
        threshold = coded.min()
        is_alive = ~is_among(positions, dead)
        if passing is not None:
            is_alive &= passing[positions]
        positions, coded = positions[is_alive], coded[is_alive]
        if len(positions) < k:
            return None
        exact = scores_at(self._snapshot, positions, question)
        usual_error = float(np.sqrt(np.mean(np.square(exact - coded))))
        kth_best = np.partition(exact, len(exact) - k)[len(exact) - k]
        if kth_best < threshold + CERTAIN_ERRORS * usual_error or usual_error == 0:
            return None
        return np.asarray(positions[exact >= kth_best])

    def _nearest_codes(self, turned: Float32Array, take: int) -> tuple[Int64Array, Float32Array]:
        """Return the ``take`` rows with the best codes, in any order, and the scores by code."""

        def search(shard: _Shard) -> tuple[Int64Array, Float32Array]:
            coded, places = shard.codes.search(turned[np.newaxis], min(take, shard.codes.ntotal))
            is_found = places[0] >= 0
            return places[0][is_found] + shard.start, coded[0][is_found]

        found = list(self._executor.map(search, self._shards))
        positions = np.concatenate([places for places, _ in found])
        coded = np.concatenate([scores for _, scores in found])
        if len(positions) > take:
            best = np.argpartition(-coded, take - 1)[:take]
            positions, coded = positions[best], coded[best]
        return positions, coded


def _encoded(
    snapshot: Snapshot,
    start: int,
    stop: int,
    rotation: Float32Array,
    lowest: Float32Array,
    step: Float32Array,
    checkpoint: Callable[[], None],
) -> Any:
    """Return a faiss index over rows ``start`` to ``stop``: one sub-quantiser a dimension, its 16 centroids the levels."""
    import faiss  # 0.2 s: only for a library that needs it

    dim = snapshot.vectors.shape[1]
    plain: Any = faiss.IndexPQ(dim, dim, 4, faiss.METRIC_INNER_PRODUCT)
    levels = lowest[:, np.newaxis] + step[:, np.newaxis] * np.arange(_LEVELS, dtype=np.float32)
    faiss.copy_array_to_vector(levels.astype(np.float32).ravel(), plain.pq.centroids)
    plain.is_trained = True
    for codes in _packed(snapshot, start, min(stop, snapshot.count), rotation, lowest, step):
        checkpoint()
        plain.add_sa_codes(codes)
    return faiss.IndexPQFastScan(plain)


def _packed(
    snapshot: Snapshot, start: int, stop: int, rotation: Float32Array, lowest: Float32Array, step: Float32Array
) -> Iterator[NDArray[np.uint8]]:
    """Yield codes, uint8 ``[n, ceil(dim / 2)]``: an even dimension's level in the low half of a byte."""
    scale = 1 / step
    offset = 0.5 - lowest * scale
    dim = len(step)
    for first in range(start, stop, _ENCODE_ROWS):
        rows = snapshot.rows.between(first, min(first + _ENCODE_ROWS, stop))
        placed = rows @ rotation * scale + offset
        levels: NDArray[np.uint8] = np.zeros((len(rows), dim + dim % 2), dtype=np.uint8)
        levels[:, :dim] = np.clip(placed, 0, _LEVELS - 0.5)
        yield np.bitwise_or(levels[:, ::2], levels[:, 1::2] << 4, dtype=np.uint8)
