"""One photo over the whole window: keys, zoom, pictures that come in steps, slideshow, and the way back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, QSizeF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from helios_desktop.ui.viewer.viewer import PREVIEW_STEP_PX
from helios_desktop.ui.viewer.zoom import LARGEST_SCALE, Zoom

PICTURE, VIEW = QSizeF(4000, 3000), QSizeF(1000, 800)


def is_near(first: float, second: float) -> bool:
    return abs(first - second) < 1e-6


@pytest.fixture
def viewer(window, qtbot):
    """The viewer, opened with Enter at the fourth photo."""
    qtbot.waitUntil(lambda: window.grid_model.photo_at(3) is not None)
    window.grid.setFocus()
    window.grid.setCurrentIndex(window.grid_model.index(3))
    qtbot.keyClick(window.grid, Qt.Key.Key_Return)
    made = window.viewing.viewer
    qtbot.waitUntil(lambda: made.canvas.longest_px > 256)
    return made


def shown_row(viewer):
    return viewer._row


def test_a_whole_picture_is_centred_and_a_small_one_is_not_enlarged():
    zoom = Zoom.fitted(PICTURE, VIEW)
    assert (zoom.scale, zoom.rect().x(), zoom.rect().y()) == (0.25, 0.0, 25.0)
    assert Zoom.fitted(QSizeF(100, 50), VIEW).scale == 1.0
    assert Zoom.fitted(QSizeF(100, 50), VIEW, 2.0).scale == 2.0, "on a screen of twice the pixels it is as large as elsewhere"


def test_what_is_under_the_pointer_stays_there_while_zooming():
    zoom = Zoom.fitted(PICTURE, VIEW)
    point = QPointF(700, 300)
    before = (point - zoom.corner) / zoom.scale
    for factor in (1.7, 2.0, 0.8):
        zoom = zoom.scaled(factor, point)
        after = (point - zoom.corner) / zoom.scale
        assert is_near(before.x(), after.x())
        assert is_near(before.y(), after.y())


def test_zooming_has_an_end_on_both_sides():
    zoom = Zoom.fitted(PICTURE, VIEW)
    assert zoom.scaled(1e6).scale == LARGEST_SCALE
    assert zoom.scaled(1e-6).scale == zoom.scale


def test_moving_opens_no_gap_beside_a_large_picture():
    zoom = Zoom.fitted(PICTURE, VIEW).at_scale(1.0)
    assert zoom.is_pannable
    moved = zoom.panned(1e6, 1e6)
    assert (moved.corner.x(), moved.corner.y()) == (0.0, 0.0)
    moved = zoom.panned(-1e6, -1e6)
    assert (moved.rect().right(), moved.rect().bottom()) == (1000.0, 800.0)


def test_a_fitted_picture_stays_fitted_when_the_view_changes():
    zoom = Zoom.fitted(PICTURE, VIEW).resized(QSizeF(2000, 1500))
    assert zoom.is_fitted
    assert zoom.scale == 0.5


def test_enter_opens_the_photo_over_the_window_and_esc_leads_back_to_it(window, viewer, qtbot):
    assert window.viewing.is_open
    assert viewer.name.text() == window.grid_model.photo_at(3).display.rsplit("/", 1)[1]
    assert viewer.position.text() == "4 of 30"
    qtbot.keyClick(viewer, Qt.Key.Key_Right)
    qtbot.keyClick(viewer, Qt.Key.Key_Escape)
    assert not window.viewing.is_open
    assert window.grid.currentIndex().row() == 4
    assert window.grid.hasFocus()


def test_a_double_click_opens_the_viewer(window, qtbot):
    qtbot.waitUntil(lambda: window.grid_model.photo_at(0) is not None)
    centre = window.grid.visualRect(window.grid_model.index(1)).center()
    qtbot.mouseClick(window.grid.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    qtbot.mouseDClick(window.grid.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    assert window.viewing.is_open
    assert shown_row(window.viewing.viewer) == 1


def test_arrows_stop_at_the_ends(viewer, qtbot):
    qtbot.keyClick(viewer, Qt.Key.Key_Home)
    qtbot.keyClick(viewer, Qt.Key.Key_Left)
    assert shown_row(viewer) == 0
    qtbot.keyClick(viewer, Qt.Key.Key_End)
    qtbot.keyClick(viewer, Qt.Key.Key_Right)
    assert shown_row(viewer) == 29


def test_the_thumbnail_is_there_while_the_sharp_picture_is_decoded(window, library, qtbot):
    qtbot.waitUntil(lambda: window.grid_model.photo_at(0) is not None)
    library.hold_previews()
    window.viewing.open(window.grid_model.index(0))
    viewer = window.viewing.viewer
    qtbot.waitUntil(lambda: viewer.canvas.longest_px == 256)
    library.release_previews()
    qtbot.waitUntil(lambda: viewer.canvas.longest_px > 256)


def test_the_next_and_the_previous_photo_are_ready_before_they_are_asked_for(viewer, library, window, qtbot):
    neighbours = {window.grid_model.photo_at(row).path for row in (2, 4)}
    qtbot.waitUntil(lambda: neighbours <= {path for path, _ in library.previewed})
    qtbot.waitUntil(lambda: not window._bridge._waiting)
    asked = len(library.previewed)
    qtbot.keyClick(viewer, Qt.Key.Key_Right)
    assert viewer.canvas.longest_px > 256, "it was at hand"
    qtbot.waitUntil(lambda: not window._bridge._waiting)
    assert [path for path, _ in library.previewed[asked:]] == [window.grid_model.photo_at(5).path]


def test_previews_are_asked_for_in_steps_no_smaller_than_the_screen(viewer, library):
    longest = library.previewed[0][1]
    assert longest % PREVIEW_STEP_PX == 0
    assert longest >= max(viewer.canvas.width(), viewer.canvas.height()) * viewer.devicePixelRatioF()


def test_all_pixels_are_decoded_only_when_they_are_needed(viewer, library, qtbot):
    assert all(longest < 12_000 for _, longest in library.previewed)
    viewer.actions_by_name["actual"].trigger()
    qtbot.waitUntil(lambda: any(longest == 12_000 for _, longest in library.previewed))
    assert viewer.percent.text() == "100 %"
    viewer.actions_by_name["fit"].trigger()
    assert viewer.canvas.zoom.is_fitted
    qtbot.waitUntil(lambda: viewer.canvas.longest_px == 2000)


def test_the_wheel_zooms_to_the_pointer_and_a_drag_moves(viewer, qtbot):
    canvas = viewer.canvas
    before = canvas.zoom.scale
    at = QPointF(canvas.width() * 0.25, canvas.height() * 0.25)
    for _ in range(6):
        wheel = QWheelEvent(
            at,
            canvas.mapToGlobal(at),
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(canvas, wheel)
    assert canvas.zoom.scale > 3 * before
    corner = canvas.zoom.corner
    middle = canvas.rect().center()
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseMove(canvas, middle + QPoint(-20, -10))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=middle + QPoint(-20, -10))
    assert canvas.zoom.corner.x() < corner.x()


def test_a_photo_that_cannot_be_read_says_why(window, library, qtbot):
    qtbot.waitUntil(lambda: window.grid_model.photo_at(0) is not None)
    library.unreadable.add(window.grid_model.photo_at(0).path)
    window.viewing.open(window.grid_model.index(0))
    viewer = window.viewing.viewer
    qtbot.waitUntil(viewer.trouble.isVisible)
    assert "cannot be shown" in viewer.trouble.text()
    qtbot.keyClick(viewer, Qt.Key.Key_Right)
    assert not viewer.trouble.isVisible()


def test_heart_and_stars_have_keys_in_the_viewer_too(window, viewer, qtbot):
    qtbot.keyClick(viewer, Qt.Key.Key_F)
    assert viewer.marks.is_favourite
    qtbot.keyClick(viewer, Qt.Key.Key_4)
    assert viewer.marks.stars == 4
    photo_id = viewer.photo.photo_id
    qtbot.waitUntil(lambda: window._bridge.library.photos([photo_id])[0].metadata.rating == 4)
    assert window._bridge.library.photos([photo_id])[0].is_favourite


def test_the_slideshow_goes_on_by_itself_and_begins_again_after_the_last(viewer, qtbot):
    qtbot.keyClick(viewer, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: viewer.canvas.longest_px > 256)
    viewer._slides.setInterval(10)
    qtbot.keyClick(viewer, Qt.Key.Key_S)
    assert viewer.is_playing
    assert not viewer.bar.isVisible()
    qtbot.waitUntil(lambda: shown_row(viewer) == 0)
    qtbot.keyClick(viewer, Qt.Key.Key_S)
    assert viewer.bar.isVisible()


def test_details_can_be_shown_beside_the_photo(viewer, qtbot):
    qtbot.keyClick(viewer, Qt.Key.Key_I)
    assert viewer.side.isVisible()
    assert viewer.facts.texts()["Camera"] == "Lumen X100"


def test_photos_that_come_meanwhile_do_not_change_what_is_looked_at(window, viewer, library, qtbot):
    looked_at = viewer.photo.photo_id
    library.fill(3, b"/photos/New")
    window.feed.refresh()
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 33)
    assert viewer.photo.photo_id == looked_at
    assert shown_row(viewer) == window.grid_model.row_of(looked_at)


def test_a_photo_that_goes_meanwhile_leads_back_to_the_grid(window, viewer, library, qtbot):
    library.drop(viewer.photo.photo_id)
    window.feed.refresh()
    qtbot.waitUntil(lambda: not window.viewing.is_open)


def test_every_action_of_the_viewer_has_a_name_and_a_key(viewer):
    for action in viewer.actions_by_name.values():
        assert action.text()
        assert action.shortcuts()
        assert not action.icon().isNull()
