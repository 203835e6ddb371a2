"""What ``helios status`` and the window say about a library, as values."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import Any

from helios_desktop.domain import Counts, ModelId, Root
from helios_desktop.pipeline.models_in_use import ModelsNow


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """One installed model. ``size``: bytes on disk; ``photos``: how many contents have a vector of it.

    ``is_small``: its 8-bit form is in use, as far as it has one.
    """

    name: str
    model_id: ModelId
    title: str
    dim: int
    size: int
    photos: int
    is_in_use: bool
    licence: str
    is_small: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """One model that a person may choose, here already or to be fetched.

    ``bytes``: on the disk, or to fetch; ``came_bytes``: what an unfinished download left of them. ``speed``: "fast", "medium",
    "slow" or "GPU"; ``pictures_per_second``: an estimate for this computer, 0 where none can be made. ``recall``: mean of
    recall@1, 5 and 10 in English, 0 where unknown. ``photos``: how many contents it has seen. ``is_wanted``: the user's choice,
    which answers (``is_in_use``) as soon as it has seen every photo.
    """

    name: str
    title: str
    bytes: int
    memory_bytes: int = 0
    speed: str = ""
    pictures_per_second: float = 0.0
    languages: str = ""
    good_at: str = ""
    recall: float = 0.0
    licence: str = ""
    is_installed: bool = False
    is_shipped: bool = False
    is_in_use: bool = False
    is_wanted: bool = False
    is_recommended: bool = False
    is_small: bool = False
    is_verified: bool = False
    photos: int = 0
    came_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoices:
    """Every model that can be chosen, the installed ones first; ``reason``: why one of them suits this computer."""

    rows: tuple[ModelChoice, ...]
    reason: str

    @property
    def recommended(self) -> ModelChoice:
        """The one that suits this computer; there always is one."""
        return next(row for row in self.rows if row.is_recommended)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One look at a library."""

    version: str
    roots: tuple[Root, ...]
    counts: Counts
    model_id: ModelId
    model_title: str
    models: ModelsNow
    engine: str
    catalog_file: str
    catalog_bytes: int
    thumbnails_bytes: int
    last_backup: str | None
    notices: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """Return the stable keys for scripts."""
        return {
            "version": self.version,
            "photos": asdict(self.counts),
            "folders": [
                {"path": os.fsdecode(root.path), "present": root.is_present, "polled": root.is_polled} for root in self.roots
            ],
            "model": {"id": self.model_id, "title": self.model_title},
            "next_model": self._next_model(),
            "engine": self.engine,
            "catalog": {"path": self.catalog_file, "bytes": self.catalog_bytes, "last_backup": self.last_backup},
            "thumbnails": {"bytes": self.thumbnails_bytes},
            "notices": list(self.notices),
        }

    def _next_model(self) -> dict[str, Any] | None:
        """The model that is getting ready to take over, and how far it is."""
        if not self.models.is_switching:
            return None
        wanted = self.models.wanted
        return {"id": wanted.model_id, "title": wanted.title, "photos": self.models.covered, "of": self.models.total}
