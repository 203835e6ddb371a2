"""Vectors by (content hash, model): in come float32 unit vectors, out come the same within 16 bits a number.

Stored as little-endian IEEE half floats: half the file, half the reading, half of each backup. Measured over 100,000 pairs of
random and of clustered unit vectors with 384, 512 and 1,024 numbers: scores differ from those in float32 by 4.7e-5 at most
(6.7e-5 where both sides were stored), 1e-5 in the mean square, after the stored ones are brought back to unit length.
The promise is 1e-3, and what a model means by a score is coarser than that.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence

import apsw

from helios_desktop.catalog.database import Database, as_list, rows_of
from helios_desktop.catalog.facts import DecodedFacts, metadata_from_json
from helios_desktop.catalog.rows import INDEXED
from helios_desktop.domain import BoolArray, Float32Array, Int64Array, ModelId
from helios_desktop.errors import CatalogError

STORED_DTYPE = "<f2"
KEEP_UNUSED_SECONDS = 30 * 86400  # contents without a photo: it may come back from another folder or drive


def pack(vector: Float32Array) -> bytes:
    """Return the stored form of a vector, brought to unit length. Raises ``ValueError`` for zero, NaN or infinite ones."""
    import numpy as np  # a command that stores and reads no vector starts without it

    row = np.asarray(vector, np.float32)
    length = math.sqrt(row @ row) if row.ndim == 1 and row.size else 0.0
    if not 1e-6 < length < math.inf:  # NaN is in no range
        raise ValueError(f"a vector of shape {row.shape} and length {length} has no direction")
    return (row / length).astype(STORED_DTYPE).tobytes()


def unpack(blob: bytes) -> Float32Array:
    """Return the vector of a stored form: float32, unit length, own memory."""
    import numpy as np

    vector = np.frombuffer(blob, STORED_DTYPE).astype(np.float32)
    vector /= np.linalg.norm(vector)
    return vector


def unpack_into(rows: Float32Array, where: BoolArray, blobs: Sequence[bytes]) -> None:
    """Fill the chosen rows of ``rows`` (float32 ``[n, dim]``) from stored forms, in order, at unit length."""
    import numpy as np

    if not blobs:
        return
    dim = rows.shape[1]
    stored = np.frombuffer(b"".join(blobs), STORED_DTYPE).reshape(len(blobs), dim).astype(np.float32)
    stored /= np.linalg.norm(stored, axis=1, keepdims=True)
    rows[where] = stored


def model_number(connection: apsw.Connection, model_id: ModelId, dim: int | None = None) -> int:
    """Return the model's number in this catalogue, 0 where it is unknown.

    Raises ``CatalogError`` where ``dim`` is given and the model's vectors have another one.
    """
    row = connection.execute("SELECT model_no, dim FROM models WHERE model_id = ?", (model_id,)).fetchone()
    if row is None:
        return 0
    if dim is not None and dim != row[1]:
        raise CatalogError(
            f"The model '{model_id}' has {dim} numbers a photo, but the catalogue holds {row[1]} under that name.",
            "Give the changed model another name or revision.",
        )
    return int(row[0])


def model_number_made(connection: apsw.Connection, model_id: ModelId, dim: int) -> int:
    """Return the model's number, given now if it is new. Raises as ``model_number`` does."""
    number = model_number(connection, model_id, dim)
    if number:
        return number
    connection.execute("INSERT INTO models (model_id, dim) VALUES (?, ?)", (model_id, dim))
    return connection.last_insert_rowid()


