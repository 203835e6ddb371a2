"""Folders in, followed, looked into and forgotten: the part of ``App`` that is about them."""

from __future__ import annotations

import os

from helios_desktop.catalog.folders import FolderCount
from helios_desktop.domain import Root
from helios_desktop.errors import WatchError
from helios_desktop.parts.library import Parts
from helios_desktop.watch.volumes import is_network, volume_of


class FollowedFolders:
    """The folders of one library. For any thread."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def roots(self) -> list[Root]:
        """The folders that are followed."""
        return self._parts.catalog.roots.all()

    def folders_inside(self, folder: bytes) -> list[FolderCount]:
        """The folders directly in one that hold indexed photos, with how many; quick, whatever lies below."""
        return self._parts.catalog.folders.inside(folder)

    def why_polled(self, root: Root) -> str:
        """Why a folder is looked through now and then: "network", "limit" (of the system's watches); empty where it is not."""
        return "" if not root.is_polled else "network" if is_network(root.path) else "limit"

    def rescan(self, folder: bytes) -> None:
        """Look through a followed folder, or one inside it, soon; in the threads that ``start`` began."""
        self._parts.rescan(folder)

    def add_root(self, path: bytes) -> Root:
        """Follow a folder. Inside one that is followed nothing changes; one above takes its place. Raises ``WatchError``."""
        path = absolute(path)
        if not os.path.isdir(path):
            if (away := self._parts.follower().absent_root(path)) is not None:
                return away  # its drive is away, what is known of it stays
            kind = "is not a folder" if os.path.lexists(path) else "does not exist"
            raise WatchError(f"{os.fsdecode(path)!r} {kind}.", "Name the folder that your photos are in.")
        root = self._parts.catalog.roots.add(path, volume_of(path))
        if is_network(path) != root.is_polled:
            self._parts.catalog.roots.set_polled(root.root_id, is_network(path))
        self._parts.wake()
        return root

    def remove_root(self, root_id: int) -> None:
        """Forget a folder, its thumbnails and vectors; its files stay untouched."""
        self._parts.thumbnails().delete_many(self._parts.catalog.roots.remove(root_id))
        self._parts.wake()

    def remove_root_at(self, path: bytes) -> Root:
        """Forget the folder that is followed at exactly this path. Raises ``WatchError`` where there is none."""
        root = self._parts.catalog.roots.get(absolute(path))
        if root is None:
            raise WatchError(f"{os.fsdecode(path)!r} is not followed.", "List the folders with: helios status")
        self.remove_root(root.root_id)
        return root


def absolute(path: bytes) -> bytes:
    """Return a path from the top, as the user wrote it: links in it are not resolved."""
    return os.path.abspath(os.path.expanduser(path))
