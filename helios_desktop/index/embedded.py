"""The search index in this process: the catalogue's vectors, compared exactly.

In: changes of the catalogue (``VectorSource``), read when a search finds its change token moved; direct ``upsert`` and
``delete`` are laid over at once as well. Out: the nearest photos.

A snapshot file holds the bulk, mapped into memory and shared by all processes; an overlay in memory holds what changed since.
Searches read one immutable state and never wait for maintenance, which one background thread does: it folds a grown overlay
into a new snapshot, makes the first pass of large libraries, and checks the snapshot's whole content. ``close`` joins it.

Method, with what was measured for 512 dimensions on 2 cores (AVX-512; ``scripts/bench search`` measures again):

- Up to ``FIRST_PASS_ROWS``, and below any filter that leaves few photos: numpy's float32 product. Exact, nothing to build.
- Above: 4-bit codes compared by faiss, then exact scores; see ``first_pass``, which tells why not the alternatives.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helios_desktop.domain import Filter, Float32Array, Int64Array, ModelId
from helios_desktop.errors import IndexUnavailableError
from helios_desktop.index.base import VectorSource
from helios_desktop.index.merge import merged_rows
from helios_desktop.index.overlay import Overlay, OverlayView
from helios_desktop.index.ranking import best, row_scores, shortlist
from helios_desktop.index.rows import checked_query, checked_rows, sound_changes
from helios_desktop.index.scan import Scanner, scores_at
from helios_desktop.index.shelf import Shelf
from helios_desktop.index.snapshot import Snapshot, SnapshotKey
from helios_desktop.index.spool import spool_to_snapshot

FOLD_CHANGES_MIN = 2048
FOLD_CHANGES_MAX = 32768
FOLD_SHARE = 16
"""The overlay is folded into a new snapshot at a sixteenth of the library, within these bounds: a search never compares
more than 64 MB of loose rows, and a small change never rewrites a large file."""

VERIFY_AFTER_SECONDS = 5.0
"""A process that lives this long checks the whole snapshot; a short command does not pay for it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What one search reads. ``dead``: rows of the snapshot, ascending, that no longer count."""

    snapshot: Snapshot | None
    overlay: OverlayView
    dead: Int64Array
    sequence: int


class EmbeddedIndex:
    """The vectors of one model in one catalogue; keeps ``VectorIndex``. Safe for several threads and several processes."""

    def __init__(
        self,
        folder: Path,
        source: VectorSource,
        model_id: ModelId,
        dim: int,
        threads: int = 1,
        *,
        catalogue_id: str = "",
    ) -> None:
        """Touch no file yet: the first search opens the snapshot. ``threads`` compare at once, at most."""
        self._source = source
        self._model_id = model_id
        self._dim = dim
        self._shelf = Shelf(folder, SnapshotKey(catalogue_id=catalogue_id, model_id=model_id, dim=dim))
        self._scanner = Scanner(threads)
        self._lock = threading.RLock()
        self._overlay = Overlay(dim)
        self._state: _State | None = None
        self._token: int | None = None
        self._fold_lock = threading.Lock()
        self._is_closing = threading.Event()
        self._maintainer: ThreadPoolExecutor | None = None
        self._maintenance: Future[None] | None = None

    @property
    def name(self) -> str:
        """What status and results call it."""
        return "embedded"

    def upsert(self, photo_ids: Int64Array, vectors: Float32Array) -> None:
        """Add or replace rows: float32 ``[n, dim]``, unit length. Raises ``IndexUnavailableError`` where they are not."""
        ids, rows = checked_rows(photo_ids, vectors, self._dim)
        with self._lock:
            state = self._opened()
            self._overlay.put(ids, rows)
            self._publish(state.snapshot, state.sequence)

    def delete(self, photo_ids: Int64Array) -> None:
        """Remove rows; unknown ids are ignored."""
        with self._lock:
            state = self._opened()
            self._overlay.remove(np.atleast_1d(np.asarray(photo_ids, dtype=np.int64)))
            self._publish(state.snapshot, state.sequence)

    def search(self, vector: Float32Array, k: int, wanted: Filter | None = None) -> tuple[Int64Array, Float32Array]:
        """Return ids int64 and scores float32 of the k best photos that pass, best first, ties by lower id.

        Raises ``IndexUnavailableError`` on a vector of another dimension or with values that are not numbers.
        """
        question = checked_query(vector, k, self._dim)
        state = self._current()
        passing = None
        if wanted is not None and not wanted.is_empty:
            passing = self._source.matching_ids(wanted)
        if k == 0 or (passing is not None and not passing.size):
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        ids, scores = _overlay_best(state.overlay, question, k, passing)
        if state.snapshot is not None and state.snapshot.count:
            rows = self._snapshot_rows(state, state.snapshot, question, k, passing)
            ids = np.concatenate([ids, state.snapshot.ids[rows]])
            scores = np.concatenate([scores, scores_at(state.snapshot, rows, question)])
        return best(ids, scores, k)

    def count(self) -> int:
        """How many photos can answer."""
        state = self._current()
        below = 0 if state.snapshot is None else state.snapshot.count - len(state.dead)
        return below + state.overlay.count

    def prepare(self) -> None:
        """Catch up and fold what is due, here and now: for the end of indexing, so that the next search finds all ready."""
        self._current()
        self._fold_if_due()

    def verify(self) -> bool:
        """Check the whole snapshot; a damaged one is thrown away, and the next search makes it again. False if it was."""
        snapshot = self._current().snapshot
        if snapshot is None or snapshot.verify(self._is_closing.is_set):
            return True
        self._throw_away(snapshot)
        return False

    def close(self) -> None:
        """Stop maintenance, wait for it and let go of the files. Closing twice is harmless."""
        self._is_closing.set()
        with self._lock:
            maintainer, self._maintainer = self._maintainer, None
        if maintainer is not None:
            maintainer.shutdown(cancel_futures=True)
        self._scanner.close()
        with self._lock:
            self._state = None

    def _current(self) -> _State:
        token = self._source.change_token()
        state = self._state
        if state is not None and token == self._token:
            return state
        with self._lock:
            state = self._opened()
            if token != self._token:
                sequence = state.sequence
                for batch in map(sound_changes, self._source.changes_since(self._model_id, self._dim, sequence)):
                    self._overlay.remove(batch.photo_ids[batch.is_removed])
                    self._overlay.put(batch.photo_ids[~batch.is_removed], batch.vectors[~batch.is_removed])
                    sequence = batch.sequence
                if sequence != state.sequence:
                    state = self._publish(state.snapshot, sequence)
                self._token = token
        self._maintain_if_due()
        return state

    def _raise_if_closing(self) -> None:
        if self._is_closing.is_set():
            raise IndexUnavailableError("The search index is closed.", "Start Helios again.")

    def _opened(self) -> _State:
        self._raise_if_closing()
        if self._state is not None:
            return self._state
        snapshot = self._shelf.open_newest()
        if snapshot is None:
            try:
                changes = self._source.changes_since(self._model_id, self._dim, 0)
                snapshot = spool_to_snapshot(self._shelf, changes, self._dim)
            except OSError as error:  # no room or no right to write: everything stays in the overlay
                _log.warning("cannot write a search index file: %s", error)
        return self._publish(snapshot, 0 if snapshot is None else snapshot.sequence)

    def _publish(self, snapshot: Snapshot | None, sequence: int) -> _State:
        dead = np.empty(0, dtype=np.int64)
        if snapshot is not None:
            dead = snapshot.positions_of(np.sort(self._overlay.hidden_ids()))
        self._state = _State(snapshot=snapshot, overlay=self._overlay.view(), dead=dead, sequence=sequence)
        return self._state

    def _snapshot_rows(
        self, state: _State, snapshot: Snapshot, question: Float32Array, k: int, passing: Int64Array | None
    ) -> Int64Array:
        if passing is None:
            return self._scanner.all_rows(snapshot, question, state.dead, k)
        positions = snapshot.positions_of(passing)
        if state.dead.size:
            positions = np.setdiff1d(positions, state.dead, assume_unique=True)
        return self._scanner.some_rows(snapshot, question, positions, k)

    def _is_fold_due(self) -> bool:
        state = self._state
        if state is None:
            return False
        count = 0 if state.snapshot is None else state.snapshot.count
        return self._overlay.change_count >= min(max(FOLD_CHANGES_MIN, count // FOLD_SHARE), FOLD_CHANGES_MAX)

    def _maintain_if_due(self) -> None:
        if not self._is_fold_due():
            return
        with self._lock:
            is_busy = self._maintenance is not None and not self._maintenance.done()
            if is_busy or self._is_closing.is_set():
                return
            if self._maintainer is None:
                self._maintainer = ThreadPoolExecutor(1, thread_name_prefix="helios-index")
            self._maintenance = self._maintainer.submit(self._maintain)

    def _maintain(self) -> None:
        try:
            self._fold_if_due()
        except IndexUnavailableError:
            _log.info("maintenance of the search index ends with it")
        except Exception:  # noqa: BLE001 - searches must go on whatever befalls their maintenance
            _log.exception("maintenance of the search index failed; searches go on without it")

    def _fold_if_due(self) -> None:
        with self._fold_lock:
            if self._is_fold_due():
                self._fold()

    def _fold(self) -> None:
        """Make one snapshot of the present one and the overlay, or take up the one that another process made."""
        with self._lock:
            state = self._opened()
        base = state.snapshot
        if base is not None and not base.is_verified and not base.verify(self._is_closing.is_set):
            self._throw_away(base)  # never carry damage into a new file
            return
        try:
            ids, rows = merged_rows(base, state.dead, state.overlay, self._raise_if_closing)
            snapshot = self._newer(state) or self._shelf.write(state.sequence, ids, rows)
        except OSError as error:
            _log.warning("cannot write a search index file: %s", error)
            return
        with self._lock:
            if self._state is None or self._state.snapshot is not base:
                return
            self._overlay = self._overlay.over(snapshot)
            self._publish(snapshot, self._state.sequence)

    def _newer(self, state: _State) -> Snapshot | None:
        ours = -1 if state.snapshot is None else state.snapshot.sequence
        if not ours < self._shelf.newest_sequence() <= state.sequence:
            return None
        snapshot = self._shelf.open_newest()
        return snapshot if snapshot is not None and ours < snapshot.sequence <= state.sequence else None

    def _throw_away(self, snapshot: Snapshot) -> None:
        """Forget a damaged snapshot; the next search reads the catalogue anew."""
        _log.warning("the search index file %s is damaged and is made again", snapshot.path.name)
        self._shelf.discard(snapshot)
        with self._lock:
            if self._state is not None and self._state.snapshot is snapshot:
                self._state = None
                self._token = None
                self._overlay = Overlay(self._dim)


def _overlay_best(
    overlay: OverlayView, question: Float32Array, k: int, passing: Int64Array | None
) -> tuple[Int64Array, Float32Array]:
    is_wanted = overlay.is_live
    if passing is not None:
        is_wanted = is_wanted & np.isin(overlay.ids, passing)
    scores = overlay.vectors @ question
    scores[~is_wanted] = -np.inf
    slots = shortlist(scores, k)
    return overlay.ids[slots], row_scores(overlay.vectors[slots], question)
