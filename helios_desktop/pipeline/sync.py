"""Change log -> engine: every change of one library reaches its index, once in effect, whatever is killed meanwhile.

Each index keeps two places in the log, under its own uuid: how far it was sent, and how far searches can see it. A document
carries the log's sequence as its version, so that a late or repeated write never undoes a newer one. An index whose mapping is
older than this program's is replaced by a new one, beside it, and the aliases move when that is complete.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass

from helios_desktop.catalog.outbox import ChangeLog
from helios_desktop.domain import ChangeBatch
from helios_desktop.index.engine_documents import delete_line
from helios_desktop.index.engine_index import EngineIndex
from helios_desktop.index.engine_indices import LOADING_REFRESH, IndexState
from helios_desktop.index.rows import sound_changes
from helios_desktop.pipeline.jobs import CancelToken
from helios_desktop.pipeline.mirrored import Mirrored
from helios_desktop.pipeline.sending import Answer, Patience, Sending, patiently

BATCH_ROWS = 500
LOADING_ROWS = 2_000
"""From this many changes on, and for a new index at once, the engine shows nothing of it until all is there."""

SENT = "sent"
VISIBLE = "visible"

_log = logging.getLogger(__name__)

Heard = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What one run did. ``refused``: documents that the engine will never take; ``first_refusal``: why, of one."""

    index: str
    sent: int
    removed: int
    refused: int = 0
    first_refusal: str = ""


def cursor_key(state: IndexState, what: str) -> str:
    """Return under what name the catalogue keeps how far an index came: by uuid, since a name may be given again."""
    return f"{state.uuid}/{what}"


class EngineSync:
    """Brings the index of one library in step. For one process at a time: the caller holds the lock."""

    def __init__(
        self,
        *,
        index: EngineIndex,
        mirrored: Mirrored,
        changes: ChangeLog,
        token: CancelToken,
        takes_alias: bool,
        patience: Patience | None = None,
        on_progress: Heard = lambda _: None,
    ) -> None:
        self._index = index
        self._mirrored = mirrored
        self._changes = changes
        self._token = token
        self._takes_alias = takes_alias
        self._patience = patience or Patience()
        self._on_progress = on_progress
        self._sent = 0
        self._removed = 0

    def run(self, *, is_rebuild: bool = False) -> SyncReport:
        """Send what the index has not heard, and return when searches can see it.

        ``is_rebuild``: fill a new index from the beginning and let it take over. Raises ``EngineError`` where sending has to
        pause, and ``CancelledError``; what was sent until then counts.
        """
        state = self._patiently(lambda: self._target(is_rebuild=is_rebuild))
        with Sending(
            lambda lines: self._index.send(lines, state),
            self._patience,
            self._token,
            lambda sequence, _: self._changes.set_cursor(cursor_key(state, SENT), sequence),
        ) as sending:
            state = self._send_all(state, sending)
            sending.finish()
        if state.refresh_interval == LOADING_REFRESH or self._sent or self._removed:
            state = self._end_loading(state)
        self._see(state)
        self._take_over(state)
        refused = sending.refused
        if refused:
            _log.warning(
                "the engine refused %d documents, %s first: %s", len(refused), refused[0].document_id, refused[0].reason
            )
        return SyncReport(
            index=state.name,
            sent=self._sent,
            removed=self._removed,
            refused=len(refused),
            first_refusal=refused[0].reason if refused else "",
        )

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        return patiently(ask, self._patience, self._token)

    def _target(self, *, is_rebuild: bool) -> IndexState:
        """Return the index to fill: the newest one that fits, else a new one beside the others."""
        indices = self._index.indices
        states = indices.found()
        fitting = [state for state in states if indices.fits(state)]
        if fitting and not is_rebuild:
            return fitting[0]
        indices.refuse_foreign_aliases()
        return indices.create(max((state.version for state in states), default=0) + 1)

    def _send_all(self, state: IndexState, sending: Sending) -> IndexState:
        mirrored = self._mirrored
        cursor = self._changes.cursor(cursor_key(state, SENT))
        rows = 0
        for batch in mirrored.source.changes_since(mirrored.model_id, mirrored.dim, cursor, BATCH_ROWS):
            self._token.check()
            rows += len(batch.photo_ids)
            if (rows > LOADING_ROWS or not cursor) and state.refresh_interval != LOADING_REFRESH:
                state = self._begin_loading(state)
            sending.put(self._lines(sound_changes(batch)), batch.sequence)
            self._on_progress(rows)
        return state

    def _begin_loading(self, state: IndexState) -> IndexState:
        return self._patiently(lambda: self._index.indices.begin_loading(state))

    def _end_loading(self, state: IndexState) -> IndexState:
        return self._patiently(lambda: self._index.indices.end_loading(state))

    def _lines(self, batch: ChangeBatch) -> list[bytes]:
        kept = ~batch.is_removed
        lines = [delete_line(str(photo_id), batch.sequence) for photo_id in batch.photo_ids[batch.is_removed].tolist()]
        self._removed += len(lines)
        lines += self._index.upsert_lines(batch.photo_ids[kept].tolist(), batch.vectors[kept], batch.sequence)
        self._sent += int(kept.sum())
        return lines

    def _see(self, state: IndexState) -> None:
        sent = self._changes.cursor(cursor_key(state, SENT))
        if self._changes.cursor(cursor_key(state, VISIBLE)) != sent:
            self._changes.set_cursor(cursor_key(state, VISIBLE), sent)

    def _take_over(self, state: IndexState) -> None:
        """Let the aliases name this index, and delete the older versions that it replaces."""
        indices = self._index.indices
        self._patiently(lambda: indices.promote(state, takes_alias=self._takes_alias))
        for old in self._patiently(indices.found):
            if old.version < state.version:
                self._patiently(functools.partial(indices.delete, old.name))
                self._changes.forget_cursors(f"{old.uuid}/")
        self._index.use(state)
