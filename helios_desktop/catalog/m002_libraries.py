"""Step 2 of the catalogue: libraries of photos that lie elsewhere, beside those of this computer's files."""

from __future__ import annotations

import apsw

# Why it looks like this:
# - Remote photos have tables of their own: nothing that counts, scans or queues files ever meets them.
# - Their ids come from the same numbers as photos.photo_id (sqlite_sequence), so that an id alone names a photo.
# - A library has one model and its vectors lie in its rows: they are imported together and go together.
# - url and source_url are null where they follow from the library's patterns ("{id}" is the remote id): a million rows stay
#   100 MB smaller.
# - libraries.photo_count is kept with each write: counting a million rows takes longer than a search.
# - Their change log is apart: a million imported rows are nothing that the index of the user's photos reads past.
#   A library that was removed leaves no entries; its number is never given again, and whoever mirrors it drops it whole.
_M002 = """
CREATE TABLE libraries (
    library_no INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    model_id TEXT NOT NULL,
    dim INTEGER NOT NULL,
    url_pattern TEXT,
    source_pattern TEXT,
    photo_count INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
);
CREATE TABLE remote_photos (
    photo_id INTEGER PRIMARY KEY,
    library_no INTEGER NOT NULL REFERENCES libraries,
    remote_id TEXT NOT NULL,
    url TEXT,
    source_url TEXT,
    vector BLOB NOT NULL
);
CREATE UNIQUE INDEX remote_photos_by_id ON remote_photos (library_no, remote_id);
CREATE TABLE remote_changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    photo_id INTEGER NOT NULL UNIQUE,
    library_no INTEGER NOT NULL
);
"""


def m002_libraries(connection: apsw.Connection) -> None:
    """Make the tables of other libraries."""
    connection.execute(_M002)
