"""What a person asks for in, one answer at a time out: debounced, the latest question wins, the old answer stays until then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from helios_desktop.domain import Filter, Int64Array, Photo, PhotoTerm
from helios_desktop.errors import KnownError
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.library_port import Library

DEBOUNCE_MS = 150
SPINNER_AFTER_MS = 300
RESULT_LIMIT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Words, a folder to look in, a photo to look for its likes; all empty means "everything, newest first"."""

    words: str = ""
    folder: bytes | None = None
    similar_to: Photo | None = None

    @property
    def is_browsing(self) -> bool:
        """Whether photos are only listed, not scored."""
        return not self.words and self.similar_to is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Photos in the order to show them: ids int64 ``[n]``, rows already at hand, scores by id where they were scored.

    ``total``: how many photos were looked at. ``is_new``: the question changed, so the grid begins at its top.
    """

    question: Question
    ids: Int64Array
    total: int
    photos: tuple[Photo, ...] = ()
    scores: Mapping[int, float] = field(default_factory=dict)
    elapsed_seconds: float = 0.0
    is_new: bool = True


def answer_question(library: Library, question: Question) -> Answer:
    """Ask the library; blocks. Raises ``KnownError`` kinds."""
    if question.is_browsing:
        folders = () if question.folder is None else (question.folder,)
        ids = library.browse(Filter(folders=folders))
        return Answer(question=question, ids=ids, total=len(ids))
    query = library.parse(question.words, folder=question.folder)
    if question.similar_to is not None:
        query = replace(query, terms=(*query.terms, PhotoTerm(photo_id=question.similar_to.photo_id)))
    result = library.search(replace(query, limit=RESULT_LIMIT))
    return Answer(
        question=question,
        ids=np.fromiter((hit.photo.photo_id for hit in result.hits), dtype=np.int64, count=len(result.hits)),
        total=result.total,
        photos=tuple(hit.photo for hit in result.hits),
        scores={hit.photo.photo_id: hit.score for hit in result.hits if hit.score is not None},
        elapsed_seconds=result.elapsed_seconds,
    )


class SearchSession(QObject):
    """Holds the present question and brings its answer."""

    answered = Signal(object)  # Answer
    failed = Signal(object)  # KnownError
    busy_changed = Signal(bool)
    similar_changed = Signal(object)  # Photo or None
    folder_changed = Signal(object)  # bytes or None

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._question = Question()
        self._request: int | None = None
        self._answered_question: Question | None = None
        self._is_outdated = False
        self._debounce = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._debounce.timeout.connect(self.ask_now)
        self._spinner = QTimer(self, singleShot=True, interval=SPINNER_AFTER_MS)
        self._spinner.timeout.connect(lambda: self.busy_changed.emit(True))

    @property
    def question(self) -> Question:
        """What is asked for at present."""
        return self._question

    @property
    def answered_words(self) -> str | None:
        """The words whose answer is shown; None before the first and after a failure."""
        return None if self._answered_question is None else self._answered_question.words

    def set_words(self, words: str) -> None:
        """Ask with these words a moment after the last key."""
        words = words.strip()
        if words == self._question.words:
            return
        self._question = replace(self._question, words=words)
        self._debounce.start()

    def set_folder(self, folder: bytes | None) -> None:
        """Look only below one folder, or everywhere."""
        if folder != self._question.folder:
            self._question = replace(self._question, folder=folder)
            self.folder_changed.emit(folder)
            self.ask_now()

    def set_similar(self, photo: Photo | None) -> None:
        """Look for photos like this one, or no longer."""
        if photo != self._question.similar_to:
            self._question = replace(self._question, similar_to=photo)
            self.similar_changed.emit(photo)
            self.ask_now()

    def find_similar(self, photo: Photo) -> None:
        """Look for photos like this one and nothing else."""
        self._question = replace(self._question, words="")
        self._debounce.stop()
        self.set_similar(photo)

    def flush(self) -> None:
        """Ask at once if a question waits for the next key."""
        if self._debounce.isActive():
            self.ask_now()

    def ask_now(self) -> None:
        """Ask the present question; whatever was asked before is stale from here on."""
        self._debounce.stop()
        self._ask(is_quiet=False)

    def refresh(self) -> None:
        """Ask the same again because photos came or went; says nothing of being busy, and waits while an answer is due."""
        if self._debounce.isActive():
            return
        if self._request is not None:
            self._is_outdated = True
            return
        self._ask(is_quiet=True)

    def _ask(self, *, is_quiet: bool) -> None:
        if self._request is not None:
            self._bridge.forget(self._request)
        self._is_outdated = False
        question, library = self._question, self._bridge.library
        if not is_quiet and not self._spinner.isActive():
            self._spinner.start()
        self._request = self._bridge.ask(
            "search", lambda: answer_question(library, question), self._on_answer, self._on_failure
        )

    def _settle(self) -> None:
        self._request = None
        self._spinner.stop()
        self.busy_changed.emit(False)

    def _on_answer(self, answer: Answer) -> None:
        self._settle()
        is_new = answer.question != self._answered_question
        self._answered_question = answer.question
        self.answered.emit(replace(answer, is_new=is_new))
        if self._is_outdated:
            self.refresh()

    def _on_failure(self, error: KnownError) -> None:
        self._settle()
        self._answered_question = None
        self.failed.emit(error)
