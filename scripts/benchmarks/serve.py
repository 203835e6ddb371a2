"""``helios serve`` beside a bare FastAPI application that does the same: search by numpy, give out a file; in one run.

Three loads: twenty clients that ask once a second each, twenty that ask as fast as they are answered, and thumbnails. The
servers run one after another, each in a process of its own. CPU is the server's own, since the clients share its cores.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import psutil
from benchmarks.application import PLACES, THINGS, fill, wait_until_ready
from benchmarks.search import generate
from benchmarks.tables import Report

from helios_desktop.app import build
from helios_desktop.paths import AppPaths, resources_dir

DESCRIPTION = "helios serve: requests a second and p95 of 20 clients over 100,000 photos, beside bare FastAPI with numpy."
HERE = Path(__file__).resolve().parent
HITS = 50
THUMBNAILS = 500
CLIENTS = 20
PICTURE_CLIENTS = 8
MANY_REQUESTS = 10_000
FIRST_REQUESTS = 1_000
SHARE_OF_SEARCHES = 10  # one request in ten; the others are thumbnails


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this benchmark."""
    parser.add_argument("--count", type=int, default=100_000, help="photos in the library")
    parser.add_argument("--seconds", type=float, default=15.0, help="how long each load lasts")


def run(options: argparse.Namespace) -> Report:
    """Measure both servers and put it together."""
    with tempfile.TemporaryDirectory(prefix="helios-bench-serve-") as folder:
        home = Path(folder)
        prepare(home, options.count)
        with bare_server(home) as bare:
            rows = loads("bare FastAPI, numpy", bare, options.seconds, "/search?q={}", "/file/{}")
        with helios_server(home) as ours:
            rows += loads("helios serve", ours, options.seconds, "/api/search?limit=50&q={}", "/api/photos/{}/thumbnail")
            memory = memory_of(ours)
    by = {(row["server"], row["load"]): row for row in rows}
    names = ("helios serve", "bare FastAPI, numpy")
    ratios = {
        "p95_ms_of_20_clients_once_a_second": float(by[names[0], "once a second"]["p95_ms"]),
        "searches_a_second_helios_over_bare": rate(by, names, "as fast as answered"),
        "thumbnails_a_second_helios_over_bare": rate(by, names, "thumbnails"),
        "thumbnail_cpu_bare_over_helios": by[names[1], "thumbnails"]["cpu_ms"] / by[names[0], "thumbnails"]["cpu_ms"],
        "memory_after_10000_over_after_1000": memory[1] / memory[0],
    }
    notes = [
        f"{options.count:,} photos, {CLIENTS} clients ({PICTURE_CLIENTS} for thumbnails), {options.seconds:g} s a load;"
        " clients and server share the cores.",
        f"The bare server embeds the words with the same model, compares by one product, returns {HITS} ids and no facts.",
        "Goals: p95 <= 100 ms at once a second, thumbnails >= 0.6 of a bare file answer, memory flat.",
        f"Memory of helios serve: {memory[0] / 1e6:.0f} MB after {FIRST_REQUESTS:,} requests, {memory[1] / 1e6:.0f} MB after"
        f" {MANY_REQUESTS:,}.",
    ]
    return Report(benchmark="serve", rows=rows, ratios=ratios, notes=notes)


def rate(by: dict[Any, Any], names: tuple[str, str], load: str) -> float:
    """Return how many requests a second the first answers for each of the second."""
    return float(by[names[0], load]["per_second"] / by[names[1], load]["per_second"])


def prepare(home: Path, count: int) -> None:
    """Fill a library with made-up photos whose vectors cluster, and give the first of them a thumbnail."""
    os.environ["HELIOS_HOME"] = str(home / "home")
    generate(home / "vectors.npy", count, "clustered")
    picture = (resources_dir() / "samples" / "IMG_0112.jpg").read_bytes()
    (home / "picture.jpg").write_bytes(picture)
    with build(AppPaths.from_environment()) as app:
        fill(app, np.load(home / "vectors.npy", mmap_mode="r", allow_pickle=False))
        photos = app.photos(list(range(1, THUMBNAILS + 1)))
        app._parts.thumbnails().put_many((photo.content_hash, picture) for photo in photos if photo.content_hash)
        app.search(app.parse("first"))
        wait_until_ready(app)


