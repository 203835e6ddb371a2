"""A library in memory that keeps every promise of ``ui/library_port.py``: photos are coloured JPEGs, words match names.

``hold`` makes searches wait for ``release``, ``error`` makes them fail; everything asked is written down.
"""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from fake_marks import FakeMarks
from fake_models import FakeEngine, FakeModelStore, FakePreferences
from fake_photos import coloured_jpeg, make_photo
from fake_unsplash import FakeLibraries
from PIL import Image

from helios_desktop.catalog.facets import Facets
from helios_desktop.catalog.folders import FolderCount
from helios_desktop.domain import (
    PHOTOS_LIBRARY,
    Counts,
    Filter,
    Hit,
    ModelId,
    Photo,
    PhotoState,
    PhotoTerm,
    Problem,
    Progress,
    Query,
    Root,
    SearchResult,
    SkipReason,
    TextTerm,
)
from helios_desktop.errors import KnownError, WatchError
from helios_desktop.pipeline.export_copies import Exported
from helios_desktop.pipeline.query import ParsedQuery, parse
from helios_desktop.pipeline.stacks import Stacks
from helios_desktop.pipeline.status import Status
from helios_desktop.score_line import ScoreLine

IDLE = Progress(phase="idle", done=0, total=0, skipped=0, per_second=0.0, eta_seconds=None)


