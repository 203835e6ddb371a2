"""The Unsplash way from end to end, as a person types it: both ways of loading, both engines, the server gone and back.

Run with ``-s``, it prints what was typed and what came back.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engines.fixtures import delete_indices
from engines.nodes import Node
from engines.proxy import FaultyProxy

CHECKOUT = Path(__file__).resolve().parents[2]
COUNT, PART = 5_000, 2_000
ALIAS = "unsplash-walk"
SHOWN_LINES = 4


class Terminal:
    """Types commands in a home of its own."""

    def __init__(self, folder: Path, address: str, kind: str) -> None:
        self.folder = folder
        names = {"opensearch": "OPENSEARCH_URL", "elasticsearch": "ES_URL"}
        self.environ = {**os.environ, "HELIOS_HOME": str(folder / "home"), names[kind]: address, "INDEX_NAME": f"{ALIAS}-old"}

    def helios(self, *arguments: str, code: int = 0) -> str:
        return self._run([sys.executable, "-P", "-m", "helios_desktop", *arguments], "helios", arguments, code)

    def script(self, name: str, *arguments: str) -> str:
        return self._run([str(CHECKOUT / "scripts" / name), *arguments], f"scripts/{name}", arguments, 0)

    def records(self, *arguments: str, code: int = 0) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.helios(*arguments, "--json", code=code).splitlines()]

    def _run(self, command: list[str], name: str, arguments: tuple[str, ...], code: int) -> str:
        done = subprocess.run(command, env=self.environ, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        said = (done.stdout + done.stderr).splitlines()
        print(f"$ {name} {' '.join(arguments)}".replace(str(self.folder), "."))
        for line in [*said[:SHOWN_LINES], *([f"... {len(said) - SHOWN_LINES} lines more"] if len(said) > SHOWN_LINES else [])]:
            print(f"    {line[:150]}".replace(str(self.folder), "."))
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(params=["opensearch_2", "elasticsearch_8"])
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    found: Node = request.getfixturevalue(request.param)
    yield found
    delete_indices(found, ALIAS)


def write(folder: Path) -> tuple[str, str]:
    """Generate the two files, as the data set has them: float16, not all of unit length."""
    random = np.random.default_rng(11)
    centres = random.standard_normal((100, 512))
    rows = centres[random.integers(0, 100, COUNT)] + random.standard_normal((COUNT, 512))
    np.save(folder / "features.npy", (rows * random.uniform(0.1, 3, (COUNT, 1))).astype(np.float16))
    (folder / "photo_ids.csv").write_text("photo_id\n" + "".join(f"ph_{n:05}\n" for n in range(COUNT)), encoding="utf-8")
    return str(folder / "photo_ids.csv"), str(folder / "features.npy")


def answers(found: list[dict[str, Any]]) -> list[tuple[str, float]]:
    return [(hit["sourceUrl"], round(hit["score"], 3)) for hit in found]


@pytest.mark.full
def test_five_thousand_photos_through_every_command(node: Node, tmp_path: Path) -> None:
    kind = node.installed.recipe.name.partition("-")[0]
    files = write(tmp_path)
    like = ("similar", "ph_00042", "--library", "unsplash", "--limit", "10")
    with FaultyProxy(node.port) as proxy:
        typed = Terminal(tmp_path, proxy.url, kind)

        # The way of es-clip-image-search: straight into an index, and that index searched as it is.
        typed.script(f"create_{kind}_index")
        typed.script(f"index_unsplash_{kind}", "--start", "0", "--end", str(PART), *files)
        assert f"{COUNT:,} documents" in typed.script(f"index_unsplash_{kind}", *files)
        typed.helios("engine", "use", kind, "--url", proxy.url, "--index", ALIAS)
        foreign = answers(typed.records("similar", "ph_00042", "--library", f"{ALIAS}-old", "--limit", "10"))

        # Helios's own way: a library in the catalogue, mirrored on the engine.
        typed.helios("engine", "use", "embedded")
        typed.helios("unsplash", "import", *files, "--dry-run")
        typed.helios("unsplash", "import", *files, "--end", str(PART))
        assert typed.records("unsplash", "status")[0]["photos"] == PART
        typed.helios("unsplash", "import", *files)
        here = answers(typed.records(*like))
        assert here == foreign
        typed.helios("search", "two dogs in the snow", "--library", "unsplash", code=3)
        typed.helios("engine", "use", kind, "--url", proxy.url, "--index", ALIAS)
        assert sum(one["sent"] for one in typed.records("engine", "sync")) == COUNT
        requests = proxy.requests
        assert answers(typed.records(*like)) == here
        assert proxy.requests > requests, "the engine was not asked"
        assert all(one["ok"] for one in typed.records("engine", "verify"))

        # The server stops; the search goes on, and so does the work.
        proxy.is_down = True
        assert answers(typed.records(*like)) == here
        typed.helios("engine", "status", code=3)
        typed.helios("unsplash", "remove")
        typed.helios("unsplash", "import", *files, "--end", str(PART))
        typed.helios("engine", "sync", code=3)
        proxy.is_down = False
        typed.helios("engine", "sync")
        (status,) = typed.records("engine", "status")
        assert (status["behind"], status["paused"], status["problem"]) == (0, None, None)
        assert [one["there"] for one in status["libraries"] if one["library"] == "unsplash"] == [PART]

        # Out and in again as files; rebuilt; forgotten.
        typed.helios("export", str(tmp_path / "portable"), "--library", "unsplash")
        typed.helios("import", str(tmp_path / "portable"))
        typed.helios("engine", "rebuild")
        assert all(one["ok"] for one in typed.records("engine", "verify"))
        typed.helios("engine", "forget")
        assert list(node.ask(f"/{ALIAS}*")) == [f"{ALIAS}-old"]
        assert answers(typed.records(*like))[0][0].startswith("https://unsplash.com/photos/ph_0")
