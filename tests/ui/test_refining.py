"""Tiles that can be pressed: tick and cross, bursts folded into one; and what is taken out of the library."""

from __future__ import annotations

import os

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester

from helios_desktop.domain import PhotoTerm
from helios_desktop.errors import KnownError
from helios_desktop.pipeline.stacks import Folding, Stacks
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.grid.model import PhotoRole
from helios_desktop.ui.grid.sections import Arranged, Section
from helios_desktop.ui.grid.stacking import Stacking
from helios_desktop.ui.grid.zones import judging_rects, stack_rect
from helios_desktop.ui.main_window import MainWindow
from helios_desktop.ui.onboarding.page import OnboardingPage

BURST = (28, 27, 26)


@pytest.fixture
def burst(window, library, qtbot):
    """Three of the thirty photos are of one burst, and the window knows it."""
    library.bursts = (BURST,)
    window.refining._timer.stop()
    window.refining.look_for_stacks()
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 28)
    qtbot.waitUntil(lambda: window.grid_model.photo_at(27) is not None)
    return window


def press(qtbot, window, row, rects):
    """Press in the middle of what lies on a row's tile."""
    tile = window.grid.visualRect(window.grid_model.index(row))
    qtbot.mouseClick(window.grid.viewport(), Qt.MouseButton.LeftButton, pos=rects(tile).center())


def stack_of(window, row):
    return window.grid_model.data(window.grid_model.index(row), PhotoRole.STACK)


def test_a_burst_is_one_tile_that_says_how_many_it_is_of(burst):
    assert burst.grid_model.ids.tolist()[:4] == [30, 29, 28, 25]
    tile = stack_of(burst, 2)
    assert (tile.count, tile.is_open, tile.is_front) == (3, False, True)
    assert stack_of(burst, 1) is None
    index = burst.grid_model.index(2)
    assert "3 photos as one" in index.data(Qt.ItemDataRole.AccessibleDescriptionRole)
    assert burst.search_bar.summary.text() == "30 photos"


def test_a_press_on_the_count_opens_the_burst_and_another_closes_it(burst, qtbot):
    press(qtbot, burst, 2, stack_rect)
    assert burst.grid_model.ids.tolist()[:6] == [30, 29, 28, 27, 26, 25]
    assert [stack_of(burst, row).is_open for row in (2, 3, 4)] == [True] * 3
    assert [stack_of(burst, row).is_front for row in (2, 3, 4)] == [True, False, False]
    assert not burst.grid.selectionModel().selectedIndexes(), "a press on the count chooses nothing"
    press(qtbot, burst, 2, stack_rect)
    assert burst.grid_model.rowCount() == 28


def test_b_opens_the_burst_from_the_keyboard(burst, qtbot):
    burst.grid.setFocus()
    burst.grid.setCurrentIndex(burst.grid_model.index(2))
    qtbot.keyClick(burst.grid, Qt.Key.Key_B)
    assert burst.grid_model.rowCount() == 30
    assert int(burst.grid_model.ids[burst.grid.currentIndex().row()]) == 28, "the keyboard stays where it was"
    qtbot.keyClick(burst.grid, Qt.Key.Key_B)
    assert burst.grid_model.rowCount() == 28


def test_the_switch_shows_every_photo(burst, qtbot):
    burst.search_bar.arrange.fold.click()
    assert burst.grid_model.ids.tolist() == list(range(30, 0, -1))
    assert stack_of(burst, 2) is None
    burst.search_bar.arrange.fold.click()
    assert burst.grid_model.rowCount() == 28


def test_the_switch_is_remembered_by_the_next_window(library, opener, qtbot, tmp_path):
    def window():
        memory = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
        made = MainWindow(Bridge(library), opener, OnboardingPage(pictures=(), samples=None), memory=memory)
        qtbot.addWidget(made)
        return made

    first = window()
    assert first.search_bar.arrange.stacking.is_on
    first.search_bar.arrange.fold.click()
    first.close()
    assert first.stop()
    second = window()
    assert not second.search_bar.arrange.stacking.is_on
    second.close()
    assert second.stop()


def test_search_results_are_folded_too_and_a_new_question_closes_what_was_open(burst, library, qtbot):
    library.bursts = ((27, 17),)  # two of the three boats
    burst.refining._timer.stop()
    burst.refining.look_for_stacks()
    burst.search_bar.box.edit.setText("boat")
    qtbot.waitUntil(lambda: burst.grid_model.rowCount() == 2)
    burst.refining.toggle_stack(burst.grid_model.index(1 if stack_of(burst, 0) is None else 0))
    assert burst.grid_model.rowCount() == 3
    burst.search_bar.box.edit.setText("dog")
    qtbot.waitUntil(lambda: burst.session.answered_words == "dog")
    burst.search_bar.box.edit.setText("boat")
    qtbot.waitUntil(lambda: burst.session.answered_words == "boat")
    assert burst.grid_model.rowCount() == 2


