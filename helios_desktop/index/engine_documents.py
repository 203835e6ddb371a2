"""Photos -> documents: the mapping, and the lines of a bulk request.

Fields, the first four as the ancestor's readers know them:

    url, sourceUrl    keyword    where the picture and its page are; a file's own URL for photos on this computer
    features          vector     unit length
    @timestamp        date       when it was sent
    photo_id          long       the catalogue's id; the document's ``_id`` is the same, or the source's URL for remote photos
    path, folders     keyword    the file, and every folder above it
    taken_at          date       the camera's wall clock as if it stood in UTC; the file's time where that is unknown
    camera, lens, format, favourite, rating, size, place    to filter by; texts in small letters
    name, caption     text       for people who look into the index
    words             text       what quoted phrases are compared with: see ``engine_words``

Unknown fields are refused (``strict``). A change of this mapping is a new ``MAPPING_VERSION`` and so a new index.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import quote_from_bytes

import numpy as np
import orjson

from helios_desktop.domain import Float32Array, Photo
from helios_desktop.index.engine_base import Json
from helios_desktop.index.engine_words import words

MAPPING_VERSION = 2
VECTOR_DIGITS = 6
"""Six digits after the point: scores move by less than 1e-6, and a third of the bytes and of the engine's parsing is saved."""

MAX_KEY_CHARACTERS = 8_000  # engines refuse keywords of more than 32,766 bytes
MAX_TEXT_CHARACTERS = 20_000
PHRASE_GAP = 100  # words between two names: no phrase is that long

# What people call a format, beside what decoders call it; the first of each group is what is stored.
_FORMAT_NAMES = (
    ("jpeg", "jpg", "jpe", "jfif"),
    ("tiff", "tif"),
    ("heif", "heic", "hif"),
    ("jpeg2000", "jp2"),
    ("ppm", "pnm", "pgm", "pbm"),
)
_FORMATS = {name: group[0] for group in _FORMAT_NAMES for name in group}
_SEPARATOR = os.sep.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoFacts:
    """What is sent of one photo beside its vector.

    ``taken_at``: wall clock, ISO 8601 without an offset. ``texts``: the names and texts that quoted words are looked for in,
    each on its own.
    """

    photo: Photo
    taken_at: str | None = None
    texts: tuple[str, ...] = ()

    @property
    def document_id(self) -> str:
        """The ``_id``: the same for the same photo, whoever sends it and how often."""
        photo = self.photo
        return str(photo.photo_id) if photo.source_url is None else photo.source_url


Describe = Callable[[Sequence[int]], Sequence[PhotoFacts]]
"""Ids -> facts, in any order; photos that are gone are left out."""


def mapping(vector_field: Json, meta: Json) -> Json:
    """Return the mapping of an index. ``meta``: whose it is."""
    keyword: Json = {"type": "keyword"}
    date: Json = {"type": "date", "format": "strict_date_optional_time||epoch_millis"}
    text: Json = {"type": "text"}
    return {
        "dynamic": "strict",
        "_meta": {"helios": meta},
        "properties": {
            "url": keyword,
            "sourceUrl": keyword,
            "features": vector_field,
            "@timestamp": date,
            "photo_id": {"type": "long"},
            "path": keyword,
            "folders": keyword,
            "taken_at": date,
            "camera": keyword,
            "lens": keyword,
            "format": keyword,
            "favourite": {"type": "boolean"},
            "rating": {"type": "byte"},
            "size": {"type": "long"},
            "place": {"type": "geo_point"},
            "name": text,
            "caption": text,
            "words": {"type": "text", "analyzer": "whitespace", "position_increment_gap": PHRASE_GAP},
        },
    }


def fields(facts: PhotoFacts, now: datetime) -> Json:
    """Return the fields of one document without its vector; empty ones are left out."""
    photo, metadata = facts.photo, facts.photo.metadata
    is_remote = photo.source_url is not None
    own_url = "" if is_remote else "file://" + quote_from_bytes(photo.path)
    phrases = [words(text[:MAX_TEXT_CHARACTERS]) for text in facts.texts]
    found: Json = {
        "url": photo.url or own_url,
        "sourceUrl": photo.source_url or own_url,
        "@timestamp": now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "photo_id": photo.photo_id,
        "words": [phrase for phrase in phrases if phrase],
    }
    if not is_remote:
        found |= {
            "path": path_key(photo.path),
            "folders": list(_keys_above(os.path.dirname(photo.path))),
            "taken_at": facts.taken_at,
            "camera": camera_key(metadata.camera or ""),
            "lens": (metadata.lens or "").casefold(),
            "format": format_key(photo.format or ""),
            "favourite": photo.is_favourite,
            "rating": metadata.rating,
            "size": photo.size,
            "place": _place(metadata.latitude, metadata.longitude),
            "name": os.fsdecode(os.path.basename(photo.path)),
            "caption": metadata.caption,
        }
    return {key: _short(value) for key, value in found.items() if value not in (None, "", [])}


def upsert_line(facts: PhotoFacts, vector: Float32Array, now: datetime, version: int | None) -> bytes:
    """Return the two lines that write one document. ``version``: an older one never replaces a newer one."""
    document = fields(facts, now)
    document["features"] = np.round(vector.astype(np.float64), VECTOR_DIGITS)
    body = orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE)
    return _action("index", facts.document_id, version) + body


def delete_line(document_id: str, version: int | None) -> bytes:
    """Return the line that deletes one document."""
    return _action("delete", document_id, version)


def _action(action: str, document_id: str, version: int | None) -> bytes:
    header: dict[str, Any] = {"_id": document_id}
    if version is not None:
        header |= {"version": version, "version_type": "external_gte"}
    return orjson.dumps({action: header}, option=orjson.OPT_APPEND_NEWLINE)


def path_key(path: bytes) -> str:
    """Return a path as one keyword that no other path has; names need not be UTF-8."""
    try:
        text = path.decode("utf-8")
    except UnicodeDecodeError:
        text = "bytes:" + quote_from_bytes(path)  # no path begins like this: all are absolute
    return text if len(text) <= MAX_KEY_CHARACTERS else "sha256:" + sha256(path).hexdigest()


def folders_above(path: bytes) -> list[bytes]:
    """Return every folder above a file, the nearest first."""
    found = []
    folder = os.path.dirname(path)
    while folder and folder != os.path.dirname(folder):
        found.append(folder)
        folder = os.path.dirname(folder)
    return [*found, folder] if folder else found


@lru_cache(maxsize=1024)
def _keys_above(folder: bytes) -> tuple[str, ...]:
    """Return the keys of all folders above the files of a folder: many photos share one."""
    return tuple(path_key(one) for one in folders_above(os.path.join(folder, b"x")))


def camera_key(name: str) -> str:
    """Return a camera's name as it is stored and asked for."""
    return " ".join(name.split()).casefold()


def format_key(name: str) -> str:
    """Return a format's name as it is stored and asked for."""
    plain = name.strip().lstrip(".").casefold()
    return _FORMATS.get(plain, plain)


def _place(latitude: float | None, longitude: float | None) -> Json | None:
    if latitude is None or longitude is None or not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    return {"lat": latitude, "lon": longitude}


def _clean(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _short(value: object) -> object:
    return _clean(value)[: 3 * MAX_KEY_CHARACTERS] if isinstance(value, str) else value
