"""Vectors of the user's photos on their way out and in: by content, so that another computer knows them under any name."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import apsw

from helios_desktop.catalog.database import Database, as_list, rows_of
from helios_desktop.catalog.facts import DecodedFacts, metadata_from_json, metadata_to_json
from helios_desktop.catalog.outbox import log_changes
from helios_desktop.catalog.rows import INDEXED
from helios_desktop.catalog.vectors import model_number, model_number_made, pack
from helios_desktop.domain import Float16Array, Float32Array, ModelId


@dataclass(frozen=True, slots=True, kw_only=True)
class PortablePhoto:
    """One photo as it travels. ``path`` is for people: what is not UTF-8 in it is escaped, and nothing is looked up by it."""

    photo_id: int
    path: str
    content_hash: bytes
    size: int
    facts: DecodedFacts


class PortableVectors:
    """Reads out and takes in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def dim(self, model_id: ModelId) -> int | None:
        """Return how many numbers the vectors of a model have; None where there are none."""
        with self._database.reading() as connection:
            found = connection.execute("SELECT dim FROM models WHERE model_id = ?", (model_id,)).get
            return None if found is None else int(found)

    def pages(self, model_id: ModelId, rows_a_page: int) -> Iterator[tuple[list[PortablePhoto], Float16Array]]:
        """Go through the indexed photos that have a vector of this model: what is known, and the vectors as they are stored."""
        import numpy as np  # only an export needs it

        after = 0
        while True:
            with self._database.reading() as connection:
                found = rows_of(
                    connection,
                    "SELECT p.photo_id, p.path, c.content_hash, c.size, c.width, c.height, c.format, c.colour, c.metadata,"
                    " v.vector FROM photos p JOIN contents c USING (content_id)"
                    " JOIN vectors v ON v.model_no = ? AND v.content_id = c.content_id"
                    " WHERE p.state = ? AND p.photo_id > ? ORDER BY p.photo_id LIMIT ?",
                    (model_number(connection, model_id), INDEXED, after, rows_a_page),
                )
            if not found:
                return
            after = found[-1][0]
            photos = [
                PortablePhoto(
                    photo_id=row[0],
                    path=os.fsencode(row[1]).decode("utf-8", "backslashreplace"),
                    content_hash=row[2],
                    size=row[3],
                    facts=DecodedFacts(
                        width=row[4], height=row[5], format=row[6], colour=row[7], metadata=metadata_from_json(row[8])
                    ),
                )
                for row in found
            ]
            yield photos, np.frombuffer(b"".join(row[9] for row in found), "<f2").reshape(len(found), -1)

    def missing(self, model_id: ModelId, hashes: Sequence[bytes]) -> int:
        """Count those contents that have no vector of this model yet."""
        with self._database.reading() as connection:
            number = model_number(connection, model_id)
            return sum(not _has_vector(connection, number, content_hash) for content_hash in set(hashes))

    def take_in(self, model_id: ModelId, photos: Sequence[PortablePhoto], vectors: Float32Array) -> int:
        """Remember facts and vectors of contents in one transaction; return how many vectors were new.

        What is here already stays as it is. Contents that no file here has wait 30 days for one. Raises ``CatalogError`` where
        the model's vectors have another dimension, ``ValueError`` for one without direction.
        """
        packed = [pack(vector) for vector in vectors]
        fresh: list[int] = []
        now = int(time.time())
        with self._database.writing() as connection:
            number = model_number_made(connection, model_id, vectors.shape[1])
            for photo, vector in zip(photos, packed, strict=True):
                content_id = _content(connection, photo, now)
                connection.execute(
                    "INSERT INTO vectors (model_no, content_id, vector) VALUES (?, ?, ?)"
                    " ON CONFLICT (model_no, content_id) DO NOTHING",
                    (number, content_id, vector),
                )
                if connection.changes():
                    fresh.append(content_id)
            rows = rows_of(
                connection,
                "SELECT photo_id FROM photos WHERE state = ? AND content_id IN (SELECT value FROM json_each(?))",
                (INDEXED, as_list(fresh)),
            )
            log_changes(connection, [row[0] for row in rows])
        return len(fresh)


def _has_vector(connection: apsw.Connection, model_no: int, content_hash: bytes) -> bool:
    sql = "SELECT 1 FROM contents c JOIN vectors v ON v.model_no = ? AND v.content_id = c.content_id WHERE c.content_hash = ?"
    return connection.execute(sql, (model_no, content_hash)).get is not None


def _content(connection: apsw.Connection, photo: PortablePhoto, now: int) -> int:
    known = connection.execute("SELECT content_id FROM contents WHERE content_hash = ?", (photo.content_hash,)).get
    if known is not None:
        return int(known)
    facts = photo.facts.cleaned()
    connection.execute(
        "INSERT INTO contents (content_hash, size, width, height, format, colour, metadata, unused_since)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            photo.content_hash,
            photo.size,
            facts.width,
            facts.height,
            facts.format,
            facts.colour,
            metadata_to_json(facts.metadata),
            now,
        ),
    )
    return connection.last_insert_rowid()
