"""Saved searches in, how many good answers each has now out: counted behind the window, when the library has come to rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from helios_desktop.domain import Filter
from helios_desktop.errors import KnownError
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.library.feed import LibraryFeed, Snapshot
from helios_desktop.ui.library_port import Library

COUNTED_AT_MOST = 50  # saved searches
LIMIT = 500  # answers to one


def count_good(library: Library, words: str) -> int:
    """Return how many photos answer a question well; all that pass, where nothing is scored. Blocks."""
    parsed = library.understand(words, Filter())
    if not parsed.query.terms:
        return len(library.browse(parsed.query.filter))
    result = library.search(replace(parsed.query, limit=LIMIT))
    if result.line is None:
        return len(result.hits)
    least = result.line.at()
    return sum(hit.score is not None and hit.score >= least for hit in result.hits)


def count_all(library: Library, saved: Sequence[str]) -> dict[str, int]:
    """Return the counts of questions; those that cannot be answered are left out. Blocks."""
    counts = {}
    for words in saved[:COUNTED_AT_MOST]:
        try:
            counts[words] = count_good(library, words)
        except KnownError:
            continue
    return counts


class SavedCounts(QObject):
    """Counts again where the library or what was saved has changed."""

    counted = Signal(dict)  # words -> how many

    def __init__(self, bridge: Bridge, feed: LibraryFeed, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._feed = bridge, feed
        self._counted: tuple[int, tuple[str, ...]] | None = None
        feed.refreshed.connect(self._on_refreshed)

    def _on_refreshed(self, snapshot: Snapshot) -> None:
        saved = tuple(one.query for one in snapshot.saved)
        is_working = self._feed.progress.phase in ("scanning", "indexing")
        if is_working or not saved or self._counted == (snapshot.token, saved):
            return
        self._counted = (snapshot.token, saved)
        library = self._bridge.library
        self._bridge.ask("search", lambda: count_all(library, saved), self._on_counted, lambda _error: None)

    def _on_counted(self, counts: Mapping[str, int]) -> None:
        self.counted.emit(dict(counts))
