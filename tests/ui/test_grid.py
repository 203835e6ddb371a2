"""The grid: rows fetched when looked at, layout by arithmetic, keyboard, selection, thumbnails that are our own bytes."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, QMimeData, QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester

from helios_desktop.domain import PhotoState
from helios_desktop.ui.grid.geometry import GridGeometry
from helios_desktop.ui.grid.model import PAGE_ROWS, PhotoGridModel, PhotoRole, file_url
from helios_desktop.ui.grid.thumbnails import ThumbnailLoader, tile_image


def grid_rows_are_there(window):
    return all(window.grid_model.photo_at(row) is not None for row in range(window.grid_model.rowCount()))


@pytest.mark.parametrize("width", [120, 333, 900, 2500])
@pytest.mark.parametrize("count", [0, 1, 7, 100_000])
def test_every_tile_is_found_where_it_lies_and_nowhere_else(width, count):
    grid = GridGeometry.fit(count=count, width=width, wanted_side=176, gap=8, margin=16)
    for row in {0, 1, count // 2, count - 1}:
        if 0 <= row < count:
            rect = grid.rect_of(row)
            assert grid.row_at(rect.topLeft()) == grid.row_at(rect.bottomRight()) == row
            assert grid.row_at(rect.bottomRight() + QPoint(1, 1)) == -1
            assert row in grid.rows_between(rect.center().y(), rect.center().y())
            assert rect.left() >= 0
            assert rect.right() < max(width, 2 * 16 + 1)
            assert rect.bottom() < grid.height
    assert grid.row_at(QPoint(-5, -5)) == -1
    assert grid.row_at(QPoint(width // 2, grid.height + 10_000)) == -1


def test_tiles_fill_the_width_from_edge_to_edge():
    grid = GridGeometry.fit(count=50, width=1000, wanted_side=176, gap=8, margin=16)
    assert grid.rect_of(0).left() - 16 < grid.columns
    assert 1000 - 16 - grid.rect_of(grid.columns - 1).right() <= grid.columns


def test_the_model_keeps_qts_rules(window, library, qtmodeltester):
    qtmodeltester.check(window.grid_model)
    tester = QAbstractItemModelTester(window.grid_model, QAbstractItemModelTester.FailureReportingMode.Warning)
    window.grid_model.show_answer(np.array([3, 2, 1]))
    window.grid_model.show_answer(np.array([], dtype=np.int64))
    assert tester.model() is window.grid_model


def test_rows_are_fetched_by_page_only_when_they_are_looked_at(qapp):
    asked = []
    model = PhotoGridModel(lambda ids, done: asked.append((list(ids), done)))
    model.show_answer(np.arange(100_000, 0, -1))
    assert model.rowCount() == 100_000
    assert asked == []
    assert model.photo_at(250) is None
    assert model.photo_at(251) is None
    assert len(asked) == 1
    assert asked[0][0] == list(range(100_000 - 200, 100_000 - 200 - PAGE_ROWS, -1))


def test_rows_that_come_for_an_answer_that_is_gone_are_not_shown(qapp, library):
    asked = []
    model = PhotoGridModel(lambda ids, done: asked.append((list(ids), done)))
    model.show_answer(np.array([1, 2, 3]))
    model.photo_at(0)
    model.show_answer(np.array([3, 2]))
    asked[0][1](library.photos(asked[0][0]))
    assert model.photo_at(0) is None
    assert len(asked) == 2


def test_a_row_is_found_by_its_photo(qapp):
    model = PhotoGridModel(lambda ids, done: None)
    model.show_answer(np.array([50, 7, 99, 1]))
    assert [model.row_of(one) for one in (50, 7, 99, 1, 8)] == [0, 1, 2, 3, -1]


def test_roles_tell_name_score_and_absence(window, library, qtbot):
    window.search_bar.box.edit.setText("boat")
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 3)
    index = window.grid_model.index(0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "boat-00026.jpg"
    assert index.data(PhotoRole.SCORE) == pytest.approx(0.3)
    assert index.data(PhotoRole.IS_ABSENT) is False
    assert index.data(PhotoRole.PHOTO_ID) == 27
    assert b"score" in [bytes(name.data()) for name in window.grid_model.roleNames().values()]


def test_names_cannot_smuggle_markup_or_turn_the_text_around(window, library, qtbot):
    photo = replace(next(iter(library._photos.values())), display="/p/<b>x</b>\n\u202egpj.exe", photo_id=77, mtime_ns=10**15)
    library.put(photo)
    window.feed.refresh()
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 31 and window.grid_model.photo_at(0) is not None)
    index = window.grid_model.index(0)
    name = index.data(Qt.ItemDataRole.DisplayRole)
    assert "\n" not in name
    assert "\u202e" not in name
    assert "&lt;b&gt;" in index.data(Qt.ItemDataRole.ToolTipRole)


def test_down_leads_from_the_box_into_the_grid_and_up_leads_back(window, qtbot):
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.keyClick(window.search_bar.box.edit, Qt.Key.Key_Down)
    assert window.grid.hasFocus()
    assert window.grid.currentIndex().row() == 0
    qtbot.keyClick(window.grid, Qt.Key.Key_Up)
    assert window.search_bar.box.edit.hasFocus()


def test_tab_leads_from_the_box_into_the_grid(window, qtbot):
    window.activateWindow()
    window.search_bar.focus_box()
    qtbot.keyClick(window.search_bar.box.edit, Qt.Key.Key_Tab)
    assert window.grid.hasFocus()


def test_arrows_move_over_rows_and_columns_and_stop_at_the_ends(window, qtbot):
    grid = window.grid
    grid.setFocus()
    columns = grid.grid.columns
    rows = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_End, Qt.Key.Key_Right, Qt.Key.Key_Home):
        qtbot.keyClick(grid, key)
        rows.append(grid.currentIndex().row())
    assert rows == [1, 1 + columns, columns, 29, 29, 0]


def test_the_current_photo_is_scrolled_into_sight(window, qtbot):
    window.resize(700, 400)
    window.grid.setFocus()
    qtbot.keyClick(window.grid, Qt.Key.Key_End)
    rect = window.grid.visualRect(window.grid.currentIndex())
    assert window.grid.viewport().rect().contains(rect)


def test_ctrl_enter_opens_the_file_and_a_name_of_any_bytes_is_safe(window, library, opener, qtbot):
    strange = replace(
        next(iter(library._photos.values())),
        path=b"/p/\xff\xfe #?.jpg",
        display="/p/\udcff\udcfe #?.jpg",
        photo_id=88,
        mtime_ns=10**15,
    )
    library.put(strange)
    window.feed.refresh()
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 31 and grid_rows_are_there(window))
    window.grid.setFocus()
    window.grid.setCurrentIndex(window.grid_model.index(0))
    window.photo_actions.actions["open"].trigger()
    assert opener.opened == [b"/p/\xff\xfe #?.jpg"]
    assert "\udcff" not in window.grid_model.index(0).data()
    assert window.grid.grab().width() > 0


def test_a_file_that_cannot_be_opened_is_said_in_a_sentence(window, opener, qtbot):
    qtbot.waitUntil(lambda: grid_rows_are_there(window))
    opener.is_working = False
    window.grid.setCurrentIndex(window.grid_model.index(0))
    window.photo_actions.actions["open"].trigger()
    assert window.content.notice.isVisible()
    assert "could not be opened" in window.content.notice.sentence.text()


def test_the_context_menu_opens_shows_copies_and_finds_similar(window, opener, library, qtbot):
    qtbot.waitUntil(lambda: grid_rows_are_there(window))
    grid = window.grid
    grid.setCurrentIndex(window.grid_model.index(2))
    menu = window.photo_actions.menu(grid)
    assert [action.text() for action in menu.actions() if action.text()] == [
        "View",
        "Open elsewhere",
        "Show in folder",
        "Copy image",
        "Copy path",
        "Export copies…",
        "Find similar",
        "Taken near here",
        "More like this",
        "Less like this",
        "Open or close the burst",
        "Favourite",
        "Stars",
        "Add to album",
    ]
    path = window.grid_model.photo_at(2).path
    for name in ("open", "show", "copy"):
        window.photo_actions.actions[name].trigger()
    assert (opener.opened, opener.shown) == ([path], [path])
    assert QGuiApplication.clipboard().text() == path.decode()
    window.photo_actions.actions["similar"].trigger()
    qtbot.waitUntil(lambda: bool(library.asked))


def test_shift_selects_a_range_and_ctrl_adds(window, qtbot):
    grid = window.grid
    centre = lambda row: grid.visualRect(window.grid_model.index(row)).center()  # noqa: E731
    left, shift, ctrl = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
    qtbot.mouseClick(grid.viewport(), left, pos=centre(6))
    qtbot.mouseClick(grid.viewport(), left, shift, pos=centre(2))
    assert grid.chosen_rows() == [2, 3, 4, 5, 6]
    qtbot.mouseClick(grid.viewport(), left, ctrl, pos=centre(8))
    assert grid.chosen_rows() == [2, 3, 4, 5, 6, 8]
    qtbot.mouseClick(grid.viewport(), left, pos=centre(1))
    assert grid.chosen_rows() == [1]


def test_a_rubber_band_selects_what_it_touches(window, qtbot):
    grid = window.grid
    first, last = grid.visualRect(window.grid_model.index(0)), grid.visualRect(window.grid_model.index(grid.grid.columns + 1))
    start, end = first.topLeft() - QPoint(6, 6), last.center()
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(grid.viewport(), left, pos=start)
    from PySide6.QtCore import QEvent, QPointF
    from PySide6.QtGui import QMouseEvent

    for point in ((start + end) / 2, end):
        place = QPointF(point)
        grid.mouseMoveEvent(
            QMouseEvent(
                QEvent.Type.MouseMove, place, grid.viewport().mapToGlobal(place), left, left, Qt.KeyboardModifier.NoModifier
            )
        )
    qtbot.mouseRelease(grid.viewport(), left, pos=end)
    columns = grid.grid.columns
    assert grid.chosen_rows() == [0, 1, columns, columns + 1]


def test_ctrl_a_selects_everything_and_the_files_can_be_dragged_out(window, qtbot):
    qtbot.waitUntil(lambda: grid_rows_are_there(window))
    window.grid.setFocus()
    window.grid.selectAll()
    data: QMimeData = window.grid_model.mimeData(window.grid.selectionModel().selectedIndexes())
    assert len(data.urls()) == 30
    assert data.urls()[0].isLocalFile()


@pytest.mark.parametrize("path", [b"/a/b c.jpg", b"/a/#1?.jpg", "/ü/日本.jpg".encode(), b"/a/\xe9\xff.jpg", b"/a/100%41.jpg"])
def test_a_url_leads_back_to_the_same_bytes(path):
    from helios_desktop.ui.desktop_files import dropped_paths

    assert dropped_paths([file_url(path)]) == [path]


def test_new_photos_keep_the_scroll_position_the_current_photo_and_the_selection(window, library, qtbot):
    from fake_library import make_photo

    window.resize(700, 400)
    grid = window.grid
    grid.setCurrentIndex(window.grid_model.index(20))
    grid.selectionModel().select(window.grid_model.index(21), QItemSelectionModel.SelectionFlag.Select)
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum() - 40)
    current, place = int(window.grid_model.ids[20]), grid.visualRect(window.grid_model.index(20)).top()
    columns = grid.grid.columns
    for number in range(100, 100 + columns):
        library.put(make_photo(number, library.roots()[0]))
    window.feed.refresh()
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 30 + columns)
    row = window.grid_model.row_of(current)
    assert row == 20 + columns
    assert grid.currentIndex().row() == row
    assert grid.chosen_rows() == [row, row + 1]
    assert grid.visualRect(window.grid_model.index(row)).top() == place


def test_a_new_question_begins_at_the_top_with_nothing_selected(window, qtbot):
    window.resize(700, 400)
    window.grid.selectAll()
    window.grid.verticalScrollBar().setValue(300)
    window.search_bar.box.edit.setText("boat dog cat")
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 9)
    assert window.grid.verticalOffset() == 0
    assert window.grid.chosen_rows() == []


def test_photos_of_a_drive_that_is_away_stay_and_are_told_apart(window, library, qtbot):
    library.unplug(1)
    window.feed.refresh()
    qtbot.waitUntil(lambda: (photo := window.grid_model.photo_at(0)) is not None and photo.state is PhotoState.ABSENT)
    assert window.grid_model.rowCount() == 30
    assert "not connected" in window.grid_model.index(0).data(Qt.ItemDataRole.AccessibleDescriptionRole)
    assert "not connected" in window.places.index(1).data(Qt.ItemDataRole.ToolTipRole)


def test_a_tile_is_square_round_at_the_corners_and_nothing_for_bytes_that_are_no_picture():
    from fake_library import coloured_jpeg

    image = tile_image(coloured_jpeg(3), 180, 8)
    assert (image.width(), image.height()) == (180, 180)
    assert image.pixelColor(0, 0).alpha() == 0
    assert image.pixelColor(90, 90).alpha() == 255
    assert tile_image(b"<svg xmlns='http://www.w3.org/2000/svg'/>", 180, 8) is None
    assert tile_image(b"", 180, 8) is None


def test_thumbnails_stay_within_their_memory_and_come_again(window, library, qtbot):
    loader = ThumbnailLoader(window._bridge, cache_bytes=100 * 100 * 4 * 3)
    hashes = [hashlib.sha256(str(number).encode()).digest() for number in range(5)]
    for one in hashes:
        with qtbot.waitSignal(loader.loaded):
            assert loader.pixmap(one, 100, 1.0) is None
    assert [loader.pixmap(one, 100, 1.0) is not None for one in hashes[-3:]] == [True] * 3
    assert len(loader._kept) == 3
    with qtbot.waitSignal(loader.loaded):
        assert loader.pixmap(hashes[0], 100, 1.0) is None


def test_a_thumbnail_that_is_not_there_is_asked_for_once_and_again_when_photos_changed(window, qtbot, library):
    missing = b"\0" * 32
    asked = []
    real = library.thumbnail
    library.thumbnail = lambda content_hash: asked.append(content_hash) or real(content_hash)
    loader = ThumbnailLoader(window._bridge)
    loader.pixmap(missing, 100, 1.0)
    qtbot.waitUntil(lambda: missing in loader._missing)
    loader.pixmap(missing, 100, 1.0)
    assert asked.count(missing) == 1
    loader.retry_missing()
    loader.pixmap(missing, 100, 1.0)
    qtbot.waitUntil(lambda: asked.count(missing) == 2)


def test_nothing_in_the_window_gives_qt_a_path_to_decode():
    package = Path(__file__).parents[2] / "helios_desktop" / "ui"
    for file in package.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert "QImageReader" not in text, file
        assert not any(f"{kind}(str(" in text or f"{kind}.load(" in text for kind in ("QImage", "QPixmap", "QIcon")), file


def test_the_visible_part_of_a_selection_is_all_that_is_painted_again(window):
    window.grid.selectAll()
    region = window.grid.visualRegionForSelection(window.grid.selectionModel().selection())
    bounds: QRect = region.boundingRect()
    assert bounds.height() <= window.grid.viewport().height() + 2 * window.grid.grid.step
