"""A million rows: bounded memory while they come in, and the same again changes nothing."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

COUNT = 1_000_000
DIM = 512
BLOCK = 10_000
MAX_ANONYMOUS_MB = 400

pytestmark = [
    pytest.mark.full,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc"),
]


@pytest.fixture
def files(tmp_path):
    """One gigabyte of features: a block of random rows, a little different each time."""
    block = np.random.default_rng(1).standard_normal((BLOCK, DIM)).astype("float16")
    table = np.lib.format.open_memmap(tmp_path / "features.npy", mode="w+", dtype="float16", shape=(COUNT, DIM))
    for number in range(COUNT // BLOCK):
        table[number * BLOCK : (number + 1) * BLOCK] = np.roll(block, number, axis=1)
    table.flush()
    del table
    with (tmp_path / "photo_ids.csv").open("w", encoding="utf-8") as file:
        file.write("photo_id\n")
        file.writelines(f"photo{number:06}\n" for number in range(COUNT))
    yield tmp_path / "photo_ids.csv", tmp_path / "features.npy"
    (tmp_path / "features.npy").unlink()


def anonymous_mb(pid):
    """What a process holds beside files that are mapped."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return max((int(line.split()[1]) // 1024 for line in lines if line.startswith("RssAnon:")), default=0)


def run(home, *arguments):
    """Run one command; return its last line of JSON and its largest memory."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "helios_desktop", *map(str, arguments), "--json"],
        env={**os.environ, "HELIOS_HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
    )
    peak = 0
    ended = threading.Event()

    def watch():
        nonlocal peak
        while not ended.wait(0.1):
            peak = max(peak, anonymous_mb(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    out, _ = process.communicate()
    ended.set()
    watcher.join()
    assert process.returncode == 0
    return json.loads(out.splitlines()[-1]), peak


def test_a_million_rows_come_in_and_go_in_bounded_memory(files, tmp_path):
    home = tmp_path / "home"
    first, peak = run(home, "unsplash", "import", *files)
    assert (first["new"], first["rows"]) == (COUNT, COUNT)
    assert peak <= MAX_ANONYMOUS_MB
    again, peak = run(home, "unsplash", "import", *files)
    assert (again["new"], again["unchanged"]) == (0, COUNT)
    assert peak <= MAX_ANONYMOUS_MB
    removed, _ = run(home, "unsplash", "remove")
    assert removed["removed"] == COUNT