class FakeLibrary:
    def __init__(self) -> None:
        self.model_title = "Starter model"
        self.model_id = "starter-1"
        self.engine = "embedded"
        self.notices: tuple[str, ...] = ()
        self.is_paused = False
        self.is_started = False
        self.is_closed = False
        self.error: Exception | None = None
        self.has_months = False
        self.line: ScoreLine | None = None
        self.bursts: tuple[tuple[int, ...], ...] = ()
        self.known_bursts: tuple[tuple[int, ...], ...] = ()
        self.jpegs: dict[bytes, bytes] = {}
        self.asked: list[Query] = []
        self.browsed: list[Filter] = []
        self.row_requests: list[list[int]] = []
        self.found_problems: list[Problem] = []
        self.pending = 0
        self._lock = threading.RLock()
        self._may_answer = threading.Event()
        self._may_answer.set()
        self._may_preview = threading.Event()
        self._may_preview.set()
        self.previewed: list[tuple[bytes, int]] = []
        self.unreadable: set[bytes] = set()
        self.rescanned: list[bytes] = []
        self.exported: list[tuple[bytes, bytes]] = []
        self.marks = FakeMarks(self)
        self.preferences = FakePreferences()
        self.model_store = FakeModelStore()
        self.search_engine = FakeEngine()
        self.libraries = FakeLibraries()
        self.is_cache_cleared = False
        self.tried_again: list[int] = []
        self._photos: dict[int, Photo] = {}
        self._roots: dict[int, Root] = {}
        self._token = 0
        self._listeners: list[Callable[[Progress], None]] = []

    # -- what tests do

    def fill(self, count: int, folder: bytes = b"/photos/Italy") -> Root:
        root = self.follow(folder)
        with self._lock:
            first = len(self._photos)
            for number in range(first, first + count):
                self.put(make_photo(number, root))
        return root

    def follow(self, path: bytes, *, is_present: bool = True) -> Root:
        with self._lock:
            root = Root(
                root_id=len(self._roots) + 1, path=path, display=os.fsdecode(path), is_present=is_present, volume="disk"
            )
            self._roots[root.root_id] = root
            self._token += 1
            return root

    def put(self, photo: Photo, jpeg: bytes | None = None) -> None:
        with self._lock:
            self._photos[photo.photo_id] = photo
            if photo.content_hash is not None:
                self.jpegs[photo.content_hash] = jpeg or coloured_jpeg(photo.photo_id % 200)
            self._token += 1

    def touch(self) -> None:
        with self._lock:
            self._token += 1

    def drop(self, photo_id: int) -> None:
        with self._lock:
            del self._photos[photo_id]
            self._token += 1

    def unplug(self, root_id: int) -> None:
        with self._lock:
            self._roots[root_id] = replace(self._roots[root_id], is_present=False)
            for photo in list(self._photos.values()):
                if photo.root_id == root_id:
                    self._photos[photo.photo_id] = replace(photo, state=PhotoState.ABSENT)
            self._token += 1

    def tell(self, progress: Progress = IDLE) -> None:
        for listener in list(self._listeners):
            listener(progress)

    def hold(self) -> None:
        self._may_answer.clear()

    def release(self) -> None:
        self._may_answer.set()

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    # -- the protocol

    def understand(self, words: str, base: Filter) -> ParsedQuery:
        return parse(words, base=base)

    def search(self, query: Query) -> SearchResult:
        self.asked.append(query)
        started = time.perf_counter()
        self._may_answer.wait(30)
        if self.error is not None:
            raise self.error
        if query.library != PHOTOS_LIBRARY:
            return self.libraries.search(query)
        with self._lock:
            inside = [self._photos[int(one)] for one in self.browse(query.filter)]
        scored = sorted(((self._score(photo, query), photo) for photo in inside), key=lambda pair: -pair[0])
        hits = tuple(Hit(photo=photo, score=score) for score, photo in scored if score > 0)[: query.limit]
        return SearchResult(
            hits=hits,
            total=len(inside),
            elapsed_seconds=time.perf_counter() - started,
            model_id=ModelId(self.model_id),
            engine=self.engine,
            line=self.line,
        )

    def _score(self, photo: Photo, query: Query) -> float:
        score = 0.0
        for term in query.terms:
            if isinstance(term, TextTerm):
                score += sum(0.3 for word in term.text.lower().split() if word in photo.display.lower())
            elif isinstance(term, PhotoTerm):
                like = self._photos[term.photo_id]
                score += 0.9 - abs(like.photo_id - photo.photo_id) * 0.001
        return score

    def warm_up(self) -> None:
        pass

    def browse(self, wanted: Filter) -> np.ndarray:
        self.browsed.append(wanted)
        with self._lock:
            passing = [
                photo
                for photo in self._photos.values()
                if (not wanted.folders or any(photo.path.startswith(folder + b"/") for folder in wanted.folders))
                and (not wanted.is_favourite or photo.is_favourite)
                and (wanted.album_id is None or photo.photo_id in self.marks.photos_of(wanted.album_id))
                and (wanted.taken_after is None or (photo.metadata.taken_at or "") >= wanted.taken_after)
                and (wanted.taken_before is None or (photo.metadata.taken_at or "") < wanted.taken_before)
            ]
            passing.sort(key=lambda photo: -photo.mtime_ns)
            return np.array([photo.photo_id for photo in passing], dtype=np.int64)

    def place_name(self, photo: Photo) -> str:
        return "" if photo.metadata.latitude is None else "Fiesole, Tuscany, Italy"

    def stacks(self, ids: np.ndarray) -> Stacks:
        numbers = np.full(len(ids), -1, np.int64)
        for number, members in enumerate(self.known_bursts):
            numbers[np.isin(ids, members)] = number
        return Stacks(numbers=numbers, is_behind=np.zeros(len(ids), np.bool_))

    def find_stacks(self) -> bool:
        has_changed = self.known_bursts != self.bursts
        self.known_bursts = self.bursts
        return has_changed

    def months(self, wanted: Filter) -> list[tuple[str, int]]:
        if not self.has_months:
            return [("2024-06", len(self._photos))]
        with self._lock:
            days = [np.datetime64(self._photos[int(one)].mtime_ns, "ns") for one in self.browse(wanted)]
        months, counts = np.unique(np.array(days).astype("datetime64[M]"), return_counts=True)
        return [(str(month), int(count)) for month, count in zip(months[::-1], counts[::-1], strict=True)]

    def photos(self, ids: Sequence[int]) -> list[Photo]:
        self.row_requests.append(list(ids))
        with self._lock:
            return [self._photos[one] for one in ids if one in self._photos]

    def preview(self, path: bytes, longest_px: int, *, as_pixels: bool = False) -> bytes:
        self.previewed.append((path, longest_px))
        self._may_preview.wait(30)
        if path in self.unreadable:
            raise KnownError("This photo cannot be shown (damaged).", "Copy the file again.")
        with self._lock:
            [photo] = [photo for photo in self._photos.values() if photo.path == path]
        side = min(longest_px, 2000)
        buffer = io.BytesIO()
        with Image.open(io.BytesIO(coloured_jpeg(photo.photo_id % 200))) as small:
            small.resize((side, side * 3 // 4), Image.Resampling.NEAREST).save(buffer, "JPEG", quality=50)
        return buffer.getvalue()

    def export_copies(self, paths: Sequence[bytes], folder: bytes) -> Exported:
        if self.error is not None:
            raise self.error
        bad = [path for path in paths if path in self.unreadable]
        self.exported += [(path, folder) for path in paths if path not in self.unreadable]
        copies = tuple(folder + b"/" + os.path.basename(path) for path in paths if path not in self.unreadable)
        return Exported(copies=copies, failed=tuple((path, "Input/output error") for path in bad))

    def hold_previews(self) -> None:
        self._may_preview.clear()

    def release_previews(self) -> None:
        self._may_preview.set()

    def thumbnail(self, content_hash: bytes) -> bytes | None:
        return self.jpegs.get(content_hash)

    def roots(self) -> list[Root]:
        with self._lock:
            return list(self._roots.values())

    def facets(self) -> Facets:
        return Facets(cameras=(("Lumen X100", len(self._photos)),), formats=(("JPEG", len(self._photos)),))

    def folders_inside(self, folder: bytes) -> list[FolderCount]:
        with self._lock:
            below = [photo.path[len(folder) + 1 :] for photo in self._photos.values() if photo.path.startswith(folder + b"/")]
        inside = [path.split(b"/", 1) for path in below if b"/" in path]
        names = sorted({name for name, _ in inside})
        return [
            FolderCount(
                path=folder + b"/" + name,
                display=os.fsdecode(folder + b"/" + name),
                count=sum(one == name for one, _ in inside),
                has_folders=any(one == name and b"/" in rest for one, rest in inside),
            )
            for name in names
        ]

    def why_polled(self, root: Root) -> str:
        return "network"

    def rescan(self, folder: bytes) -> None:
        self.rescanned.append(folder)

    def add_root(self, path: bytes) -> Root:
        if not os.path.isdir(path):
            raise WatchError("This folder does not exist.", "Choose another one.")
        root = self.follow(path)
        self.tell()
        return root

    def remove_root(self, root_id: int) -> None:
        with self._lock:
            del self._roots[root_id]
            self._photos = {one: photo for one, photo in self._photos.items() if photo.root_id != root_id}
            self._token += 1
        self.tell()

    def counts(self) -> Counts:
        with self._lock:
            absent = sum(photo.state is PhotoState.ABSENT for photo in self._photos.values())
            return Counts(
                indexed=len(self._photos), pending=self.pending, skipped=0, absent=absent, problems=len(self.found_problems)
            )

    def problems(self) -> list[Problem]:
        return list(self.found_problems)

    def add_problem(self, name: str, reason: SkipReason = SkipReason.DAMAGED) -> None:
        number = len(self.found_problems) + 1
        path = os.fsencode(f"/photos/Italy/{name}")
        self.found_problems.append(
            Problem(
                photo_id=10_000 + number,
                path=path,
                display=os.fsdecode(path),
                reason=reason,
                detail="the data ends in the middle of a block",
                remedy=reason.remedy,
            )
        )

    def status(self) -> Status:
        return Status(
            version="9.9",
            roots=tuple(self.roots()),
            counts=self.counts(),
            model_id=ModelId(self.model_id),
            model_title=self.model_title,
            models=self.model_store.now(),
            engine=self.engine,
            catalog_file="/data/catalog.sqlite",
            catalog_bytes=5_200_000,
            thumbnails_bytes=1000,
            last_backup=None,
        )

    def clear_cache(self) -> int:
        self.is_cache_cleared = True
        return 1000

    def try_again(self, photo_ids: Sequence[int]) -> int:
        self.tried_again += photo_ids
        self.found_problems = [one for one in self.found_problems if one.photo_id not in photo_ids]
        self.touch()
        self.tell()
        return len(photo_ids)

    def start(self) -> None:
        self.is_started = True

    def pause(self) -> None:
        self.is_paused = True
        self.tell(replace(IDLE, phase="paused", done=10, total=40))

    def resume(self) -> None:
        self.is_paused = False
        self.tell(replace(IDLE, phase="indexing", done=10, total=40, per_second=31.0, eta_seconds=1.0))

    def subscribe(self, listener: Callable[[Progress], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def change_token(self) -> int:
        return self._token

    def close(self) -> None:
        self.is_closed = True
        self._may_answer.set()
        self._may_preview.set()
