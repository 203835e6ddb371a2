"""An index that another program wrote, asked as it is: nothing is ever written to it.

In: an engine, the name of an index or alias whose documents have ``features``, and a unit vector. Out: the engine's own answer,
or hits. It fits what es-clip-image-search wrote (``url``, ``sourceUrl``, ``features``, ``@timestamp``; a k-NN graph, or
Elasticsearch 7.11's vectors without an index, which a script compares one by one), what its commands under their names here
write, and an index that Helios keeps in step. Where a server runs no scripts, the vectors are read and compared here.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from helios_desktop.domain import Float32Array
from helios_desktop.errors import QueryError
from helios_desktop.index.engine_base import MAX_HITS, Engine, Json
from helios_desktop.index.engine_connection import REQUEST_SECONDS
from helios_desktop.index.engine_errors import EngineError, EngineFault
from helios_desktop.index.engine_names import checked_alias
from helios_desktop.index.rows import checked_query

ANSWER_FIELDS = ("url", "sourceUrl", "@timestamp")
PAGE_ROWS = 1_000
_NO_SCRIPTS = ("script_lang not supported", "cannot execute [inline] scripts", "cannot execute scripts")


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignHit:
    """One document: its ``_id``, cosine, and the fields that it has of ``url``, ``sourceUrl`` and ``@timestamp``."""

    document_id: str
    score: float
    url: str | None
    source_url: str | None
    timestamp: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What the server says of an index. ``model_id`` and ``library``: empty where its maker did not say."""

    name: str
    dim: int
    field: Json
    model_id: str
    library: str
    count: int


