"""What a scan tells: files appear, change, move, vanish; nothing is done twice, nothing is lost."""

import os

import numpy as np
import pytest

from helios_desktop.domain import FileStat, FoundFile, PhotoState, ScanDelta, SkipReason
from helios_desktop.errors import CatalogError


def test_a_new_file_waits_and_a_new_non_photo_is_accounted_for(shelf):
    shelf.scan(added=(shelf.found("a.jpg"), shelf.found("b.txt", reason=SkipReason.UNSUPPORTED_FORMAT)))
    assert shelf.at("a.jpg").state is PhotoState.PENDING
    assert (shelf.at("b.txt").state, shelf.at("b.txt").reason) == (PhotoState.SKIPPED, SkipReason.UNSUPPORTED_FORMAT)


def test_ignored_entries_are_not_kept(shelf):
    shelf.scan(added=(shelf.found(".hidden", reason=SkipReason.IGNORED),))
    assert shelf.photos.by_path(shelf.path(".hidden")) is None


def test_what_is_known_of_a_root_comes_back_as_it_was_recorded(shelf):
    stat = FileStat(path=shelf.path("a.jpg"), size=5, mtime_ns=123_456_789_123_456_789, inode=2**64 - 3, device=2**63 + 1)
    shelf.scan(added=(FoundFile(stat=stat), shelf.found("l", reason=SkipReason.LINK)))
    known = {one.stat.path: one for one in shelf.photos.known(shelf.root.root_id)}
    assert known[stat.path].stat == stat
    assert known[shelf.path("l")].reason is SkipReason.LINK


@pytest.mark.parametrize("mtime_ns", [0, -86_400 * 10**9, 2**63 - 1, 2**63, 15_000_000_000 * 10**9])
def test_times_before_1970_and_after_2262_survive(shelf, mtime_ns):
    stat = FileStat(path=shelf.path("a.jpg"), size=5, mtime_ns=mtime_ns, inode=0, device=0)
    shelf.scan(added=(FoundFile(stat=stat),))
    assert next(shelf.photos.known(shelf.root.root_id)).stat.mtime_ns == mtime_ns
    assert shelf.photos.pending(shelf.model, 1)[0].mtime_ns == mtime_ns
    assert shelf.photos.mark_ready([shelf.ready("a.jpg")])


def test_recording_the_same_twice_changes_nothing(shelf):
    (photo_id,) = shelf.index("a.jpg")
    before = shelf.catalog.changes.last_sequence()
    shelf.scan(added=(shelf.found("a.jpg"),))
    assert shelf.at("a.jpg").state is PhotoState.INDEXED
    assert (shelf.id_of("a.jpg"), shelf.catalog.changes.last_sequence()) == (photo_id, before)


def test_a_changed_file_waits_and_does_not_answer_until_it_was_read_again(shelf):
    (photo_id,) = shelf.index("a.jpg", camera="Canon", title="old title")
    shelf.change("a.jpg", size=2000, day=1)
    photo = shelf.at("a.jpg")
    assert (photo.photo_id, photo.state, photo.content_hash) == (photo_id, PhotoState.PENDING, None)
    assert (photo.width, photo.metadata.title, photo.metadata.camera) == (None, "", None)
    assert photo_id not in shelf.photos.browse()
    (batch,) = shelf.catalog.changes.changes_since(shelf.model, shelf.dim, 1)
    assert batch.photo_ids.tolist() == [photo_id]
    assert batch.is_removed.all()


def test_a_touched_file_takes_its_facts_and_vector_back_without_embedding(shelf):
    (photo_id,) = shelf.index("a.jpg", title="sea")
    shelf.change("a.jpg", day=1)
    assert shelf.photos.has_content(1000)
    assert shelf.photos.mark_ready([shelf.known_again("a.jpg", "a.jpg")]) == {photo_id}
    photo = shelf.at("a.jpg")
    assert (photo.state, photo.width, photo.metadata.title) == (PhotoState.INDEXED, 400, "sea")
    assert shelf.catalog.vectors.count(shelf.model) == 1


def test_a_moved_file_keeps_its_id_vector_and_marks(shelf):
    (photo_id,) = shelf.index("old/a.jpg")
    shelf.catalog.marks.favourite(photo_id)
    shelf.move("old/a.jpg", "new/b.jpg")
    photo = shelf.at("new/b.jpg")
    assert (photo.photo_id, photo.state, photo.is_favourite) == (photo_id, PhotoState.INDEXED, True)
    assert shelf.photos.by_path(shelf.path("old/a.jpg")) is None
    assert not shelf.queue()


def test_two_files_that_swapped_their_names_are_still_two(shelf):
    first, second = shelf.index("a.jpg", "b.jpg")
    shelf.scan(moved=(shelf.moved("a.jpg", "b.jpg"), shelf.moved("b.jpg", "a.jpg")))
    assert (shelf.id_of("b.jpg"), shelf.id_of("a.jpg")) == (first, second)


