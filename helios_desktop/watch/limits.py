"""Whether the system would grant one more watch: asked after the folders of a root were given theirs.

Linux grants each user so many inotify watches. A library that watches folder by folder passes over those that got none, so
that only this question tells whether any may have been left out. In: a folder. Out: the error number, or 0.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys

_IN_DELETE_SELF = 0x400
_IN_CLOEXEC = 0o2000000


def missing_watches(folder: bytes) -> int:
    """Return ``ENOSPC`` where this user's watches are used up, else 0; see inotify(7)."""
    if sys.platform != "linux":
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    instance = libc.inotify_init1(_IN_CLOEXEC)
    if instance < 0:
        return 0  # out of instances: those that are open go on working
    try:
        if libc.inotify_add_watch(instance, ctypes.c_char_p(folder), ctypes.c_uint32(_IN_DELETE_SELF)) >= 0:
            return 0
        return errno.ENOSPC if ctypes.get_errno() == errno.ENOSPC else 0
    finally:
        os.close(instance)
