"""Settings that count at once, and the quick search."""

from __future__ import annotations

import pytest
import shiboken6
from fake_models import CLIP, known
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QSystemTrayIcon,
    QWidget,
)

from helios_desktop.ui.companions import Companions
from helios_desktop.ui.onboarding.page import OnboardingPage
from helios_desktop.ui.quick.window import SHOWN
from helios_desktop.ui.theme.palette import apply_theme
from helios_desktop.ui.unsplash.import_dialog import ImportDialog


@pytest.fixture
def settled(window):
    """A window over a library that has settings and models."""
    return window


@pytest.fixture
def dialog(settled, qtbot):
    with qtbot.waitSignal(settled.preferring.opened) as opened:
        settled.settings_action.trigger()
    yield opened.args[0]
    if shiboken6.isValid(opened.args[0]):  # choosing another model may have closed it already
        opened.args[0].close()


def test_every_subject_has_a_page(dialog):
    assert dialog.subjects.count() == dialog.pages.count() == 9
    for number in range(dialog.subjects.count()):
        dialog.subjects.setCurrentRow(number)
        assert dialog.pages.currentIndex() == number
        assert dialog.subjects.item(number).text() == dialog.pages.currentWidget().title
        assert dialog.grab().width() > 100


def test_colours_change_at_once_and_are_kept(dialog, library, qtbot, qapp):
    page = dialog.appearance_page
    page.appearance.setCurrentIndex(page.appearance.findData("dark"))
    qtbot.waitUntil(lambda: library.preferences.settings.appearance == "dark")
    qtbot.waitUntil(lambda: qapp.palette().color(QPalette.ColorRole.Window).lightness() < 60)
    apply_theme(qapp, "light")
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(0xF7F6F3)


def test_patterns_are_kept_one_a_line(dialog, library, qtbot):
    dialog.folders_page.ignore.setPlainText("*.tmp\n\n  Screenshots ")
    dialog.folders_page.keep.click()
    qtbot.waitUntil(lambda: library.preferences.settings.ignore == ("*.tmp", "Screenshots"))


def test_folders_that_come_and_go_are_listed_while_the_settings_are_open(dialog, window, library, qtbot):
    page = dialog.folders_page
    assert _removals(page) == ["Remove “/photos/Italy” from the library?"]
    library.follow(b"/photos/Winter")
    library.tell()
    qtbot.waitUntil(lambda: len(_removals(page)) == 2)
    with qtbot.waitSignal(page.remove_wanted) as wanted:
        page._rows.itemAt(1).widget().findChild(QPushButton).click()
    assert wanted.args[0].path == b"/photos/Winter"
    for box in window.findChildren(QMessageBox):
        box.close()


def _removals(page):
    rows = [page._rows.itemAt(row).widget() for row in range(page._rows.count())]
    return [row.findChild(QPushButton).accessibleName() for row in rows]


def test_another_model_is_used_with_one_click(window, library, qtbot):
    library.model_store.known[CLIP] = known(CLIP, "ViT-B/32")
    page = _open(window, qtbot).model_page
    assert page.buttons["starter-1"].text() == "In use"
    assert not page.buttons["starter-1"].isEnabled()
    page.buttons[CLIP].click()
    qtbot.waitUntil(lambda: library.model_store.used == [(CLIP, False)])
    qtbot.waitUntil(lambda: page.buttons[CLIP].text() == "Gets ready")
    assert page.buttons["starter-1"].text() == "Use"
    assert page.buttons["starter-1"].isEnabled()


def test_a_model_is_downloaded_in_the_settings_one_at_a_time(dialog, window, library, qtbot):
    page, store = dialog.model_page, library.model_store
    assert page.buttons[CLIP].text() == "Download (605 MB)"
    dialog.show_page(page)
    page.buttons[CLIP].click()
    assert not page.buttons["ViT-B-16-SigLIP__webli"].isEnabled()
    store.step(3)
    qtbot.waitUntil(lambda: "300.0 MB of 600.0 MB" in page.bar.download.sentence.text())
    page.bar.pause_button.click()
    assert window.model_bar.resume_button.isVisible()
    page.bar.resume_button.click()
    store.step(3)
    qtbot.waitUntil(lambda: page.buttons[CLIP].text() == "Gets ready")
    assert page.buttons["ViT-B-16-SigLIP__webli"].isEnabled()