def test_a_chain_of_renames_longer_than_a_transaction_arrives(shelf):
    count = 1200
    shelf.scan(added=tuple(shelf.found(f"{number:05}.jpg", inode=number) for number in range(count)))
    ids = {number: shelf.id_of(f"{number:05}.jpg") for number in (0, 500, count - 1)}
    shelf.scan(moved=tuple(shelf.moved(f"{number:05}.jpg", f"{number + 1:05}.jpg") for number in range(count)))
    assert all(shelf.id_of(f"{number + 1:05}.jpg") == photo_id for number, photo_id in ids.items())
    assert sum(1 for _ in shelf.photos.known(shelf.root.root_id)) == count


def test_a_file_moved_over_another_takes_its_place(shelf):
    first, second = shelf.index("a.jpg", "b.jpg")
    shelf.move("a.jpg", "b.jpg")
    assert shelf.id_of("b.jpg") == first
    assert not shelf.photos.get([second])


def test_a_file_moved_to_another_root_goes_with_it(shelf, shelf_of):
    (photo_id,) = shelf.index("a.jpg")
    other = shelf_of(shelf.catalog, os.fsencode(os.path.join(os.sep, "archive")))
    stat = FileStat(path=other.path("a.jpg"), size=1000, mtime_ns=shelf.at("a.jpg").mtime_ns, inode=7, device=1)
    moved = shelf.moved("a.jpg", "a.jpg")
    other.scan(moved=(type(moved)(photo_id=photo_id, stat=stat),))
    shelf.scan(vanished=(photo_id,))
    assert other.at("a.jpg").photo_id == photo_id
    assert other.at("a.jpg").root_id == other.root.root_id


def test_a_text_renamed_to_a_photo_is_looked_at_again(shelf):
    shelf.add("a.txt", reason=SkipReason.UNSUPPORTED_FORMAT)
    shelf.move("a.txt", "a.jpg")
    assert shelf.at("a.jpg").state is PhotoState.PENDING


def test_a_damaged_photo_renamed_to_a_text_is_no_problem_any_more(shelf):
    shelf.add("a.jpg")
    shelf.skip("a.jpg", SkipReason.DAMAGED)
    assert [problem.photo_id for problem in shelf.photos.problems()] == [shelf.id_of("a.jpg")]
    shelf.move("a.jpg", "a.txt")
    assert not list(shelf.photos.problems())


def test_a_vanished_file_is_gone_and_engines_hear_of_it(shelf):
    first, second = shelf.index("a.jpg", "b.jpg")
    sequence = shelf.catalog.changes.last_sequence()
    shelf.vanish("a.jpg")
    assert shelf.photos.browse().tolist() == [second]
    (batch,) = shelf.catalog.changes.changes_since(shelf.model, shelf.dim, sequence)
    assert (batch.photo_ids.tolist(), batch.is_removed.tolist()) == ([first], [True])


def test_nothing_vanishes_from_an_absent_root(shelf):
    (photo_id,) = shelf.index("a.jpg")
    shelf.catalog.roots.set_present(shelf.root.root_id, False)
    shelf.scan(vanished=(photo_id,))
    assert shelf.at("a.jpg").state is PhotoState.ABSENT
    assert shelf.photos.browse().tolist() == [photo_id]
    shelf.catalog.roots.set_present(shelf.root.root_id, True)
    assert shelf.at("a.jpg").state is PhotoState.INDEXED


def test_a_content_that_comes_back_under_another_name_is_not_embedded_again(shelf):
    shelf.index("a.jpg", title="sea")
    shelf.vanish("a.jpg")
    shelf.add("elsewhere/z.jpg")
    assert shelf.photos.has_content(1000)
    assert shelf.catalog.vectors.facts_of(shelf.content("a.jpg")).metadata.title == "sea"
    assert shelf.photos.mark_ready([shelf.known_again("elsewhere/z.jpg", "a.jpg")])
    kept = shelf.catalog.vectors.get(shelf.content("a.jpg"), shelf.model)
    assert np.abs(kept - shelf.vector("a.jpg")).max() < 1e-3


def test_recording_for_a_root_that_is_gone_is_refused(shelf):
    shelf.catalog.roots.remove(shelf.root.root_id)
    with pytest.raises(CatalogError, match="no longer followed"):
        shelf.photos.record(shelf.root.root_id, ScanDelta(added=(shelf.found("a.jpg"),)))


@pytest.mark.parametrize(
    "name",
    [
        b"\xff\xfe\x80.jpg",
        b"caf\xc3\xa9.jpg",
        b"cafe\xcc\x81.jpg",
        b"a\nb.jpg",
        b"-rf",
        b"%s$(x)'\".jpg",
        "\u202egpj.jpg".encode(),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="names are UTF-16 there")
def test_any_name_is_kept_byte_for_byte(shelf, name):
    (photo_id,) = shelf.index(name)
    photo = shelf.photos.by_path(shelf.path(name))
    assert (photo.photo_id, photo.path) == (photo_id, shelf.path(name))
    assert "\n" not in photo.display
    photo.display.encode("utf-8")


def test_nfc_and_nfd_twins_are_two_files(shelf):
    twins = [b"caf\xc3\xa9.jpg", b"cafe\xcc\x81.jpg"]
    assert len(set(shelf.index(*twins))) == 2
