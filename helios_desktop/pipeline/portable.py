"""Any library out into a portable folder, and back in: ``helios export`` and ``helios import``.

The user's photos travel by content: their vectors serve any file with the same bytes, on any computer, under any name. Other
libraries travel with their links. Everything is checked before the first row is written; doing it twice changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from helios_desktop.catalog.facts import DecodedFacts, metadata_from_json, metadata_to_json
from helios_desktop.catalog.libraries import Added, RemoteRow
from helios_desktop.catalog.portable import PortablePhoto
from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import PHOTOS_LIBRARY, Float32Array, Library, Metadata, ModelId, View
from helios_desktop.errors import ImportFileError
from helios_desktop.pipeline.features_file import ROWS_A_PIECE, FeaturesFile
from helios_desktop.pipeline.jobs import CancelToken
from helios_desktop.pipeline.photo_ids import ID_PATTERN, read_table
from helios_desktop.pipeline.portable_format import (
    FEATURES_NAME,
    IDS_NAME,
    PHOTO_COLUMNS,
    REMOTE_COLUMNS,
    ExportWriter,
    Manifest,
    is_link,
    read_manifest,
)
from helios_desktop.pipeline.progress import ProgressBoard

MAX_SIDE_PX = 1_000_000
MAX_METADATA_CHARACTERS = 50_000  # a CSV reader takes 131,072 a field, and each quote counts twice


@dataclass(frozen=True, slots=True, kw_only=True)
class PortableSummary:
    """What an export or import did, or (``is_dry_run``) would do."""

    library: str
    model_id: ModelId
    rows: int
    added: Added
    is_dry_run: bool = False

    def record(self) -> dict[str, Any]:
        """Return the stable keys for scripts."""
        return {
            "library": self.library,
            "model": self.model_id,
            "rows": self.rows,
            "new": self.added.new,
            "changed": self.added.changed,
            "unchanged": self.added.same,
            "dry_run": self.is_dry_run,
        }


class PortableIndex:
    """Exports from, and imports into, one catalogue."""

    def __init__(self, catalog: Catalog, board: ProgressBoard, token: CancelToken) -> None:
        self._catalog = catalog
        self._board = board
        self._token = token

    def export_photos(self, folder: Path, model_id: ModelId, preprocessing: tuple[View, ...] | None) -> PortableSummary:
        """Write the user's photos with the vectors of one model. Raises ``ImportFileError``, also where there are none."""
        dim = self._catalog.portable.dim(model_id)
        self._begin(0 if dim is None else self._catalog.vectors.count(model_id), "exporting")
        count = 0
        with ExportWriter(folder, PHOTO_COLUMNS) as writer:
            for photos, vectors in self._catalog.portable.pages(model_id, ROWS_A_PIECE):
                writer.add(map(_photo_fields, photos), vectors)
                count += self._advance(len(photos))
            manifest = Manifest(
                library=PHOTOS_LIBRARY, model_id=model_id, dim=dim or 0, count=count, preprocessing=preprocessing
            )
            return self._written(writer, manifest)

    def export_library(self, folder: Path, library: Library, preprocessing: tuple[View, ...] | None) -> PortableSummary:
        """Write another library. Raises ``ImportFileError``, also where it is empty."""
        url_pattern, source_pattern = self._catalog.libraries.patterns(library)
        self._begin(library.count, "exporting")
        count = 0
        with ExportWriter(folder, REMOTE_COLUMNS) as writer:
            for rows, vectors in self._catalog.libraries.pages(library, ROWS_A_PIECE):
                writer.add(
                    (
                        (row.remote_id, _link(row.url, url_pattern, row), _link(row.source_url, source_pattern, row))
                        for row in rows
                    ),
                    vectors,
                )
                count += self._advance(len(rows))
            manifest = Manifest(
                library=library.name,
                model_id=library.model_id,
                dim=library.dim,
                count=count,
                preprocessing=preprocessing,
                url_pattern=url_pattern,
                source_pattern=source_pattern,
            )
            return self._written(writer, manifest)

    def _written(self, writer: ExportWriter, manifest: Manifest) -> PortableSummary:
        if not manifest.count:
            raise ImportFileError(
                f"The library '{manifest.library}' has no vectors of '{manifest.model_id}' to export.",
                "Index or import photos first, or name another model or library.",
            )
        writer.finish(manifest)
        self._board.enter("idle")
        return PortableSummary(
            library=manifest.library, model_id=manifest.model_id, rows=manifest.count, added=Added(new=manifest.count)
        )

    def take_in(self, folder: Path, *, is_dry_run: bool) -> PortableSummary:
        """Import a folder that was exported. Raises ``ImportFileError`` before anything is written, and ``CatalogError``."""
        self._board.enter("scanning", "checking")
        manifest = read_manifest(folder)
        features = FeaturesFile(folder / FEATURES_NAME)
        if (features.count, features.dim) != (manifest.count, manifest.dim):
            raise ImportFileError(
                f"{features.path} has {features.count:,} rows of {features.dim} numbers; its manifest says {manifest.count:,}"
                f" of {manifest.dim}.",
                "Export it again.",
            )
        zeros = features.check()
        if len(zeros):
            raise ImportFileError(f"Row {zeros[0]} of {features.path} is zero: it has no direction.", "Export it again.")
        if manifest.library == PHOTOS_LIBRARY:
            return self._photos_in(folder / IDS_NAME, features, manifest, is_dry_run=is_dry_run)
        return self._library_in(folder / IDS_NAME, features, manifest, is_dry_run=is_dry_run)

    def _photos_in(self, ids: Path, features: FeaturesFile, manifest: Manifest, *, is_dry_run: bool) -> PortableSummary:
        _refuse_wrong_count(ids, sum(1 for _ in _photos(ids)), manifest)
        self._begin(manifest.count, "comparing" if is_dry_run else "importing")
        portable, added = self._catalog.portable, Added()
        photos = _photos(ids)
        for _, vectors in self._pieces(features):
            some = list(islice(photos, len(vectors)))
            if is_dry_run:
                new = portable.missing(manifest.model_id, [photo.content_hash for photo in some])
            else:
                new = portable.take_in(manifest.model_id, some, vectors)
            added += Added(new=new, same=len(some) - new)
        return self._read(manifest, added, is_dry_run=is_dry_run)

    def _library_in(self, ids: Path, features: FeaturesFile, manifest: Manifest, *, is_dry_run: bool) -> PortableSummary:
        seen = {row.remote_id for row in _remote_rows(ids, manifest)}
        _refuse_wrong_count(ids, len(seen), manifest)
        libraries = self._catalog.libraries
        library = libraries.get(manifest.library)
        if not is_dry_run:
            library = libraries.create(
                manifest.library,
                manifest.model_id,
                manifest.dim,
                url_pattern=manifest.url_pattern,
                source_pattern=manifest.source_pattern,
            )
        self._begin(manifest.count, "comparing" if is_dry_run else "importing")
        added = Added()
        rows = _remote_rows(ids, manifest)
        for _, vectors in self._pieces(features):
            some = list(islice(rows, len(vectors)))
            if library is None or is_dry_run:
                added += libraries.compare(library, some, vectors)
            else:
                added += libraries.add(library, some, vectors)
        return self._read(manifest, added, is_dry_run=is_dry_run)

    def _pieces(self, features: FeaturesFile) -> Iterator[tuple[int, Float32Array]]:
        for first, vectors, _ in features.pieces(0, features.count):
            self._token.check()
            yield first, vectors
            self._board.advance(len(vectors), 0)

    def _read(self, manifest: Manifest, added: Added, *, is_dry_run: bool) -> PortableSummary:
        self._board.enter("idle")
        return PortableSummary(
            library=manifest.library,
            model_id=manifest.model_id,
            rows=manifest.count,
            added=added,
            is_dry_run=is_dry_run,
        )

    def _begin(self, total: int, what: str) -> None:
        self._board.start(total)
        self._board.enter("indexing", what)

    def _advance(self, rows: int) -> int:
        self._token.check()
        self._board.advance(rows, 0)
        return rows