def test_the_device_is_kept(dialog, library, qtbot):
    dialog.model_page.device.setCurrentIndex(dialog.model_page.device.findData("cpu"))
    qtbot.waitUntil(lambda: library.preferences.settings.device == "cpu")


def test_an_engine_is_tested_and_then_used_and_its_secrets_leave_the_fields(dialog, library, qtbot):
    page, engine = dialog.engine_page, library.search_engine
    dialog.show_page(page)
    assert not page.fields.isVisible()
    page.kind.setCurrentIndex(page.kind.findData("opensearch"))
    assert page.fields.isVisible()
    page.urls.setText("https://other.example:9200")
    page.test.click()
    silent = "Nothing answers at https://other.example:9200. Start it, or correct the address."
    qtbot.waitUntil(lambda: page.answer.text() == silent)
    page.urls.setText(engine.url)
    page.user.setText("ada")
    page.password.setText("canary")
    page.key.setText("key")
    page.test.click()
    qtbot.waitUntil(lambda: page.answer.text() == "OpenSearch 3.3.2 answers. Nothing was changed yet.")
    assert engine.used == []
    page.use.click()
    qtbot.waitUntil(lambda: "10 of 30 photos are still to be sent" in page.answer.text())
    [choice] = engine.used
    assert (choice.engine, choice.urls, choice.index, choice.user) == ("opensearch", (engine.url,), "images", "ada")
    assert (choice.password, choice.api_key) == ("canary", "key")
    assert page.password.text() == page.key.text() == ""
    page.kind.setCurrentIndex(0)
    page.use.click()
    qtbot.waitUntil(lambda: page.answer.text() == "The index on this computer answers.")


def test_an_engine_in_a_container_that_cannot_start_is_a_sentence(dialog, library, qtbot):
    page = dialog.engine_page
    dialog.show_page(page)
    page.kind.setCurrentIndex(page.kind.findData("elasticsearch"))
    page.start.click()
    qtbot.waitUntil(lambda: page.answer.text() == "Docker cannot be called (No such file or directory). Install it.")
    assert library.search_engine.started == ["elasticsearch"]
    assert page.use.isEnabled()


def test_settings_may_be_closed_while_an_engine_is_asked(dialog, window, library, qtbot):
    dialog.engine_page.kind.setCurrentIndex(1)
    dialog.engine_page.test.click()
    dialog.close()
    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog))
    qtbot.waitUntil(lambda: not window._bridge._waiting)


def test_thumbnails_are_cleared_and_their_room_is_bounded(dialog, library, qtbot):
    page = dialog.storage_page
    page.clear.click()
    qtbot.waitUntil(lambda: page.thumbnails.text() == "1.0 kB are free now.")
    assert library.is_cache_cleared
    page.most.setValue(500)
    qtbot.waitUntil(lambda: library.preferences.settings.cache_megabytes == 500)


def test_folders_of_data_and_log_are_opened(dialog, opener):
    dialog.storage_page.open_wanted.emit("/data")
    dialog.log_page.open_wanted.emit("/log")
    assert opener.opened == [b"/data", b"/log"]


def test_privacy_names_what_was_fetched(window, library, qtbot):
    library.model_store.known[CLIP] = known(CLIP, "ViT-B/32")
    library.libraries.fill()
    page = _open(window, qtbot).privacy_page
    texts = [label.text() for label in page.findChildren(QLabel)]
    assert f"{CLIP}: https://hub.example/{CLIP}" in texts
    assert "What was ever sent: nothing" in texts
    assert [text for text in texts if "unsplash.com" in text]


