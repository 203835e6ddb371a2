"""Ids and features straight into an index of an engine, without a catalogue: what es-clip-image-search's commands did.

The index has the name that the user gave it, and the four fields that its readers know: ``url``, ``sourceUrl``, ``features``,
``@timestamp``. Documents have deterministic ids, so that a load that was cut off is repeated by the same command.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from helios_desktop.domain import Float32Array
from helios_desktop.errors import IndexUnavailableError, SettingsError
from helios_desktop.index.engine_base import Engine
from helios_desktop.index.engine_bulk import Refusal, send_bulk
from helios_desktop.index.engine_connection import REQUEST_SECONDS, EngineConnection, EngineKind, without_credentials
from helios_desktop.index.engine_documents import VECTOR_DIGITS
from helios_desktop.index.engine_errors import EngineError, EngineFault
from helios_desktop.index.engine_names import checked_alias, write_alias
from helios_desktop.pipeline.features_file import FeaturesFile
from helios_desktop.pipeline.jobs import CancelToken
from helios_desktop.pipeline.progress import ProgressBoard
from helios_desktop.pipeline.sending import Patience, Sending
from helios_desktop.pipeline.unsplash import UNSPLASH_DIM, UnsplashFiles, picture_url, read_files, source_url, span

ROWS_A_PIECE = 1000
PATIENCE = Patience(first_seconds=0.5, longest_seconds=20.0, tries=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSummary:
    """What a load did. ``zero``: ids without a direction; ``refused``: documents that the engine did not take, and why."""

    index: str
    sent: int
    zero: tuple[str, ...]
    refused: tuple[Refusal, ...]


def connection_to(
    url: str, *, password: str = "", ca_file: Path | None = None, fingerprint: str = "", is_in_container: bool = False
) -> EngineConnection:
    """Read addresses (several with commas between) that may carry user and password, as the ancestor's do.

    Raises ``SettingsError``, above all where a password would travel by plain http off this computer.
    """
    parts = [without_credentials(one.strip()) for one in url.split(",") if one.strip()]
    if not parts:
        raise SettingsError("No address of the engine was given.", "Name it, for example https://127.0.0.1:9200")
    _, user, own_password = parts[0]
    return EngineConnection(
        urls=tuple(one for one, _, _ in parts),
        user=user,
        password=own_password or (password if user else ""),
        ca_file=ca_file if parts[0][0].startswith("https:") else None,
        fingerprint=fingerprint,
        is_in_container=is_in_container,
    )


def named_connection(
    kind: EngineKind, url: str | None = None, *, ca_file: Path | None = None, fingerprint: str = ""
) -> EngineConnection | None:
    """Return the connection that the ancestor's variables name, ``url`` and the others before them; None where none does.

    ``OPENSEARCH_URL`` or ``ES_URL``; the password stands in the address, or in ``HELIOS_ENGINE_PASSWORD``,
    ``OPENSEARCH_PASSWORD`` or ``ES_PASSWORD``; the authority in ``HELIOS_ENGINE_CA``. Raises ``SettingsError``.
    """
    prefix = "OPENSEARCH" if kind == "opensearch" else "ES"
    url = url or os.environ.get(f"{prefix}_URL", "")
    if not url:
        return None
    authority = os.environ.get("HELIOS_ENGINE_CA", "")
    return connection_to(
        url,
        password=os.environ.get("HELIOS_ENGINE_PASSWORD") or os.environ.get(f"{prefix}_PASSWORD", ""),
        ca_file=ca_file or (Path(authority) if authority else None),
        fingerprint=fingerprint,
        is_in_container=os.environ.get("HELIOS_IN_CONTAINER") == "1",
    )


class StreamedIndex:
    """One index of one engine, as those commands make and fill it."""

    def __init__(self, engine: Engine, name: str, dim: int = UNSPLASH_DIM) -> None:
        """Ask nothing yet. Raises ``SettingsError`` for a name that cannot be one."""
        self._engine = engine
        self._name = checked_alias(name)
        self._dim = dim

    def create(self) -> bool:
        """Make the index; False where there is one already, which stays as it is. Raises ``EngineError``."""
        if self._found() is not None:
            return False
        keyword = {"type": "keyword"}
        body = {
            "settings": {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}, **self._engine.index_settings()},
            "mappings": {
                "dynamic": "strict",
                "properties": {
                    "url": keyword,
                    "sourceUrl": keyword,
                    "features": _as_ever(self._engine.vector_field(self._dim)),
                    "@timestamp": {"type": "date"},
                },
            },
            "aliases": {write_alias(self._name): {}},
        }
        try:
            self._ask("PUT", f"/{self._name}", body)
        except EngineError as error:
            if "resource_already_exists" not in error.message:  # somebody was quicker
                raise
            return False
        return True

    def load(
        self, files: UnsplashFiles, *, start: int | None, end: int | None, board: ProgressBoard, token: CancelToken
    ) -> StreamSummary:
        """Send rows ``start`` to ``end``, making the index where there is none. Raises ``EngineError`` before the first write
        where the index cannot hold them.
        """
        self.create()
        target = self._ready_to_write()
        first, last = span(len(files.ids), start, end)
        board.start(last - first)
        board.enter("indexing", "sending")
        with Sending(
            lambda lines: send_bulk(self._engine, target, lines), PATIENCE, token, lambda _, count: board.advance(count, 0)
        ) as sending:
            for number, lines in _lines(files.features, files.ids, first, last):
                sending.put(lines, number)
            sending.finish()
        self._engine.request("POST", f"/{self._name}/_refresh", timeout_seconds=REQUEST_SECONDS)
        board.enter("idle")
        zero = tuple(files.ids[row] for row in sorted(files.zero_rows) if first <= row < last)
        refused = tuple(sending.refused)
        return StreamSummary(index=self._name, sent=last - first - len(zero) - len(refused), zero=zero, refused=refused)

    def _found(self) -> tuple[str, dict[str, Any]] | None:
        """Return the index's own name and what the engine says of it."""
        try:
            told = self._engine.request("GET", f"/{self._name}", timeout_seconds=REQUEST_SECONDS)
        except EngineError as error:
            if error.fault is not EngineFault.MISSING:
                raise
            return None
        return next(iter(told.items()), None)

    def _ready_to_write(self) -> str:
        """Check that the index is one of these commands' and fits; return the alias to write through."""
        found = self._found()
        if found is None:
            raise EngineError(EngineFault.MISSING, f"The index '{self._name}' vanished as it was made.", "Try again.")
        name, told = found
        mappings = told.get("mappings", {})
        if name != self._name or (mappings.get("_meta") or {}).get("helios"):
            raise EngineError(
                EngineFault.FOREIGN,
                f"'{self._name}' belongs to a catalogue of Helios, which keeps it in step itself.",
                "Import there instead: helios unsplash import PHOTO_IDS.csv FEATURES.npy, or name another index.",
            )
        vector = mappings.get("properties", {}).get("features", {})
        dim = vector.get("dimension", vector.get("dims"))
        if dim != self._dim:
            raise EngineError(
                EngineFault.FOREIGN,
                f"The index '{name}' holds vectors of {dim or 'no'} numbers in 'features'; these have {self._dim}.",
                "Name another index: --index_name NAME",
            )
        alias = write_alias(name)
        if alias not in told.get("aliases", {}):  # the ancestor made it
            self._ask("POST", "/_aliases", {"actions": [{"add": {"index": name, "alias": alias}}]})
        return alias

    def _ask(self, method: str, path: str, body: dict[str, Any]) -> None:
        self._engine.request(method, path, body=orjson.dumps(body), timeout_seconds=REQUEST_SECONDS)


