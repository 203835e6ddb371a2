"""Hearts, stars, albums, saved searches and history: set by key or menu, shown at once, written down."""

from __future__ import annotations

import pytest
from fake_library import FakeLibrary
from PySide6.QtCore import Qt

from helios_desktop.errors import KnownError
from helios_desktop.ui.details.facts import date_text, facts, place_text
from helios_desktop.ui.marks.stars import MarkRow
from helios_desktop.ui.search.history import recall


@pytest.fixture
def current(window, qtbot):
    """The first photo, chosen in the grid."""
    qtbot.waitUntil(lambda: window.grid_model.photo_at(0) is not None)
    window.grid.setFocus()
    window.grid.setCurrentIndex(window.grid_model.index(0))
    return window.grid_model.photo_at(0)


def place_titles(window):
    return [window.places.index(row).data() for row in range(window.places.rowCount())]


def choose(window, title):
    window.panel.view.setCurrentIndex(window.places.index(place_titles(window).index(title)))


def test_f_makes_a_favourite_at_once_and_writes_it_down(window, library, current, qtbot):
    qtbot.keyClick(window.grid, Qt.Key.Key_F)
    assert window.grid_model.photo_at(0).is_favourite, "shown before it is written"
    qtbot.waitUntil(lambda: library.photos([current.photo_id])[0].is_favourite)
    qtbot.keyClick(window.grid, Qt.Key.Key_F)
    qtbot.waitUntil(lambda: not library.photos([current.photo_id])[0].is_favourite)


def test_favourites_are_a_place_with_a_count(window, library, current, qtbot):
    qtbot.keyClick(window.grid, Qt.Key.Key_F)
    qtbot.waitUntil(lambda: window.feed.snapshot.favourites == 1)
    choose(window, "Favourites")
    qtbot.waitUntil(lambda: window.grid_model.ids.tolist() == [current.photo_id])


def test_no_favourites_yet_says_how_to_make_one(window, qtbot):
    choose(window, "Favourites")
    qtbot.waitUntil(lambda: window.content.pages.currentWidget() is window.content.message)
    assert "favourite" in window.content.message.sentence.text()


def test_what_cannot_be_written_is_taken_back_and_said(window, library, current, qtbot):
    library.marks.error = KnownError("The disk is full.", "Make room.")
    qtbot.keyClick(window.grid, Qt.Key.Key_F)
    qtbot.waitUntil(window.content.notice.isVisible)
    assert not window.grid_model.photo_at(0).is_favourite
    assert "disk is full" in window.content.notice.sentence.text()


def test_digits_rate_every_chosen_photo(window, library, current, qtbot):
    window.grid.selectAll()
    qtbot.waitUntil(lambda: all(window.grid_model.photo_at(row) is not None for row in range(30)))
    qtbot.keyClick(window.grid, Qt.Key.Key_3)
    qtbot.waitUntil(lambda: {photo.metadata.rating for photo in library.photos(range(1, 31))} == {3})


def test_an_album_is_made_filled_looked_at_and_removed(window, library, current, qtbot):
    window.choices.ask = lambda *_: "Best of & more"
    window.photo_actions.album_wanted.emit([current])
    qtbot.waitUntil(lambda: "Best of & more" in place_titles(window))
    [album] = library.marks.albums()
    second = window.grid_model.photo_at(1)
    window.marks.add_to_album(album.album_id, [second])
    qtbot.waitUntil(lambda: window.feed.snapshot.albums[0].count == 2)
    choose(window, "Best of & more")
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 2)
    window.marks.remove_from_album(album.album_id, [second])
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 1)
    window.marks.delete_album(album.album_id)
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 30)
    assert window.session.question.album_id is None


def test_the_menu_of_a_photo_offers_every_album_by_its_name(window, library, current, qtbot):
    library.marks.create_album("A & B")
    window.feed.refresh()
    qtbot.waitUntil(lambda: bool(window.feed.snapshot.albums))
    menu = window.photo_actions.menu(window.grid, window.feed.snapshot.albums, 1)
    [into] = [action.menu() for action in menu.actions() if action.text() == "Add to album"]
    assert [action.text() for action in into.actions() if action.text()] == ["A && B", "New album…"]
    assert menu.actions()[-1].text() == "Remove from this album"


