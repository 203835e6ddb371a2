"""Catalogue -> stacks: near-identical neighbours in time (a burst), and a RAW beside its JPEG, are shown as one tile.

Two photos belong together where their camera is the same, less than ``GAP_SECONDS`` lie between them by what they say
themselves (the times of files that were copied say nothing) and their vectors say that they show the same; or where one is
the RAW of the other: same folder, same name, another ending. Nothing is hidden for good: ``Folding`` puts the best one forward
and says how many stand behind it.

A vector's word for "the same", measured on 160 photos of tests/data/starter_eval with the starter model: 95 % of frames that
were moved, turned and lit a little otherwise score .95 or more, and 90 % of photos score .83 at most with the likest other one.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import BoolArray, Int64Array, ModelId

GAP_SECONDS = 5
ALIKE = 0.94
NEIGHBOURS = 4  # within the gap: two cameras, or RAW and JPEG, may take turns
PAIRS_A_CHUNK = 2048
RAW = "RAW"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stacks:
    """Which stack each of some photos belongs to: int64 ``[n]``, -1 for none; bool ``[n]``: this one stands behind others."""

    numbers: Int64Array
    is_behind: BoolArray

    @classmethod
    def none(cls, count: int) -> Stacks:
        """Return that none of ``count`` photos belongs to any."""
        return cls(numbers=np.full(count, -1, np.int64), is_behind=np.zeros(count, np.bool_))

    def at(self, rows: Int64Array) -> Stacks:
        """Return the same of some of the photos, or in another order."""
        return Stacks(numbers=self.numbers[rows], is_behind=self.is_behind[rows])


@dataclass(frozen=True, slots=True)
class Shown:
    """Rows in the order to show them, int64 ``[m]``; and where each would stand were nothing folded, ascending, ``[m]``."""

    rows: Int64Array
    places: Int64Array


class Folding:
    """Some photos with their stacks folded: which rows are shown, and for whom they stand.

    What takes time is done when it is made; ``shown`` is quick, so that a window may open and close stacks as it likes.
    """

    def __init__(self, ids: Int64Array, stacks: Stacks) -> None:
        """``ids``: the photos in their order, int64 ``[n]``."""
        self._all = np.arange(len(ids), dtype=np.int64)
        grouped = np.flatnonzero(stacks.numbers >= 0)
        order = grouped[np.lexsort((grouped, stacks.is_behind[grouped], stacks.numbers[grouped]))]
        starts = np.flatnonzero(np.diff(stacks.numbers[order], prepend=-1))
        sizes = np.diff(starts, append=len(order))
        order = order[np.repeat(sizes > 1, sizes)]
        sizes = sizes[sizes > 1]
        starts = np.cumsum(sizes) - sizes
        self._members = order
        self._starts = starts
        self._sizes = sizes
        self._places = np.minimum.reduceat(order, starts) if len(starts) else starts
        self._keep = np.ones(len(ids), np.bool_)
        self._keep[order] = False
        self._keep[self._places] = True
        self._shown = self._all.copy()
        self._shown[self._places] = order[starts]
        numbers = stacks.numbers[order[starts]].tolist()
        self._at = {number: at for at, number in enumerate(numbers)}
        fronts = ids[order[starts]].tolist()
        self.counts = dict(zip(fronts, sizes.tolist(), strict=True))
        """How many photos stand in the place of a photo, itself among them, by the id of the one in front."""
        self.numbers = dict(zip(fronts, numbers, strict=True))
        """The number of its stack, by the id of the one in front."""

    def members(self, number: int) -> Int64Array:
        """Return the rows of a stack, the one in front first; none where there is no such stack among these photos."""
        at = self._at.get(number)
        if at is None:
            return np.empty(0, np.int64)
        return self._members[self._starts[at] : self._starts[at] + self._sizes[at]]

    def shown(self, opened: Iterable[int] = ()) -> Shown:
        """Return the rows to show: each stack where its first photo stood, one of the ``opened`` with all its photos."""
        shown, kept = self._shown[self._keep], self._all[self._keep]
        some = [number for number in opened if number in self._at]
        if not some:
            return Shown(shown, kept)
        before = np.cumsum(self._keep)
        places = [self._places[self._at[number]] for number in some]
        others = [self.members(number)[1:] for number in some]
        at = np.concatenate([np.full(len(rows), before[place]) for place, rows in zip(places, others, strict=True)])
        among = np.concatenate([np.full(len(rows), place) for place, rows in zip(places, others, strict=True)])
        return Shown(np.insert(shown, at, np.concatenate(others)), np.insert(kept, at, among))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What was found last: photo ids ascending, the number of their stack, who stands behind; judged pairs of contents."""

    version: tuple[int, ModelId] | None = None
    ids: Int64Array = field(default_factory=lambda: np.empty(0, np.int64))
    stacks: Stacks = field(default_factory=lambda: Stacks.none(0))
    pairs: Int64Array = field(default_factory=lambda: np.empty(0, np.int64))
    verdicts: BoolArray = field(default_factory=lambda: np.empty(0, np.bool_))


