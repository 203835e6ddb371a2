"""A library of many photos in memory for the window's benchmark: rows are made when asked, thumbnails are real JPEGs."""

from __future__ import annotations

import hashlib
import io
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from helios_desktop.catalog.facets import Facets
from helios_desktop.catalog.folders import FolderCount
from helios_desktop.catalog.marks import Album, SavedSearch
from helios_desktop.domain import (
    Counts,
    Filter,
    Hit,
    Int64Array,
    Metadata,
    ModelId,
    Photo,
    PhotoState,
    Problem,
    Progress,
    Query,
    Root,
    SearchResult,
)
from helios_desktop.pipeline.query import ParsedQuery, parse
from helios_desktop.pipeline.stacks import Stacks

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests" / "ui"))
from fake_models import FakeEngine, FakeModelStore, FakePreferences

PICTURES = 400
SIDE_PX = 512
ROOT = Root(root_id=1, path=b"/photos", display="/photos", is_present=True, volume="disk")


def make_jpegs() -> list[bytes]:
    """Return JPEGs of 512 x 384 with as much detail as photos have: about 40 KB each."""
    random = np.random.default_rng(7)
    jpegs = []
    for _ in range(PICTURES):
        coarse = Image.fromarray(random.integers(0, 256, (24, 32, 3), dtype=np.uint8)).resize(
            (SIDE_PX, SIDE_PX * 3 // 4), Image.Resampling.BICUBIC
        )
        noise = random.normal(0, 9, (SIDE_PX * 3 // 4, SIDE_PX, 1))
        pixels = np.clip(np.asarray(coarse) + noise, 0, 255).astype(np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG", quality=85)
        jpegs.append(buffer.getvalue())
    return jpegs


class BenchLibrary:
    """Photos 1 to ``count``; every photo has a content of its own, so that no thumbnail is shared."""

    def __init__(self, count: int) -> None:
        self.model_title, self.model_id, self.engine = "Bench", "bench", "memory"
        self.notices: tuple[str, ...] = ()
        self.is_paused = False
        self.marks = self
        self.preferences, self.model_store, self.search_engine = FakePreferences(), FakeModelStore(), FakeEngine()
        self._ids = np.arange(count, 0, -1, dtype=np.int64)
        self._jpegs = make_jpegs()

    def understand(self, words: str, base: Filter) -> ParsedQuery:
        """Understand the words as the application does."""
        return parse(words, base=base)

    def preview(self, path: bytes, longest_px: int, *, as_pixels: bool = False) -> bytes:
        """Any picture."""
        return self._jpegs[0]

    def place_name(self, photo: Photo) -> str:
        """Nobody knows where they were taken."""
        return ""

    def stacks(self, ids: Int64Array) -> Stacks:
        """One photo in eight is of a burst of four."""
        numbers = np.where(ids % 32 < 4, ids // 32, -1)
        return Stacks(numbers=numbers, is_behind=np.zeros(len(ids), np.bool_))

    def find_stacks(self) -> bool:
        """All are known."""
        return False

    def albums(self) -> list[Album]:
        """None were made."""
        return []

    def saved_searches(self) -> list[SavedSearch]:
        """None were kept."""
        return []

    def remember(self, query: str) -> None:
        """Forget it at once."""

    def search(self, query: Query) -> SearchResult:
        """Answer with photos that depend on the words."""
        started = time.perf_counter()
        first = sum(map(ord, str(query.terms))) % 1000
        hits = tuple(Hit(photo=photo, score=0.3) for photo in self.photos(self._ids[first : first + query.limit].tolist()))
        return SearchResult(
            hits=hits,
            total=len(self._ids),
            elapsed_seconds=time.perf_counter() - started,
            model_id=ModelId("bench"),
            engine="memory",
        )

    def browse(self, wanted: Filter) -> Int64Array:
        """All of them."""
        return self._ids

    def months(self, wanted: Filter) -> list[tuple[str, int]]:
        """Ten years of months."""
        each = len(self._ids) // 120
        counts = [each] * 119 + [len(self._ids) - 119 * each]
        return [(f"{2024 - n // 12}-{12 - n % 12:02d}", count) for n, count in enumerate(counts)]

    def photos(self, ids: Sequence[int]) -> list[Photo]:
        """Make the rows."""
        return [_photo(one) for one in ids]

    def thumbnail(self, content_hash: bytes) -> bytes | None:
        """One of the pictures."""
        return self._jpegs[int.from_bytes(content_hash[:4], "big") % PICTURES]

    def roots(self) -> list[Root]:
        """The one folder."""
        return [ROOT]

    def facets(self) -> Facets:
        """Nothing to narrow by."""
        return Facets()

    def folders_inside(self, folder: bytes) -> list[FolderCount]:
        """None are shown."""
        return []

    def why_polled(self, root: Root) -> str:
        """It is watched."""
        return ""

    def rescan(self, folder: bytes) -> None:
        """Nothing is found."""

    def add_root(self, path: bytes) -> Root:
        """Nothing is added here."""
        return ROOT

    def remove_root(self, root_id: int) -> None:
        """Nothing is removed here."""

    def counts(self) -> Counts:
        """All are indexed."""
        return Counts(indexed=len(self._ids), pending=0, skipped=0, absent=0, problems=0)

    def problems(self) -> list[Problem]:
        """None."""
        return []

    def start(self) -> None:
        """Nothing to do."""

    def pause(self) -> None:
        """Nothing to pause."""

    def resume(self) -> None:
        """Nothing to resume."""

    def subscribe(self, listener: Callable[[Progress], None]) -> Callable[[], None]:
        """Nothing is ever told."""
        return lambda: None

    def change_token(self) -> int:
        """Nothing changes."""
        return 0

    def close(self) -> None:
        """Nothing to close."""


def _photo(photo_id: int) -> Photo:
    content = hashlib.sha256(photo_id.to_bytes(8, "big")).digest()
    path = f"/photos/{photo_id // 500:04d}/IMG_{photo_id:06d}.jpg"
    return Photo(
        photo_id=photo_id,
        root_id=1,
        path=path.encode("ascii"),
        display=path,
        size=3_000_000,
        mtime_ns=photo_id * 10**9,
        state=PhotoState.INDEXED,
        content_hash=content,
        width=4000,
        height=3000,
        format="JPEG",
        colour=int.from_bytes(content[:3], "big"),
        metadata=Metadata(taken_at="2024-06-01T12:00:00", camera="Bench"),
    )
