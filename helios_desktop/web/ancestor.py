"""``GET /?search=WORDS&db=opensearch|elasticsearch``: the question of es-clip-image-search's callers, and its engines' answer.

The words are one text, as there: no chips, no filters. A score is told as each engine tells a cosine: (1 + cos) / 2 by
OpenSearch's cosinesimil, cos + 1 by the script that Elasticsearch ran.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from helios_desktop.domain import Hit, Query, TextTerm
from helios_desktop.index.engine_connection import EngineKind
from helios_desktop.pipeline.query import clean
from helios_desktop.web.problems import Refusal
from helios_desktop.web.site import Site

HITS = 18
LIBRARY = "unsplash"
INDEX = "images"

_SCORES: dict[str, Callable[[float], float]] = {
    "opensearch": lambda cosine: (1.0 + cosine) / 2.0,
    "elasticsearch": lambda cosine: cosine + 1.0,
}


def engine_called(database: str) -> EngineKind:
    """Return the engine that ``db`` means. Raises ``Refusal`` (400) for any other text."""
    if database == "opensearch":
        return "opensearch"
    if database == "elasticsearch":
        return "elasticsearch"
    raise Refusal(400, f"There is no database {database[:40]!r} here.", "Ask with db=opensearch or db=elasticsearch.")


def engine_answer(site: Site, words: str, database: EngineKind) -> dict[str, Any]:
    """Return the answer of the engine that is meant, or one in its shape; blocks. Raises ``KnownError`` kinds.

    Asked are, in this order: the engine that ``OPENSEARCH_URL`` or ``ES_URL`` names; the library that was imported here; the
    engine in use, where it is of this kind.
    """
    text = clean(words)
    if not text:
        return _shaped([], database, 0.0, "")
    libraries = site.library.libraries
    own = libraries.named_engine_answer(text, HITS, database)
    if own is not None:
        return own
    if libraries.get(LIBRARY) is None and site.library.engine == database:
        return libraries.engine_answer(text, HITS, index=INDEX)
    result = site.library.search(Query(terms=(TextTerm(text=text),), limit=HITS, library=LIBRARY))
    loaded_at = datetime.fromtimestamp(libraries.made_at(LIBRARY) or 0, UTC).isoformat()
    return _shaped(list(result.hits), database, result.elapsed_seconds, loaded_at)


def _shaped(hits: list[Hit], database: str, seconds: float, loaded_at: str) -> dict[str, Any]:
    score = _SCORES[database]
    rows = [_row(hit, score, loaded_at) for hit in hits]
    return {
        "took": round(seconds * 1000),
        "timed_out": False,
        "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0},
        "hits": {
            "total": {"value": len(rows), "relation": "eq"},
            "max_score": rows[0]["_score"] if rows else None,
            "hits": rows,
        },
    }


def _row(hit: Hit, score: Callable[[float], float], loaded_at: str) -> dict[str, Any]:
    photo = hit.photo
    return {
        "_index": INDEX,
        "_id": photo.source_url or str(photo.photo_id),
        "_score": None if hit.score is None else score(hit.score),
        "_source": {"url": photo.url, "sourceUrl": photo.source_url, "@timestamp": loaded_at},
    }