class StackFinder:
    """Finds stacks in the whole library and remembers them. ``of`` answers at once; ``find`` takes its time, elsewhere.

    ``model`` returns the id and dimension of the vectors to compare; ``is_cancelled`` ends ``find`` early.
    """

    def __init__(
        self, catalog: Catalog, model: Callable[[], tuple[ModelId, int]], is_cancelled: Callable[[], bool] = lambda: False
    ) -> None:
        self._catalog, self._model, self._is_cancelled = catalog, model, is_cancelled
        self._lock = threading.Lock()
        self._known = _Known()

    def of(self, ids: Int64Array) -> Stacks:
        """Return the stacks of some photos as they are known at present. Cheap: some milliseconds for 100,000."""
        known = self._known
        if not len(known.ids) or not len(ids):
            return Stacks.none(len(ids))
        at = np.minimum(np.searchsorted(known.ids, ids), len(known.ids) - 1)
        is_known = known.ids[at] == ids
        found = known.stacks.at(at)
        return Stacks(numbers=np.where(is_known, found.numbers, -1), is_behind=found.is_behind & is_known)

    def find(self) -> bool:
        """Look at the library anew, where it changed; return whether the stacks are others now. Only new pairs are judged."""
        with self._lock:
            model_id, dim = self._model()
            version = (self._catalog.data_version(), model_id)
            before = self._known
            if before.version == version:
                return False
            if before.version is not None and before.version[1] != model_id:
                before = _Known()
            now = self._look(before, version, dim)
            if now is None:
                return False
            self._known = now
            return not (
                np.array_equal(now.ids, before.ids)
                and np.array_equal(now.stacks.numbers, before.stacks.numbers)
                and np.array_equal(now.stacks.is_behind, before.stacks.is_behind)
            )

    def _look(self, before: _Known, version: tuple[int, ModelId], dim: int) -> _Known | None:
        ids, seconds, contents = self._catalog.photos.moments()
        first, second = _neighbours(seconds)
        pairs = contents[first] << 32 | contents[second]
        at = np.minimum(np.searchsorted(before.pairs, pairs), max(0, len(before.pairs) - 1))
        is_judged = before.pairs[at] == pairs if len(before.pairs) else np.zeros(len(pairs), np.bool_)
        verdicts = np.zeros(len(pairs), np.bool_)
        verdicts[is_judged] = before.verdicts[at[is_judged]]
        new = np.flatnonzero(~is_judged)
        for start in range(0, len(new), PAIRS_A_CHUNK):
            if self._is_cancelled():
                return None
            some = new[start : start + PAIRS_A_CHUNK]
            verdicts[some], is_judged[some] = self._judge(ids[first[some]], ids[second[some]], version[1], dim)
        links = [(ids[first[verdicts]], ids[second[verdicts]])]
        raws, developed = self._raws_and_developed()
        links.append((raws, developed))
        linked = np.concatenate([np.stack(pair) for pair in links], axis=1)
        stacked, numbers = _connected(linked[0].tolist(), linked[1].tolist())
        order = np.argsort(pairs)
        order = order[is_judged[order]]  # the others are looked at again: their vectors are still to come
        return _Known(
            version=version,
            ids=stacked,
            stacks=Stacks(numbers=numbers, is_behind=np.isin(stacked, raws)),
            pairs=pairs[order],
            verdicts=verdicts[order],
        )

    def _judge(self, first: Int64Array, second: Int64Array, model_id: ModelId, dim: int) -> tuple[BoolArray, BoolArray]:
        """Whether each pair shows the same, taken with one camera; and whether both have a vector to be judged by."""
        wanted = np.unique(np.concatenate([first, second]))
        ids, vectors = self._catalog.vectors.of_photos(wanted.tolist(), model_id, dim)
        order = np.argsort(ids)
        ids, vectors = ids[order], vectors[order]
        if not len(ids):
            return np.zeros(len(first), np.bool_), np.zeros(len(first), np.bool_)
        ones, others = (np.minimum(np.searchsorted(ids, some), len(ids) - 1) for some in (first, second))
        is_there = (ids[ones] == first) & (ids[others] == second)
        alike = np.flatnonzero(is_there & (np.einsum("ij,ij->i", vectors[ones], vectors[others]) >= ALIKE))
        cameras = {one.photo_id: one.camera for one in self._catalog.photos.origins(wanted.tolist()) if one.is_dated}
        verdicts = np.zeros(len(first), np.bool_)
        for pair in alike:
            one, other = int(first[pair]), int(second[pair])
            verdicts[pair] = one in cameras and cameras[one] == cameras.get(other)
        return verdicts, is_there

    def _raws_and_developed(self) -> tuple[Int64Array, Int64Array]:
        """Photo ids of RAW files, and of the pictures that were developed from them."""
        if not self._catalog.photos.has_format(RAW):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        raws: dict[bytes, int] = {}
        developed: list[tuple[bytes, int]] = []
        for one in self._catalog.photos.origins():
            stem = os.path.splitext(one.path)[0]
            if one.format == RAW:
                raws[stem] = one.photo_id
            else:
                developed.append((stem, one.photo_id))
        pairs = [(raws[stem], photo_id) for stem, photo_id in developed if stem in raws]
        return np.array([one for one, _ in pairs], np.int64), np.array([other for _, other in pairs], np.int64)


def _neighbours(seconds: Int64Array) -> tuple[Int64Array, Int64Array]:
    """Return the positions of photos that follow each other quickly. ``seconds``: newest first."""
    found = [
        (near, near + step)
        for step in range(1, NEIGHBOURS + 1)
        for near in [np.flatnonzero(seconds[:-step] - seconds[step:] < GAP_SECONDS)]
    ]
    return np.concatenate([one for one, _ in found]), np.concatenate([other for _, other in found])


def _connected(first: Iterable[int], second: Iterable[int]) -> tuple[Int64Array, Int64Array]:
    """Return the ids that are linked, ascending, and for each the lowest id that it is linked with by any way."""
    parents: dict[int, int] = {}

    def root(one: int) -> int:
        while (parent := parents.setdefault(one, one)) != one:
            parents[one] = one = parents[parent]
        return one

    for one, other in zip(first, second, strict=True):
        low, high = sorted((root(one), root(other)))
        parents[high] = low
    ids = np.array(sorted(parents), np.int64)
    return ids, np.array([root(int(one)) for one in ids], np.int64)
