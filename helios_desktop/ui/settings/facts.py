"""One look at everything that the settings show, taken in the background. No server is asked."""

from __future__ import annotations

from dataclasses import dataclass

from helios_desktop.pipeline.status import ModelChoices, Status
from helios_desktop.settings import Settings
from helios_desktop.ui.library_port import Library
from helios_desktop.ui.unsplash.importing import UNSPLASH


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsFacts:
    """What is set, what is installed, and how much room it takes.

    ``folders``: of settings, library and log. ``fetched``: models that came over the network, and their addresses.
    """

    settings: Settings
    status: Status
    choices: ModelChoices
    folders: tuple[str, str, str]
    fetched: tuple[tuple[str, str], ...] = ()
    has_unsplash: bool = False


def look(library: Library) -> SettingsFacts:
    """Ask the library; blocks. Raises ``KnownError`` kinds."""
    return SettingsFacts(
        settings=library.preferences.now(),
        status=library.status(),
        choices=library.model_store.choices(),
        folders=library.preferences.folders,
        fetched=tuple(library.model_store.fetched()),
        has_unsplash=library.libraries.get(UNSPLASH) is not None,
    )
