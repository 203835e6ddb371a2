"""ROOT -> VOLUME: which file system a folder lies on, by a name that outlives a restart, and whether it is here now.

In: a path (bytes). Out: a text such as ``uuid:8f2c...``, ``net:nfs4:server:/export`` or ``fs:tmpfs:/tmp``, and the folder's
inode: an unplugged drive leaves nothing or an empty mount point behind, which is another folder, maybe on another volume.

Linux: ``/proc/self/mountinfo`` (proc(5)) and ``/dev/disk/by-uuid``; macOS: ``statfs(2)``; Windows: ``GetVolumeInformationW``.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from dataclasses import dataclass

_MOUNTINFO = b"/proc/self/mountinfo"
_UUIDS = b"/dev/disk/by-uuid"

_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "9p", "afs", "ceph", "lustre", "davfs", "webdav", "afpfs", "vboxsf"}
) | {f"fuse.{name}" for name in ("sshfs", "rclone", "davfs2", "gvfsd-fuse", "s3fs", "glusterfs", "curlftpfs", "vmhgfs-fuse")}
"""File systems that tell of changes made here at most, never of those made elsewhere."""

_PASSING_INODES = frozenset({"vfat", "msdos", "exfat", "msdosfs", "cifs", "smb3", "smbfs", "9p", "vboxsf", "drvfs"})
"""File systems that make inode numbers up at each mount, or when a file is met again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """One mounted file system: ``kind`` as the system calls it, ``source`` the device or the share."""

    point: bytes
    kind: str
    source: bytes
    is_network: bool
    uuid: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Return every text that may stand for this volume, best first."""
        names = []
        if self.uuid:
            names.append(f"uuid:{self.uuid}")
        if self.is_network:
            names.append(f"net:{self.kind}:{_text(self.source)}")
        names.append(f"fs:{self.kind}:{_text(self.point)}")
        return tuple(names)

    @property
    def has_lasting_inodes(self) -> bool:
        """Whether inode numbers here mean the same file after a restart or another mount."""
        return self.kind.lower() not in _PASSING_INODES and not self.kind.startswith("fuse.")


def volume_of(path: bytes) -> str:
    """Return the name of the volume that ``path`` lies on, or an empty text where nobody can say."""
    mount = mount_of(path)
    return mount.names[0] if mount else ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a folder lies: every name of its volume, best first (none where the system does not tell), and its inode (0 where
    that does not outlive a mount).
    """

    names: tuple[str, ...]
    inode: int


def place_of(path: bytes) -> Place | None:
    """Return where a folder lies, links followed; None where it cannot be listed."""
    try:
        with os.scandir(path):  # a drive that mounts itself when asked for does so here
            inode = os.stat(path).st_ino
    except OSError:
        return None
    mount = mount_of(path)
    if mount is None:
        return Place((), 0)
    return Place(mount.names, inode if mount.has_lasting_inodes else 0)


def is_network(path: bytes) -> bool:
    """Whether changes made by others to this folder come without events, so that it has to be polled."""
    mount = mount_of(path)
    return mount is not None and mount.is_network


def has_lasting_inodes(path: bytes) -> bool:
    """Whether inode numbers below ``path`` mean the same file after a restart or another mount."""
    mount = mount_of(path)
    return mount is None or mount.has_lasting_inodes


def mount_of(path: bytes) -> Mount | None:
    """Return the mounted file system that ``path`` lies on, links followed; None where the system does not tell."""
    if sys.platform == "win32":
        return _windows_mount(path)
    if sys.platform == "darwin":
        return _macos_mount(path)
    try:
        with open(_MOUNTINFO, "rb") as file:
            table = file.read()
    except OSError:
        return None
    return linux_mount(table, os.path.realpath(path), _UUIDS)


