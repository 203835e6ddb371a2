"""What a person asks for in, one answer at a time out: debounced, the latest question wins, the old answer stays until then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from helios_desktop.domain import Filter, ImageTerm, Int64Array, Photo, PhotoTerm
from helios_desktop.errors import KnownError
from helios_desktop.geography import Area
from helios_desktop.pipeline.query import Part
from helios_desktop.pipeline.stacks import Folding, Stacks
from helios_desktop.score_line import ScoreLine
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.library_port import Library
from helios_desktop.ui.plain_text import file_name

DEBOUNCE_MS = 150
SPINNER_AFTER_MS = 300
RESULT_LIMIT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A picture to look for its likes: a photo of the library, or a file. A negative weight looks away from it."""

    name: str
    weight: float = 1.0
    photo_id: int | None = None
    path: bytes | None = None

    @classmethod
    def of(cls, photo: Photo, weight: float = 1.0) -> Example:
        """Return a photo as an example."""
        return cls(name=file_name(photo.display), weight=weight, photo_id=photo.photo_id)

    @property
    def term(self) -> PhotoTerm | ImageTerm:
        """The part of the question that it is."""
        if self.photo_id is not None:
            return PhotoTerm(photo_id=self.photo_id, weight=self.weight)
        return ImageTerm(path=self.path or b"", weight=self.weight)

    @property
    def key(self) -> tuple[int | None, bytes | None]:
        """What makes it the same picture, whatever its weight."""
        return self.photo_id, self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """The surroundings of a photo's spot. ``name``: the photo's."""

    name: str
    area: Area

    @classmethod
    def of(cls, photo: Photo, radius_km: float) -> Around | None:
        """Return what lies around a photo; None where it does not tell its position."""
        meta = photo.metadata
        if meta.latitude is None or meta.longitude is None:
            return None
        area = Area(latitude=meta.latitude, longitude=meta.longitude, radius_km=radius_km)
        return cls(name=file_name(photo.display), area=area)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Words, where to look, pictures to look for their likes; all empty means "everything, newest first"."""

    words: str = ""
    folder: bytes | None = None
    album_id: int | None = None
    is_favourite: bool = False
    examples: tuple[Example, ...] = ()
    around: Around | None = None

    @property
    def is_browsing(self) -> bool:
        """Whether photos are only listed, not scored."""
        return not self.words and not self.examples

    @property
    def base(self) -> Filter:
        """What the place lets pass."""
        folders = () if self.folder is None else (self.folder,)
        near = () if self.around is None else (self.around.area,)
        return Filter(folders=folders, album_id=self.album_id, is_favourite=self.is_favourite, near=near)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Photos in the order to show them: ids int64 ``[n]``, rows already at hand, scores by id where they were scored.

    ``total``: how many photos were looked at. ``parts``: what the words were read as. ``is_listed``: nothing was scored, the
    newest come first, ``months`` of them. ``line``: where the good ones end. ``stacks``: which photos belong together;
    ``folding``: these folded, where their order stays. ``is_new``: the question changed, so the grid begins at its top.
    """

    question: Question
    ids: Int64Array
    total: int
    months: tuple[tuple[str, int], ...] = ()
    line: ScoreLine | None = None
    photos: tuple[Photo, ...] = ()
    scores: Mapping[int, float] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    stacks: Stacks | None = None
    folding: Folding | None = None
    elapsed_seconds: float = 0.0
    is_listed: bool = False
    is_new: bool = True


def answer_question(library: Library, question: Question) -> Answer:
    """Ask the library; blocks. Raises ``KnownError`` kinds."""
    if question.is_browsing:
        return _listed(library, question, question.base, ())
    parsed = library.understand(question.words, question.base)
    terms = (*parsed.query.terms, *(example.term for example in question.examples))
    if not terms:  # only dates, folders and the like: every photo that passes, newest first
        return _listed(library, question, parsed.query.filter, parsed.parts)
    result = library.search(replace(parsed.query, terms=terms, limit=RESULT_LIMIT))
    ids = np.fromiter((hit.photo.photo_id for hit in result.hits), dtype=np.int64, count=len(result.hits))
    return Answer(
        question=question,
        ids=ids,
        stacks=library.stacks(ids),
        total=result.total,
        photos=tuple(hit.photo for hit in result.hits),
        scores={hit.photo.photo_id: hit.score for hit in result.hits if hit.score is not None},
        parts=parsed.parts,
        line=result.line,
        elapsed_seconds=result.elapsed_seconds,
    )


def _listed(library: Library, question: Question, wanted: Filter, parts: tuple[Part, ...]) -> Answer:
    ids, months = library.browse(wanted), tuple(library.months(wanted))
    if sum(count for _, count in months) != len(ids):
        months = ()  # photos came or went between the two: the next answer has them
    stacks = library.stacks(ids)
    return Answer(
        question=question,
        ids=ids,
        total=len(ids),
        months=months,
        parts=parts,
        stacks=stacks,
        folding=Folding(ids, stacks),
        is_listed=True,
    )


class SearchSession(QObject):
    """Holds the present question and brings its answer."""

    answered = Signal(object)  # Answer
    failed = Signal(object)  # KnownError
    busy_changed = Signal(bool)
    examples_changed = Signal(tuple)  # of Example
    around_changed = Signal(object)  # Around, or None
    place_changed = Signal()

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

    def set_place(self, *, folder: bytes | None = None, album_id: int | None = None, is_favourite: bool = False) -> None:
        """Look only below one folder, in an album, among the favourites, or everywhere."""
        question = replace(self._question, folder=folder, album_id=album_id, is_favourite=is_favourite)
        if question != self._question:
            self._question = question
            self.place_changed.emit()
            self.ask_now()

    def set_examples(self, examples: Sequence[Example]) -> None:
        """Look for photos like these pictures, or for none where there are none."""
        if tuple(examples) != self._question.examples:
            self._question = replace(self._question, examples=tuple(examples))
            self.examples_changed.emit(self._question.examples)
            self.ask_now()

    def set_around(self, around: Around | None) -> None:
        """Look only around a photo's spot, or anywhere."""
        if around != self._question.around:
            self._question = replace(self._question, around=around)
            self.around_changed.emit(around)
            self.ask_now()

    def add_example(self, example: Example) -> None:
        """Look for photos like this picture too; its weight replaces that of before."""
        others = [one for one in self._question.examples if one.key != example.key]
        self.set_examples([*others, example])

    def remove_example(self, example: Example) -> None:
        """Look no longer for photos like this picture."""
        self.set_examples([one for one in self._question.examples if one.key != example.key])

    def find_similar(self, example: Example) -> None:
        """Look for photos like this one and nothing else."""
        self._question = replace(self._question, words="", examples=(example,))
        self.examples_changed.emit(self._question.examples)
        self.ask_now()

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
