"""The list of files that need attention: name, reason, what to do; each can be shown in its folder or tried again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFrame,
    QHeaderView,
    QLabel,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from helios_desktop.domain import Problem
from helios_desktop.ui.cards import first_size
from helios_desktop.ui.plain_text import one_line
from helios_desktop.ui.status.problems_model import AnyIndex, ProblemsModel
from helios_desktop.ui.theme.spacing import LARGE_PX, MEDIUM_PX


class RowDelegate(QStyledItemDelegate):
    """Paints whole rows as chosen, and no frame around the one cell that the keyboard happens to be in."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Take the focus out of what is painted."""
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus


class ProblemsDialog(QDialog):
    """Shows problems; ``show_file`` opens the folder of one."""

    retry_wanted = Signal(list)  # photo ids
    export_wanted = Signal(object)  # Path of a CSV file

    def __init__(self, show_file: Callable[[bytes], bool], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Files that need attention"))
        self._show_file = show_file
        self.model = ProblemsModel(parent=self)
        sentence = QLabel(self.tr("These files look like photos but could not be read. All others are not affected."), self)
        sentence.setWordWrap(True)
        self.table = QTableView(self)
        self.table.setModel(self.model)
        self.table.setAccessibleName(self.tr("Files that need attention"))
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setItemDelegate(RowDelegate(self.table))
        self.table.setShowGrid(False)
        self.table.setWordWrap(True)
        self.table.setAlternatingRowColors(True)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setHighlightSections(False)
        self.table.activated.connect(self._on_activated)
        buttons = self._make_buttons()
        column = QVBoxLayout(self)
        column.setContentsMargins(LARGE_PX, LARGE_PX, LARGE_PX, LARGE_PX)
        column.setSpacing(MEDIUM_PX)
        column.addWidget(sentence)
        column.addWidget(self.table, 1)
        column.addWidget(self.said)
        column.addWidget(buttons)
        self.resize(first_size(self, 820, 420))

    def _make_buttons(self) -> QDialogButtonBox:
        self.show_button = self._button(self.tr("Show in folder"))
        self.show_button.clicked.connect(lambda: self._on_activated(self.table.currentIndex()))
        self.retry_button = self._button(self.tr("Try again"))
        self.retry_button.setToolTip(self.tr("Read the chosen files once more, all of them where none is chosen"))
        self.retry_button.clicked.connect(self._on_retry)
        self.export_button = self._button(self.tr("Export as CSV…"))
        self.export_button.clicked.connect(self._on_export)
        self.said = QLabel(self)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setWordWrap(True)
        buttons = QDialogButtonBox(self)
        for button in (self.show_button, self.retry_button, self.export_button):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self._button(self.tr("Close")), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        return buttons

    def _button(self, text: str) -> QPushButton:
        """Return a button that carries its kind before any style looks at it."""
        button = QPushButton(text, self)
        button.setProperty("kind", "normal")
        return button

    def show_problems(self, problems: list[Problem]) -> None:
        """Fill the list."""
        self.model.show_problems(problems)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnWidth(0, 14 * self.fontMetrics().height())
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() * 2 + 2 * MEDIUM_PX)
        for button in (self.show_button, self.retry_button, self.export_button):
            button.setEnabled(bool(problems))
        self.said.setVisible(bool(self.said.text()))
        if problems:
            self.table.setCurrentIndex(self.model.index(0, 0))

    def say(self, sentence: str) -> None:
        """Say what came of a wish."""
        self.said.setText(one_line(sentence))
        self.said.show()

    def chosen_ids(self) -> list[int]:
        """The files that are chosen; all where none is."""
        rows = self.table.selectionModel().selectedRows() or [self.model.index(row, 0) for row in range(self.model.rowCount())]
        found = [self.model.problem_at(index) for index in rows]
        return [problem.photo_id for problem in found if problem is not None]

    def _on_retry(self) -> None:
        self.retry_wanted.emit(self.chosen_ids())

    def _on_export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Export as CSV"), "helios.csv", "CSV (*.csv)")
        if name:
            self.export_wanted.emit(Path(name))

    def _on_activated(self, index: QModelIndex) -> None:
        problem = self.model.problem_at(index)
        if problem is not None:
            self._show_file(problem.path)
