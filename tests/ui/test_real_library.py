"""The window over the application as it is: what the library in memory promises, the real one keeps."""

from __future__ import annotations

import os
import time
from functools import partial

import pytest
from hub_downloads import REPOSITORY, export_files, server  # noqa: F401 fixtures
from PIL import ExifTags, Image

from helios_desktop.app import build
from helios_desktop.paths import resources_dir


@pytest.fixture
def app(tmp_path, monkeypatch):
    """A library of two photos, indexed with the model in the box."""
    monkeypatch.setenv("HELIOS_HOME", str(tmp_path / "home"))
    folder = tmp_path / "Pictures"
    folder.mkdir()
    an_hour_ago = time.time() - 3600
    for name, colour in (("red.jpg", (220, 30, 30)), ("green.jpg", (30, 190, 40))):
        Image.new("RGB", (1600, 1200), colour).save(folder / name, quality=90)
        os.utime(folder / name, (an_hour_ago, an_hour_ago))
    with build() as made:
        made.index([os.fsencode(folder)], lambda _progress: None)
        yield made


def test_the_real_library_is_shown_marked_looked_at_and_asked(app, make_window, qtbot):
    window = make_window(app)
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 2 and window.grid_model.photo_at(0) is not None, timeout=20_000)
    photo = window.grid_model.photo_at(0)
    window.marks.toggle_favourite([photo])
    window.marks.add_to_new_album("Best", [photo])
    qtbot.waitUntil(lambda: window.feed.snapshot.favourites == 1 and bool(window.feed.snapshot.albums), timeout=20_000)
    window.viewing.open(window.grid_model.index(0))
    qtbot.waitUntil(lambda: window.viewing.viewer.canvas.longest_px > 512, timeout=20_000)
    assert window.viewing.viewer.canvas.zoom.picture.width() == 1600
    window.viewing.viewer.leave()
    window.searching.ask("red folder:Pictures format:jpeg")
    qtbot.waitUntil(
        lambda: window.session.answered_words is not None and "red" in window.session.answered_words, timeout=30_000
    )
    assert window.search_bar.chips.texts() == ["folder: Pictures", "format: jpeg"]
    window.session.set_place(album_id=window.feed.snapshot.albums[0].album_id)
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 1, timeout=20_000)
    with qtbot.waitSignal(window.preferring.opened, timeout=20_000) as opened:
        window.settings_action.trigger()
    assert opened.args[0].model_page.buttons
    opened.args[0].close()
    qtbot.waitUntil(lambda: not window._bridge._waiting, timeout=20_000)


def test_a_burst_is_one_tile_and_a_place_is_understood_in_the_real_library(app, make_window, qtbot, tmp_path):
    folder = tmp_path / "Pictures" / "Trip"
    folder.mkdir()
    with Image.open(resources_dir() / "samples" / "IMG_0101.jpg") as photo:
        for number in range(3):
            exif = Image.Exif()
            exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = f"2023:05:01 10:00:0{number}"
            exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (39.0, 59.0, 59.0), 3: "E", 4: (116.0, 16.0, 31.0)})
            file = folder / f"DSC_{number}.jpg"
            photo.crop((number, 0, photo.width, photo.height - number)).save(file, exif=exif)
            os.utime(file, (time.time() - 3600,) * 2)
    app.index([os.fsencode(folder.parent)], lambda _progress: None)
    window = make_window(app)
    qtbot.waitUntil(lambda: window.grid_model.rowCount() == 3, timeout=30_000)
    [count] = [tile.count for row in range(3) if (tile := window.grid_model.stack_at(row)) is not None]
    assert count == 3
    window.searching.ask("a pavilion near Beijing")
    qtbot.waitUntil(lambda: window.session.answered_words == "a pavilion near Beijing", timeout=30_000)
    assert window.search_bar.chips.texts() == ["Beijing, 60 km around"]
    assert window.grid_model.rowCount() == 1
    window.details_action.setChecked(True)
    window.grid.setCurrentIndex(window.grid_model.index(0))
    qtbot.waitUntil(lambda: "China" in window.details.facts.texts().get("Place", ""), timeout=20_000)
    qtbot.waitUntil(lambda: not window._bridge._waiting, timeout=20_000)


def test_a_model_comes_from_a_hub_sees_every_photo_and_takes_over(app, make_window, qtbot, server, monkeypatch):  # noqa: F811
    monkeypatch.setattr(app.model_store, "download", partial(app.model_store.download, endpoint=server.url))
    app.start()
    window = make_window(app)
    window.models.fetch(REPOSITORY)
    qtbot.waitUntil(lambda: not window.models.download.state.is_busy, timeout=60_000)
    assert window.models.download.state.error is None
    qtbot.waitUntil(lambda: app.model_id == "colours__toy-one", timeout=60_000)
    qtbot.waitUntil(lambda: window.models.standing.now.answering.model_id == "colours__toy-one", timeout=60_000)
    assert not window.model_bar.isVisible()
    assert app.preferences.now().wanted_download == ""
    qtbot.waitUntil(lambda: not window._bridge._waiting, timeout=20_000)


def test_a_hub_that_is_not_there_is_a_sentence_in_the_window(app, make_window, qtbot, server, monkeypatch):  # noqa: F811
    server.status = (503, {})
    monkeypatch.setattr(app.model_store, "download", partial(app.model_store.download, endpoint=server.url))
    window = make_window(app)
    window.models.fetch(REPOSITORY)
    qtbot.waitUntil(lambda: window.models.download.state.phase == "failed", timeout=60_000)
    assert "a fault of its own (503)" in window.model_bar.download.sentence.text()
    server.status = None
    window.model_bar.retry_button.click()
    qtbot.waitUntil(lambda: window.models.download.state.phase == "none", timeout=60_000)
    qtbot.waitUntil(lambda: not window._bridge._waiting, timeout=20_000)