def load_files(ids_file: Path, features_file: Path, board: ProgressBoard) -> UnsplashFiles:
    """Check both files completely, as an import does. Raises ``ImportFileError``."""
    return read_files(ids_file, features_file, dim=UNSPLASH_DIM, board=board)


def refuse_losses(summary: StreamSummary) -> None:
    """Raise ``IndexUnavailableError`` where the engine did not take every document."""
    if summary.refused:
        first = summary.refused[0]
        raise IndexUnavailableError(
            f"The engine refused {len(summary.refused):,} documents, the first {first.document_id} ({first.reason}).",
            "Look at the index's mapping, or load into another index: --index_name NAME",
        )


def _as_ever(field: dict[str, Any]) -> dict[str, Any]:
    """Return the field with the similarity that es-clip-image-search has: its readers may know scores by it."""
    method = field.get("method")
    return field if method is None else field | {"method": method | {"space_type": "cosinesimil"}}


def _lines(features: FeaturesFile, ids: list[str], first: int, last: int) -> Iterator[tuple[int, list[bytes]]]:
    for number, vectors, is_zero in features.pieces(first, last, ROWS_A_PIECE):
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        rounded = np.round(vectors.astype(np.float64), VECTOR_DIGITS)
        names = ids[number : number + len(vectors)]
        yield number, [_line(name, row, now) for name, row, zero in zip(names, rounded, is_zero, strict=True) if not zero]


def _line(photo_id: str, vector: Float32Array | np.ndarray[Any, np.dtype[np.float64]], now: str) -> bytes:
    source = source_url(photo_id)
    options = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE
    document = {"url": picture_url(photo_id), "sourceUrl": source, "@timestamp": now, "features": vector}
    return orjson.dumps({"index": {"_id": source}}, option=options) + orjson.dumps(document, option=options)
