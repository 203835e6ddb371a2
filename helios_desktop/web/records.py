"""Photos and answers -> objects with the keys of ``schemas``. No path leaves here: names, and folders from the root on."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote

from helios_desktop.catalog.texts import display_text
from helios_desktop.domain import Hit, Photo, Progress, Root, SearchResult
from helios_desktop.pipeline.status import Status
from helios_desktop.web.options import ServeOptions

VERSION_HEX = 16


def hit_record(hit: Hit) -> dict[str, Any]:
    """Return the keys of one hit."""
    photo = hit.photo
    score = None if hit.score is None else round(hit.score, 6)
    if photo.url is not None or photo.source_url is not None:
        return {
            "id": str(photo.photo_id),
            "name": photo.display,
            "score": score,
            "taken_at": None,
            "width": None,
            "height": None,
            "thumbnail": None,
            "favourite": False,
            "url": photo.url,
            "sourceUrl": photo.source_url,
        }
    return {
        "id": str(photo.photo_id),
        "name": name_of(photo),
        "score": score,
        "taken_at": photo.metadata.taken_at,
        "width": photo.width,
        "height": photo.height,
        "thumbnail": address_of(photo, "thumbnail"),
        "favourite": photo.is_favourite,
    }


def photo_record(photo: Photo, root: Root, options: ServeOptions) -> dict[str, Any]:
    """Return the keys of one photo."""
    said = photo.metadata
    return {
        "id": str(photo.photo_id),
        "name": name_of(photo),
        "folder": folder_of(photo, root),
        "taken_at": said.taken_at,
        "width": photo.width,
        "height": photo.height,
        "format": photo.format,
        "bytes": photo.size,
        "camera": said.camera,
        "lens": said.lens,
        "rating": said.rating,
        "title": said.title,
        "caption": said.caption,
        "keywords": list(said.keywords),
        "favourite": photo.is_favourite,
        "latitude": said.latitude if options.shows_places else None,
        "longitude": said.longitude if options.shows_places else None,
        "thumbnail": address_of(photo, "thumbnail"),
        "preview": address_of(photo, "preview"),
        "original": address_of(photo, "original") if options.shows_originals else None,
    }


def name_of(photo: Photo) -> str:
    """Return the file's own name, readable."""
    return display_text(os.path.basename(photo.path))


def folder_of(photo: Photo, root: Root) -> str:
    """Return the folder, from the followed one on."""
    below = os.path.relpath(os.path.dirname(photo.path), root.path)
    name = display_text(os.path.basename(root.path.rstrip(b"/\\")) or root.path)
    return name if below == b"." else f"{name}/{display_text(below)}"


def address_of(photo: Photo, what: str) -> str | None:
    """Return the address of a photo's picture, which changes with its content; None where it was not read yet."""
    if photo.content_hash is None:
        return None
    return f"/api/photos/{photo.photo_id}/{what}?v={quote(photo.content_hash.hex()[:VERSION_HEX])}"


def good_in(result: SearchResult) -> int | None:
    """Return how many hits of this page are good answers; None where that cannot be judged."""
    if result.line is None:
        return None
    least = result.line.at()
    return sum(1 for hit in result.hits if hit.score is not None and hit.score >= least)


def progress_record(progress: Progress) -> dict[str, Any]:
    """Return the keys of progress. Its message may name files, and stays here."""
    return {
        "phase": progress.phase,
        "done": progress.done,
        "total": progress.total,
        "skipped": progress.skipped,
        "per_second": round(progress.per_second, 2),
        "eta_seconds": None if progress.eta_seconds is None else round(progress.eta_seconds, 1),
    }


def status_record(status: Status, progress: Progress, libraries: list[dict[str, Any]], options: ServeOptions) -> dict[str, Any]:
    """Return the keys of the status. Of paths only the last name is told."""
    whole = status.record()
    return {
        "version": status.version,
        "photos": whole["photos"],
        "folders": [
            {"name": display_text(os.path.basename(root.path.rstrip(b"/\\")) or root.path), "present": root.is_present}
            for root in status.roots
        ],
        "model": whole["model"],
        "engine": status.engine,
        "libraries": libraries,
        "progress": progress_record(progress),
        "offers": {
            "originals": options.shows_originals,
            "places": options.shows_places,
            "favourites": options.allows_favourites,
            "upload_bytes": options.limits.upload_bytes,
        },
    }
