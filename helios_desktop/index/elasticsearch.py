"""Elasticsearch behind ``Engine``: requests through its own client, which is imported when the first connection is made.

Client 8 talks to servers 8 and 9; client 9 is refused by servers 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from helios_desktop.domain import Float32Array
from helios_desktop.index.engine_base import FOREIGN_REACH, HNSW_EF_CONSTRUCTION, HNSW_M, Asked, Json, of_all
from helios_desktop.index.engine_connection import SEARCH_SECONDS, EngineConnection, EngineKind, with_port
from helios_desktop.index.engine_errors import EngineError, EngineFault, answered, cause_of, unreachable, untrusted
from helios_desktop.index.engine_scores import of_distance, of_half, of_product, of_script

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

CONNECTIONS_PER_HOST = 8
_COSINES = {"cosine": of_half, "dot_product": of_half, "l2_norm": of_distance, "max_inner_product": of_product}
_SCRIPT = "cosineSimilarity(params.text_features, 'features') + 1.0"


class ElasticsearchEngine:
    """Speaks with Elasticsearch; keeps ``Engine``."""

    def __init__(self, connection: EngineConnection) -> None:
        self._where = connection.where
        self._client = _client(connection)

    @property
    def kind(self) -> EngineKind:
        """Which engine it is."""
        return "elasticsearch"

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
        import elastic_transport
        import elasticsearch

        headers = {"accept": "application/json"}
        if body is not None:
            headers["content-type"] = "application/x-ndjson" if is_lines else "application/json"
        try:
            client = self._client.options(request_timeout=timeout_seconds)
            return client.perform_request(method, path, params=params, headers=headers, body=body).body
        except elastic_transport.TlsError as error:
            raise untrusted(self._where, _detail(error)) from error
        except elastic_transport.TransportError as error:
            raise unreachable(self._where, _detail(error)) from error
        except elasticsearch.UnsupportedProductError as error:
            raise EngineError(
                EngineFault.UNSUPPORTED, f"The server at {self._where} is not Elasticsearch.", "Look at its address."
            ) from error
        except elasticsearch.ApiError as error:
            raise _of_answer(self._where, error) from error

    def vector_field(self, dim: int) -> Json:
        """Return the mapping of ``features``: full precision, so that scores are the model's."""
        graph = {"type": "hnsw", "m": HNSW_M, "ef_construction": HNSW_EF_CONSTRUCTION}
        return {"type": "dense_vector", "dims": dim, "index": True, "similarity": "cosine", "index_options": graph}

    def index_settings(self) -> Json:
        """Return the settings that an index with vectors needs."""
        return {}

    def nearest(self, vector: Float32Array, k: int, reach: int, condition: Json | None) -> Json:
        """Return the body that asks for the ``k`` nearest."""
        asked: Json = {"field": "features", "query_vector": vector.tolist(), "k": k, "num_candidates": reach}
        if condition is not None:
            asked["filter"] = condition
        return {"size": k, "knn": asked}

    def cosine(self, score: float) -> float:
        """Return the cosine that a ``_score`` of ``nearest`` means."""
        return of_half(score)

    def nearest_in(self, field: Json, vector: Float32Array, k: int) -> Asked:
        """Return the body that asks a foreign index: by its graph where it has one, else by comparing all, as of 7.11."""
        cosine = _COSINES.get(str(field.get("similarity", "cosine")))
        if field.get("index") is True and cosine is not None:
            return Asked(body=self.nearest(vector, k, max(k, FOREIGN_REACH), None), cosine=cosine)
        script = {"source": _SCRIPT, "params": {"text_features": vector.tolist()}}
        return Asked(body=of_all(script, k), cosine=of_script, is_script=True)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _client(connection: EngineConnection) -> Elasticsearch:
    import elasticsearch

    options: dict[str, Any] = {}
    if connection.api_key:
        options["api_key"] = connection.api_key
    elif connection.user:
        options["basic_auth"] = (connection.user, connection.password)
    if connection.fingerprint:
        options["ssl_assert_fingerprint"] = connection.plain_fingerprint
    elif connection.ca_file is not None:
        options["ca_certs"] = str(connection.ca_file)
    return elasticsearch.Elasticsearch(
        hosts=[with_port(url) for url in connection.urls],
        max_retries=len(connection.urls),  # another address, not the same again: waiting is the sender's business
        retry_on_timeout=False,
        retry_on_status=(),
        connections_per_node=CONNECTIONS_PER_HOST,
        **options,
    )


def _of_answer(where: str, error: Any) -> EngineError:
    kind, reason = cause_of(error.body)
    return answered(where, int(error.status_code), kind, reason or str(error.message or ""))


def _detail(error: Any) -> str:
    return str(getattr(error, "message", "") or error)[-200:]
