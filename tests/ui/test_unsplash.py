"""Unsplash in the window: the import with its check, stop and way back; the page, its pictures, and what is missing."""

from __future__ import annotations

import numpy as np
import pytest
from fake_photos import coloured_jpeg
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester

from helios_desktop.app import build
from helios_desktop.errors import ImportFileError, KnownError, ModelError
from helios_desktop.paths import AppPaths
from helios_desktop.ui.unsplash.import_dialog import ImportDialog
from helios_desktop.ui.unsplash.view import LICENCE_URL


@pytest.fixture
def dialog(window, qtbot, tmp_path):
    window.import_action.trigger()
    [made] = window.findChildren(ImportDialog)
    made.ids.setText(str(tmp_path / "photo_ids.csv"))
    made.features.setText(str(tmp_path / "features.npy"))
    return made


def test_both_files_are_needed(window, qtbot):
    window.import_action.trigger()
    [dialog] = window.findChildren(ImportDialog)
    assert not dialog.start.isEnabled()
    dialog.ids.setText("a.csv")
    assert not dialog.check.isEnabled()
    dialog.features.setText("a.npy")
    assert dialog.check.isEnabled()
    assert dialog.start.isEnabled()
    dialog.close()


def test_files_are_checked_and_nothing_is_written(dialog, library, qtbot):
    dialog.first.setValue(10)
    library.libraries.step(5)
    dialog.check.click()
    assert not dialog.start.isEnabled()
    qtbot.waitUntil(lambda: dialog.answer.text().startswith("Both files are sound: 41 rows. 40 photos would be new"))
    assert "1 are left out, since their vectors are zero." in dialog.answer.text()
    [wish] = library.libraries.wishes
    assert (wish.ids, wish.features, wish.start, wish.end, wish.dry) == ("photo_ids.csv", "features.npy", 10, None, True)
    assert library.libraries.library is None
    assert not dialog.undo.isVisible()


def test_an_import_says_how_far_it_is_and_can_be_taken_back(dialog, library, qtbot):
    dialog.start.click()
    library.libraries.step(3)
    qtbot.waitUntil(lambda: dialog.answer.text() == "Importing   20 of 40")
    assert dialog.progress.value() == 500
    library.libraries.step(2)
    qtbot.waitUntil(lambda: "40 photos are new" in dialog.answer.text())
    assert library.libraries.library.count == 40
    dialog.undo.click()
    qtbot.waitUntil(lambda: dialog.answer.text() == "40 photos were removed.")
    assert library.libraries.library is None


def test_an_import_is_stopped_and_goes_on(dialog, library, qtbot):
    dialog.start.click()
    library.libraries.step()
    qtbot.waitUntil(lambda: dialog.answer.text().startswith("Importing"))
    qtbot.mouseClick(dialog.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.answer.text().startswith("Stopped."))
    library.libraries.step(5)
    dialog.start.click()
    qtbot.waitUntil(lambda: library.libraries.library is not None)


def test_closing_the_dialog_stops_the_import(dialog, window, library, qtbot):
    dialog.start.click()
    library.libraries.step()
    qtbot.waitUntil(lambda: dialog.answer.text().startswith("Importing"))
    dialog.close()
    qtbot.waitUntil(lambda: not window.unsplashing.importing.is_busy)
    assert library.libraries.library is None


def test_a_fault_in_the_files_is_a_sentence(dialog, library, qtbot):
    library.libraries.error = ImportFileError("Line 3 of photo_ids.csv: this is not UTF-8.", "Correct the file.")
    library.libraries.step()
    dialog.check.click()
    qtbot.waitUntil(lambda: dialog.answer.text() == "Line 3 of photo_ids.csv: this is not UTF-8. Correct the file.")
    assert dialog.check.isEnabled()


def _choose(window, kind):
    model = window.panel.view.model()
    rows = [row for row in range(model.rowCount()) if model.place_at(model.index(row, 0)).kind == kind]
    window.panel.view.setCurrentIndex(model.index(rows[0], 0))


@pytest.fixture
def view(window, library, qtbot):
    library.libraries.fill()
    _choose(window, "unsplash")
    qtbot.waitUntil(lambda: "40 photos are here" in window.unsplashing.view.message.sentence.text())
    return window.unsplashing.view


def test_nothing_is_asked_of_the_network_before_somebody_looks(window, library, qtbot):
    library.libraries.fill()
    window.feed.refresh()
    qtbot.waitUntil(lambda: not window._bridge._waiting)
    assert window.unsplashing.view is None
    assert library.libraries.pictures == []


def test_before_an_import_there_is_a_sentence_and_one_button(window, library, qtbot):
    _choose(window, "unsplash")
    view = window.unsplashing.view
    qtbot.waitUntil(lambda: view.message.sentence.text() == "Nothing was imported yet.")
    view.message.button.click()
    assert window.findChildren(ImportDialog)
    window.findChildren(ImportDialog)[0].close()


