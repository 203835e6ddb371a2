"""The middle of the window: the grid, or the page that says why there is none and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from helios_desktop.domain import Progress
from helios_desktop.errors import KnownError
from helios_desktop.ui.grid.model import PhotoGridModel
from helios_desktop.ui.grid.scrubber import Scrubber
from helios_desktop.ui.grid.sections import Arranged
from helios_desktop.ui.grid.view import PhotoGridView
from helios_desktop.ui.library.feed import Snapshot
from helios_desktop.ui.notice import NoticeBar
from helios_desktop.ui.onboarding.message_page import MessagePage
from helios_desktop.ui.onboarding.page import OnboardingPage
from helios_desktop.ui.search.session import Answer
from helios_desktop.ui.theme.icons import ThemeIcons


class ContentArea(QWidget):
    """Shows one page at a time, under a notice where there is one."""

    add_folder_wanted = Signal()
    clear_wanted = Signal()
    retry_wanted = Signal()

    def __init__(
        self,
        model: PhotoGridModel,
        onboarding: OnboardingPage,
        icons: ThemeIcons,
        *,
        tile_px: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self.grid = PhotoGridView(model, tile_px=tile_px, is_refinable=True, parent=self)
        self.scrubber = Scrubber(self.grid, model)
        self.grid.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.message = MessagePage(self)
        self.onboarding = onboarding
        self.notice = NoticeBar(icons, self)
        self.pages = QStackedWidget(self)
        for page in (self.grid, self.message, onboarding):
            self.pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notice)
        column.addWidget(self.pages, 1)

    def show_arranged(self, answer: Answer, arranged: Arranged) -> None:
        """Show the photos of the present answer in another order."""
        self._model.show_answer(arranged.ids, answer.photos, answer.scores, arranged.sections, arranged.stack_of)

    def show_answer(self, answer: Answer, arranged: Arranged, snapshot: Snapshot | None, progress: Progress) -> None:
        """Show the photos of an answer, or say why there are none."""
        if answer.is_new:
            self.grid.selectionModel().clear()
            self.grid.verticalScrollBar().setValue(0)
        else:
            self._model.forget_rows()
        self.show_arranged(answer, arranged)
        if answer.is_new:
            self.grid.go_to_start()
        if snapshot is not None and not snapshot.roots:
            self.show_onboarding()
        elif len(answer.ids):
            self._turn_to(self.grid)
        elif snapshot is not None:
            self._say_why_empty(answer, snapshot, progress)

    def take_focus(self) -> None:
        """Give the keyboard to the photos, where they are shown."""
        if self.pages.currentWidget() is self.grid:
            self.grid.setFocus(Qt.FocusReason.TabFocusReason)

    def show_onboarding(self) -> None:
        """Show the first page: there is no folder yet."""
        self._turn_to(self.onboarding)

    def show_failure(self, error: KnownError) -> None:
        """Say what went wrong; the old answer is gone, since it would not be the answer to what stands in the box."""
        self.message.say("attention", error.message, error.remedy, self.tr("Try again"), self.retry_wanted.emit)
        self._turn_to(self.message)

    def _turn_to(self, page: QWidget) -> None:
        """Show a page, and hand it the keyboard where the page before had it."""
        focused = self.window().focusWidget()  # of the whole window: at the start the keyboard belongs to the search box
        had_focus = focused is not None and self.pages.isAncestorOf(focused)
        if page is not self.pages.currentWidget():
            self.pages.setCurrentWidget(page)
            if had_focus:
                (self.message.button if page is self.message else page).setFocus()

    def _say_why_empty(self, answer: Answer, snapshot: Snapshot, progress: Progress) -> None:
        is_working = progress.phase in ("scanning", "indexing", "waiting") or snapshot.counts.pending > 0
        add = (self.tr("Add folder…"), self.add_folder_wanted.emit)
        everything = (self.tr("Show all photos"), self.clear_wanted.emit)
        if not answer.question.is_browsing and snapshot.total:
            words = self.tr("Try other words, or fewer of them.")
            self.message.say("search", self.tr("No photo matches this search."), words, *everything)
        elif is_working:
            detail = self.tr("They appear here one after the other, and can be searched at once.")
            self.message.say("photos", self.tr("Your photos are being read for the first time."), detail, *add)
        elif answer.question.is_favourite:
            detail = self.tr("Press F on a photo, and it is kept here.")
            self.message.say("heart", self.tr("There is no favourite yet."), detail, *everything)
        elif answer.question.album_id is not None:
            detail = self.tr("Choose photos, and add them with the right mouse button.")
            self.message.say("album", self.tr("This album is empty."), detail, *everything)
        elif answer.question.folder is not None and snapshot.total:
            self.message.say("folder", self.tr("There is no photo in this folder."), "", *everything)
        else:
            detail = self.tr("New photos in your folders appear here by themselves.")
            self.message.say("photos", self.tr("No photo was found in your folders."), detail, *add)
        self._turn_to(self.message)
