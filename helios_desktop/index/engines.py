"""A connection -> the engine that answers there: its kind and version are asked first, and the right client chosen."""

from __future__ import annotations

from typing import Any

from helios_desktop.index.elasticsearch import ElasticsearchEngine
from helios_desktop.index.engine_base import Engine, ServerInfo
from helios_desktop.index.engine_connection import EngineConnection, EngineKind
from helios_desktop.index.engine_errors import EngineError, EngineFault
from helios_desktop.index.opensearch import OpenSearchEngine

OLDEST = {"opensearch": (2, 11), "elasticsearch": (8, 11)}
"""The oldest versions whose vector search does what is needed. Tests run on 2.19 and 3.3, and on 8.19 and 9.2."""

_TITLES = {"opensearch": "OpenSearch", "elasticsearch": "Elasticsearch"}


def connect(connection: EngineConnection, kind: EngineKind | None = None) -> tuple[Engine, ServerInfo]:
    """Return the engine at these addresses and what it is.

    ``kind``: what the user named; None takes either. Raises ``EngineError`` where it cannot be reached, does not let us in, is
    the other one, is too old, or is something else.
    """
    probe = OpenSearchEngine(connection)  # its client asks any server; Elasticsearch's refuses others, and after the request
    try:
        info = _info(probe)
        _refuse_unfit(connection.where, info, kind)
    except BaseException:
        probe.close()
        raise
    if info.kind == "opensearch":
        return probe, info
    probe.close()
    return ElasticsearchEngine(connection), info


def _info(engine: Engine) -> ServerInfo:
    try:
        told = engine.request("GET", "/")
    except EngineError as error:
        if error.fault is not EngineFault.REFUSED:
            raise
        return _info_of_nodes(engine)  # a server without its front page: 405
    version = told.get("version") if isinstance(told, dict) else None
    number = str(version.get("number", "")) if isinstance(version, dict) else ""
    if not isinstance(version, dict) or not number[:1].isdigit():
        raise _unknown(engine.where)
    if version.get("distribution") == "opensearch":
        return ServerInfo(kind="opensearch", version=number)
    if "distribution" in version or not ("build_flavor" in version or "You Know" in str(told.get("tagline", ""))):
        raise _unknown(engine.where)
    return ServerInfo(kind="elasticsearch", version=number)


def _info_of_nodes(engine: Engine) -> ServerInfo:
    nodes: Any = engine.request("GET", "/_cat/nodes", params={"h": "version", "format": "json"})
    versions = [str(node.get("version", "")) for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []
    if not versions or not versions[0][:1].isdigit():
        raise _unknown(engine.where)
    return ServerInfo(kind="elasticsearch", version=min(versions))


def _refuse_unfit(where: str, info: ServerInfo, kind: EngineKind | None) -> None:
    if kind is not None and info.kind != kind:
        raise EngineError(
            EngineFault.UNSUPPORTED,
            f"The server at {where} is {info.title}, not {_TITLES[kind]}.",
            f"Run: helios engine use {info.kind}",
        )
    if info.numbers < OLDEST[info.kind]:
        raise EngineError(
            EngineFault.UNSUPPORTED,
            f"The server at {where} is {info.title}, which is too old.",
            f"Helios works with {supported()}.",
        )


def supported() -> str:
    """Return which servers Helios works with, in words."""
    return " and ".join(f"{_TITLES[kind]} {major}.{minor} or newer" for kind, (major, minor) in OLDEST.items())


def _unknown(where: str) -> EngineError:
    return EngineError(
        EngineFault.UNSUPPORTED,
        f"The server at {where} is neither OpenSearch nor Elasticsearch.",
        f"Helios works with {supported()}. Look at the address and the port.",
    )
