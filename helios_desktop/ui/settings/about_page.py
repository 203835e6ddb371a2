"""Versions and licences; the log, and a report that can be copied out and names no file unless the person wants it to."""

from __future__ import annotations

import platform
from collections import deque
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import PySide6
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QPlainTextEdit, QWidget

from helios_desktop.ui.cards import card, facts_form, push_button, text_label
from helios_desktop.ui.plain_text import one_line
from helios_desktop.ui.settings.facts import SettingsFacts
from helios_desktop.ui.settings.page import SettingsPage

LOG_NAME = "helios.log"
LOG_LINES = 200
PARTS = (
    ("Qt for Python", "PySide6_Essentials", "LGPL-3.0"),
    ("ONNX Runtime", "onnxruntime", "MIT"),
    ("SQLite (apsw)", "apsw", "public domain"),
    ("Pillow", "pillow", "MIT-CMU"),
    ("faiss", "faiss-cpu", "MIT"),
    ("NumPy", "numpy", "BSD-3-Clause"),
    ("watchdog", "watchdog", "Apache-2.0"),
    ("tokenizers", "tokenizers", "Apache-2.0"),
    ("huggingface_hub", "huggingface_hub", "Apache-2.0"),
    ("opensearch-py", "opensearch-py", "Apache-2.0"),
    ("elasticsearch", "elasticsearch", "Apache-2.0"),
)


class AboutPage(SettingsPage):
    """Helios, and what it is made of."""

    def __init__(self, facts: SettingsFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entitle(self.tr("About"))
        self.column.addWidget(text_label(self.inside, f"Helios {facts.status.version}"))
        self.column.addWidget(
            text_label(self.inside, self.tr("Licence: Apache-2.0. Parts by others, each under its own licence:"))
        )
        models = [
            (one_line(model.title), one_line(model.licence) or self.tr("see its publisher"))
            for model in facts.choices.rows
            if model.is_installed
        ]
        parts = [(name, f"{installed(package)}, {licence}") for name, package, licence in PARTS]
        self.column.addLayout(facts_form(self.inside, [*models, ("Python", f"{platform.python_version()}, PSF-2.0"), *parts]))


class LogPage(SettingsPage):
    """The log's folder, and a report for those who ask for help."""

    open_wanted = Signal(str)  # a folder

    def __init__(self, facts: SettingsFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entitle(self.tr("Log and report"))
        self._facts = facts
        log = facts.folders[2]
        self.column.addLayout(facts_form(self.inside, [(self.tr("Log"), one_line(log))]))
        show = push_button(self.inside, self.tr("Show folder"), lambda: self.open_wanted.emit(log))
        self.column.addWidget(show, 0, Qt.AlignmentFlag.AlignLeft)
        frame, column = card(self.inside, self.tr("A report, for those who ask for help"))
        column.addWidget(text_label(frame, self.tr("It is sent to nobody: copy it to where you need it.")))
        self.report = QPlainTextEdit(report(facts), frame)
        self.report.setReadOnly(True)
        self.report.setTabChangesFocus(True)
        self.report.setAccessibleName(self.tr("Report"))
        self.report.setMinimumHeight(9 * self.fontMetrics().height())
        self.with_log = QCheckBox(self.tr("Add the end of the log, which may name files"), frame)
        self.with_log.toggled.connect(self._on_with_log)
        self.copy = push_button(
            frame, self.tr("Copy report"), lambda: QGuiApplication.clipboard().setText(self.report.toPlainText())
        )
        column.addWidget(self.report)
        column.addWidget(self.with_log)
        column.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(frame)

    def _on_with_log(self, is_on: bool) -> None:
        end = "\n\n" + log_end(Path(self._facts.folders[2])) if is_on else ""
        self.report.setPlainText(report(self._facts) + end)


def installed(package: str) -> str:
    """Return the version of a package, a dash where it is not here."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "–"


def report(facts: SettingsFacts) -> str:
    """Return versions, numbers and kinds: nothing that names a file, a folder or an address."""
    status, settings = facts.status, facts.settings
    counts = status.counts
    lines = [
        f"Helios {status.version}, Python {platform.python_version()}, PySide6 {PySide6.__version__}, {platform.platform()}",
        f"Model {status.model_id}, engine {status.engine}, device {settings.device or 'best'}, {len(status.roots)} folders",
        f"Photos: {counts.indexed} indexed, {counts.pending} pending, {counts.skipped} skipped, {counts.absent} absent,"
        f" {counts.problems} problems",
        f"Catalogue {status.catalog_bytes} bytes, thumbnails {status.thumbnails_bytes} bytes",
        ", ".join(f"{name} {installed(package)}" for name, package, _licence in PARTS),
    ]
    return "\n".join(lines)


def log_end(folder: Path) -> str:
    """Return the last lines of the log; credentials were taken out when they were written."""
    try:
        with (folder / LOG_NAME).open(encoding="utf-8", errors="replace") as file:
            return "".join(deque(file, maxlen=LOG_LINES))
    except OSError as error:
        return str(error.strerror)
