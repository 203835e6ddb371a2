"""A drive that is away deletes nothing; a folder that somebody emptied is followed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helios_desktop.domain import PhotoState
from helios_desktop.watch.volumes import place_of

PHOTOS = ("a.jpg", "sub/b.jpg", "sub/c.jpg")


@pytest.fixture
def filled(library, paint):
    """A library of three photos that were indexed."""
    for number, name in enumerate(PHOTOS):
        paint(library.folder / name, "red", size=(64 + number, 48))
    library.add()
    library.index()
    assert len(library.indexed()) == len(PHOTOS)
    return library


def states(library):
    return [photo.state for photo in library.catalog.photos.listing()]


def unplug(library):
    """Leave an empty folder in the place of the photos, on the same disk, as an unmounted bind mount does."""
    library.folder.rename(library.base / "elsewhere")
    library.folder.mkdir()


def plug_in(library):
    shutil.rmtree(library.folder)
    (library.base / "elsewhere").rename(library.folder)


def test_a_folder_that_was_emptied_is_followed(filled):
    for entry in filled.folder.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    summary = filled.index()
    assert (summary.absent, states(filled)) == (0, [])


def test_an_empty_folder_in_the_place_of_the_photos_deletes_nothing(filled):
    unplug(filled)
    for _ in range(2):
        summary = filled.index()
        assert (summary.absent, summary.found) == (1, 0)
        assert states(filled) == [PhotoState.ABSENT] * 3
    plug_in(filled)
    assert filled.index().embedded == 0
    assert states(filled) == [PhotoState.INDEXED] * 3


def test_a_mount_point_that_holds_a_note_is_still_one(filled):
    unplug(filled)
    (filled.folder / "not mounted.txt").write_text("plug the drive in", encoding="utf-8")
    (filled.folder / "lost+found").mkdir()
    assert filled.index().absent == 1
    assert states(filled) == [PhotoState.ABSENT] * 3


def test_a_folder_begun_anew_is_followed(filled, paint):
    unplug(filled)
    paint(filled.folder / "new.jpg", "blue")
    summary = filled.index()
    assert (summary.absent, summary.embedded) == (0, 1)
    assert filled.indexed() == {str(filled.folder / "new.jpg")}


def test_a_folder_put_back_from_a_backup_is_followed(filled):
    copy = filled.base / "backup"
    shutil.copytree(filled.folder, copy)
    (copy / "a.jpg").unlink()
    shutil.rmtree(filled.folder)
    copy.rename(filled.folder)
    summary = filled.index()
    assert (summary.absent, summary.embedded) == (0, 0)
    assert filled.indexed() == {str(filled.folder / name) for name in PHOTOS[1:]}


def move_to_another_volume(library):
    """Have the catalogue believe that the photos were last seen on another drive."""
    (root,) = library.catalog.roots.all()
    library.catalog.roots.set_place(root.root_id, "uuid:of-another-drive", root.inode)


def test_a_replaced_drive_with_the_same_photos_is_taken_for_the_old_one(filled):
    if not place_of(os.fsencode(filled.folder)).names:
        pytest.skip("this system does not say what a folder lies on")
    move_to_another_volume(filled)
    assert filled.index().absent == 0
    assert states(filled) == [PhotoState.INDEXED] * 3
    assert filled.catalog.roots.all()[0].volume != "uuid:of-another-drive"


def test_few_of_the_photos_on_another_volume_are_not_the_library(filled):
    if not place_of(os.fsencode(filled.folder)).names:
        pytest.skip("this system does not say what a folder lies on")
    move_to_another_volume(filled)
    shutil.rmtree(filled.folder / "sub")
    assert filled.index().absent == 1
    assert states(filled) == [PhotoState.ABSENT] * 3


def test_a_drive_that_came_after_its_folder_was_added_is_followed(library, paint):
    library.add()
    library.index()
    move_to_another_volume(library)
    paint(library.folder / "a.jpg", "red")
    assert library.index().absent == 0
    assert len(library.indexed()) == 1


MOUNTING = """
import os, subprocess, sys
from pathlib import Path
sys.path[:0] = sys.argv[3].split(os.pathsep)
from conftest import SmallLibrary, paint
from helios_desktop.decode.pool import DecodePool
kind, base = sys.argv[1], Path(sys.argv[2])
def mount():
    how = ["--bind", str(base / "disk")] if kind == "bind" else ["-t", "tmpfs", "stick"]
    return subprocess.run(["mount", *how, str(base / "photos")], stderr=subprocess.DEVNULL).returncode
for name in ("disk", "photos"):
    (base / name).mkdir(exist_ok=True)
if mount():
    sys.exit(77)
def files(library):
    return sorted((photo.state.value, photo.photo_id) for photo in library.catalog.photos.listing())
with DecodePool(1) as decoder:
    library = SmallLibrary(base, decoder)
    for number in range(3):
        paint(library.folder / f"{number}.jpg", "red", size=(64 + number, 48))
    library.add()
    library.index()
    seen = [files(library)]
    subprocess.run(["umount", str(library.folder)], check=True)
    library.index()
    seen.append(files(library))
    mount()
    if kind != "bind":
        for number in range(3):
            paint(library.folder / f"{number}.jpg", "red", size=(64 + number, 48))
    again = library.index()
    seen.append(files(library))
    library.close()
print(seen, again.embedded)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="mount namespaces")
@pytest.mark.parametrize("kind", ["bind", "tmpfs"])
def test_a_real_mount_that_goes_and_comes_back(tmp_path, kind):
    here = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[3])])
    command = ["unshare", "-r", "-m", sys.executable, "-P", "-c", MOUNTING, kind, str(tmp_path), here]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("no right to mount, even in a namespace of one's own")
    ids = (1, 2, 3)
    wanted = [[("indexed", n) for n in ids], [("absent", n) for n in ids], [("indexed", n) for n in ids]]
    assert done.stdout.strip() == f"{wanted} 0", done.stderr
