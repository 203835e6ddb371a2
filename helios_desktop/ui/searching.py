"""The search bar, the places and the photos in, the session's questions out; its answers go to the grid."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from helios_desktop.domain import Photo
from helios_desktop.errors import KnownError
from helios_desktop.pipeline.query import Part, clean, without
from helios_desktop.ui.content import ContentArea
from helios_desktop.ui.library.feed import LibraryFeed
from helios_desktop.ui.plain_text import file_name
from helios_desktop.ui.search.bar import SearchBar
from helios_desktop.ui.search.filter_menu import FilterMenu
from helios_desktop.ui.search.help import HelpDialog
from helios_desktop.ui.search.history import SearchHistory
from helios_desktop.ui.search.pasted import PastedPictures, is_picture
from helios_desktop.ui.search.session import Answer, Around, Example, SearchSession
from helios_desktop.ui.search.wording import answer_sentence

AROUND_KM = 5.0


class Searching(QObject):
    """Keeps the box, its chips, the session and what is shown of an answer in step."""

    answer_shown = Signal()

    def __init__(
        self,
        owner: QWidget,
        session: SearchSession,
        bar: SearchBar,
        content: ContentArea,
        feed: LibraryFeed,
        history: SearchHistory,
        filters: FilterMenu,
    ) -> None:
        super().__init__(owner)
        self._owner, self._session, self._bar = owner, session, bar
        self._content, self._feed, self._history = content, feed, history
        self._answer: Answer | None = None
        self._good: int | None = None
        self._arrange = bar.arrange
        bar.arrange.changed.connect(self._on_arrangement)
        self.pasted = PastedPictures()
        self.filters = filters
        bar.words_changed.connect(session.set_words)
        bar.entered.connect(self._on_entered)
        bar.cleared.connect(self._on_cleared)
        bar.help_wanted.connect(self.show_help)
        bar.history_wanted.connect(lambda: history.open_below(bar.box, session.question.words))
        bar.filter_wanted.connect(self.show_filters)
        self.filters.words_added.connect(self.add_words)
        bar.picture_pasted.connect(self.paste_picture)
        bar.chips.part_removed.connect(self._on_part_removed)
        bar.chips.part_pressed.connect(self._on_part_pressed)
        bar.chips.part_replaced.connect(self._on_part_replaced)
        bar.chips.around_changed.connect(session.set_around)
        session.around_changed.connect(bar.show_around)
        bar.chips.example_removed.connect(session.remove_example)
        bar.chips.example_weighed.connect(self._weigh)
        history.words_wanted.connect(self.ask)
        session.answered.connect(self._on_answer)
        session.failed.connect(self._on_failure)
        session.busy_changed.connect(bar.set_busy)
        session.examples_changed.connect(bar.show_examples)
        content.clear_wanted.connect(self.show_everything)
        content.retry_wanted.connect(session.ask_now)

    @property
    def answer(self) -> Answer | None:
        """What is shown; None after a failure."""
        return self._answer

    def ask(self, words: str) -> None:
        """Put words into the box and ask them at once."""
        self._bar.set_words(words)
        self._session.set_words(words)
        self._session.flush()

    def show_everything(self) -> None:
        """Back to all photos, newest first."""
        self._bar.set_words("")
        self._session.set_words("")
        self._session.set_examples(())
        self._session.set_around(None)
        self._session.set_place()
        self._session.flush()

    def find_similar(self, photo: Photo) -> None:
        """Look for photos like this one."""
        self._bar.set_words("")
        self._session.find_similar(Example.of(photo))

    def add_example(self, photo: Photo, weight: float) -> None:
        """Look for more photos like this one, or for fewer."""
        self._session.add_example(Example.of(photo, weight))

    def look_around(self, photo: Photo) -> None:
        """Look for photos that were taken near this one."""
        self._session.set_around(Around.of(photo, AROUND_KM))

    def search_by_picture(self, path: bytes) -> None:
        """Look for photos like a picture file."""
        name = file_name(path.decode("utf-8", "replace"))
        self._session.add_example(Example(name=name, path=path))

    def paste_picture(self) -> None:
        """Look for photos like the picture on the clipboard."""
        self.take_picture(QGuiApplication.clipboard().mimeData())

    def take_picture(self, data: QMimeData) -> bool:
        """Look for photos like what was brought; False where it holds no picture."""
        path = self.pasted.picture_of(data) if is_picture(data) else None
        if path is not None:
            self.search_by_picture(path)
        return path is not None

    def remember(self) -> None:
        """Write down the present question: its answer was looked at."""
        self._history.remember(self._session.question.words)

    def say_how_many(self) -> None:
        """Say how many photos answered."""
        is_growing = self._feed.progress.phase in ("scanning", "indexing")
        answer = self._answer
        if answer is None:
            self._bar.set_summary("")
        else:
            self._bar.set_summary(answer_sentence(answer, self.tr, is_growing=is_growing, good=self._good))

    def show_filters(self) -> None:
        """Offer what the search can be narrowed by."""
        self.filters.open_below(self._bar.box.filter)

    def add_words(self, words: str) -> None:
        """Put words behind those in the box and ask them."""
        self.ask(" ".join(filter(None, (self._session.question.words, words))))

    def show_help(self) -> None:
        """Show examples of what can be asked."""
        dialog = HelpDialog(self._owner)
        dialog.words_wanted.connect(self.ask)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_entered(self) -> None:
        self._session.flush()
        self.remember()
        self._content.take_focus()

    def _on_cleared(self) -> None:
        self._session.set_examples(())
        self._session.set_around(None)
        self._session.flush()

    def _on_part_removed(self, part: Part) -> None:
        self.ask(without(self._session.question.words, part))

    def _on_part_replaced(self, part: Part, words: str) -> None:
        whole = clean(self._session.question.words)
        self.ask(f"{whole[: part.start]}{words}{whole[part.end :]}")

    def _on_part_pressed(self, part: Part) -> None:
        """Mark the piece of the words that says it, to be typed over."""
        words = clean(self._bar.words())
        self._bar.set_words(words)
        self._bar.mark_words(part.start, part.end)

    def _weigh(self, example: Example, weight: float) -> None:
        changed = Example(name=example.name, weight=weight, photo_id=example.photo_id, path=example.path)
        self._session.set_examples([changed if one.key == example.key else one for one in self._session.question.examples])

    def _on_answer(self, answer: Answer) -> None:
        if answer.is_new:
            self._arrange.stacking.close_all()
        arranged = self._arrange.arranged(answer)
        self._content.show_answer(answer, arranged, self._feed.snapshot, self._feed.progress)
        self._answer, self._good = answer, arranged.good
        self._arrange.show_for(answer)
        self._bar.chips.show_parts(answer.parts)
        self.say_how_many()
        self.answer_shown.emit()

    def _on_arrangement(self) -> None:
        """Divide and sort the present answer anew; nothing is asked again."""
        if self._answer is not None:
            arranged = self._arrange.arranged(self._answer)
            self._good = arranged.good
            self._content.show_arranged(self._answer, arranged)
            self.say_how_many()

    def _on_failure(self, error: KnownError) -> None:
        self._answer = None
        self.say_how_many()
        self._content.show_failure(error)
