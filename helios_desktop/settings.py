"""What the user chose, in one TOML file; every default stands here. Passwords never: those live in the system's keyring.

A file that cannot be read is kept aside under another name and the defaults are used, with a message that says so.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
import tomllib
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

import tomli_w

from helios_desktop.errors import SettingsError

ENGINES = ("embedded", "opensearch", "elasticsearch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings with their defaults.

    ``model``: an id that ``helios models list`` shows; empty for the starter model.
    ``engine``: ``embedded``, ``opensearch`` or ``elasticsearch``; the ``engine_`` settings say where it is, under which alias
    its indices are, and what proves both sides (``engine_api_key_env`` names the variable that holds a key,
    ``engine_key_kept`` says that the keyring has one).
    ``device``: where PyTorch runs the models that need it: ``cuda``, ``mps``, ``cpu``; empty for the best one here.
    ``workers``: decode processes, 0 to let Helios choose.
    ``ignore``: glob patterns on names, in addition to the built-in ones. ``thumbnail_px``: longest side of a thumbnail.
    ``cache_megabytes``: the most room for thumbnails, 0 for as much as they need.
    ``appearance``: ``system``, ``light`` or ``dark``. ``language``: ``en``, ``fr``, ``de``; empty for the system's.
    ``pause_on_battery``: the window does not index while there is no mains power.
    ``only_when_idle``: nor while somebody uses the computer. ``wanted_download``: the model that the user asked to be fetched
    and that has not come yet.
    ``backup_count``: how many daily backups of the catalogue are kept.
    """

    model: str = ""
    device: str = ""
    engine: str = "embedded"
    engine_urls: tuple[str, ...] = ()
    engine_index: str = "images"
    engine_user: str = ""
    engine_ca: str = ""
    engine_fingerprint: str = ""
    engine_api_key_env: str = ""
    engine_key_kept: bool = False
    workers: int = 0
    ignore: tuple[str, ...] = ()
    thumbnail_px: int = 512
    cache_megabytes: int = 0
    backup_count: int = 7
    language: str = ""
    appearance: str = "system"
    pause_on_battery: bool = False
    only_when_idle: bool = False
    wanted_download: str = ""
    tile_px: int = 176


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings, and a sentence for the user where the file could not be used as it was."""

    settings: Settings
    notice: str = ""


def load_settings(path: Path) -> LoadedSettings:
    """Read the settings; a missing file means defaults, a damaged one is kept aside and reported."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return LoadedSettings(Settings())
    except OSError as error:
        return LoadedSettings(Settings(), f"The settings could not be read ({error.strerror}); defaults are used.")
    try:
        return LoadedSettings(_from_table(tomllib.loads(text.decode("utf-8"))))
    except (ValueError, TypeError) as error:
        aside = path.with_name(f"{path.stem}.damaged-{time.strftime('%Y%m%d-%H%M%S')}{path.suffix}")
        with contextlib.suppress(OSError):
            path.rename(aside)
        return LoadedSettings(
            Settings(), f"The settings were damaged ({error}); they are kept as {aside.name} and defaults are used."
        )


def save_settings(path: Path, settings: Settings) -> None:
    """Write the settings for this user alone, all or nothing. Raises ``SettingsError`` where that is impossible."""
    table = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(settings).items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(prefix=".settings-", dir=path.parent)  # mkstemp makes it 0600
        try:
            with os.fdopen(handle, "wb") as file:
                tomli_w.dump(table, file)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise SettingsError(
            f"The settings could not be saved in {path.parent} ({error.strerror}).",
            "Make room there or give yourself the right to write, then try again.",
        ) from error


def _from_table(table: dict[str, Any]) -> Settings:
    """Take what fits from a parsed file. Keys that this version does not know are left alone; a wrong type is an error."""
    hints = get_type_hints(Settings)
    values: dict[str, Any] = {}
    for item in fields(Settings):
        if item.name not in table:
            continue
        value = table[item.name]
        wanted = hints[item.name]
        if get_args(wanted):
            if not (isinstance(value, list) and all(isinstance(part, str) for part in value)):
                raise TypeError(f"'{item.name}' should be a list of texts")
            value = tuple(value)
        elif not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise TypeError(f"'{item.name}' should be of type {wanted.__name__}")
        values[item.name] = value
    settings = replace(Settings(), **values)
    if settings.engine not in ENGINES:
        raise ValueError(f"'engine' should be one of {', '.join(ENGINES)}")
    for name in ("workers", "cache_megabytes"):
        if getattr(settings, name) < 0:
            raise ValueError(f"'{name}' should not be below 0")
    return settings
