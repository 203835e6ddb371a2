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

import contextlib
import logging
import threading
import time
from pathlib import Path

import numpy as np

from helios_desktop.domain import Filter, Float32Array, Int64Array, ModelId
from helios_desktop.errors import IndexUnavailableError
from helios_desktop.index.base import VectorSource
from helios_desktop.index.first_pass import FIRST_PASS_ROWS, FirstPass
from helios_desktop.index.merge import merged_rows
from helios_desktop.index.moment import Moment
from helios_desktop.index.overlay import Overlay
from helios_desktop.index.rows import checked_query, checked_rows, sound_changes
from helios_desktop.index.scan import Scanner
from helios_desktop.index.shelf import Shelf
from helios_desktop.index.snapshot import Snapshot, SnapshotKey
from helios_desktop.index.spool import spool_to_snapshot
from helios_desktop.index.upkeep import Upkeep, UpkeepCancelledError

FOLD_CHANGES_MIN = 2048
FOLD_CHANGES_MAX = 32768
FOLD_SHARE = 16
"""The overlay is folded into a new snapshot at a sixteenth of the library, within these bounds: a search never compares
more than 64 MB of loose rows, and a small change never rewrites a large file."""

VERIFY_AFTER_SECONDS = 5.0
"""A process that lives this long checks the whole snapshot; a short command does not pay for it."""

