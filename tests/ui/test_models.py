"""Models that come from the hub: the first page, the download with pause and another try, taking over and going back."""

from __future__ import annotations

import os

import pytest
from fake_library import FakeLibrary
from fake_models import CLIP, known
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QRadioButton

from helios_desktop.errors import ModelError
from helios_desktop.settings import Settings


@pytest.fixture
def empty(make_window, qtbot, tmp_path):
    """A window over a library without folders, whose first page has found out what can be offered."""
    library = FakeLibrary()
    pictures, samples = tmp_path / "Pictures", tmp_path / "samples"
    pictures.mkdir()
    samples.mkdir()
    window = make_window(library, pictures=(str(pictures),), samples=str(samples))
    window.pictures, window.samples, window.library = pictures, samples, library
    page = window.content.onboarding
    qtbot.waitUntil(lambda: page.isVisible() and len(page.models.buttons) == 3)
    yield window
    library.close()


def test_the_first_page_offers_pictures_samples_and_the_recommended_model(empty):
    page = empty.content.onboarding
    assert list(page.folders.boxes) == [os.fsencode(empty.pictures), os.fsencode(empty.samples)]
    assert page.folders.chosen() == (os.fsencode(empty.pictures),)
    texts = [button.text() for button in page.findChildren(QRadioButton)]
    assert [text for text in texts if "recommended" in text] == ["SigLIP 2 ViT-B/16, recommended for this computer"]
    assert page.models.chosen() == "", "nothing is fetched unless somebody asks for it"
    assert page.begin_button.isEnabled()
    page.folders.boxes[os.fsencode(empty.pictures)].click()
    assert not page.begin_button.isEnabled()


def test_another_folder_is_shown_ticked_and_start_follows_all(empty, qtbot, tmp_path):
    more = tmp_path / "Scans & prints"
    more.mkdir()
    empty.beginnings.ask = lambda _parent, _title: str(more)
    page = empty.content.onboarding
    page.folders.choose_button.click()
    assert page.folders.chosen() == (os.fsencode(empty.pictures), os.fsencode(more))
    assert page.folders.boxes[os.fsencode(more)].accessibleName() == "Scans & prints"
    qtbot.keyClick(page.begin_button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: [root.path for root in empty.library.roots()] == list(page.folders.chosen()))
    assert empty.library.preferences.settings.wanted_download == ""
    assert not empty.model_bar.isVisible()


def test_a_model_chosen_on_the_first_page_is_fetched_beside_indexing(empty, qtbot):
    page, store = empty.content.onboarding, empty.library.model_store
    page.models.buttons[CLIP].click()
    page.begin_button.click()
    qtbot.waitUntil(lambda: empty.models.download.state.phase == "asking" and empty.search_bar.isVisible())
    store.step(2)
    qtbot.waitUntil(lambda: empty.models.download.state.done_bytes == 200_000_000)
    assert empty.model_bar.download.sentence.text().split("   ") == [
        "Downloading ViT-B/32 (LAION-2B)",
        "200.0 MB of 600.0 MB",
        "4.2 MB/s",
        "~2 min left",
    ]
    qtbot.waitUntil(lambda: empty.library.preferences.settings.wanted_download == CLIP)
    store.step(4)
    qtbot.waitUntil(lambda: store.used == [(CLIP, False)] and empty.models.download.state.phase == "none")
    assert store.made_small == [CLIP]
    qtbot.waitUntil(lambda: empty.library.preferences.settings.wanted_download == "")


def test_a_download_pauses_goes_on_and_stops_with_what_came(window, library, qtbot):
    window.models.fetch(CLIP)
    library.model_store.step()
    bar = window.model_bar
    qtbot.waitUntil(lambda: window.models.download.state.phase == "running")
    qtbot.mouseClick(bar.pause_button, Qt.MouseButton.LeftButton)
    assert library.model_store.control.is_paused
    assert bar.resume_button.isVisible()
    assert not bar.pause_button.isVisible()
    assert "paused" in bar.download.sentence.text()
    qtbot.keyClick(bar.resume_button, Qt.Key.Key_Space)
    assert not library.model_store.control.is_paused
    bar.stop_button.click()
    assert not bar.isVisible()
    qtbot.waitUntil(lambda: library.preferences.settings.wanted_download == "")
    qtbot.waitUntil(lambda: not window._bridge._waiting)
    assert library.model_store.used == []
    assert library.model_store.done_bytes == 1


def test_without_a_network_there_is_a_sentence_and_one_button_that_tries_again(window, library, qtbot):
    store = library.model_store
    store.error = ModelError("hub.example cannot be reached (no network).", "Check the network connection and try again.")
    store.step()
    window.models.fetch(CLIP)
    bar = window.model_bar
    qtbot.waitUntil(lambda: window.models.download.state.phase == "failed")
    assert bar.download.sentence.text() == f"ViT-B/32 (LAION-2B): {store.error}"
    assert bar.retry_button.isVisible()
    assert not bar.download.progress.isVisible()
    store.error = None
    store.step(6)
    bar.retry_button.click()
    qtbot.waitUntil(lambda: store.used == [(CLIP, False)])


def test_a_download_that_closing_cut_short_goes_on_at_the_next_start(window, library, qtbot):
    window.models.begin(Settings(wanted_download=CLIP))
    library.model_store.step(6)
    qtbot.waitUntil(lambda: library.model_store.used == [(CLIP, False)])


def test_only_one_model_comes_at_a_time(window, library, qtbot):
    window.models.fetch(CLIP)
    window.models.fetch("ViT-B-16-SigLIP__webli")
    assert window.models.download.state.name == CLIP


def test_the_window_says_which_model_answers_until_the_other_is_ready(window, library, qtbot):
    store, bar = library.model_store, window.model_bar
    store.known[CLIP] = known(CLIP, "ViT-B/32 (LAION-2B)")
    store.wanted, store.covered = CLIP, 12
    window.feed.refresh()
    qtbot.waitUntil(bar.switching.isVisible)
    assert bar.switching.sentence.text() == (
        "ViT-B/32 (LAION-2B) has seen 12 of 30 photos; until it is ready, the answers come from: starter model"
    )
    bar.use_now_button.click()
    qtbot.waitUntil(lambda: store.used == [(CLIP, True)])
    qtbot.waitUntil(lambda: not bar.switching.isVisible())
    qtbot.waitUntil(window.content.notice.isVisible)
    assert window.content.notice.sentence.text() == "ViT-B/32 (LAION-2B) answers your questions from now on."
    window.content.notice.button.click()
    qtbot.waitUntil(lambda: store.answering == "starter-1")


def test_a_model_that_gets_ready_can_be_given_up(window, library, qtbot):
    store = library.model_store
    store.known[CLIP] = known(CLIP, "ViT-B/32 (LAION-2B)")
    store.wanted = CLIP
    window.feed.refresh()
    qtbot.waitUntil(window.model_bar.switching.isVisible)
    window.model_bar.go_back_button.click()
    qtbot.waitUntil(lambda: store.used == [("starter-1", False)])
    qtbot.waitUntil(lambda: not window.model_bar.isVisible())


def test_closing_in_the_middle_of_a_download_keeps_the_wish(window, library, qtbot):
    window.models.fetch(CLIP)
    library.model_store.step()
    qtbot.waitUntil(lambda: window.models.download.state.phase == "running")
    qtbot.waitUntil(lambda: library.preferences.settings.wanted_download == CLIP)
    window.close()
    assert window.stop()
    assert library.preferences.settings.wanted_download == CLIP
