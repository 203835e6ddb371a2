from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from helios_desktop.domain import SkipReason
from helios_desktop.errors import WatchError
from helios_desktop.watch import scanner
from helios_desktop.watch.ignore import IgnoreRules

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")


def test_photos_at_any_depth_are_found_with_their_facts(tree) -> None:
    path = tree.write("a/b/one.JPG", b"12345")
    outcome = tree.scan()
    (found,) = outcome.found
    status = os.stat(path)
    assert found.reason is None
    assert (found.stat.path, found.stat.size, found.stat.mtime_ns) == (path, 5, status.st_mtime_ns)
    assert (found.stat.inode, found.stat.device) == (status.st_ino, status.st_dev)
    assert outcome.is_complete
    assert outcome.devices == {status.st_dev}


def test_every_kind_of_entry_has_its_reason(tree) -> None:
    tree.write("good.jpg")
    tree.write("empty.png", b"")
    tree.write("film.mp4")
    tree.write("README")
    tree.write(".jpg.jpg.part")
    assert tree.names() == {
        "good.jpg": None,
        "empty.png": SkipReason.EMPTY,
        "film.mp4": SkipReason.UNSUPPORTED_FORMAT,
        "README": SkipReason.UNSUPPORTED_FORMAT,
    }
    details = {os.fsdecode(one.stat.path): one.detail for one in tree.scan().found}
    assert details[str(tree.folder / "film.mp4")] == "extension .mp4"
    assert details[str(tree.folder / "README")] == "no extension"


@POSIX
def test_links_pipes_sockets_and_folders_named_like_photos_are_never_candidates(tree) -> None:
    tree.write("real/a.jpg")
    (tree.folder / "to_file.jpg").symlink_to(tree.folder / "real" / "a.jpg")
    (tree.folder / "to_folder").symlink_to(tree.folder / "real")
    (tree.folder / "real" / "up").symlink_to(tree.folder)
    (tree.folder / "broken.jpg").symlink_to("nowhere")
    os.mkfifo(tree.folder / "pipe.jpg")
    tree.write("folder.jpg/inside.jpg")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(tree.folder)
        try:
            server.bind("socket.jpg")
        finally:
            os.chdir(here)
        names = tree.names()
    assert names == {
        "real/a.jpg": None,
        "to_file.jpg": SkipReason.LINK,
        "to_folder": SkipReason.LINK,
        "real/up": SkipReason.LINK,
        "broken.jpg": SkipReason.LINK,
        "pipe.jpg": SkipReason.NOT_A_REGULAR_FILE,
        "socket.jpg": SkipReason.NOT_A_REGULAR_FILE,
        "folder.jpg/inside.jpg": None,
    }


@POSIX
def test_a_large_file_without_blocks_is_a_placeholder_and_a_small_one_is_not(tree) -> None:
    for name, size in (("cloud.jpg", 5_000_000), ("inline.jpg", scanner.INLINE_BYTES)):
        tree.write(name, b"")
        os.truncate(tree.path(name), size)
    assert os.stat(tree.path("cloud.jpg")).st_blocks == 0
    assert tree.names() == {"cloud.jpg": SkipReason.NOT_DOWNLOADED, "inline.jpg": None}


@POSIX
def test_hostile_names_come_back_byte_for_byte(tree) -> None:
    names = [b"-rf.jpg", b"$(reboot).jpg", b"%s.jpg", b"a\nb.jpg", b"\xff\xfe.jpg", "e\u0301.jpg".encode(), "é.jpg".encode()]
    names += ["\u202egpj.jpg".encode(), b"x" * 251 + b".jpg", b"' OR 1=1 --.jpg", "🌋.jpg".encode()]
    for name in names:
        with open(tree.root + b"/" + name, "wb") as file:
            file.write(b"photo")
    assert sorted(one.stat.path for one in tree.scan().found) == sorted(tree.root + b"/" + name for name in names)
    assert {one.reason for one in tree.scan().found} == {None}


def test_ignored_names_are_pruned_with_all_below_them(tree) -> None:
    for name in ("keep.jpg", ".hidden/a.jpg", "node_modules/x/a.jpg", "@eaDir/a.jpg", "private/a.jpg", "a.xmp"):
        tree.write(name)
    assert tree.names(tree.scan("private/")) == {"keep.jpg": None}


@POSIX
def test_a_root_that_is_a_link_below_dot_folders_is_walked(tmp_path: Path) -> None:
    real = tmp_path / ".local" / "node_modules"
    real.mkdir(parents=True)
    (real / "a.jpg").write_bytes(b"photo")
    link = tmp_path / "link"
    link.symlink_to(real)
    for root in (real, link):
        (found,) = scanner.scan(os.fsencode(root), IgnoreRules(), {"jpg"}).found
        assert found.stat.path == os.fsencode(root / "a.jpg")
        assert found.reason is None


