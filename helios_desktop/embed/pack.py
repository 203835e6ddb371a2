"""A model pack on disk: what comes in is a folder or a zip, what goes out is a checked ``ModelPack``.

A pack is a folder with a ``manifest.json`` (UTF-8) beside the files that it names::

    {
      "format": 1,                      version of this layout; a newer one is refused
      "model_id": "starter-3",          names the vector space for good
      "title": "starter model",         what people call it
      "kind": "starter",                which code runs it: "starter", later "clip"
      "dim": 512,                       length of every vector
      "views": [{"width": 260, ...}],   the fields of ``domain.View``, one entry per picture the model wants
      "licence": "Apache-2.0 AND ...",  SPDX expression over all parts
      "sources": ["..."],               where the weights come from, one sentence each
      "files": {"vision.onnx": {"sha256": "<hex>", "bytes": 6800427}, ...},
      "params": {...}                   numbers that the code of this kind needs
    }

File names are relative, with forward slashes; nothing may leave the folder. Opening a pack compares names and sizes (cheap,
done at each start); ``verify`` reads every byte. Pickled files are never part of a pack: the formats that may hold code
(``.pkl``, ``.pt``, ``.bin``, ``.npz`` with objects) are refused by their name, and tables are read with pickling off.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from helios_desktop.domain import ModelId, View
from helios_desktop.errors import ModelError

MANIFEST_NAME = "manifest.json"
FORMAT_VERSION = 1
MAX_MANIFEST_BYTES = 1_000_000
MAX_PACK_BYTES = 8_000_000_000
_CHUNK_BYTES = 1 << 20
_PICKLED_SUFFIXES = frozenset({".pkl", ".pickle", ".pt", ".pth", ".bin", ".joblib", ".ckpt"})
_REINSTALL = "Install the model again, or choose another one in the settings."


@dataclass(frozen=True, slots=True, kw_only=True)
class PackFile:
    """One file of a pack: SHA-256 in hex and length in bytes."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPack:
    """A pack whose manifest was read and whose files are there in the right length."""

    folder: Path
    model_id: ModelId
    title: str
    kind: str
    dim: int
    views: tuple[View, ...]
    licence: str
    sources: tuple[str, ...]
    files: Mapping[str, PackFile]
    params: Mapping[str, Any]

    @classmethod
    def open(cls, folder: Path) -> ModelPack:
        """Read the manifest of ``folder``. Raises ``ModelError`` where it is missing, broken, too new or incomplete."""
        pack = _parsed(folder, _read_manifest(folder / MANIFEST_NAME))
        for name, expected in pack.files.items():
            path = pack.path(name)
            if not path.is_file():
                raise ModelError(f"The model in {folder} is incomplete: {name} is missing.", _REINSTALL)
            if path.stat().st_size != expected.bytes:
                raise ModelError(f"The model in {folder} is damaged: {name} has the wrong length.", _REINSTALL)
        return pack

    def path(self, name: str) -> Path:
        """Where the file ``name`` of this pack lies. Raises ``ModelError`` for a name that the manifest does not list."""
        if name not in self.files:
            raise ModelError(f"The model in {self.folder} has no file {name}.", _REINSTALL)
        return self.folder.joinpath(*PurePosixPath(name).parts)

    def verify(self) -> None:
        """Read every file and compare its SHA-256. Raises ``ModelError`` at the first difference."""
        for name, expected in self.files.items():
            if sha256_of(self.path(name)) != expected.sha256:
                raise ModelError(
                    f"The model in {self.folder} is damaged: {name} is not the file that was published.", _REINSTALL
                )


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def adopt(staging: Path, models_dir: Path) -> ModelPack:
    """Put the verified pack in ``staging`` (in ``models_dir``, beside the others) there under its model id.

    It appears complete or not at all; a pack of the same id is replaced.
    """
    pack = ModelPack.open(staging)
    return _replace(staging, models_dir / pack.model_id)


def install_pack(source: Path, models_dir: Path) -> ModelPack:
    """Check the pack in ``source`` (a folder or a zip) and put a copy into ``models_dir`` under its model id.

    Raises ``ModelError`` where a name would leave the folder, a file may hold code, a checksum differs or the zip is broken.
    """
    models_dir.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".install-", dir=models_dir))
    try:
        if source.is_dir():
            copy_pack(ModelPack.open(source), staging)
        else:
            unzip(source, staging)
        ModelPack.open(staging).verify()
        return adopt(staging, models_dir)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _replace(staging: Path, target: Path) -> ModelPack:
    aside = staging.with_name(staging.name + ".old")
    if target.exists():
        target.rename(aside)
    try:
        staging.rename(target)
    except OSError:
        if aside.exists():
            aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)
    return ModelPack.open(target)


