"""The import: two files are chosen and checked, what would be done is said, rows come in; all can be taken back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLineEdit, QProgressBar, QSpinBox, QVBoxLayout, QWidget

from helios_desktop.domain import Progress
from helios_desktop.errors import KnownError
from helios_desktop.pipeline.unsplash import ImportSummary
from helios_desktop.ui.cards import field_form, first_size, heading_label, push_button, text_label
from helios_desktop.ui.plain_text import number, one_line
from helios_desktop.ui.theme.spacing import LARGE_PX, MEDIUM_PX
from helios_desktop.ui.unsplash.importing import ImportWish, UnsplashImporting

MOST_ROWS = 100_000_000
STEPS = 1000


class ImportDialog(QDialog):
    """Asks and shows; ``importing`` does it. Closing stops what is under way and keeps what came."""

    library_changed = Signal()

    def __init__(self, importing: UnsplashImporting, engine: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._importing = importing
        self.setWindowTitle(self.tr("Import an Unsplash data set"))
        self.resize(first_size(self, 680, 480))
        self._make_fields(engine)
        self._make_answer()
        self._make_buttons()
        self._make_layout()
        importing.progressed.connect(self._on_progressed)
        importing.checked.connect(self._on_checked)
        importing.imported.connect(self._on_imported)
        importing.stopped.connect(self._on_stopped)
        importing.removed.connect(self._on_removed)
        importing.failed.connect(self._on_failed)
        self._on_edited()

    def wish(self) -> ImportWish:
        """What the fields say."""
        return ImportWish(
            ids_file=Path(self.ids.text()),
            features_file=Path(self.features.text()),
            start=self.first.value() or None,
            end=self.last.value() or None,
        )

    def done(self, result: int) -> None:
        """Stop what is under way, and go."""
        self._importing.stop()
        super().done(result)

    # -- making

    def _make_fields(self, engine: str) -> None:
        self.form = field_form()
        self.ids = self._file_field(self.tr("Ids"), "photo_ids.csv", "CSV (*.csv)")
        self.features = self._file_field(self.tr("Vectors"), "features.npy", "NumPy (*.npy)")
        self.first = self._row_field(self.tr("First row"), self.tr("From the beginning"))
        self.last = self._row_field(self.tr("Row to stop before"), self.tr("To the end"))
        self.form.addRow(self.tr("Search engine"), text_label(self, one_line(engine)))

    def _file_field(self, label: str, name: str, kind: str) -> QLineEdit:
        edit = QLineEdit(self)
        edit.setProperty("kind", "field")
        edit.setPlaceholderText(name)
        edit.setAccessibleName(label)
        edit.textChanged.connect(self._on_edited)
        choose = push_button(self, self.tr("Choose file…"), lambda: self._choose(edit, name, kind))
        choose.setAccessibleName(f"{label}: {choose.text()}")
        line = QHBoxLayout()
        line.addWidget(edit, 1)
        line.addWidget(choose)
        self.form.addRow(label, line)
        return edit

    def _row_field(self, label: str, nothing: str) -> QSpinBox:
        box = QSpinBox(self)
        box.setProperty("kind", "field")
        box.setRange(0, MOST_ROWS)
        box.setGroupSeparatorShown(True)
        box.setSpecialValueText(nothing)
        box.setAccessibleName(label)
        box.valueChanged.connect(self._on_edited)
        self.form.addRow(label, box)
        return box

    def _make_answer(self) -> None:
        self.answer = text_label(self, "")
        self.answer.setAccessibleName(self.tr("What was found"))
        self.answer.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.progress = QProgressBar(self)
        self.progress.setProperty("kind", "thin")
        self.progress.setTextVisible(False)
        self.progress.setRange(0, STEPS)
        self.progress.setAccessibleName(self.tr("Import"))
        self.progress.hide()

    def _make_buttons(self) -> None:
        self.check = push_button(self, self.tr("Check"), lambda: self._begin(is_dry_run=True))
        self.start = push_button(self, self.tr("Import"), lambda: self._begin(is_dry_run=False), kind="primary")
        self.stop = push_button(self, self.tr("Stop"), self._importing.stop)
        self.undo = push_button(self, self.tr("Take back"), self._on_undo)
        self.undo.setToolTip(self.tr("Removes every photo that was ever imported, and its vectors."))
        self.leave = push_button(self, self.tr("Close"), self.reject)
        self.undo.hide()

    def _make_layout(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(LARGE_PX, LARGE_PX, LARGE_PX, LARGE_PX)
        column.setSpacing(MEDIUM_PX)
        column.addWidget(heading_label(self, self.tr("Import an Unsplash data set")))
        text = self.tr(
            "Two files that belong together. Both are checked before the first photo is written; no picture is loaded."
        )
        column.addWidget(text_label(self, text))
        column.addLayout(self.form)
        column.addWidget(self.answer)
        column.addWidget(self.progress)
        column.addStretch(1)
        row = QHBoxLayout()
        row.addWidget(self.undo)
        row.addStretch(1)
        for button in (self.check, self.start, self.stop, self.leave):
            row.addWidget(button)
        column.addLayout(row)

    # -- what happens

    def _choose(self, edit: QLineEdit, name: str, kind: str) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, name, filter=f"{kind};;* (*)")
        if chosen:
            edit.setText(chosen)

    def _on_edited(self) -> None:
        has_files = bool(self.ids.text() and self.features.text())
        is_busy = self._importing.is_busy
        for button in (self.check, self.start):
            button.setEnabled(has_files and not is_busy)
        for field in (self.ids, self.features, self.first, self.last, self.undo):
            field.setEnabled(not is_busy)
        self.stop.setVisible(is_busy)
        self.progress.setVisible(is_busy)

    def _begin(self, *, is_dry_run: bool) -> None:
        self.answer.setText(self.tr("Both files are checked…"))
        self.progress.setRange(0, 0)
        (self._importing.check if is_dry_run else self._importing.start)(self.wish())
        self._on_edited()

    def _on_progressed(self, progress: Progress) -> None:
        if progress.total:
            self.progress.setRange(0, STEPS)
            self.progress.setValue(round(STEPS * progress.done / progress.total))
        done = self.tr("{done} of {total}").format(done=number(progress.done), total=number(progress.total))
        is_checking = progress.phase == "scanning"
        self.answer.setText(f"{self.tr('Checking') if is_checking else self.tr('Importing')}   {done}")

    def _on_checked(self, summary: ImportSummary) -> None:
        self._say(summary, self.tr("Both files are sound: {rows} rows. {new} photos would be new, {same} are here already."))

    def _on_imported(self, summary: ImportSummary) -> None:
        self._say(summary, self.tr("{rows} rows were read: {new} photos are new, {same} were here already."))
        self.undo.show()
        self.library_changed.emit()

    def _say(self, summary: ImportSummary, sentence: str) -> None:
        self._on_edited()
        said = sentence.format(
            rows=number(summary.rows), new=number(summary.added.new + summary.added.changed), same=number(summary.added.same)
        )
        if summary.zero:
            left_out = self.tr("{n} are left out, since their vectors are zero.").format(n=number(len(summary.zero)))
            said = f"{said} {left_out}"
        self.answer.setText(said)

    def _on_stopped(self) -> None:
        self._on_edited()
        self.answer.setText(self.tr("Stopped. What was imported stays; Import goes on from there."))
        self.undo.show()
        self.library_changed.emit()

    def _on_undo(self) -> None:
        self.answer.setText(self.tr("Everything that was imported is removed…"))
        self._importing.remove()
        self._on_edited()

    def _on_removed(self, count: int) -> None:
        self._on_edited()
        self.undo.hide()
        self.answer.setText(self.tr("{n} photos were removed.").format(n=number(count)))
        self.library_changed.emit()

    def _on_failed(self, error: KnownError) -> None:
        self._on_edited()
        self.answer.setText(one_line(f"{error.message} {error.remedy}".strip()))
