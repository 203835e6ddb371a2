"""A process that fills a catalogue batch by batch and says each one that is committed, until somebody ends it.

    python catalog_writer.py CATALOG NAME BATCHES

Batch ``n`` holds ``PHOTOS`` photos of the folder ``/photos/NAME/n``, each with a vector that follows from its path, a favourite
among them. After each commit the line ``n`` is written. Run with NAME of its own, several may share a catalogue.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import numpy as np

from helios_desktop.catalog.facts import DecodedFacts, Ready
from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import FileStat, Filter, Float32Array, FoundFile, Metadata, ModelId, PendingPhoto, Root, ScanDelta

MODEL = ModelId("torture-1")
DIM = 64
PHOTOS = 16
ROOT = os.fsencode(os.path.join(os.sep, "photos"))


def path_of(name: str, batch: int, number: int) -> bytes:
    return os.path.join(ROOT, name.encode(), b"%06d" % batch, b"%03d.jpg" % number)


def hash_of(path: bytes) -> bytes:
    return hashlib.sha256(path).digest()


def vector_of(path: bytes) -> Float32Array:
    rng = np.random.default_rng(int.from_bytes(hash_of(path)[:8], "big"))
    row = rng.standard_normal(DIM, dtype=np.float32)
    return row / np.linalg.norm(row)


def write_batch(catalog: Catalog, root: Root, name: str, batch: int) -> None:
    """Record, embed and mark one batch: three commits, the last a person's."""
    stats = [
        FileStat(path=path_of(name, batch, number), size=1000 + number, mtime_ns=10**18 + batch, inode=0, device=0)
        for number in range(PHOTOS)
    ]
    catalog.photos.record(root.root_id, ScanDelta(added=tuple(FoundFile(stat=stat) for stat in stats)))
    ids = [photo.photo_id for stat in stats if (photo := catalog.photos.by_path(stat.path))]
    facts = DecodedFacts(width=4, height=3, format="JPEG", colour=0, metadata=Metadata(title=f"batch {batch}"))
    catalog.photos.mark_ready(
        [
            Ready(
                photo=PendingPhoto(
                    photo_id=photo_id, path=stat.path, size=stat.size, mtime_ns=stat.mtime_ns, content_hash=None
                ),
                content_hash=hash_of(stat.path),
                decoded=facts,
                vector=vector_of(stat.path),
                model_id=MODEL,
            )
            for photo_id, stat in zip(ids, stats, strict=True)
        ]
    )
    catalog.marks.favourite(ids[0])


def main() -> int:
    path, name, batches = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    catalog = Catalog.open(path)
    root = catalog.roots.add(ROOT, "disk")
    mine = Filter(folders=(os.path.dirname(os.path.dirname(path_of(name, 0, 0))),), is_favourite=True)
    first = catalog.photos.matching_ids(mine).size  # a batch that was cut off before its last commit is done again
    for batch in range(first, first + batches):
        write_batch(catalog, root, name, batch)
        print(batch, flush=True)
    catalog.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
