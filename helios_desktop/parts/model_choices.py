"""Installed models and the table of known ones -> the list that a person chooses from, with one recommended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from helios_desktop.embed.machine import Machine
from helios_desktop.embed.model_table import (
    OFFERED,
    STARTER_GOOD_AT,
    Advice,
    OfferedModel,
    advise,
    offered,
    pictures_per_second,
)
from helios_desktop.embed.models import KnownModel
from helios_desktop.pipeline.status import ModelChoice, ModelChoices, ModelRow


def model_choices(
    installed: Sequence[tuple[KnownModel, ModelRow]], *, wanted: str, machine: Machine, came_bytes: Callable[[str], int]
) -> ModelChoices:
    """Put the list together. ``came_bytes``: how much of the model of this name an unfinished download left."""
    advice = advise(machine)
    here = [_installed(known, row, wanted, machine) for known, row in installed]
    names = {row.name for row in here}
    others = [_offered(one, machine, came_bytes(one.name)) for one in OFFERED if one.name not in names]
    recommended = _recommended(advice, here)
    rows = tuple(replace(row, is_recommended=row.name == recommended) for row in (*here, *others))
    return ModelChoices(rows=rows, reason=advice.reason)


def _recommended(advice: Advice, here: Sequence[ModelChoice]) -> str:
    return advice.model.name if advice.model else next((row.name for row in here if row.is_shipped), here[0].name)


def _installed(known: KnownModel, row: ModelRow, wanted: str, machine: Machine) -> ModelChoice:
    one = offered(row.name)
    found = ModelChoice(name=row.name, title=row.title, bytes=row.size) if one is None else _offered(one, machine, 0)
    if known.is_shipped:
        found = replace(found, speed="fast", languages="English", good_at=STARTER_GOOD_AT)
    return replace(
        found,
        title=row.title,
        bytes=row.size,
        licence=row.licence or found.licence,
        is_installed=True,
        is_shipped=known.is_shipped,
        is_in_use=row.is_in_use,
        is_wanted=row.model_id == wanted,
        is_small=row.is_small,
        photos=row.photos,
    )


def _offered(one: OfferedModel, machine: Machine, came_bytes: int) -> ModelChoice:
    return ModelChoice(
        name=one.name,
        title=one.title,
        bytes=one.megabytes * 1_000_000,
        memory_bytes=one.memory_mib * 2**20,
        speed=one.speed,
        pictures_per_second=pictures_per_second(one, machine),
        languages=one.languages,
        good_at=one.good_at,
        recall=one.recall,
        licence=one.licence,
        is_verified=one.is_verified,
        came_bytes=came_bytes,
    )
