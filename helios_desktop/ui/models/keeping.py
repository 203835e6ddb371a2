"""A person's wish for a model in, the model that answers out: download, switch and the way back, joined to the window."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from helios_desktop.embed.model_table import offered
from helios_desktop.errors import KnownError
from helios_desktop.pipeline.models_in_use import ModelsNow
from helios_desktop.settings import Settings
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.library.feed import LibraryFeed
from helios_desktop.ui.models.bar import ModelBar
from helios_desktop.ui.models.downloading import ModelDownload
from helios_desktop.ui.models.standing import ModelStanding
from helios_desktop.ui.models.wording import begins_large

if TYPE_CHECKING:
    from helios_desktop.ui.settings.model_page import ModelPage

Say = Callable[[str, str, Callable[[], None]], None]


class ModelKeeping(QObject):
    """Brings models here and lets them answer. ``say`` shows a sentence with one button."""

    answering_changed = Signal()  # another model answers from now on
    choices_changed = Signal(object)  # ModelChoices
    failed = Signal(object)  # KnownError

    def __init__(self, owner: QWidget, bridge: Bridge, feed: LibraryFeed, bar: ModelBar, say: Say) -> None:
        super().__init__(owner)
        self._bridge, self._say = bridge, say
        self.download = ModelDownload(bridge, self)
        self.standing = ModelStanding(bridge, feed, self)
        self.download.finished.connect(lambda _row: self._on_chosen())
        self.standing.took_over.connect(self._on_took_over)
        self.join(bar)

    def join(self, bar: ModelBar) -> None:
        """Keep a bar as things are, and do what it wants."""
        bar.show_download(self.download.state)
        bar.show_models(self.standing.now)
        self.download.changed.connect(bar.show_download)
        self.standing.changed.connect(bar.show_models)
        bar.pause_wanted.connect(self.download.pause)
        bar.resume_wanted.connect(self.download.resume)
        bar.retry_wanted.connect(self.download.retry)
        bar.stop_wanted.connect(self.download.stop)
        bar.use_now_wanted.connect(lambda name: self.use(name, is_now=True))
        bar.go_back_wanted.connect(self.use)

    def attach(self, page: ModelPage) -> None:
        """Keep the models' page of the settings as things are, as long as it is open."""
        self.join(page.bar)
        page.use_wanted.connect(self.use)
        page.fetch_wanted.connect(self.fetch)
        page.show_download(self.download.state)
        self.download.changed.connect(page.show_download)
        self.choices_changed.connect(page.show_choices)

    def begin(self, settings: Settings) -> None:
        """Go on with a download that a person asked for and that was cut short by closing the window."""
        if settings.wanted_download:
            self.fetch(settings.wanted_download)

    def fetch(self, name: str) -> None:
        """Download a model, beside everything else; it is used as soon as it is here and ready."""
        row = offered(name)
        self.download.start(name, row.title if row is not None else name)

    def use(self, name: str, *, is_now: bool = False) -> None:
        """Let an installed model answer, as soon as it is ready or at once."""
        store = self._bridge.library.model_store
        self._bridge.ask("library", lambda: store.use(name, is_now=is_now), lambda _row: self._on_chosen(), self._on_failed)

    def _on_chosen(self) -> None:
        self.standing.look()
        self.answering_changed.emit()
        self._look_at_choices()

    def _look_at_choices(self) -> None:
        store = self._bridge.library.model_store
        self._bridge.ask("library", store.choices, self.choices_changed.emit, self._on_failed)

    def _on_failed(self, error: KnownError) -> None:
        self.failed.emit(error)

    def _on_took_over(self, before: ModelsNow, now: ModelsNow) -> None:
        sentence = self.tr("{title} answers your questions from now on.").format(title=begins_large(now.answering.title))
        self._say(sentence, self.tr("Go back"), lambda: self.use(before.answering.model_id))
        self.answering_changed.emit()
        self._look_at_choices()
