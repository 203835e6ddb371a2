"""The Unsplash library on real nodes: sent, asked, changed, removed, and answered without a node as well."""

import json
import os
import subprocess
import sys
import uuid

import numpy as np
import pytest

COUNT = 500
PATIENCE_SECONDS = 180


class Helios:
    """``helios`` with a home of its own and an alias of its own on the node."""

    def __init__(self, folder, node, kind):
        self.folder = folder
        self.node = node
        self.kind = kind
        self.alias = f"walk-{uuid.uuid4().hex[:8]}"

    def run(self, *arguments):
        environment = {
            **os.environ,
            "HELIOS_HOME": str(self.folder / "home"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }
        return subprocess.run(
            [sys.executable, "-P", "-m", "helios_desktop", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def json(self, *arguments):
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr + done.stdout
        return [json.loads(line) for line in done.stdout.splitlines()]

    def write(self, count=COUNT, seed=1):
        features = np.random.default_rng(seed).standard_normal((count, 512)).astype("float16")
        np.save(self.folder / "features.npy", features)
        rows = "".join(f"id_{number}\n" for number in range(count))
        (self.folder / "photo_ids.csv").write_text("photo_id\n" + rows, encoding="utf-8")
        return str(self.folder / "photo_ids.csv"), str(self.folder / "features.npy")

    def use(self):
        return self.json("engine", "use", self.kind, "--url", self.node.url, "--index", self.alias)

    def similar(self):
        return self.json("similar", "id_3", "--library", "unsplash", "--limit", "10")


@pytest.fixture(params=["opensearch", "elasticsearch"])
def helios(request, tmp_path):
    node = request.getfixturevalue("opensearch_2" if request.param == "opensearch" else "elasticsearch_8")
    made = Helios(tmp_path, node, request.param)
    yield made
    for name in node.ask(f"/{made.alias}*/_settings"):
        node.ask(f"/{name}", "DELETE")


def test_a_library_goes_to_the_engine_and_answers_there_as_it_does_here(helios):
    helios.json("unsplash", "import", *helios.write())
    here = helios.similar()
    helios.use()
    sent = {one["index"]: one["sent"] for one in helios.json("engine", "sync")}
    (index,) = [name for name in sent if name.startswith(f"{helios.alias}-unsplash-")]
    assert sent[index] == COUNT
    assert helios.similar() == here
    assert list(helios.node.ask(f"/{helios.alias}/_alias")) == [index]  # the ancestor's readers find Unsplash
    told = helios.node.ask(f"/{helios.alias}/_doc/https%3A%2F%2Funsplash.com%2Fphotos%2Fid_3%2F")["_source"]
    assert told["url"] == "https://unsplash.com/photos/id_3/download"
    assert helios.json("engine", "verify")


def test_what_is_imported_later_and_what_is_removed_reaches_the_engine(helios):
    files = helios.write()
    helios.json("unsplash", "import", *files, "--end", "100")
    helios.use()
    helios.json("engine", "sync")
    helios.json("unsplash", "import", *files)
    helios.json("engine", "sync")
    (status,) = [one for one in helios.json("engine", "status")[0]["libraries"] if one["library"] == "unsplash"]
    assert (status["photos"], status["there"], status["behind"]) == (COUNT, COUNT, 0)
    helios.json("unsplash", "remove")
    helios.json("engine", "sync")
    assert not [name for name in helios.node.ask(f"/{helios.alias}*/_settings") if "unsplash" in name]
    assert helios.run("similar", "id_3", "--library", "unsplash").returncode == 3
