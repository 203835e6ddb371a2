"""What a person made stays with the photo, comes back with its content, and is on the disk when the call returns."""

import time

import pytest

from helios_desktop.catalog.vectors import KEEP_UNUSED_SECONDS
from helios_desktop.errors import CatalogError


def test_favourites_and_ratings_are_set_and_taken_back(shelf):
    first, second = shelf.index("a.jpg", "b.jpg", rating=2)
    shelf.catalog.marks.favourite([first, second])
    shelf.catalog.marks.rating(first, 5)
    assert [photo.is_favourite for photo in shelf.photos.get([first, second])] == [True, True]
    assert [photo.metadata.rating for photo in shelf.photos.get([first, second])] == [5, 2]
    shelf.catalog.marks.favourite(first, False)
    shelf.catalog.marks.rating(first, None)
    photo = shelf.at("a.jpg")
    assert (photo.is_favourite, photo.metadata.rating) == (False, 2)
    with pytest.raises(ValueError, match="0 to 5"):
        shelf.catalog.marks.rating(first, 6)


def test_marks_stay_when_the_content_changes(shelf):
    (photo_id,) = shelf.index("a.jpg")
    shelf.catalog.marks.favourite(photo_id)
    shelf.change("a.jpg", size=5)
    shelf.photos.mark_ready([shelf.ready("a.jpg", "edited")])
    assert shelf.at("a.jpg").is_favourite


def mark_all(shelf, photo_id):
    marks = shelf.catalog.marks
    marks.favourite(photo_id)
    marks.rating(photo_id, 4)
    album = marks.create_album("Best")
    marks.add_to_album(album, [photo_id])
    return album


def test_marks_of_a_vanished_photo_come_back_with_its_content_under_another_name(shelf):
    (photo_id,) = shelf.index("a.jpg")
    album = mark_all(shelf, photo_id)
    shelf.vanish("a.jpg")
    assert shelf.catalog.marks.album_photos(album).tolist() == []
    shelf.add("b.jpg")
    shelf.photos.mark_ready([shelf.known_again("b.jpg", "a.jpg")])
    photo = shelf.at("b.jpg")
    assert (photo.is_favourite, photo.metadata.rating) == (True, 4)
    assert shelf.catalog.marks.album_photos(album).tolist() == [photo.photo_id]


def test_marks_wait_thirty_days_and_no_longer(shelf):
    (photo_id,) = shelf.index("a.jpg")
    shelf.index("stays.jpg")
    mark_all(shelf, photo_id)
    shelf.vanish("a.jpg")
    assert shelf.catalog.vectors.prune(time.time() + KEEP_UNUSED_SECONDS - 60) == []
    assert shelf.catalog.vectors.prune(time.time() + KEEP_UNUSED_SECONDS + 60) == [shelf.content("a.jpg")]
    assert shelf.catalog.vectors.count(shelf.model) == 1
    shelf.add("b.jpg")
    shelf.photos.mark_ready([shelf.ready("b.jpg", "a.jpg")])
    assert not shelf.at("b.jpg").is_favourite
    assert shelf.catalog.check() == []


def test_the_thirty_days_begin_anew_with_each_disappearance(shelf, monkeypatch):
    now = time.time()
    shelf.index("a.jpg")
    with monkeypatch.context() as patched:
        patched.setattr(time, "time", lambda: now - 40 * 86400)
        shelf.vanish("a.jpg")
    shelf.index("a.jpg")
    shelf.vanish("a.jpg")
    assert shelf.catalog.vectors.prune(now) == []


def test_an_edit_that_is_undone_after_days_needs_no_embedding(shelf):
    shelf.index("a.jpg")
    shelf.change("a.jpg", size=5)
    shelf.photos.mark_ready([shelf.ready("a.jpg", "edited")])
    assert shelf.catalog.vectors.prune() == []
    shelf.change("a.jpg", size=1000)
    assert shelf.photos.mark_ready([shelf.known_again("a.jpg", "a.jpg")])
    assert shelf.catalog.vectors.prune(time.time() + 2 * KEEP_UNUSED_SECONDS) == [shelf.content("edited")]


def test_albums_are_made_filled_renamed_and_forgotten(shelf):
    marks = shelf.catalog.marks
    ids = shelf.index("a.jpg", "b.jpg", "c.jpg")
    album = marks.create_album("Trip")
    assert marks.create_album("Trip") == album
    marks.add_to_album(album, [*ids, ids[0], 10**9])
    marks.remove_from_album(album, [ids[1]])
    assert sorted(marks.album_photos(album).tolist()) == [ids[0], ids[2]]
    other = marks.create_album("Other")
    with pytest.raises(CatalogError, match="already"):
        marks.rename_album(other, "Trip")
    marks.rename_album(other, "Another")
    assert [(one.name, one.count) for one in marks.albums()] == [("Another", 0), ("Trip", 2)]
    marks.delete_album(album)
    assert shelf.photos.browse().size == 3
    with pytest.raises(CatalogError, match="no longer exists"):
        marks.add_to_album(album, ids)


def test_searches_are_saved_under_names_and_the_history_ends_somewhere(catalog):
    marks = catalog.marks
    marks.save_search("sea", "the sea")
    marks.save_search("sea", '"the sea" -boat')
    marks.save_search("cat", "a cat")
    assert [(one.name, one.query) for one in marks.saved_searches()] == [("cat", "a cat"), ("sea", '"the sea" -boat')]
    marks.delete_search("cat")
    assert len(marks.saved_searches()) == 1
    for number in range(205):
        marks.remember(f"q{number}")
    marks.remember("q200")
    assert marks.history(2) == ["q200", "q204"]
    assert len(marks.history(1000)) == 200
    marks.clear_history()
    assert marks.history() == []


def test_what_a_person_makes_waits_for_the_disk_and_the_index_does_not(shelf):
    def synchronous():
        return shelf.catalog._database._writer.pragma("synchronous")

    (photo_id,) = shelf.index("a.jpg")
    assert synchronous() == 1
    marks = shelf.catalog.marks
    made = [
        lambda: marks.favourite(photo_id),
        lambda: marks.rating(photo_id, 3),
        lambda: marks.create_album("Best"),
        lambda: marks.add_to_album(1, [photo_id]),
        lambda: marks.save_search("sea", "sea"),
        lambda: shelf.catalog.roots.add(shelf.root.path + b"-2", "disk"),
    ]
    for make in made:
        shelf.change("a.jpg")
        assert synchronous() == 1
        make()
        assert synchronous() == 2
