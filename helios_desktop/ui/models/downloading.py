"""The name of a model in, the model installed out: fetched in the background, with pause, resume, stop and another try.

Only a person's wish starts this, and the wish is written down: a window that was closed in the middle goes on at the next
start. What came so far is kept by every kind of stop.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal

from helios_desktop.errors import KnownError, ModelError
from helios_desktop.pipeline.status import ModelRow
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.library_port import ModelStorePort

if TYPE_CHECKING:  # tokenizers and the hub's parts are loaded when something is to be fetched, not when the window starts
    from helios_desktop.embed.downloads import DownloadControl, DownloadProgress

Phase = Literal["none", "asking", "running", "paused", "preparing", "failed"]
UNSPLASH_MODEL = "ViT-B-32__openai"
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadState:
    """How far a model is on its way here. ``total_bytes`` is 0 and ``eta_seconds`` None until they are known.

    ``preparing``: all of it came, and its quick form is being made.
    """

    phase: Phase = "none"
    name: str = ""
    title: str = ""
    done_bytes: int = 0
    total_bytes: int = 0
    bytes_per_second: float = 0.0
    eta_seconds: float | None = None
    error: KnownError | None = None

    @property
    def is_busy(self) -> bool:
        """Whether something is under way that another download would have to wait for."""
        return self.phase in ("asking", "running", "paused", "preparing")


class ModelDownload(QObject):
    """One model at a time. All calls in the GUI thread."""

    changed = Signal(object)  # DownloadState
    finished = Signal(object)  # ModelRow, installed and chosen
    _heard = Signal(int, object)  # number of the download, DownloadProgress or None when it is prepared

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._control: DownloadControl | None = None
        self._number = 0
        self.state = DownloadState()
        self._heard.connect(self._on_heard)

    def start(self, name: str, title: str = "") -> None:
        """Fetch a model; does nothing while another one is on its way."""
        if self.state.is_busy:
            return
        from helios_desktop.embed.downloads import DownloadControl

        self._number += 1
        number, control = self._number, DownloadControl()
        self._control = control
        self._show(DownloadState(phase="asking", name=name, title=title or name))
        store = self._bridge.library.model_store

        def hear(progress: DownloadProgress | None) -> None:
            control.check()  # after the window went there is nobody to tell
            self._heard.emit(number, progress)

        self._wish(name)
        self._bridge.ask(
            "download",
            lambda: fetch(store, name, control, hear),
            lambda row: self._on_done(number, row),
            lambda error: self._on_failed(number, error),
        )

    def pause(self) -> None:
        """Let go of the connection, and wait."""
        if self._control is not None and self.state.phase in ("asking", "running"):
            self._control.pause()
            self._show(replace(self.state, phase="paused", bytes_per_second=0.0, eta_seconds=None))

    def resume(self) -> None:
        """Go on."""
        if self._control is not None and self.state.phase == "paused":
            self._control.resume()
            self._show(replace(self.state, phase="running"))

    def retry(self) -> None:
        """Try again what failed; it goes on from where it stopped."""
        if self.state.phase == "failed":
            self.start(self.state.name, self.state.title)

    def stop(self) -> None:
        """Give it up. What came is kept, for a change of mind."""
        self.end()
        self._wish("")
        self._show(DownloadState())

    def end(self) -> None:
        """The window goes: the next start goes on."""
        self._number += 1
        if self._control is not None:
            self._control.cancel()

    def _wish(self, name: str) -> None:
        preferences = self._bridge.library.preferences
        self._bridge.ask("library", lambda: preferences.change({"wanted_download": name}), lambda _settings: None)

    def _on_heard(self, number: int, progress: DownloadProgress | None) -> None:
        if number != self._number:
            return
        if progress is None:
            self._show(replace(self.state, phase="preparing", bytes_per_second=0.0, eta_seconds=None))
            return
        self._show(
            replace(
                self.state,
                phase="paused" if self._control is not None and self._control.is_paused else "running",
                done_bytes=progress.done_bytes,
                total_bytes=progress.total_bytes,
                bytes_per_second=progress.bytes_per_second,
                eta_seconds=progress.eta_seconds,
            )
        )

    def _on_done(self, number: int, row: ModelRow) -> None:
        if number == self._number:
            self._wish("")
            self._show(DownloadState())
        self.finished.emit(row)

    def _on_failed(self, number: int, error: KnownError) -> None:
        if number == self._number:  # after a stop it is another one: nobody needs to hear that it was stopped
            self._show(replace(self.state, phase="failed", error=error, bytes_per_second=0.0, eta_seconds=None))

    def _show(self, state: DownloadState) -> None:
        self.state = state
        self.changed.emit(state)


def fetch(
    store: ModelStorePort, name: str, control: DownloadControl, hear: Callable[[DownloadProgress | None], None]
) -> ModelRow:
    """Bring a model, make it quick, and choose it; blocks. Raises ``DownloadCancelledError`` and ``ModelError``.

    The model of the Unsplash data set is not chosen: it is fetched to search that.
    """
    row = store.download(name, listener=hear, control=control)
    hear(None)
    if not row.is_small:
        try:
            store.make_small(row.name)
        except ModelError as error:  # in its full size it answers as well, only more slowly
            _logger.warning("%s stays as it came: %s", row.name, error)
    control.check()
    return row if row.model_id == UNSPLASH_MODEL else store.use(row.name)