def test_words_find_photos_whose_pictures_come_when_they_are_looked_at(view, window, library, qtbot, opener):
    assert library.libraries.pictures == []
    window.find_action.trigger()
    qtbot.keyClicks(view.box.edit, "a red boat")
    qtbot.waitUntil(lambda: view.model.rowCount() == 20)
    assert view.count.text() == "best 20 of 40 · 12 ms"
    view.grid.grab()
    qtbot.waitUntil(lambda: len(library.libraries.pictures) >= 8)
    assert all(url.startswith("https://unsplash.com/photos/photo-") for url in library.libraries.pictures)
    qtbot.keyClick(view.box.edit, Qt.Key.Key_Down)
    view.grid.setCurrentIndex(view.model.index(2))
    qtbot.keyClick(view.grid, Qt.Key.Key_Return)
    assert opener.pages == ["https://unsplash.com/photos/photo-2/"]
    view.actions_of_photo[1].trigger()
    assert QGuiApplication.clipboard().text() == "https://unsplash.com/photos/photo-2/"
    view.actions_of_photo[2].trigger()
    qtbot.waitUntil(lambda: view.model.rowCount() == 2)
    assert view.box.edit.text() == ""


def test_the_licence_is_one_click_away(view, opener):
    from PySide6.QtWidgets import QPushButton

    [licence] = [button for button in view.findChildren(QPushButton) if button.text() == "Licence"]
    licence.click()
    assert opener.pages == [LICENCE_URL]


def test_without_a_network_tiles_are_plates_and_one_notice_tries_again(view, library, qtbot):
    library.libraries.network_error = KnownError("unsplash.com cannot be reached (no network).", "Check the network.")
    view.box.edit.setText("boat")
    qtbot.waitUntil(lambda: view.model.rowCount() == 20)
    view.grid.grab()
    qtbot.waitUntil(view.notice.isVisible)
    assert view.notice.sentence.text() == "unsplash.com cannot be reached (no network). Check the network."
    library.libraries.network_error = None
    asked = len(library.libraries.pictures)
    view.notice.button.click()
    view.grid.grab()
    qtbot.waitUntil(lambda: len(library.libraries.pictures) > asked)


def test_a_model_that_is_missing_is_a_sentence_and_one_button(view, window, library, qtbot):
    library.error = ModelError("The library 'unsplash' understands words with another model.", "Fetch it.")
    view.box.edit.setText("boat")
    qtbot.waitUntil(lambda: "ViT-B-32__openai" in view.message.sentence.text())
    library.error = None
    library.model_store.step(6)
    view.message.button.click()
    qtbot.waitUntil(lambda: "ViT-B-32__openai" in library.model_store.known)
    qtbot.waitUntil(lambda: window.models.download.state.phase == "none")
    assert library.model_store.used == [], "it is fetched for this data set, not for one's own photos"


def test_an_engine_that_is_down_is_a_sentence_and_try_again(view, library, qtbot):
    library.error = KnownError("The search engine does not answer.", "Start it.")
    view.box.edit.setText("boat")
    qtbot.waitUntil(lambda: view.message.sentence.text() == "The search engine does not answer.")
    library.error = None
    view.message.button.click()
    qtbot.waitUntil(lambda: view.model.rowCount() == 20)


def test_ones_own_photos_are_one_click_away(view, window, qtbot):
    assert window.unsplashing.is_shown
    _choose(window, "favourites")
    assert not window.unsplashing.is_shown


def test_the_model_keeps_qts_rules(view, qtbot, qtmodeltester):
    tester = QAbstractItemModelTester(view.model, QAbstractItemModelTester.FailureReportingMode.Warning)
    view.box.edit.setText("boat")
    qtbot.waitUntil(lambda: view.model.rowCount() == 20)
    qtmodeltester.check(view.model)
    assert tester is not None


def test_a_real_data_set_is_imported_searched_and_taken_back(make_window, qtbot, tmp_path, monkeypatch):
    random = np.random.default_rng(3)
    np.save(tmp_path / "features.npy", random.standard_normal((60, 512), dtype=np.float32))
    ids = "".join(f"photo-{number}\n" for number in range(60))
    (tmp_path / "photo_ids.csv").write_text(f"photo_id\n{ids}", encoding="ascii")
    (tmp_path / "Pictures").mkdir()
    with build(AppPaths(**{name: tmp_path / "home" / name for name in ("config", "data", "cache", "log")})) as app:
        app.add_root(bytes(tmp_path / "Pictures"))
        monkeypatch.setattr(app.libraries, "picture", lambda url: coloured_jpeg(len(url)))
        window = make_window(app)
        qtbot.waitUntil(lambda: window.feed.snapshot is not None, timeout=20_000)
        window.import_action.trigger()
        [dialog] = window.findChildren(ImportDialog)
        dialog.ids.setText(str(tmp_path / "photo_ids.csv"))
        dialog.features.setText(str(tmp_path / "features.npy"))
        dialog.last.setValue(50)
        dialog.start.click()
        qtbot.waitUntil(lambda: "50 photos are new" in dialog.answer.text(), timeout=20_000)
        window.unsplashing.show()
        view = window.unsplashing.view
        qtbot.waitUntil(lambda: "50 photos" in view.message.sentence.text(), timeout=20_000)
        view.box.edit.setText("a boat")
        qtbot.waitUntil(lambda: view.message.button.text() == "Download it", timeout=20_000)
        result = app.libraries.similar("unsplash", "photo-7", 5)
        view.session.find_similar(result.hits[0].photo)
        qtbot.waitUntil(lambda: view.model.rowCount() == 49, timeout=20_000)
        view.grid.grab()
        dialog.undo.click()
        qtbot.waitUntil(lambda: dialog.answer.text() == "50 photos were removed.", timeout=20_000)
        assert app.libraries.get("unsplash") is None
        dialog.close()
        qtbot.waitUntil(lambda: not window._bridge._waiting, timeout=20_000)
