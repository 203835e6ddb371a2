"""What ``helios serve`` was asked for: in come addresses and switches, out come checked options, or a ``SettingsError``."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from helios_desktop.errors import SettingsError

LOOPBACK_HOST = "127.0.0.1"
EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 the name of a choice that --lan or the container alone allows
DEFAULT_PORT = 8000
ANCESTORS_ORIGINS = ("http://localhost:3000", "http://127.0.0.1:3000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one server bears. Rates are requests a second and client; ``*_burst`` may come at once.

    ``upload_bytes``: the largest picture to search by; ``body_bytes``: any other body; ``head_bytes``: all
    headers together. ``searches``, ``pictures`` and
    ``decodes`` work at once; ``waiting`` more of each may wait, the next is told to come back.
    """

    upload_bytes: int = 32 * 2**20
    upload_seconds: float = 60.0
    body_bytes: int = 16 * 2**10
    head_bytes: int = 32 * 2**10
    searches: int = 4
    pictures: int = 4
    decodes: int = 2
    waiting: int = 64
    streams: int = 32
    search_rate: float = 200.0
    search_burst: float = 1_000.0
    picture_rate: float = 2_000.0
    picture_burst: float = 10_000.0
    decode_rate: float = 10.0
    decode_burst: float = 60.0
    pairing_rate: float = 0.1
    pairing_burst: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """Where to listen and what to show. ``origins`` may ask from other pages; ``hosts`` are further names of this computer."""

    host: str = LOOPBACK_HOST
    port: int = DEFAULT_PORT
    is_lan: bool = False
    has_tls: bool = False
    shows_originals: bool = False
    shows_places: bool = False
    allows_favourites: bool = False
    origins: tuple[str, ...] = ANCESTORS_ORIGINS
    hosts: tuple[str, ...] = ()
    is_in_container: bool = False
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        for origin in self.origins:
            parts = urlsplit(origin)
            if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or parts.query:
                raise SettingsError(f"{origin[:80]!r} is not an origin.", "Write it as http://localhost:3000, without a path.")
        if not is_loopback(self.host) and not (self.is_lan or self.is_in_container):
            raise SettingsError(
                f"The address {self.host} can be reached by other devices.",
                "Say --lan, which lets in paired devices only, or leave --host out to serve this computer alone.",
            )


def is_loopback(host: str) -> bool:
    """Whether a host, as a name or an address, is this computer and nothing else."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_loopback


def host_name(header: str) -> str:
    """Return the host of a ``Host`` header in small letters, without its port and brackets; empty where it is none."""
    try:
        parts = urlsplit(f"//{header.strip()}")
        _ = parts.port  # raises for what is no number
    except ValueError:
        return ""
    if parts.username is not None or parts.path or parts.query or parts.fragment:
        return ""
    return (parts.hostname or "").rstrip(".")
