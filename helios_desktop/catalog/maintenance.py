"""Keeping the catalogue sound: opening what may be damaged, backups, checks, restoring, rebuilding.

Method: SQLite's online backup (https://sqlite.org/backup.html) inside one read transaction, so that writers go on; and
``PRAGMA quick_check`` / ``integrity_check`` for damage.
"""

from __future__ import annotations

import os
import struct
import time
import uuid
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import apsw

from helios_desktop.catalog.database import Database, free_bytes, rows_of
from helios_desktop.catalog.migrations import refuse_unless_ours
from helios_desktop.catalog.outbox import log_changes
from helios_desktop.catalog.recording import index_names
from helios_desktop.catalog.rows import INDEXED
from helios_desktop.errors import CatalogDamagedError, CatalogError, DiskFullError

BACKUPS_KEPT = 7
ROOM_BESIDE_BACKUP_BYTES = 32 * 2**20
FINDINGS_LIMIT = 100
ID_LEAP = 1_000_000
_HEADER_BYTES = 100
_DAMAGE = (apsw.CorruptError, apsw.NotADBError, apsw.FormatError)
_SIDE_FILES = ("-wal", "-shm", "-journal")


def open_sound(path: Path, backups: Path | None) -> tuple[Database, str | None]:
    """Open the catalogue; put a damaged one aside first. Returns it and, in words, what was done about damage."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _refuse_by_header(path)
    try:
        _refuse_emptied(path, backups)
        return _open_checked(path), None
    except CatalogDamagedError as error:
        if backups is None:
            raise
        message = _recover(path, backups, error)
    return _open_checked(path), message


def _refuse_by_header(path: Path) -> None:
    """Judge version and owner from the file's header, before SQLite may touch it. https://sqlite.org/fileformat2.html#the_database_header."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except FileNotFoundError:
        return
    except OSError as error:
        raise CatalogError(
            f"The catalogue {path} cannot be read ({error.strerror}).", "See that you may read it, then try again."
        ) from error
    if len(header) == _HEADER_BYTES and header.startswith(b"SQLite format 3\0"):
        (version,) = struct.unpack(">I", header[60:64])
        (application_id,) = struct.unpack(">I", header[68:72])
        refuse_unless_ours(version, application_id, path)


def _refuse_emptied(path: Path, backups: Path | None) -> None:
    """A file of zero bytes is new only where nothing was ever backed up: a power cut can leave no more than the name."""
    beside = path.with_name(f"{path.name}-wal")
    is_empty = path.exists() and path.stat().st_size == 0 and not (beside.exists() and beside.stat().st_size)
    if is_empty and backups is not None and _newest_good(backups) is not None:
        raise CatalogDamagedError(f"The catalogue {path} is damaged (it is empty).", "Restore a backup.")


def _open_checked(path: Path) -> Database:
    database = Database(path)
    try:
        with database.reading() as connection:
            version, owner = int(connection.pragma("user_version")), int(connection.pragma("application_id"))
            tables = int(connection.execute("SELECT count(*) FROM sqlite_schema").get)
            refuse_unless_ours(version, owner, path)
            if version == 0 and tables:
                raise CatalogError(f"{path} is a database of another program.", "Move it away, then start Helios again.")
            if version:
                connection.execute("SELECT count(*) FROM roots").get  # noqa: B018 - reads, which is the point
                connection.execute("SELECT value FROM meta WHERE key = 'catalog_id'").get  # noqa: B018
        if database.suspect_marker.exists():
            _refuse_damaged(database)
            database.suspect_marker.unlink(missing_ok=True)
    except BaseException:
        database.close(is_tidied=False)
        raise
    return database


def _refuse_damaged(database: Database) -> None:
    with database.reading() as connection:
        findings = _page_findings(connection, "quick_check")
    if findings:
        raise CatalogDamagedError(f"The catalogue {database.path} is damaged ({findings[0]}).", "Restore a backup.")


def _recover(path: Path, backups: Path, error: CatalogDamagedError) -> str:
    aside = _free_name(path, "damaged")
    _move_aside(path, aside)
    kept = f"{error.message} It was kept as {aside.name}"
    good = _newest_good(backups)
    if good is None:
        return f"{kept}; there was no good backup, so Helios begins with an empty catalogue. Add your folders again."
    _fill(path, good)
    return f"{kept}; the backup {good.name} took its place. Photos that came after that day are indexed again."


def _newest_good(backups: Path) -> Path | None:
    return next((file for file in _backups(backups) if _is_good(file)), None)


def _free_name(path: Path, why: str) -> Path:
    moment = datetime.now().astimezone().strftime("%Y%m%dT%H%M%S")
    for number in range(1000):
        candidate = path.with_name(f"{path.stem}.{why}-{moment}{f'-{number}' if number else ''}{path.suffix}")
        if not candidate.exists():
            return candidate
    raise CatalogError(f"There are too many files like {path.stem}.{why} in {path.parent}.", "Remove some of them.")


