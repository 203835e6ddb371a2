"""Folders -> catalogue -> vectors, until nothing waits: what ``helios index`` runs, and the window in the background.

One process at a time scans, and one embeds; each holds its lock only while there is work, so that a command and the window
can take turns on one library.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import BaseFileLock, FileLock, Timeout

from helios_desktop.catalog.store import Catalog
from helios_desktop.decode.pool import DecodePool
from helios_desktop.decode.thumbnails import ThumbnailStore
from helios_desktop.domain import ModelId
from helios_desktop.embed.base import Embedder
from helios_desktop.pipeline.follow import Follower, FollowReport, Target
from helios_desktop.pipeline.ingest import Ingest, IngestSummary
from helios_desktop.pipeline.jobs import CancelToken, PauseGate
from helios_desktop.pipeline.progress import ProgressBoard
from helios_desktop.pipeline.sidecars import has_changed, read_sidecars

LOCK_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSummary:
    """What one run did. ``found`` counts the entries that the scans met; ``absent`` the folders whose drive is away."""

    found: int
    indexed: int
    skipped: int
    embedded: int
    absent: int
    seconds: float

    def record(self) -> dict[str, Any]:
        """Return the stable keys for scripts."""
        return {**asdict(self), "seconds": round(self.seconds, 3)}

    def sentence(self) -> str:
        """Say it to a person."""
        text = f"{self.indexed:,} photos indexed, {self.skipped:,} skipped in {self.seconds:.1f} s"
        if self.absent:
            folders, them = ("folder is", "it") if self.absent == 1 else ("folders are", "them")
            text += f"; {self.absent:,} {folders} not here now, what is known of {them} is kept"
        return text


class Indexing:
    """Brings the catalogue in step with the disk and fills the vectors of the models in use: mostly one, two while one is
    to take over from the other. ``after_ingest`` is called when nothing is pending for them.

    Two inter-process locks, so that scanning goes on while photos are embedded: ``scan_lock`` and ``embed_lock``.
    """

    def __init__(
        self,
        *,
        catalog: Catalog,
        thumbnails: ThumbnailStore,
        follower: Follower,
        embedders: Callable[[], Sequence[Embedder]],
        decoder: Callable[[], DecodePool],
        board: ProgressBoard,
        scan_lock: Path,
        embed_lock: Path,
        after_ingest: Callable[[], None] = lambda: None,
    ) -> None:
        self._catalog = catalog
        self._thumbnails = thumbnails
        self._follower = follower
        self._embedders = embedders
        self._decoder = decoder
        self._board = board
        self._scan_lock = scan_lock
        self._embed_lock = embed_lock
        self._after_ingest = after_ingest
        self._filled: tuple[ModelId, ...] = ()

    def run(self, targets: Sequence[Target], folders: Sequence[bytes], token: CancelToken, gate: PauseGate) -> IndexSummary:
        """Scan the targets, wait for files that are still growing, and embed until nothing is pending.

        ``folders``: only what lies below these is embedded; empty for everything. Raises ``CancelledError`` when asked to stop.
        """
        started = time.monotonic()
        totals = IngestSummary(ready=0, skipped=0, embedded=0, seconds=0.0)
        skipped = 0
        report = first = self.follow(targets, token)
        while True:
            skipped += report.skipped
            totals = _sum(totals, self.ingest(folders, token, gate))
            if not report.again:
                break
            self._board.enter("waiting", "waiting for files that are still being written")
            token.wait(report.wait_seconds)
            report = self.follow(report.again, token)
        self._board.enter("idle")
        return IndexSummary(
            found=first.found,
            indexed=totals.ready,
            skipped=totals.skipped + skipped,
            embedded=totals.embedded,
            absent=first.absent,
            seconds=time.monotonic() - started,
        )

    def follow(self, targets: Sequence[Target], token: CancelToken, *, is_live: bool = False) -> FollowReport:
        """Scan and record, while no other process does."""
        lock = FileLock(self._scan_lock, mode=0o600)
        while not _is_acquired(lock):
            token.check()
        try:
            if not is_live:
                self._board.swap("idle", "scanning")
            return self._follower.follow(targets, token, is_live=is_live)
        finally:
            self._board.swap("scanning", "idle")
            lock.release()

    def ingest(self, folders: Sequence[bytes], token: CancelToken, gate: PauseGate) -> IngestSummary:
        """Embed what is pending, unless another process does it meanwhile. Nothing is loaded where nothing waits."""
        lock = FileLock(self._embed_lock, mode=0o600)
        summary = IngestSummary(ready=0, skipped=0, embedded=0, seconds=0.0)
        while waiting := self._waiting(embedders := self._embedders(), folders):
            if _is_acquired(lock):
                try:
                    summary = self._ingest(waiting, embedders, folders, token, gate)
                    break
                finally:
                    lock.release()
            self._board.enter("waiting", "another Helios is indexing")
            token.check()
        self._read_sidecars(lock, folders, token)
        self._after_ingest()
        return summary

    def _read_sidecars(self, lock: BaseFileLock, folders: Sequence[bytes], token: CancelToken) -> None:
        """Read the XMP files that changed, unless another process does it meanwhile."""
        while has_changed(self._catalog.sidecars, folders):
            if _is_acquired(lock):
                try:
                    read_sidecars(self._catalog.sidecars, self._decoder(), folders, token)
                    return
                finally:
                    lock.release()
            token.check()

    def has_other_models(self) -> bool:
        """Whether other models are to be filled than at the last time: somebody chose one, maybe in another process."""
        return tuple(embedder.model_id for embedder in self._embedders()) != self._filled

    def _waiting(self, embedders: Sequence[Embedder], folders: Sequence[bytes]) -> int:
        """How many files wait for any of the models: one that lacks both is counted once, as the newer model lacks most."""
        self._filled = tuple(embedder.model_id for embedder in embedders)
        return max(self._catalog.photos.pending_count(embedder.model_id, folders) for embedder in embedders)

    def _ingest(
        self, waiting: int, embedders: Sequence[Embedder], folders: Sequence[bytes], token: CancelToken, gate: PauseGate
    ) -> IngestSummary:
        self._board.start(waiting)
        self._board.enter("indexing", f"getting {embedders[-1].title} ready" if len(embedders) > 1 else "")
        return Ingest(
            catalog=self._catalog,
            thumbnails=self._thumbnails,
            decoder=self._decoder(),
            embedders=embedders,
            folders=folders,
            token=token,
            gate=gate,
            on_batch=self._board.advance,
            on_disk_full=lambda message: self._board.enter("waiting", message),
        ).run()


def _is_acquired(lock: BaseFileLock) -> bool:
    """Try for a moment to get an inter-process lock."""
    try:
        lock.acquire(timeout=LOCK_POLL_SECONDS)
    except Timeout:
        return False
    return True


def _sum(one: IngestSummary, other: IngestSummary) -> IngestSummary:
    return IngestSummary(
        ready=one.ready + other.ready,
        skipped=one.skipped + other.skipped,
        embedded=one.embedded + other.embedded,
        seconds=one.seconds + other.seconds,
    )
