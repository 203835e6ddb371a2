"""French and German: every sentence of the window is there, with the same blanks to fill in, and the window speaks them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import shiboken6
from fake_library import FakeLibrary

from helios_desktop.pipeline.query import parse
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.onboarding.page import OnboardingPage
from helios_desktop.ui.settings.dialog import SettingsDialog
from helios_desktop.ui.shell import Shell
from helios_desktop.ui.translation import LANGUAGES, TableTranslator, read_table, speak

UI = Path(__file__).parents[2] / "helios_desktop" / "ui"
BLANK = re.compile(r"\{\w+\}")


def said_in_the_window():
    said = set()
    for file in sorted(UI.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name == "tr":
                    said.add(node.args[0].value)
    return said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_the_window_is_translated_and_nothing_else_is(language):
    table, said = read_table(language), said_in_the_window()
    assert len(said) > 150
    assert sorted(said - set(table)) == []
    assert sorted(set(table) - said) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_same_blanks_to_fill_in(language):
    for text, translated in read_table(language).items():
        assert sorted(BLANK.findall(translated)) == sorted(BLANK.findall(text)), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_examples_are_understood_in_their_own_language(language):
    table = read_table(language)
    assert [part.kind for part in parse(table["castle last summer"]).parts] == ["words", "date"]
    assert "folder" in [part.kind for part in parse(table["sunset folder:Italy"]).parts]
    assert {"camera", "format"} <= {part.kind for part in parse(table["flower camera:iphone format:jpeg"]).parts}
    assert "rating" in [part.kind for part in parse(table["mountain rating:4"]).parts]
    assert "weighted" in [part.kind for part in parse(table["2:red car"]).parts]


def test_the_window_speaks_german(make_window, qtbot, qapp):
    translator = speak(qapp, "de")
    try:
        library = FakeLibrary()
        library.fill(3)
        window = make_window(library)
        qtbot.waitUntil(lambda: window.grid_model.rowCount() == 3)
        assert window.search_bar.summary.text() == "3 Fotos"
        assert window.places.index(0).data() == "Alle Fotos"
        assert window.photo_actions.actions["similar"].text() == "Ähnliche suchen"
    finally:
        qapp.removeTranslator(translator)
        _speak_english()


def test_another_language_is_spoken_at_once(library, opener, qtbot, qapp):
    bridge = Bridge(library)
    settings = library.preferences.change({"language": "en"})
    shell = Shell(qapp, bridge, opener, settings, make_onboarding=lambda: OnboardingPage(pictures=(), samples=None))
    try:
        first = shell.window
        with qtbot.waitExposed(first):
            shell.begin(is_quick=False)
        qtbot.waitUntil(lambda: first.grid_model.rowCount() == 30 and first.feed.snapshot is not None)
        with qtbot.waitSignal(first.preferring.opened) as opened:
            first.settings_action.trigger()
        page = opened.args[0].appearance_page
        page.language.setCurrentIndex(page.language.findData("fr"))
        qtbot.waitUntil(lambda: shell.window is not first and not shiboken6.isValid(first))
        qtbot.waitUntil(lambda: shell.window.search_bar.summary.text() == "30 photos")
        assert shell.window.find_action.text() == "Rechercher"
        assert shell.window.isVisible()
        qtbot.waitUntil(lambda: bool(shell.window.findChildren(SettingsDialog)))
        library.tell()
        closed = []
        shell.closed.connect(lambda: closed.append(True))
        shell.close()
        assert closed == [True]
        assert bridge.close()
    finally:
        shell.window.deleteLater()
        qapp.removeTranslator(shell._translator)
        _speak_english()


def _speak_english():
    from PySide6.QtCore import QLocale

    QLocale.setDefault(QLocale.c())


def test_what_is_not_translated_stays_english(qapp):
    assert TableTranslator({}).translate("Any", "Unknown words") == "Unknown words"
    assert read_table("xx") == {}
