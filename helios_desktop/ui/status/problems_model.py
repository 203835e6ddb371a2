"""Problems in, rows of the list "files that need attention" out: name, reason, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from helios_desktop.domain import Problem, SkipReason
from helios_desktop.ui.plain_text import file_name, one_line, tooltip

AnyIndex = QModelIndex | QPersistentModelIndex
COLUMNS = 3


class ProblemsModel(QAbstractTableModel):
    """One row a file."""

    def __init__(self, problems: Sequence[Problem] = (), parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._problems = list(problems)
        self._titles = (self.tr("File"), self.tr("What is wrong"), self.tr("What to do"))
        self._reasons = {
            SkipReason.EMPTY: self.tr("Empty"),
            SkipReason.NOT_AN_IMAGE: self.tr("Not an image"),
            SkipReason.DAMAGED: self.tr("Damaged"),
            SkipReason.TOO_LARGE: self.tr("Too large"),
            SkipReason.UNSUPPORTED_FORMAT: self.tr("Format not supported"),
            SkipReason.UNREADABLE: self.tr("May not be read"),
            SkipReason.NOT_DOWNLOADED: self.tr("Still in the cloud"),
        }

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Replace the list."""
        self.beginResetModel()
        self._problems = list(problems)
        self.endResetModel()

    def problem_at(self, index: AnyIndex) -> Problem | None:
        """Return the file of a row."""
        return self._problems[index.row()] if index.isValid() and index.row() < len(self._problems) else None

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return how many files there are."""
        return 0 if parent.isValid() else len(self._problems)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return name, reason, remedy."""
        return 0 if parent.isValid() else COLUMNS

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Title the columns."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal and 0 <= section < COLUMNS:
            return self._titles[section]
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one cell."""
        problem = self.problem_at(index)
        if problem is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            reason = self._reasons.get(problem.reason, one_line(problem.reason))
            return (file_name(problem.display), reason, one_line(problem.remedy))[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(problem.display, problem.detail, problem.remedy)
        return None
