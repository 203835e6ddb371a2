"""Roots: nested ones, absorbed ones, absent ones, and what is left when one is removed."""

import os

import pytest

from helios_desktop.domain import Filter, SkipReason


def folder(*names):
    return os.fsencode(os.path.join(os.sep, *names))


def test_a_folder_inside_a_root_changes_nothing(catalog):
    above = catalog.roots.add(folder("photos"), "disk")
    assert catalog.roots.add(folder("photos", "2024"), "disk") == above
    assert catalog.roots.add(folder("photos") + os.sep.encode(), "disk") == above
    assert catalog.roots.all() == [above]


def test_a_namesake_beside_a_root_is_a_root_of_its_own(catalog):
    catalog.roots.add(folder("photos"), "disk")
    catalog.roots.add(folder("photos-2"), "disk")
    assert [root.path for root in catalog.roots.all()] == [folder("photos"), folder("photos-2")]


def test_a_folder_above_takes_the_files_over_with_ids_states_and_marks(shelf):
    deep = type(shelf)(shelf.catalog, folder("library", "2024"))
    (photo_id,) = deep.index("a.jpg")
    deep.add("b.jpg")
    shelf.catalog.marks.favourite(photo_id)
    above = shelf.catalog.roots.add(folder("library"), "disk-1")
    assert [root.path for root in shelf.catalog.roots.all()] == [folder("library"), shelf.root.path]
    photo = deep.at("a.jpg")
    assert (photo.photo_id, photo.root_id, photo.is_favourite) == (photo_id, above.root_id, True)
    assert shelf.photos.matching_ids(Filter(exact=("library",))).tolist() == [photo_id]
    assert sum(1 for _ in shelf.photos.known(above.root_id)) == 2


def test_the_top_of_the_disk_may_be_a_root(shelf):
    top = shelf.catalog.roots.add(os.sep.encode(), "disk")
    assert shelf.catalog.roots.all() == [top]
    assert shelf.catalog.roots.add(folder("anything"), "disk") == top


def test_what_is_noted_of_a_root_is_kept(catalog):
    root = catalog.roots.add(folder("photos"), "disk")
    catalog.roots.set_present(root.root_id, False)
    catalog.roots.set_polled(root.root_id, True)
    catalog.roots.set_place(root.root_id, "other", 2**64 - 2)
    kept = catalog.roots.get(folder("photos"))
    assert (kept.is_present, kept.is_polled, kept.volume, kept.inode) == (False, True, "other", 2**64 - 2)
    assert catalog.roots.get(folder("nowhere")) is None


def test_removing_a_root_forgets_what_no_other_photo_uses(shelf):
    other = type(shelf)(shelf.catalog, folder("other"))
    shelf.add("mine.jpg", "both.jpg")
    other.add("copy.jpg")
    shelf.photos.mark_ready([shelf.ready("mine.jpg"), shelf.ready("both.jpg", "both"), other.ready("copy.jpg", "both")])
    shelf.add("text.txt", reason=SkipReason.UNSUPPORTED_FORMAT)
    mine = shelf.id_of("mine.jpg")
    shelf.catalog.marks.favourite(mine)
    sequence = shelf.catalog.changes.last_sequence()

    assert shelf.catalog.roots.remove(shelf.root.root_id) == [shelf.content("mine.jpg")]

    vectors = shelf.catalog.vectors
    assert vectors.has([shelf.content("mine.jpg"), shelf.content("both")], shelf.model) == {shelf.content("both")}
    assert vectors.facts_of(shelf.content("mine.jpg")) is None
    assert [photo.path for photo in shelf.photos.listing()] == [other.path("copy.jpg")]
    (batch,) = shelf.catalog.changes.changes_since(shelf.model, shelf.dim, sequence)
    assert mine in batch.photo_ids
    assert batch.is_removed.all()
    assert shelf.catalog.check() == []
    again = type(shelf)(shelf.catalog)
    again.index("mine.jpg")
    assert not again.at("mine.jpg").is_favourite


def test_removing_a_root_forgets_what_had_vanished_from_it_too(shelf):
    shelf.index("a.jpg")
    shelf.vanish("a.jpg")
    assert shelf.catalog.roots.remove(shelf.root.root_id) == [shelf.content("a.jpg")]
    assert shelf.catalog.vectors.models() == {shelf.model: 0}


@pytest.mark.skipif(os.name == "nt", reason="names are UTF-16 there")
def test_a_root_with_an_odd_name_is_shown_escaped(catalog):
    root = catalog.roots.add(b"/ph\xffotos\n", "disk")
    assert root.display == "/ph\\xffotos\\n"
