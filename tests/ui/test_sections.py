"""Sections of the grid: months while browsing, good and maybe while searching; keys and places across their headings."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from helios_desktop.score_line import ScoreLine
from helios_desktop.ui.grid.geometry import GridGeometry
from helios_desktop.ui.grid.sections import by_match, by_month, month_text

SECTIONS = st.lists(st.integers(1, 9), min_size=1, max_size=6)


def parted(sizes, width=350):
    starts = np.cumsum([0, *sizes[:-1]]).tolist()
    return GridGeometry.fit(count=sum(sizes), width=width, wanted_side=100, gap=8, margin=16, starts=starts, heading=30)


@given(SECTIONS)
def test_every_tile_is_found_where_it_lies_and_lies_below_its_heading(sizes):
    geometry = parted(sizes)
    for row in range(sum(sizes)):
        rect = geometry.rect_of(row)
        assert geometry.row_at(rect.center()) == row
        assert rect.bottom() < geometry.height
        assert row in geometry.rows_between(rect.top(), rect.bottom())
    for section, rect in geometry.headings_between(0, geometry.height):
        assert geometry.row_at(rect.center()) == -1
        assert rect.bottom() < geometry.rect_of(geometry.starts[section]).top()
    assert len(geometry.headings_between(0, geometry.height)) == len(sizes)


@given(SECTIONS, st.integers(0, 2000), st.integers(1, 400))
def test_what_is_painted_is_all_that_is_in_sight(sizes, top, height):
    geometry = parted(sizes)
    painted = geometry.rows_between(top, top + height)
    for row in range(sum(sizes)):
        rect = geometry.rect_of(row)
        if rect.top() <= top + height and rect.bottom() >= top:
            assert row in painted


@given(SECTIONS)
def test_down_leads_through_every_line_to_the_last_and_up_back_again(sizes):
    geometry = parted(sizes)
    row, lines = 0, 1
    while geometry.below(row) != row:
        assert geometry.rect_of(geometry.below(row)).top() > geometry.rect_of(row).top()
        row, lines = geometry.below(row), lines + 1
    assert lines == geometry.lines
    while geometry.above(row) != row:
        row = geometry.above(row)
    assert geometry.rect_of(row).top() == geometry.rect_of(0).top()


def test_months_are_named_and_counted_and_one_month_needs_no_heading():
    sections = by_month([("2024-06", 3), ("2024-05", 1)], str)
    assert [(section.first, section.title, section.detail) for section in sections] == [
        (0, "June 2024", "3 photos"),
        (3, "May 2024", "1 photo"),
    ]
    assert by_month([("2024-06", 3)], str) == ()
    assert month_text("0000-06") == "0000-06"


def test_answers_divide_at_the_line_and_none_is_hidden():
    ids, scores = np.array([5, 3, 9, 1]), [0.9, 0.5, 0.5, 0.1]
    assert by_match(ids, scores, 0.5, str).good == 3
    assert by_match(ids, scores, 0.95, str).sections[0].title.startswith("No sure match")
    assert [section.first for section in by_match(ids, scores, 0.6, str).sections] == [0, 1]
    assert by_match(ids, scores, 0.0, str).sections[-1].title == "4 good matches"
    sorted_by_date = by_match(ids, scores, 0.5, str, {5: "2020", 3: "2022", 9: "2021"}.__getitem__)
    assert sorted_by_date.ids.tolist() == [3, 9, 5, 1]


@pytest.fixture
def searched(window, library, qtbot):
    """A window whose answer is divided: three boats on a garden of others."""
    library.line = ScoreLine(middle=0.0, top=0.6, floor=0.1)
    window.searching.ask("boat garden-00029")
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 4)
    return window


def test_the_count_of_good_ones_follows_the_strictness_and_nothing_is_asked_again(searched, library, qtbot):
    asked = len(library.asked)
    slider = searched.search_bar.arrange.strictness
    assert slider.isVisible()
    slider.setValue(0)
    assert "4 good matches of 30" in searched.search_bar.summary.text()
    library.line = None
    slider.setValue(slider.maximum())
    assert [section.first for section in searched.grid_model.sections] in ([0], [0, 4])
    assert searched.grid_model.rowCount() == 4
    assert len(library.asked) == asked


def test_good_ones_can_go_by_date(searched, qtbot):
    searched.search_bar.arrange.strictness.setValue(0)
    searched.search_bar.arrange.by_date.setChecked(True)
    photos = [searched.grid_model.photo_at(row).metadata.taken_at for row in range(4)]
    assert photos == sorted(photos, reverse=True)


def test_browsing_has_months_and_no_strictness(window, library, qtbot):
    library.has_months = True
    library.put(_old_photo(library))
    window.feed.refresh()
    qtbot.waitUntil(lambda: len(window.grid_model.sections) == 2)
    assert not window.search_bar.arrange.strictness.isVisible()
    assert window.grid_model.sections[0].title == f"January {date(1970, 1, 1).year}"


def _old_photo(library):
    from dataclasses import replace

    from fake_library import make_photo

    return replace(make_photo(900, library.roots()[0]), mtime_ns=-(10**18))


def test_ctrl_and_the_wheel_change_the_size_and_the_slider_follows(window):
    before = window.grid.tile_px
    at = QPointF(window.grid.viewport().rect().center())
    wheel = QWheelEvent(
        at,
        window.grid.viewport().mapToGlobal(at),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(window.grid.viewport(), wheel)
    assert window.grid.tile_px > before
    assert window.search_bar.arrange.tiles.value() == window.grid.tile_px
    window.search_bar.arrange.tiles.setValue(120)
    assert window.grid.tile_px == 120


def test_dragging_the_scroll_bar_says_where_we_are(window, library, qtbot):
    library.has_months = True
    library.put(_old_photo(library))
    window.feed.refresh()
    qtbot.waitUntil(lambda: len(window.grid_model.sections) == 2)
    bar, plate = window.grid.verticalScrollBar(), window.content.scrubber.plate
    bar.sliderPressed.emit()
    assert plate.isVisible()
    assert plate.text() == window.grid_model.sections[0].title
    bar.sliderReleased.emit()
    assert not plate.isVisible()
