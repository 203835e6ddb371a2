"""What waits to be indexed: files never read, then files that only lack a vector of the model; newest first in each.

Method: two walks along the index on (state, mtime), each from where the last page ended, so that a page costs the same
wherever it lies in a queue of any length.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import apsw

from helios_desktop.catalog.filters import under
from helios_desktop.catalog.rows import INDEXED, PENDING, mtime_in, mtime_out
from helios_desktop.domain import PendingPhoto

WITHOUT_VECTOR = """FROM photos p INDEXED BY photos_by_content WHERE p.content_id IS NOT NULL AND p.state = ?
    AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.model_no = ? AND v.content_id = p.content_id)"""

_PRESENT = "p.root_id IN (SELECT root_id FROM roots WHERE is_present)"
_LAST = 2**63 - 1


def unread(connection: apsw.Connection, limit: int, after: PendingPhoto | None, folders: Sequence[bytes]) -> list[PendingPhoto]:
    """Return files that were never decoded, below ``folders`` where any are named."""
    below, values = under(folders)
    rows = connection.execute(
        "SELECT p.photo_id, p.path, p.size, p.mtime_ns, NULL, p.sidecar FROM photos p INDEXED BY photos_queue"  # noqa: S608
        f" WHERE p.state = ? AND (p.mtime_ns, p.photo_id) < (?, ?) AND {_PRESENT} AND {below}"
        " ORDER BY p.mtime_ns DESC, p.photo_id DESC LIMIT ?",
        (PENDING, *_position(after), *values, limit),
    )
    return [_pending(row) for row in rows]


def without_vector(
    connection: apsw.Connection, model_no: int, limit: int, after: PendingPhoto | None, folders: Sequence[bytes]
) -> list[PendingPhoto]:
    """Return files that were decoded and lack a vector of the model, with their ``content_hash``."""
    # Mostly there are none, which two narrow indexes tell much sooner than the walk by date does.
    if not connection.execute(f"SELECT EXISTS (SELECT 1 {WITHOUT_VECTOR})", (INDEXED, model_no)).get:
        return []
    below, values = under(folders)
    rows = connection.execute(
        "SELECT p.photo_id, p.path, p.size, p.mtime_ns, c.content_hash, p.sidecar FROM photos p INDEXED BY photos_queue"  # noqa: S608
        " CROSS JOIN contents c ON c.content_id = p.content_id"
        f" WHERE p.state = ? AND (p.mtime_ns, p.photo_id) < (?, ?) AND {_PRESENT} AND {below}"
        " AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.model_no = ? AND v.content_id = p.content_id)"
        " ORDER BY p.mtime_ns DESC, p.photo_id DESC LIMIT ?",
        (INDEXED, *_position(after), *values, model_no, limit),
    )
    return [_pending(row) for row in rows]


def waiting(connection: apsw.Connection, model_no: int, folders: Sequence[bytes]) -> int:
    """Count the files of both kinds."""
    below, values = under(folders)
    never_read = connection.execute(
        f"SELECT count(*) FROM photos p WHERE p.state = ? AND {_PRESENT} AND {below}",  # noqa: S608
        (PENDING, *values),
    ).get
    return int(never_read) + missing(connection, model_no, folders)


def missing(connection: apsw.Connection, model_no: int, folders: Sequence[bytes] = ()) -> int:
    """Count the files that were decoded and lack a vector of the model."""
    if not connection.execute(f"SELECT EXISTS (SELECT 1 {WITHOUT_VECTOR})", (INDEXED, model_no)).get:
        return 0
    below, values = under(folders)
    sql = f"SELECT count(*) {WITHOUT_VECTOR} AND {_PRESENT} AND {below}"
    return int(connection.execute(sql, (INDEXED, model_no, *values)).get)


def _position(after: PendingPhoto | None) -> tuple[int, int]:
    return (_LAST, _LAST) if after is None else (mtime_in(after.mtime_ns), after.photo_id)


def _pending(row: tuple[Any, ...]) -> PendingPhoto:
    return PendingPhoto(
        photo_id=row[0], path=row[1], size=row[2], mtime_ns=mtime_out(row[3]), content_hash=row[4], sidecar=row[5]
    )
