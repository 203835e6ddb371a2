"""Catalogue and engine, compared: ids one by one, vectors of a sample; what differs is mended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import orjson

from helios_desktop.domain import Float32Array, Int64Array
from helios_desktop.index.engine_base import Json
from helios_desktop.index.engine_connection import REQUEST_SECONDS
from helios_desktop.index.engine_documents import delete_line
from helios_desktop.index.engine_index import EngineIndex
from helios_desktop.index.engine_indices import IndexState
from helios_desktop.index.ranking import is_among
from helios_desktop.pipeline.jobs import CancelToken
from helios_desktop.pipeline.mirrored import Mirrored
from helios_desktop.pipeline.sending import Patience, Sending

PAGE_ROWS = 5_000
SAMPLE_ROWS = 200
LARGEST_DIFFERENCE = 1e-3
MENDED_ROWS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was found and mended. ``differing``: photos of the sample whose vector on the engine was another."""

    index: str
    photos: int
    missing: int
    extra: int
    sampled: int
    differing: int

    @property
    def is_sound(self) -> bool:
        """Whether nothing had to be mended."""
        return not (self.missing or self.extra or self.differing)

    def record(self) -> dict[str, Any]:
        """Return the stable keys for scripts."""
        return asdict(self) | {"ok": self.is_sound}


def verify(index: EngineIndex, mirrored: Mirrored, state: IndexState, token: CancelToken, seed: int = 0) -> Verified:
    """Compare one index with the catalogue and mend it. For the holder of the lock, right after a sync.

    ``seed`` chooses the sample. Raises ``EngineError``, and ``CancelledError`` between two pages.
    """
    here = _ids_here(mirrored, token)
    there = np.fromiter(_ids_there(index, state, token), np.int64)
    missing = here[~is_among(here, there)]
    extra = there[~is_among(there, here)]
    common = here[is_among(here, there)]
    sample = np.random.default_rng(seed).permutation(common)[:SAMPLE_ROWS]
    differing = _differing(index, mirrored, state, sample)
    with Sending(lambda lines: index.send(lines, state), Patience(), token, lambda _, __: None) as sending:
        for start in range(0, len(missing) + len(differing), MENDED_ROWS):
            ids = np.concatenate([missing, differing])[start : start + MENDED_ROWS]
            known, rows = mirrored.vectors_of(ids.tolist())
            sending.put(index.upsert_lines(known.tolist(), rows, None), 0)
        documents = _document_ids(index, state, extra)
        sending.put([delete_line(document, None) for document in documents], 0)
        sending.finish()
    index.indices.refresh(state.name)
    return Verified(
        index=state.name,
        photos=len(here),
        missing=len(missing),
        extra=len(extra),
        sampled=len(sample),
        differing=len(differing),
    )


def _ids_here(mirrored: Mirrored, token: CancelToken) -> Int64Array:
    found = [np.empty(0, np.int64)]
    for batch in mirrored.source.changes_since(mirrored.model_id, mirrored.dim, 0):
        token.check()
        found.append(batch.photo_ids[~batch.is_removed])
    return np.unique(np.concatenate(found))


def _ids_there(index: EngineIndex, state: IndexState, token: CancelToken) -> Iterator[int]:
    """Yield the photo ids of an index, ascending."""
    after: list[int] | None = None
    while True:
        token.check()
        body: Json = {"size": PAGE_ROWS, "_source": False, "sort": [{"photo_id": "asc"}], "query": {"match_all": {}}}
        if after is not None:
            body["search_after"] = after
        hits = _search(index, state, body, "hits.hits.sort")
        for hit in hits:
            yield int(hit["sort"][0])
        if len(hits) < PAGE_ROWS:
            return
        after = hits[-1]["sort"]


def _document_ids(index: EngineIndex, state: IndexState, photo_ids: Int64Array) -> list[str]:
    found: list[str] = []
    for start in range(0, len(photo_ids), MENDED_ROWS):
        ids = photo_ids[start : start + MENDED_ROWS].tolist()
        body: Json = {"size": PAGE_ROWS, "_source": False, "query": {"terms": {"photo_id": ids}}}
        found += [str(hit["_id"]) for hit in _search(index, state, body, "hits.hits._id")]
    return found


def _differing(index: EngineIndex, mirrored: Mirrored, state: IndexState, sample: Int64Array) -> Int64Array:
    if not sample.size:
        return sample
    body: Json = {"size": len(sample), "_source": ["features"], "docvalue_fields": ["photo_id"]}
    body["query"] = {"terms": {"photo_id": sample.tolist()}}
    there: dict[int, Float32Array] = {}
    for hit in _search(index, state, body, "hits.hits.fields.photo_id,hits.hits._source.features"):
        features = hit.get("_source", {}).get("features")
        if features is not None:  # engines that keep vectors out of the source are compared by their ids alone
            there[hit["fields"]["photo_id"][0]] = np.asarray(features, np.float32)
    known, rows = mirrored.vectors_of(sample.tolist())
    return np.array(
        [
            photo_id
            for photo_id, row in zip(known.tolist(), rows, strict=True)
            if photo_id in there and _is_another(there[photo_id], row)
        ],
        dtype=np.int64,
    )


def _is_another(there: Float32Array, here: Float32Array) -> bool:
    return there.shape != here.shape or float(np.abs(there - here).max()) > LARGEST_DIFFERENCE


def _search(index: EngineIndex, state: IndexState, body: Json, fields: str) -> list[Json]:
    told = index.engine.request(
        "POST",
        f"/{state.name}/_search",
        params={"filter_path": fields},
        body=orjson.dumps(body),
        timeout_seconds=REQUEST_SECONDS,
    )
    hits: list[Json] = told.get("hits", {}).get("hits", []) if isinstance(told, dict) else []
    return hits
