"""What the routes share: the library, its lanes, the options. Built once for each server."""

from __future__ import annotations

from dataclasses import dataclass

from helios_desktop.app import App
from helios_desktop.web.lanes import Lanes
from helios_desktop.web.options import ServeOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One server's collaborators."""

    library: App
    lanes: Lanes
    options: ServeOptions
