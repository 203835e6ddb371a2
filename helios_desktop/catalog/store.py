"""The catalogue: opens the file, brings it up to date, wires the parts, closes."""

from __future__ import annotations

from pathlib import Path

from helios_desktop.catalog import maintenance
from helios_desktop.catalog.coverage import ModelCoverage
from helios_desktop.catalog.database import NO_ROOM_BYTES, Database, free_bytes
from helios_desktop.catalog.facets import FacetCounts
from helios_desktop.catalog.folders import Folders
from helios_desktop.catalog.libraries import Libraries
from helios_desktop.catalog.marks import Marks
from helios_desktop.catalog.migrations import migrate
from helios_desktop.catalog.outbox import ChangeLog
from helios_desktop.catalog.photos import Photos
from helios_desktop.catalog.portable import PortableVectors
from helios_desktop.catalog.roots import Roots
from helios_desktop.catalog.sidecars import SidecarQueue
from helios_desktop.catalog.vectors import Vectors

ROOM_TO_RESUME_BYTES = 64 * NO_ROOM_BYTES


class Catalog:
    """One library. Any number of processes and threads may hold it at once.

    ``recovered`` tells, in words for a person, what was done about a damaged file when it was opened; None if nothing was.
    """

    roots: Roots
    folders: Folders
    facets: FacetCounts
    photos: Photos
    sidecars: SidecarQueue
    vectors: Vectors
    marks: Marks
    changes: ChangeLog
    models: ModelCoverage
    libraries: Libraries
    portable: PortableVectors

    def __init__(self, database: Database, *, backups: Path | None = None, recovered: str | None = None) -> None:
        self._database = database
        self._backups = backups
        self.recovered = recovered
        self.roots = Roots(database)
        self.folders = Folders(database)
        self.facets = FacetCounts(database)
        self.photos = Photos(database)
        self.sidecars = SidecarQueue(database)
        self.vectors = Vectors(database)
        self.marks = Marks(database)
        self.changes = ChangeLog(database)
        self.models = ModelCoverage(database)
        self.libraries = Libraries(database)
        self.portable = PortableVectors(database)

    @classmethod
    def open(cls, path: Path, *, backups: Path | None = None) -> Catalog:
        """Open the catalogue at ``path``, or make it.

        A damaged file is kept aside and the last good backup takes its place (without one, an empty catalogue), which
        ``recovered`` tells; without a ``backups`` folder it raises ``CatalogDamagedError``. Raises ``CatalogTooNewError`` for
        one of a newer version, which is left untouched, and other ``CatalogError`` kinds where the file cannot be used.
        """
        database, recovered = maintenance.open_sound(path, backups)
        try:
            migrate(database)
        except BaseException:
            database.close(is_tidied=False)
            raise
        return cls(database, backups=backups, recovered=recovered)

    @property
    def path(self) -> Path:
        """The file."""
        return self._database.path

    @property
    def catalog_id(self) -> str:
        """The name of this catalogue for good (uuid4, hex): engines keep it beside their documents."""
        return self._meta("catalog_id")

    @property
    def generation(self) -> str:
        """Another name (uuid4, hex) after each restore and rebuild: snapshots made under an older one are worthless."""
        return self._meta("generation")

    def _meta(self, key: str) -> str:
        with self._database.reading() as connection:
            return str(connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).get)

    def data_version(self) -> int:
        """Return a number that differs after any commit of any process. Cheap."""
        return self._database.data_version()

    def has_room(self, needed_bytes: int = ROOM_TO_RESUME_BYTES) -> bool:
        """Whether the catalogue's disk has room again: work that a ``DiskFullError`` paused may go on."""
        free = free_bytes(self.path)
        return free is not None and free >= needed_bytes

    def backup(self) -> Path:
        """Make today's backup anew and return its file; the newest seven are kept.

        Raises ``CatalogDamagedError`` when the catalogue is not sound (older backups stay), ``DiskFullError`` without room.
        """
        return maintenance.backup(self._database, self._backup_folder)

    def backup_if_due(self) -> Path | None:
        """Make the day's first backup; None where there is one already, or nothing to keep yet. Raises as ``backup`` does."""
        if maintenance.backup_of_today(self._backup_folder).exists() or not self.changes.last_sequence():
            return None
        return self.backup()

    @property
    def _backup_folder(self) -> Path:
        return self._backups or self.path.parent / "backups"

    def check(self, *, quick: bool = False) -> list[str]:
        """Look at every page for damage and return what was found, nothing where the catalogue is sound.

        ``quick`` leaves out whether indexes agree with their tables. Nothing is changed; after a finding, the next start looks
        again and restores the last good backup if need be.
        """
        return maintenance.check(self._database, is_thorough=not quick)

    @classmethod
    def restore(cls, path: Path, file: Path | None = None, *, backups: Path) -> tuple[Path, Path | None]:
        """Put a backup (the newest good one where ``file`` is None) in the place of the catalogue.

        Returns the backup, and where the catalogue of before was kept (None where there was none). Other processes that hold
        the catalogue see the restored one at once. Raises ``CatalogError`` kinds where the backup is missing, damaged or too
        new; then nothing was changed.
        """
        restored, aside = maintenance.restore(path, file, backups)
        cls.open(path, backups=backups).close()
        return restored, aside

    def rebuild(self) -> None:
        """Make anew what follows from the rest: SQL indexes, full-text index, change log; give room back to the disk."""
        maintenance.rebuild(self._database)

    def close(self) -> None:
        """Close the file. What was committed is there already."""
        self._database.close()
