"""Numbered steps from any older catalogue to the present one, each in one transaction that also moves ``user_version``.

A step, once released, never changes: a new need is a new step at the end.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

import apsw

from helios_desktop.catalog.database import APPLICATION_ID, Database
from helios_desktop.catalog.m002_libraries import m002_libraries
from helios_desktop.catalog.m003_sidecars import m003_sidecars
from helios_desktop.catalog.m004_positions import m004_positions
from helios_desktop.errors import CatalogError, CatalogTooNewError

# Why it looks like this:
# - Ids of photos and sequences are AUTOINCREMENT: engines and snapshots remember them, so none is ever given twice.
# - Paths are BLOBs: names need not be UTF-8, and NFC and NFD twins are two files.
# - What a file holds (contents) is apart from where it lies (photos): a move, a copy
#   or an undone edit finds its facts and vectors.
# - photos.sort_key is the camera's wall clock in seconds: one integer to sort and to filter by.
# - Vectors have a narrow index beside their wide rows: "which ones are missing" never reads a vector.
#   A foreign key to contents would need a second index as large; forget_unused deletes them by the first.
# - names is contentless: FTS5 keeps the tokens, the texts stay in photos; rowid is photo_id.
_M001 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE roots (
    root_id INTEGER PRIMARY KEY AUTOINCREMENT,
    path BLOB NOT NULL UNIQUE,
    volume TEXT NOT NULL,
    is_present INTEGER NOT NULL DEFAULT 1,
    is_polled INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE contents (
    content_id INTEGER PRIMARY KEY AUTOINCREMENT,
    content_hash BLOB NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    format TEXT NOT NULL,
    colour INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    unused_since INTEGER,
    unused_root INTEGER
);
CREATE INDEX contents_by_size ON contents (size);
CREATE INDEX contents_unused ON contents (unused_since) WHERE unused_since IS NOT NULL;

CREATE TABLE photos (
    photo_id INTEGER PRIMARY KEY AUTOINCREMENT,
    root_id INTEGER NOT NULL REFERENCES roots,
    path BLOB NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    device INTEGER NOT NULL,
    state INTEGER NOT NULL,
    sort_key INTEGER NOT NULL,
    content_id INTEGER REFERENCES contents,
    is_problem INTEGER NOT NULL DEFAULT 0,
    is_favourite INTEGER NOT NULL DEFAULT 0,
    user_rating INTEGER,
    reason TEXT,
    detail TEXT NOT NULL DEFAULT '',
    width INTEGER,
    height INTEGER,
    format TEXT,
    colour INTEGER,
    taken_at TEXT,
    camera TEXT,
    lens TEXT,
    latitude REAL,
    longitude REAL,
    rating INTEGER,
    title TEXT NOT NULL DEFAULT '',
    caption TEXT NOT NULL DEFAULT '',
    keywords TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX photos_by_root ON photos (root_id, state, is_problem);
CREATE INDEX photos_queue ON photos (state, mtime_ns DESC, photo_id DESC);
CREATE INDEX photos_newest ON photos (state, sort_key DESC, photo_id DESC);
CREATE INDEX photos_by_content ON photos (content_id, state) WHERE content_id IS NOT NULL;
CREATE INDEX photos_by_camera ON photos (camera) WHERE camera IS NOT NULL;
CREATE INDEX photos_by_favourite ON photos (is_favourite) WHERE is_favourite;

CREATE VIRTUAL TABLE names USING fts5 (
    name, folders, title, caption, keywords,
    content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2'
);

CREATE TABLE models (
    model_no INTEGER PRIMARY KEY AUTOINCREMENT,
    model_id TEXT NOT NULL UNIQUE,
    dim INTEGER NOT NULL
);
CREATE TABLE vectors (
    vector_id INTEGER PRIMARY KEY,
    model_no INTEGER NOT NULL REFERENCES models,
    content_id INTEGER NOT NULL,
    vector BLOB NOT NULL
);
CREATE UNIQUE INDEX vectors_by_model ON vectors (model_no, content_id);

CREATE TABLE changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, photo_id INTEGER NOT NULL UNIQUE);
CREATE TABLE cursors (engine TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE albums (
    album_id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
);
CREATE TABLE album_photos (
    album_id INTEGER NOT NULL REFERENCES albums ON DELETE CASCADE,
    photo_id INTEGER NOT NULL REFERENCES photos ON DELETE CASCADE,
    PRIMARY KEY (album_id, photo_id)
) WITHOUT ROWID;
CREATE INDEX album_photos_by_photo ON album_photos (photo_id);
CREATE TABLE parked_marks (
    content_id INTEGER PRIMARY KEY REFERENCES contents ON DELETE CASCADE,
    is_favourite INTEGER NOT NULL,
    user_rating INTEGER,
    albums TEXT NOT NULL
);
CREATE TABLE saved_searches (name TEXT PRIMARY KEY, query TEXT NOT NULL, created_at INTEGER NOT NULL);
CREATE TABLE history (query TEXT PRIMARY KEY, last_used INTEGER NOT NULL);
"""


def m001_the_first_catalogue(connection: apsw.Connection) -> None:
    """Make all tables, and the id that names this catalogue for good."""
    connection.execute(_M001)
    connection.execute(
        "INSERT INTO meta (key, value) VALUES ('catalog_id', ?), ('generation', ?)", (uuid.uuid4().hex, uuid.uuid4().hex)
    )
    connection.pragma("application_id", APPLICATION_ID)


MIGRATIONS: tuple[Callable[[apsw.Connection], None], ...] = (
    m001_the_first_catalogue,
    m002_libraries,
    m003_sidecars,
    m004_positions,
)


def latest_version() -> int:
    """Return the version that this program writes."""
    return len(MIGRATIONS)


def refuse_unless_ours(version: int, application_id: int, path: object) -> None:
    """Raise ``CatalogTooNewError`` for a newer catalogue, ``CatalogError`` for somebody else's database."""
    if application_id not in (0, APPLICATION_ID):
        raise CatalogError(
            f"{path} is a database of another program.", "Move it away, or choose another folder for the catalogue."
        )
    if version > latest_version():
        raise CatalogTooNewError(
            f"The catalogue {path} was written by a newer version of Helios ({version}; this one knows {latest_version()}).",
            "Install the newer version again; the catalogue was left as it is.",
        )


def migrate(database: Database, migrations: tuple[Callable[[apsw.Connection], None], ...] = MIGRATIONS) -> int:
    """Bring the catalogue up to date; return how many steps ran. Other processes wait, then find nothing left to do."""
    done = 0
    for number, step in enumerate(migrations, start=1):
        with database.reading() as connection:
            if int(connection.pragma("user_version")) >= number:
                continue
        with database.writing(durable=True) as connection:
            if int(connection.pragma("user_version")) >= number:
                continue
            step(connection)
            connection.pragma("user_version", number)
            done += 1
    return done
