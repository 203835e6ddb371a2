"""Real nodes of the engines, each a process of its own, at free ports of this computer.

A node ends when its standard input closes: when the test session ends in whatever way, a kill included, nothing is left.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engines.jars import Installed

START_SECONDS = 180.0
HEAP = "512m"


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on now."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@dataclass
class Node:
    """One running node."""

    installed: Installed
    folder: Path
    port: int
    settings: dict[str, str]
    scheme: str = "http"
    jvm: tuple[str, ...] = ()
    collector: str = "-XX:+UseSerialGC"
    is_nice: bool = True
    process: subprocess.Popen[bytes] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    context: ssl.SSLContext | None = None

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the process; ``wait`` tells when it answers."""
        config = self.folder / "config"
        config.mkdir(parents=True, exist_ok=True)
        arguments = {"config": str(config), "path.home": str(self.folder), **self.settings}
        if self.installed.recipe.module_jars:
            arguments["modules"] = str(self.installed.home / "modules")
        nice = ["nice", "-n", "10"] if self.is_nice and shutil.which("nice") else []
        command = [
            *nice,
            str(self.installed.jdk.java),
            *(f"-Xm{kind}{HEAP}" for kind in "sx"),
            self.collector,
            "-Xshare:auto",
            *(self.jvm or ("-XX:TieredStopAtLevel=1",)),
            *self.installed.recipe.jvm,
            "-cp",
            self.installed.class_path,
            self.installed.recipe.launcher,
            *(f"{key}={value}" for key, value in arguments.items()),
        ]
        log = (self.folder / "node.log").open("ab")
        with log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder
            )

    def wait(self, path: str = "/_cluster/health?wait_for_status=yellow&timeout=1s") -> None:
        """Wait until the node answers; raise with the end of its log where it does not."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.ask(path)
            except (OSError, ValueError):
                pass
            else:
                return
            ended = self.process is None or self.process.poll() is not None
            if ended or time.monotonic() > deadline:
                raise RuntimeError(f"{self.installed.recipe.name} did not start:\n{self.log()[-4000:]}")
            time.sleep(0.2)

    def ask(self, path: str, method: str = "GET", body: Any = None) -> Any:
        """Send one request outside of what is tested; a body that is a list of lines is NDJSON."""
        data = None if body is None else json.dumps(body).encode()
        kind = "application/json"
        if isinstance(body, list):
            data, kind = "".join(f"{line}\n" for line in body).encode(), "application/x-ndjson"
        headers = {"content-type": kind, **self.headers}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30, context=self.context) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def log(self) -> str:
        return (self.folder / "node.log").read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self._reap()

    def stop(self) -> None:
        """Let it go."""
        if self.process is not None:
            if self.process.stdin is not None:
                self.process.stdin.close()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
            self._reap()

    def _reap(self) -> None:
        if self.process is not None:
            self.process.wait()
            if self.process.stdin is not None:
                self.process.stdin.close()
            self.process = None


def single_node(installed: Installed, folder: Path, extra: Mapping[str, str] | None = None, jvm: tuple[str, ...] = ()) -> Node:
    """Return a node of its own cluster, not started yet."""
    http, transport = free_ports(2)
    settings = {
        "http.port": str(http),
        "transport.port": str(transport),
        "network.host": "127.0.0.1",
        "discovery.type": "single-node",
        "cluster.name": f"helios-{http}",
        "transport.type": "netty4",
        "http.type": "netty4",
        # The test machine's disk may be nearly full; the tests of a full disk set the block themselves.
        "cluster.routing.allocation.disk.threshold_enabled": "false",
        **(extra or {}),
    }
    return Node(installed=installed, folder=folder, port=http, settings=settings, jvm=jvm)


def cluster(installed: Installed, folder: Path, size: int) -> list[Node]:
    """Return the nodes of one cluster, not started yet."""
    ports = free_ports(2 * size)
    http, transport = ports[:size], ports[size:]
    names = [f"node-{number}" for number in range(size)]
    nodes = []
    for number in range(size):
        settings = {
            "http.port": str(http[number]),
            "transport.port": str(transport[number]),
            "network.host": "127.0.0.1",
            "node.name": names[number],
            "cluster.name": f"helios-{http[0]}",
            "transport.type": "netty4",
            "http.type": "netty4",
            "discovery.seed_hosts": "[" + ",".join(f"127.0.0.1:{port}" for port in transport) + "]",
            "cluster.initial_cluster_manager_nodes": "[" + ",".join(names) + "]",
            "cluster.routing.allocation.disk.threshold_enabled": "false",
        }
        nodes.append(Node(installed=installed, folder=folder / names[number], port=http[number], settings=settings))
    return nodes


@contextlib.contextmanager
def running(*nodes: Node) -> Iterator[None]:
    """Run nodes for as long as the block lasts."""
    try:
        for node in nodes:
            node.start()
        for node in nodes:
            node.wait()
        yield
    finally:
        for node in nodes:
            node.stop()
