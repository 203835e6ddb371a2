"""The portable index: a folder with ``ids.csv``, ``features.npy`` and ``manifest.json``, which any program can read.

``features.npy`` is float16, one row of unit length for each line of ``ids.csv`` after its header. The manifest says whose
vectors these are (model, preprocessing, count) and holds a SHA-256 of both files; it is written last, so that a folder without
one is no export.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from helios_desktop.domain import Float16Array, ModelId, View
from helios_desktop.errors import ImportFileError

IDS_NAME = "ids.csv"
FEATURES_NAME = "features.npy"
MANIFEST_NAME = "manifest.json"
FORMAT = 1
MAX_MANIFEST_BYTES = 1_000_000

PHOTO_COLUMNS = ("photo_id", "path", "hash", "size", "width", "height", "format", "colour", "metadata")
REMOTE_COLUMNS = ("photo_id", "url", "source_url")

_NPY_HEADER_BYTES = 128
_LIBRARY = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_MAKE_AGAIN = "Export it again, or copy the folder again as a whole."


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an export says of itself. ``preprocessing``: the views the model was shown, where that is known here."""

    library: str
    model_id: ModelId
    dim: int
    count: int
    preprocessing: tuple[View, ...] | None = None
    url_pattern: str | None = None
    source_pattern: str | None = None

    def record(self, files: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """Return what stands in the file."""
        views = None if self.preprocessing is None else [asdict(view) for view in self.preprocessing]
        return {
            "format": FORMAT,
            "dtype": "float16",
            "unit_length": True,
            **asdict(self),
            "preprocessing": views,
            "files": files,
        }


class ExportWriter:
    """Writes both tables beside their final names; ``finish`` puts all in place. Leaving without it leaves no trace."""

    def __init__(self, folder: Path, columns: Sequence[str]) -> None:
        """Make the folder where it is missing. Raises ``ImportFileError`` where files lie there that no export wrote."""
        self._folder = folder
        self._columns = columns
        self._count = 0
        self._dim = 0
        is_ours = not folder.exists() or (folder / MANIFEST_NAME).is_file() or (folder.is_dir() and not any(folder.iterdir()))
        if not is_ours:
            raise ImportFileError(f"{folder} is not empty and no earlier export.", "Name a new folder.")

    def __enter__(self) -> ExportWriter:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._work = tempfile.TemporaryDirectory(prefix=".export-", dir=self._folder)
            self._ids: IO[str] = (Path(self._work.name) / IDS_NAME).open("w", encoding="utf-8", newline="")
            self._features: IO[bytes] = (Path(self._work.name) / FEATURES_NAME).open("wb")
            self._table = csv.writer(self._ids, lineterminator="\n")
            self._table.writerow(self._columns)
            self._features.write(b"\0" * _NPY_HEADER_BYTES)
        except OSError as error:
            raise _unwritable(self._folder, error) from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self._ids.close()
            self._features.close()
        except OSError as failure:  # the rest of a buffer found no room
            if error is None:
                raise _unwritable(self._folder, failure) from failure
        finally:
            self._work.cleanup()

    def add(self, rows: Iterable[Sequence[object]], vectors: Float16Array) -> None:
        """Append rows of ``ids.csv`` with their vectors (little-endian float16 ``[n, dim]``)."""
        try:
            self._table.writerows(rows)
            self._features.write(vectors.astype("<f2").tobytes())
        except OSError as error:
            raise _unwritable(self._folder, error) from error
        self._count += len(vectors)
        self._dim = vectors.shape[1]

    def finish(self, manifest: Manifest) -> None:
        """Put the files in place of those of an earlier export."""
        work = Path(self._work.name)
        try:
            self._features.seek(0)
            self._features.write(_npy_header(self._count, self._dim))
            for file in (self._ids, self._features):
                file.flush()
                os.fsync(file.fileno())
                file.close()
            files = {name: _described(work / name) for name in (IDS_NAME, FEATURES_NAME)}
            text = json.dumps(manifest.record(files), indent=2) + "\n"
            (work / MANIFEST_NAME).write_text(text, encoding="utf-8")
            (self._folder / MANIFEST_NAME).unlink(missing_ok=True)
            for name in (IDS_NAME, FEATURES_NAME, MANIFEST_NAME):
                (work / name).chmod(0o600)
                (work / name).replace(self._folder / name)
        except OSError as error:
            raise _unwritable(self._folder, error) from error


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest and compare both files with it. Raises ``ImportFileError``."""
    path = folder / MANIFEST_NAME
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_MANIFEST_BYTES + 1)
    except OSError as error:
        raise ImportFileError(
            f"{path} cannot be read ({error.strerror}), so {folder} is no export.",
            "Name a folder that 'helios export' wrote; an Unsplash data set comes in with: helios unsplash import",
        ) from error
    try:
        found = json.loads(raw.decode("utf-8")) if len(raw) <= MAX_MANIFEST_BYTES else None
        if not isinstance(found, dict):
            raise TypeError("it is no table")
        if found["format"] != FORMAT:
            raise ImportFileError(f"{path} is in format {found['format']!r}; known here is {FORMAT}.", "Update Helios.")
        manifest = _parsed(found)
        files = {
            name: (str(found["files"][name]["sha256"]), found["files"][name]["bytes"]) for name in (IDS_NAME, FEATURES_NAME)
        }
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ImportFileError(f"{path} is damaged ({error}).", _MAKE_AGAIN) from error
    for name, (digest, size) in files.items():
        _refuse_changed(folder / name, digest, size)
    return manifest


def _parsed(found: dict[str, Any]) -> Manifest:
    numbers = (found["dim"], found["count"])
    if not all(type(number) is int and number > 0 for number in numbers):
        raise ValueError(f"dim and count are {numbers!r}")
    library, model_id = str(found["library"]), str(found["model_id"])
    if not _LIBRARY.fullmatch(library) or not 0 < len(model_id) <= 200 or not model_id.isprintable():
        raise ValueError("the names of library and model are none")
    patterns = [found.get("url_pattern"), found.get("source_pattern")]
    if not all(
        pattern is None or (isinstance(pattern, str) and is_link(pattern) and "{id}" in pattern) for pattern in patterns
    ):
        raise ValueError("the patterns are no https addresses with {id}")
    return Manifest(
        library=library,
        model_id=ModelId(model_id),
        dim=numbers[0],
        count=numbers[1],
        url_pattern=patterns[0],
        source_pattern=patterns[1],
    )


def is_link(text: str) -> bool:
    """Whether a text is an https address that may be shown and opened."""
    return text.startswith("https://") and len(text) <= 2000 and text.isascii() and text.isprintable() and " " not in text


def _refuse_changed(path: Path, digest: str, size: object) -> None:
    try:
        found = _described(path)
    except OSError as error:
        raise ImportFileError(f"{path} cannot be read ({error.strerror}).", _MAKE_AGAIN) from error
    if (found["sha256"], found["bytes"]) != (digest, size):
        raise ImportFileError(f"{path} is not what the manifest says: its checksum or its length differs.", _MAKE_AGAIN)


def _described(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise FileNotFoundError(2, "there is no such file", str(path))
    with path.open("rb") as file:
        return {"sha256": hashlib.file_digest(file, "sha256").hexdigest(), "bytes": path.stat().st_size}


def _npy_header(count: int, dim: int) -> bytes:
    """https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, version 1.0, of a length that never changes."""
    text = f"{{'descr': '<f2', 'fortran_order': False, 'shape': ({count}, {dim}), }}".encode()
    body = text.ljust(_NPY_HEADER_BYTES - 11) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(body).to_bytes(2, "little") + body


def _unwritable(folder: Path, error: OSError) -> ImportFileError:
    return ImportFileError(
        f"The export could not be written to {folder} ({error.strerror}).",
        "Make room there or give yourself the right to write, then try again.",
    )
