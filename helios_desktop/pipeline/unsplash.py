"""``photo_ids.csv`` + ``features.npy`` -> the library "unsplash": everything is checked before the first row is written.

The features are those of haltakov/natural-language-image-search: OpenAI CLIP ViT-B/32, one row a photo in the order of the ids.
Rows go into the catalogue some thousands a transaction. What is there already is left alone, so that an import that was
interrupted is resumed, and one that is done is repeated, by the same command.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from helios_desktop.catalog.libraries import Added, Libraries, RemoteRow, refuse_other_space
from helios_desktop.domain import Library, ModelId
from helios_desktop.errors import ImportFileError
from helios_desktop.pipeline.features_file import FeaturesFile
from helios_desktop.pipeline.jobs import CancelToken
from helios_desktop.pipeline.photo_ids import read_photo_ids
from helios_desktop.pipeline.progress import ProgressBoard

UNSPLASH = "unsplash"
UNSPLASH_MODEL = ModelId("ViT-B-32__openai")
UNSPLASH_DIM = 512
SOURCE_PATTERN = "https://unsplash.com/photos/{id}/"
URL_PATTERN = "https://unsplash.com/photos/{id}/download"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsplashFiles:
    """Both files, checked against each other: ids in the order of the rows, and the rows that are zero."""

    ids: list[str]
    features: FeaturesFile
    zero_rows: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSummary:
    """What an import did, or (``is_dry_run``) would do. ``zero``: ids that were left out, since their vector is zero."""

    library: str
    model_id: ModelId
    rows: int
    added: Added
    zero: tuple[str, ...]
    is_dry_run: bool
    seconds: float

    def record(self) -> dict[str, Any]:
        """Return the stable keys for scripts."""
        return {
            "library": self.library,
            "model": self.model_id,
            "rows": self.rows,
            "new": self.added.new,
            "changed": self.added.changed,
            "unchanged": self.added.same,
            "zero": list(self.zero),
            "dry_run": self.is_dry_run,
            "seconds": round(self.seconds, 3),
        }

    def sentence(self) -> str:
        """Return the same for people."""
        verb = "would be " if self.is_dry_run else ""
        left_out = f"; {len(self.zero):,} left out, since their vectors are zero" if self.zero else ""
        return (
            f"{self.added.new:,} photos {verb}imported into '{self.library}', {self.added.changed:,} {verb}changed,"
            f" {self.added.same:,} there already{left_out}"
        )


def source_url(photo_id: str) -> str:
    """Return the page of an Unsplash photo, which is also its id on an engine."""
    return SOURCE_PATTERN.replace("{id}", photo_id)


def picture_url(photo_id: str) -> str:
    """Return where an Unsplash photo can be downloaded; with ``?w=640`` behind it, a thumbnail."""
    return URL_PATTERN.replace("{id}", photo_id)


def span(count: int, start: int | None, end: int | None) -> tuple[int, int]:
    """Return the rows that ``--start`` and ``--end`` mean: as in a Python slice, the end exclusive, both maybe negative."""
    first, last, _ = slice(start, end).indices(count)
    return first, max(first, last)


def read_files(ids_file: Path, features_file: Path, *, dim: int | None, board: ProgressBoard) -> UnsplashFiles:
    """Check both files completely. Raises ``ImportFileError`` with what was expected and what was found."""
    features = FeaturesFile(features_file)
    if dim is not None and features.dim != dim:
        raise ImportFileError(
            f"{features_file} has {features.dim} numbers a row; expected are {dim}, as the model makes them.",
            "Name the model that made these features: --model ID",
        )
    board.enter("scanning", f"checking {ids_file.name}")
    ids = read_photo_ids(ids_file)
    if len(ids) != features.count:
        raise ImportFileError(
            f"{ids_file} has {len(ids):,} ids, but {features_file} has {features.count:,} rows: they do not belong together.",
            "Use the two files of one download.",
        )
    board.start(features.count)
    board.enter("scanning", f"checking {features_file.name}")
    zeros = features.check(lambda rows: board.advance(rows, 0))
    return UnsplashFiles(ids=ids, features=features, zero_rows=frozenset(zeros.tolist()))


class UnsplashImport:
    """Imports into one catalogue; ``board`` hears how far it is, ``token`` stops it between two transactions."""

    def __init__(self, libraries: Libraries, board: ProgressBoard, token: CancelToken) -> None:
        self._libraries = libraries
        self._board = board
        self._token = token

    def run(
        self,
        files: UnsplashFiles,
        *,
        start: int | None = None,
        end: int | None = None,
        model_id: ModelId = UNSPLASH_MODEL,
        is_dry_run: bool = False,
    ) -> ImportSummary:
        """Import rows ``start`` to ``end``. Raises ``CatalogError`` for another model and for a full disk."""
        began = time.monotonic()
        first, last = span(len(files.ids), start, end)
        library = self._library(model_id, files.features.dim, is_dry_run=is_dry_run)
        self._board.start(last - first)
        self._board.enter("indexing", "comparing" if is_dry_run else "importing")
        added = Added()
        for number, vectors, is_zero in files.features.pieces(first, last):
            self._token.check()
            ids = files.ids[number : number + len(vectors)]
            rows = [RemoteRow(remote_id=photo_id) for photo_id, zero in zip(ids, is_zero.tolist(), strict=True) if not zero]
            unit = np.ascontiguousarray(vectors[~is_zero])
            if library is None or is_dry_run:
                added += self._libraries.compare(library, rows, unit)
            else:
                added += self._libraries.add(library, rows, unit)
            self._board.advance(len(rows), len(ids) - len(rows))
        self._board.enter("idle")
        return ImportSummary(
            library=UNSPLASH,
            model_id=model_id,
            rows=last - first,
            added=added,
            zero=tuple(files.ids[row] for row in sorted(files.zero_rows) if first <= row < last),
            is_dry_run=is_dry_run,
            seconds=time.monotonic() - began,
        )

    def _library(self, model_id: ModelId, dim: int, *, is_dry_run: bool) -> Library | None:
        if not is_dry_run:
            return self._libraries.create(UNSPLASH, model_id, dim, url_pattern=URL_PATTERN, source_pattern=SOURCE_PATTERN)
        library = self._libraries.get(UNSPLASH)
        if library is not None:
            refuse_other_space(library, model_id, dim)
        return library
