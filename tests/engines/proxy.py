"""A proxy between us and a server that makes every fault of a network and a busy server, by a seeded die.

``share`` of the requests fail, each in one of ``KINDS``: the connection is cut before or after the server did the work, the
answer comes late, the server answers 429, 503 or 413, fails a part of a bulk request's documents, or half the answer is lost.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KINDS = ("cut-before", "cut-after", "half-answer", "late", "429", "503", "413", "items")
LATE_SECONDS = 0.2
SMALL_BODY_BYTES = 3_000


class FaultyProxy:
    """Listens on a port of its own while the block lasts; ``made`` counts the faults."""

    def __init__(self, port: int, *, share: float = 0.0, seed: int = 0, kinds: tuple[str, ...] = KINDS) -> None:
        self.target = port
        self.share = share
        self.kinds = kinds
        self.is_down = False
        self.answer: tuple[int, dict[str, Any]] | None = None
        self.made: Counter[str] = Counter()
        self.requests = 0
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="proxy")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FaultyProxy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fault(self, path: str, size: int) -> str:
        """Throw the die for one request."""
        with self.lock:
            self.requests += 1
            if self.is_down:
                return "cut-before"
            if self.random.random() >= self.share:
                return ""
            kind = self.kinds[sum(self.made.values()) % len(self.kinds)]  # in turn, so that all of them happen
            if kind == "items" and "_bulk" not in path:
                kind = "503"
            if kind == "413" and ("_bulk" not in path or size < SMALL_BODY_BYTES):
                kind = "429"  # no server calls a small request too large
            self.made[kind] += 1
            return kind


class _Handler(BaseHTTPRequestHandler):
    """One connection; ``proxy`` is set by a subclass of each proxy's own."""

    proxy: FaultyProxy
    protocol_version = "HTTP/1.1"

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.proxy.answer is not None:
            self.reply(self.proxy.answer[0], json.dumps(self.proxy.answer[1]).encode())
            return
        kind = self.proxy.fault(self.path, len(body))
        if kind == "cut-before":
            self.cut()
        elif kind in {"429", "503", "413"}:
            self.refuse(int(kind))
        elif kind == "items":
            self.partly(body)
        else:
            status, answer, headers = self.forward(body)
            if kind == "late":
                time.sleep(LATE_SECONDS)
            if kind == "cut-after":
                self.cut()
            elif kind == "half-answer":
                self.reply(status, answer, headers, shown=len(answer) // 2)
                self.cut()
            else:
                self.reply(status, answer, headers)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any  # noqa: N815

    def forward(self, body: bytes) -> tuple[int, bytes, list[tuple[str, str]]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.proxy.target, timeout=60)
        try:
            headers = {
                key: value for key, value in self.headers.items() if key.lower() not in {"host", "content-length", "connection"}
            }
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            kept = [(key, value) for key, value in answer.getheaders() if key.lower().startswith(("content-type", "x-"))]
            return answer.status, answer.read(), kept
        finally:
            connection.close()

    def partly(self, body: bytes) -> None:
        """Let two thirds of a bulk request through, and answer for the rest what a busy server would."""
        actions = _actions(body)
        with self.proxy.lock:
            failed = {number for number in range(len(actions)) if self.proxy.random.random() < 1 / 3}
        kept = b"".join(lines for number, lines in enumerate(actions) if number not in failed)
        items: list[Any] = []
        headers: list[tuple[str, str]] = []
        if kept:
            status, answer, headers = self.forward_to(self.path.split("?")[0] + "?require_alias=true", kept)
            if status != 200:
                self.reply(status, answer, headers)
                return
            items = json.loads(answer)["items"]
        done = iter(items)
        busy = {"type": "es_rejected_execution_exception", "reason": "queue is full"}
        merged = [
            {_verb(lines): {"_id": _id(lines), "status": 429, "error": busy}} if number in failed else next(done)
            for number, lines in enumerate(actions)
        ]
        errors = any(next(iter(item.values()))["status"] >= 300 for item in merged)
        self.reply(200, json.dumps({"errors": errors, "items": merged}).encode(), headers)

    def forward_to(self, path: str, body: bytes) -> tuple[int, bytes, list[tuple[str, str]]]:
        before, self.path = self.path, path
        try:
            return self.forward(body)
        finally:
            self.path = before

    def refuse(self, status: int) -> None:
        reason = {429: "too many requests", 503: "no master", 413: "too large"}[status]
        self.reply(status, json.dumps({"error": {"type": "test", "reason": reason}, "status": status}).encode())

    def reply(self, status: int, body: bytes, headers: list[tuple[str, str]] | None = None, shown: int | None = None) -> None:
        self.send_response(status)
        for key, value in headers or [("content-type", "application/json"), ("x-elastic-product", "Elasticsearch")]:
            self.send_header(key, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body if shown is None else body[:shown])

    def cut(self) -> None:
        self.close_connection = True
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass

    def handle(self) -> None:
        with contextlib.suppress(OSError):  # the client went away
            super().handle()


def _actions(body: bytes) -> list[bytes]:
    """Cut the body of a bulk request into its actions, each with its document."""
    actions: list[bytes] = []
    lines = iter(body.splitlines(keepends=True))
    for line in lines:
        actions.append(line if _verb(line) == "delete" else line + next(lines))
    return actions


def _verb(lines: bytes) -> str:
    return str(next(iter(json.loads(lines.splitlines()[0]))))


def _id(lines: bytes) -> str:
    return str(next(iter(json.loads(lines.splitlines()[0]).values()))["_id"])
