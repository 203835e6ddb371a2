"""Run by test_surface_pictures.py: ``grab_surfaces.py FOLDER light|dark SCALE`` paints the first page, models and settings."""

# ruff: noqa: E402 - the path is set before our own modules are imported

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from fake_library import IDLE, FakeLibrary
from fake_models import CLIP, known
from grab_moments import Album, close, open_window, real_looking_library, settle, wait
from PySide6.QtWidgets import QApplication

from helios_desktop.errors import ModelError
from helios_desktop.ui.main_window import MainWindow
from helios_desktop.ui.settings.dialog import SettingsDialog
from helios_desktop.ui.theme.palette import apply_theme
from helios_desktop.ui.unsplash.import_dialog import ImportDialog


def main(folder: Path, theme: str, scale: str) -> int:
    app = QApplication([])
    apply_theme(app, theme)
    album = Album(folder, theme, scale)
    first_page(album)
    library = real_looking_library()
    window = open_window(library)
    library.tell()
    wait(lambda: window.grid_model.rowCount() == 48 and window.feed.snapshot is not None)
    settle(window)
    models(window, library, album)
    settings(window, library, album)
    unsplash(window, library, album)
    close(window)
    return 0


def first_page(album: Album) -> None:
    empty = open_window(FakeLibrary())
    page = empty.content.onboarding
    wait(lambda: empty.content.pages.currentWidget() is page and len(page.models.buttons) == 3)
    page.begin_button.setFocus()
    album.keep("first-page", empty)
    close(empty)


def models(window: MainWindow, library: FakeLibrary, album: Album) -> None:
    store = library.model_store
    library.tell(replace(IDLE, phase="indexing", done=12_300, total=84_000, per_second=31.2, eta_seconds=2300.0))
    window.models.fetch(CLIP)
    store.step(2)
    wait(lambda: window.models.download.state.done_bytes == 200_000_000)
    album.keep("downloading", window)
    store.error = ModelError(
        "huggingface.co cannot be reached (Name or service not known).",
        "Check the network connection and try again. Without a network, bring the model as a file: helios models install FILE",
    )
    store.step()
    wait(lambda: window.models.download.state.phase == "failed")
    store.known[CLIP] = known(CLIP, "ViT-B/32 (LAION-2B)")
    store.wanted, store.covered, store.total = CLIP, 12_310, 84_000
    window.feed.refresh()
    wait(window.model_bar.switching.isVisible)
    album.keep("getting-ready", window)


def settings(window: MainWindow, library: FakeLibrary, album: Album) -> None:
    opened: list[SettingsDialog] = []
    window.preferring.opened.connect(opened.append)
    window.settings_action.trigger()
    wait(lambda: bool(opened))
    dialog = opened[0]
    for name in ("appearance", "folders", "model", "indexing", "storage", "privacy", "log", "about"):
        dialog.show_page(getattr(dialog, f"{name}_page"))
        album.keep(f"settings-{name}", dialog)
    page = dialog.engine_page
    dialog.show_page(page)
    page.kind.setCurrentIndex(1)
    page.urls.setText(library.search_engine.url)
    page.user.setText("ada")
    page.test.click()
    wait(lambda: "answers" in page.answer.text())
    album.keep("settings-engine", dialog)
    dialog.close()


def unsplash(window: MainWindow, library: FakeLibrary, album: Album) -> None:
    pictures = list(library.jpegs.values())
    library.libraries.picture = lambda url: pictures[len(pictures) - 1 - int(url.split("-")[1].split("/")[0])]
    window.models.download.stop()
    library.model_store.wanted = "starter-1"
    window.unsplashing.show()
    view = window.unsplashing.view
    assert view is not None
    wait(lambda: view.message.sentence.text() == "Nothing was imported yet.")
    album.keep("unsplash-empty", window)
    window.import_action.trigger()
    [dialog] = window.findChildren(ImportDialog)
    dialog.ids.setText("/home/ada/Downloads/photo_ids.csv")
    dialog.features.setText("/home/ada/Downloads/features.npy")
    dialog.start.click()
    library.libraries.step(3)
    wait(lambda: dialog.answer.text() == "Importing   20 of 40")
    album.keep("unsplash-importing", dialog)
    library.libraries.step(2)
    wait(lambda: "are new" in dialog.answer.text())
    album.keep("unsplash-imported", dialog)
    dialog.close()
    view.box.edit.setText("a red boat")
    wait(lambda: view.model.rowCount() == 20)
    view.grid.setFocus()
    settle(window)
    album.keep("unsplash-search", window)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
