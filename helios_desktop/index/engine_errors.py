"""What an engine answered -> which fault it is, in words for a person and with what the program should do next.

Both clients raise their own exceptions; ``opensearch.py`` and ``elasticsearch.py`` turn them into these at the edge.
"""

from __future__ import annotations

import re
from enum import StrEnum

from helios_desktop.errors import IndexUnavailableError

_FLOOD_STAGE = re.compile(r"flood.?stage|read-only-allow-delete|read_only_allow_delete|disk usage exceeded", re.IGNORECASE)


class EngineFault(StrEnum):
    """What went wrong, as far as it matters for what to do."""

    UNREACHABLE = "unreachable"
    BUSY = "busy"
    CREDENTIALS = "credentials"
    CERTIFICATE = "certificate"
    DISK_FULL = "disk-full"
    TOO_LARGE = "too-large"
    MISSING = "missing"
    FOREIGN = "foreign"
    UNSUPPORTED = "unsupported"
    REFUSED = "refused"

    @property
    def is_passing(self) -> bool:
        """Whether the same request may succeed a little later, without anybody doing anything."""
        return self in {EngineFault.UNREACHABLE, EngineFault.BUSY}


class EngineError(IndexUnavailableError):
    """An engine refused, failed or cannot be reached; ``fault`` is the kind."""

    def __init__(self, fault: EngineFault, message: str, remedy: str) -> None:
        super().__init__(message, remedy)
        self.fault = fault


def unreachable(where: str, detail: str) -> EngineError:
    """Return the error for a connection that could not be made, broke, or took too long."""
    return EngineError(
        EngineFault.UNREACHABLE,
        f"The search engine at {where} does not answer ({detail}).",
        "Start it, or look at its address with: helios engine status. Until then the embedded index answers.",
    )


def untrusted(where: str, detail: str) -> EngineError:
    """Return the error for a certificate that does not prove who answers."""
    return EngineError(
        EngineFault.CERTIFICATE,
        f"The search engine at {where} could not prove who it is ({detail}).",
        "Name the file of its certificate authority with --ca, or its certificate's SHA-256 with --fingerprint.",
    )


def fault_of(status: int, kind: str, reason: str) -> EngineFault:
    """Return which fault an HTTP status with the engine's own error type and reason means, for a request or one item of it."""
    if status in {401, 403, 429} and (kind == "cluster_block_exception" or "cluster_block_exception" in reason):
        # A full disk comes as 429 (403 from older servers): waiting does not help it, so it is told from "too busy".
        return EngineFault.DISK_FULL if _FLOOD_STAGE.search(reason) else EngineFault.REFUSED
    if status in {401, 403}:
        return EngineFault.CREDENTIALS
    if status == 404:
        return EngineFault.MISSING
    if status == 413:
        return EngineFault.TOO_LARGE
    if status == 429:
        return EngineFault.BUSY
    if status == 408 or status >= 500:
        return EngineFault.UNREACHABLE if status in {502, 504} else EngineFault.BUSY
    return EngineFault.REFUSED


_REMEDIES = {
    EngineFault.UNREACHABLE: "It is tried again; until then the embedded index answers.",
    EngineFault.BUSY: "It is tried again; give the engine more memory if this lasts.",
    EngineFault.CREDENTIALS: "Give the right user and password again: helios engine use ... --user NAME",
    EngineFault.DISK_FULL: "Make room on the engine's disk; sending goes on by itself then.",
    EngineFault.TOO_LARGE: "Raise the engine's http.max_content_length.",
    EngineFault.MISSING: "Build it again: helios engine rebuild",
    EngineFault.REFUSED: "Look into the engine's log, then build the index again: helios engine rebuild",
}


def cause_of(body: object) -> tuple[str, str]:
    """Return the type and reason of an error's body: those of the first shard that failed, where the whole says only that."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return "", str(error or "")
    roots = error.get("root_cause")
    deeper = roots[0] if isinstance(roots, list) and roots and isinstance(roots[0], dict) else {}
    cause = deeper if error.get("type") == "search_phase_execution_exception" and deeper.get("reason") else error
    return str(cause.get("type", "")), str(cause.get("reason", ""))


def answered(where: str, status: int, kind: str, reason: str) -> EngineError:
    """Return the error for an HTTP status that is not a success."""
    fault = fault_of(status, kind, reason)
    detail = f"{kind}: {reason}" if kind and reason and kind not in reason else reason or kind
    messages = {
        EngineFault.CREDENTIALS: f"The search engine at {where} did not accept the user or password (HTTP {status}).",
        EngineFault.DISK_FULL: f"The disk of the search engine at {where} is full; it takes no more documents.",
        EngineFault.TOO_LARGE: f"The search engine at {where} does not take requests of this size.",
    }
    other = f"The search engine at {where} answered with HTTP {status} ({detail[:300] or 'no reason given'})."
    return EngineError(fault, messages.get(fault, other), _REMEDIES[fault])


def foreign(name: str, owner: str) -> EngineError:
    """Return the error for an index that must not be written to because somebody else made it."""
    return EngineError(
        EngineFault.FOREIGN,
        f"The index '{name}' on this server was made by {owner}; Helios does not write to it.",
        "Choose another name for yours: helios engine use ... --index NAME. That one can be searched as it is:"
        f" helios search WORDS --library {name}",
    )
