"""Settings -> the search engine in use: its connection, its indices, and what the rest of the application asks of both.

The settings are read anew at each use, since another process may have written them; a connection is kept as long as they stay.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from helios_desktop.catalog.store import Catalog
from helios_desktop.errors import SettingsError
from helios_desktop.passwords import engine_password, kept_key
from helios_desktop.paths import AppPaths
from helios_desktop.settings import Settings, load_settings

if TYPE_CHECKING:  # as in ``parts``: what is not in use is not imported
    from helios_desktop.index.base import VectorIndex
    from helios_desktop.index.engine_base import Engine, ServerInfo
    from helios_desktop.index.engine_connection import EngineConnection, EngineKind
    from helios_desktop.index.engine_index import EngineIndex
    from helios_desktop.pipeline.mirrored import Mirrored

EMBEDDED = "embedded"
CONTAINER_VARIABLE = "HELIOS_IN_CONTAINER"


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection that was made, and what answered."""

    engine: Engine
    info: ServerInfo


class EngineParts:
    """Makes and keeps them; all methods are for any thread."""

    def __init__(self, *, paths: AppPaths, catalog: Catalog, on_close: Callable[[Callable[[], None]], None]) -> None:
        self._paths = paths
        self._catalog = catalog
        self._lock = threading.RLock()
        self._preferred = ""
        self._key: tuple[Settings, str] | None = None
        self._connected: Connected | None = None
        self._indexes: dict[tuple[str, int, str], EngineIndex] = {}
        on_close(self.disconnect)

    def settings(self) -> Settings:
        """What the user chose last, or what was preferred for this process."""
        settings = load_settings(self._paths.settings_file).settings
        return replace(settings, engine=self._preferred) if self._preferred else settings

    def prefer(self, engine: str) -> None:
        """Use another engine than the settings say, in this process alone. Raises ``SettingsError`` for an unknown one."""
        if engine != EMBEDDED:
            kind_of(engine)
        self._preferred = engine

    @property
    def is_in_use(self) -> bool:
        """Whether an engine other than the embedded index is in use."""
        return self.settings().engine != EMBEDDED

    def connected(self) -> Connected | None:
        """Return the connection to the engine in use, made now where there is none; None for the embedded index.

        Raises ``EngineError``, and ``SettingsError`` where the settings cannot be used.
        """
        settings = self.settings()
        if settings.engine == EMBEDDED:
            self.disconnect()
            return None
        key = (settings, os.environ.get(settings.engine_api_key_env, ""))
        with self._lock:
            if self._connected is None or self._key != key:
                self.disconnect()
                self._connected = connect_to(settings)
                self._key = key
            return self._connected

    def index(self, mirrored: Mirrored) -> EngineIndex | None:
        """Return the index of a library on the engine in use. Raises as ``connected`` does."""
        from helios_desktop.index.engine_index import EngineIndex
        from helios_desktop.index.engine_indices import Owner
        from helios_desktop.index.engine_names import IndexNames

        with self._lock:
            connected = self.connected()
            if connected is None:
                return None
            key = (mirrored.library, mirrored.number, str(mirrored.model_id))
            found = self._indexes.get(key)
            if found is None:
                names = IndexNames(alias=self.settings().engine_index, library=mirrored.library, model_id=mirrored.model_id)
                owner = Owner(catalogue_id=self._catalog.catalog_id, library_number=mirrored.number)
                found = EngineIndex(connected.engine, names, mirrored.dim, owner, mirrored.facts_of)
                self._indexes[key] = found
            return found

    def in_front_of(self, mirrored: Mirrored, embedded: Callable[[], VectorIndex]) -> VectorIndex:
        """Return what searches ask: the engine in use, else the embedded index."""
        from helios_desktop.pipeline.engine_search import EngineFirst

        return EngineFirst(
            engine=lambda: self.index(mirrored), embedded=embedded, mirrored=mirrored, changes=self._catalog.changes
        )

    def disconnect(self) -> None:
        """Close the connection, where there is one; the next use makes it again."""
        with self._lock:
            connected, self._connected = self._connected, None
            self._indexes.clear()
        if connected is not None:
            connected.engine.close()


def connect_to(settings: Settings, password: str | None = None, api_key: str | None = None) -> Connected:
    """Connect as the settings say, with these secrets or those that are kept. Raises ``EngineError``, ``SettingsError``."""
    from helios_desktop.index.engines import connect

    engine, info = connect(connection_of(settings, password, api_key), kind_of(settings.engine))
    return Connected(engine, info)


def kind_of(engine: str) -> EngineKind:
    """Return the setting as a kind. Raises ``SettingsError`` for anything else."""
    if engine == "opensearch":
        return "opensearch"
    if engine == "elasticsearch":
        return "elasticsearch"
    raise SettingsError(f"'{engine}' is no search engine that Helios knows.", "Run: helios engine use embedded")


def connection_of(settings: Settings, password: str | None = None, api_key: str | None = None) -> EngineConnection:
    """Return the connection that the settings describe. Raises ``SettingsError`` where they break a rule."""
    from helios_desktop.index.engine_connection import DEFAULT_URL, EngineConnection

    urls = settings.engine_urls or (DEFAULT_URL,)
    if api_key is None:
        api_key = kept_key(urls[0]) if settings.engine_key_kept else ""
    if settings.engine_api_key_env:
        api_key = os.environ.get(settings.engine_api_key_env, "")
        if not api_key:
            raise SettingsError(
                f"The environment variable {settings.engine_api_key_env}, which should hold the engine's key, is empty.",
                "Set it where Helios runs.",
            )
    if password is None:
        password = engine_password(settings.engine_user, urls[0])
    return EngineConnection(
        urls=urls,
        user=settings.engine_user,
        password=password,
        api_key=api_key,
        ca_file=Path(settings.engine_ca) if settings.engine_ca else None,
        fingerprint=settings.engine_fingerprint,
        is_in_container=os.environ.get(CONTAINER_VARIABLE) == "1",
    )
