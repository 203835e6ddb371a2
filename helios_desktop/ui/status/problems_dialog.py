"""The list of files that need attention: name, reason, what to do; from here the file can be shown in its folder."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from helios_desktop.domain import Problem
from helios_desktop.ui.status.problems_model import ProblemsModel
from helios_desktop.ui.theme.spacing import LARGE_PX, MEDIUM_PX


class ProblemsDialog(QDialog):
    """Shows problems; ``show_file`` opens the folder of one."""

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
        self.table.setShowGrid(False)
        self.table.setWordWrap(True)
        self.table.setAlternatingRowColors(True)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setHighlightSections(False)
        self.table.activated.connect(self._on_activated)
        buttons = QDialogButtonBox(self)
        self.show_button = buttons.addButton(self.tr("Show in folder"), QDialogButtonBox.ButtonRole.ActionRole)
        self.show_button.setProperty("kind", "normal")
        self.show_button.clicked.connect(lambda: self._on_activated(self.table.currentIndex()))
        buttons.addButton(QDialogButtonBox.StandardButton.Close).setProperty("kind", "normal")
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(LARGE_PX, LARGE_PX, LARGE_PX, LARGE_PX)
        column.setSpacing(MEDIUM_PX)
        column.addWidget(sentence)
        column.addWidget(self.table, 1)
        column.addWidget(buttons)
        self.resize(820, 420)

    def show_problems(self, problems: list[Problem]) -> None:
        """Fill the list."""
        self.model.show_problems(problems)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnWidth(0, 14 * self.fontMetrics().height())
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() * 2 + 2 * MEDIUM_PX)
        self.show_button.setEnabled(bool(problems))
        if problems:
            self.table.setCurrentIndex(self.model.index(0, 0))

    def _on_activated(self, index: QModelIndex) -> None:
        problem = self.model.problem_at(index)
        if problem is not None:
            self._show_file(problem.path)
