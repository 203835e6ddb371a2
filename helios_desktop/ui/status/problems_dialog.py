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
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from helios_desktop.domain import Problem
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
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setHighlightSections(False)
        self.table.activated.connect(self._on_activated)
        self.show_button = self._button(self.tr("Show in folder"))
        self.show_button.clicked.connect(lambda: self._on_activated(self.table.currentIndex()))
        buttons = QDialogButtonBox(self)
        buttons.addButton(self.show_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self._button(self.tr("Close")), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(LARGE_PX, LARGE_PX, LARGE_PX, LARGE_PX)
        column.setSpacing(MEDIUM_PX)
        column.addWidget(sentence)
        column.addWidget(self.table, 1)
        column.addWidget(buttons)
        self.resize(820, 420)

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
        self.show_button.setEnabled(bool(problems))
        if problems:
            self.table.setCurrentIndex(self.model.index(0, 0))

    def _on_activated(self, index: QModelIndex) -> None:
        problem = self.model.problem_at(index)
        if problem is not None:
            self._show_file(problem.path)
