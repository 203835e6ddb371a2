from __future__ import annotations

import errno
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from watchdog.observers import Observer

from helios_desktop.watch import observer as observer_module
from helios_desktop.watch.ignore import IgnoreRules
from helios_desktop.watch.observer import FolderObserver


class Hints:
    """Collects what an observer tells."""

    def __init__(self) -> None:
        self.whole: list[bytes] = []
        self.own: list[bytes] = []
        self.notices: list[str] = []

    @property
    def all(self) -> set[bytes]:
        return {*self.whole, *self.own}

    def clear(self) -> None:
        self.whole.clear()
        self.own.clear()


@pytest.fixture
def hints() -> Hints:
    return Hints()


@pytest.fixture
def watch(hints: Hints):
    """Start observers that tell ``hints``; afterwards no thread may be left of them."""
    before = set(threading.enumerate())
    started: list[FolderObserver] = []

    def start(*roots: bytes, **options: object) -> FolderObserver:
        values = {"debounce_seconds": 0.05, "check_seconds": 0.05} | options
        one = FolderObserver(
            hints.whole.append,
            on_own_entries=hints.own.append,
            on_notice=lambda error: hints.notices.append(str(error)),
            **values,
        )
        started.append(one)
        one.follow(roots)
        return one

    yield start
    for one in started:
        one.stop()
    assert set(threading.enumerate()) <= before
    assert not [one for one in logging.getLogger("watchdog").handlers if one.__class__.__name__ == "TroubleHandler"]


def test_a_new_a_rewritten_and_a_deleted_file_hint_at_their_folder(tree, watch, hints, wait_until) -> None:
    tree.write("a/old.jpg")
    watch(tree.root)
    for act in (
        lambda: tree.write("a/new.jpg"),
        lambda: tree.write("a/old.jpg", b"other"),
        lambda: os.utime(tree.path("a/old.jpg")),
        lambda: os.unlink(tree.path("a/new.jpg")),
    ):
        hints.clear()
        act()
        wait_until(lambda: tree.path("a") in hints.own)
    assert hints.whole == []


def test_a_folder_that_arrives_leaves_or_is_renamed_is_hinted_with_all_below(tree, watch, hints, tmp_path, wait_until) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.jpg").write_bytes(b"photo")
    watch(tree.root)
    outside.rename(tree.folder / "in")
    wait_until(lambda: tree.path("in") in hints.whole)
    (tree.folder / "in").rename(tree.folder / "renamed")
    wait_until(lambda: tree.path("renamed") in hints.whole and hints.whole.count(tree.path("in")) > 1)
    hints.clear()
    (tree.folder / "renamed").rename(outside)
    wait_until(lambda: tree.path("renamed") in hints.whole)


def test_both_ends_of_a_move_are_told_together(tree, watch, hints, wait_until) -> None:
    tree.write("from/a.jpg")
    tree.write("to/b.jpg")
    watch(tree.root)
    os.rename(tree.path("from/a.jpg"), tree.path("to/a.jpg"))
    wait_until(lambda: hints.own)
    wait_until(lambda: hints.all == {tree.path("from"), tree.path("to")})


def test_reading_and_scanning_hint_at_nothing(tree, watch, hints, wait_until) -> None:
    path = tree.write("a/a.jpg")
    watch(tree.root)
    for _ in range(50):
        tree.scan()
        with open(path, "rb") as file:
            file.read()
    tree.write("z/marker.jpg")
    wait_until(lambda: tree.path("z") in hints.all)
    assert tree.path("a") not in hints.all


def test_ignored_files_and_folders_hint_at_nothing(tree, watch, hints, wait_until) -> None:
    for name in (".cache/a.jpg", "node_modules/deep/a.jpg", "a/first.jpg", "backup.tmp/a.jpg"):
        tree.write(name)
    watch(tree.root, ignore=IgnoreRules(["private/"]))
    for name in (".cache/b.jpg", "node_modules/deep/b.jpg", "a/b.jpg.part", "a/.b.xmp", "private/b.jpg"):
        tree.write(name)
    tree.write("backup.tmp/marker.jpg")
    wait_until(lambda: tree.path("backup.tmp") in hints.all)
    assert hints.all == {tree.path("backup.tmp")}


def test_what_the_application_writes_itself_hints_at_nothing(tree, watch, hints, wait_until) -> None:
    """A commit changes the catalogue's files: were they heard, each would lead to the next."""
    tree.write("home/data/catalog.sqlite")
    watch(tree.root, ignore=IgnoreRules(own_folders=[os.path.realpath(tree.path("home/data"))]))
    tree.write("home/data/catalog.sqlite-wal")
    tree.write("home/data/backups/today.sqlite")
    tree.write("home/other/marker.jpg")
    wait_until(lambda: tree.path("home/other") in hints.all)
    assert not any(hint.startswith(tree.path("home/data")) for hint in hints.all)


def test_names_that_are_not_utf_8_come_back_byte_for_byte(tree, watch, hints, wait_until) -> None:
    watch(tree.root)
    folder = tree.root + b"/\xff\xfe"
    os.mkdir(folder)
    wait_until(lambda: folder in hints.whole)


def test_a_root_that_is_a_link_is_watched_and_named_as_the_user_named_it(tree, watch, hints, tmp_path, wait_until) -> None:
    link = tmp_path / "link"
    link.symlink_to(tree.folder)
    tree.write("a/a.jpg")
    watch(os.fsencode(link))
    tree.write("a/b.jpg")
    wait_until(lambda: os.fsencode(link / "a") in hints.own)


