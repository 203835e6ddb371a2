"""One server: a socket, a thread with its event loop, an orderly end. Calls block; the library is the caller's to close."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from pathlib import Path

import uvicorn
import uvicorn.lifespan.off  # uvicorn finds it by its name, which a frozen bundle cannot see
from uvicorn.protocols.http.h11_impl import H11Protocol

from helios_desktop.app import App
from helios_desktop.errors import KnownError
from helios_desktop.node.certificates import make_certificates
from helios_desktop.web.addresses import in_address, own_addresses, own_names
from helios_desktop.web.application import build_application
from helios_desktop.web.devices import Devices, Pairing
from helios_desktop.web.events import Newsroom
from helios_desktop.web.lanes import Lanes
from helios_desktop.web.options import EVERY_ADDRESS, LOOPBACK_HOST, ServeOptions
from helios_desktop.web.site import Site

BACKLOG = 128
MOST_CONNECTIONS = 256
KEEP_ALIVE_SECONDS = 15
GOODBYE_SECONDS = 2
STOP_SECONDS = 10.0
CERTIFICATE = "helios"


class WebServer:
    """Serves one library from ``start`` to ``stop``. For one thread."""

    def __init__(self, library: App, options: ServeOptions, folder: Path) -> None:
        """``folder``: where paired devices and the certificate are kept."""
        self._options = options
        self._folder = folder
        self.devices = Devices(folder)
        self.pairing = Pairing(self.devices)
        self._lanes = Lanes(options.limits)
        self._site = Site(library=library, lanes=self._lanes, options=options)
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._server: uvicorn.Server | None = None
        self._newsroom: Newsroom | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()

    def start(self) -> None:
        """Listen, and answer from now on. Raises ``KnownError`` where the address cannot be had."""
        if self._options.has_tls:
            self._certificate()  # made here, so that whoever starts the server hears of a full disk
        self._socket = listening_socket(self._options.host, self._options.port)
        self._thread = threading.Thread(target=self._run, name="serve")
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """End every request and stream, and wait until nothing is left. May be called twice."""
        if self._thread is not None:
            if self._loop is not None and self._server is not None:
                self._server.should_exit = True
                self._loop.call_soon_threadsafe(self._close_newsroom)
            self._thread.join(STOP_SECONDS)
            self._thread = None
        self._lanes.close()
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    @property
    def port(self) -> int:
        """The port that is listened on; the one that the system chose where 0 was asked for."""
        if self._socket is None:
            return self._options.port
        return int(self._socket.getsockname()[1])

    @property
    def address(self) -> str:
        """Where the page is: for other devices, where they may come."""
        scheme = "https" if self._options.has_tls else "http"
        host = self._options.host
        if host in {EVERY_ADDRESS, "::"}:
            host = next(iter(own_addresses()), LOOPBACK_HOST) if self._options.is_lan else LOOPBACK_HOST
        return f"{scheme}://{in_address(host)}:{self.port}"

    @property
    def pairing_address(self) -> str:
        """What the QR code says: the code stands behind #, so that it is in no log and in no ``Referer``."""
        return f"{self.address}/pair#{self.pairing.code}"

    def fingerprint(self) -> str:
        """The SHA-256 of the certificate, as browsers show it; empty without TLS."""
        if not self._options.has_tls:
            return ""
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes

        certificate = x509.load_pem_x509_certificate(self._certificate()[0].read_bytes())
        return certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        finally:
            self._ready.set()  # whatever went wrong, nobody waits for ever

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._newsroom = Newsroom(self._site)
        app = build_application(
            self._site,
            newsroom=self._newsroom,
            devices=self.devices,
            pairing=self.pairing,
            own_hosts=own_names() if self._options.is_lan else frozenset(),
        )
        certificate, key = self._certificate() if self._options.has_tls else (None, None)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            http=H11Protocol,
            ws="none",
            h11_max_incomplete_event_size=2 * self._options.limits.head_bytes,  # the guard says it better
            backlog=BACKLOG,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GOODBYE_SECONDS,
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )
        self._server = uvicorn.Server(config)
        self._ready.set()
        assert self._socket is not None  # noqa: S101 start() made it
        await self._server.serve([self._socket])

    def _close_newsroom(self) -> None:
        if self._newsroom is not None:
            self._newsroom.close()

    def _certificate(self) -> tuple[Path, Path]:
        folder = self._folder / "certificate"
        make_certificates(folder, [CERTIFICATE], names=sorted(own_names()))
        return folder / f"{CERTIFICATE}.pem", folder / f"{CERTIFICATE}.key"


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a socket that is bound. Raises ``KnownError`` with what to do."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small answers at once (TCP_NODELAY) only where the protocol is named; else each waits 40 ms for the last.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows: there SO_REUSEADDR would let another program take the port over
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise KnownError(
                f"Port {port} is taken by another program.", "Choose another one: helios serve --port 8001"
            ) from error
        raise KnownError(
            f"Helios cannot listen on {host}, port {port} ({error.strerror}).", "Choose another address."
        ) from error
    listener.setblocking(False)
    return listener
