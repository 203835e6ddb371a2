"""Pending photos -> decoded -> embedded -> ready in the catalogue, in batches, with bounded look-ahead.

Decoding runs in worker processes while this thread embeds, so both cores of a small machine are busy. A batch is one
transaction: thumbnails first (they can be made again), then rows and vectors together. Whatever stops the process, at most
one batch is done again. Several models may be filled at once: one decode makes the views of all that lack a vector.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass

import numpy as np

from helios_desktop.catalog.facts import DecodedFacts
from helios_desktop.catalog.photos import Ready
from helios_desktop.catalog.store import Catalog
from helios_desktop.decode.pool import DecodePool
from helios_desktop.decode.thumbnails import ThumbnailStore
from helios_desktop.domain import DecodedPhoto, Float32Array, PendingPhoto, Skipped, SkipReason, View
from helios_desktop.embed.base import Embedder
from helios_desktop.errors import DiskFullError
from helios_desktop.pipeline.jobs import CancelToken, PauseGate

BATCH_PHOTOS = 16
"""The first batch, and the smallest; where a model says that its device wants more at once, the next ones are larger."""
LOOK_AHEAD_PHOTOS = 2 * BATCH_PHOTOS
"""Being decoded, at least: enough to fill the next batch while one is embedded."""
MOST_HELD_BYTES = 192 * 2**20
"""Pixels being decoded, or decoded and waiting to be embedded."""
THUMBNAIL_BYTES = 40_000
LAST_BATCH_PHOTOS = 4
"""Once everything was handed out, batches are small: the last one is embedded while no worker has anything to do."""
PAGE_PHOTOS = 512
FLUSH_SECONDS = 2.0
DISK_FULL_RETRY_SECONDS = 5.0

Outcome = DecodedPhoto | Skipped | bytes
Listener = Callable[[int, int], None]
"""Called after each batch with how many photos became ready and how many were skipped."""


NO_DIRECTION = Skipped(
    reason=SkipReason.DAMAGED, detail="The model made nothing of this picture (its vector is zero or not a number)."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSummary:
    """What one run did. ``embedded`` counts the photos that went through the model: copies and moves do not."""

    ready: int
    skipped: int
    embedded: int
    seconds: float


class Ingest:
    """One run over everything that is pending for the models, the first one's first, below ``folders`` where any are named."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        thumbnails: ThumbnailStore,
        decoder: DecodePool,
        embedders: Sequence[Embedder],
        folders: Sequence[bytes],
        token: CancelToken,
        gate: PauseGate,
        on_batch: Listener,
        on_disk_full: Callable[[str], None],
    ) -> None:
        self._catalog = catalog
        self._thumbnails = thumbnails
        self._decoder = decoder
        self._embedders = tuple(embedders)
        self._views, self._places = _union(self._embedders)
        self._batch_photos = BATCH_PHOTOS
        self._folders = tuple(folders)
        self._token = token
        self._gate = gate
        self._on_batch = on_batch
        self._on_disk_full = on_disk_full
        self._in_flight: dict[Future[Outcome], PendingPhoto] = {}
        self._batch: list[tuple[PendingPhoto, Outcome]] = []
        self._queue = self._pending()
        self._is_drained = False
        self._last_flush = 0.0
        self._ready = 0
        self._skipped = 0
        self._embedded = 0

    def run(self) -> IngestSummary:
        """Work until nothing is pending. Raises ``CancelledError`` when asked to stop; what was committed stays."""
        started = self._last_flush = time.monotonic()
        try:
            while True:
                self._gate.pass_through(self._token)
                self._refill()
                if self._is_flush_due():
                    self._flush()
                    self._last_flush = time.monotonic()
                elif self._in_flight:
                    self._collect()
                else:
                    break
        finally:
            for future in self._in_flight:
                future.cancel()
        return IngestSummary(
            ready=self._ready, skipped=self._skipped, embedded=self._embedded, seconds=time.monotonic() - started
        )

    def _refill(self) -> None:
        """Keep the workers busy, before each batch too: they decode while it is embedded."""
        look_ahead = max(LOOK_AHEAD_PHOTOS, self._batch_photos)
        most_held = look_ahead + self._batch_photos
        while not self._is_drained and len(self._in_flight) < look_ahead and self._held < most_held:
            photo = next(self._queue, None)
            if photo is None:
                self._is_drained = True
            else:
                self._submit(photo)

    @property
    def _held(self) -> int:
        return len(self._in_flight) + len(self._batch)

    def _is_flush_due(self) -> bool:
        is_late = time.monotonic() - self._last_flush > FLUSH_SECONDS
        enough = LAST_BATCH_PHOTOS if self._is_drained else self._batch_photos
        return len(self._batch) >= enough or bool(self._batch and (is_late or not self._in_flight))

    def _pending(self) -> Iterator[PendingPhoto]:
        """Yield each pending version of a file once, newest first; files found meanwhile come with the next page."""
        seen: set[tuple[int, int, int]] = set()
        while True:
            fresh = 0
            for embedder in self._embedders:
                for photo in self._pending_for(embedder):
                    key = (photo.photo_id, photo.size, photo.mtime_ns)
                    if key not in seen:
                        seen.add(key)
                        fresh += 1
                        yield photo
            if not fresh:
                return

    def _pending_for(self, embedder: Embedder) -> Iterator[PendingPhoto]:
        after: PendingPhoto | None = None
        while page := self._catalog.photos.pending(embedder.model_id, PAGE_PHOTOS, after, self._folders):
            yield from page
            after = page[-1]

    def _submit(self, photo: PendingPhoto) -> None:
        """Hash only where the content may be known already, else hash and decode in one reading."""
        if photo.content_hash is None and self._catalog.photos.has_content(photo.size):
            self._in_flight[self._decoder.submit(photo.path, task="hash")] = photo
        else:
            self._in_flight[self._decode(photo)] = photo

    def _decode(self, photo: PendingPhoto) -> Future[Outcome]:
        return self._decoder.submit(photo.path, views=self._views)

    def _collect(self) -> None:
        """Take finished files off the workers; a hash that nobody knows goes back to be decoded."""
        done, _ = wait(self._in_flight, timeout=FLUSH_SECONDS / 4, return_when=FIRST_COMPLETED)
        for future in done:
            photo = self._in_flight.pop(future)
            outcome = future.result()
            if isinstance(outcome, bytes) and not self._is_known(outcome):
                self._in_flight[self._decode(photo)] = photo
            else:
                self._batch.append((photo, outcome))

    def _is_known(self, content_hash: bytes) -> bool:
        has_facts = self._catalog.vectors.facts_of(content_hash) is not None
        return has_facts and all(self._catalog.vectors.has([content_hash], one.model_id) for one in self._embedders)

    def _flush(self) -> None:
        """Commit what was collected. A full disk holds the work here until there is room, and says so."""
        batch, self._batch = self._batch[: self._batch_photos], self._batch[self._batch_photos :]
        made = self._embed([(photo, outcome) for photo, outcome in batch if not isinstance(outcome, Skipped)])
        ready = [row for row in made if _has_direction(row)]
        skipped = [(photo, outcome) for photo, outcome in batch if isinstance(outcome, Skipped)]
        skipped += [(photo, NO_DIRECTION) for photo in dict.fromkeys(row.photo for row in made if not _has_direction(row))]
        thumbnails = [(d.content_hash, d.thumbnail) for _, d in batch if isinstance(d, DecodedPhoto)]
        while True:
            try:
                self._thumbnails.put_many(thumbnails)
                self._catalog.photos.mark_ready(ready)
                self._catalog.photos.mark_skipped(skipped)
                break
            except DiskFullError as error:
                self._on_disk_full(str(error))
                self._token.wait(DISK_FULL_RETRY_SECONDS)
        self._ready += len(batch) - len(skipped)
        self._skipped += len(skipped)
        self._on_batch(len(batch) - len(skipped), len(skipped))

    def _embed(self, decoded: list[tuple[PendingPhoto, DecodedPhoto | bytes]]) -> list[Ready]:
        """Make vectors for the contents that have none, each content once even where copies share a batch."""
        contents = {d.content_hash: d for _, d in decoded if isinstance(d, DecodedPhoto)}
        vectors = [self._vectors_of(contents, number) for number in range(len(self._embedders))]
        self._embedded += len(set().union(*vectors))
        self._batch_photos = self._wanted_batch()
        return [row for photo, outcome in decoded for row in self._ready_rows(photo, outcome, vectors)]

    def _wanted_batch(self) -> int:
        """How many photos to bring at once: asked anew after each batch, since a device may turn out to have less room."""
        bytes_a_photo = sum(view.width * view.height * 3 for view in self._views) + THUMBNAIL_BYTES
        most = MOST_HELD_BYTES // (2 * bytes_a_photo)
        return max(BATCH_PHOTOS, min(most, max(embedder.batch_photos for embedder in self._embedders)))

    def _vectors_of(self, contents: dict[bytes, DecodedPhoto], number: int) -> dict[bytes, Float32Array]:
        """Embed the contents that lack a vector of one of the models."""
        embedder = self._embedders[number]
        known = self._catalog.vectors.has(list(contents), embedder.model_id)
        fresh = {content_hash: photo for content_hash, photo in contents.items() if content_hash not in known}
        if not fresh:
            return {}
        views = [np.stack([photo.views[place] for photo in fresh.values()]) for place in self._places[number]]
        return dict(zip(fresh, embedder.embed_images(views), strict=True))

    def _ready_rows(
        self, photo: PendingPhoto, outcome: DecodedPhoto | bytes, vectors: list[dict[bytes, Float32Array]]
    ) -> Iterator[Ready]:
        """Yield a row for the first model, with the facts, and one for each other model that has something to add."""
        decoded = DecodedFacts.of(outcome) if isinstance(outcome, DecodedPhoto) else None
        sidecar = outcome.sidecar if isinstance(outcome, DecodedPhoto) else None
        content_hash = outcome if isinstance(outcome, bytes) else outcome.content_hash
        for number, embedder in enumerate(self._embedders):
            vector = vectors[number].pop(content_hash, None)
            if number == 0 or vector is not None:
                yield Ready(
                    photo=photo,
                    content_hash=content_hash,
                    decoded=decoded,
                    vector=vector,
                    model_id=embedder.model_id,
                    sidecar=sidecar,
                )
                decoded = None


def _has_direction(row: Ready) -> bool:
    """Whether a vector can be compared at all; where none was made, an older one is in the catalogue."""
    return row.vector is None or bool(np.isfinite(row.vector).all() and row.vector.any())


def _union(embedders: Sequence[Embedder]) -> tuple[tuple[View, ...], tuple[tuple[int, ...], ...]]:
    """Return every view that any of the models wants, once, and where in that list each model finds its own."""
    views = tuple(dict.fromkeys(view for embedder in embedders for view in embedder.preprocess))
    return views, tuple(tuple(views.index(view) for view in embedder.preprocess) for embedder in embedders)
