"""Which models there are, and which one to use: what comes in are folders with packs, what goes out is a choice.

The table is small for now: the starter pack that ships with the application, and whatever packs the user installed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from helios_desktop.domain import ModelId
from helios_desktop.embed.pack import MANIFEST_NAME, ModelPack
from helios_desktop.errors import ModelError


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownModel:
    """One row of the table. ``is_shipped``: part of the application, cannot be removed."""

    model_id: ModelId
    title: str
    folder: Path
    dim: int
    is_shipped: bool


def known_models(starter: Path, models_dir: Path) -> tuple[KnownModel, ...]:
    """List the starter pack and the installed ones by id; folders without a sound manifest are left out."""
    rows = [_row(starter, is_shipped=True)]
    if models_dir.is_dir():
        installed = sorted(p for p in models_dir.iterdir() if not p.name.startswith(".") and (p / MANIFEST_NAME).is_file())
        rows += [_row(folder, is_shipped=False) for folder in installed]
    return tuple(row for row in rows if row is not None)


def choose_model(known: tuple[KnownModel, ...], wanted: str | None) -> KnownModel:
    """Pick the model with the id ``wanted``, or the starter model where None is wanted. Raises ``ModelError``.

    Whoever chose an earlier revision of the starter model gets the one that ships now: the earlier one is gone for good.
    """
    for row in known:
        if row.model_id == wanted or (wanted is None and row.is_shipped):
            return row
    for row in known:
        if wanted is not None and row.is_shipped and _family(row.model_id) == _family(wanted):
            return row
    if wanted is None:
        raise ModelError("The starter model is missing from this installation.", "Install Helios Desktop again.")
    ids = ", ".join(row.model_id for row in known) or "none"
    raise ModelError(f"There is no model {wanted!r} here.", f"Installed are: {ids}. Choose one with `helios models use`.")


def _family(model_id: str) -> str:
    """The name without its revision: ``starter`` of ``starter-3``."""
    name, _, revision = model_id.rpartition("-")
    return name if revision.isdigit() else model_id


def _row(folder: Path, *, is_shipped: bool) -> KnownModel | None:
    try:
        pack = ModelPack.open(folder)
    except ModelError:
        return None
    return KnownModel(model_id=pack.model_id, title=pack.title, folder=folder, dim=pack.dim, is_shipped=is_shipped)
