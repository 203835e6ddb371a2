"""The indices of one library and model on a server: found, made, named by aliases, told apart from other people's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import orjson

from helios_desktop.index.engine_base import Engine, Json
from helios_desktop.index.engine_connection import REQUEST_SECONDS
from helios_desktop.index.engine_documents import MAPPING_VERSION, mapping
from helios_desktop.index.engine_errors import EngineError, EngineFault, foreign
from helios_desktop.index.engine_names import IndexNames, write_alias

LOADING_REFRESH = "-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose index it is: the catalogue's id, and the library's number in it, which is never given twice."""

    catalogue_id: str
    library_number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexState:
    """One index as the server has it. ``uuid``: another one for each index that was ever made, same name or not."""

    name: str
    uuid: str
    version: int
    meta: Json
    aliases: frozenset[str]
    refresh_interval: str | None


class EngineIndices:
    """Finds and makes the indices of one library and model. Remembers nothing."""

    def __init__(self, engine: Engine, names: IndexNames, dim: int, owner: Owner) -> None:
        self._engine = engine
        self._names = names
        self._dim = dim
        self._owner = owner

    def found(self) -> list[IndexState]:
        """Return the indices of this library and model that this catalogue may use, the newest version first.

        Raises ``EngineError`` (foreign) where an index of these names belongs to somebody else, or has another dimension.
        """
        states = [state for name, told in self._get(self._names.pattern).items() if (state := self._state(name, told))]
        for state in states:
            if state.meta.get("catalogue") != self._owner.catalogue_id:
                raise foreign(state.name, "another catalogue of Helios" if state.meta else "something else")
        return sorted(states, key=lambda state: -state.version)

    def current(self, states: list[IndexState]) -> IndexState | None:
        """Return the index that answers: the one that the library's alias names, where it is of this model."""
        return next((state for state in states if self._names.library_alias in state.aliases), None)

    def fits(self, state: IndexState) -> bool:
        """Whether an index holds what this version of Helios writes, of the library as it is."""
        wanted = self._meta()
        return all(state.meta.get(key) == value for key, value in wanted.items())

    def refuse_foreign_aliases(self) -> None:
        """Raise ``EngineError`` where one of our aliases is an index, or names an index, that this catalogue did not make."""
        for alias in (self._names.alias, self._names.library_alias):
            for name, told in self._get(alias).items():
                meta = _helios(told)
                if meta.get("catalogue") != self._owner.catalogue_id:
                    raise foreign(name, "another catalogue of Helios" if meta else "something else")

    def create(self, version: int) -> IndexState:
        """Make an index and its write alias. An index of that name that is there already is taken if it is ours."""
        name = self._names.versioned(version)
        settings = {
            "index": {"number_of_shards": 1, "auto_expand_replicas": "0-1"},  # a second copy as soon as there is a second node
            **self._engine.index_settings(),
        }
        body = {
            "settings": settings,
            "mappings": mapping(self._engine.vector_field(self._dim), self._meta()),
            "aliases": {write_alias(name): {}},
        }
        try:
            self._send("PUT", f"/{name}", body)
        except EngineError as error:
            # The answer to a first try may have been lost on its way.
            if "resource_already_exists" not in error.message:
                raise
        state = next((one for one in self.found() if one.version == version), None)
        if state is None:
            raise EngineError(EngineFault.MISSING, f"The index '{name}' vanished as it was made.", "Try again.")
        return state

    def promote(self, state: IndexState, *, takes_alias: bool) -> None:
        """Let the library's alias, and the plain one where ``takes_alias``, name this index and no other, in one step."""
        aliases = [self._names.library_alias, *([self._names.alias] if takes_alias else [])]
        if all(list(self._get(alias)) == [state.name] for alias in aliases):
            return
        actions: list[Json] = []
        for alias in aliases:
            actions += [
                {"remove": {"index": name, "alias": alias}} for name in self._get(alias) if name not in {state.name, alias}
            ]
            actions.append({"add": {"index": state.name, "alias": alias}})
        self._send("POST", "/_aliases", {"actions": actions})

    def delete(self, name: str) -> None:
        """Delete one index of ours; one that is gone is fine."""
        self._missing_is_fine(lambda: self._engine.request("DELETE", f"/{name}", timeout_seconds=REQUEST_SECONDS))

    def begin_loading(self, state: IndexState) -> IndexState:
        """Stop the engine from making every second's writes visible, and write down what to put back."""
        if state.refresh_interval == LOADING_REFRESH:
            return state
        meta = {**state.meta, "refresh_interval": state.refresh_interval}
        self._send("PUT", f"/{state.name}/_mapping", {"_meta": {"helios": meta}})
        self._send("PUT", f"/{state.name}/_settings", {"index": {"refresh_interval": LOADING_REFRESH}})
        return replace(state, meta=meta, refresh_interval=LOADING_REFRESH)

    def end_loading(self, state: IndexState) -> IndexState:
        """Put the settings of before the loading back and make everything visible. Also after a crash in between."""
        if state.refresh_interval == LOADING_REFRESH:
            before = state.meta.get("refresh_interval")
            self._send("PUT", f"/{state.name}/_settings", {"index": {"refresh_interval": before}})
            state = replace(state, refresh_interval=before)
        self.refresh(state.name)
        return state

    def refresh(self, name: str) -> None:
        """Make all writes visible to searches."""
        self._engine.request("POST", f"/{name}/_refresh", timeout_seconds=REQUEST_SECONDS)

    def _meta(self) -> Json:
        return {
            "catalogue": self._owner.catalogue_id,
            "library": self._names.library,
            "library_number": self._owner.library_number,
            "model": self._names.model_id,
            "dim": self._dim,
            "mapping": MAPPING_VERSION,
        }

    def _state(self, name: str, told: Json) -> IndexState | None:
        version = self._names.version_of(name)
        if version is None:
            return None
        settings = told.get("settings", {}).get("index", {})
        return IndexState(
            name=name,
            uuid=str(settings.get("uuid", "")),
            version=version,
            meta=_helios(told),
            aliases=frozenset(told.get("aliases", {})),
            refresh_interval=settings.get("refresh_interval"),
        )

    def _get(self, name: str) -> dict[str, Json]:
        found = self._missing_is_fine(lambda: self._engine.request("GET", f"/{name}", timeout_seconds=REQUEST_SECONDS))
        return found or {}

    def _send(self, method: str, path: str, body: Json) -> Any:
        return self._engine.request(method, path, body=orjson.dumps(body), timeout_seconds=REQUEST_SECONDS)

    def _missing_is_fine(self, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except EngineError as error:
            if error.fault is not EngineFault.MISSING:
                raise
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnIndex:
    """An index that this catalogue made, of whichever library and model."""

    name: str
    uuid: str
    library: str
    library_number: int


def own_indices(engine: Engine, alias: str, catalogue_id: str) -> list[OwnIndex]:
    """Return every index below an alias that this catalogue made."""
    told = engine.request("GET", f"/{alias}-*", timeout_seconds=REQUEST_SECONDS)
    found = []
    for name, one in told.items():
        meta = _helios(one)
        if meta.get("catalogue") == catalogue_id:
            uuid = str(one.get("settings", {}).get("index", {}).get("uuid", ""))
            number = int(meta.get("library_number", 0))
            found.append(OwnIndex(name=name, uuid=uuid, library=str(meta.get("library", "")), library_number=number))
    return found


def _helios(told: Json) -> Json:
    meta = told.get("mappings", {}).get("_meta", {})
    found = meta.get("helios") if isinstance(meta, dict) else None
    return found if isinstance(found, dict) else {}
