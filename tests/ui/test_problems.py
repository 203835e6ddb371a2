"""Files that need attention: tried again, exported as CSV, shown in their folder."""

from __future__ import annotations

import csv
import os
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QFileDialog

from helios_desktop.errors import ImportFileError
from helios_desktop.ui.status.problems_csv import COLUMNS, write_csv
from helios_desktop.ui.status.problems_dialog import ProblemsDialog


@pytest.fixture
def dialog(window, library, qtbot):
    for number in range(3):
        library.add_problem(f"IMG_{number}.jpg")
    window.problems_action.trigger()
    qtbot.waitUntil(lambda: bool(window.findChildren(ProblemsDialog)))
    [made] = window.findChildren(ProblemsDialog)
    yield made
    made.close()


def test_the_chosen_file_is_tried_again_and_leaves_the_list(dialog, library, qtbot):
    dialog.table.selectRow(1)
    dialog.retry_button.click()
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 2)
    assert library.tried_again == [10_002]
    assert dialog.said.text() == "Files to be read once more: 1"


def test_without_a_choice_all_are_tried_again(dialog, library, qtbot):
    dialog.table.clearSelection()
    dialog.retry_button.click()
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 0)
    assert library.tried_again == [10_001, 10_002, 10_003]
    assert not dialog.retry_button.isEnabled()


def test_the_list_is_exported(dialog, qtbot, tmp_path, monkeypatch):
    file = tmp_path / "list.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args, **_options: (str(file), ""))
    dialog.export_button.click()
    qtbot.waitUntil(lambda: dialog.said.text() == f"3 lines were written to {file}.")
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.reader(opened))
    assert rows[0] == list(COLUMNS)
    assert [row[0] for row in rows[1:]] == [f"/photos/Italy/IMG_{number}.jpg" for number in range(3)]
    assert all(row[3] for row in rows)


def test_a_folder_that_is_not_there_is_a_sentence(dialog, qtbot, tmp_path):
    dialog.export_wanted.emit(tmp_path / "no" / "list.csv")
    qtbot.waitUntil(lambda: "could not be written" in dialog.said.text())


def test_no_name_becomes_a_formula_and_bytes_that_are_no_text_survive(dialog, library, tmp_path):
    first = library.problems()[0]
    odd = [replace(first, display="=HYPERLINK(1).jpg"), replace(first, display=os.fsdecode(b'/photos/\xff,"x".jpg'))]
    assert write_csv(odd, tmp_path / "odd.csv") == 2
    text = (tmp_path / "odd.csv").read_text(encoding="utf-8-sig")
    assert "'=HYPERLINK(1).jpg" in text
    assert "\\udcff" in text
    assert [path.name for path in tmp_path.iterdir()] == ["odd.csv"]
    with pytest.raises(ImportFileError):
        write_csv(odd, tmp_path / "odd.csv" / "no.csv")
