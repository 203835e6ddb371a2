"""OpenSearch behind ``Engine``: requests through its own client, which is imported when the first connection is made."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from helios_desktop.domain import Float32Array
from helios_desktop.index.engine_base import FOREIGN_REACH, HNSW_EF_CONSTRUCTION, HNSW_M, Asked, Json, ServerInfo, of_all
from helios_desktop.index.engine_connection import SEARCH_SECONDS, EngineConnection, EngineKind, with_port
from helios_desktop.index.engine_errors import EngineError, answered, cause_of, unreachable, untrusted
from helios_desktop.index.engine_scores import Cosine, of_angle, of_distance, of_half, of_product, of_script

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

CONNECTIONS_PER_HOST = 8
_COSINES = {
    ("lucene", "cosinesimil"): of_half,
    ("lucene", "l2"): of_distance,
    ("lucene", "innerproduct"): of_product,
    ("faiss", "cosinesimil"): of_half,
    ("faiss", "l2"): of_distance,
    ("faiss", "innerproduct"): of_product,
    ("nmslib", "cosinesimil"): of_angle,
    ("nmslib", "l2"): of_distance,
    ("nmslib", "innerproduct"): of_product,
}


class OpenSearchEngine:
    """Speaks with OpenSearch; keeps ``Engine``."""

    def __init__(self, connection: EngineConnection) -> None:
        self._where = connection.where
        self._client = _client(connection)

    @property
    def kind(self) -> EngineKind:
        """Which engine it is."""
        return "opensearch"

    @property
    def where(self) -> str:
        """Its addresses."""
        return self._where

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
        """Send one request and return the decoded answer. Raises ``EngineError``."""
        import opensearchpy

        headers = {"content-type": "application/x-ndjson" if is_lines else "application/json"} if body is not None else {}
        options = {**(params or {}), "request_timeout": timeout_seconds}
        try:
            return self._client.transport.perform_request(method, path, params=options, body=body, headers=headers)
        except opensearchpy.exceptions.SSLError as error:
            raise _of_tls(self._where, error) from error
        except opensearchpy.exceptions.ConnectionError as error:
            raise unreachable(self._where, _detail(error)) from error
        except opensearchpy.exceptions.TransportError as error:
            raise _of_answer(self._where, error) from error
        except opensearchpy.exceptions.SerializationError as error:
            raise unreachable(self._where, "its answer is no JSON") from error

    def vector_field(self, dim: int) -> Json:
        """Return the mapping of ``features``: Lucene's graph, which walks and filters at once.

        Of unit vectors the nearest by distance are those of the highest cosine; a distance is a third of the work, since
        ``cosinesimil`` takes both lengths anew at each comparison.
        """
        parameters = {"m": HNSW_M, "ef_construction": HNSW_EF_CONSTRUCTION}
        method = {"name": "hnsw", "engine": "lucene", "space_type": "l2", "parameters": parameters}
        return {"type": "knn_vector", "dimension": dim, "method": method}

    def index_settings(self) -> Json:
        """Return the settings that an index with vectors needs.

        From 3.0 on the server takes each vector out of the stored document, and writes it anew where somebody reads it. That
        is a fifth of what loading costs it; the vectors stay where readers of the ancestor's indices look for them.
        """
        derives = {"index.knn.derived_source.enabled": False} if self._version() >= (3, 0) else {}
        return {"index.knn": True, **derives}

    def nearest(self, vector: Float32Array, k: int, reach: int, condition: Json | None) -> Json:
        """Return the body that asks for the ``k`` nearest; Lucene's engine reaches as far as the ``k`` inside says."""
        asked: Json = {"vector": vector.tolist(), "k": reach}
        if condition is not None:
            asked["filter"] = condition
        return {"size": k, "query": {"knn": {"features": asked}}}

    def cosine(self, score: float) -> float:
        """Return the cosine that a ``_score`` of ``nearest`` means."""
        return of_distance(score)

    def nearest_in(self, field: Json, vector: Float32Array, k: int) -> Asked:
        """Return the body that asks a foreign index: by its graph where it has one that is known, else by comparing all."""
        method = field.get("method") or {}
        space = method.get("space_type") or field.get("space_type")
        cosine = _COSINES.get((str(method.get("engine")), str(space)))
        if cosine is not None:
            return Asked(body=self.nearest(vector, k, max(k, FOREIGN_REACH), None), cosine=cosine)
        params = {"field": "features", "query_value": vector.tolist(), "space_type": "cosinesimil"}
        script = {"lang": "knn", "source": "knn_score", "params": params}
        return Asked(body=of_all(script, k), cosine=self._cosine_of_script(), is_script=True)

    def _cosine_of_script(self) -> Cosine:
        """Return what its script's score means: from 2.19 on the same as a graph's (opensearch-project/k-NN, 2357)."""
        return of_half if self._version() >= (2, 19) else of_script

    def _version(self) -> tuple[int, int]:
        told = self.request("GET", "/")
        return ServerInfo(kind="opensearch", version=str(told["version"]["number"])).numbers

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _client(connection: EngineConnection) -> OpenSearch:
    import opensearchpy

    options: dict[str, Any] = {}
    if connection.api_key:
        options["headers"] = {"authorization": f"ApiKey {connection.api_key}"}
    elif connection.user:
        options["http_auth"] = (connection.user, connection.password)
    if connection.is_secure:
        options["ssl_context"] = _tls(connection)
        if connection.fingerprint:
            options |= {"ssl_assert_fingerprint": connection.plain_fingerprint, "ssl_assert_hostname": False}
    return opensearchpy.OpenSearch(
        hosts=[_host(url) for url in connection.urls],
        max_retries=len(connection.urls),  # another address, not the same again: waiting is the sender's business
        retry_on_timeout=False,
        retry_on_status=(),
        pool_maxsize=CONNECTIONS_PER_HOST,
        **options,
    )


def _host(url: str) -> dict[str, Any]:
    part = urlsplit(with_port(url))
    host: dict[str, Any] = {"host": part.hostname, "port": part.port, "use_ssl": part.scheme == "https"}
    return host | ({"url_prefix": part.path.strip("/")} if part.path.strip("/") else {})


def _tls(connection: EngineConnection) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=None if connection.ca_file is None else str(connection.ca_file))
    if connection.fingerprint:  # the pinned certificate itself is the proof, compared after the handshake
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _of_tls(where: str, error: Exception) -> EngineError:
    detail = _detail(error)
    refused = ("certificate", "fingerprint", "hostname", "self-signed", "self signed")
    return (untrusted if any(word in detail.lower() for word in refused) else unreachable)(where, detail)


def _of_answer(where: str, error: Any) -> EngineError:
    kind, reason = cause_of(error.info)
    return answered(where, int(error.status_code), kind, reason or str(error.error))


def _detail(error: Any) -> str:
    cause = error.info if isinstance(getattr(error, "info", None), Exception) else error
    return str(cause)[-200:]
