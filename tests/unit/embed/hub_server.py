"""A model hub on this computer: the parts of the hub's protocol that downloads use, with faults to order."""

import hashlib
import json
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

REPOSITORY = "immich-app/colours__toy-one"
REVISION = "1f" * 20
LARGE_BYTES = 1000
"""From here on a file is stored apart, under its SHA-256, and asked for by a redirect."""
PIECE_BYTES = 16384


class HubServer:
    """Serves one repository. What a test sets here goes for the requests that follow."""

    def __init__(self, files, *, licence="mit"):
        self.files = dict(files)
        self.licence = licence
        self.revision = REVISION
        self.requests = []
        self.status = None
        """(status, headers) for every answer."""
        self.body_status = None
        """The same, for bodies of files only."""
        self.is_web_page = False
        self.is_web_page_for_bodies = False
        self.cuts = []
        """For each body from now on: after how many bytes the connection is cut."""
        self.instead = {}
        """Other bytes than those that are listed, by name."""
        self.gate = None
        """A semaphore: one piece is sent for each permit."""
        self.ignores_ranges = False
        self.is_silent = False
        self.silent = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.hub = self
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # a client that lets go in the middle is what tests do
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="hub-server")
        self._thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    def bodies(self):
        """The files that were asked for, with the offset, in order."""
        return [(path.split(f"/resolve/{self.revision}/")[-1], start) for path, start in self.requests if "/resolve/" in path]

    def close(self):
        self.silent.set()
        if self.gate is not None:
            self.gate.release(10_000)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def listed(name, content):
    """What the hub says of one file."""
    row = {"rfilename": name, "size": len(content), "blobId": git_sha1(content)}
    if len(content) >= LARGE_BYTES:
        row["lfs"] = {"sha256": sha256(content), "size": len(content), "pointerSize": 130}
    return row


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def git_sha1(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def files_of(folder):
    """The files of an export, by name, with two that a pack does not need."""
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {**files, "README.md": b"# words", "visual/model.rknn": b"for another runtime" * 100}


class _Handler(BaseHTTPRequestHandler):
    """One connection; ``self.server.hub`` says what it meets."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        with suppress(ConnectionError):
            self.answer()

    def answer(self):
        path = unquote(urlsplit(self.path).path)
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0])
        self.server.hub.requests.append((path, start))
        is_body = "/resolve/" in path or path.startswith("/stored/")
        status = self.server.hub.status or (self.server.hub.body_status if is_body else None)
        if self.server.hub.is_web_page or (is_body and self.server.hub.is_web_page_for_bodies):
            self.reply(200, b"<html>Sign in to the hotel</html>", {"Content-Type": "text/html; charset=utf-8"})
        elif status:
            self.reply(status[0], b'{"error":"refused"}', {"Content-Type": "application/json", **status[1]})
        elif path.startswith("/api/models/"):
            self.listing(path.removeprefix("/api/models/"))
        elif path.startswith("/stored/"):
            self.body(next(name for name in self.server.hub.files if path.endswith(sha256(self.server.hub.files[name]))), start)
        else:
            repository, _, rest = path[1:].partition("/resolve/")
            revision, _, name = rest.partition("/")
            if repository != REPOSITORY or revision != self.server.hub.revision or name not in self.server.hub.files:
                self.reply(404, b"{}", {"X-Error-Code": "EntryNotFound"})
            elif len(self.server.hub.files[name]) >= LARGE_BYTES:
                self.reply(302, b"", {"Location": f"{self.server.hub.url}/stored/{sha256(self.server.hub.files[name])}"})
            else:
                self.body(name, start)

    def listing(self, wanted):
        repository, _, revision = wanted.partition("/revision/")
        if repository != REPOSITORY:
            self.reply(404, b"{}", {"X-Error-Code": "RepoNotFound"})
            return
        if revision not in {"", "main", self.server.hub.revision}:
            self.reply(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
            return
        siblings = [listed(name, content) for name, content in self.server.hub.files.items()]
        content = {"id": repository, "modelId": repository, "sha": self.server.hub.revision, "siblings": siblings}
        content |= {"private": False, "downloads": 1, "likes": 0, "tags": [], "cardData": {"license": self.server.hub.licence}}
        self.reply(200, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def body(self, name, start):
        content = self.server.hub.instead.get(name, self.server.hub.files[name])
        start = 0 if self.server.hub.ignores_ranges else start
        rest = content[start:]
        cut = self.server.hub.cuts.pop(0) if self.server.hub.cuts else None
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(len(rest))}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self.send_head(206 if start else 200, headers)
        if self.server.hub.is_silent:
            self.server.hub.silent.wait(30)
        for place in range(0, len(rest), PIECE_BYTES):
            if self.server.hub.gate is not None:
                self.server.hub.gate.acquire()
            piece = rest[place : place + PIECE_BYTES]
            if cut is not None and place + len(piece) > abs(cut):
                self.wfile.write(piece[: abs(cut) - place])
                self.wfile.flush()
                if cut < 0:
                    self.server.hub.silent.wait(30)
                self.close_connection = True
                return
            self.wfile.write(piece)

    def reply(self, status, content, headers):
        self.send_head(status, {**headers, "Content-Length": str(len(content))})
        self.wfile.write(content)

    def send_head(self, status, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
