"""Words in, photos of another library out: debounced, the latest question wins, the old answer stays until then."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from helios_desktop.domain import Filter, Photo, PhotoTerm, Query, SearchResult, Term
from helios_desktop.pipeline.remote_pictures import key_of
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.library_port import Library
from helios_desktop.ui.search.session import DEBOUNCE_MS
from helios_desktop.ui.unsplash.importing import UNSPLASH

RESULT_LIMIT = 200


def with_key(photo: Photo) -> Photo:
    """Return a photo that lies elsewhere with what stands for its picture, where one's own have the hash of their content."""
    return photo if photo.url is None else replace(photo, content_hash=key_of(photo.url))


def answer(library: Library, words: str, like: int | None) -> SearchResult:
    """Ask; blocks. ``like``: the id of a photo to look for its likes, instead of words. Raises ``KnownError`` kinds."""
    terms: tuple[Term, ...] = (
        (PhotoTerm(photo_id=like),) if like is not None else library.understand(words, Filter()).query.terms
    )
    result = library.search(Query(terms=terms, limit=RESULT_LIMIT, library=UNSPLASH))
    return replace(result, hits=tuple(replace(hit, photo=with_key(hit.photo)) for hit in result.hits))


class UnsplashSession(QObject):
    """Keeps one question under way."""

    answered = Signal(object)  # SearchResult
    emptied = Signal()  # there are no words any more
    failed = Signal(object)  # KnownError

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._asked = 0
        self._words = ""
        self._like: int | None = None
        self._timer = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._timer.timeout.connect(self.ask_now)

    def set_words(self, words: str) -> None:
        """Look for these words, once no more come for a moment."""
        self._words, self._like = words.strip(), None
        self._timer.start()

    def find_similar(self, photo: Photo) -> None:
        """Look for photos like this one; no model is needed for that."""
        self._words, self._like = "", photo.photo_id
        self.ask_now()

    def ask_now(self) -> None:
        """Ask the present question."""
        self._timer.stop()
        self._bridge.forget(self._asked)
        if not self._words and self._like is None:
            self.emptied.emit()
            return
        library, words, like = self._bridge.library, self._words, self._like
        self._asked = self._bridge.ask("search", lambda: answer(library, words, like), self.answered.emit, self.failed.emit)
