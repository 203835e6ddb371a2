"""What a library needs once a day: a backup, and forgetting what vanished thirty days ago."""

from __future__ import annotations

import logging

from helios_desktop.catalog.store import Catalog
from helios_desktop.decode.thumbnails import ThumbnailStore
from helios_desktop.errors import CatalogDamagedError, DiskFullError

_log = logging.getLogger(__name__)


def look_after(catalog: Catalog, thumbnails: ThumbnailStore) -> str:
    """Do what is due today, once; return a sentence for the user where it could not be done, else an empty text."""
    try:
        if catalog.backup_if_due() is not None:
            thumbnails.delete_many(catalog.vectors.prune())
    except (CatalogDamagedError, DiskFullError) as error:
        _log.warning("upkeep: %s", error)
        return f"Today's backup of the catalogue was not made. {error}"
    return ""