def _page_findings(connection: apsw.Connection, pragma: str) -> list[str]:
    """Run a check pragma; damage that stops the check itself is a finding too."""
    try:
        rows = connection.execute(f"PRAGMA {pragma}({FINDINGS_LIMIT})").fetchall()
    except _DAMAGE as error:
        return [str(error)]
    return [str(row[0]) for row in rows if row[0] != "ok"]


def _is_good(file: Path) -> bool:
    try:
        _refuse_by_header(file)
        with _opened_readonly(file) as connection:
            return not _page_findings(connection, "quick_check") and bool(connection.pragma("user_version"))
    except (apsw.Error, CatalogError):
        return False


class _opened_readonly:  # noqa: N801 - reads as a verb at its only uses
    """A connection to a single file that nobody writes, closed at the end."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __enter__(self) -> apsw.Connection:
        self._connection = apsw.Connection(str(self._file), flags=apsw.SQLITE_OPEN_READONLY)
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def backup_of_today(folder: Path) -> Path:
    """Return where today's backup lies, made or not."""
    return folder / f"catalog-{datetime.now().astimezone():%Y-%m-%d}.sqlite"


def backup(database: Database, folder: Path) -> Path:
    """Write today's backup in the place of an older one of today; keep the newest seven. See ``Catalog.backup``."""
    target = backup_of_today(folder)
    with database.faults():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        free = free_bytes(target)
        if free is not None and free < database.path.stat().st_size + ROOM_BESIDE_BACKUP_BYTES:
            raise DiskFullError(f"There is no room for a backup in {folder}.", "Make room there; the next start tries again.")
        temporary = folder / f".{target.name}.{os.getpid()}.tmp"
        try:
            copy_to(database, temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    for old in _backups(folder)[BACKUPS_KEPT:]:
        old.unlink(missing_ok=True)
    return target


def _backups(folder: Path) -> list[Path]:
    """Return all backups, newest first."""
    return sorted(folder.glob("catalog-*.sqlite"), reverse=True)


def copy_to(database: Database, target: Path) -> None:
    """Copy the catalogue, as of one moment, into one file of its own; checked. Raises ``CatalogDamagedError``."""
    target.unlink(missing_ok=True)
    with database.reading() as source:
        source.execute("BEGIN")
        try:
            source.execute("SELECT count(*) FROM sqlite_schema").get  # noqa: B018 - takes the snapshot: writers no longer restart the copy
            copy = apsw.Connection(str(target))
            try:
                with copy.backup("main", source, "main") as running:
                    running.step(-1)
                copy.pragma("journal_mode", "delete")  # one file, to be moved about
                findings = _page_findings(copy, "quick_check")
            finally:
                copy.close()
        finally:
            source.execute("ROLLBACK")
    target.chmod(0o600)
    if findings:
        database.mark_suspect()
        raise CatalogDamagedError(
            f"The catalogue {database.path} is damaged ({findings[0]}).",
            "Start Helios again: the damaged file is kept aside and the last good backup is used.",
        )


def check(database: Database, *, is_thorough: bool) -> list[str]:
    """Look for damage without changing anything. See ``Catalog.check``."""
    with database.inspecting() as connection:
        findings = _page_findings(connection, "integrity_check" if is_thorough else "quick_check")
        if findings:
            database.mark_suspect()
        try:
            findings += [f"foreign key without its row: {row}" for row in connection.execute("PRAGMA foreign_key_check")]
            findings += _content_findings(connection)
        except _DAMAGE as error:
            findings.append(str(error))
    return findings[:FINDINGS_LIMIT]


def _content_findings(connection: apsw.Connection) -> list[str]:
    questions = {
        "vectors of a wrong length": (
            "SELECT count(*) FROM vectors v JOIN models m USING (model_no) WHERE length(vector) != 2 * m.dim"
        ),
        "vectors of no content": (
            "SELECT count(*) FROM vectors v WHERE NOT EXISTS (SELECT 1 FROM contents c WHERE c.content_id = v.content_id)"
        ),
        "vectors of a wrong length in other libraries": (
            "SELECT count(*) FROM remote_photos p JOIN libraries l USING (library_no) WHERE length(vector) != 2 * l.dim"
        ),
        "libraries with a wrong count": (
            "SELECT count(*) FROM libraries l"
            " WHERE photo_count != (SELECT count(*) FROM remote_photos p WHERE p.library_no = l.library_no)"
        ),
        "indexed photos without content": f"SELECT count(*) FROM photos WHERE state = {INDEXED} AND content_id IS NULL",  # noqa: S608
        "photos that the full-text index does not know": (
            "SELECT (SELECT count(*) FROM photos) - (SELECT count(*) FROM names_docsize d JOIN photos p ON p.photo_id = d.id)"
        ),
    }
    found = {what: int(connection.execute(question).get) for what, question in questions.items()}
    return [f"{count} {what}" for what, count in found.items() if count]


def restore(path: Path, file: Path | None, backups: Path) -> tuple[Path, Path | None]:
    """Copy a backup over the catalogue, page by page, in one transaction. See ``Catalog.restore``."""
    chosen = _newest_good(backups) if file is None else file
    if chosen is None:
        raise CatalogError(f"There is no good backup in {backups}.", "Name the file of another one.")
    if not chosen.is_file():
        raise CatalogError(f"There is no file {chosen}.", "Choose one of the backups.")
    _refuse_by_header(chosen)
    if not _is_good(chosen):
        raise CatalogDamagedError(f"The backup {chosen} is damaged or no catalogue.", "Choose an older backup.")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = _keep_aside(path) if path.exists() else None
    _fill(path, chosen)
    return chosen, aside


def _keep_aside(path: Path) -> Path:
    """Keep a copy of the catalogue; one that cannot even be opened is moved away."""
    aside = _free_name(path, "before-restore")
    try:
        database = Database(path)
    except CatalogDamagedError:
        _move_aside(path, aside)
        return aside
    try:
        with suppress(CatalogDamagedError):  # what is damaged is kept as well as it can be copied
            copy_to(database, aside)
    finally:
        database.close()
    return aside


def _move_aside(path: Path, aside: Path) -> None:
    for suffix in ("", *_SIDE_FILES):
        with suppress(FileNotFoundError):
            Path(f"{path}{suffix}").rename(f"{aside}{suffix}")
    Path(f"{path}.suspect").unlink(missing_ok=True)


def _fill(path: Path, file: Path) -> None:
    """Put the content of ``file`` into the catalogue at ``path``, and let engines and snapshots hear of it."""
    database = Database(path)
    try:
        heard_of = _ids_heard_of(database)
        with database.faults(), database.locked(), _opened_readonly(file) as source:
            database.fill_from(source)
        with database.writing(durable=True) as connection:
            _begin_generation(connection)
            log_changes(connection, heard_of)
            _log_everything(connection)
        database.suspect_marker.unlink(missing_ok=True)
    finally:
        database.close()


def _ids_heard_of(database: Database) -> list[int]:
    """Return the ids of all photos that engines may know, as far as a damaged catalogue can still tell."""
    try:
        with database.reading() as connection:
            if not connection.table_exists("main", "changes"):
                return []
            return [row[0] for row in rows_of(connection, "SELECT photo_id FROM changes")]
    except CatalogDamagedError:
        return []


def _begin_generation(connection: apsw.Connection) -> None:
    """Make sure that no id and no sequence of a time that was lost is given again: both leap to the clock's seconds."""
    connection.execute("UPDATE meta SET value = ? WHERE key = 'generation'", (uuid.uuid4().hex,))
    for table in _tables_here(connection, "photos", "changes", "libraries", "remote_changes"):
        connection.execute(
            "INSERT INTO sqlite_sequence (name, seq)"
            " SELECT ?, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?)",
            (table, table),
        )
        leap = (ID_LEAP, int(time.time()), table)
        connection.execute("UPDATE sqlite_sequence SET seq = max(seq + ?, ?) WHERE name = ?", leap)


def _tables_here(connection: apsw.Connection, *names: str) -> list[str]:
    """Those of ``names`` that exist: an older backup gets its later tables only when it is opened."""
    return [name for name in names if connection.table_exists("main", name)]


def _log_everything(connection: apsw.Connection) -> None:
    if _tables_here(connection, "remote_photos"):
        connection.execute(
            "INSERT OR REPLACE INTO remote_changes (photo_id, library_no) SELECT photo_id, library_no FROM remote_photos"
            " ORDER BY photo_id"
        )
    connection.execute(
        "INSERT OR REPLACE INTO changes (photo_id) SELECT photo_id FROM photos WHERE state = ? ORDER BY photo_id", (INDEXED,)
    )


def rebuild(database: Database) -> None:
    """See ``Catalog.rebuild``."""
    with database.writing(durable=True) as connection:
        connection.execute("REINDEX")
        connection.execute("INSERT INTO names (names) VALUES ('delete-all')")
        rows = rows_of(
            connection,
            "SELECT p.photo_id, p.path, r.path, p.title, p.caption, p.keywords"
            " FROM photos p JOIN roots r ON r.root_id = p.root_id",
        )
        for photo_id, path, root, *texts in rows:
            index_names(connection, photo_id, path, root, tuple(texts), is_new=True)
        _begin_generation(connection)
        _log_everything(connection)
    database.compact()
