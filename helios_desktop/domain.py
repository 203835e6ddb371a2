"""The nouns of Helios: frozen values that cross the borders between its steps.

Paths are ``bytes`` as the operating system gives them (``os.fsencode``), absolute and not resolved, since a name need not be
UTF-8; ``display`` texts are for people only. Times of photos are ISO 8601 texts, local to the camera, with an offset where
the camera wrote one. Sizes are bytes, ``mtime_ns`` nanoseconds since the epoch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, NewType

from helios_desktop.geography import Area
from helios_desktop.score_line import ScoreLine
from helios_desktop.skip_reason import SkipReason as SkipReason  # noqa: PLC0414 - a noun of the domain, in a file of its own

ModelId = NewType("ModelId", str)
"""Names one vector space for good: a pack's name and the revision that changes its vectors, as in ``starter-3``."""

PHOTOS_LIBRARY = "photos"
"""The library of the files on this computer. Others hold photos that lie elsewhere, as in ``unsplash``."""

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Float16Array = NDArray[np.float16]
    Float32Array = NDArray[np.float32]
    Int64Array = NDArray[np.int64]
    UInt8Array = NDArray[np.uint8]
    BoolArray = NDArray[np.bool_]
else:  # only annotations name them: a command that computes nothing does not wait for numpy
    Float16Array = Float32Array = Int64Array = UInt8Array = BoolArray = Any


