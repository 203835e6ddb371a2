"""The change log reaches a real engine whatever lies between: every document there, none twice, settings put back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engines.fixtures import delete_indices
from engines.library import DIM, clustered, opened
from engines.mirror import Mirror
from engines.nodes import Node
from engines.proxy import KINDS, FaultyProxy

from helios_desktop.index.engine_errors import EngineError, EngineFault
from helios_desktop.pipeline import sending
from helios_desktop.pipeline.jobs import CancelToken
from helios_desktop.pipeline.sending import Patience
from helios_desktop.pipeline.verify import verify

SERVERS = ("opensearch_2", "elasticsearch_8")
WRITER = Path(__file__).with_name("sync_writer.py")


@pytest.fixture(params=SERVERS)
def node(request: pytest.FixtureRequest) -> Node:
    found: Node = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def alias(node: Node, request: pytest.FixtureRequest) -> Iterator[str]:
    name = f"sync-{abs(hash(request.node.name)) % 10**9}"
    yield name
    delete_indices(node, name)


@pytest.fixture
def mirror(node: Node, alias: str, tmp_path: Path) -> Iterator[Callable[..., Mirror]]:
    with opened(tmp_path) as library:
        made: list[Mirror] = []

        def make(url: str = "") -> Mirror:
            made.append(Mirror(library, node, alias, url or node.url))
            return made[-1]

        yield make
        for one in made:
            one.index.close()


def test_what_was_added_changed_and_removed_is_there_after_a_sync_and_nothing_is_sent_again(
    mirror: Callable[..., Mirror],
) -> None:
    one = mirror()
    rows = clustered(300, DIM)
    one.library.add(rows)
    assert one.sync().sent == 300
    one.library.remove([1, 2, 3])
    one.library.catalog.marks.favourite(one.library.ids([10, 11]))
    report = one.sync()
    assert (report.sent, report.removed) == (2, 3)
    assert one.ids_there() == one.ids_here()
    again = one.sync()
    assert (again.sent, again.removed) == (0, 0)
    favourites = one.node.ask(f"/{one.alias}/_search?q=favourite:true&_source=false")["hits"]["hits"]
    assert sorted(int(hit["_id"]) for hit in favourites) == sorted(one.library.ids([10, 11]))


@pytest.mark.parametrize("count", [1_000, pytest.param(10_000, marks=pytest.mark.full)])
def test_with_faults_in_every_fifth_request_all_documents_arrive_once(
    mirror: Callable[..., Mirror], node: Node, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "BATCH_BYTES", 15_000)  # many requests, so that many fail
    with FaultyProxy(node.port, seed=count) as proxy:
        one = mirror(proxy.url)
        one.library.add(clustered(count, DIM))
        proxy.share = 0.2
        for _ in range(50):  # a lost answer outside of bulk requests pauses, as it would until the next try
            try:
                one.sync()
                break
            except EngineError as error:
                assert error.fault.is_passing
        one.library.remove(range(0, count, 10))
        for _ in range(50):
            try:
                one.sync()
                break
            except EngineError as error:
                assert error.fault.is_passing
        assert set(proxy.made) == set(KINDS), "not every fault was tried"
    assert one.ids_there() == one.ids_here()
    assert len(one.ids_here()) == count - count // 10
    assert one.settings().get("refresh_interval") is None


@pytest.mark.parametrize(("kills", "count"), [(3, 2_000), pytest.param(20, 10_000, marks=pytest.mark.full)])
def test_killed_while_it_sends_through_faults_it_goes_on_and_everything_is_there_once(
    node: Node, alias: str, tmp_path: Path, kills: int, count: int
) -> None:
    with opened(tmp_path) as library:
        library.add(clustered(count, DIM))
    with FaultyProxy(node.port, share=0.2, seed=1) as proxy:
        for number in range(kills):
            command = [sys.executable, str(WRITER), str(tmp_path), proxy.url, alias]
            with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as process:
                assert process.stdout is not None
                for _ in range(1 + number % 4):  # after so many batches, in the middle of the next
                    assert process.stdout.readline(), "it ended before it was killed"
                process.kill()
        assert sum(proxy.made.values()) >= kills // 2
    with opened(tmp_path) as library:
        one = Mirror(library, node, alias, node.url)
        one.sync()
        assert one.ids_there() == one.ids_here()
        assert len(one.ids_here()) == count
        assert one.settings().get("refresh_interval") is None
        one.index.close()


def test_a_crash_in_the_middle_of_loading_leaves_no_setting_behind(mirror: Callable[..., Mirror]) -> None:
    one = mirror()
    one.library.add(clustered(100, DIM))
    one.sync()
    state = one.index.indices.begin_loading(one.index.opened())
    assert one.settings()["refresh_interval"] == "-1"
    assert state.refresh_interval == "-1"
    one.library.add(clustered(5, DIM, seed=1), first=100)
    one.sync()
    assert one.settings().get("refresh_interval") is None
    assert len(one.ids_there()) == 105


def test_an_unreachable_engine_pauses_and_the_queue_survives(mirror: Callable[..., Mirror], node: Node) -> None:
    with FaultyProxy(node.port) as proxy:
        one = mirror(proxy.url)
        one.library.add(clustered(50, DIM))
        proxy.is_down = True
        with pytest.raises(EngineError) as caught:
            one.sync(patience=Patience(first_seconds=0.01, tries=2))
        assert caught.value.fault is EngineFault.UNREACHABLE
        proxy.is_down = False
        assert one.sync().sent == 50


def test_a_full_disk_pauses_at_once_and_goes_on_when_there_is_room(mirror: Callable[..., Mirror], node: Node) -> None:
    one = mirror()
    one.library.add(clustered(20, DIM))
    one.sync()
    block = {"index.blocks.read_only_allow_delete": True}  # what the flood stage of the disk watermark sets
    node.ask(f"/{one.index.opened().name}/_settings", "PUT", block)
    one.library.add(clustered(20, DIM, seed=1), first=20)
    with pytest.raises(EngineError) as caught:
        one.sync()
    assert caught.value.fault is EngineFault.DISK_FULL
    assert "room" in caught.value.remedy
    node.ask(f"/{one.index.opened().name}/_settings", "PUT", {"index.blocks.read_only_allow_delete": None})
    one.sync()
    assert len(one.ids_there()) == 40


def test_an_index_that_somebody_deleted_is_made_again_with_its_mapping(mirror: Callable[..., Mirror], node: Node) -> None:
    one = mirror()
    one.library.add(clustered(20, DIM))
    name = one.sync().index
    node.ask(f"/{name}", "DELETE")
    one.library.add(clustered(5, DIM, seed=1), first=20)
    one.sync()
    assert one.ids_there() == one.ids_here()
    (mapping,) = node.ask(f"/{one.alias}/_mapping").values()
    assert mapping["mappings"]["dynamic"] == "strict"


def test_an_index_of_another_catalogue_is_refused_before_anything_is_written(
    mirror: Callable[..., Mirror], node: Node, tmp_path_factory: pytest.TempPathFactory
) -> None:
    one = mirror()
    one.library.add(clustered(20, DIM))
    one.sync()
    before = node.ask(f"/{one.alias}/_stats")["_all"]["primaries"]["indexing"]["index_total"]
    with opened(tmp_path_factory.mktemp("other")) as other:
        other.add(clustered(5, DIM, seed=3))
        theirs = Mirror(other, node, one.alias, node.url)
        with pytest.raises(EngineError) as caught:
            theirs.sync()
        theirs.index.close()
    assert caught.value.fault is EngineFault.FOREIGN
    assert "--index" in caught.value.remedy
    assert node.ask(f"/{one.alias}/_stats")["_all"]["primaries"]["indexing"]["index_total"] == before


def test_an_index_that_bears_the_aliass_name_is_left_alone(mirror: Callable[..., Mirror], node: Node, alias: str) -> None:
    node.ask(f"/{alias}", "PUT", {"mappings": {"properties": {"url": {"type": "keyword"}}}})
    one = mirror()
    one.library.add(clustered(5, DIM))
    with pytest.raises(EngineError) as caught:
        one.sync()
    assert caught.value.fault is EngineFault.FOREIGN
    assert list(node.ask(f"/{alias}*")) == [alias]


def test_a_rebuild_fills_a_new_index_beside_the_old_one_and_takes_over(mirror: Callable[..., Mirror], node: Node) -> None:
    one = mirror()
    rows = clustered(100, DIM)
    one.library.add(rows)
    first = one.sync().index
    report = one.sync(is_rebuild=True)
    assert (report.sent, report.index) == (100, first.replace("-v1", "-v2"))
    names = {name: set(told["aliases"]) for name, told in node.ask(f"/{one.alias}*").items()}
    assert names == {report.index: {one.alias, f"{one.alias}-photos", f"{report.index}-write"}}
    assert one.index.search(rows[3], 1)[0].tolist() == one.library.ids([3])


def test_verify_finds_and_mends_what_differs(mirror: Callable[..., Mirror], node: Node) -> None:
    one = mirror()
    one.library.add(clustered(120, DIM))
    one.sync()
    state = one.index.look()
    assert state is not None
    sound = verify(one.index, one.mirrored, state, CancelToken())
    assert (sound.is_sound, sound.photos, sound.sampled) == (True, 120, 120)
    lost, wrong = one.library.ids([4, 5])
    node.ask(f"/{state.name}/_doc/{lost}?refresh=true", "DELETE")
    extra = {"photo_id": 10**9, "features": np.eye(DIM)[0].tolist()}
    node.ask(f"/{state.name}/_doc/{10**9}?refresh=true", "PUT", extra)
    node.ask(f"/{state.name}/_doc/{wrong}?refresh=true", "PUT", {**extra, "photo_id": wrong})
    found = verify(one.index, one.mirrored, state, CancelToken())
    assert (found.missing, found.extra, found.differing) == (1, 1, 1)
    assert verify(one.index, one.mirrored, state, CancelToken()).is_sound
    assert one.ids_there() == one.ids_here()


def test_a_document_that_the_engine_will_never_take_is_counted_and_the_others_arrive(
    mirror: Callable[..., Mirror], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = mirror()
    one.library.add(clustered(30, DIM))
    real = one.index.upsert_lines

    def with_one_bad_line(*arguments: Any) -> list[bytes]:
        lines = real(*arguments)
        return [lines[0].replace(b'"photo_id":', b'"unknown":', 1), *lines[1:]]

    monkeypatch.setattr(one.index, "upsert_lines", with_one_bad_line)
    report = one.sync()
    assert report.refused == 1
    assert "unknown" in report.first_refusal
    assert len(one.ids_there()) == 29
