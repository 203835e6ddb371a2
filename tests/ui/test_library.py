"""Folders, progress, problems, onboarding: what the window says about the library, and what a person can do about it."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from fake_library import IDLE, FakeLibrary
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QMessageBox, QWidget

from helios_desktop.catalog.marks import Album, SavedSearch
from helios_desktop.domain import ImageTerm, SkipReason
from helios_desktop.ui.grid.model import file_url
from helios_desktop.ui.library.feed import take_snapshot
from helios_desktop.ui.library.model import PlacesModel
from helios_desktop.ui.status.problems_dialog import ProblemsDialog
from helios_desktop.ui.status.problems_model import ProblemsModel
from helios_desktop.ui.status.wording import progress_sentence


def drop(window, *paths):
    data = QMimeData()
    data.setUrls([file_url(os.fsencode(path)) for path in paths])
    everything = (
        Qt.DropAction.CopyAction | Qt.DropAction.LinkAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    entering = QDragEnterEvent(QPoint(5, 5), *everything)
    window.dragEnterEvent(entering)
    assert entering.isAccepted()
    window.dropEvent(QDropEvent(QPointF(5, 5), *everything))


def test_dropping_a_folder_adds_it(window, library, qtbot, tmp_path):
    drop(window, tmp_path)
    qtbot.waitUntil(lambda: window.places.rowCount() == 5)
    assert library.roots()[-1].path == os.fsencode(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="names there are text")
def test_a_dropped_folder_may_have_a_name_that_is_no_text(window, library, qtbot, tmp_path):
    strange = os.fsencode(tmp_path) + b"/caf\xe9"
    os.mkdir(strange)
    drop(window, os.fsdecode(strange))
    qtbot.waitUntil(lambda: window.places.rowCount() == 5)
    assert library.roots()[-1].path == strange


def test_dropping_a_file_searches_by_it(window, library, qtbot, tmp_path):
    file = tmp_path / "a.jpg"
    file.write_bytes(b"x")
    drop(window, file)
    qtbot.waitUntil(lambda: bool(library.asked))
    assert library.asked[-1].terms == (ImageTerm(path=os.fsencode(file)),)
    assert window.search_bar.chips.texts() == ["Similar to a.jpg"]


def test_a_link_to_a_page_is_not_taken(window):
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/photos")])
    entering = QDragEnterEvent(
        QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    entering.ignore()
    window.dragEnterEvent(entering)
    assert not entering.isAccepted()


def test_the_panel_lists_folders_with_counts_and_narrows_the_answer(window, library, qtbot):
    library.fill(5, b"/photos/Winter")
    window.feed.refresh()
    qtbot.waitUntil(lambda: window.places.rowCount() == 5)
    assert [window.places.place_at(window.places.index(row)).count for row in range(3)] == [35, 30, 5]
    window.panel.view.setCurrentIndex(window.places.index(2))
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 5)
    window.search_bar.box.edit.setText("dog")
    qtbot.waitUntil(lambda: bool(library.asked))
    assert library.asked[-1].filter.folders == (b"/photos/Winter",)


def test_a_folder_that_is_removed_while_it_is_looked_at_leads_back_to_everything(window, library, qtbot):
    second = library.fill(5, b"/photos/Winter")
    window.feed.refresh()
    qtbot.waitUntil(lambda: window.places.rowCount() == 5)
    window.panel.view.setCurrentIndex(window.places.index(2))
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 5)
    window.folders.remove(second)
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 30 and window.session.question.folder is None)
    assert window.panel.view.currentIndex().row() == 0


def test_removing_a_folder_asks_first(window, library, qtbot):
    window.following.confirm_removal(library.roots()[0])
    (box,) = window.findChildren(QMessageBox)
    assert "stay where they are" in box.informativeText()
    assert library.roots()
    next(button for button in box.buttons() if button.text() == "Remove").click()
    qtbot.waitUntil(lambda: not library.roots())
    qtbot.waitUntil(window.content.onboarding.isVisible)


def test_progress_is_a_sentence_with_rate_and_time_left(window, library, qtbot):
    library.tell(replace(IDLE, phase="indexing", done=12_300, total=84_000, per_second=31.2, eta_seconds=2300.0))
    qtbot.waitUntil(window.status.progress.isVisible)
    assert window.status.sentence.text() == "Indexing 12,300 of 84,000   31/s   ~38 min left"
    library.tell()
    qtbot.waitUntil(lambda: not window.status.progress.isVisible())
    assert window.status.sentence.text() == "All photos can be searched"


@pytest.mark.parametrize(
    ("phase", "message", "sentence"),
    [
        ("scanning", "", "Looking through the folders…"),
        ("paused", "", "Paused at 3 of 9"),
        ("waiting", "The disk is full.\nMake room.", "The disk is full.\N{REPLACEMENT CHARACTER}Make room."),
        ("idle", "", ""),
    ],
)
def test_every_phase_has_its_words(phase, message, sentence):
    assert progress_sentence(replace(IDLE, phase=phase, done=3, total=9, message=message), str) == sentence


def test_ten_thousand_reports_of_progress_reach_the_window_as_few(window, library, qtbot):
    heard = []
    window._bridge.progressed.connect(heard.append)
    for number in range(10_000):
        library.tell(replace(IDLE, phase="indexing", done=number, total=10_000))
    qtbot.waitUntil(lambda: bool(heard) and heard[-1].done == 9_999)
    assert len(heard) <= 3


def test_pause_and_resume(window, library, qtbot):
    library.resume()
    qtbot.waitUntil(window.status.pause_button.isVisible)
    window.pause_action.trigger()
    qtbot.waitUntil(lambda: library.is_paused and window.pause_action.text() == "Resume indexing")
    window.pause_action.trigger()
    qtbot.waitUntil(lambda: not library.is_paused and window.pause_action.text() == "Pause indexing")


def test_photos_that_are_indexed_meanwhile_appear_by_themselves(window, library, qtbot):
    library.fill(3, b"/photos/New")
    library.tell(replace(IDLE, phase="indexing", done=3, total=10))
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 33)
    assert window.search_bar.summary.text() == "33 photos so far"
    library.tell()
    qtbot.waitUntil(lambda: window.search_bar.summary.text() == "33 photos")


def test_files_that_need_attention_are_counted_and_listed_with_a_remedy(window, library, qtbot, opener):
    library.add_problem("IMG_1.jpg")
    library.add_problem("<i>2.jpg", SkipReason.TOO_LARGE)
    window.feed.refresh()
    button = window.status.problems_button
    qtbot.waitUntil(button.isVisible)
    assert button.text() == "2 files need attention"
    dialog = ProblemsDialog(opener.show_in_folder, window)
    dialog.show_problems(library.problems())
    cells = [dialog.model.index(1, column).data() for column in range(3)]
    assert cells == ["<i>2.jpg", "Too large", SkipReason.TOO_LARGE.remedy]
    dialog.show_button.click()
    assert opener.shown == [b"/photos/Italy/IMG_1.jpg"]


def test_the_models_of_panel_and_problems_keep_qts_rules(qtmodeltester, library):
    library.add_problem("a.jpg")
    places, problems = PlacesModel(), ProblemsModel(library.problems())
    testers = [
        QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning) for model in (places, problems)
    ]
    snapshot = take_snapshot(library, None)
    places.show_places(snapshot)
    places.show_places(replace(snapshot, total=4, albums=(Album(album_id=1, name="Best", count=2),)))
    places.show_places(replace(snapshot, total=5, saved=(SavedSearch("Dogs", "dog"),)))
    problems.show_problems([])
    assert len(testers) == 2
    qtmodeltester.check(places)
    qtmodeltester.check(problems)


def test_an_empty_library_offers_a_folder_pictures_and_samples(make_window, qtbot, tmp_path):
    library = FakeLibrary()
    window = make_window(library, pictures=(str(tmp_path),), samples=str(tmp_path))
    onboarding = window.content.onboarding
    qtbot.waitUntil(onboarding.isVisible)
    assert not window.search_bar.isVisible()
    assert onboarding.folders.chosen() == (os.fsencode(tmp_path),)
    onboarding.begin_button.click()
    qtbot.waitUntil(lambda: [root.path for root in library.roots()] == [os.fsencode(tmp_path)])
    qtbot.waitUntil(window.search_bar.isVisible)
    qtbot.waitUntil(lambda: "No photo was found" in window.content.message.sentence.text())
    library.close()


def test_photos_that_are_read_for_the_first_time_are_announced(make_window, qtbot):
    library = FakeLibrary()
    library.follow(b"/photos")
    library.pending = 12
    window = make_window(library)
    qtbot.waitUntil(window.content.message.isVisible)
    assert "being read" in window.content.message.sentence.text()
    library.close()


def test_everything_that_can_be_clicked_or_typed_into_has_a_name_for_screen_readers(window, qtbot):
    from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLineEdit

    for widget in window.findChildren(QWidget):
        if (
            isinstance(widget, QAbstractButton | QLineEdit | QAbstractItemView)
            and widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        ):
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            is_inside_another = "qt_" in widget.objectName() or widget.parent() is None
            assert is_inside_another or widget.accessibleName() or text or not widget.isVisible(), widget


def test_every_action_of_the_window_has_a_key_and_an_icon(window):
    for action in [*window.actions(), *window.photo_actions.actions.values()]:
        assert not action.shortcut().isEmpty(), action.text()
        assert not action.icon().isNull(), action.text()


def test_the_first_photos_of_an_empty_library_leave_the_keyboard_to_the_search_box(make_window, qtbot):
    library = FakeLibrary()
    window = make_window(library)
    qtbot.waitUntil(lambda: window.content.pages.currentWidget() is window.content.onboarding)
    library.fill(5)
    library.tell()
    qtbot.waitUntil(lambda: window.content.pages.currentWidget() is window.grid)
    assert window.focusWidget() is window.search_bar.box.edit
    library.close()