def test_a_slash_at_the_end_of_the_root_changes_nothing(tree) -> None:
    tree.write("a.jpg")
    assert scanner.scan(tree.root + b"/", IgnoreRules(), {"jpg"}) == scanner.scan(tree.root, IgnoreRules(), {"jpg"})


def test_a_missing_root_is_an_error_with_a_remedy(tree) -> None:
    with pytest.raises(WatchError) as caught:
        scanner.scan(tree.root + b"-gone", IgnoreRules(), {"jpg"})
    assert "drive" in caught.value.remedy


class TestBelowAFolder:
    def test_only_that_folder_is_listed(self, tree) -> None:
        for name in ("a/1.jpg", "a/deep/2.jpg", "b/3.jpg", "ab/4.jpg"):
            tree.write(name)
        outcome = tree.scan(below="a")
        assert tree.names(outcome) == {"a/1.jpg": None, "a/deep/2.jpg": None}
        assert outcome.below == tree.path("a")

    def test_only_its_own_entries_where_asked(self, tree) -> None:
        for name in ("a/1.jpg", "a/deep/2.jpg"):
            tree.write(name)
        outcome = tree.scan(below="a", is_recursive=False)
        assert tree.names(outcome) == {"a/1.jpg": None}
        assert not outcome.is_recursive

    def test_a_folder_that_is_gone_is_answered_for_with_nothing_found(self, tree) -> None:
        tree.write("a/1.jpg")
        outcome = tree.scan(below="a/gone/deeper", is_recursive=False)
        assert outcome.below == tree.path("a/gone/deeper")
        assert outcome.is_recursive
        assert outcome.is_complete
        assert outcome.found == ()
        assert outcome.devices == {os.stat(tree.root).st_dev}

    def test_a_folder_replaced_by_a_file_is_answered_for_by_the_one_above(self, tree) -> None:
        tree.write("a/b.jpg")
        outcome = tree.scan(below="a/b.jpg/deeper")
        assert (outcome.below, tree.names(outcome)) == (tree.path("a"), {"a/b.jpg": None})

    @POSIX
    def test_ignored_folders_and_links_are_not_entered_by_the_back_door(self, tree) -> None:
        tree.write(".hidden/deep/1.jpg")
        tree.write("real/2.jpg")
        (tree.folder / "link").symlink_to(tree.folder / "real")
        for below in (".hidden/deep", "link"):
            outcome = tree.scan(below=below)
            assert outcome.below == tree.root
            assert tree.names(outcome) == {"real/2.jpg": None, "link": SkipReason.LINK}

    def test_a_folder_outside_the_root_is_refused(self, tree) -> None:
        with pytest.raises(ValueError, match="is not below"):
            scanner.scan(tree.root, IgnoreRules(), {"jpg"}, below=tree.root + b"2")


