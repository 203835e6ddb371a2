"""Run by test_pictures.py: ``grab_moments.py FOLDER light|dark SCALE`` opens the window and paints its moments to PNG files."""

# ruff: noqa: E402 - the path is set before our own modules are imported

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent.parent))

from fake_library import IDLE, FakeLibrary, make_photo
from fake_opener import FakeOpener
from PIL import Image, ImageOps
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from helios_desktop.domain import PhotoState, SkipReason
from helios_desktop.errors import IndexUnavailableError
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.main_window import MainWindow
from helios_desktop.ui.onboarding.page import OnboardingPage
from helios_desktop.ui.theme.palette import apply_theme

SAMPLES = HERE.parent.parent / "resources" / "samples"
NAMES = ("Beach at noon", "Castle hill", "Harbour", "Our cat", "Market day", "First snow", "The old mill", "Birthday")


def real_looking_library() -> FakeLibrary:
    """Return a library whose thumbnails are the sample photos and crops of them."""
    import io

    library = FakeLibrary()
    italy, winter = library.follow(b"/home/ada/Pictures/Italy 2024"), library.follow(b"/home/ada/Pictures/Winter")
    number = 0
    for turn in range(4):
        for file in sorted(SAMPLES.glob("*.jpg")):
            with Image.open(file) as opened:
                picture = ImageOps.exif_transpose(opened).convert("RGB")
            if turn % 2:
                picture = ImageOps.mirror(picture)
            if turn > 1:
                picture = picture.crop((picture.width // 6, picture.height // 6, picture.width, picture.height))
            picture.thumbnail((512, 512))
            small = picture.resize((1, 1))
            red, green, blue = small.getpixel((0, 0))
            buffer = io.BytesIO()
            picture.save(buffer, "JPEG", quality=85)
            root = italy if number % 3 else winter
            photo = make_photo(number, root, name=f"{NAMES[number % len(NAMES)]} {number:02d}.jpg")
            library.put(replace(photo, colour=red << 16 | green << 8 | blue), buffer.getvalue())
            number += 1
    return library


def wait(until: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        if time.monotonic() > deadline:
            raise TimeoutError(until)
        QTest.qWait(10)


def settle(window: MainWindow) -> None:
    """Wait until every visible tile has its picture."""

    def is_painted() -> bool:
        window.grid.grab()
        return not window._bridge._waiting

    wait(is_painted)
    QTest.qWait(30)


class Album:
    def __init__(self, folder: Path, theme: str, scale: str) -> None:
        self._folder, self._end = folder, f"{theme}-{scale}x.png"

    def keep(self, moment: str, widget: QWidget) -> None:
        QTest.qWait(30)
        assert widget.grab().save(str(self._folder / f"{moment}-{self._end}"))


def main(folder: Path, theme: str, scale: str) -> int:
    app = QApplication([])
    apply_theme(app, theme)
    album = Album(folder, theme, scale)
    library = real_looking_library()
    window = open_window(library)
    library.tell()
    wait(lambda: window.grid_model.rowCount() == 48 and window.feed.snapshot is not None)
    browse_and_search(window, library, album)
    say_what_is_wrong(window, library, album)
    close(window)
    empty = open_window(FakeLibrary())
    wait(lambda: empty.content.pages.currentWidget() is empty.content.onboarding)
    empty.content.onboarding.begin_button.setFocus()
    album.keep("onboarding", empty)
    close(empty)
    return 0


def open_window(library: FakeLibrary) -> MainWindow:
    onboarding = OnboardingPage(pictures=["/home/ada/Pictures"], samples=str(SAMPLES))
    window = MainWindow(Bridge(library), FakeOpener(), onboarding)
    window.show()
    window.begin()
    return window


def close(window: MainWindow) -> None:
    window.close()
    assert window.stop()


def browse_and_search(window: MainWindow, library: FakeLibrary, album: Album) -> None:
    settle(window)
    album.keep("browsing", window)
    window.grid.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down):
        QTest.keyClick(window.grid, key)
    QTest.keyClick(window.grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    centre = window.grid.visualRect(window.grid_model.index(9)).center()
    QTest.mouseMove(window.grid.viewport(), centre + QPoint(3, 3))
    QTest.qWait(50)
    album.keep("hover", window)
    window.search_bar.box.edit.setText("castle")
    window.search_bar.focus_box()
    wait(lambda: window.grid_model.rowCount() == 6)
    settle(window)
    album.keep("search", window)
    photo = window.grid_model.photo_at(0)
    assert photo is not None
    window.find_similar(photo)
    wait(lambda: window.grid_model.rowCount() == 48)
    settle(window)
    album.keep("similar", window)
    window.show_everything()
    for number in range(3):
        library.add_problem(f"IMG_20{number}1.jpg", list(SkipReason)[2 + number])
    library.tell(replace(IDLE, phase="indexing", done=12_300, total=84_000, per_second=31.2, eta_seconds=2300.0))
    wait(lambda: window.status.problems_button.isVisible() and window.grid_model.rowCount() == 48)
    settle(window)
    album.keep("indexing", window)


def say_what_is_wrong(window: MainWindow, library: FakeLibrary, album: Album) -> None:
    window.progressing.show_problems()
    wait(lambda: isinstance(QApplication.activeModalWidget(), QWidget))
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    album.keep("problems", dialog)
    dialog.close()
    window.search_bar.box.edit.setText("zeppelin")
    wait(lambda: window.content.pages.currentWidget() is window.content.message)
    album.keep("nothing", window)
    library.error = IndexUnavailableError("The search index on this computer could not be opened.", "It can be built again.")
    window.search_bar.box.edit.setText("market")
    wait(lambda: window.content.message.button.text() == "Try again")
    album.keep("failure", window)
    library.error = None
    window.show_everything()
    window.search_bar.clear()
    wait(lambda: window.content.pages.currentWidget() is window.grid)
    window.folders.add([b"/no/such/folder"])
    wait(window.content.notice.isVisible)
    settle(window)
    album.keep("notice", window)
    window.content.notice.hide()
    library.unplug(2)
    library.tell()
    window.feed.refresh()
    wait(lambda: _first_state(window) is PhotoState.ABSENT)
    settle(window)
    album.keep("absent", window)


def _first_state(window: MainWindow) -> PhotoState | None:
    states = [photo.state for photo in map(window.grid_model.photo_at, range(6)) if photo is not None]
    return PhotoState.ABSENT if PhotoState.ABSENT in states else None


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
