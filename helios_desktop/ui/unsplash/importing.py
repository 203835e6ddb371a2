"""Two files in, a checked summary or an import out; it can be stopped, goes on where it stopped, and can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from helios_desktop.domain import Progress
from helios_desktop.errors import KnownError
from helios_desktop.pipeline.jobs import CancelledError, CancelToken
from helios_desktop.ui.bridge import Bridge

UNSPLASH = "unsplash"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportWish:
    """What to import: rows ``start`` to ``end`` of two files that belong together; None for the first, and for the last."""

    ids_file: Path
    features_file: Path
    start: int | None = None
    end: int | None = None


class UnsplashImporting(QObject):
    """One check or import at a time. All calls in the GUI thread."""

    progressed = Signal(object)  # Progress
    checked = Signal(object)  # ImportSummary of what would be done
    imported = Signal(object)  # ImportSummary
    stopped = Signal()
    removed = Signal(int)  # how many photos went
    failed = Signal(object)  # KnownError
    _heard = Signal(int, object)  # number, Progress

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._token = CancelToken()
        self._number = 0
        self.is_busy = False
        self._heard.connect(self._on_heard)

    def check(self, wish: ImportWish) -> None:
        """Look at both files completely, and write nothing."""
        self._begin(wish, is_dry_run=True)

    def start(self, wish: ImportWish) -> None:
        """Import; what is there already is left alone."""
        self._begin(wish, is_dry_run=False)

    def stop(self) -> None:
        """Stop between two transactions; what was imported stays, until it is taken back."""
        self._token.cancel()

    def remove(self) -> None:
        """Take everything back that was ever imported."""
        if self.is_busy:
            return
        self.is_busy = True
        libraries = self._bridge.library.libraries

        def done(library: object) -> None:
            self.is_busy = False
            self.removed.emit(getattr(library, "count", 0))

        self._bridge.ask("import", lambda: libraries.remove(UNSPLASH), done, self._on_failed)

    def _begin(self, wish: ImportWish, *, is_dry_run: bool) -> None:
        if self.is_busy:
            return
        self.is_busy = True
        self._number += 1
        number, token = self._number, CancelToken()
        self._token = token
        libraries = self._bridge.library.libraries

        def work() -> object | None:
            try:
                return libraries.import_unsplash(
                    wish.ids_file,
                    wish.features_file,
                    start=wish.start,
                    end=wish.end,
                    model=None,
                    is_dry_run=is_dry_run,
                    listener=lambda progress: self._heard.emit(number, progress),
                    token=token,
                )
            except CancelledError:
                return None

        def done(summary: object | None) -> None:
            self.is_busy = False
            if summary is None:
                self.stopped.emit()
            elif is_dry_run:
                self.checked.emit(summary)
            else:
                self.imported.emit(summary)

        self._bridge.ask("import", work, done, self._on_failed)

    def _on_heard(self, number: int, progress: Progress) -> None:
        if number == self._number and self.is_busy:
            self.progressed.emit(progress)

    def _on_failed(self, error: KnownError) -> None:
        self.is_busy = False
        self.failed.emit(error)