def test_roots_come_and_go_while_it_runs(tree, make_tree, watch, hints, tmp_path, wait_until) -> None:
    (tmp_path / "second").mkdir()
    second = make_tree(tmp_path / "second")
    one = watch(tree.root)
    one.follow([tree.root, second.root])
    second.write("a.jpg")
    wait_until(lambda: second.root in hints.own)
    hints.clear()
    one.follow([second.root])
    tree.write("unheard.jpg")
    second.write("b.jpg")
    wait_until(lambda: second.root in hints.own)
    assert tree.root not in hints.all


def test_a_root_that_is_away_is_hinted_and_watched_when_it_comes_back(tree, watch, hints, tmp_path, wait_until) -> None:
    watch(tree.root)
    tree.folder.rename(tmp_path / "unplugged")
    wait_until(lambda: tree.root in hints.whole)
    hints.clear()
    (tmp_path / "unplugged").rename(tree.folder)
    wait_until(lambda: tree.root in hints.whole)
    hints.clear()
    tree.write("a.jpg")
    wait_until(lambda: tree.root in hints.own)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EMFILE])
def test_without_watches_roots_are_polled_and_it_is_said_once(
    tree, make_tree, watch, hints, tmp_path, wait_until, number
) -> None:
    (tmp_path / "second").mkdir()
    second = make_tree(tmp_path / "second")

    class Refused(Observer):
        def on_thread_start(self) -> None:
            raise OSError(number, "limit reached")

    one = watch(tree.root, second.root, make_observer=Refused, poll_seconds=0.1)
    assert one.polled() == {tree.root, second.root}
    wait_until(lambda: hints.whole.count(tree.root) > 2 and hints.whole.count(second.root) > 2)
    assert len(hints.notices) == 1
    assert "max_user_watches" in hints.notices[0]


def test_folders_passed_over_for_want_of_watches_lead_to_polling(tree, watch, hints, wait_until, monkeypatch) -> None:
    one = watch(tree.root, poll_seconds=0.1)
    assert one.polled() == frozenset()
    monkeypatch.setattr(observer_module, "missing_watches", lambda folder: errno.ENOSPC)
    wait_until(lambda: hints.whole.count(tree.root) > 2)
    assert one.polled() == {tree.root}
    assert len(hints.notices) == 1


def test_a_network_drive_is_polled_and_never_watched(tree, watch, hints, wait_until) -> None:
    one = watch(tree.root, is_network=lambda path: True, poll_seconds=0.1)
    wait_until(lambda: hints.whole.count(tree.root) > 2)
    assert one.polled() == {tree.root}
    assert len(hints.notices) == 1


def test_after_a_warning_of_lost_events_the_whole_root_is_hinted_and_watched_anew(tree, watch, hints, wait_until) -> None:
    watch(tree.root)
    logging.getLogger("watchdog.observers.inotify_c").warning("Inotify queue overflowed; filesystem events were lost")
    wait_until(lambda: tree.root in hints.whole)
    hints.clear()
    tree.write("a.jpg")
    wait_until(lambda: tree.root in hints.own)


def test_a_burst_becomes_one_hint_of_the_whole_root(tree, watch, hints, wait_until, monkeypatch) -> None:
    monkeypatch.setattr(observer_module, "BURST_EVENTS", 20)
    watch(tree.root)
    for number in range(100):
        tree.write(f"a/{number}.jpg")
    wait_until(lambda: tree.root in hints.whole)


def test_a_watch_whose_threads_died_is_renewed(tree, watch, hints, wait_until) -> None:
    made: list[Observer] = []

    def make() -> Observer:
        made.append(Observer())
        return made[-1]

    watch(tree.root, make_observer=make)
    made[0].stop()
    made[0].join()
    wait_until(lambda: len(made) > 1 and tree.root in hints.whole)
    hints.clear()
    tree.write("a.jpg")
    wait_until(lambda: tree.root in hints.own)


def test_nothing_is_told_after_stop_and_stopping_twice_is_fine(tree, watch, hints) -> None:
    one = watch(tree.root)
    one.stop()
    one.stop()
    tree.write("a.jpg")
    one.follow([tree.root])
    assert hints.all == set()


def test_a_listener_that_fails_does_not_end_the_watching(tree, watch, wait_until, caplog) -> None:
    told: list[bytes] = []

    def failing(folder: bytes) -> None:
        told.append(folder)
        raise RuntimeError("a defect")

    one = FolderObserver(failing, debounce_seconds=0.05)
    one.follow([tree.root])
    try:
        tree.write("a.jpg")
        wait_until(lambda: told)
        tree.write("b/c.jpg")
        wait_until(lambda: tree.path("b") in told)
    finally:
        one.stop()
    assert "a hint could not be handed on" in caplog.text
    assert Path(os.fsdecode(told[0])) == tree.folder


@pytest.mark.skipif(sys.platform != "linux", reason="inotify")
def test_a_real_shortage_of_watches_is_noticed_though_the_root_itself_got_one(tree) -> None:
    for number in range(50):
        (tree.folder / str(number)).mkdir()
    code = (
        "import os, sys\n"
        "try: open('/proc/sys/user/max_inotify_watches', 'w').write('20')\n"
        "except OSError: sys.exit(77)\n"
        "from helios_desktop.watch.observer import FolderObserver\n"
        "one = FolderObserver(print, on_notice=lambda error: print(error.remedy))\n"
        "one.follow([os.fsencode(sys.argv[1])]); print(len(one.polled())); one.stop()\n"
    )
    command = ["unshare", "-r", "-U", sys.executable, "-c", code, str(tree.folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode in (1, 77) and not done.stdout:
        pytest.skip("no right to set limits, even in a namespace of one's own")
    assert "max_user_watches" in done.stdout, done.stderr
    assert done.stdout.splitlines()[-1] == "1"
