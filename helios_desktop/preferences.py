"""What a person prefers, read and written while the application runs. Several processes may: the file is read each time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from helios_desktop.paths import AppPaths
from helios_desktop.settings import Settings, load_settings, save_settings


class Preferences:
    """The settings of one library. For any thread."""

    def __init__(self, paths: AppPaths, apply: Callable[[Settings], None] = lambda _: None) -> None:
        """``apply`` makes changed settings true in this process; other processes read them at their next start."""
        self._paths, self._apply = paths, apply

    def now(self) -> Settings:
        """The settings as they are now."""
        return load_settings(self._paths.settings_file).settings

    def change(self, changes: Mapping[str, Any]) -> Settings:
        """Change some settings and return all. Raises ``SettingsError`` where they cannot be saved."""
        settings = replace(self.now(), **changes)
        save_settings(self._paths.settings_file, settings)
        self._apply(settings)
        return settings

    @property
    def folders(self) -> tuple[str, str, str]:
        """Where settings, the library and the log are, for people."""
        return str(self._paths.config), str(self._paths.data), str(self._paths.log)
