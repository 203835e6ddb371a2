"""What can be looked at, as a value: everything, a folder, the favourites, an album, a saved search, Unsplash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from helios_desktop.domain import Root

PlaceKind = Literal["all", "folder", "favourites", "album", "saved", "unsplash", "heading"]
RootState = Literal["", "away", "scanning", "polled"]
_ICONS = {
    "all": "photos",
    "folder": "folder",
    "favourites": "heart",
    "album": "album",
    "saved": "bookmark",
    "unsplash": "image",
    "heading": "",
}
EVERYTHING = ("all", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One row: everything, a folder, the favourites, an album, or a saved search (``words``).

    ``root``: the followed folder that a folder is or lies in; ``path``: where one inside is, empty for the root itself.
    ``count`` is None until it is known. ``has_folders``: whether there is a level below. A heading names the rows below it.
    """

    title: str
    kind: PlaceKind = "all"
    root: Root | None = None
    path: bytes = b""
    album_id: int | None = None
    words: str = ""
    count: int | None = None
    has_folders: bool = False
    is_scanned: bool = False
    reason: str = ""

    @property
    def folder(self) -> bytes | None:
        """The folder to look in, None for everything."""
        return self.path or (None if self.root is None else self.root.path)

    @property
    def is_root(self) -> bool:
        """Whether this is a folder that is followed, and not one inside it."""
        return self.root is not None and not self.path

    @property
    def key(self) -> tuple[str, object]:
        """What makes it the same place as before, whatever its count."""
        identity = {"folder": self.folder, "album": self.album_id, "saved": self.words, "heading": self.title}
        return self.kind, identity.get(self.kind)

    @property
    def state(self) -> RootState:
        """How a followed folder is: away, being looked through, looked at only now and then; empty where it is watched."""
        if self.root is None or not self.is_root:
            return ""
        if not self.root.is_present:
            return "away"
        return "scanning" if self.is_scanned else "polled" if self.root.is_polled else ""

    @property
    def icon_name(self) -> str:
        """The icon that shows what it is."""
        if self.root is not None and not self.root.is_present:
            return "folder-away"
        return _ICONS[self.kind]
