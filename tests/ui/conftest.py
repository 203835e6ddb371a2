"""The window's tests run without a screen, on a real library in memory; set before anything imports Qt."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest


def _load(name: str) -> ModuleType:
    """Load a module that lies beside this file; tests are no package, and its name must be the same for all of them."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


fake_models = _load("fake_models")
fake_photos = _load("fake_photos")
fake_marks = _load("fake_marks")
fake_unsplash = _load("fake_unsplash")
fake_library = _load("fake_library")
fake_opener = _load("fake_opener")


def pytest_configure(config: pytest.Config) -> None:
    """Qt's platform without a screen says this of every window; no other message is let pass."""
    config.addinivalue_line("qt_log_ignore", "This plugin does not support")


@pytest.fixture(scope="session", autouse=True)
def empty_clipboard_at_the_end(qapp) -> Iterator[None]:
    """Without a screen Qt frees what was copied after Python is gone, and what was copied is a Python object."""
    yield
    qapp.clipboard().clear()


@pytest.fixture
def library() -> Iterator[object]:
    """Thirty photos in one folder."""
    made = fake_library.FakeLibrary()
    made.fill(30)
    yield made
    made.close()


@pytest.fixture
def opener() -> object:
    """An opener that writes down what it was asked."""
    return fake_opener.FakeOpener()


@pytest.fixture
def make_window(qtbot, qapp, opener) -> Iterator[Callable[..., object]]:
    """Return how to open a window over a library; every window is stopped and deleted at the end."""
    from helios_desktop.ui.bridge import Bridge
    from helios_desktop.ui.main_window import MainWindow
    from helios_desktop.ui.onboarding.page import OnboardingPage
    from helios_desktop.ui.theme.palette import apply_theme

    apply_theme(qapp, "light")
    opened = []

    def make(of: object, *, pictures: tuple[str, ...] = (), samples: str | None = None, is_shown: bool = True) -> MainWindow:
        window = MainWindow(Bridge(of), opener, OnboardingPage(pictures=pictures, samples=samples))
        opened.append(window)
        qtbot.addWidget(window)
        if is_shown:
            with qtbot.waitExposed(window):
                window.show()
        window.begin()
        return window

    yield make
    for window in opened:
        window.close()
        assert window.stop(), "a lane did not end"


@pytest.fixture
def window(make_window, library, qtbot):
    """A window whose first answer is shown."""
    made = make_window(library)
    qtbot.waitUntil(lambda: made.grid_model.rowCount() == 30 and made.feed.snapshot is not None and not made._bridge._waiting)
    return made
