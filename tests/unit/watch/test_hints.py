from __future__ import annotations

from helios_desktop.watch.hints import Hint, HintBox, coalesce

ROOT = b"/photos"


def test_hints_are_told_after_a_moment_of_quiet() -> None:
    box = HintBox(ROOT, debounce_seconds=0.5, max_delay_seconds=5)
    assert box.due_at() is None
    box.add(b"/photos/a", 10.0, is_recursive=False)
    box.add(b"/photos/a", 10.3, is_recursive=False)
    assert box.due_at() == 10.8
    assert box.take() == [Hint(b"/photos/a", False)]
    assert box.due_at() is None
    assert box.take() == []


def test_a_folder_that_never_rests_is_told_of_all_the_same() -> None:
    box = HintBox(ROOT, debounce_seconds=0.5, max_delay_seconds=5)
    for step in range(100):
        box.add(b"/photos/a", step * 0.1, is_recursive=False)
    assert box.due_at() == 5.0
    assert box.events == 100


def test_a_recursive_hint_is_not_weakened_by_a_later_one_and_covers_all_below() -> None:
    box = HintBox(ROOT)
    box.add(b"/photos/a", 0.0, is_recursive=True)
    box.add(b"/photos/a", 0.1, is_recursive=False)
    box.add(b"/photos/a/b/c", 0.1, is_recursive=False)
    box.add(b"/photos/ab", 0.1, is_recursive=False)
    assert box.take() == [Hint(b"/photos/a", True), Hint(b"/photos/ab", False)]


def test_own_entries_of_the_root_cover_nothing_below_it() -> None:
    assert coalesce({ROOT: False, b"/photos/a": True}, ROOT) == [Hint(ROOT, False), Hint(b"/photos/a", True)]


def test_many_folders_become_the_folders_above_them() -> None:
    folders = {b"/photos/%d/%d" % (year, day): False for year in range(10) for day in range(40)}
    assert coalesce(folders, ROOT, limit=32) == [Hint(b"/photos/%d" % year, True) for year in range(10)]
    folders = {b"/photos/%d" % number: False for number in range(33)}
    assert coalesce(folders, ROOT, limit=32) == [Hint(ROOT, True)]


def test_a_root_at_the_top_of_the_system_works_too() -> None:
    assert coalesce({b"/%d/a" % number: False for number in range(40)}, b"/", limit=32) == [Hint(b"/", True)]