def _link(link: str | None, pattern: str | None, row: RemoteRow) -> str:
    return link or (pattern or "").replace("{id}", row.remote_id)


def _photo_fields(photo: PortablePhoto) -> tuple[object, ...]:
    facts = photo.facts
    metadata = metadata_to_json(facts.metadata)
    return (
        photo.photo_id,
        photo.path,
        photo.content_hash.hex(),
        photo.size,
        facts.width,
        facts.height,
        facts.format,
        f"{facts.colour:06x}",
        metadata if len(metadata) <= MAX_METADATA_CHARACTERS else "{}",
    )


def _refuse_wrong_count(ids: Path, count: int, manifest: Manifest) -> None:
    if count != manifest.count:
        raise ImportFileError(
            f"{ids} has {count:,} different ids; its manifest says {manifest.count:,} rows.", "Export it again."
        )


def _remote_rows(ids: Path, manifest: Manifest) -> Iterator[RemoteRow]:
    for line, (remote_id, *links) in read_table(ids, REMOTE_COLUMNS):
        if not ID_PATTERN.fullmatch(remote_id) or not all(not link or is_link(link) for link in links):
            raise _fault(ids, line, "the id or a link is none: expected are https addresses")
        kept = [
            None if not link or link == (pattern or "").replace("{id}", remote_id) else link
            for link, pattern in zip(links, (manifest.url_pattern, manifest.source_pattern), strict=True)
        ]
        yield RemoteRow(remote_id=remote_id, url=kept[0], source_url=kept[1])


