"""One look at everything that the settings show, taken in the background."""

from __future__ import annotations

from dataclasses import dataclass

from helios_desktop.pipeline.status import ModelRow, Status
from helios_desktop.settings import Settings
from helios_desktop.ui.library_port import Library


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsFacts:
    """What is set, what is installed, and how much room it takes."""

    settings: Settings
    status: Status
    models: tuple[ModelRow, ...]
    folders: tuple[str, str, str]


def look(library: Library) -> SettingsFacts:
    """Ask the library; blocks. Raises ``KnownError`` kinds."""
    return SettingsFacts(
        settings=library.preferences.now(),
        status=library.status(),
        models=tuple(library.model_store.rows()),
        folders=library.preferences.folders,
    )