def test_a_search_is_saved_under_a_name_and_asked_again(window, library, qtbot):
    window.choices.ask = lambda *_: "Boats"
    window.searching.ask("boat")
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 3)
    window.save_action.trigger()
    qtbot.waitUntil(lambda: "Boats" in place_titles(window))
    window.show_everything()
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 30)
    choose(window, "Boats")
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 3)
    assert window.search_bar.words() == "boat"


def test_what_was_entered_is_remembered_and_can_be_forgotten(window, library, qtbot):
    edit = window.search_bar.box.edit
    qtbot.keyClicks(edit, "boat")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: library.marks.history() == ["boat"])
    history = window.searching._history
    menu = history.menu(edit, recall(library), "boat")
    assert [action.text() for action in menu.actions() if action.text()] == [
        "Save this search…",
        "boat",
        "Forget what was searched",
    ]
    asked = []
    history.words_wanted.connect(asked.append)
    menu.actions()[2].trigger()
    assert asked == ["boat"]
    menu.actions()[-1].trigger()
    qtbot.waitUntil(lambda: library.marks.history() == [])


def test_the_details_follow_the_chosen_photo_and_set_its_marks(window, library, current, qtbot):
    window.details_action.setChecked(True)
    qtbot.waitUntil(lambda: window.details.facts.texts().get("Camera") == "Lumen X100")
    assert window.details.name.text() == current.display.rsplit("/", 1)[1]
    qtbot.waitUntil(lambda: len(window.details.strip.photos) == 6)
    qtbot.mouseClick(window.details.marks, Qt.MouseButton.LeftButton, pos=window.details.marks.cell(4).center())
    qtbot.waitUntil(lambda: library.photos([current.photo_id])[0].metadata.rating == 4)
    assert window.details.marks.stars == 4
    window.grid.setCurrentIndex(window.grid_model.index(2))
    qtbot.waitUntil(lambda: window.details.photo == window.grid_model.photo_at(2) and window.details.marks.stars == 0)


def test_a_similar_photo_is_asked_for_by_a_click(window, library, current, qtbot):
    window.details_action.setChecked(True)
    qtbot.waitUntil(lambda: len(window.details.strip.photos) == 6)
    like = window.details.strip.photos[1]
    qtbot.mouseClick(window.details.strip, Qt.MouseButton.LeftButton, pos=window.details.strip.cell(1).center())
    assert [example.photo_id for example in window.session.question.examples] == [like.photo_id]


def test_a_hidden_details_panel_asks_for_nothing(window, library, current, qtbot):
    with qtbot.waitSignal(window.session.answered):
        window.session.ask_now()
    assert library.asked == []


def test_stars_are_set_by_keys_and_a_second_click_takes_them_away(qtbot):
    row = MarkRow()
    qtbot.addWidget(row)
    row.show_marks(_photo(rating=3))
    rated = []
    row.rated.connect(rated.append)
    qtbot.keyClick(row, Qt.Key.Key_Right)
    qtbot.keyClick(row, Qt.Key.Key_Left)
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton, pos=row.cell(3).center())
    assert rated == [4, 2, 0]
    assert "3 of 5 stars" in row.accessibleName()


def _photo(rating):
    from dataclasses import replace

    from fake_library import make_photo

    library = FakeLibrary()
    photo = make_photo(1, library.follow(b"/p"))
    return replace(photo, metadata=replace(photo.metadata, rating=rating, latitude=-33.86, longitude=151.21))


def test_facts_are_written_as_people_write_them():
    shown = dict(facts(_photo(None), 0.28125, str))
    assert shown["Size"] == "4000 × 3000 · 12.0 MP · JPEG · 1.0 kB"
    assert shown["Position"] == "33.8600° S, 151.2100° E"
    assert shown["Score"] == "0.281"
    assert "Lens" not in shown
    assert place_text(None, 1.0) == ""
    assert date_text("no date") == "no date"
    assert "2024" in date_text("2024-02-02T12:00:00")
