"""Who may come in: in goes what a request says of itself, out comes a refusal, or who it is.

- **Host** must be a name of this computer: a page elsewhere that has its own name point here (DNS rebinding) is refused.
- **Origin** must be our own page's, or one that was named; requests that change something need that, or come from no page.
- **A token** is needed by every device but this computer itself, as soon as the server is open to others.
"""

from __future__ import annotations

from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from helios_desktop.web.devices import Device, Devices
from helios_desktop.web.options import ServeOptions, host_name, is_loopback
from helios_desktop.web.problems import Refusal

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN_PATHS = frozenset(
    {
        "/pair",
        "/api/pair",
        "/static/pair.js",
        "/static/words.js",
        "/static/style.css",
        "/static/icon.svg",
        "/static/icon-192.png",
        "/static/icon-512.png",
        "/favicon.ico",
        "/manifest.webmanifest",
    }
)
"""What a device needs to be paired; nothing of the library."""
COOKIE = "helios_device"
SECURE_COOKIE = "__Host-helios_device"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What a request says of itself. ``peer``: the address at the other end of the connection."""

    method: str
    path: str
    peer: str
    host: str
    origin: str | None
    fetch_site: str | None
    cookie: str
    authorization: str
    scheme: str


class Door:
    """Decides for one server. ``own_hosts``: names and addresses that this computer answers to."""

    def __init__(self, options: ServeOptions, devices: Devices, own_hosts: frozenset[str]) -> None:
        self._options = options
        self._devices = devices
        self._hosts = own_hosts | {host.lower() for host in options.hosts}

    @property
    def cookie_name(self) -> str:
        """The name under which a device keeps its token."""
        return SECURE_COOKIE if self._options.has_tls else COOKIE

    def admit(self, caller: Caller) -> Device | None:
        """Return the paired device, None for this computer itself and for what is open. Raises ``Refusal``."""
        self._check_host(caller)
        self._check_origin(caller)
        if not self._options.is_lan or self._is_this_computer(caller) or caller.path in OPEN_PATHS:
            return None
        device = self._devices.find(self._token_of(caller))
        if device is None:
            raise Refusal(
                401,
                "This device is not paired with this computer.",
                "Scan the code that Helios shows there.",
                {"WWW-Authenticate": "Bearer"},
            )
        return device

    def shares_with(self, caller: Caller) -> bool:
        """Whether the answer may be read by the page that asks from another origin."""
        return caller.origin is not None and caller.origin in self._options.origins

    def _check_host(self, caller: Caller) -> None:
        name = host_name(caller.host)
        if not name or not (is_loopback(name) or name in self._hosts):
            raise Refusal(
                403, f"This server does not answer to the name {name[:80]!r}.", "Allow it with --allow-host, if it is yours."
            )

    def _check_origin(self, caller: Caller) -> None:
        is_safe = caller.method in SAFE_METHODS
        if caller.origin is not None:
            if self._is_own(caller) or (is_safe and self.shares_with(caller)):
                return
            raise Refusal(
                403,
                f"Pages of {caller.origin[:80]} may not ask this server.",
                "Name the origin with --allow-origin, if it is yours; other pages can never change anything.",
            )
        is_foreign = caller.fetch_site == "cross-site"
        if is_foreign and (not is_safe or caller.path.startswith("/api/")):
            raise Refusal(403, "Pages of other sites may not use this server.", "Open its own page.")

    @staticmethod
    def _is_own(caller: Caller) -> bool:
        parts = urlsplit(caller.origin or "")
        return parts.scheme == caller.scheme and parts.netloc.lower() == caller.host.strip().lower()

    @staticmethod
    def _is_this_computer(caller: Caller) -> bool:
        return is_loopback(caller.peer) and is_loopback(host_name(caller.host))

    def _token_of(self, caller: Caller) -> str:
        kind, _, token = caller.authorization.partition(" ")
        if kind.lower() == "bearer" and token:
            return token.strip()
        try:
            found = SimpleCookie(caller.cookie).get(self.cookie_name)
        except CookieError:
            return ""
        return found.value if found is not None else ""
