"""News of the library in, a sentence with one button out: a drive that went, a missing model, an engine that is away."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from helios_desktop.domain import Root
from helios_desktop.errors import KnownError
from helios_desktop.pipeline.models_in_use import ModelsNow
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.library.feed import LibraryFeed, Snapshot
from helios_desktop.ui.models.standing import ModelStanding
from helios_desktop.ui.plain_text import file_name

Say = Callable[[str, str, Callable[[], None]], None]


class News(QObject):
    """Says each thing once, when it becomes so; what is over may be said again."""

    def __init__(
        self,
        owner: QObject,
        bridge: Bridge,
        feed: LibraryFeed,
        standing: ModelStanding,
        say: Say,
        open_settings: Callable[[], None],
    ) -> None:
        super().__init__(owner)
        self._bridge, self._feed, self._say, self._open_settings = bridge, feed, say, open_settings
        self._absent: frozenset[bytes] = frozenset()
        self._model_notice = self._engine_sentence = ""
        self._asked = 0
        feed.refreshed.connect(self._on_snapshot)
        standing.changed.connect(self._on_models)

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        absent = frozenset(root.path for root in snapshot.roots if not root.is_present)
        gone = [root for root in snapshot.roots if root.path in absent - self._absent]
        self._absent = absent
        if gone:
            sentence = self.tr("The drive of “{name}” is not connected. Its photos stay in the library, and come back with it.")
            self._say(sentence.format(name=file_name(gone[0].display)), self.tr("Look again"), lambda: self._look_again(gone))
        library = self._bridge.library
        if library.engine != "embedded" and not self._bridge.is_waiting(self._asked):
            self._asked = self._bridge.ask(
                "library", library.search_engine.pause_sentence, self._on_engine, self._on_engine_failed
            )

    def _look_again(self, roots: Sequence[Root]) -> None:
        library = self._bridge.library

        def work() -> None:
            for root in roots:
                library.rescan(root.path)

        self._bridge.ask("library", work, lambda _done: self._feed.refresh())

    def _on_models(self, now: ModelsNow) -> None:
        if now.notice and now.notice != self._model_notice:
            self._say(now.notice, self.tr("Choose a model…"), self._open_settings)
        self._model_notice = now.notice

    def _on_engine(self, sentence: str) -> None:
        if sentence and sentence != self._engine_sentence:
            self._say(sentence, self.tr("Try again"), self._try_engine_again)
        self._engine_sentence = sentence

    def _on_engine_failed(self, error: KnownError) -> None:
        self._on_engine(str(error))

    def _try_engine_again(self) -> None:
        self._engine_sentence = ""
        engine = self._bridge.library.search_engine
        self._bridge.ask("library", engine.try_again, lambda _done: None)