def copy_pack(pack: ModelPack, staging: Path) -> None:
    """Copy the files that a pack names. Raises ``ModelError`` where one may hold code or leaves the folder."""
    for name in (MANIFEST_NAME, *pack.files):
        target = staging.joinpath(*_safe_parts(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(pack.folder.joinpath(*PurePosixPath(name).parts), target)


def unzip(source: Path, staging: Path) -> None:
    """Unpack a zip. Raises ``ModelError`` where it is broken, a name leaves the folder, or a file may hold code."""
    try:
        with zipfile.ZipFile(source) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if sum(entry.file_size for entry in entries) > MAX_PACK_BYTES:
                raise ModelError(
                    f"{source.name} unpacks to more than a model pack may hold.", "Use the pack from its publisher."
                )
            for entry, parts in zip(entries, _zip_parts(source, entries), strict=True):
                target = staging.joinpath(*parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry) as packed, target.open("wb") as unpacked:
                    shutil.copyfileobj(packed, unpacked, _CHUNK_BYTES)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise ModelError(
            f"{source.name} is not a readable model pack ({error}).", "Copy or download the pack again."
        ) from error


def _zip_parts(source: Path, entries: list[zipfile.ZipInfo]) -> Iterator[tuple[str, ...]]:
    """Yield the safe path of each entry; the one folder that many zips wrap everything in is left away."""
    paths = [_safe_parts(entry.filename) for entry in entries]
    if any(stat.S_ISLNK(entry.external_attr >> 16) for entry in entries):
        raise ModelError(f"{source.name} holds a link.", "Use the pack from its publisher.")
    wrapped = (MANIFEST_NAME,) not in paths and len({parts[0] for parts in paths}) == 1 and all(len(p) > 1 for p in paths)
    for parts in paths:
        yield parts[1:] if wrapped else parts


def _safe_parts(name: str) -> tuple[str, ...]:
    parts = PurePosixPath(name).parts
    unsafe = not parts or name.startswith("/") or "\\" in name or ":" in name or "\0" in name or ".." in parts
    if unsafe:
        raise ModelError(f"The pack names a file outside its folder: {name!r}.", "Use the pack from its publisher.")
    if PurePosixPath(name).suffix.lower() in _PICKLED_SUFFIXES:
        raise ModelError(f"The pack holds {name!r}, a format that may run code.", "Use a pack made of ONNX files.")
    return parts


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_MANIFEST_BYTES:
            raise ModelError(f"{path} is too large for a manifest.", _REINSTALL)
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"There is no model in {path.parent} ({error.strerror}).", _REINSTALL) from error
    except ValueError as error:
        raise ModelError(f"{path} is not a readable manifest ({error}).", _REINSTALL) from error
    if not isinstance(content, dict):
        raise ModelError(f"{path} is not a manifest.", _REINSTALL)
    if content.get("format") != FORMAT_VERSION:
        raise ModelError(
            f"The model in {path.parent} has the format {content.get('format')!r}; this version reads {FORMAT_VERSION}.",
            "Update Helios Desktop, or install a model made for this version.",
        )
    return content


def _parsed(folder: Path, content: dict[str, Any]) -> ModelPack:
    try:
        files = {str(n): PackFile(sha256=str(f["sha256"]), bytes=int(f["bytes"])) for n, f in content["files"].items()}
        pack = ModelPack(
            folder=folder,
            model_id=ModelId(str(content["model_id"])),
            title=str(content["title"]),
            kind=str(content["kind"]),
            dim=int(content["dim"]),
            views=tuple(View(**view) for view in content["views"]),
            licence=str(content["licence"]),
            sources=tuple(str(source) for source in content["sources"]),
            files=files,
            params=dict(content.get("params", {})),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"The manifest in {folder} lacks something or says it wrongly ({error!r}).", _REINSTALL) from error
    for name in (pack.model_id, *pack.files):
        _safe_parts(name)
    if len(PurePosixPath(pack.model_id).parts) != 1 or pack.model_id.startswith("."):
        raise ModelError(f"The model in {folder} has an id that cannot name a folder: {pack.model_id!r}.", _REINSTALL)
    return pack
