"""A way to build the library in, an exit code out: the application, one instance, the window, and the order of closing."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from typing import cast

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMessageLogContext,
    QSettings,
    QSocketNotifier,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication, QMessageBox

from helios_desktop import __version__
from helios_desktop.errors import KnownError
from helios_desktop.paths import AppPaths, resources_dir
from helios_desktop.settings import load_settings
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.crash import CrashHook
from helios_desktop.ui.desktop_files import SystemOpener
from helios_desktop.ui.first_paint import FirstPaint
from helios_desktop.ui.library_port import Library
from helios_desktop.ui.onboarding.page import OnboardingPage, pictures_folders
from helios_desktop.ui.shell import Shell
from helios_desktop.ui.single_instance import SingleInstance
from helios_desktop.ui.theme.icons import draw_icon
from helios_desktop.ui.theme.palette import ACCENT_LIGHT, Appearance, apply_theme, chosen_appearance

LIBRARY_CLOSE_SECONDS = 2.0
SWITCH_SECONDS = 0.001  # Python lets a busy thread keep the others waiting for 5 ms, which is most of a frame
EXIT_OK, EXIT_KNOWN_ERROR = 0, 3

AppFactory = Callable[[], Library]
_logger = logging.getLogger(__name__)
_PLATFORM_NOISE = "This plugin does not support"  # what platforms without a screen say of every window
_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def run(app_factory: AppFactory, argv: Sequence[str]) -> int:
    """Open the window and return its exit code: 0 closed, 3 a known error. Blocks until the window is closed."""
    arguments = _parse(argv)
    paths = AppPaths.from_environment()
    paths.create()
    sys.setswitchinterval(SWITCH_SECONDS)
    handler_before = qInstallMessageHandler(_log_qt)
    app = _application()
    instance = SingleInstance(paths.data)
    try:
        if not instance.is_first():
            return _call_first(instance, arguments)
        return _run_first(app, app_factory, paths, instance, arguments)
    finally:
        instance.close()
        qInstallMessageHandler(handler_before)


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="helios gui", description="Open the window.")
    parser.add_argument("folders", nargs="*", metavar="FOLDER", help="folders to add to the library")
    parser.add_argument("--samples", action="store_true", help="add the sample photos where the library is empty")
    parser.add_argument("--quick", action="store_true", help="show the quick search")
    parser.add_argument("--close-when-ready", action="store_true", help="close as soon as the first answer is shown")
    arguments = parser.parse_args(list(argv))
    arguments.folders = [os.path.abspath(folder) for folder in arguments.folders]
    return arguments


def _application() -> QApplication:
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(["helios-desktop"])
    app.setApplicationName("helios-desktop")
    app.setApplicationDisplayName("Helios")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("helios-desktop")
    app.setWindowIcon(draw_icon("sun", ACCENT_LIGHT, 256))
    apply_theme(app)
    app.styleHints().colorSchemeChanged.connect(lambda _scheme: apply_theme(app, chosen_appearance()))
    return app


def _call_first(instance: SingleInstance, arguments: argparse.Namespace) -> int:
    if instance.call_first(arguments.folders, is_quick=arguments.quick):
        return EXIT_OK
    message = "Helios is already running but does not answer. End it, or wait until it has closed, and start again."
    _logger.info(message)
    sys.stderr.write(message + "\n")
    return EXIT_KNOWN_ERROR


def _run_first(
    app: QApplication, app_factory: AppFactory, paths: AppPaths, instance: SingleInstance, arguments: argparse.Namespace
) -> int:
    try:
        library = app_factory()
    except KnownError as error:
        return _refuse(error)
    settings = load_settings(paths.settings_file).settings
    apply_theme(app, cast("Appearance", settings.appearance))
    samples = _samples()
    hook = CrashHook()
    hook.install()
    memory = QSettings(str(paths.config / "window.ini"), QSettings.Format.IniFormat)
    bridge = Bridge(library)
    shell = Shell(
        app,
        bridge,
        SystemOpener(),
        settings,
        make_onboarding=lambda: OnboardingPage(pictures=pictures_folders(), samples=samples),
        memory=memory,
    )
    if library.notices:
        shell.window.content.notice.say("  ".join(library.notices))
    shell.closed.connect(app.quit)
    instance.called.connect(shell.call)
    instance.quick_called.connect(shell.call_quick)
    instance.listen()
    if arguments.close_when_ready:
        shell.content_shown.connect(lambda: _close_soon(shell))

    def begin_work() -> None:
        _collect_garbage_again()
        bridge.ask("library", lambda: _begin_library(library, arguments, samples), lambda _done: shell.window.feed.refresh())
        bridge.ask("search", library.warm_up, lambda _done: None)

    _begin(shell, begin_work, is_quick=arguments.quick)
    with _CloseOnSignal(shell):
        app.exec()
    has_stopped = bridge.close()
    has_closed = _close_library(library)
    hook.remove()
    memory.sync()
    shell.window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    if not (has_stopped and has_closed):
        _logger.warning("Work was still running after the window closed; it is left behind and resumes at the next start.")
        instance.close()
        logging.shutdown()
        sys.stdout.flush()
        os._exit(EXIT_OK)
    return EXIT_OK


def _begin(shell: Shell, work: Callable[[], None], *, is_quick: bool) -> None:
    """Show the window, and begin to work once it is painted: what work imports and loads would make it wait."""
    if is_quick:
        work()
    else:
        FirstPaint(shell.window, shell).passed.connect(work)
    shell.begin(is_quick=is_quick)


def _collect_garbage_again() -> None:
    """End what the start began: the collector works, and never looks again at what a start makes, which stays anyway."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def _begin_library(library: Library, arguments: argparse.Namespace, samples: str | None) -> None:
    """Add what the command line asks for, then let the library work; blocks, so it runs in a lane."""
    folders = list(arguments.folders)
    if arguments.samples and samples is not None and not folders and not library.roots():
        folders.append(samples)
    try:
        for folder in folders:
            library.add_root(os.fsencode(folder))
    finally:
        library.start()


