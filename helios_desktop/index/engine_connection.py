"""Where an engine is and how it is spoken to: checked before the first byte leaves this computer.

https is verified everywhere, loopback included, by the system's authorities, a CA file or a pinned certificate. Plain http is
for this computer alone, and inside a container network where no password travels.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

from helios_desktop.errors import SettingsError

EngineKind = Literal["opensearch", "elasticsearch"]
DEFAULT_URL = "http://127.0.0.1:9200"
DEFAULT_PORT = 9200
REQUEST_SECONDS = 60.0
SEARCH_SECONDS = 5.0

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConnection:
    """One or several addresses of one engine, and what proves both sides. Secrets are in no ``repr``.

    ``fingerprint``: SHA-256 of the server's certificate, hexadecimal, colons or not. ``is_in_container``: plain http to other
    hosts is accepted, without credentials. Raises ``SettingsError`` where the rules above are broken.
    """

    urls: tuple[str, ...] = (DEFAULT_URL,)
    user: str = ""
    password: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    ca_file: Path | None = None
    fingerprint: str = ""
    is_in_container: bool = False

    def __post_init__(self) -> None:
        if not self.urls:
            raise SettingsError("No address of the engine was given.", f"Name it: --url {DEFAULT_URL}")
        parts = [_split(url) for url in self.urls]
        for url, part in zip(self.urls, parts, strict=True):
            self._check(url, part)
        if len({part.scheme for part in parts}) > 1:
            raise SettingsError("Some addresses of the engine are https and some are http.", "Use https for all of them.")
        if self.fingerprint and not _FINGERPRINT.fullmatch(self.plain_fingerprint):
            raise SettingsError(
                "This is not the fingerprint of a certificate.",
                "It is the SHA-256: 64 hexadecimal digits, with colons or without.",
            )
        if self.ca_file is not None and not self.ca_file.is_file():
            raise SettingsError(f"The certificate file {self.ca_file} is not there.", "Name the engine's CA file, in PEM form.")
        if (self.ca_file or self.fingerprint) and parts[0].scheme != "https":
            raise SettingsError("A certificate was named, but the address is plain http.", "Begin the address with https://")

    @property
    def plain_fingerprint(self) -> str:
        """The fingerprint without colons, in small letters."""
        return self.fingerprint.replace(":", "").strip().lower()

    @property
    def is_secure(self) -> bool:
        """Whether the addresses are https."""
        return urlsplit(self.urls[0]).scheme == "https"

    @property
    def where(self) -> str:
        """The addresses, for messages."""
        return ", ".join(self.urls)

    @property
    def has_credentials(self) -> bool:
        """Whether a password or a key travels with each request."""
        return bool(self.password or self.api_key)

    def _check(self, url: str, part: SplitResult) -> None:
        if part.scheme == "https" or is_loopback(part.hostname or ""):
            return
        if self.has_credentials or self.user:
            raise SettingsError(
                f"A password sent to {url} by plain http could be read by anyone on the way.",
                f"Use https://{part.netloc}, with --ca or --fingerprint where the certificate is the engine's own.",
            )
        if not self.is_in_container:
            raise SettingsError(
                f"Helios speaks plain http with this computer only, not with {part.hostname}.",
                f"Use https://{part.netloc}, with --ca or --fingerprint where the certificate is the engine's own.",
            )


def is_loopback(host: str) -> bool:
    """Whether a host's name or address means this computer."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def with_port(url: str) -> str:
    """Return an address as clients want it: scheme, host, port, and the path without a slash at its end."""
    part = _split(url)
    host = f"[{part.hostname}]" if ":" in (part.hostname or "") else part.hostname
    return f"{part.scheme}://{host}:{part.port or DEFAULT_PORT}{part.path.rstrip('/')}"


def without_credentials(url: str) -> tuple[str, str, str]:
    """Return an address without its user and password, and these two (empty where it has none)."""
    part = urlsplit(url)
    return (
        part._replace(netloc=part.netloc.rpartition("@")[2]).geturl(),
        unquote(part.username or ""),
        unquote(part.password or ""),
    )


def _split(url: str) -> SplitResult:
    example = f"It looks like {DEFAULT_URL} or https://search.example:9200"
    try:
        part = urlsplit(url)
        _ = part.port
    except ValueError as error:
        raise SettingsError("This is not the address of an engine.", example) from error
    if "@" in part.netloc:
        raise SettingsError("The address of the engine carries a password.", "Leave it out, and name the user with --user.")
    if part.scheme not in {"http", "https"} or not part.hostname or part.query or part.fragment:
        raise SettingsError(f"'{url[:80]}' is not the address of an engine.", example)
    return part
