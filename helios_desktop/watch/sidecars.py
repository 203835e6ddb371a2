"""ENTRIES OF ONE FOLDER -> NUMBERS: which XMP file lies beside which photo, and in what state, without opening any.

A sidecar is named ``photo.xmp`` (Adobe) or ``photo.jpg.xmp`` (darktable, digiKam), in any case. The number is 0 where there is
none, and another one whenever its name, size or mtime is another one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable

from helios_desktop.watch.ignore import is_sidecar

_SUFFIX = b".xmp"
_FITS_SIGNED_64 = (1 << 63) - 1


class Sidecars:
    """The XMP files of one folder."""

    def __init__(self, entries: Iterable[os.DirEntry[bytes]]) -> None:
        self._states: dict[bytes, bytes] = {}
        for entry in entries:
            if is_sidecar(entry.name):
                try:
                    # Not the entry's own stat: on Windows that shows the old size of a file that was just written.
                    status = os.lstat(entry.path)
                except OSError:
                    continue
                self._states[entry.name.lower()] = b"%s %d %d" % (entry.name, status.st_size, status.st_mtime_ns)

    def of(self, name: bytes) -> int:
        """Return the number for the photo of this name."""
        if not self._states:
            return 0
        lowered = name.lower()
        stem = os.path.splitext(lowered)[0]
        found = [state for key in (lowered + _SUFFIX, stem + _SUFFIX) if (state := self._states.get(key)) is not None]
        if not found:
            return 0
        digest = hashlib.blake2b(b"\n".join(found), digest_size=8).digest()
        return int.from_bytes(digest, "big") & _FITS_SIGNED_64 or 1
