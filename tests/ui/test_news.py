"""A drive that goes, a model that is missing, an engine that is away: one sentence, one button, said once."""

from __future__ import annotations

from dataclasses import replace


def test_a_drive_that_went_is_said_once(window, library, qtbot):
    notice = window.content.notice
    library.unplug(1)
    window.feed.refresh()
    qtbot.waitUntil(notice.isVisible)
    assert notice.sentence.text().startswith("The drive of “Italy” is not connected.")
    notice.button.click()
    assert not notice.isVisible()
    qtbot.waitUntil(lambda: not window._bridge._waiting)
    library.touch()
    window.feed.refresh()
    qtbot.waitUntil(lambda: not window._bridge._waiting)
    assert not notice.isVisible()


def test_a_model_that_is_missing_leads_to_the_models(window, library, qtbot, monkeypatch):
    store = library.model_store
    before = store.now
    monkeypatch.setattr(
        store, "now", lambda: replace(before(), notice="The model X is not here. The starter model answers instead.")
    )
    window.feed.refresh()
    notice = window.content.notice
    qtbot.waitUntil(notice.isVisible)
    assert notice.sentence.text() == "The model X is not here. The starter model answers instead."
    with qtbot.waitSignal(window.preferring.opened) as opened:
        notice.button.click()
    opened.args[0].close()


def test_an_engine_that_is_away_is_said_and_tried_again(window, library, qtbot):
    library.engine, library.search_engine.pause = "opensearch", "Sending to the search engine is paused. It does not answer."
    window.feed.refresh()
    notice = window.content.notice
    qtbot.waitUntil(notice.isVisible)
    assert notice.sentence.text() == library.search_engine.pause
    notice.button.click()
    qtbot.waitUntil(lambda: library.search_engine.tries == 1)
