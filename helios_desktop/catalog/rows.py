"""Rows to values and back: how states, numbers of the file system and photos lie in the table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import apsw

from helios_desktop.catalog.database import as_list
from helios_desktop.catalog.texts import display_text
from helios_desktop.domain import FileStat, KnownFile, Metadata, Photo, PhotoState, SkipReason

PENDING, INDEXED, SKIPPED = 0, 1, 2
STATES = (PhotoState.PENDING, PhotoState.INDEXED, PhotoState.SKIPPED)

ROWS_A_CHUNK = 500

PHOTO_COLUMNS = """
    p.photo_id, p.root_id, p.path, p.size, p.mtime_ns, p.state, p.reason, p.detail, p.width, p.height, p.format, p.colour,
    p.taken_at, p.camera, p.lens, p.latitude, p.longitude, coalesce(p.user_rating, p.rating), p.title, p.caption, p.keywords,
    p.is_favourite, r.is_present, CASE p.state WHEN 1 THEN c.content_hash END
"""
PHOTO_TABLES = "photos p JOIN roots r ON r.root_id = p.root_id LEFT JOIN contents c ON c.content_id = p.content_id"

_TWO_64 = 1 << 64
_TWO_63 = 1 << 63
_FIRST_MTIME_NS = -2_200_000_000 * 10**9  # in 1900; file systems reach up to 2486, beyond SQLite's signed 64 bits


def number_in(value: int) -> int:
    """Fit an unsigned 64-bit number (inode, device) into SQLite's signed one; longer ones become 0, "there is none"."""
    if not 0 <= value < _TWO_64:
        return 0
    return value - _TWO_64 if value >= _TWO_63 else value


def number_out(value: int) -> int:
    """Undo ``number_in``."""
    return value + _TWO_64 if value < 0 else value


def mtime_in(mtime_ns: int) -> int:
    """Fit nanoseconds since the epoch into SQLite's signed 64 bits; years after 2262 wrap into those before 1900."""
    return mtime_ns - _TWO_64 if mtime_ns >= _TWO_63 else max(mtime_ns, _FIRST_MTIME_NS)


def mtime_out(stored: int) -> int:
    """Undo ``mtime_in``."""
    return stored + _TWO_64 if stored < _FIRST_MTIME_NS else stored


def known_file(row: tuple[Any, ...]) -> KnownFile:
    """Build from photo_id, path, size, mtime_ns, inode, device, state, reason, sidecar."""
    photo_id, path, size, mtime_ns, inode, device, state, reason, sidecar = row
    stat = FileStat(
        path=path,
        size=size,
        mtime_ns=mtime_out(mtime_ns),
        inode=number_out(inode),
        device=number_out(device),
        sidecar=sidecar,
    )
    return KnownFile(photo_id=photo_id, stat=stat, state=STATES[state], reason=SkipReason(reason) if reason else None)


def photo(row: tuple[Any, ...]) -> Photo:
    """Build from ``PHOTO_COLUMNS``."""
    metadata = Metadata(
        taken_at=row[12],
        camera=row[13],
        lens=row[14],
        latitude=row[15],
        longitude=row[16],
        rating=row[17],
        title=row[18],
        caption=row[19],
        keywords=tuple(json.loads(row[20])) if row[20] != "[]" else (),
    )
    return Photo(
        photo_id=row[0],
        root_id=row[1],
        path=row[2],
        display=display_text(row[2]),
        size=row[3],
        mtime_ns=mtime_out(row[4]),
        state=STATES[row[5]] if row[22] else PhotoState.ABSENT,
        reason=SkipReason(row[6]) if row[6] else None,
        detail=row[7],
        content_hash=row[23],
        width=row[8],
        height=row[9],
        format=row[10],
        colour=row[11],
        metadata=metadata,
        is_favourite=bool(row[21]),
    )


def photos_by_id(connection: apsw.Connection, ids: Iterable[int]) -> Iterator[Photo]:
    """Photos in the order of ``ids``; unknown ones are left out."""
    wanted = [int(photo_id) for photo_id in ids]
    rows = connection.execute(
        f"SELECT {PHOTO_COLUMNS} FROM {PHOTO_TABLES} WHERE p.photo_id IN (SELECT value FROM json_each(?))",  # noqa: S608
        (as_list(wanted),),
    )
    found = {row[0]: photo(row) for row in rows}
    return (found[photo_id] for photo_id in wanted if photo_id in found)


def chunks(items: list[Any], size: int = ROWS_A_CHUNK) -> Iterator[list[Any]]:
    """``items`` in pieces of at most ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
