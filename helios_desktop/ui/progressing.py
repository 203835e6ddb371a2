"""News of indexing in, the status bar and the list of problems out; pausing by hand."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from helios_desktop.domain import Problem, Progress
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.desktop_files import FileOpener
from helios_desktop.ui.plain_text import number
from helios_desktop.ui.status.bar import StatusBar
from helios_desktop.ui.status.holding import Holding
from helios_desktop.ui.status.problems_csv import write_csv
from helios_desktop.ui.status.problems_dialog import ProblemsDialog
from helios_desktop.ui.theme.icons import ThemeIcons


class Progressing(QObject):
    """Keeps the status bar and the pause action as indexing is."""

    def __init__(
        self, owner: QWidget, bridge: Bridge, status: StatusBar, pause: QAction, opener: FileOpener, icons: ThemeIcons
    ) -> None:
        super().__init__(owner)
        self._owner, self._bridge, self._status = owner, bridge, status
        self._pause, self._opener, self._icons = pause, opener, icons
        self.holding = Holding(bridge, self)
        self.holding.changed.connect(status.show_hold)
        bridge.progressed.connect(self._on_progressed)
        pause.triggered.connect(self._on_pause)
        status.problems_requested.connect(self.show_problems)

    def show_problems(self) -> None:
        """List the files that need attention."""
        library = self._bridge.library
        self._bridge.ask("library", library.problems, self._on_problems)

    def _on_problems(self, problems: list[Problem]) -> None:
        dialog = ProblemsDialog(self._opener.show_in_folder, self._owner)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show_problems(problems)
        dialog.retry_wanted.connect(lambda ids: self._retry(dialog, ids))
        dialog.export_wanted.connect(lambda file: self._export(dialog, problems, file))
        dialog.open()

    def _retry(self, dialog: ProblemsDialog, photo_ids: list[int]) -> None:
        library = self._bridge.library

        def done(left: list[Problem]) -> None:
            if isValid(dialog):
                dialog.show_problems(left)
                dialog.say(self.tr("Files to be read once more: {n}").format(n=number(len(photo_ids))))

        def work() -> list[Problem]:
            library.try_again(photo_ids)
            return library.problems()

        self._bridge.ask("library", work, done)

    def _export(self, dialog: ProblemsDialog, problems: list[Problem], file: Path) -> None:
        def say(sentence: str) -> None:
            if isValid(dialog):
                dialog.say(sentence)

        written = self.tr("{n} lines were written to {file}.")
        self._bridge.ask(
            "library",
            lambda: write_csv(problems, file),
            lambda count: say(written.format(n=number(count), file=file)),
            lambda error: say(str(error)),
        )

    def _on_progressed(self, progress: Progress) -> None:
        self._status.show_progress(progress)
        is_paused = progress.phase == "paused"
        self._pause.setText(self.tr("Resume indexing") if is_paused else self.tr("Pause indexing"))
        self._icons.give(self._pause, "play" if is_paused else "pause")

    def _on_pause(self) -> None:
        library = self._bridge.library
        self.holding.overrule()
        self._bridge.ask("library", lambda: library.resume() if library.is_paused else library.pause(), lambda _done: None)