class PhotoState(StrEnum):
    """Where a file stands; ``ABSENT`` overlays the others while its folder's drive is away."""

    PENDING = "pending"
    INDEXED = "indexed"
    SKIPPED = "skipped"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStat:
    """What the directory says of one regular file. ``inode`` and ``device`` are 0 where the system has none, ``sidecar`` where
    no XMP file lies beside it; else it is a number that changes when that file does.
    """

    path: bytes
    size: int
    mtime_ns: int
    inode: int
    device: int
    sidecar: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """One entry of a scan: to be indexed where ``reason`` is None, else accounted for with its reason."""

    stat: FileStat
    reason: SkipReason | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFile:
    """What the catalogue remembers of one file, as much as a scan needs to compare."""

    photo_id: int
    stat: FileStat
    state: PhotoState
    reason: SkipReason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedFile:
    """A file the catalogue knows, seen under another path with the same content."""

    photo_id: int
    stat: FileStat


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanDelta:
    """What changed below one root since it was last recorded. ``sidecars``: files that are the same beside another XMP file."""

    added: tuple[FoundFile, ...] = ()
    changed: tuple[FoundFile, ...] = ()
    moved: tuple[MovedFile, ...] = ()
    vanished: tuple[int, ...] = ()
    sidecars: tuple[FoundFile, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return not (self.added or self.changed or self.moved or self.vanished or self.sidecars)


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A folder that Helios follows. ``is_present`` is False while its drive is away; ``inode`` is 0 where it is not known."""

    root_id: int
    path: bytes
    display: str
    is_present: bool
    volume: str
    is_polled: bool = False
    inode: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One picture that a model wants to see, as data, so that any process can make it.

    ``fit``: ``shortest`` resizes the short side to the target and crops the centre (open_clip's own order); ``squash`` resizes
    the whole picture, proportions aside; ``centre`` first cuts the central square of ``crop`` times the short side.
    """

    width: int
    height: int
    fit: Literal["shortest", "squash", "centre"] = "shortest"
    crop: float = 1.0
    interpolation: Literal["bicubic", "bilinear", "nearest", "lanczos"] = "bicubic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a photo says of itself. Fields that are missing or broken are None or empty."""

    taken_at: str | None = None
    camera: str | None = None
    lens: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    rating: int | None = None
    title: str = ""
    caption: str = ""
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedPhoto:
    """One file, decoded once: everything that later steps need of it.

    ``content_hash``: SHA-256 of the file, 32 bytes. ``width`` and ``height``: upright, in pixels of the original.
    ``views``: uint8 ``[height, width, 3]`` sRGB, one per ``View`` asked for, in that order; none where only the rest was asked.
    ``thumbnail``: a JPEG. ``colour``: the dominant colour, 0xRRGGBB. ``sidecar``: what the XMP file beside it says.
    """

    content_hash: bytes
    width: int
    height: int
    format: str
    metadata: Metadata
    views: tuple[UInt8Array, ...]
    thumbnail: bytes
    colour: int
    sidecar: Metadata = field(default_factory=Metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A file that was looked at and cannot be indexed."""

    reason: SkipReason
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPhoto:
    """One file that waits for its vector. ``content_hash`` is known where only the vector is missing."""

    photo_id: int
    path: bytes
    size: int
    mtime_ns: int
    content_hash: bytes | None
    sidecar: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """One row of the catalogue, as people and scripts see it.

    A photo of another library has no file here: its ``path`` is empty and ``root_id`` 0; ``url`` is the picture and
    ``source_url`` the page that it comes from.
    """

    photo_id: int
    root_id: int
    path: bytes
    display: str
    size: int
    mtime_ns: int
    state: PhotoState
    reason: SkipReason | None = None
    detail: str = ""
    content_hash: bytes | None = None
    width: int | None = None
    height: int | None = None
    format: str | None = None
    colour: int | None = None
    metadata: Metadata = field(default_factory=Metadata)
    is_favourite: bool = False
    url: str | None = None
    source_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Photos that lie elsewhere, imported with their vectors. ``number`` is never given twice, even to the same name.

    ``model_id`` names the space of all its vectors, each of ``dim`` numbers; ``count`` is how many photos it holds.
    """

    name: str
    number: int
    model_id: ModelId
    dim: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which photos may answer. Empty fields let everything pass; several values of one field mean "any of them".

    ``folders``: everything below them. ``taken_after`` is inclusive, ``taken_before`` exclusive; both are ISO 8601 texts that
    compare with ``taken_at`` (or, where that is unknown, with the file's mtime). ``exact``: each must occur as a phrase in
    the name, a folder's name, the title, the caption or the keywords. ``cameras`` match anywhere, ``formats`` whole, any case.
    ``folder_names``: a phrase in the name of a folder at or below the followed one. ``album_id``: only the photos of an album.
    ``min_rating``: 1 to 5 stars or more. ``near``: taken within one of these areas; ``squares``: in one of these squares of
    the map (see ``geography``), which is how a country is asked for; None where that does not matter.
    """

    folders: tuple[bytes, ...] = ()
    taken_after: str | None = None
    taken_before: str | None = None
    cameras: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    not_exact: tuple[str, ...] = ()
    is_favourite: bool = False
    folder_names: tuple[str, ...] = ()
    album_id: int | None = None
    min_rating: int | None = None
    near: tuple[Area, ...] = ()
    squares: tuple[int, ...] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether every photo passes."""
        return self == Filter()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTerm:
    """Words to look for; a negative weight looks away from them."""

    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageTerm:
    """A picture file to look for pictures like it."""

    path: bytes
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoTerm:
    """A photo of the catalogue to look for pictures like it."""

    photo_id: int
    weight: float = 1.0


Term = TextTerm | ImageTerm | PhotoTerm


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question: what to look for, among which photos of which library, how many answers."""

    terms: tuple[Term, ...] = ()
    filter: Filter = field(default_factory=Filter)
    limit: int = 50
    offset: int = 0
    library: str = PHOTOS_LIBRARY


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One answer: a photo and the score that the model gives it (cosine; None where nothing was scored)."""

    photo: Photo
    score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """The answers, best first, and how they came about. ``total`` counts the photos that passed the filter.

    ``line``: where the good ones end, where that can be judged.
    """

    hits: tuple[Hit, ...]
    total: int
    elapsed_seconds: float
    model_id: ModelId
    engine: str
    line: ScoreLine | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far indexing is. ``eta_seconds`` is None until there is a rate to judge by."""

    phase: Literal["idle", "scanning", "indexing", "paused", "waiting"]
    done: int
    total: int
    skipped: int
    per_second: float
    eta_seconds: float | None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A file that looks like a photo and could not be read."""

    photo_id: int
    path: bytes
    display: str
    reason: SkipReason
    detail: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many photos stand where."""

    indexed: int
    pending: int
    skipped: int
    absent: int
    problems: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeBatch:
    """Photos whose vector changed, oldest change first.

    ``photo_ids`` int64 ``[n]``; ``vectors`` float32 ``[n, dim]``; ``is_removed`` bool ``[n]``: these photos no longer answer
    (their row in ``vectors`` is meaningless). ``sequence``: the cursor after this batch.
    """

    sequence: int
    photo_ids: Int64Array
    vectors: Float32Array
    is_removed: BoolArray
