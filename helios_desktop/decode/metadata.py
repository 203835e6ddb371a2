"""What a photo says of itself, and an XMP file beside it: an image or a path in, ``Metadata`` out. Nothing here ever fails.

EXIF 3.0 (CIPA DC-008) by Pillow, IPTC-IIM 4.2 from its JPEG and TIFF records, XMP (ISO 16684-1) from the file and a sidecar.
Texts: the file's XMP before IPTC. Time and place: the camera's own EXIF first. The sidecar stays apart, since it belongs to the
path and the rest to the content; the catalogue lays it over.
"""

from __future__ import annotations

import datetime
import math
import re
import struct
from collections.abc import Mapping
from typing import Any

from PIL import Image

from helios_desktop.decode import iptc, xmp
from helios_desktop.decode.text import clean, clean_all
from helios_desktop.domain import Metadata

_EXIF_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    ArithmeticError,
    LookupError,
    TypeError,
    AttributeError,
    EOFError,
    RuntimeError,
    AssertionError,
    struct.error,
)
_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_ORIENTATION, _MAKE, _MODEL, _CHANGED, _RATING = 0x0112, 0x010F, 0x0110, 0x0132, 0x4746
_TAKEN, _DIGITIZED, _LENS = 0x9003, 0x9004, 0xA434
_OFFSETS = {_CHANGED: 0x9010, _TAKEN: 0x9011, _DIGITIZED: 0x9012}
_EXIF_TIME = re.compile(r"(\d{4})[:\-/](\d\d)[:\-/](\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?")
_OFFSET = re.compile(r"[+-]\d\d:\d\d")

Fields = Mapping[int, Any]


def orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 (as stored) where it is missing, broken or out of range."""
    # pi_heif takes the orientation out of the EXIF block and puts it here, whether it has turned the picture or not.
    value = image.info.get("original_orientation") or _exif(image).get(_ORIENTATION, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def beside(path: bytes) -> Metadata:
    """What the sidecar of the photo at ``path`` says; nothing where there is none that can be read."""
    packet = xmp.parse(xmp.sidecar(path))
    return Metadata(
        taken_at=packet.taken_at,
        rating=packet.rating,
        title=packet.title,
        caption=packet.caption,
        keywords=packet.keywords,
    )


def read(image: Image.Image) -> Metadata:
    """Everything that a loaded ``image`` says."""
    main, details, place = _exif(image), _sub(image, _EXIF_IFD), _sub(image, _GPS_IFD)
    embedded = xmp.parse(_embedded_xmp(image))
    records = iptc.parse(_iptc_block(image))
    latitude, longitude = _place(place)
    return Metadata(
        taken_at=_taken_at(main, details) or embedded.taken_at,
        camera=_camera(main) or None,
        lens=_text(details.get(_LENS)) or None,
        latitude=latitude,
        longitude=longitude,
        rating=_first_rating(embedded.rating, main.get(_RATING)),
        title=embedded.title or records.title,
        caption=embedded.caption or records.caption,
        keywords=clean_all((*embedded.keywords, *records.keywords)),
    )


def _exif(image: Image.Image) -> Fields:
    try:
        return dict(image.getexif())
    except _EXIF_ERRORS:
        return {}


def _sub(image: Image.Image, directory: int) -> Fields:
    try:
        return dict(image.getexif().get_ifd(directory))
    except _EXIF_ERRORS:
        return {}


def _embedded_xmp(image: Image.Image) -> bytes:
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    if isinstance(packet, str):
        return packet.encode("utf-8", "replace")
    return packet if isinstance(packet, bytes) else b""


def _iptc_block(image: Image.Image) -> bytes:
    """IPTC lies in Photoshop's resource 0x0404 of a JPEG, or in tag 33723 of a TIFF."""
    resources = image.info.get("photoshop")
    block = resources.get(0x0404) if isinstance(resources, dict) else None
    if block is None and hasattr(image, "tag_v2"):
        block = _exif(image).get(33723)
    return block if isinstance(block, bytes) else b""


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return clean(value) if isinstance(value, str) else ""


def _camera(main: Fields) -> str:
    """Maker and model; most models repeat the maker."""
    maker, model = _text(main.get(_MAKE)), _text(main.get(_MODEL))
    if not maker or model.lower().startswith(maker.split()[0].lower()):
        return model
    return f"{maker} {model}".strip()


def _taken_at(main: Fields, details: Fields) -> str | None:
    for tag, fields in ((_TAKEN, details), (_DIGITIZED, details), (_CHANGED, main)):
        found = _EXIF_TIME.match(_text(fields.get(tag)))
        if found is None:
            continue
        try:
            moment = datetime.datetime(*(int(part or 0) for part in found.groups()))  # type: ignore[arg-type]
        except ValueError:
            continue
        offset = _text(details.get(_OFFSETS[tag]))
        return moment.isoformat() + (offset if _OFFSET.fullmatch(offset) else "")
    return None


def _place(place: Fields) -> tuple[float | None, float | None]:
    """Degrees, north and east positive. Half a place, or the exact zero that broken receivers write, is none."""
    latitude = _degrees(place.get(2), place.get(1), "S", 90.0)
    longitude = _degrees(place.get(4), place.get(3), "W", 180.0)
    if latitude is None or longitude is None or latitude == longitude == 0:
        return None, None
    return latitude, longitude


def _degrees(parts: object, reference: object, negative: str, most: float) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in (*tuple(parts), 0, 0)[:3])  # type: ignore[arg-type]
        value = degrees + minutes / 60 + seconds / 3600
    except _EXIF_ERRORS:
        return None
    if not math.isfinite(value) or not 0 <= value <= most:
        return None
    return -value if _text(reference).upper().startswith(negative) else value


def _first_rating(*ratings: object) -> int | None:
    """Stars, 0 to 5; -1 is XMP's "rejected"."""
    return next((value for value in ratings if isinstance(value, int) and -1 <= value <= 5), None)