def _photos(ids: Path) -> Iterator[PortablePhoto]:
    for line, fields in read_table(ids, PHOTO_COLUMNS):
        try:
            yield _photo(fields)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise _fault(ids, line, f"this is not what an export writes ({type(error).__name__})") from error


def _photo(fields: list[str]) -> PortablePhoto:
    photo_id, path, digest, size, width, height, kind, colour, metadata = fields
    content_hash = bytes.fromhex(digest)
    sides = (int(width), int(height))
    if len(content_hash) != 32 or not 0 <= int(size) < 2**62 or not all(0 < side <= MAX_SIDE_PX for side in sides):
        raise ValueError("out of range")
    return PortablePhoto(
        photo_id=int(photo_id),
        path=path,
        content_hash=content_hash,
        size=int(size),
        facts=DecodedFacts(
            width=sides[0],
            height=sides[1],
            format=kind[:20],
            colour=int(colour, 16) & 0xFFFFFF,
            metadata=_metadata(metadata),
        ),
    )


def _metadata(text: str) -> Metadata:
    """Read metadata, each field of its own kind. Raises ``ValueError`` and ``TypeError``."""
    values = json.loads(text)
    if not isinstance(values, dict):
        raise TypeError("no table")
    kinds: dict[str, type | tuple[type, ...]] = {
        "rating": int,
        "latitude": (int, float),
        "longitude": (int, float),
        "keywords": list,
    }
    for name, value in values.items():
        if not isinstance(value, kinds.get(name, str)) or isinstance(value, bool):
            raise TypeError(name)
        if isinstance(value, list) and not all(isinstance(word, str) for word in value):
            raise TypeError(name)
        if isinstance(value, int | float) and not np.isfinite(value):
            raise ValueError(name)
    return metadata_from_json(text)


def _fault(path: Path, line: int, what: str) -> ImportFileError:
    return ImportFileError(f"Line {line} of {path}: {what}.", "Export it again; nothing was imported.")
