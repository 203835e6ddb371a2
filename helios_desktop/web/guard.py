"""The first thing that a request meets: host, origin, token, rate, size; and the headers that every answer leaves with.

Plain ASGI, since it stands before every thumbnail. A HEAD is answered as a GET whose body stays here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from helios_desktop.web.door import Caller, Door
from helios_desktop.web.options import ServeOptions
from helios_desktop.web.problems import Refusal
from helios_desktop.web.rates import Rate

UPLOAD_PATH = "/api/search/image"
UNSPLASH = "https://unsplash.com https://images.unsplash.com https://plus.unsplash.com"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; manifest-src 'self';"
    f" img-src 'self' blob: {UNSPLASH};"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(), microphone=(), payment=(), usb=()"),
)


class Guard:
    """Lets through what the door, the rates and the limits allow; refuses the rest with a problem."""

    def __init__(self, app: ASGIApp, *, door: Door, options: ServeOptions) -> None:
        limits = options.limits
        self._app = app
        self._door = door
        self._limits = limits
        self._is_strict = options.is_lan
        self._rates: Mapping[str, Rate] = {
            "search": Rate(limits.search_rate, limits.search_burst),
            "pictures": Rate(limits.picture_rate, limits.picture_burst),
            "decode": Rate(limits.decode_rate, limits.decode_burst),
            "pairing": Rate(limits.pairing_rate, limits.pairing_burst),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return
        caller = caller_of(scope)
        answer = _Answer(
            send, is_head=caller.method == "HEAD", shared_with=self._shared_with(caller), has_tls=caller.scheme == "https"
        )
        try:
            self._check_head(scope)
            scope["helios.device"] = self._door.admit(caller)
            if caller.method == "OPTIONS" and caller.origin is not None:
                await _preflight(answer)
                return
            self._check_rate(caller)
            bounded = _Body(receive, self._most_bytes(caller), dict(scope["headers"]).get(b"content-length"))
            if caller.method == "HEAD":
                scope = {**scope, "method": "GET"}
            await self._app(scope, bounded.receive, answer.send)
        except Refusal as refusal:
            if answer.has_begun:
                raise
            is_visit = refusal.status == 401 and caller.path == "/" and caller.method == "GET"
            response = RedirectResponse("/pair", 303) if is_visit else refusal.answer()
            await response(scope, receive, answer.send)

    def _shared_with(self, caller: Caller) -> str | None:
        return caller.origin if self._door.shares_with(caller) else None

    def _most_bytes(self, caller: Caller) -> int:
        return self._limits.upload_bytes if caller.path == UPLOAD_PATH else self._limits.body_bytes

    def _check_head(self, scope: Scope) -> None:
        length = (
            len(scope["raw_path"])
            + len(scope["query_string"])
            + sum(len(name) + len(value) for name, value in scope["headers"])
        )
        if length > self._limits.head_bytes:
            raise Refusal(431, "The headers of this request are too long.", "Ask in fewer words.", {"Connection": "close"})

    def _check_rate(self, caller: Caller) -> None:
        rate = self._rates.get(_kind_of(caller))
        wait = rate.seconds_to_wait(caller.peer) if rate is not None else 0.0
        if wait:
            raise Refusal(
                429, "This device asks more often than it may.", "Wait a moment.", {"Retry-After": str(math.ceil(wait))}
            )


def caller_of(scope: Scope) -> Caller:
    """Return what a request says of itself."""
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        found[name] = value if name not in found else b""  # said twice is said not at all: nothing here may be ambiguous
    client = scope.get("client")

    def text(name: bytes) -> str:
        return found.get(name, b"").decode("latin-1")

    return Caller(
        method=scope["method"],
        path=scope["path"],
        peer=client[0] if client else "",
        host=text(b"host"),
        origin=text(b"origin") if b"origin" in found else None,
        fetch_site=text(b"sec-fetch-site") or None,
        cookie=text(b"cookie"),
        authorization=text(b"authorization"),
        scheme=scope["scheme"],
    )


def _kind_of(caller: Caller) -> str:
    path = caller.path
    if path == "/api/pair":
        return "pairing"
    if path == UPLOAD_PATH or path.endswith("/preview"):
        return "decode"
    if path.endswith("/thumbnail") or path.startswith("/static/"):
        return "pictures"
    return "search"


async def _preflight(answer: _Answer) -> None:
    """Tell a browser what a page of another origin may do: read."""
    headers = [(b"access-control-allow-methods", b"GET"), (b"access-control-max-age", b"600")]
    await answer.send({"type": "http.response.start", "status": 204, "headers": headers})
    await answer.send({"type": "http.response.body", "body": b""})


class _Answer:
    """Sends an answer on, with our headers."""

    def __init__(self, send: Send, *, is_head: bool, shared_with: str | None, has_tls: bool) -> None:
        self._send = send
        self._is_head = is_head
        self.shared_with = shared_with
        self._has_tls = has_tls
        self.has_begun = False

    async def send(self, message: Message) -> None:
        """Pass one message on."""
        if message["type"] == "http.response.start":
            self.has_begun = True
            headers = [*message.get("headers", ()), *HEADERS, (b"vary", b"Origin")]
            if self.shared_with is not None:
                headers.append((b"access-control-allow-origin", self.shared_with.encode("latin-1")))
                headers = [one for one in headers if one[0] != b"cross-origin-resource-policy"]
                headers.append((b"cross-origin-resource-policy", b"cross-origin"))
            message = {**message, "headers": headers}
        elif message["type"] == "http.response.body" and self._is_head:
            message = {**message, "body": b""}
        await self._send(message)


class _Body:
    """Passes the body of a request on, up to so many bytes. ``receive`` raises ``Refusal`` (413)."""

    def __init__(self, receive: Receive, most: int, announced: bytes | None) -> None:
        self._receive = receive
        self._most = most
        self._length = 0
        if announced is not None and announced.isdigit() and int(announced) > most:
            raise self._too_large()

    async def receive(self) -> Message:
        """Return the next piece."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._length += len(message.get("body", b""))
            if self._length > self._most:
                raise self._too_large()
        return message

    def _too_large(self) -> Refusal:
        return Refusal(
            413, f"A request may bring {self._most:,} bytes at most.", "Send a smaller picture.", {"Connection": "close"}
        )
