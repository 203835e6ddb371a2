"""What decoding found out about one content, and what is handed in when a photo is ready."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from typing import Any

from helios_desktop.catalog.texts import storable
from helios_desktop.domain import DecodedPhoto, Float32Array, Metadata, ModelId, PendingPhoto


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedFacts:
    """Facts of one content: upright size in pixels, format, dominant colour (0xRRGGBB) and what the photo says of itself."""

    width: int
    height: int
    format: str
    colour: int
    metadata: Metadata

    @classmethod
    def of(cls, decoded: DecodedPhoto) -> DecodedFacts:
        """Take the facts out of a decoded photo."""
        return cls(
            width=decoded.width,
            height=decoded.height,
            format=decoded.format,
            colour=decoded.colour,
            metadata=decoded.metadata,
        )

    def cleaned(self) -> DecodedFacts:
        """Return the same without characters that a database text cannot hold."""
        return DecodedFacts(
            width=self.width,
            height=self.height,
            format=storable(self.format),
            colour=self.colour,
            metadata=clean(self.metadata),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """One photo whose content was read.

    ``decoded`` is None when the catalogue knows the facts of this content already; ``vector`` (float32 ``[dim]``, of any length
    but zero) is None when it has the vector of (``content_hash``, ``model_id``) already. ``sidecar`` is None where the XMP file
    beside it was not read.
    """

    photo: PendingPhoto
    content_hash: bytes
    decoded: DecodedFacts | None
    vector: Float32Array | None
    model_id: ModelId
    sidecar: Metadata | None = None


_FIELDS = tuple(field.name for field in fields(Metadata))


def metadata_to_json(metadata: Metadata) -> str:
    """Only the fields that say something, since most photos leave most of them empty."""
    values = ((name, getattr(metadata, name)) for name in _FIELDS)
    return json.dumps({name: value for name, value in values if value not in (None, "", ())})


def metadata_from_json(text: str) -> Metadata:
    """Read what ``metadata_to_json`` wrote."""
    values: dict[str, Any] = json.loads(text)
    values["keywords"] = tuple(values.get("keywords", ()))
    return Metadata(**values)


def with_sidecar(embedded: Metadata, beside: Metadata) -> Metadata:
    """Lay what an XMP file says over what its photo says: texts and stars of the former first, keywords of both."""
    return replace(
        embedded,
        taken_at=embedded.taken_at or beside.taken_at,
        rating=embedded.rating if beside.rating is None else beside.rating,
        title=beside.title or embedded.title,
        caption=beside.caption or embedded.caption,
        keywords=tuple(dict.fromkeys((*beside.keywords, *embedded.keywords))),
    )


def clean(metadata: Metadata) -> Metadata:
    """Return the same without characters that a database text cannot hold."""
    return Metadata(
        taken_at=metadata.taken_at and storable(metadata.taken_at),
        camera=metadata.camera and storable(metadata.camera),
        lens=metadata.lens and storable(metadata.lens),
        latitude=metadata.latitude,
        longitude=metadata.longitude,
        rating=metadata.rating,
        title=storable(metadata.title),
        caption=storable(metadata.caption),
        keywords=tuple(map(storable, metadata.keywords)),
    )
