"""The parts of an open library in, one look at all of it out; nothing heavy is made for it."""

from __future__ import annotations

from pathlib import Path

from helios_desktop import __version__
from helios_desktop.parts.library import Parts
from helios_desktop.pipeline.status import Status


def look_at(parts: Parts, *, engine: str, pause_sentence: str) -> Status:
    """Look once. ``engine``: the one in use; ``pause_sentence``: why sending to it stands still, empty where it does not."""
    backups = sorted(parts.paths.backups.glob("*.sqlite")) if parts.paths.backups.is_dir() else []
    models = parts.models.in_use.now()
    return Status(
        version=__version__,
        roots=tuple(parts.catalog.roots.all()),
        counts=parts.catalog.photos.counts(parts.model.model_id),
        model_id=models.answering.model_id,
        model_title=models.answering.title,
        models=models,
        engine=engine,
        catalog_file=str(parts.paths.catalog_file),
        catalog_bytes=_size_of(parts.paths.catalog_file),
        thumbnails_bytes=_size_of(parts.paths.thumbnails_file),
        last_backup=backups[-1].name if backups else None,
        notices=tuple(text for text in (*parts.notices, models.notice, pause_sentence) if text),
    )


def _size_of(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
