"""``helios engine`` as a person runs it, against real servers: choose, sync, search, lose the server, get it back, forget."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from engines.fixtures import delete_indices
from engines.nodes import Node
from engines.proxy import FaultyProxy
from PIL import Image

SERVERS = ("opensearch_2", "elasticsearch_8")
COLOURS = {"red": (220, 20, 20), "green": (20, 190, 30), "blue": (20, 40, 220), "white": (250, 250, 250)}
CANARY = "canary-83b1"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def helios(tmp_path: Path) -> Run:
    """Runs one command line in a home of its own."""

    def run(*arguments: str, check: int | None = 0, **variables: str) -> subprocess.CompletedProcess[str]:
        environ = {**os.environ, "HELIOS_HOME": str(tmp_path / "home"), **variables}
        command = [sys.executable, "-P", "-m", "helios_desktop", *arguments]
        done = subprocess.run(
            command, env=environ, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=120
        )
        assert check is None or done.returncode == check, done.stdout + done.stderr
        return done

    return run


@pytest.fixture(params=SERVERS)
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    found: Node = request.getfixturevalue(request.param)
    yield found
    delete_indices(found, "walk")


def kind_of(node: Node) -> str:
    return node.installed.recipe.name.partition("-")[0]


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_walk_with_an_engine(helios: Run, node: Node, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for name, colour in COLOURS.items():
        Image.new("RGB", (64, 48), colour).save(photos / f"{name}.jpg")
        os.utime(photos / f"{name}.jpg", (1_700_000_000, 1_700_000_000))
    helios("index", str(photos))
    before = helios("similar", str(photos / "red.jpg"), "--json").stdout
    kind, other = kind_of(node), next(name for name in ("opensearch", "elasticsearch") if name != kind_of(node))
    with FaultyProxy(node.port) as proxy:
        where = ("--url", proxy.url, "--index", "walk")
        refused = helios("engine", "use", other, *where, check=3)
        assert f"helios engine use {kind}" in refused.stderr
        assert lines(helios("engine", "status", "--json"))[0]["engine"] == "embedded"

        (status,) = lines(helios("engine", "use", kind, *where, "--json"))
        assert (status["engine"], status["behind"]) == (kind, len(COLOURS))
        (synced,) = lines(helios("engine", "sync", "--json"))
        assert (synced["event"], synced["sent"]) == ("synced", len(COLOURS))
        requests = proxy.requests
        assert helios("similar", str(photos / "red.jpg"), "--json").stdout == before
        assert proxy.requests > requests, "the engine was not asked"
        assert lines(helios("engine", "verify", "--json"))[0]["ok"] is True

        proxy.is_down = True
        gone = helios("similar", str(photos / "red.jpg"), "--json")
        assert gone.stdout == before
        assert "embedded" in gone.stderr
        assert "does not answer" in helios("engine", "status", check=3).stdout
        (photos / "blue.jpg").unlink()
        helios("index", str(photos))
        assert "paused" in helios("status").stdout
        (paused,) = lines(helios("engine", "sync", "--json", check=3))
        assert paused["event"] == "paused"

        proxy.is_down = False
        (again,) = lines(helios("engine", "sync", "--json"))
        assert again["removed"] == 1
        assert lines(helios("status", "--json"))[0]["notices"] == []
        (rebuilt,) = lines(helios("engine", "rebuild", "--json"))
        assert (rebuilt["sent"], str(rebuilt["index"])[-2:]) == (len(COLOURS) - 1, "v2")
        helios("engine", "use", "embedded")
        helios("engine", "use", kind, *where)
        (there,) = lines(helios("engine", "status", "--json"))
        assert there["behind"] == 0, "switching back and forth lost something"
        (deleted,) = lines(helios("engine", "forget", "--json"))
        assert deleted["deleted"] == [rebuilt["index"]]
        assert lines(helios("engine", "status", "--json"))[0]["engine"] == "embedded"


def test_a_password_given_by_the_environment_is_in_no_file_and_no_output(helios: Run, node: Node, tmp_path: Path) -> None:
    said = helios(
        "engine", "use", kind_of(node), "--url", node.url, "--index", "walk", "--user", "me", HELIOS_ENGINE_PASSWORD=CANARY
    )
    said2 = helios("engine", "status", HELIOS_ENGINE_PASSWORD=CANARY)
    assert CANARY not in said.stdout + said.stderr + said2.stdout + said2.stderr
    for folder, _, names in os.walk(tmp_path):
        for name in names:
            assert CANARY.encode() not in (Path(folder) / name).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("opensearch", "--url", "http://search.example:9200"), "plain http"),
        (("opensearch", "--url", "http://u:p@127.0.0.1:9200"), "carries a password"),
        (("opensearch", "--url", "http://127.0.0.1:9"), "does not answer"),
        (("elasticsearch", "--index", "Not/Good"), "name of an index"),
        (("opensearch", "--api-key-env", "HELIOS_TEST_NO_SUCH_KEY"), "HELIOS_TEST_NO_SUCH_KEY"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence_and_nothing_changes(
    helios: Run, arguments: tuple[str, ...], sentence: str
) -> None:
    refused = helios("engine", "use", *arguments, check=3)
    assert sentence in refused.stderr
    assert lines(helios("engine", "status", "--json"))[0]["engine"] == "embedded"