def linux_mount(table: bytes, path: bytes, uuids: bytes) -> Mount | None:
    """Find the mount of an absolute ``path`` without links in the text of mountinfo: the longest mount point, the last one
    where several lie on top of each other. ``uuids``: the folder of links that name the devices.
    """
    best: Mount | None = None
    for line in table.splitlines():
        head, dash, tail = line.partition(b" - ")
        fields, source = head.split(b" "), tail.split(b" ")
        if not dash or len(fields) < 5 or len(source) < 2:
            continue
        point = _unescaped(fields[4])
        is_above = path == point or path.startswith(point.rstrip(b"/") + b"/")
        if is_above and (best is None or len(point) >= len(best.point)):
            kind = os.fsdecode(source[0])
            best = Mount(point=point, kind=kind, source=_unescaped(source[1]), is_network=kind in _NETWORK)
    if best is None:
        return None
    uuid = _uuid_of(best.source, uuids)
    return Mount(point=best.point, kind=best.kind, source=best.source, is_network=best.is_network, uuid=uuid)


def _unescaped(field: bytes) -> bytes:
    """Undo the octal escapes that the kernel writes for blanks, tabs, newlines and backslashes."""
    return re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8) & 0xFF]), field)


def _uuid_of(device: bytes, uuids: bytes) -> str:
    if not device.startswith(b"/dev/"):
        return ""
    wanted = os.path.realpath(device)
    try:
        with os.scandir(uuids) as links:
            names = [link.name for link in links if os.path.realpath(link.path) == wanted]
    except OSError:
        return ""
    return os.fsdecode(names[0]) if names else ""


def _text(path: bytes) -> str:
    """Return a text that any file or database can hold; bytes that are not UTF-8 are written as escapes."""
    return path.decode("utf-8", "backslashreplace")


if sys.platform == "win32":
    _DRIVE_REMOTE = 4

    def _windows_mount(path: bytes) -> Mount | None:
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        point = ctypes.create_unicode_buffer(1024)
        if not kernel.GetVolumePathNameW(os.fsdecode(path), point, len(point)):
            return None
        serial = ctypes.c_uint32()
        kind = ctypes.create_unicode_buffer(64)
        is_known = kernel.GetVolumeInformationW(point, None, 0, ctypes.byref(serial), None, None, kind, len(kind))
        is_network = kernel.GetDriveTypeW(point) == _DRIVE_REMOTE or point.value.startswith("\\\\")
        return Mount(
            point=os.fsencode(point.value),
            kind=kind.value.lower() if is_known else "unknown",
            source=os.fsencode(point.value),
            is_network=is_network,
            uuid=f"{serial.value:08x}" if is_known and not is_network else "",
        )


if sys.platform == "darwin":
    _MNT_LOCAL = 0x1000

    class _Statfs(ctypes.Structure):
        """``struct statfs`` with 64-bit inodes, as in <sys/mount.h>."""

        _fields_ = (
            ("f_bsize", ctypes.c_uint32),
            ("f_iosize", ctypes.c_int32),
            ("f_counts", ctypes.c_uint64 * 5),
            ("f_fsid", ctypes.c_int32 * 2),
            ("f_owner", ctypes.c_uint32),
            ("f_type", ctypes.c_uint32),
            ("f_flags", ctypes.c_uint32),
            ("f_fssubtype", ctypes.c_uint32),
            ("f_fstypename", ctypes.c_char * 16),
            ("f_mntonname", ctypes.c_char * 1024),
            ("f_mntfromname", ctypes.c_char * 1024),
            ("f_reserved", ctypes.c_uint32 * 8),
        )

    def _macos_mount(path: bytes) -> Mount | None:
        libc = ctypes.CDLL(None, use_errno=True)
        # On Intel the plain name is the old layout with 32-bit inodes.
        statfs = getattr(libc, "statfs$INODE64", None) or libc.statfs
        facts = _Statfs()
        if statfs(ctypes.c_char_p(path), ctypes.byref(facts)) != 0:
            return None
        return Mount(
            point=facts.f_mntonname,
            kind=os.fsdecode(facts.f_fstypename),
            source=facts.f_mntfromname,
            is_network=not facts.f_flags & _MNT_LOCAL,
        )
