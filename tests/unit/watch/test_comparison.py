from __future__ import annotations

import os
from dataclasses import replace

import pytest

from helios_desktop.domain import FileStat, FoundFile, KnownFile, PhotoState, ScanDelta, SkipReason
from helios_desktop.watch.comparison import RETRIED_REASONS, compare, compare_together
from helios_desktop.watch.scanner import ScanOutcome

ROOT = b"/photos"


def stat_of(name: str, **facts: int) -> FileStat:
    values = {"size": 10, "mtime_ns": 5, "inode": 1, "device": 7} | facts
    return FileStat(path=ROOT + b"/" + os.fsencode(name), **values)


def found_of(name: str, reason: SkipReason | None = None, **facts: int) -> FoundFile:
    return FoundFile(stat=stat_of(name, **facts), reason=reason)


def known_of(photo_id: int, name: str, reason: SkipReason | None = None, **facts: int) -> KnownFile:
    state = PhotoState.INDEXED if reason is None else PhotoState.SKIPPED
    return KnownFile(photo_id=photo_id, stat=stat_of(name, **facts), state=state, reason=reason)


def outcome_of(*found: FoundFile, **facts: object) -> ScanOutcome:
    values = {"root": ROOT, "below": ROOT, "devices": frozenset({7})} | facts
    return ScanOutcome(found=found, **values)


def paths(found: tuple[FoundFile, ...]) -> set[str]:
    return {os.fsdecode(one.stat.path[len(ROOT) + 1 :]) for one in found}


def moves(delta: ScanDelta) -> dict[int, str]:
    return {one.photo_id: os.fsdecode(one.stat.path[len(ROOT) + 1 :]) for one in delta.moved}


def test_a_second_scan_of_the_same_files_changes_nothing(tree, as_known) -> None:
    for name, content in (("a.jpg", b"1"), ("b/c.jpg", b"2"), ("b/film.mp4", b"3"), ("empty.png", b"")):
        tree.write(name, content)
    (tree.folder / "link").symlink_to("a.jpg")
    outcome = tree.scan()
    assert compare(outcome, as_known(outcome.found)).is_empty


def test_new_rewritten_and_deleted_files_are_told_apart(tree, as_known) -> None:
    tree.write("same.jpg")
    tree.write("rewritten.jpg")
    tree.write("deleted.jpg")
    known = as_known(tree.scan().found)
    tree.write("new.jpg")
    tree.write("rewritten.jpg", b"another", mtime_ns=1)
    os.unlink(tree.path("deleted.jpg"))
    delta = compare(tree.scan(), known)
    assert [one.stat.path for one in delta.added] == [tree.path("new.jpg")]
    assert [one.stat.path for one in delta.changed] == [tree.path("rewritten.jpg")]
    assert delta.vanished == tuple(one.photo_id for one in known if one.stat.path == tree.path("deleted.jpg"))
    assert delta.moved == ()


def test_a_renamed_folder_keeps_every_row(tree, as_known) -> None:
    for number in range(20):
        tree.write(f"old/deep/{number}.jpg", str(number).encode())
    known = as_known(tree.scan().found)
    (tree.folder / "old").rename(tree.folder / "new")
    delta = compare(tree.scan(), known)
    assert {one.photo_id: one.stat.path for one in delta.moved} == {
        one.photo_id: one.stat.path.replace(b"/old/", b"/new/") for one in known
    }
    assert not (delta.added or delta.changed or delta.vanished)


def test_files_of_equal_size_and_time_that_swap_their_names_are_followed(tree, as_known) -> None:
    tree.write("a.jpg", b"A")
    tree.write("b.jpg", b"B")
    known = as_known(tree.scan().found)
    os.rename(tree.path("a.jpg"), tree.path("c.jpg"))
    os.rename(tree.path("b.jpg"), tree.path("a.jpg"))
    os.rename(tree.path("c.jpg"), tree.path("b.jpg"))
    delta = compare(tree.scan(), known)
    assert {one.photo_id: one.stat.path for one in delta.moved} == {1: tree.path("b.jpg"), 2: tree.path("a.jpg")}
    assert not (delta.added or delta.changed or delta.vanished)


def test_a_file_replaced_by_another_of_equal_size_and_time_has_changed(tree, as_known) -> None:
    tree.write("a.jpg", b"A")
    known = as_known(tree.scan().found)
    tree.write("b.tmp", b"B")
    os.replace(tree.path("b.tmp"), tree.path("a.jpg"))
    delta = compare(tree.scan(), known)
    assert [one.stat.path for one in delta.changed] == [tree.path("a.jpg")]
    assert not (delta.added or delta.moved or delta.vanished)


def test_a_file_moved_onto_another_leaves_one_row(tree, as_known) -> None:
    tree.write("a.jpg", b"A")
    tree.write("b.jpg", b"B")
    known = as_known(tree.scan().found)
    os.replace(tree.path("a.jpg"), tree.path("b.jpg"))
    delta = compare(tree.scan(), known)
    assert [(one.photo_id, one.stat.path) for one in delta.moved] == [(1, tree.path("b.jpg"))]
    assert delta.vanished == (2,)
    assert not (delta.added or delta.changed)