class Vectors:
    """Answers what is known of a content; forgets what nobody needs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def has(self, hashes: Sequence[bytes], model_id: ModelId) -> set[bytes]:
        """Return those of ``hashes`` that have a vector of this model."""
        found: set[bytes] = set()
        with self._database.reading() as connection:
            number = model_number(connection, model_id)
            for content_hash in set(hashes) if number else ():
                row = connection.execute(
                    "SELECT 1 FROM contents c JOIN vectors v ON v.model_no = ? AND v.content_id = c.content_id"
                    " WHERE c.content_hash = ?",
                    (number, content_hash),
                ).get
                if row is not None:
                    found.add(content_hash)
        return found

    def get(self, content_hash: bytes, model_id: ModelId) -> Float32Array | None:
        """Return the vector (float32 ``[dim]``, unit length) of one content, or None."""
        with self._database.reading() as connection:
            blob = connection.execute(
                "SELECT v.vector FROM contents c JOIN vectors v ON v.content_id = c.content_id"
                " WHERE c.content_hash = ? AND v.model_no = ?",
                (content_hash, model_number(connection, model_id)),
            ).get
        return None if blob is None else unpack(blob)

    def of_photos(self, photo_ids: Sequence[int], model_id: ModelId, dim: int) -> tuple[Int64Array, Float32Array]:
        """Return those of the indexed photos that have a vector of this model, and these: int64 ``[n]``, float32 ``[n, dim]``.

        In no particular order. Raises ``CatalogError`` where the model's vectors have another dimension.
        """
        import numpy as np

        with self._database.reading() as connection:
            rows = rows_of(
                connection,
                "SELECT p.photo_id, v.vector FROM photos p JOIN vectors v ON v.model_no = ? AND v.content_id = p.content_id"
                " WHERE p.photo_id IN (SELECT value FROM json_each(?)) AND p.state = ?",
                (model_number(connection, model_id, dim), as_list(photo_ids), INDEXED),
            )
        vectors = np.zeros((len(rows), dim), np.float32)
        unpack_into(vectors, np.ones(len(rows), np.bool_), [row[1] for row in rows])
        return np.fromiter((row[0] for row in rows), np.int64, len(rows)), vectors

    def count(self, model_id: ModelId) -> int:
        """Return how many contents have a vector of this model."""
        with self._database.reading() as connection:
            number = model_number(connection, model_id)
            return int(connection.execute("SELECT count(*) FROM vectors WHERE model_no = ?", (number,)).get)

    def models(self) -> dict[ModelId, int]:
        """Return every model that ever gave a vector, with how many there are now."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT model_id, (SELECT count(*) FROM vectors v WHERE v.model_no = m.model_no) FROM models m"
                " ORDER BY model_id"
            )
            return {ModelId(str(model_id)): int(count) for model_id, count in rows}

    def facts_of(self, content_hash: bytes) -> DecodedFacts | None:
        """Return what decoding found out about this content, whenever that was, or None."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT width, height, format, colour, metadata FROM contents WHERE content_hash = ?", (content_hash,)
            ).fetchone()
        if row is None:
            return None
        width, height, kind, colour, metadata = row
        return DecodedFacts(width=width, height=height, format=kind, colour=colour, metadata=metadata_from_json(metadata))

    def drop_model(self, model_id: ModelId) -> None:
        """Forget all vectors of one model; its photos no longer answer for it."""
        with self._database.writing() as connection:
            number = model_number(connection, model_id)
            connection.execute(
                "INSERT OR REPLACE INTO changes (photo_id) SELECT photo_id FROM photos"
                " WHERE content_id IN (SELECT content_id FROM vectors WHERE model_no = ?)",
                (number,),
            )
            connection.execute("DELETE FROM vectors WHERE model_no = ?", (number,))
            connection.execute("DELETE FROM models WHERE model_no = ?", (number,))

    def prune(self, now: float | None = None) -> list[bytes]:
        """Forget contents, vectors and waiting marks of photos that vanished 30 days before ``now`` (seconds since the epoch).

        Returns their content hashes, whose thumbnails may go.
        """
        limit = (time.time() if now is None else now) - KEEP_UNUSED_SECONDS
        with self._database.writing() as connection:
            return forget_unused(connection, "unused_since < ?", (limit,))


def forget_unused(connection: apsw.Connection, condition: str, parameters: Iterable[object]) -> list[bytes]:
    """Delete the contents that no photo uses and that fulfil ``condition`` (our own SQL); return their hashes."""
    rows = rows_of(
        connection,
        f"SELECT content_id, content_hash FROM contents WHERE ({condition})"  # noqa: S608
        " AND NOT EXISTS (SELECT 1 FROM photos p WHERE p.content_id = contents.content_id)",
        tuple(parameters),
    )
    connection.executemany(
        "DELETE FROM vectors WHERE model_no IN (SELECT model_no FROM models) AND content_id = ?", [(row[0],) for row in rows]
    )
    connection.executemany("DELETE FROM contents WHERE content_id = ?", [(row[0],) for row in rows])
    return [row[1] for row in rows]


def note_unused(connection: apsw.Connection, content_ids: str, root_id: int, now: float) -> None:
    """Let the 30 days begin for those of ``content_ids`` (a JSON list) that no photo uses any more."""
    connection.execute(
        "UPDATE contents SET unused_since = ?, unused_root = ? WHERE content_id IN (SELECT value FROM json_each(?))"
        " AND unused_since IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM photos p WHERE p.content_id = contents.content_id)",
        (int(now), root_id, content_ids),
    )
