"""Looks at everything Helios needs and says what works: what a person runs, and sends, when something is wrong."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helios_desktop.catalog.store import Catalog
from helios_desktop.decode.formats import has_jxl, has_raw
from helios_desktop.decode.pool import DecodePool
from helios_desktop.domain import DecodedPhoto
from helios_desktop.embed.base import Embedder
from helios_desktop.errors import KnownError

LOW_SPACE_BYTES = 500_000_000
INOTIFY_WATCHES = Path("/proc/sys/fs/inotify/max_user_watches")
FEW_WATCHES = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was checked."""

    check: str
    is_ok: bool
    detail: str
    remedy: str = ""


def examine(
    *,
    catalog: Catalog,
    embedder: Callable[[], Embedder],
    decoder: Callable[[], DecodePool],
    verify_model: Callable[[], list[str]],
    sample: Path,
    folders: tuple[Path, ...],
) -> list[Finding]:
    """Check the installation and the library; every check says what it found, none stops the others."""
    return [
        Finding(check="system", is_ok=True, detail=f"{platform.platform()}, Python {sys.version.split()[0]}"),
        *_space(folders),
        _guarded("catalogue", lambda: _catalogue(catalog), "Run: helios catalog check"),
        *_roots(catalog),
        _guarded("model files", lambda: _model_files(verify_model), "Install Helios again."),
        _guarded("decode and embed", lambda: _round_trip(embedder, decoder, sample), "Install Helios again."),
        *_decoders(),
        *_watches(),
    ]


def _guarded(check: str, work: Callable[[], str], remedy: str) -> Finding:
    try:
        return Finding(check=check, is_ok=True, detail=work())
    except KnownError as error:
        return Finding(check=check, is_ok=False, detail=error.message, remedy=error.remedy or remedy)


def _space(folders: tuple[Path, ...]) -> Iterator[Finding]:
    for folder in folders:
        free = shutil.disk_usage(folder).free
        yield Finding(
            check=f"room in {folder}",
            is_ok=free >= LOW_SPACE_BYTES,
            detail=f"{free / 1e9:.1f} GB free",
            remedy="Make room on this disk; a library of 100,000 photos needs about 5 GB.",
        )


def _catalogue(catalog: Catalog) -> str:
    faults = catalog.check(quick=True)
    if faults:
        raise KnownError("; ".join(faults), "Restore a backup: helios catalog restore")
    counts = catalog.photos.counts()
    return f"sound; {counts.indexed:,} photos indexed, {counts.pending:,} pending, {counts.skipped:,} skipped"


def _roots(catalog: Catalog) -> Iterator[Finding]:
    for root in catalog.roots.all():
        yield Finding(
            check=f"folder {root.display}",
            is_ok=root.is_present,
            detail="here" if root.is_present else "not here; its photos stay in the catalogue",
            remedy="Plug its drive in, or forget it with: helios remove FOLDER",
        )


def _model_files(verify_model: Callable[[], list[str]]) -> str:
    faults = verify_model()
    if faults:
        raise KnownError("; ".join(faults))
    return "as they were published"


def _round_trip(embedder: Callable[[], Embedder], decoder: Callable[[], DecodePool], sample: Path) -> str:
    """Decode a sample photo in a worker, embed it and a question, and compare the two."""
    model = embedder()
    outcome = decoder().submit(bytes(sample), views=model.preprocess).result()
    if not isinstance(outcome, DecodedPhoto):
        raise KnownError(f"The sample photo could not be decoded ({outcome!r}).")
    image = model.embed_images([view[np.newaxis] for view in outcome.views])[0]
    text = model.embed_text(["a photo"])[0]
    return f"{model.title}: {model.dim} dimensions, score {float(image @ text):.3f}"


def _decoders() -> Iterator[Finding]:
    present = ["JPEG", "PNG", "GIF", "TIFF", "WebP", "AVIF", "HEIC"]
    present += ["RAW"] * has_raw() + ["JPEG XL"] * has_jxl()
    absent = ["RAW (extra 'raw')"] * (not has_raw()) + ["JPEG XL (extra 'jxl')"] * (not has_jxl())
    detail = ", ".join(present) + (f"; not installed: {', '.join(absent)}" if absent else "")
    yield Finding(check="decoders", is_ok=True, detail=detail)


def _watches() -> Iterator[Finding]:
    if INOTIFY_WATCHES.exists():
        limit = int(INOTIFY_WATCHES.read_text(encoding="ascii"))
        yield Finding(
            check="folders that can be watched at once",
            is_ok=limit >= FEW_WATCHES,
            detail=f"{limit:,}; beyond that, folders are looked at once a minute",
            remedy="Raise it: sudo sysctl fs.inotify.max_user_watches=524288",
        )
