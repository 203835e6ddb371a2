"""XMP (ISO 16684-1): a packet from a photo, or the sidecar beside it, in; what it says out. A broken packet says nothing.

Sidecars are named ``photo.xmp`` (Adobe) or ``photo.jpg.xmp`` (darktable, digiKam). Entities and DTDs are refused, so no packet
can grow in memory or fetch anything.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helios_desktop.decode.limits import Limits
from helios_desktop.decode.reading import opened
from helios_desktop.decode.text import clean, clean_all
from helios_desktop.errors import SkippedFileError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_PACKET_BYTES = 4 << 20
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_XMP = "{http://ns.adobe.com/xap/1.0/}"
_PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
_EXIF = "{http://ns.adobe.com/exif/1.0/}"
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?(?:\.\d+)?(Z|[+-]\d\d:\d\d)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """What an XMP packet says."""

    taken_at: str | None = None
    rating: int | None = None
    title: str = ""
    caption: str = ""
    keywords: tuple[str, ...] = ()


def parse(packet: bytes) -> Packet:
    """Read a packet; one that is empty, broken, too long or that defines entities gives an empty ``Packet``."""
    content = packet.strip(b"\x00 \t\r\n")
    if not content or len(content) > MOST_PACKET_BYTES:
        return Packet()
    root = _root_of(content)
    if root is None:
        return Packet()
    times = (_EXIF + "DateTimeOriginal", _PHOTOSHOP + "DateCreated", _XMP + "CreateDate")
    return Packet(
        taken_at=next(filter(None, (_time(_first(root, name)) for name in times)), None),
        rating=_rating(_first(root, _XMP + "Rating")),
        title=_first(root, _DC + "title") or _first(root, _PHOTOSHOP + "Headline"),
        caption=_first(root, _DC + "description"),
        keywords=clean_all(_values(root, _DC + "subject")),
    )


def sidecar(path: bytes) -> bytes:
    """The content of the sidecar beside a photo, empty where there is none that can be read."""
    stem = os.path.splitext(path)[0]
    limits = Limits(file_bytes=MOST_PACKET_BYTES)
    for name in (path + b".xmp", stem + b".xmp", path + b".XMP", stem + b".XMP"):
        if not os.path.lexists(name):
            continue
        try:
            with opened(name, limits) as photo:
                return photo.file.read(MOST_PACKET_BYTES)
        except (SkippedFileError, OSError):
            continue
    return b""


def _root_of(content: bytes) -> Element | None:
    # Most photos carry no packet, and a worker starts sooner without an XML library.
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError):
        return None
    return root


def _values(root: Element, name: str) -> Iterator[str]:
    """A property is an attribute of a description, or an element with a text, or one with a list of texts."""
    for element in root.iter():
        if name in element.attrib:
            yield element.attrib[name]
        if element.tag == name:
            items = list(element.iter(_RDF + "li"))
            yield from (item.text or "" for item in items) if items else (element.text or "",)


def _first(root: Element, name: str) -> str:
    return next((text for text in map(clean, _values(root, name)) if text), "")


def _time(text: str) -> str | None:
    found = _TIME.match(text)
    if found is None:
        return None
    offset = {None: "", "Z": "+00:00"}.get(found[3], found[3])
    return f"{found[1]}{found[2] or ':00'}{offset}"


def _rating(text: str) -> int | None:
    try:
        value = round(float(text))
    except (ValueError, OverflowError):
        return None
    return value if -1 <= value <= 5 else None
