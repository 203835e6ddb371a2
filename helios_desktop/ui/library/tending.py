"""The panel's wishes in, the library tended: places looked at, folders looked through or left out, counts kept fresh."""

from __future__ import annotations

from PySide6.QtCore import QObject

from helios_desktop.domain import Progress
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.desktop_files import FileOpener
from helios_desktop.ui.library.feed import LibraryFeed
from helios_desktop.ui.library.folders import FolderChanges
from helios_desktop.ui.library.model import PlacesModel
from helios_desktop.ui.library.panel import LibraryPanel
from helios_desktop.ui.library.places import PlaceChoices
from helios_desktop.ui.library.saved_counts import SavedCounts


class Tending(QObject):
    """Joins the panel with what does its work."""

    def __init__(
        self,
        panel: LibraryPanel,
        places: PlacesModel,
        bridge: Bridge,
        feed: LibraryFeed,
        folders: FolderChanges,
        choices: PlaceChoices,
        opener: FileOpener,
    ) -> None:
        super().__init__(panel)
        self._places = places
        self.saved_counts = SavedCounts(bridge, feed, self)
        self.saved_counts.counted.connect(places.show_saved_counts)
        panel.place_chosen.connect(choices.choose)
        panel.menu_wanted.connect(choices.open_menu)
        panel.open_requested.connect(opener.open)
        panel.rescan_requested.connect(folders.rescan)
        panel.leave_out_requested.connect(folders.leave_out)
        bridge.progressed.connect(self._on_progressed)

    def _on_progressed(self, progress: Progress) -> None:
        self._places.show_scanning(progress.phase == "scanning")
