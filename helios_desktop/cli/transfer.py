"""How far a download is: a moving bar on a terminal, a line a second for scripts, silence where nobody looks."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from helios_desktop.cli.output import print_json

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from helios_desktop.embed.downloads import DownloadProgress

JSON_INTERVAL_SECONDS = 1.0


class TransferPrinter:
    """Shows ``DownloadProgress`` values as they come. The bar goes to stderr, JSON lines to stdout."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._last_line = 0.0

    def __enter__(self) -> TransferPrinter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Take the bar away. May be called twice."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def show(self, progress: DownloadProgress) -> None:
        """Show one value."""
        if self._as_json:
            self._show_line(progress)
        elif sys.stderr.isatty():
            self._show_bar(progress)

    def _show_line(self, progress: DownloadProgress) -> None:
        now = time.monotonic()
        if now - self._last_line < JSON_INTERVAL_SECONDS and progress.done_bytes < progress.total_bytes:
            return
        self._last_line = now
        print_json(
            {
                "event": "download",
                "file": progress.file,
                "done": progress.done_bytes,
                "total": progress.total_bytes,
                "per_second": round(progress.bytes_per_second),
                "eta_seconds": None if progress.eta_seconds is None else round(progress.eta_seconds, 1),
            }
        )

    def _show_bar(self, progress: DownloadProgress) -> None:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

            columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
            self._bar = Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task("", total=progress.total_bytes)
            self._bar.start()
        if self._task is not None:
            self._bar.update(
                self._task, description=progress.file, completed=progress.done_bytes, total=progress.total_bytes or None
            )