def test_the_model_keeps_qts_rules_while_bursts_open_and_close(burst, qtmodeltester):
    tester = QAbstractItemModelTester(burst.grid_model, QAbstractItemModelTester.FailureReportingMode.Warning)
    burst.refining.toggle_stack(burst.grid_model.index(2))
    burst.refining.toggle_stack(burst.grid_model.index(2))
    qtmodeltester.check(burst.grid_model)
    assert tester.model() is burst.grid_model


def test_sections_begin_where_their_first_shown_photo_is_and_empty_ones_go():
    ids = np.arange(9, 0, -1)
    numbers = np.array([-1, 5, 5, 5, -1, -1, -1, -1, -1])
    stacks = Stacks(numbers=numbers, is_behind=np.zeros(9, np.bool_))
    sections = (Section(0, "June"), Section(2, "May"), Section(4, "April"), Section(7, "March"))
    arranged = Arranged(ids=ids, sections=sections)
    folded = Stacking().folded(arranged, stacks, Folding(ids, stacks))
    assert folded.ids.tolist() == [9, 8, 5, 4, 3, 2, 1]
    assert [(section.title, section.first) for section in folded.sections] == [("June", 0), ("April", 2), ("March", 5)]


@pytest.mark.parametrize(("which", "weight"), [(0, 1.0), (1, -0.5)])
def test_tick_and_cross_ask_for_more_and_less_like_a_photo_and_stay_marked(window, library, qtbot, which, weight):
    qtbot.waitUntil(lambda: window.grid_model.photo_at(3) is not None)
    photo_id = int(window.grid_model.ids[3])
    press(qtbot, window, 3, lambda tile: judging_rects(tile)[which])
    qtbot.waitUntil(lambda: bool(library.asked))
    assert library.asked[-1].terms == (PhotoTerm(photo_id=photo_id, weight=weight),)
    assert window.grid.judged(photo_id) == weight
    assert len(window.search_bar.chips.chips) == 1
    qtbot.waitUntil(lambda: window.session.answered_words == "" and not window._bridge._waiting)
    if (row := window.grid_model.row_of(photo_id)) >= 0:  # pressed again: no longer
        press(qtbot, window, row, lambda tile: judging_rects(tile)[which])
        assert window.grid.judged(photo_id) == 0
        assert window.session.question.is_browsing


def test_a_press_beside_them_chooses_the_photo(window, qtbot):
    tile = window.grid.visualRect(window.grid_model.index(3))
    qtbot.mouseClick(window.grid.viewport(), Qt.MouseButton.LeftButton, pos=tile.center())
    assert [index.row() for index in window.grid.selectionModel().selectedIndexes()] == [3]
    assert window.session.question.is_browsing


def test_tick_and_cross_are_painted_only_under_the_pointer(window, qtbot):
    qtbot.waitUntil(lambda: window.grid_model.photo_at(3) is not None and not window._bridge._waiting)
    tile = window.grid.visualRect(window.grid_model.index(3))
    more, _ = judging_rects(tile)
    spot = more.center() + QPoint(0, -9)
    plain = window.grid.viewport().grab().toImage().pixelColor(spot)
    qtbot.mouseMove(window.grid.viewport(), tile.center())
    qtbot.waitUntil(lambda: window.grid.viewport().grab().toImage().pixelColor(spot) != plain)


def test_ctrl_c_puts_the_picture_on_the_clipboard(window, library, qtbot):
    qtbot.waitUntil(lambda: window.grid_model.photo_at(2) is not None)
    window.grid.setFocus()
    window.grid.setCurrentIndex(window.grid_model.index(2))
    qtbot.keyClick(window.grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(window.content.notice.isVisible)
    assert "clipboard" in window.content.notice.sentence.text()
    assert QGuiApplication.clipboard().image().width() == 2000
    assert QGuiApplication.clipboard().mimeData().urls()[0].toLocalFile() == window.grid_model.photo_at(2).display


def test_chosen_photos_are_exported_into_a_folder_and_it_is_said(window, library, qtbot, tmp_path):
    qtbot.waitUntil(lambda: window.grid_model.photo_at(2) is not None)
    window.taking_out.ask = lambda _owner, _title: str(tmp_path)
    photos = [window.grid_model.photo_at(row) for row in (0, 1)]
    library.unreadable = {photos[1].path}
    window.taking_out.export(photos)
    qtbot.waitUntil(lambda: "could not be copied" in window.content.notice.sentence.text())
    assert library.exported == [(photos[0].path, os.fsencode(tmp_path))]


def test_nothing_is_exported_where_no_folder_is_chosen_and_failures_are_said(window, library, qtbot):
    qtbot.waitUntil(lambda: window.grid_model.photo_at(0) is not None)
    window.taking_out.ask = lambda _owner, _title: ""
    window.taking_out.export([window.grid_model.photo_at(0)])
    assert not library.exported
    window.taking_out.ask = lambda _owner, _title: "/somewhere"
    library.error = KnownError("Helios may not write there.", "Choose another folder.")
    window.taking_out.export([window.grid_model.photo_at(0)])
    qtbot.waitUntil(lambda: "may not write" in window.content.notice.sentence.text())
