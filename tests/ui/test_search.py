"""Typing, debounce, stale answers, failures: what stands in the grid is always the answer to what stands in the box."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from helios_desktop.domain import PhotoTerm, TextTerm
from helios_desktop.errors import IndexUnavailableError
from helios_desktop.ui.search.session import DEBOUNCE_MS, SPINNER_AFTER_MS, Answer, Question
from helios_desktop.ui.search.wording import answer_sentence


def shown_names(window):
    model = window.grid_model
    return [model.data(model.index(row)) for row in range(model.rowCount())]


def test_an_empty_box_shows_all_photos_newest_first(window):
    assert window.grid_model.ids.tolist() == list(range(30, 0, -1))
    assert window.search_bar.summary.text() == "30 photos"


def test_typing_asks_once_after_the_last_key(window, library, qtbot):
    edit = window.search_bar.box.edit
    with qtbot.waitSignal(window.session.answered):
        qtbot.keyClicks(edit, "boat")
        assert not library.asked, "a key alone asks nothing"
    assert [query.terms for query in library.asked] == [(TextTerm(text="boat"),)]
    assert shown_names(window) == ["boat-00026.jpg", "boat-00016.jpg", "boat-00006.jpg"]


def test_the_debounce_is_what_the_design_says():
    assert (DEBOUNCE_MS, SPINNER_AFTER_MS) == (150, 300)


def test_enter_asks_without_waiting_for_the_debounce(window, library, qtbot):
    window.session._debounce.setInterval(60_000)
    qtbot.keyClicks(window.search_bar.box.edit, "dog")
    with qtbot.waitSignal(window.session.answered):
        qtbot.keyClick(window.search_bar.box.edit, Qt.Key.Key_Return)
    assert len(library.asked) == 1


def test_the_latest_answer_wins_and_stale_ones_reach_nobody(window, library, qtbot):
    answers = []
    window.session.answered.connect(lambda answer: answers.append(answer.question.words))
    library.hold()
    window.search_bar.box.edit.setText("cat")
    qtbot.waitUntil(lambda: len(library.asked) == 1)
    window.search_bar.box.edit.setText("dog")
    qtbot.waitUntil(lambda: len(library.asked) == 2)
    library.release()
    qtbot.waitUntil(lambda: "dog" in answers)
    assert answers == ["dog"]
    assert all(name.startswith("dog") for name in shown_names(window))


def test_the_old_grid_stays_until_the_new_answer_is_there(window, library, qtbot):
    library.hold()
    window.search_bar.box.edit.setText("cat")
    qtbot.waitUntil(lambda: len(library.asked) == 1)
    assert window.grid_model.rowCount() == 30
    assert window.content.pages.currentWidget() is window.grid
    library.release()
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 3)


def test_the_spinner_comes_only_when_an_answer_takes_long(window, library, qtbot):
    spinner = window.search_bar.box.spinner
    seen = []
    window.session.busy_changed.connect(seen.append)
    window.search_bar.box.edit.setText("cat")
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 3)
    assert seen == [False], "a quick answer shows no spinner"
    library.hold()
    window.search_bar.box.edit.setText("dog")
    qtbot.waitUntil(spinner.isVisible)
    library.release()
    qtbot.waitUntil(lambda: not spinner.isVisible())


def test_photos_that_come_while_an_answer_is_due_are_asked_for_after_it(window, library, qtbot):
    library.hold()
    window.search_bar.box.edit.setText("cat")
    qtbot.waitUntil(lambda: len(library.asked) == 1)
    window.session.refresh()
    window.session.refresh()
    assert len(library.asked) == 1
    library.release()
    qtbot.waitUntil(lambda: len(library.asked) == 2)


def test_escape_clears_and_shows_everything(window, qtbot):
    edit = window.search_bar.box.edit
    qtbot.keyClicks(edit, "boat")
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 3)
    assert window.search_bar.box.cross.isVisible()
    qtbot.keyClick(edit, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 30)
    assert edit.text() == ""
    assert not window.search_bar.box.cross.isVisible()


def test_find_similar_asks_for_the_photo_and_shows_a_chip_that_can_be_removed(window, library, qtbot):
    photo = window.grid_model.photo_at(4)
    qtbot.waitUntil(lambda: window.grid_model.photo_at(4) is not None)
    photo = window.grid_model.photo_at(4)
    window.find_similar(photo)
    qtbot.waitUntil(lambda: bool(library.asked))
    assert library.asked[-1].terms == (PhotoTerm(photo_id=photo.photo_id),)
    qtbot.waitUntil(lambda: int(window.grid_model.ids[0]) == photo.photo_id)
    [chip] = window.search_bar.chips.chips
    assert chip.isVisible()
    assert photo.display.rsplit("/", 1)[1] in chip.accessibleName()
    chip.removed.emit()
    qtbot.waitUntil(lambda: window.session.question.is_browsing and int(window.grid_model.ids[0]) == 30)
    assert not window.search_bar.chips.chips


def test_words_and_a_photo_are_asked_together(window, library, qtbot):
    qtbot.waitUntil(lambda: window.grid_model.photo_at(0) is not None)
    window.find_similar(window.grid_model.photo_at(0))
    window.search_bar.box.edit.setText("dog")
    qtbot.waitUntil(lambda: bool(library.asked) and len(library.asked[-1].terms) == 2)
    assert library.asked[-1].terms == (TextTerm(text="dog"), PhotoTerm(photo_id=30))


def test_an_engine_that_fails_is_a_sentence_and_one_button(window, library, qtbot):
    library.error = IndexUnavailableError("The search engine does not answer.", "Start it, then try again.")
    window.search_bar.box.edit.setText("cat")
    message = window.content.message
    qtbot.waitUntil(message.isVisible)
    assert message.sentence.text() == "The search engine does not answer."
    assert message.detail.text() == "Start it, then try again."
    library.error = None
    qtbot.mouseClick(message.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(window.grid.isVisible)
    assert len(shown_names(window)) == 3


def test_no_match_is_a_sentence_and_a_way_back(window, qtbot):
    window.search_bar.box.edit.setText("zeppelin")
    qtbot.waitUntil(window.content.message.isVisible)
    assert "No photo matches" in window.content.message.sentence.text()
    qtbot.mouseClick(window.content.message.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.grid.isVisible() and window.grid_model.rowCount() == 30)
    assert window.search_bar.words() == ""


def test_a_defect_in_the_core_reaches_the_crash_hook_and_the_window_says_so(window, library, qtbot):
    library.error = ZeroDivisionError("a defect")
    with qtbot.captureExceptions() as caught:
        window.search_bar.box.edit.setText("cat")
        qtbot.waitUntil(window.content.message.isVisible)
        qtbot.waitUntil(lambda: bool(caught))
    assert caught[0][0] is ZeroDivisionError


@pytest.mark.parametrize(
    ("shown", "total", "words", "sentence"),
    [
        (1, 1, "", "1 photo"),
        (12_345, 12_345, "", "12,345 photos"),
        (500, 100_000, "cat", "best 500 of 100,000 · 38 ms"),
        (12, 12, "cat", "12 photos, best first · 38 ms"),
        (0, 12, "cat", "38 ms"),
    ],
)
def test_the_summary_says_how_many_and_how_fast(shown, total, words, sentence):
    import numpy as np

    answer = Answer(
        question=Question(words=words), ids=np.arange(shown), total=total, elapsed_seconds=0.038, is_listed=not words
    )
    assert answer_sentence(answer, str) == sentence


def test_the_summary_says_so_far_while_photos_are_still_read():
    import numpy as np

    answer = Answer(question=Question(), ids=np.arange(7), total=7, is_listed=True)
    assert answer_sentence(answer, str, is_growing=True) == "7 photos so far"
    assert answer_sentence(replace(answer, is_listed=False), str, is_growing=True).startswith("7 photos, best")
