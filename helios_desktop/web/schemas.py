"""The objects that the API answers with, as its description (OpenAPI) shows them. The routes write the same keys themselves."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


def _example(value: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [value]}, extra="forbid")


class HitRecord(BaseModel):
    """One photo that was found. ``url`` and ``sourceUrl`` stand only in photos that lie elsewhere, which have no thumbnail."""

    model_config = _example(
        {
            "id": "112",
            "name": "IMG_0112.jpg",
            "score": 0.5771,
            "taken_at": "2024-06-01T18:30:00",
            "width": 4032,
            "height": 3024,
            "thumbnail": "/api/photos/112/thumbnail?v=9f86d081884c7d65",
            "favourite": False,
        }
    )
    id: str
    name: str
    score: float | None = Field(description="What the model gives (cosine); null where nothing was scored.")
    taken_at: str | None = Field(description="ISO 8601, local to the camera.")
    width: int | None
    height: int | None
    thumbnail: str | None
    favourite: bool = False
    url: str | None = None
    sourceUrl: str | None = None  # noqa: N815 the key that readers of such indices know


class PartRecord(BaseModel):
    """One thing that was understood in the words: what a chip shows. ``without``: the words that are left when it goes."""

    model_config = _example({"kind": "negative", "text": "people", "weight": -1.0, "without": "party"})
    kind: str
    text: str
    weight: float
    without: str


class SearchAnswer(BaseModel):
    """A page of answers, best first. ``total`` counts the photos that passed the filters; ``next`` is the next page."""

    model_config = _example(
        {
            "hits": [HitRecord.model_config["json_schema_extra"]["examples"][0]],  # type: ignore[index]
            "parts": [{"kind": "words", "text": "a cat on a chair", "weight": 1.0, "without": ""}],
            "total": 2048,
            "limit": 50,
            "offset": 0,
            "good": 12,
            "next": "/api/search?q=a+cat+on+a+chair&offset=50",
            "elapsed_ms": 21.4,
            "model": "starter-3",
            "engine": "embedded",
        }
    )
    hits: list[HitRecord]
    parts: list[PartRecord]
    total: int
    limit: int
    offset: int
    good: int | None = Field(description="How many hits of this page are good answers; null where that cannot be judged.")
    next: str | None
    elapsed_ms: float
    model: str
    engine: str


class PhotoRecord(BaseModel):
    """One photo. ``folder`` is told from the followed folder on, never from the top of the disk."""

    model_config = _example(
        {
            "id": "112",
            "name": "IMG_0112.jpg",
            "folder": "Pictures/2024/June",
            "taken_at": "2024-06-01T18:30:00",
            "width": 4032,
            "height": 3024,
            "format": "JPEG",
            "bytes": 2481152,
            "camera": "Lumen X100",
            "lens": None,
            "rating": 4,
            "title": "",
            "caption": "",
            "keywords": ["cat"],
            "favourite": False,
            "latitude": None,
            "longitude": None,
            "thumbnail": "/api/photos/112/thumbnail?v=9f86d081884c7d65",
            "preview": "/api/photos/112/preview?v=9f86d081884c7d65",
            "original": None,
        }
    )
    id: str
    name: str
    folder: str
    taken_at: str | None
    width: int | None
    height: int | None
    format: str | None
    bytes: int
    camera: str | None
    lens: str | None
    rating: int | None
    title: str
    caption: str
    keywords: list[str]
    favourite: bool
    latitude: float | None = Field(description="Null unless the server was started with --places.")
    longitude: float | None
    thumbnail: str | None
    preview: str | None
    original: str | None = Field(description="Null unless the server was started with --originals.")


class FavouriteRecord(BaseModel):
    """Whether a photo is a favourite now."""

    model_config = _example({"id": "112", "favourite": True})
    id: str
    favourite: bool


class CountsRecord(BaseModel):
    """How many photos stand where."""

    indexed: int
    pending: int
    skipped: int
    absent: int
    problems: int


class FolderRecord(BaseModel):
    """A followed folder, by its own name only."""

    name: str
    present: bool


class ModelRecord(BaseModel):
    """The model that answers."""

    id: str
    title: str


class LibraryRecord(BaseModel):
    """Photos that lie elsewhere. ``words``: whether their model is installed, so that words can find them."""

    name: str
    photos: int
    words: bool


class ProgressRecord(BaseModel):
    """How far indexing is in this process."""

    phase: Literal["idle", "scanning", "indexing", "paused", "waiting"]
    done: int
    total: int
    skipped: int
    per_second: float
    eta_seconds: float | None


class OfferRecord(BaseModel):
    """What this server was switched on for."""

    originals: bool
    places: bool
    favourites: bool
    upload_bytes: int


class StatusAnswer(BaseModel):
    """One look at the library."""

    model_config = _example(
        {
            "version": "0.1.0",
            "photos": {"indexed": 2048, "pending": 0, "skipped": 3, "absent": 0, "problems": 3},
            "folders": [{"name": "Pictures", "present": True}],
            "model": {"id": "starter-3", "title": "Starter model"},
            "engine": "embedded",
            "libraries": [{"name": "unsplash", "photos": 24998, "words": True}],
            "progress": {
                "phase": "idle",
                "done": 0,
                "total": 0,
                "skipped": 0,
                "per_second": 0.0,
                "eta_seconds": None,
            },
            "offers": {"originals": False, "places": False, "favourites": False, "upload_bytes": 33554432},
        }
    )
    version: str
    photos: CountsRecord
    folders: list[FolderRecord]
    model: ModelRecord
    engine: str
    libraries: list[LibraryRecord]
    progress: ProgressRecord
    offers: OfferRecord
