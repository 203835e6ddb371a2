"""Errors nobody expected in, one dialog with a report that can be copied out. The report names no file of the user's."""

from __future__ import annotations

import logging
import platform
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import PySide6
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout

from helios_desktop import __version__
from helios_desktop.ui.theme.spacing import LARGE_PX, MEDIUM_PX

_logger = logging.getLogger(__name__)


def crash_report(error: BaseException, *, with_message: bool = False) -> str:
    """Return versions and where it happened. The error's own words may hold file names: only where they are asked for."""
    lines = [
        f"Helios {__version__}, Python {platform.python_version()}, PySide6 {PySide6.__version__}, {platform.platform()}",
        f"{type(error).__name__}" + (f": {error}" if with_message else ""),
    ]
    for frame in traceback.extract_tb(error.__traceback__):
        lines.append(f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}")
    return "\n".join(lines)


class CrashDialog(QDialog):
    """Says that Helios made a mistake, and lets the report be copied."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self._error = error
        self.setWindowTitle(self.tr("Helios made a mistake"))
        sentence = QLabel(
            self.tr("Something unexpected happened. Your photos are safe; you can go on, or start Helios again. "
                    "The report below was sent to nobody."), self)  # fmt: skip
        sentence.setWordWrap(True)
        self.report = QPlainTextEdit(crash_report(error), self)
        self.report.setReadOnly(True)
        self.report.setAccessibleName(self.tr("Report"))
        self.with_message = QCheckBox(self.tr("Add the error's own words, which may name files"), self)
        self.with_message.toggled.connect(lambda on: self.report.setPlainText(crash_report(self._error, with_message=on)))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        copy = buttons.addButton(self.tr("Copy report"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.report.toPlainText()))
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(LARGE_PX, LARGE_PX, LARGE_PX, LARGE_PX)
        column.setSpacing(MEDIUM_PX)
        for part in (sentence, self.report, self.with_message, buttons):
            column.addWidget(part)
        self.resize(640, 380)


class CrashHook(QObject):
    """Hears of every error that nobody caught, in any thread, and shows the first one."""

    _crashed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._dialog: CrashDialog | None = None
        self._is_installed = False
        self._before: Callable[..., object] = sys.excepthook
        self._crashed.connect(self._on_crashed)

    def install(self) -> None:
        """Take the place of Python's own hooks."""
        self._before = sys.excepthook
        sys.excepthook = self._on_error
        threading.excepthook = lambda args: self._on_error(args.exc_type, args.exc_value, args.exc_traceback)
        self._is_installed = True

    def remove(self) -> None:
        """Put Python's own hooks back."""
        if self._is_installed:
            sys.excepthook = self._before
            threading.excepthook = threading.__excepthook__
            self._is_installed = False
        if self._dialog is not None:
            self._dialog.close()

    def _on_error(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        _logger.critical("Not expected", exc_info=(kind, error or kind(), trace))
        if error is not None and not isinstance(error, KeyboardInterrupt):
            self._crashed.emit(error)

    def _on_crashed(self, error: BaseException) -> None:
        if self._dialog is None:
            self._dialog = CrashDialog(error)
            self._dialog.show()
