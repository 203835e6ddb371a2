"""A cluster of three real nodes, one killed with -9: nothing lost, nothing twice, and nobody who searches sees an error."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from engines.library import DIM, MODEL, clustered, opened
from engines.mirror import Mirror
from engines.nodes import Node

from helios_desktop.index.embedded import EmbeddedIndex
from helios_desktop.index.engine_connection import EngineConnection
from helios_desktop.index.engine_errors import EngineError
from helios_desktop.pipeline.engine_search import EngineFirst
from helios_desktop.pipeline.sending import Patience

COUNT = 4_000
WAIT_SECONDS = 120.0


def test_one_of_three_nodes_killed_while_syncing_and_searching(opensearch_cluster: list[Node], tmp_path: Path) -> None:
    nodes = opensearch_cluster
    nodes[0].wait(f"/_cluster/health?wait_for_nodes={len(nodes)}&timeout=1s")
    rows = clustered(COUNT, DIM)
    with opened(tmp_path) as library:
        library.add(rows[: COUNT // 2])
        connection = EngineConnection(urls=tuple(node.url for node in nodes))
        one = Mirror(library, nodes[0], "cluster", "", connection)
        one.sync()
        # The copies on a second node are what survives; a real cluster has had time to make them.
        wait_until(lambda: nodes[0].ask("/_cluster/health")["status"] == "green")
        library.add(rows[COUNT // 2 :], first=COUNT // 2)
        numbers = dict(zip(library.ids(range(COUNT)), range(COUNT), strict=True))
        embedded = EmbeddedIndex(tmp_path / "index", one.mirrored.source, MODEL, DIM)
        search = EngineFirst(
            engine=lambda: one.index, embedded=lambda: embedded, mirrored=one.mirrored, changes=library.catalog.changes
        )
        victim = nodes[primary_of(nodes, one.index.opened().name)]
        is_done = threading.Event()
        wrong: list[object] = []
        answered: list[str] = []

        def ask() -> None:
            turn = 0
            while not is_done.is_set():
                number = turn % COUNT
                try:
                    ids, _ = search.search(rows[number], 5)
                    if numbers[int(ids[0])] != number:
                        wrong.append(number)
                except Exception as error:  # noqa: BLE001 any error at all is what must not happen
                    wrong.append(error)
                answered.append(search.name)
                turn += 37

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            killed = threading.Timer(0.5, victim.kill)
            killed.start()
            sync_to_the_end(one)
            killed.join()
        finally:
            is_done.set()
            asking.join()
        assert wrong == []
        assert "opensearch" in answered
        one.node = next(node for node in nodes if node is not victim)
        assert one.ids_there() == one.ids_here()
        assert len(one.ids_here()) == COUNT
        embedded.close()
        one.index.close()


def sync_to_the_end(one: Mirror) -> None:
    """Sync as the application's lane does: a pause that passes is tried again."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            one.sync(patience=Patience(first_seconds=0.1, longest_seconds=1.0, tries=10))
        except EngineError as error:
            if not error.fault.is_passing or time.monotonic() > deadline:
                raise
        else:
            return


def primary_of(nodes: list[Node], index: str) -> int:
    """Return the number of the node that holds the primary copy: the worst one to lose."""
    shards = nodes[0].ask(f"/_cat/shards/{index}?format=json&h=prirep,node")
    name = next(shard["node"] for shard in shards if shard["prirep"] == "p")
    return next(number for number, node in enumerate(nodes) if node.settings["node.name"] == name)


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.2)
