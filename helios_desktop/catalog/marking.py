"""Decoded photos into rows: in come batches, out comes one transaction a batch with facts, vectors, names and changes.

A photo is taken only while its row still has the size and mtime that the work began with; else it stays pending.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import apsw

from helios_desktop.catalog.database import Database, as_list, rows_of
from helios_desktop.catalog.facts import DecodedFacts, Ready, clean, metadata_from_json, metadata_to_json, with_sidecar
from helios_desktop.catalog.marks import return_marks
from helios_desktop.catalog.outbox import log_changes
from helios_desktop.catalog.recording import DETAIL_LIMIT, index_names, is_problem
from helios_desktop.catalog.rows import INDEXED, SKIPPED, mtime_in
from helios_desktop.catalog.texts import storable
from helios_desktop.catalog.times import wall_seconds, wall_seconds_of_mtime
from helios_desktop.catalog.vectors import model_number_made, note_unused, pack
from helios_desktop.domain import Metadata, PendingPhoto, Skipped


@dataclass(slots=True)
class _Done:
    """What one transaction has done so far."""

    photos: dict[int, int] = field(default_factory=dict)  # content id -> a photo that holds it
    ready: list[int] = field(default_factory=list)
    new_vectors: list[int] = field(default_factory=list)  # content ids
    left: list[tuple[int, int]] = field(default_factory=list)  # content id that a photo had before, its root


@dataclass(frozen=True, slots=True)
class _Row:
    photo_id: int
    root_id: int
    path: bytes
    state: int
    content_id: int | None


def _rows(connection: apsw.Connection, photos: Iterable[PendingPhoto]) -> dict[int, _Row]:
    wanted = {photo.photo_id: (photo.size, mtime_in(photo.mtime_ns)) for photo in photos}
    rows = rows_of(
        connection,
        "SELECT p.photo_id, p.size, p.mtime_ns, p.root_id, p.path, p.state, p.content_id FROM photos p"
        " WHERE p.photo_id IN (SELECT value FROM json_each(?))",
        (as_list(wanted),),
    )
    return {row[0]: _Row(row[0], row[3], row[4], row[5], row[6]) for row in rows if wanted[row[0]] == (row[1], row[2])}


def mark_ready(database: Database, batch: Sequence[Ready]) -> frozenset[int]:
    """Commit a batch with its vectors; return the ids of the photos that are indexed now.

    The others changed or vanished meanwhile, or their facts or vector turned out to be unknown: they stay as they were.
    Raises ``ValueError`` for a vector without direction (zero, NaN), ``CatalogError`` for one of another dimension.
    """
    packed = [(item, None if item.vector is None else pack(item.vector)) for item in batch]
    with database.writing() as connection:
        rows = _rows(connection, (item.photo for item in batch))
        done = _Done()
        for item, vector in packed:
            row = rows.get(item.photo.photo_id)
            if row is not None:
                _mark_one(connection, item, vector, row, done)
        return_marks(connection, done.photos)
        _log(connection, done)
        now = time.time()
        for content_id, root_id in done.left:
            note_unused(connection, as_list([content_id]), root_id, now)
    return frozenset(done.ready)


def _mark_one(connection: apsw.Connection, item: Ready, vector: bytes | None, row: _Row, done: _Done) -> None:
    content = _content(connection, item)
    if content is None:
        return
    content_id, facts = content
    if not _has_vector(connection, item, vector, content_id, done):
        return
    _write_facts(connection, row, item, facts, content_id)
    done.ready.append(row.photo_id)
    done.photos[content_id] = row.photo_id
    if row.content_id not in (None, content_id):
        done.left.append((row.content_id or 0, row.root_id))


def _content(connection: apsw.Connection, item: Ready) -> tuple[int, DecodedFacts] | None:
    if item.decoded is None:
        row = rows_of(
            connection,
            "UPDATE contents SET unused_since = NULL, unused_root = NULL WHERE content_hash = ?"
            " RETURNING content_id, width, height, format, colour, metadata",
            (item.content_hash,),
        )
        if not row:
            return None
        content_id, width, height, kind, colour, metadata = row[0]
        known = metadata_from_json(metadata)
        return content_id, DecodedFacts(width=width, height=height, format=kind, colour=colour, metadata=known)
    facts = item.decoded.cleaned()
    rows = rows_of(
        connection,
        "INSERT INTO contents (content_hash, size, width, height, format, colour, metadata) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (content_hash) DO UPDATE SET width = excluded.width, height = excluded.height,"
        " format = excluded.format, colour = excluded.colour, metadata = excluded.metadata,"
        " unused_since = NULL, unused_root = NULL RETURNING content_id",
        (
            item.content_hash,
            item.photo.size,
            facts.width,
            facts.height,
            facts.format,
            facts.colour,
            metadata_to_json(facts.metadata),
        ),
    )
    return rows[0][0], facts


def _has_vector(connection: apsw.Connection, item: Ready, vector: bytes | None, content_id: int, done: _Done) -> bool:
    if vector is None or item.vector is None:
        found = connection.execute(
            "SELECT 1 FROM vectors v JOIN models m ON m.model_no = v.model_no WHERE m.model_id = ? AND v.content_id = ?",
            (item.model_id, content_id),
        ).get
        return found is not None
    number = model_number_made(connection, item.model_id, item.vector.size)
    connection.execute(
        "INSERT INTO vectors (model_no, content_id, vector) VALUES (?, ?, ?) ON CONFLICT (model_no, content_id) DO NOTHING",
        (number, content_id, vector),
    )
    if connection.changes():
        done.new_vectors.append(content_id)
    return True


def _write_facts(connection: apsw.Connection, row: _Row, item: Ready, facts: DecodedFacts, content_id: int) -> None:
    connection.execute(
        "UPDATE photos SET state = ?, reason = NULL, detail = '', is_problem = 0, content_id = ?, width = ?, height = ?,"
        " format = ?, colour = ? WHERE photo_id = ?",
        (INDEXED, content_id, facts.width, facts.height, facts.format, facts.colour, row.photo_id),
    )
    beside, state = (Metadata(), 0) if item.sidecar is None else (item.sidecar, item.photo.sidecar)
    write_metadata(connection, row.photo_id, facts.metadata, beside, state, item.photo.mtime_ns)


def write_metadata(
    connection: apsw.Connection, photo_id: int, embedded: Metadata, beside: Metadata, sidecar: int, mtime_ns: int
) -> None:
    """Enter what a photo says of itself, with what the XMP file ``beside`` it says laid over.

    ``sidecar``: the state of that file when it was read, 0 where it was not.
    """
    metadata = clean(with_sidecar(embedded, beside))
    texts = (metadata.title, metadata.caption, json.dumps(metadata.keywords, ensure_ascii=False) if metadata.keywords else "[]")
    before = connection.execute(
        "SELECT p.title, p.caption, p.keywords, p.path, r.path FROM photos p JOIN roots r ON r.root_id = p.root_id"
        " WHERE p.photo_id = ?",
        (photo_id,),
    ).fetchone()
    connection.execute(
        "UPDATE photos SET sort_key = ?, taken_at = ?, camera = ?, lens = ?, latitude = ?, longitude = ?, rating = ?,"
        " title = ?, caption = ?, keywords = ?, sidecar_read = ? WHERE photo_id = ?",
        (_sort_key(metadata, mtime_ns), *_details(metadata), *texts, sidecar, photo_id),
    )
    if before is not None and texts != before[:3]:
        index_names(connection, photo_id, before[3], before[4], texts)


def _details(metadata: Metadata) -> tuple[Any, ...]:
    return (
        metadata.taken_at,
        metadata.camera,
        metadata.lens,
        metadata.latitude,
        metadata.longitude,
        metadata.rating,
    )


def _sort_key(metadata: Metadata, mtime_ns: int) -> int:
    taken = wall_seconds(metadata.taken_at)
    return wall_seconds_of_mtime(mtime_ns) if taken is None else taken


def _log(connection: apsw.Connection, done: _Done) -> None:
    """Enter the batch, and every other photo whose content got a vector just now (copies of one file)."""
    copies = connection.execute(
        "SELECT photo_id FROM photos WHERE state = ? AND content_id IN (SELECT value FROM json_each(?))",
        (INDEXED, as_list(done.new_vectors)),
    )
    log_changes(connection, sorted({*done.ready, *(row[0] for row in copies)}))


def mark_skipped(database: Database, batch: Sequence[tuple[PendingPhoto, Skipped]]) -> frozenset[int]:
    """Commit why photos cannot be indexed; return the ids of those that were still as they had been looked at."""
    with database.writing() as connection:
        rows = _rows(connection, (photo for photo, _ in batch))
        for photo, skipped in batch:
            row = rows.get(photo.photo_id)
            if row is None:
                continue
            connection.execute(
                "UPDATE photos SET state = ?, reason = ?, detail = ?, is_problem = ? WHERE photo_id = ?",
                (
                    SKIPPED,
                    skipped.reason,
                    storable(skipped.detail)[:DETAIL_LIMIT],
                    int(is_problem(row.path, skipped.reason)),
                    row.photo_id,
                ),
            )
        log_changes(connection, sorted(row.photo_id for row in rows.values() if row.state == INDEXED))
    return frozenset(rows)
