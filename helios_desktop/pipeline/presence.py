"""ROOT -> HERE OR NOT: whether what a scan of this folder would miss may count as deleted.

A root is here while it is the folder it was: on the volume and with the inode recorded when its photos were last seen. A folder
that was emptied still is that folder, and its photos are gone. Another folder in its place is a mount point without its drive,
until it shows photos of its own: on another volume (the drive was replaced, or mounted only after it was added) at least half
of those known, on the same one (put there from a backup, or begun anew) any at all.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import Root
from helios_desktop.watch import volumes

SAMPLE_PHOTOS = 64

_log = logging.getLogger(__name__)


class Presence:
    """Asks the disk, and keeps the answer in the catalogue. ``has_photos``: whether a scan would find anything to index."""

    def __init__(self, catalog: Catalog, has_photos: Callable[[Root], bool]) -> None:
        self._catalog = catalog
        self._has_photos = has_photos

    def check(self, root: Root) -> bool:
        """Ask whether the root is here, and remember the answer where it changed."""
        here = self._is_here(root)
        if here != root.is_present:
            self._catalog.roots.set_present(root.root_id, here)
            _log.info("folder %s is %s", root.root_id, "here again" if here else "not here")
        return here

    def _is_here(self, root: Root) -> bool:
        place = volumes.place_of(root.path)
        if place is None:
            return False
        on_volume = not root.volume or not place.names or root.volume in place.names
        is_folder = 0 in {root.inode, place.inode} or root.inode == place.inode
        if on_volume and is_folder and root.volume and root.inode == place.inode:
            return True
        known, there = self._sample(root)
        if on_volume and is_folder:  # as far as anybody can say; what is not known yet is learned where its photos are
            if there or not known:
                self._adopt(root, place)
            return True
        if known and not self._is_accepted(root, known, there, on_volume=on_volume):
            return False
        self._adopt(root, place)
        return True

    def _is_accepted(self, root: Root, known: int, there: int, *, on_volume: bool) -> bool:
        if not on_volume:
            return 2 * there >= known
        return there > 0 or self._has_photos(root)

    def _adopt(self, root: Root, place: volumes.Place) -> None:
        self._catalog.roots.set_place(root.root_id, place.names[0] if place.names else root.volume, place.inode)

    def _sample(self, root: Root) -> tuple[int, int]:
        """How many of some known photos were looked for, and how many are there, by path and size."""
        known = self._catalog.photos.sample(root.root_id, SAMPLE_PHOTOS)
        return len(known), sum(_size_of(path) == size for path, size in known)


def _size_of(path: bytes) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:
        return -1
