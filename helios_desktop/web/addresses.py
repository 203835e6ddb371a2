"""Which addresses and names this computer has: where it can be reached, and which ``Host`` it answers to."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress

import psutil

SOMEWHERE = ("192.0.2.1", 9)
"""An address that is nowhere (RFC 5737): a UDP socket connected to it sends nothing, and tells which address it would use."""


def own_addresses() -> list[str]:
    """Return this computer's IPv4 addresses that others may reach, the one of its default route first."""
    found: list[str] = []
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(SOMEWHERE)
        found.append(probe.getsockname()[0])
    for addresses in psutil.net_if_addrs().values():
        found += [one.address for one in addresses if one.family == socket.AF_INET]
    return [one for one in dict.fromkeys(found) if not ipaddress.ip_address(one).is_loopback and one != "0.0.0.0"]  # noqa: S104


def own_names() -> frozenset[str]:
    """Return the names and addresses that this computer answers to in its own network, in small letters."""
    name = socket.gethostname().lower()
    short = name.split(".")[0]
    return frozenset({name, short, f"{short}.local", *own_addresses()} - {""})


def in_address(host: str) -> str:
    """Return a host as it stands in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host
