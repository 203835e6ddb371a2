"""Settings that count at once, the quick search, and power that comes and goes."""

from __future__ import annotations

import pytest
import shiboken6
from fake_library import IDLE
from fake_models import CLIP, known
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QPushButton

from helios_desktop.ui.companions import Companions
from helios_desktop.ui.quick.window import SHOWN
from helios_desktop.ui.theme.palette import apply_theme


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
    assert dialog.subjects.count() == dialog.pages.count() == 7
    for number in range(dialog.subjects.count()):
        dialog.show_subject(number)
        assert dialog.pages.currentIndex() == number
        assert dialog.grab().width() > 100


def test_colours_change_at_once_and_are_kept(dialog, library, qtbot, qapp):
    dialog.appearance.setCurrentIndex(dialog.appearance.findData("dark"))
    qtbot.waitUntil(lambda: library.preferences.settings.appearance == "dark")
    qtbot.waitUntil(lambda: qapp.palette().color(QPalette.ColorRole.Window).lightness() < 60)
    apply_theme(qapp, "light")
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(0xF7F6F3)


def test_patterns_are_kept_one_a_line(dialog, library, qtbot):
    dialog.ignore.setPlainText("*.tmp\n\n  Screenshots ")
    [keep] = [button for button in dialog.findChildren(QPushButton) if button.text() == "Keep patterns"]
    keep.click()
    qtbot.waitUntil(lambda: library.preferences.settings.ignore == ("*.tmp", "Screenshots"))


def test_another_model_is_used_with_one_click(window, library, qtbot):
    library.model_store.known[CLIP] = known(CLIP, "ViT-B/32")
    with qtbot.waitSignal(window.preferring.opened) as opened:
        window.settings_action.trigger()
    dialog = opened.args[0]
    assert not dialog.model_buttons["starter-1"].isEnabled()
    dialog.model_buttons[CLIP].click()
    qtbot.waitUntil(lambda: library.model_store.used == [(CLIP, False)])


def test_without_mains_power_indexing_waits_and_goes_on_when_it_is_back(settled, library, qtbot):
    settled.preferring.mind_power(has_mains=False)
    qtbot.waitUntil(lambda: library.is_paused)
    settled.preferring.mind_power(has_mains=True)
    qtbot.waitUntil(lambda: not library.is_paused)


def test_what_a_person_paused_stays_paused(settled, library, qtbot):
    library.is_paused = True
    settled.preferring.mind_power(has_mains=False)
    settled.preferring.mind_power(has_mains=True)
    library.tell(IDLE)
    assert library.is_paused


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
    assert QGuiApplication.clipboard().text() == quick.model.photo_at(0).path.decode()
    qtbot.keyClick(quick.box.edit, Qt.Key.Key_Escape)
    assert not quick.isVisible()


def test_the_quick_search_hands_its_words_to_the_window(quick, window, qtbot):
    quick.box.edit.setText("boat")
    qtbot.waitUntil(lambda: quick.model.rowCount() == 3)
    quick._on_whole_window()
    qtbot.waitUntil(lambda: window.search_bar.words() == "boat")