class TestWhatCannotBeRead:
    @POSIX
    @pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() != 0, reason="as this user, the plain way is tested below")
    def test_files_and_folders_without_rights_are_accounted_for_by_a_user_without_them(self, make_tree) -> None:
        with tempfile.TemporaryDirectory() as name:
            Path(name).chmod(0o755)
            tree = make_tree(Path(name))
            self._lay_out(tree)
            printed = self._as_nobody(tree)
        assert sorted(printed.split("\n")) == ["", "closed unreadable", "locked.jpg unreadable", "open.jpg None"]

    @staticmethod
    def _as_nobody(tree) -> str:
        code = (
            "import os, sys\n"
            "from helios_desktop.watch.scanner import scan; from helios_desktop.watch.ignore import IgnoreRules\n"
            "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
            "for one in scan(os.fsencode(sys.argv[1]), IgnoreRules(), {'jpg'}).found:\n"
            "    print(os.path.basename(os.fsdecode(one.stat.path)), one.reason)\n"
        )
        command = [sys.executable, "-c", code, str(tree.folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @POSIX
    @pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
    def test_files_and_folders_without_rights_are_accounted_for(self, tree) -> None:
        self._lay_out(tree)
        try:
            outcome = tree.scan()
        finally:
            (tree.folder / "closed").chmod(0o755)
        assert tree.names(outcome) == {"open.jpg": None, "locked.jpg": "unreadable", "closed": "unreadable"}
        assert outcome.unreadable_folders == {tree.path("closed")}

    @staticmethod
    def _lay_out(tree) -> None:
        tree.write("open.jpg")
        tree.write("locked.jpg")
        tree.write("closed/a.jpg")
        (tree.folder / "locked.jpg").chmod(0)
        (tree.folder / "closed").chmod(0)

    @POSIX
    def test_a_file_whose_path_is_longer_than_the_system_takes_is_accounted_for(self, tree) -> None:
        tree.write("short.jpg")
        here = os.open(tree.folder, os.O_RDONLY)
        try:
            for _ in range(25):
                os.mkdir("d" * 200, dir_fd=here)
                below = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
                os.close(here)
                here = below
        finally:
            os.close(here)
        (reason,) = {one.reason for one in tree.scan().found if b"short" not in one.stat.path}
        assert reason is SkipReason.UNREADABLE

    @pytest.mark.parametrize(
        ("number", "has_row", "is_trusted"),
        [(errno.EACCES, True, False), (errno.EIO, False, False), (errno.ESTALE, False, False), (errno.ENOENT, False, True)],
    )
    def test_a_folder_that_fails_is_not_an_empty_folder(self, tree, monkeypatch, number, has_row, is_trusted) -> None:
        tree.write("bad/a.jpg")
        tree.write("good/b.jpg")
        real = os.scandir

        def failing(path: bytes):
            if path == tree.path("bad"):
                raise OSError(number, os.strerror(number))
            return real(path)

        monkeypatch.setattr(scanner.os, "scandir", failing)
        outcome = tree.scan()
        assert tree.names(outcome) == {"good/b.jpg": None} | ({"bad": SkipReason.UNREADABLE} if has_row else {})
        assert outcome.unreadable_folders == (frozenset() if is_trusted else {tree.path("bad")})
        assert outcome.is_complete

    def test_a_root_that_goes_away_in_the_middle_makes_the_scan_incomplete(self, tree, tmp_path: Path, monkeypatch) -> None:
        tree.write("a/1.jpg")
        tree.write("b/2.jpg")
        real = os.scandir

        def unplugging(path: bytes):
            if path in (tree.path("a"), tree.path("b")) and tree.folder.exists():
                tree.folder.rename(tmp_path / "unplugged")
            return real(path)

        monkeypatch.setattr(scanner.os, "scandir", unplugging)
        outcome = tree.scan()
        assert not outcome.is_complete
        assert outcome.devices == frozenset()

    def test_a_root_replaced_by_an_empty_mount_point_makes_the_scan_incomplete(self, tree, tmp_path: Path, monkeypatch) -> None:
        tree.write("a/1.jpg")
        real = os.scandir

        def unplugging(path: bytes):
            if path == tree.path("a") and tree.folder.exists():
                tree.folder.rename(tmp_path / "unplugged")
                tree.folder.mkdir()
            return real(path)

        monkeypatch.setattr(scanner.os, "scandir", unplugging)
        assert not tree.scan().is_complete

    def test_a_file_that_goes_away_after_the_listing_is_left_out(self, tree, monkeypatch) -> None:
        gone = tree.write("gone.jpg")
        tree.write("here.jpg")
        real = scanner._lstat

        def losing(entry: os.DirEntry[bytes]) -> os.stat_result:
            if entry.path == gone:
                os.unlink(gone)
                raise FileNotFoundError(errno.ENOENT, "gone")
            return real(entry)

        monkeypatch.setattr(scanner, "_lstat", losing)
        assert tree.names() == {"here.jpg": None}


def test_a_scan_that_was_stopped_says_so(tree) -> None:
    tree.write("a/1.jpg")
    outcome = scanner.scan(tree.root, IgnoreRules(), {"jpg"}, should_stop=lambda: True)
    assert not outcome.is_complete


@pytest.mark.skipif(sys.platform != "linux", reason="bind mounts")
def test_a_bind_mount_that_loops_ends(tree) -> None:
    tree.write("a/1.jpg")
    (tree.folder / "a" / "loop").mkdir()
    code = (
        "import os, subprocess, sys\n"
        "root = sys.argv[1]\n"
        "if subprocess.run(['mount', '--bind', root, root + '/a/loop'], stderr=subprocess.DEVNULL).returncode: sys.exit(77)\n"
        "from helios_desktop.watch.scanner import scan; from helios_desktop.watch.ignore import IgnoreRules\n"
        "print(len(scan(os.fsencode(root), IgnoreRules(), {'jpg'}).found))\n"
    )
    done = subprocess.run(
        ["unshare", "-r", "-m", sys.executable, "-c", code, tree.folder], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip("no right to mount, even in a namespace of one's own")
    assert done.stdout.split() == ["1"]


@pytest.mark.parametrize("count", [4_000, pytest.param(40_000, marks=pytest.mark.full)])
def test_forty_thousand_files_take_less_than_a_second_and_a_half(tree, count: int) -> None:
    for folder in range(40):
        (tree.folder / f"{folder:03}").mkdir()
        for number in range(count // 40):
            (tree.folder / f"{folder:03}" / f"{number:05}.jpg").touch()
    best = min(_seconds_of_a_scan(tree, count) for _ in range(3))
    assert best < 1.5 * count / 40_000


def _seconds_of_a_scan(tree, count: int) -> float:
    start = time.process_time()
    assert len(tree.scan().found) == count
    return time.process_time() - start
