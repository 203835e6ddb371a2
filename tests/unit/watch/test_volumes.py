from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from helios_desktop.watch.volumes import has_lasting_inodes, is_network, linux_mount, place_of, volume_of

TABLE = rb"""22 27 0:21 / /proc rw - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda1 rw
30 27 8:17 / /media/me/My\040Stick rw shared:5 - vfat /dev/sdb1 rw
31 27 0:50 / /mnt/nas rw - nfs4 server:/export rw
32 27 0:51 / /mnt/cloud rw - fuse.rclone remote: rw
33 27 0:52 / /mnt/top rw - ext4 /dev/sdc1 rw
34 33 0:53 / /mnt/top rw - tmpfs tmpfs rw
broken line
"""


@pytest.fixture
def uuids(tmp_path: Path) -> bytes:
    folder = tmp_path / "by-uuid"
    folder.mkdir()
    (folder / "AAAA-1111").symlink_to("/dev/sdb1")
    (folder / "1234abcd").symlink_to("/dev/vda1")
    return os.fsencode(folder)


@pytest.mark.parametrize(
    ("path", "name", "is_net"),
    [
        (b"/home/me/Pictures", "uuid:1234abcd", False),
        (b"/media/me/My Stick/DCIM", "uuid:AAAA-1111", False),
        (b"/media/me/My Stick", "uuid:AAAA-1111", False),
        (b"/media/me/My Sticky", "uuid:1234abcd", False),
        (b"/mnt/nas/photos", "net:nfs4:server:/export", True),
        (b"/mnt/cloud", "net:fuse.rclone:remote:", True),
        (b"/mnt/top/x", "fs:tmpfs:/mnt/top", False),
    ],
)
def test_a_folder_is_on_the_volume_of_the_nearest_mount_above_it(path: bytes, name: str, is_net: bool, uuids: bytes) -> None:
    mount = linux_mount(TABLE, path, uuids)
    assert mount is not None
    assert mount.names[0] == name
    assert mount.is_network is is_net


def test_a_volume_is_known_by_its_mount_point_while_its_uuid_cannot_be_read(uuids: bytes) -> None:
    with_uuid = linux_mount(TABLE, b"/media/me/My Stick", uuids)
    without = linux_mount(TABLE, b"/media/me/My Stick", b"/nowhere")
    assert with_uuid and without
    assert without.names[0] in with_uuid.names


@pytest.fixture
def mount_table() -> None:
    """The system's list of mounts, with the one that everything lies on: a bare chroot shows none."""
    if sys.platform != "linux":
        return
    table = Path("/proc/self/mountinfo")
    lines = table.read_text(errors="replace").splitlines() if table.exists() else []
    if not any(line.split()[4] == "/" for line in lines):
        pytest.skip("this system does not say what its own root lies on")


@pytest.mark.usefixtures("mount_table")
def test_a_folder_has_a_place_on_its_volume(tmp_path: Path) -> None:
    place = place_of(os.fsencode(tmp_path))
    assert place is not None
    assert place.names[0] == volume_of(os.fsencode(tmp_path))
    assert place.inode in {0, tmp_path.stat().st_ino}


def test_a_folder_that_is_not_there_has_no_place(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert place_of(os.fsencode(tmp_path / "gone")) is None
    assert place_of(os.fsencode(tmp_path / "file")) is None


def test_a_root_that_is_a_link_is_on_the_volume_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert volume_of(os.fsencode(tmp_path / "link")) == volume_of(os.fsencode(tmp_path / "real"))


def test_a_local_folder_is_no_network_drive_and_its_inodes_last(tmp_path: Path) -> None:
    assert not is_network(os.fsencode(tmp_path))
    assert has_lasting_inodes(os.fsencode(tmp_path))