def _samples() -> str | None:
    try:
        folder = resources_dir() / "samples"
    except FileNotFoundError:
        return None
    return str(folder) if folder.is_dir() else None


def _refuse(error: KnownError) -> int:
    """Say why the window cannot open, with the one thing to do."""
    _logger.info("%s", error)
    sys.stderr.write(f"{error}\n")
    if QApplication.platformName() != "offscreen":
        box = QMessageBox(QMessageBox.Icon.Critical, "Helios", error.message, QMessageBox.StandardButton.Close)
        box.setInformativeText(error.remedy)
        box.exec()
    return EXIT_KNOWN_ERROR


def _close_library(library: Library) -> bool:
    """Close the library, but wait only so long: the catalogue is sound whenever we leave."""
    thread = threading.Thread(target=library.close, name="close-library", daemon=True)
    thread.start()
    thread.join(LIBRARY_CLOSE_SECONDS)
    return not thread.is_alive()


def _log_qt(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    is_noise = message.startswith(_PLATFORM_NOISE)
    level = logging.DEBUG if is_noise else _QT_LEVELS.get(kind, logging.WARNING)
    logging.getLogger("helios_desktop.qt").log(level, "%s: %s", context.category, message)


def _close_soon(shell: Shell) -> None:
    """Close after what waits to be painted was painted: Qt complains when it finds the window gone."""
    QTimer.singleShot(0, shell, shell.close)


class _CloseOnSignal:
    """Closes the window on Ctrl-C and on a polite end: Python's handlers run only when something wakes the event loop."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._is_main = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> None:
        if not self._is_main:
            return
        self._read, self._write = socket.socketpair()
        self._write.setblocking(False)
        self._read.setblocking(False)
        self._wakeup_before = signal.set_wakeup_fd(self._write.fileno())
        self._before = {
            kind: signal.signal(kind, lambda *_: _close_soon(self._shell)) for kind in (signal.SIGINT, signal.SIGTERM)
        }
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(lambda: self._read.recv(64))

    def __exit__(self, *_details: object) -> None:
        if not self._is_main:
            return
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._wakeup_before)
        for kind, handler in self._before.items():
            signal.signal(kind, handler)
        self._read.close()
        self._write.close()
