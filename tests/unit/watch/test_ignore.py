from __future__ import annotations

import pytest

from helios_desktop.watch.ignore import IgnoreRules


@pytest.mark.parametrize(
    "name",
    [b".DS_Store", b"._a.jpg", b"Thumbs.db", b"desktop.ini", b"a.jpg.part", b"a.CRDOWNLOAD", b"a.tmp", b"a.jpg~", b"a.xmp"],
)
def test_files_that_are_never_photos_are_ignored_in_any_case(name: bytes) -> None:
    assert IgnoreRules().is_ignored(name, name, is_folder=False)


@pytest.mark.parametrize("name", [b".thumbnails", b"@eaDir", b"#recycle", b"$RECYCLE.BIN", b"node_modules"])
def test_folders_of_other_programs_are_ignored(name: bytes) -> None:
    assert IgnoreRules().is_ignored(name, b"2019/" + name, is_folder=True)


@pytest.mark.parametrize(
    "name", [b"a.jpg", b"~a.jpg", b"tmp.jpg", b"a.tmp.jpg", b"-rf.jpg", b"\xff\xfe.jpg", b"node_modules.jpg"]
)
def test_ordinary_names_are_kept(name: bytes) -> None:
    assert not IgnoreRules().is_ignored(name, name, is_folder=False)


def test_a_folder_with_the_ending_of_a_temporary_file_is_walked() -> None:
    assert not IgnoreRules().is_ignored(b"backup.tmp", b"backup.tmp", is_folder=True)


@pytest.mark.parametrize(
    ("pattern", "path", "is_folder", "is_ignored"),
    [
        ("*.png", b"a/b/shot.PNG", False, True),
        ("*.png", b"a/b/shot.jpg", False, False),
        ("exports", b"2019/exports", True, True),
        ("exports/", b"2019/exports", True, True),
        ("exports/", b"2019/exports", False, False),
        ("2019/drafts", b"2019/drafts", True, True),
        ("2019/drafts", b"old/2019/drafts", True, False),
        ("/top", b"top", True, True),
        ("2019/*.jpg", b"2019/a.jpg", False, True),
        ("2019/*.jpg", b"2019/deep/a.jpg", False, False),
        ("**/raw/*.tif", b"raw/a.tif", False, True),
        ("**/raw/*.tif", b"x/y/raw/a.tif", False, True),
        ("2019/**", b"2019/x/a\nb.jpg", False, True),
        ("IMG_000?.jpg", "IMG_000é.jpg".encode(), False, True),
        ("[!a-c]*.jpg", b"d.jpg", False, True),
        ("[!a-c]*.jpg", b"b.jpg", False, False),
        ("[z-a]*.jpg", b"-.jpg", False, True),
        ("a[.jpg", b"a[.jpg", False, True),
        ("(a|b)+.jpg", b"aa.jpg", False, False),
        ("*.jpg", b"\xff\xfe.jpg", False, True),
        ("", b"a.jpg", False, False),
        ("# a note", b"# a note", False, False),
    ],
)
def test_a_users_pattern_means_what_it_says(pattern: str, path: bytes, is_folder: bool, is_ignored: bool) -> None:
    rules = IgnoreRules([pattern])
    assert rules.is_ignored(path.rpartition(b"/")[2], path, is_folder=is_folder) is is_ignored


def test_a_folder_below_an_ignored_one_is_recognised() -> None:
    rules = IgnoreRules(["private/", "2019/raw"])
    assert rules.is_folder_ignored(b"a/.cache/b")
    assert rules.is_folder_ignored(b"a/private/c")
    assert rules.is_folder_ignored(b"2019/raw/deep")
    assert not rules.is_folder_ignored(b"a/backup.tmp/c")


def test_the_applications_own_folders_are_not_walked() -> None:
    rules = IgnoreRules(own_folders=[b"/home/me/data"])
    assert rules.is_own(b"/home/me/data")
    assert rules.is_own(b"/home/me/data/backups")
    assert not rules.is_own(b"/home/me/database")
    assert not rules.is_own(b"/home/me")
    assert not IgnoreRules().is_own(b"/home/me/data")
