"""Content hash -> thumbnail: from the store, or made again from a photo that holds the content where the cache was lost.

A path -> preview: as large as the viewer's screen, or as the photo itself; decoded when asked and kept by nobody here.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError

from helios_desktop.catalog.store import Catalog
from helios_desktop.decode.pool import DecodePool
from helios_desktop.decode.process import HAS_WIDE_PIPES
from helios_desktop.decode.thumbnails import ThumbnailStore
from helios_desktop.domain import DecodedPhoto, Metadata, Skipped
from helios_desktop.errors import KnownError, WorkerError


class Pictures:
    """Gives thumbnails. Safe to call from several threads."""

    def __init__(self, *, catalog: Catalog, thumbnails: ThumbnailStore, decoder: Callable[[], DecodePool]) -> None:
        self._catalog = catalog
        self._thumbnails = thumbnails
        self._decoder = decoder

    def thumbnail(self, content_hash: bytes) -> bytes | None:
        """Return a JPEG of at most 512 px on its longer side; None where no photo with this content can be read now."""
        stored = self._thumbnails.get(content_hash)
        return stored if stored is not None else self._make(content_hash)

    def preview(self, path: bytes, longest_px: int, *, as_pixels: bool = False) -> bytes:
        """Return a JPEG of a photo, upright and in sRGB, its long side at most ``longest_px``; blocks while it is decoded.

        ``as_pixels``: a PPM instead where that is quicker, since nobody encodes and decodes it.
        A JPEG is decoded at a reduced scale where that is enough. Raises ``KnownError`` where the photo cannot be read.
        """
        return self._decoded(path, longest_px, as_pixels=as_pixels and HAS_WIDE_PIPES).thumbnail

    def metadata(self, path: bytes) -> Metadata:
        """Return what a picture file says of itself; blocks while it is decoded. Raises ``KnownError``."""
        return self._decoded(path, 0).metadata

    def _decoded(self, path: bytes, longest_px: int, *, as_pixels: bool = False) -> DecodedPhoto:
        try:
            outcome = self._decoder().submit(path, views=(), thumbnail_px=longest_px, as_pixels=as_pixels).result()
        except CancelledError as error:
            raise KnownError("The photo was not decoded, since Helios is closing.", "Open it again.") from error
        if isinstance(outcome, Skipped):
            raise KnownError(f"This photo cannot be shown ({outcome.reason}).", outcome.reason.remedy)
        if isinstance(outcome, bytes):
            raise TypeError("a decode task answered with a hash")
        return outcome

    def _make(self, content_hash: bytes) -> bytes | None:
        for photo in self._catalog.photos.with_content(content_hash):
            try:
                outcome = self._decoder().submit(photo.path, views=()).result()
            except (CancelledError, WorkerError):
                return None
            if isinstance(outcome, DecodedPhoto) and outcome.content_hash == content_hash:
                self._thumbnails.put_many([(content_hash, outcome.thumbnail)])
                return outcome.thumbnail
        return None