class ForeignIndex:
    """One index or alias of an engine, for reading. For several threads."""

    def __init__(self, engine: Engine, name: str) -> None:
        """Ask nothing yet. Raises ``SettingsError`` for a name that cannot be one."""
        self._engine = engine
        self._name = checked_alias(name)
        self._described: Described | None = None

    @property
    def engine(self) -> Engine:
        """The server."""
        return self._engine

    def described(self) -> Described:
        """Return what it is, asked once. Raises ``EngineError``, and ``QueryError`` where it is away or without vectors."""
        if self._described is None:
            self._described = self._describe()
        return self._described

    def answer(self, vector: Float32Array, k: int) -> Json:
        """Return the engine's own answer: ``hits.hits[]`` with ``_id``, ``_score`` and ``_source`` of ``ANSWER_FIELDS``.

        ``vector``: float32 ``[dim]``, unit length. Raises ``QueryError``, ``IndexUnavailableError`` and ``EngineError``.
        """
        return self._answered(vector, k)[0]

    def hits(self, vector: Float32Array, k: int) -> list[ForeignHit]:
        """Return the ``k`` nearest, best first, scored by cosine. Raises as ``answer`` does."""
        answer, scores = self._answered(vector, k)
        return [_hit(hit, score) for hit, score in zip(answer["hits"]["hits"], scores, strict=True)]

    def vector_of(self, document_id: str) -> Float32Array | None:
        """Return the vector of one document, brought to unit length; None where there is none of this id."""
        body: Json = {"size": 1, "query": {"ids": {"values": [document_id]}}}
        for _, row in self._rows(body):
            return row
        return None

    def _answered(self, vector: Float32Array, k: int) -> tuple[Json, list[float]]:
        described = self.described()
        question = checked_query(vector, k, described.dim)
        asked = self._engine.nearest_in(described.field, question, min(max(k, 1), MAX_HITS))
        body = asked.body | {"_source": list(ANSWER_FIELDS), "track_total_hits": True}
        try:
            told = self._search(body)
        except EngineError as error:
            if not asked.is_script or not any(words in error.message for words in _NO_SCRIPTS):
                raise
            told = self._compared_here(question, k)
        told["hits"]["hits"] = told["hits"]["hits"][:k]
        return told, [asked.cosine(float(hit["_score"])) for hit in told["hits"]["hits"]]

    def _compared_here(self, question: Float32Array, k: int) -> Json:
        """Return an answer as the script would give it: every vector is read, and only the best are kept."""
        started = time.perf_counter()
        best: list[tuple[float, str]] = []
        count = 0
        for document_id, row in self._rows({"query": {"exists": {"field": "features"}}}):
            count += 1
            heapq.heappush(best, (1.0 + float(row @ question), document_id))
            if len(best) > k:
                heapq.heappop(best)
        best.sort(key=lambda one: (-one[0], one[1]))
        wanted: Json = {"ids": {"values": [document_id for _, document_id in best]}}
        found = self._search({"size": len(best), "_source": list(ANSWER_FIELDS), "query": wanted})
        hits = {hit["_id"]: hit for hit in found["hits"]["hits"]}
        ordered = [hits[name] | {"_score": score} for score, name in best if name in hits]
        return {
            "took": round((time.perf_counter() - started) * 1000),
            "timed_out": False,
            "_shards": found.get("_shards", {}),
            "hits": {
                "total": {"value": count, "relation": "eq"},
                "max_score": ordered[0]["_score"] if ordered else None,
                "hits": ordered,
            },
        }

    def _rows(self, body: Json) -> Iterator[tuple[str, Float32Array]]:
        """Yield ids and unit vectors of the documents that a query finds; those without a direction are left out."""
        told = self._search({"size": PAGE_ROWS, "_source": ["features"], **body}, {"scroll": "1m"})
        try:
            while told["hits"]["hits"]:
                for hit in told["hits"]["hits"]:
                    row = np.asarray(hit["_source"].get("features", ()), np.float32)
                    norm = float(np.linalg.norm(row)) if row.size else 0.0
                    if norm > 0:
                        yield str(hit["_id"]), row / np.float32(norm)
                told = self._request("POST", "/_search/scroll", {"scroll": "1m", "scroll_id": told["_scroll_id"]})
        finally:
            self._request("DELETE", "/_search/scroll", {"scroll_id": told["_scroll_id"]})

    def _describe(self) -> Described:
        try:
            told = self._request("GET", f"/{self._name}")
        except EngineError as error:
            if error.fault is EngineFault.MISSING:
                raise _unfit(self._engine.where, self._name, "is not there") from error
            raise
        if len(told) != 1:
            raise _unfit(self._engine.where, self._name, f"stands for {len(told)} indices")
        name, one = next(iter(told.items()))
        mappings = one.get("mappings", {})
        field = mappings.get("properties", {}).get("features", {})
        dim = field.get("dimension", field.get("dims"))
        if field.get("type") not in {"knn_vector", "dense_vector"} or not isinstance(dim, int):
            raise _unfit(self._engine.where, self._name, "holds no vectors in a field 'features'")
        has_graphs = str(one.get("settings", {}).get("index", {}).get("knn", "false")).lower() == "true"
        if field["type"] == "knn_vector" and not has_graphs:
            field = {key: value for key, value in field.items() if key != "method"}
        meta = (mappings.get("_meta") or {}).get("helios") or {}
        count = int(self._request("POST", f"/{name}/_count", {"query": {"exists": {"field": "features"}}})["count"])
        model_id, library = (str(meta.get(key, "")) for key in ("model", "library"))
        return Described(name=name, dim=dim, field=field, model_id=model_id, library=library, count=count)

    def _search(self, body: Json, params: dict[str, str] | None = None) -> Json:
        found: Json = self._engine.request(
            "POST", f"/{self._name}/_search", params=params, body=orjson.dumps(body), timeout_seconds=REQUEST_SECONDS
        )
        return found

    def _request(self, method: str, path: str, body: Json | None = None) -> Any:
        data = None if body is None else orjson.dumps(body)
        return self._engine.request(method, path, body=data, timeout_seconds=REQUEST_SECONDS)


def _hit(hit: Json, score: float) -> ForeignHit:
    source = hit.get("_source", {})
    return ForeignHit(
        document_id=str(hit["_id"]),
        score=score,
        url=_text(source.get("url")),
        source_url=_text(source.get("sourceUrl")),
        timestamp=_text(source.get("@timestamp")),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _unfit(where: str, name: str, why: str) -> QueryError:
    return QueryError(
        f"The index '{name}' on the server at {where} {why}.",
        "Name an index whose documents have 'url', 'sourceUrl' and 'features', as es-clip-image-search writes them.",
    )
