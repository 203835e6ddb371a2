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
from helios_desktop.embed.base import Embedder
from helios_desktop.pipeline.follow import Follower, FollowReport, Target
from helios_desktop.pipeline.ingest import Ingest, IngestSummary
from helios_desktop.pipeline.jobs import CancelToken, PauseGate
from helios_desktop.pipeline.progress import ProgressBoard

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
            text += f"; {self.absent:,} folders are not here now, what is known of them is kept"
        return text


class Indexing:
    """Brings the catalogue in step with the disk and fills the vectors of one model.

    Two inter-process locks, so that scanning goes on while photos are embedded: ``scan_lock`` and ``embed_lock``.
    """

    def __init__(
        self,
        *,
        catalog: Catalog,
        thumbnails: ThumbnailStore,
        follower: Follower,
        embedder: Callable[[], Embedder],
        decoder: Callable[[], DecodePool],
        board: ProgressBoard,
        scan_lock: Path,
        embed_lock: Path,
    ) -> None:
        self._catalog = catalog
        self._thumbnails = thumbnails
        self._follower = follower
        self._embedder = embedder
        self._decoder = decoder
        self._board = board
        self._scan_lock = scan_lock
        self._embed_lock = embed_lock

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
        while waiting := self._catalog.photos.pending_count(self._embedder().model_id, folders):
            if _is_acquired(lock):
                try:
                    return self._ingest(waiting, folders, token, gate)
                finally:
                    lock.release()
            self._board.enter("waiting", "another Helios is indexing")
            token.check()
        return IngestSummary(ready=0, skipped=0, embedded=0, seconds=0.0)

    def _ingest(self, waiting: int, folders: Sequence[bytes], token: CancelToken, gate: PauseGate) -> IngestSummary:
        self._board.start(waiting)
        self._board.enter("indexing")
        return Ingest(
            catalog=self._catalog,
            thumbnails=self._thumbnails,
            decoder=self._decoder(),
            embedder=self._embedder(),
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
