"""Where Helios keeps its own files, and where the files that ship with it lie.

Everything is under the system's usual folders, or below one base folder where ``HELIOS_HOME`` is set.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

APP_NAME = "helios-desktop"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppPaths:
    """Our own folders: ``config`` (settings), ``data`` (catalogue, models), ``cache`` (all that can be made again), ``log``."""

    config: Path
    data: Path
    cache: Path
    log: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> AppPaths:
        """Follow ``HELIOS_HOME`` where it is set and not empty, else the system's own conventions."""
        home = (os.environ if environ is None else environ).get("HELIOS_HOME", "")
        if home:
            base = Path(home).expanduser().absolute()
            return cls(config=base / "config", data=base / "data", cache=base / "cache", log=base / "log")
        dirs = platformdirs.PlatformDirs(APP_NAME, appauthor=False)
        return cls(
            config=Path(dirs.user_config_dir),
            data=Path(dirs.user_data_dir),
            cache=Path(dirs.user_cache_dir),
            log=Path(dirs.user_log_dir),
        )

    def create(self) -> None:
        """Make the folders, for this user alone (0700). Raises ``OSError``, also where SQLite could not open a file in them."""
        for folder in (self.data, self.cache):
            try:
                str(folder).encode("utf-8")
            except UnicodeEncodeError as error:
                raise OSError(errno.EILSEQ, "its name is not UTF-8", ascii(str(folder))) from error
        for folder in (self.config, self.data, self.cache, self.log):
            if not folder.parent.exists():  # HELIOS_HOME; mkdir gives its mode to the last folder only
                folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.mkdir(exist_ok=True, mode=0o700)
            folder.chmod(0o700)

    @property
    def real_folders(self) -> tuple[bytes, ...]:
        """All of them, links resolved."""
        return tuple(os.path.realpath(os.fsencode(folder)) for folder in (self.config, self.data, self.cache, self.log))

    @property
    def settings_file(self) -> Path:
        """The settings, TOML."""
        return self.config / "settings.toml"

    @property
    def catalog_file(self) -> Path:
        """The catalogue: the truth."""
        return self.data / "catalog.sqlite"

    @property
    def backups(self) -> Path:
        """Daily backups of the catalogue."""
        return self.data / "backups"

    @property
    def models(self) -> Path:
        """Model packs that the user installed or downloaded."""
        return self.data / "models"

    @property
    def thumbnails_file(self) -> Path:
        """Thumbnails, which can be made again from the photos."""
        return self.cache / "thumbnails.sqlite"

    @property
    def remote_file(self) -> Path:
        """Thumbnails of pictures that lie elsewhere, which can be fetched again."""
        return self.cache / "remote.sqlite"

    @property
    def index(self) -> Path:
        """Snapshots of the embedded index, which can be made again from the catalogue."""
        return self.cache / "index"

    @property
    def web(self) -> Path:
        """What ``helios serve`` keeps: paired devices (hashed) and the certificate that it shows them."""
        return self.data / "web"

    @property
    def scan_lock(self) -> Path:
        """Held by the one process that scans folders."""
        return self.data / "scan.lock"

    @property
    def embed_lock(self) -> Path:
        """Held by the one process that decodes and embeds photos."""
        return self.data / "embed.lock"

    @property
    def engine_lock(self) -> Path:
        """Held by the one process that sends changes to a search engine."""
        return self.data / "engine.lock"


def own_command(*arguments: str) -> list[str]:
    """Return the command that starts this very installation with these arguments."""
    if getattr(sys, "frozen", False):
        # The window's program has no standard streams on Windows; the one for terminals lies beside it on every system.
        return [str(Path(sys.executable).with_name(f"helios{Path(sys.executable).suffix}")), *arguments]
    # -P: the folder that Helios was started in may hold somebody's photos, and a json.py of theirs must not be imported.
    return [sys.executable, "-P", "-m", "helios_desktop", *arguments]


def resources_dir() -> Path:
    """Return the folder of the files that ship with Helios: frozen bundle, installed wheel, or checkout."""
    package = Path(__file__).resolve().parent
    for candidate in (package / "_resources", package.parent / "resources"):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError("The folder 'resources' is missing from this installation of Helios; install it again.")