@contextmanager
def helios_server(home: Path) -> Iterator[Server]:
    """Serve the library with the real command."""
    command = [sys.executable, "-P", "-m", "helios_desktop", "serve", "--port", "0", "--json", "--no-watch"]
    environment = {**os.environ, "HELIOS_HOME": str(home / "home")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
    try:
        assert process.stdout is not None
        yield Server(process.pid, int(json.loads(process.stdout.readline())["address"].rpartition(":")[2]))
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def bare_server(home: Path) -> Iterator[Server]:
    """Serve the same vectors as few lines do it."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, str(HERE / "serve_bare.py"), str(home)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
    try:
        assert process.stdout is not None
        yield Server(process.pid, int(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait(30)


class Server:
    """One server that is measured."""

    def __init__(self, pid: int, port: int) -> None:
        self.port = port
        self._process = psutil.Process(pid)

    def cpu_seconds(self) -> float:
        """CPU that it used so far."""
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def resident_bytes(self) -> int:
        """Memory of its own: files that are mapped are the system's."""
        return int(self._process.memory_full_info().uss)


def question(number: int) -> str:
    """Return words that no server has seen yet."""
    return quote(f"{THINGS[number % len(THINGS)]} {PLACES[number % len(PLACES)]} {number}")


def loads(name: str, server: Server, seconds: float, search: str, picture: str) -> list[dict[str, Any]]:
    """Return a row for each load, after some requests that are not counted."""
    for number in range(20):
        ask(http.client.HTTPConnection("127.0.0.1", server.port), search.format(question(10**6 + number)))
    return [
        measured(name, "once a second", server, seconds, CLIENTS, lambda n: search.format(question(n)), pause=1.0),
        measured(name, "as fast as answered", server, seconds, CLIENTS, lambda n: search.format(question(10**7 + n))),
        measured(name, "thumbnails", server, seconds, PICTURE_CLIENTS, lambda n: picture.format(1 + n % THUMBNAILS)),
    ]


def measured(
    name: str, load: str, server: Server, seconds: float, clients: int, path: Callable[[int], str], pause: float = 0.0
) -> dict[str, Any]:
    """Let so many clients ask for so long; return what it took them and the server."""
    times: list[float] = []
    cpu = server.cpu_seconds()
    started = time.perf_counter()

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        time.sleep(pause * number / clients)
        own = []
        while (begun := time.perf_counter()) - started < seconds:
            ask(connection, path(number + clients * len(own)))
            took = time.perf_counter() - begun
            own.append(took)
            time.sleep(max(0.0, pause - took))
        connection.close()
        times.extend(own)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall = time.perf_counter() - started
    median, high = np.percentile(np.array(times) * 1000, [50, 95])
    return {
        "server": name,
        "load": load,
        "requests": len(times),
        "per_second": len(times) / wall,
        "p50_ms": float(median),
        "p95_ms": float(high),
        "cpu_ms": (server.cpu_seconds() - cpu) * 1000 / len(times),
    }


def ask(connection: http.client.HTTPConnection, path: str) -> None:
    """Ask and read the whole answer. Raises ``RuntimeError`` where it is no success."""
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise RuntimeError(f"{path} was answered with {response.status}: {body[:200]!r}")


def memory_of(server: Server) -> tuple[int, int]:
    """Return the server's own memory after the first thousand requests of a mix, and after ten thousand."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    found = []
    for number in range(MANY_REQUESTS):
        is_search = number % SHARE_OF_SEARCHES == 0
        path = (
            f"/api/search?limit=50&q={question(10**8 + number)}"
            if is_search
            else f"/api/photos/{1 + number % THUMBNAILS}/thumbnail"
        )
        ask(connection, path)
        if number + 1 in {FIRST_REQUESTS, MANY_REQUESTS}:
            found.append(server.resident_bytes())
    connection.close()
    return found[0], found[1]
