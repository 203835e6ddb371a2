"""Photos to judge a model's 8-bit form by: the user's own, newest first, filled up with the samples that come with Helios."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from helios_desktop.catalog.store import Catalog
from helios_desktop.decode.pool import DecodePool
from helios_desktop.domain import DecodedPhoto, UInt8Array, View

GATE_PHOTOS = 64


def gate_photos(
    catalog: Catalog, decoder: DecodePool, samples: Path, views: Sequence[View], count: int = GATE_PHOTOS
) -> list[tuple[UInt8Array, ...]]:
    """Return up to ``count`` photos as these views; those that are away or cannot be read are passed over."""
    found = []
    paths = chain(_own(catalog, 2 * count), sorted(os.fsencode(path) for path in samples.glob("*.jpg")))
    for path in paths:
        outcome = decoder.submit(path, views=tuple(views), thumbnail_px=0).result()
        if isinstance(outcome, DecodedPhoto):
            found.append(outcome.views)
        if len(found) == count:
            break
    return found


def _own(catalog: Catalog, most: int) -> Iterator[bytes]:
    ids = [int(number) for number in islice(catalog.photos.browse(), most)]
    yield from (photo.path for photo in catalog.photos.get(ids) if os.path.isfile(photo.path))
