"""Files that need attention in, a CSV file out, which spreadsheets open: all or nothing, for this user alone."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from helios_desktop.domain import Problem
from helios_desktop.errors import ImportFileError

COLUMNS = ("path", "reason", "detail", "what to do")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(problems: Sequence[Problem], file: Path) -> int:
    """Write a line a file, and return how many; blocks. Raises ``ImportFileError`` where it cannot be written.

    UTF-8 with a byte order mark, since spreadsheets guess otherwise. A name that a spreadsheet would run as a formula gets an
    apostrophe in front; bytes that are no text are written as ``\\udc..``.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=".helios-", suffix=".csv", dir=file.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8-sig", errors="backslashreplace", newline="") as target:
                writer = csv.writer(target)
                writer.writerow(COLUMNS)
                for one in problems:
                    writer.writerow([_cell(text) for text in (one.display, str(one.reason), one.detail, one.remedy)])
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ImportFileError(
            f"The list could not be written to {file} ({error.strerror}).", "Choose another folder, or make room there."
        ) from error
    return len(problems)


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