def test_the_report_names_no_file_unless_it_is_asked_to(window, library, qtbot, tmp_path):
    (tmp_path / "helios.log").write_text("scan: /home/ada/secret.jpg\n", encoding="utf-8")
    library.preferences.folders = ("/config", "/data", str(tmp_path))
    page = _open(window, qtbot).log_page
    page.copy.click()
    report = QGuiApplication.clipboard().text()
    assert "Helios 9.9" in report
    assert "30 indexed" in report
    assert not [word for word in ("/photos", "/data", "Italy", "secret") if word in report]
    page.with_log.setChecked(True)
    assert "secret.jpg" in page.report.toPlainText()


def _open(window, qtbot):
    with qtbot.waitSignal(window.preferring.opened) as opened:
        window.settings_action.trigger()
    return opened.args[0]


@pytest.fixture
def quick(window, opener, qtbot):
    companions = Companions(window, window._bridge, opener)
    companions.call_quick()
    qtbot.waitUntil(lambda: companions.quick.model.rowCount() == SHOWN)
    yield companions.quick
    companions.close()


def test_the_quick_search_types_chooses_opens_and_goes(quick, opener, qtbot):
    quick.box.edit.setText("boat")
    qtbot.waitUntil(lambda: quick.model.rowCount() == 3)
    qtbot.keyClick(quick.box.edit, Qt.Key.Key_Return)
    quick.grid.setCurrentIndex(quick.model.index(1))
    quick.grid.open_requested.emit(quick.model.index(1))
    assert opener.opened == [quick.model.photo_at(1).path]
    assert not quick.isVisible()


def test_the_quick_search_copies_and_esc_closes_it(quick, qtbot):
    quick.box.edit.setText("boat")
    qtbot.waitUntil(lambda: quick.model.rowCount() == 3)
    quick.copy_current()
    clipboard = QGuiApplication.clipboard()
    qtbot.waitUntil(lambda: clipboard.mimeData().hasImage())
    assert not clipboard.image().isNull()
    assert [url.toLocalFile() for url in clipboard.mimeData().urls()] == [quick.model.photo_at(0).path.decode()]
    qtbot.keyClick(quick.box.edit, Qt.Key.Key_Escape)
    assert not quick.isVisible()


def test_the_quick_search_hands_its_words_to_the_window(quick, window, qtbot):
    quick.box.edit.setText("boat")
    qtbot.waitUntil(lambda: quick.model.rowCount() == 3)
    quick._on_whole_window()
    qtbot.waitUntil(lambda: window.search_bar.words() == "boat")


@pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface", extend=True)  # there is no tray without a screen
def test_a_tray_offers_the_window_the_quick_search_pause_and_quit(window, opener, monkeypatch):
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    companions = Companions(window, window._bridge, opener)
    companions.show_in_tray()
    menu = companions.tray.contextMenu()
    texts = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert texts[:2] == ["Open", "Quick search"]
    assert texts[-2:] == ["Pause indexing", "Quit"]
    window.hide()
    menu.actions()[0].trigger()
    assert window.isVisible()
    companions.close()
    assert not companions.tray.isVisible()


def test_without_a_tray_nothing_hides_in_one(window, opener, monkeypatch):
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: False)
    companions = Companions(window, window._bridge, opener)
    companions.show_in_tray()
    assert companions.tray is None


def test_everything_in_the_dialogs_has_a_name_for_screen_readers_and_is_reached_by_the_keyboard(dialog, window, qtbot):
    window.import_action.trigger()
    [importing] = window.findChildren(ImportDialog)
    page = OnboardingPage(pictures=("/photos",), samples="/samples")
    qtbot.addWidget(page)
    page.show_choices(window._bridge.library.model_store.choices())
    parts = QAbstractButton | QLineEdit | QComboBox | QSpinBox | QPlainTextEdit
    for surface in (dialog, importing, page):
        found = [widget for widget in surface.findChildren(QWidget) if isinstance(widget, parts)]
        own = [widget for widget in found if not isinstance(widget.parent(), QSpinBox | QComboBox)]
        own = [widget for widget in own if "qt_" not in widget.objectName()]
        assert len(own) >= 5
        for widget in own:
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            assert widget.accessibleName() or text, widget
            assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus, widget
    importing.close()