def test_an_original_kept_beside_its_new_version_keeps_its_row() -> None:
    known = [known_of(1, "a.jpg", inode=11)]
    delta = compare(outcome_of(found_of("a.jpg", inode=12, mtime_ns=9), found_of("a-old.jpg", inode=11)), known)
    assert moves(delta) == {1: "a-old.jpg"}
    assert paths(delta.added) == {"a.jpg"}
    assert not (delta.changed or delta.vanished)


def test_a_change_of_case_alone_is_a_rename_even_without_inodes() -> None:
    known = [known_of(1, "IMG.JPG", inode=0)]
    delta = compare(outcome_of(found_of("img.jpg", inode=0)), known)
    assert moves(delta) == {1: "img.jpg"}
    assert not (delta.added or delta.vanished)


def test_with_lasting_inodes_a_file_of_another_case_is_another_file() -> None:
    delta = compare(outcome_of(found_of("img.jpg", inode=2)), [known_of(1, "IMG.JPG", inode=1)])
    assert delta.vanished == (1,)
    assert paths(delta.added) == {"img.jpg"}


def test_hard_links_that_move_together_keep_their_names_and_rows() -> None:
    known = [known_of(1, "x/a.jpg"), known_of(2, "x/b.jpg")]
    delta = compare(outcome_of(found_of("y/b.jpg"), found_of("y/a.jpg")), known)
    assert moves(delta) == {1: "y/a.jpg", 2: "y/b.jpg"}


def test_a_new_hard_link_is_a_new_photo_and_takes_no_row_away() -> None:
    delta = compare(outcome_of(found_of("a.jpg"), found_of("b.jpg")), [known_of(1, "a.jpg")])
    assert paths(delta.added) == {"b.jpg"}
    assert not (delta.moved or delta.vanished)


def test_an_inode_used_again_for_other_content_is_no_move() -> None:
    delta = compare(outcome_of(found_of("b.jpg", inode=1, mtime_ns=6)), [known_of(1, "a.jpg", inode=1, mtime_ns=5)])
    assert delta.vanished == (1,)
    assert paths(delta.added) == {"b.jpg"}


def test_a_file_renamed_into_another_kind_is_judged_anew() -> None:
    known = [known_of(1, "a.txt", SkipReason.UNSUPPORTED_FORMAT, inode=1), known_of(2, "b.jpg", inode=2)]
    found = (found_of("a.jpg", inode=1), found_of("b.jpg_original", SkipReason.UNSUPPORTED_FORMAT, inode=2))
    delta = compare(outcome_of(*found), known)
    assert not delta.moved
    assert paths(delta.added) == {"a.jpg", "b.jpg_original"}
    assert set(delta.vanished) == {1, 2}


def test_a_damaged_file_stays_damaged_when_it_moves() -> None:
    delta = compare(outcome_of(found_of("b.jpg")), [known_of(1, "a.jpg", SkipReason.DAMAGED)])
    assert moves(delta) == {1: "b.jpg"}


class TestReasons:
    @pytest.mark.parametrize("reason", sorted(RETRIED_REASONS))
    def test_what_stood_in_the_way_is_gone_so_the_file_is_tried_again(self, reason: SkipReason) -> None:
        assert paths(compare(outcome_of(found_of("a.jpg")), [known_of(1, "a.jpg", reason)]).changed) == {"a.jpg"}

    @pytest.mark.parametrize("reason", [SkipReason.DAMAGED, SkipReason.TOO_LARGE, SkipReason.NOT_AN_IMAGE])
    def test_what_the_decoder_found_holds_until_the_file_changes(self, reason: SkipReason) -> None:
        known = [known_of(1, "a.jpg", reason)]
        assert compare(outcome_of(found_of("a.jpg")), known).is_empty
        assert paths(compare(outcome_of(found_of("a.jpg", mtime_ns=6)), known).changed) == {"a.jpg"}

    def test_a_new_decoder_lets_its_formats_be_tried_again_where_asked(self) -> None:
        known = [known_of(1, "a.jxl", SkipReason.UNSUPPORTED_FORMAT)]
        assert compare(outcome_of(found_of("a.jxl")), known).is_empty
        retried = RETRIED_REASONS | {SkipReason.UNSUPPORTED_FORMAT}
        assert paths(compare(outcome_of(found_of("a.jxl")), known, retried=retried).changed) == {"a.jxl"}

    def test_a_photo_that_became_unreadable_has_changed(self) -> None:
        delta = compare(outcome_of(found_of("a.jpg", SkipReason.UNREADABLE)), [known_of(1, "a.jpg")])
        assert paths(delta.changed) == {"a.jpg"}

    def test_an_indexed_photo_whose_content_went_back_to_the_cloud_stays_indexed(self) -> None:
        outcome = outcome_of(found_of("a.jpg", SkipReason.NOT_DOWNLOADED))
        assert compare(outcome, [known_of(1, "a.jpg")]).is_empty
        pending = replace(known_of(1, "a.jpg"), state=PhotoState.PENDING)
        assert paths(compare(outcome, [pending]).changed) == {"a.jpg"}


