"""Places in the window: chips that widen and go, the surroundings of a photo, and what its spot is called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helios_desktop.geography import Area
from helios_desktop.pipeline.query import parse
from helios_desktop.pipeline.query_places import PlacePhrase
from helios_desktop.ui.details.facts import place_text

ROME = Area(latitude=41.89, longitude=12.51, radius_km=20.0)


class OnlyRome:
    def find(self, name, radius_km, *, is_near, is_meant):
        if name.casefold() not in {"rome", "rom"}:
            return None
        return PlacePhrase(start=0, end=0, name="Rome", area=replace(ROME, radius_km=radius_km or ROME.radius_km))


@pytest.fixture
def placed(window, library, qtbot, monkeypatch):
    """Every photo tells where it was taken, and the library knows Rome."""
    for photo in library.photos(range(1, 31)):
        meta = replace(photo.metadata, latitude=43.806 + photo.photo_id / 100, longitude=11.293)
        library.put(replace(photo, metadata=meta))
    monkeypatch.setattr(library, "understand", lambda words, base: parse(words, base=base, places=OnlyRome()))
    window.feed.refresh()
    qtbot.waitUntil(lambda: (photo := window.grid_model.photo_at(0)) is not None and photo.metadata.latitude is not None)
    return window


def ask(window, words, qtbot):
    window.search_bar.box.edit.setText(words)
    qtbot.waitUntil(lambda: window.session.answered_words == words)


def test_a_place_is_a_chip_and_its_words_go_with_it(placed, library, qtbot):
    ask(placed, "dog in Rome", qtbot)
    assert placed.search_bar.chips.texts() == ["Rome, 20 km around"]
    assert library.asked[-1].filter.near == (ROME,)
    placed.search_bar.chips.chips[0].removed.emit()
    qtbot.waitUntil(lambda: placed.session.answered_words == "dog")
    assert placed.search_bar.words() == "dog"
    assert library.asked[-1].filter.near == ()


def test_how_far_around_is_chosen_from_the_chips_menu(placed, library, qtbot):
    ask(placed, "dog in Rome", qtbot)
    [part] = [one for one in placed.searching.answer.parts if one.kind == "place"]
    placed.search_bar.chips.part_replaced.emit(part, "within 50 km of Rome")
    qtbot.waitUntil(lambda: placed.session.answered_words == "dog within 50 km of Rome")
    assert placed.search_bar.chips.texts() == ["Rome, 50 km around"]
    menu = placed.search_bar.chips.radius_menu(50.0, lambda _km: None)
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["within 50 km"]
    menu.deleteLater()


def test_the_surroundings_of_a_photo_are_asked_for_widened_and_left(placed, library, qtbot):
    placed.grid.setCurrentIndex(placed.grid_model.index(3))
    photo = placed.grid_model.photo_at(3)
    placed.photo_actions.actions["around"].trigger()
    qtbot.waitUntil(lambda: library.browsed[-1].near != ())
    assert library.browsed[-1].near == (Area(latitude=photo.metadata.latitude, longitude=11.293, radius_km=5.0),)
    [chip] = placed.search_bar.chips.chips
    assert chip.accessibleName().startswith("within 5 km of ")
    assert placed.search_bar.box.cross.isVisible()
    placed.search_bar.chips.around_changed.emit(
        replace(placed.session.question.around, area=replace(placed.session.question.around.area, radius_km=25.0))
    )
    qtbot.waitUntil(lambda: library.browsed[-1].near[0].radius_km == 25.0)
    placed.search_bar.clear()
    qtbot.waitUntil(lambda: placed.session.question.around is None and library.browsed[-1].near == ())
    assert not placed.search_bar.chips.chips


def test_a_photo_without_a_position_says_so(window, qtbot):
    qtbot.waitUntil(lambda: window.grid_model.photo_at(0) is not None)
    window.grid.setCurrentIndex(window.grid_model.index(0))
    window.photo_actions.actions["around"].trigger()
    assert "does not tell where" in window.content.notice.sentence.text()
    assert window.session.question.around is None


def test_details_name_the_place_and_give_the_position(placed, qtbot):
    placed.details_action.setChecked(True)
    placed.grid.setCurrentIndex(placed.grid_model.index(0))
    qtbot.waitUntil(lambda: placed.details.facts.texts().get("Place") == "Fiesole, Tuscany, Italy")
    meta = placed.grid_model.photo_at(0).metadata
    assert placed.details.facts.texts()["Position"] == place_text(meta.latitude, meta.longitude)


def test_the_viewer_names_the_place_too(placed, qtbot):
    placed.viewing.open(placed.grid_model.index(0), is_full_screen=False)
    qtbot.waitUntil(lambda: placed.viewing.viewer.facts.texts().get("Place") == "Fiesole, Tuscany, Italy")


def test_the_filter_menu_puts_words_into_the_box_where_they_become_chips(window, library, qtbot):
    from datetime import date

    menu = window.searching.filters.menu(window, library.facets(), date(2024, 6, 1))
    titles = [action.text() for action in menu.actions()]
    assert titles == ["Taken in", "Camera", "Format", "Stars", "Favourites"]
    inner = {action.text(): action.menu() for action in menu.actions() if action.menu()}
    assert [action.text() for action in inner["Taken in"].actions()][:2] == ["2024", "2023"]
    window.search_bar.box.edit.setText("dog")
    qtbot.waitUntil(lambda: window.session.answered_words == "dog")
    inner["Camera"].actions()[0].trigger()
    qtbot.waitUntil(lambda: window.session.answered_words == 'dog camera:"Lumen X100"')
    assert library.asked[-1].filter.cameras == ("Lumen X100",)
    inner["Stars"].actions()[1].trigger()
    qtbot.waitUntil(lambda: library.asked[-1].filter.min_rating == 4)
    qtbot.waitUntil(lambda: window.search_bar.chips.texts() == ["camera: Lumen X100", "★★★★ or more"])
    menu.deleteLater()


def test_the_filter_button_asks_the_library_what_it_holds(window, qtbot, monkeypatch):
    shown = []
    monkeypatch.setattr(
        type(window.searching.filters), "menu", lambda _self, _parent, facets, _today: shown.append(facets) or NoMenu()
    )
    window.filter_action.trigger()
    qtbot.waitUntil(lambda: bool(shown))
    assert shown[0].cameras == (("Lumen X100", 30),)


class NoMenu:
    def exec(self, _where):
        pass

    def deleteLater(self):  # noqa: N802 - Qt's own name
        pass
