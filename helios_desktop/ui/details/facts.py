"""A photo in, what a person wants to know of it out: pairs of a label and a text, unknown ones left out."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QDateTime, QLocale

from helios_desktop.domain import Photo
from helios_desktop.ui.plain_text import one_line

Translate = Callable[[str], str]


def facts(photo: Photo, score: float | None, tr: Translate, place: str = "") -> list[tuple[str, str]]:
    """Return what is known, in the order people ask for it. ``place``: what its spot is called."""
    meta = photo.metadata
    found = [
        (tr("Title"), meta.title),
        (tr("Caption"), meta.caption),
        (tr("Taken"), date_text(meta.taken_at)),
        (tr("Camera"), meta.camera or ""),
        (tr("Lens"), meta.lens or ""),
        (tr("Place"), place),
        (tr("Position"), place_text(meta.latitude, meta.longitude)),
        (tr("Size"), size_text(photo)),
        (tr("Keywords"), ", ".join(meta.keywords)),
        (tr("Folder"), os.path.dirname(photo.display)),
        (tr("Score"), "" if score is None else f"{score:.3f}"),
    ]
    return [(label, one_line(text)) for label, text in found if text]


def date_text(taken_at: str | None) -> str:
    """Return a moment as the user's language writes it, without seconds; as it stands where it is no moment."""
    if not taken_at:
        return ""
    try:
        moment = datetime.fromisoformat(taken_at)
    except ValueError:
        return taken_at
    shown = QDateTime(moment.year, moment.month, moment.day, moment.hour, moment.minute, 0)
    locale = shown_locale()
    return f"{locale.toString(shown.date(), QLocale.FormatType.LongFormat)}, {locale.toString(shown.time(), 'HH:mm')}"


def place_text(latitude: float | None, longitude: float | None) -> str:
    """Return a place as degrees and letters, as in "48.8584° N, 2.2945° E"."""
    if latitude is None or longitude is None:
        return ""
    north = "N" if latitude >= 0 else "S"
    east = "E" if longitude >= 0 else "W"
    return f"{abs(latitude):.4f}° {north}, {abs(longitude):.4f}° {east}"


def size_text(photo: Photo) -> str:
    """Return pixels, megapixels, format and bytes, as far as they are known."""
    parts = []
    if photo.width and photo.height:
        parts.append(f"{photo.width} × {photo.height}")
        parts.append(f"{photo.width * photo.height / 1e6:.1f} MP")
    if photo.format:
        parts.append(photo.format)
    if photo.size:
        parts.append(bytes_text(photo.size))
    return " · ".join(parts)


def bytes_text(size: int) -> str:
    """Return a number of bytes as people write it, as in "5.2 MB"."""
    return shown_locale().formattedDataSize(size, 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def shown_locale() -> QLocale:
    """Return how numbers and dates are written: as the user's language does, in English where there is none."""
    locale = QLocale()
    return QLocale(QLocale.Language.English) if locale.language() == QLocale.Language.C else locale
