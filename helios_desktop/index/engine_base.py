"""The protocol of a server: one request, and the few things that OpenSearch and Elasticsearch say differently."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from helios_desktop.domain import Float32Array
from helios_desktop.index.engine_connection import SEARCH_SECONDS, EngineKind

Json = dict[str, Any]

MAX_HITS = 10_000
"""Both engines answer with at most so many (``index.max_result_window``, ``k``, ``num_candidates``)."""

FOREIGN_REACH = 500
"""So many neighbours are compared at least in an index that somebody else made."""

HNSW_M = 16
HNSW_EF_CONSTRUCTION = 64
"""Building the graph is most of what loading costs a server. 64 takes two thirds of what the engines' own 100 takes; with
``REACH`` neighbours compared, the ten best of 20,000 vectors are found as well as before (0.99 of them)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerInfo:
    """What a server says of itself."""

    kind: EngineKind
    version: str

    @property
    def numbers(self) -> tuple[int, int]:
        """Major and minor version."""
        major, _, rest = self.version.partition(".")
        minor = rest.partition(".")[0]
        return int(major) if major.isdigit() else 0, int(minor) if minor.isdigit() else 0

    @property
    def title(self) -> str:
        """What people call it."""
        return f"{'OpenSearch' if self.kind == 'opensearch' else 'Elasticsearch'} {self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A body for ``_search``. ``cosine`` makes its ``_score`` a cosine; ``is_script``: every document is compared."""

    body: Json
    cosine: Callable[[float], float]
    is_script: bool = False


class Engine(Protocol):
    """A server and how to ask it. For several threads at once."""

    @property
    def kind(self) -> EngineKind:
        """Which of the two it is."""
        ...

    @property
    def where(self) -> str:
        """Its addresses, for messages; never with a password."""
        ...

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        is_lines: bool = False,
        timeout_seconds: float = SEARCH_SECONDS,
    ) -> Any:
        """Send one request (``is_lines``: the body is NDJSON) and return the decoded answer.

        Raises ``EngineError`` for everything that is not a success. Another address is tried where one does not answer.
        """
        ...

    def vector_field(self, dim: int) -> Json:
        """Return the mapping of ``features``."""
        ...

    def index_settings(self) -> Json:
        """Return the settings that an index with vectors needs."""
        ...

    def nearest(self, vector: Float32Array, k: int, reach: int, condition: Json | None) -> Json:
        """Return the body that asks for the ``k`` nearest among the documents that fulfil ``condition``.

        ``reach``: how many are compared on the way, at least ``k``; as many as fulfil the condition makes it exact.
        """
        ...

    def cosine(self, score: float) -> float:
        """Return the cosine that a ``_score`` of ``nearest`` means."""
        ...

    def nearest_in(self, field: Json, vector: Float32Array, k: int) -> Asked:
        """Return how to ask an index that somebody else made, whose ``features`` are mapped as ``field``."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


def of_all(script: Json, k: int) -> Json:
    """Return the body that has a script score every document with a vector."""
    everything: Json = {"exists": {"field": "features"}}
    return {"size": k, "query": {"script_score": {"query": everything, "script": script}}}
