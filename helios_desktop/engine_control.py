"""The search engine in use, as the window, the command line and the server see it: choose it, bring it in step, look at it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from helios_desktop.domain import PHOTOS_LIBRARY
from helios_desktop.errors import KnownError
from helios_desktop.parts.engines import EMBEDDED, EngineParts, connect_to
from helios_desktop.parts.library import Parts
from helios_desktop.passwords import PASSWORD_VARIABLE, forget_key, forget_password, keep_key, keep_password
from helios_desktop.pipeline.jobs import CancelToken
from helios_desktop.settings import Settings, load_settings, save_settings

if TYPE_CHECKING:
    from helios_desktop.index.engine_index import EngineIndex
    from helios_desktop.pipeline.engine_status import EngineStatus, MirrorStatus
    from helios_desktop.pipeline.mirrored import Mirrored
    from helios_desktop.pipeline.sending import Patience
    from helios_desktop.pipeline.sync import SyncReport
    from helios_desktop.pipeline.verify import Verified

LOCK_POLL_SECONDS = 0.2
READERS_LIBRARY = "unsplash"
"""The library that the plain alias names as soon as it is there: what the ancestor's readers look for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineChoice:
    """What ``engine use`` says. Empty fields mean the defaults; secrets are kept in the keyring, never in a file.

    ``password`` and ``api_key``: None for the one that is kept already.
    """

    engine: str
    urls: tuple[str, ...] = ()
    index: str = "images"
    user: str = ""
    ca: str = ""
    fingerprint: str = ""
    api_key_env: str = ""
    password: str | None = None
    api_key: str | None = None

    def __repr__(self) -> str:
        return f"EngineChoice(engine={self.engine!r}, urls={self.urls!r})"