_log = logging.getLogger(__name__)


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
        self._state: Moment | None = None
        self._token: int | None = None
        self._fold_lock = threading.Lock()
        self._searches = 0
        self._opened_at = 0.0
        self._upkeep = Upkeep(self._maintain, "helios-index")

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
            self._publish(state.snapshot, state.first_pass, state.sequence)
        self._upkeep.wake()

    def delete(self, photo_ids: Int64Array) -> None:
        """Remove rows; unknown ids are ignored."""
        with self._lock:
            state = self._opened()
            self._overlay.remove(np.atleast_1d(np.asarray(photo_ids, dtype=np.int64)))
            self._publish(state.snapshot, state.first_pass, state.sequence)

    def search(self, vector: Float32Array, k: int, wanted: Filter | None = None) -> tuple[Int64Array, Float32Array]:
        """Return ids int64 and scores float32 of the k best photos that pass, best first, ties by lower id.

        Raises ``IndexUnavailableError`` on a vector of another dimension or with values that are not numbers.
        """
        question = checked_query(vector, k, self._dim)
        state = self._current()
        self._searches += 1
        if self._searches == 2:
            self._upkeep.wake()  # this process asks more than once: see _maintain
        passing = None
        if wanted is not None and not wanted.is_empty:
            passing = self._source.matching_ids(wanted)
        try:
            return state.answer(self._scanner, question, k, passing)
        except RuntimeError as error:  # its threads were ended under it
            if not self._upkeep.is_closing:
                raise
            raise IndexUnavailableError("The search index is closed.", "Start Helios again.") from error

    def count(self) -> int:
        """How many photos can answer."""
        return self._current().count

    def is_ready(self) -> bool:
        """Whether everything that makes searches fast is there; they are right before that too."""
        state = self._state
        if state is None or state.snapshot is None:
            return state is not None
        return state.first_pass is not None or state.snapshot.count < FIRST_PASS_ROWS

    def prepare(self) -> None:
        """Catch up and fold what is due, here and now: for the end of indexing, so that the next search finds all ready."""
        self._current()
        with contextlib.suppress(UpkeepCancelledError):
            self._fold_if_due()

    def verify(self) -> bool:
        """Check the whole snapshot; a damaged one is thrown away, and the next search makes it again. False if it was."""
        snapshot = self._current().snapshot
        if snapshot is None or snapshot.verify(lambda: self._upkeep.is_closing):
            return True
        self._throw_away(snapshot)
        return False

    def close(self) -> None:
        """Stop maintenance, wait for it and let go of the files. Closing twice is harmless."""
        self._upkeep.close()
        self._scanner.close()
        with self._lock:
            self._state = None

    def _current(self) -> Moment:
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
                    state = self._publish(state.snapshot, state.first_pass, sequence)
                self._token = token
        self._upkeep.wake()
        return state

    def _opened(self) -> Moment:
        if self._upkeep.is_closing:
            raise IndexUnavailableError("The search index is closed.", "Start Helios again.")
        if self._state is not None:
            return self._state
        snapshot = self._shelf.open_newest()
        if snapshot is None:
            try:
                changes = self._source.changes_since(self._model_id, self._dim, 0)
                snapshot = spool_to_snapshot(self._shelf, changes, self._dim)
            except OSError as error:  # no room or no right to write: everything stays in the overlay
                _log.warning("cannot write a search index file: %s", error)
        self._opened_at = time.monotonic()
        return self._publish(snapshot, None, 0 if snapshot is None else snapshot.sequence)

    def _publish(self, snapshot: Snapshot | None, first_pass: FirstPass | None, sequence: int) -> Moment:
        dead = np.empty(0, dtype=np.int64)
        if snapshot is not None:
            dead = snapshot.positions_of(np.sort(self._overlay.hidden_ids()))
        view = self._overlay.view()
        self._state = Moment(snapshot=snapshot, first_pass=first_pass, overlay=view, dead=dead, sequence=sequence)
        return self._state

    def _is_fold_due(self) -> bool:
        state = self._state
        if state is None:
            return False
        count = 0 if state.snapshot is None else state.snapshot.count
        return self._overlay.change_count >= min(max(FOLD_CHANGES_MIN, count // FOLD_SHARE), FOLD_CHANGES_MAX)

    def _maintain(self) -> float | None:
        """Do what is due; the answer is when to look again, in seconds."""
        self._fold_if_due()
        state = self._state
        if state is None or state.snapshot is None:
            return None
        snapshot = state.snapshot
        # The first search of a process may be its only one: what pays off later waits for the second.
        if state.first_pass is None and snapshot.count >= FIRST_PASS_ROWS and self._searches > 1:
            first_pass = self._first_pass_of(snapshot)
            with self._lock:
                if self._state is not None and self._state.snapshot is snapshot:
                    self._publish(snapshot, first_pass, self._state.sequence)
        if snapshot.is_verified:
            return None
        remaining = self._opened_at + VERIFY_AFTER_SECONDS - time.monotonic()
        if remaining <= 0 and not snapshot.verify(lambda: self._upkeep.is_closing):
            self._throw_away(snapshot)
        return max(remaining, 0.0) if remaining > 0 else None

    def _first_pass_of(self, snapshot: Snapshot) -> FirstPass:
        return FirstPass.of(snapshot, self._scanner.executor, self._scanner.threads, self._upkeep.checkpoint)

    def _fold_if_due(self) -> None:
        with self._fold_lock:
            if self._is_fold_due():
                self._fold()

    def _fold(self) -> None:
        """Make one snapshot of the present one and the overlay, or take up the one that another process made."""
        with self._lock:
            state = self._opened()
        base = state.snapshot
        if base is not None and not base.is_verified and not base.verify(lambda: self._upkeep.is_closing):
            self._throw_away(base)  # never carry damage into a new file
            return
        try:
            ids, rows = merged_rows(base, state.dead, state.overlay, self._upkeep.checkpoint)
            snapshot = self._newer(state) or self._shelf.write(state.sequence, ids, rows)
        except OSError as error:
            _log.warning("cannot write a search index file: %s", error)
            return
        first_pass = None if state.first_pass is None else self._first_pass_of(snapshot)
        with self._lock:
            if self._state is None or self._state.snapshot is not base:
                return
            self._overlay = self._overlay.over(snapshot)
            self._publish(snapshot, first_pass, self._state.sequence)

    def _newer(self, state: Moment) -> Snapshot | None:
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
