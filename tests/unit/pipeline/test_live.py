"""The library follows the disk by itself."""

import os
import shutil
import time

import pytest

from helios_desktop.pipeline.live import LiveLibrary
from helios_desktop.watch.observer import FolderObserver

PATIENCE_SECONDS = 30


@pytest.fixture
def live(library):
    live = LiveLibrary(
        catalog=library.catalog,
        follower=library.follower,
        indexing=library.indexing,
        look_after=lambda: None,
        board=library.board,
        gate=library.gate,
        make_observer=lambda on_hint, on_own_entries: FolderObserver(on_hint, on_own_entries=on_own_entries),
    )
    yield live
    live.stop()


def wait_for(library, names):
    """Wait until exactly these photos, as paths below the folder, are indexed."""
    wanted = {str(library.folder / name) for name in names}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while library.indexed() != wanted:
        assert time.monotonic() < deadline, f"indexed: {library.indexed()}"
        library.token.wait(0.05)


def test_what_is_there_is_indexed_at_the_start(library, live, paint):
    paint(library.folder / "red.jpg", "red")
    library.add()
    live.start()
    wait_for(library, ["red.jpg"])


def test_new_changed_moved_and_deleted_photos_are_followed(library, live, paint):
    paint(library.folder / "red.jpg", "red")
    library.add()
    live.start()
    wait_for(library, ["red.jpg"])
    paint(library.folder / "sub" / "blue.jpg", "blue")
    wait_for(library, ["red.jpg", "sub/blue.jpg"])
    embedded = library.embedder.embedded
    (library.folder / "sub").rename(library.folder / "other")
    wait_for(library, ["red.jpg", "other/blue.jpg"])
    assert library.embedder.embedded == embedded
    shutil.rmtree(library.folder / "other")
    wait_for(library, ["red.jpg"])


def test_a_folder_added_later_is_followed_too(library, live, paint):
    live.start()
    paint(library.folder / "red.jpg", "red")
    library.add()
    live.wake()
    wait_for(library, ["red.jpg"])


def test_a_folder_that_goes_away_and_comes_back_is_followed_again(library, live, paint):
    paint(library.folder / "red.jpg", "red")
    root = library.add()
    live.start()
    wait_for(library, ["red.jpg"])
    away = library.base / "away"
    library.folder.rename(away)
    live.wake()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while library.catalog.roots.get(root.path).is_present:
        assert time.monotonic() < deadline
        library.token.wait(0.05)
    paint(away / "blue.jpg", "blue")
    away.rename(library.folder)
    live.wake()
    wait_for(library, ["red.jpg", "blue.jpg"])
    assert library.embedder.embedded == 2


def test_a_file_written_in_pieces_gets_one_vector(library, live, paint):
    whole = paint(library.base / "whole.jpg", "green", size=(900, 700)).read_bytes()
    library.add()
    live.start()
    with (library.folder / "growing.jpg").open("wb") as file:
        for start in range(0, len(whole), len(whole) // 4 + 1):
            file.write(whole[start : start + len(whole) // 4 + 1])
            file.flush()
            os.fsync(file.fileno())
            library.token.wait(0.4)
    wait_for(library, ["growing.jpg"])
    assert library.embedder.embedded == 1
    assert library.catalog.photos.counts().skipped == 0


def test_stopping_in_the_middle_is_quick_and_starting_again_goes_on(library, live, paint):
    for number in range(30):
        paint(library.folder / f"{number}.jpg", "red", size=(64 + number, 48))
    library.add()
    live.start()
    started = time.monotonic()
    live.stop()
    assert time.monotonic() - started < 3