class EngineControl:
    """What may be asked of the engine in use. For any thread."""

    def __init__(self, parts: Parts, token: CancelToken) -> None:
        self._parts = parts
        self._catalog = parts.catalog
        self._token = token

    @property
    def _engines(self) -> EngineParts:
        return self._parts.engines

    def use(self, choice: EngineChoice) -> EngineStatus:
        """Choose an engine, once it was reached and is what it should be. Raises ``SettingsError`` and ``EngineError``."""
        path = self._parts.paths.settings_file
        before = load_settings(path).settings
        if choice.engine == EMBEDDED:
            save_settings(path, replace(before, engine=EMBEDDED))
            self._after_change()
            return self.status()
        settings = _settings_for(choice, before)
        connected = connect_to(settings, choice.password, choice.api_key)
        connected.engine.close()
        if choice.user and choice.password and choice.password != os.environ.get(PASSWORD_VARIABLE):
            keep_password(choice.user, _first_url(settings), choice.password)
        if choice.api_key:
            keep_key(_first_url(settings), choice.api_key)
        save_settings(path, settings)
        self._after_change()
        return self.status()

    def test(self, choice: EngineChoice) -> str:
        """Reach an engine and change nothing; what answered, for people. Raises ``SettingsError`` and ``EngineError``."""
        before = load_settings(self._parts.paths.settings_file).settings
        connected = connect_to(_settings_for(choice, before), choice.password, choice.api_key)
        connected.engine.close()
        return connected.info.title

    def start_local(self, kind: str, *, tell: Callable[[str], None] = lambda _: None) -> EngineStatus:
        """Start an engine in Docker on this computer, wait until it is healthy, and use it.

        Raises ``IndexUnavailableError`` where that cannot be, ``SettingsError`` and ``EngineError``.
        """
        from helios_desktop.node.local_engine import LocalEngine, shipped_files
        from helios_desktop.node.secrets_file import read_variables
        from helios_desktop.parts.engines import kind_of
        from helios_desktop.paths import resources_dir

        resources = resources_dir()
        local = LocalEngine(self._parts.paths.data / "engine", shipped_files((resources / "docker", resources.parent)))
        running = local.up(kind_of(kind), tell=tell)
        password = read_variables(running.variables_file)[running.password_variable]
        choice = EngineChoice(
            engine=running.kind, urls=(running.url,), user=running.user, ca=str(running.ca_file), password=password
        )
        return self.use(choice)

    def status(self) -> EngineStatus:
        """Look at the engine in use. Never raises over the engine: what is wrong with it is in the answer."""
        from helios_desktop.pipeline.engine_status import EngineStatus, kept_pause

        settings = self._engines.settings()
        if settings.engine == EMBEDDED:
            return EngineStatus(engine=EMBEDDED)
        pause = kept_pause(self._catalog.changes)
        urls = settings.engine_urls or (_first_url(settings),)
        try:
            connected = self._engines.connected()
            libraries = tuple(self._mirror_status(one) for one in self._mirrored())
        except KnownError as error:
            return EngineStatus(
                engine=settings.engine,
                urls=urls,
                alias=settings.engine_index,
                pause=pause,
                problem=error.message,
                remedy=error.remedy,
            )
        return EngineStatus(
            engine=settings.engine,
            server="" if connected is None else connected.info.title,
            urls=urls,
            alias=settings.engine_index,
            libraries=libraries,
            pause=pause,
        )

    def pause_sentence(self) -> str:
        """Say why sending stands still, empty where it does not. Asks no server."""
        from helios_desktop.pipeline.engine_status import kept_pause

        pause = kept_pause(self._catalog.changes) if self._engines.is_in_use else None
        return "" if pause is None else pause.sentence()

    def sync(
        self,
        token: CancelToken | None = None,
        *,
        on_progress: Callable[[int], None] = lambda _: None,
        is_rebuild: bool = False,
        patience: Patience | None = None,
    ) -> list[SyncReport]:
        """Bring every library in step and wait for it. Raises ``KnownError`` kinds where sending has to pause.

        ``is_rebuild``: fill new indices from the beginning, beside those that answer meanwhile; nothing is embedded again.
        """
        from helios_desktop.pipeline.engine_status import end_pause, keep_pause
        from helios_desktop.pipeline.sync import EngineSync

        token = token or self._token
        if not self._engines.is_in_use:
            raise _none_in_use()
        reports = []
        with self._lock(token):
            try:
                for mirrored in self._mirrored():
                    syncing = EngineSync(
                        index=self._index(mirrored),
                        mirrored=mirrored,
                        changes=self._catalog.changes,
                        token=token,
                        takes_alias=mirrored.library == self._readers_library(),
                        patience=patience,
                        on_progress=on_progress,
                    )
                    reports.append(syncing.run(is_rebuild=is_rebuild))
                self._drop_removed()
            except KnownError as error:
                keep_pause(self._catalog.changes, error, datetime.now(UTC).isoformat(timespec="seconds"))
                raise
            end_pause(self._catalog.changes)
        return reports

    def sync_quietly(self) -> None:
        """Send what is new, without patience for an engine that is away; why it paused is kept for ``status``."""
        from helios_desktop.pipeline.sending import Patience

        if self._engines.is_in_use:
            with suppress(KnownError):
                self.sync(patience=Patience(tries=1))

    def start(self) -> None:
        """Keep the engine in step from now on, in a thread of its own."""
        from helios_desktop.pipeline.engine_lane import EngineLane

        if self._parts.engine_lane is None:
            lane = EngineLane(sync=self._sync_all, changes=self.change_token, is_in_use=lambda: self._engines.is_in_use)
            self._parts.engine_lane = lane
            self._parts.on_close(lane.stop)
        self._parts.engine_lane.start()

    def _sync_all(self, token: CancelToken) -> None:
        self.sync(token)

    def verify(self) -> list[Verified]:
        """Bring every library in step, compare ids and a sample of vectors, and mend. Raises ``KnownError`` kinds."""
        from helios_desktop.pipeline.verify import verify

        self.sync()
        found = []
        with self._lock(self._token):
            for mirrored in self._mirrored():
                index = self._index(mirrored)
                state = index.look()
                if state is not None:
                    found.append(verify(index, mirrored, state, self._token))
        return found

    def forget(self) -> list[str]:
        """Delete this catalogue's indices on the engine, go back to the embedded index; the names of what was deleted."""
        from helios_desktop.index.engine_indices import own_indices
        from helios_desktop.pipeline.engine_status import end_pause

        deleted = []
        with self._lock(self._token):
            settings = self._engines.settings()
            connected = self._engines.connected()
            if connected is not None:
                for own in own_indices(connected.engine, settings.engine_index, self._catalog.catalog_id):
                    connected.engine.request("DELETE", f"/{own.name}")
                    self._catalog.changes.forget_cursors(f"{own.uuid}/")
                    deleted.append(own.name)
            end_pause(self._catalog.changes)
            if settings.engine_user:
                forget_password(settings.engine_user, _first_url(settings))
            if settings.engine_key_kept:
                forget_key(_first_url(settings))
            cleared = replace(
                settings,
                engine=EMBEDDED,
                engine_urls=(),
                engine_user="",
                engine_ca="",
                engine_fingerprint="",
                engine_api_key_env="",
                engine_key_kept=False,
            )
            save_settings(self._parts.paths.settings_file, cleared)
            self._after_change()
        return deleted

    def try_again(self) -> None:
        """Have a paused sending go on now."""
        self._parts.wake()

    def change_token(self) -> tuple[object, ...]:
        """Return what differs when there may be something to send, or another place to send it to."""
        settings = self._engines.settings()
        where = (settings.engine, settings.engine_urls, settings.engine_index, self._parts.model.model_id)
        libraries = self._catalog.libraries.all()
        remote = self._catalog.libraries.changes(libraries[0]).change_token() if libraries else 0
        return (where, self._catalog.changes.change_token(), remote, *(library.number for library in libraries))

    def _after_change(self) -> None:
        from helios_desktop.pipeline.engine_status import end_pause

        end_pause(self._catalog.changes)
        self._engines.disconnect()
        self._parts.wake()

    def _mirrored(self) -> Iterator[Mirrored]:
        from helios_desktop.pipeline.mirrored import mirrored_library, mirrored_photos

        model = self._parts.model
        yield mirrored_photos(self._catalog, model.model_id, model.dim)
        for library in self._catalog.libraries.all():
            yield mirrored_library(self._catalog, library)

    def _readers_library(self) -> str:
        return READERS_LIBRARY if self._catalog.libraries.get(READERS_LIBRARY) is not None else PHOTOS_LIBRARY

    def _index(self, mirrored: Mirrored) -> EngineIndex:
        index = self._engines.index(mirrored)
        if index is None:
            raise _none_in_use()
        return index

    def _mirror_status(self, mirrored: Mirrored) -> MirrorStatus:
        from helios_desktop.pipeline.engine_status import MirrorStatus
        from helios_desktop.pipeline.sync import VISIBLE, cursor_key

        index = self._index(mirrored)
        index.use(None)
        state = index.look()
        cursor = 0 if state is None else self._catalog.changes.cursor(cursor_key(state, VISIBLE))
        later = mirrored.source.changes_since(mirrored.model_id, mirrored.dim, cursor) if cursor else ()
        behind = sum(len(batch.photo_ids) for batch in later) if cursor else mirrored.count()
        return MirrorStatus(
            library=mirrored.library,
            model_id=mirrored.model_id,
            index=None if state is None else state.name,
            photos=mirrored.count(),
            there=0 if state is None else index.count(),
            behind=behind,
        )

    def _drop_removed(self) -> None:
        """Delete the indices of libraries that were removed: nothing of them stays on the engine."""
        from helios_desktop.index.engine_indices import own_indices

        connected = self._engines.connected()
        if connected is None:
            return
        present = {(library.name, library.number) for library in self._catalog.libraries.all()} | {(PHOTOS_LIBRARY, 0)}
        for own in own_indices(connected.engine, self._engines.settings().engine_index, self._catalog.catalog_id):
            if (own.library, own.library_number) not in present:
                connected.engine.request("DELETE", f"/{own.name}")
                self._catalog.changes.forget_cursors(f"{own.uuid}/")

    @contextmanager
    def _lock(self, token: CancelToken) -> Iterator[None]:
        """Hold what one process at a time may hold; wait for another one to finish."""
        from filelock import FileLock, Timeout

        lock = FileLock(self._parts.paths.engine_lock)
        while True:
            try:
                lock.acquire(timeout=0)
                break
            except Timeout:
                token.wait(LOCK_POLL_SECONDS)
        try:
            yield
        finally:
            lock.release()


def _settings_for(choice: EngineChoice, before: Settings) -> Settings:
    """Return the settings that a choice means. Raises ``SettingsError`` for an alias that cannot be one."""
    from helios_desktop.index.engine_names import checked_alias

    is_same_place = choice.urls == before.engine_urls and before.engine_key_kept
    return replace(
        before,
        engine=choice.engine,
        engine_urls=choice.urls,
        engine_index=checked_alias(choice.index),
        engine_user=choice.user,
        engine_ca=os.path.abspath(choice.ca) if choice.ca else "",
        engine_fingerprint=choice.fingerprint,
        engine_api_key_env=choice.api_key_env,
        engine_key_kept=is_same_place if choice.api_key is None else bool(choice.api_key),
    )


def _none_in_use() -> KnownError:
    return KnownError(
        "The embedded index is in use; there is no engine to bring in step.", "Choose one: helios engine use opensearch"
    )


def _first_url(settings: Settings) -> str:
    from helios_desktop.index.engine_connection import DEFAULT_URL

    return settings.engine_urls[0] if settings.engine_urls else DEFAULT_URL
