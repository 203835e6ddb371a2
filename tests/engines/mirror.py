"""A library and its index on a real node, brought in step as the application does it, and looked at from outside."""

from __future__ import annotations

from typing import Any

from engines.library import MODEL, Library
from engines.nodes import Node

from helios_desktop.index.engine_connection import EngineConnection
from helios_desktop.index.engine_index import EngineIndex
from helios_desktop.index.engine_indices import Owner
from helios_desktop.index.engine_names import IndexNames
from helios_desktop.index.engines import connect
from helios_desktop.pipeline.jobs import CancelToken
from helios_desktop.pipeline.mirrored import mirrored_photos
from helios_desktop.pipeline.sending import Patience
from helios_desktop.pipeline.sync import EngineSync, SyncReport

QUICK = Patience(first_seconds=0.01, longest_seconds=0.1, tries=12)


class Mirror:
    """A library, the index of it on a node, and a way to bring them in step."""

    def __init__(self, library: Library, node: Node, alias: str, url: str, connection: EngineConnection | None = None) -> None:
        self.library = library
        self.node = node
        self.alias = alias
        self.mirrored = mirrored_photos(library.catalog, MODEL, library.dim)
        engine, _ = connect(connection or EngineConnection(urls=(url,)))
        names = IndexNames(alias=alias, library="photos", model_id=MODEL)
        owner = Owner(catalogue_id=library.catalog.catalog_id)
        self.index = EngineIndex(engine, names, library.dim, owner, self.mirrored.facts_of)

    def sync(self, *, patience: Patience = QUICK, is_rebuild: bool = False, takes_alias: bool = True) -> SyncReport:
        return EngineSync(
            index=self.index,
            mirrored=self.mirrored,
            changes=self.library.catalog.changes,
            token=CancelToken(),
            takes_alias=takes_alias,
            patience=patience,
        ).run(is_rebuild=is_rebuild)

    def ids_here(self) -> list[int]:
        return sorted(self.library.catalog.photos.browse().tolist())

    def ids_there(self) -> list[int]:
        found: list[int] = []
        after: list[Any] = []
        while True:
            body: dict[str, Any] = {"size": 5000, "_source": False, "sort": [{"photo_id": "asc"}]}
            if after:
                body["search_after"] = after
            hits = self.node.ask(f"/{self.alias}/_search", "POST", body)["hits"]["hits"]
            if not hits:
                return found
            found += [int(hit["_id"]) for hit in hits]
            after = hits[-1]["sort"]

    def settings(self) -> dict[str, Any]:
        (one,) = self.node.ask(f"/{self.alias}/_settings").values()
        found: dict[str, Any] = one["settings"]["index"]
        return found