class TestWhatTheScanCouldNotSee:
    def test_nothing_vanishes_below_a_folder_that_could_not_be_listed(self) -> None:
        known = [known_of(1, "shut/a.jpg", inode=1), known_of(2, "gone.jpg", inode=2), known_of(3, "shut2.jpg", inode=3)]
        outcome = outcome_of(unreadable_folders=frozenset({ROOT + b"/shut"}))
        assert compare(outcome, known).vanished == (2, 3)

    def test_nothing_vanishes_or_moves_when_the_root_went_away_in_the_middle(self) -> None:
        known = [known_of(1, "a.jpg", inode=1), known_of(2, "b.jpg", inode=2)]
        delta = compare(outcome_of(found_of("c.jpg", inode=1), is_complete=False), known)
        assert not (delta.vanished or delta.moved)

    def test_nothing_vanishes_from_a_drive_mounted_inside_the_root_that_is_away(self) -> None:
        known = [known_of(1, "a.jpg", inode=1, device=7), known_of(2, "stick/b.jpg", inode=2, device=8)]
        assert compare(outcome_of(), known).vanished == (1,)
        assert compare(outcome_of(devices=frozenset({7, 8})), known).vanished == (1, 2)

    def test_a_drive_that_came_back_under_another_number_is_the_same_drive(self) -> None:
        known = [known_of(1, "a.jpg", inode=1), known_of(2, "b.jpg", inode=2), known_of(3, "c.jpg", inode=3)]
        found = (found_of("a.jpg", inode=1, device=9), found_of("moved.jpg", inode=2, device=9))
        delta = compare(outcome_of(*found, devices=frozenset({9})), known)
        assert moves(delta) == {2: "moved.jpg"}
        assert delta.vanished == (3,)
        assert not (delta.added or delta.changed)

    def test_a_scan_of_one_folder_says_nothing_of_the_others(self) -> None:
        known = [known_of(1, "a/1.jpg", inode=1), known_of(2, "ab/2.jpg", inode=2), known_of(3, "a/b/3.jpg", inode=3)]
        assert compare(outcome_of(below=ROOT + b"/a"), known).vanished == (1, 3)
        assert compare(outcome_of(below=ROOT + b"/a", is_recursive=False), known).vanished == (1,)


class TestSeveralScansTogether:
    def test_a_file_moved_into_another_root_keeps_its_row(self) -> None:
        other = outcome_of(found_of("b.jpg"), root=ROOT + b"2", below=ROOT + b"2")
        first, second = compare_together([(outcome_of(), [known_of(1, "a.jpg")]), (other, [])])
        assert first.is_empty
        assert moves(second) == {1: "b.jpg"}
        assert not second.added

    def test_a_file_moved_between_two_folders_that_are_rescanned_keeps_its_row(self, tree, as_known) -> None:
        tree.write("from/a.jpg")
        tree.write("from/stays.jpg")
        tree.write("to/b.jpg")
        known = as_known(tree.scan().found)
        os.rename(tree.path("from/a.jpg"), tree.path("to/a.jpg"))
        scans = [tree.scan(below="from"), tree.scan(below="to")]
        left, arrived = compare_together([(scan, known) for scan in scans])
        assert left.is_empty
        assert [(one.photo_id, one.stat.path) for one in arrived.moved] == [(1, tree.path("to/a.jpg"))]
        assert not (arrived.added or arrived.vanished)

    def test_scans_that_overlap_count_each_file_once(self) -> None:
        known = [known_of(1, "a/gone.jpg", inode=1)]
        new = found_of("a/new.jpg", inode=2)
        inner = outcome_of(new, below=ROOT + b"/a")
        own = outcome_of(new, below=ROOT + b"/a", is_recursive=False)
        outer = outcome_of(new)
        for scans in ([inner, outer], [outer, inner], [inner, inner], [own, inner], [own, own]):
            deltas = compare_together([(scan, known) for scan in scans])
            assert [one.stat.path for delta in deltas for one in delta.added] == [ROOT + b"/a/new.jpg"]
            assert [photo_id for delta in deltas for photo_id in delta.vanished] == [1]

    def test_a_scan_of_own_entries_leaves_the_row_of_a_closed_folder_alone(self) -> None:
        row = known_of(1, "a/closed", SkipReason.UNREADABLE, size=0, mtime_ns=0, inode=0, device=0)
        assert compare(outcome_of(below=ROOT + b"/a", is_recursive=False), [row]).is_empty
        assert compare(outcome_of(below=ROOT + b"/a"), [row]).vanished == (1,)
        assert compare(outcome_of(below=ROOT + b"/a/closed", is_recursive=False), [row]).vanished == (1,)
