"""How far a long command is: a moving bar on a terminal, lines for scripts; elsewhere only what the work waits for, once."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from helios_desktop.cli.output import note, print_json, progress_record
from helios_desktop.domain import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

JSON_INTERVAL_SECONDS = 1.0


class ProgressPrinter:
    """Shows ``Progress`` values as they come. The bar goes to stderr, JSON lines to stdout."""

    def __init__(self, *, as_json: bool, is_quiet: bool = False) -> None:
        self._as_json = as_json
        self._is_quiet = is_quiet
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None
        self._last_line = 0.0
        self._last_phase = ""
        self._last_wait = ""

    def __enter__(self) -> ProgressPrinter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Take the bar away. May be called twice."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def show(self, progress: Progress) -> None:
        """Show one value."""
        is_terminal = sys.stderr.isatty()
        if self._as_json:
            self._show_line(progress)
        elif not self._is_quiet and is_terminal:
            self._show_bar(progress)
        if self._as_json or not is_terminal:
            self._say_why_it_waits(progress)

    def _say_why_it_waits(self, progress: Progress) -> None:
        """A full disk may hold the work for hours: whoever reads the log of a nightly run should find the reason."""
        if progress.phase == "waiting" and progress.message not in {"", self._last_wait}:
            self._last_wait = progress.message
            note(progress.message)

    def _show_line(self, progress: Progress) -> None:
        now = time.monotonic()
        if self._is_quiet or (now - self._last_line < JSON_INTERVAL_SECONDS and progress.phase == self._last_phase):
            return
        self._last_line, self._last_phase = now, progress.phase
        print_json(progress_record(progress))

    def _show_bar(self, progress: Progress) -> None:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task(progress.phase, total=None, rate="")
            self._bar.start()
        if self._task is not None:
            rate = f"{progress.per_second:.0f}/s" if progress.per_second else ""
            self._bar.update(
                self._task,
                description=progress.message or progress.phase,
                completed=progress.done,
                total=progress.total or None,
                rate=rate,
            )
