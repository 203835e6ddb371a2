"""``photo_ids.csv`` -> ids: in comes a file with a column ``photo_id``, out come its texts in order, or a sentence.

Read a line at a time, each of bounded length; nothing in it ever becomes a path. Other columns are left alone. Lines may be
separated by commas, semicolons or tabs, in UTF-8 with or without a byte order mark; empty lines do not count.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from helios_desktop.errors import ImportFileError
from helios_desktop.pipeline.features_file import refuse_unless_file, unreadable

COLUMN = "photo_id"
ID_PATTERN = re.compile(r"[A-Za-z0-9_-]{1,64}")
MAX_LINE_BYTES = 131_072  # what Python's csv module takes in one field
MAX_COLUMNS = 1_000

_BOM = b"\xef\xbb\xbf"
_DELIMITERS = (",", ";", "\t")
_EXPECTED = "Expected is a header line with a column 'photo_id', then one line a photo."


def read_photo_ids(path: Path) -> list[str]:
    """Return all ids. Raises ``ImportFileError``, with the line, for what is no id, occurs twice, or is damaged."""
    ids: list[str] = []
    seen: set[str] = set()
    for line, row in read_table(path, (COLUMN,)):
        photo_id = row[0].strip()
        if not ID_PATTERN.fullmatch(photo_id):
            raise _fault(
                path, line, f"{_shown(row[0])} is not an id: expected are 1 to 64 letters, digits, hyphens and underscores"
            )
        if photo_id in seen:
            raise _fault(path, line, f"the id {photo_id!r} occurs a second time (first in row {ids.index(photo_id)})")
        seen.add(photo_id)
        ids.append(photo_id)
    if not ids:
        raise ImportFileError(f"{path} has no ids. {_EXPECTED}", "Name the file that came with the features.")
    return ids


def read_table(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """Go through the lines of a CSV file: the line's number, and its fields under ``columns``, in that order.

    Raises ``ImportFileError`` with the line number.
    """
    refuse_unless_file(path)
    try:
        with path.open("rb") as file:
            lines = _lines(path, iter(lambda: file.readline(MAX_LINE_BYTES + 1), b""))
            header = next(lines, "")
            delimiter, places = _places(path, header, columns)
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            width = len(_fields(header, delimiter))
            yield from _rows(path, reader, places, width)
    except OSError as error:
        raise unreadable(path, error) from error


def _rows(path: Path, reader: Iterator[list[str]], places: list[int], width: int) -> Iterator[tuple[int, list[str]]]:
    while True:
        line = reader.line_num + 2  # type: ignore[attr-defined]  # the header was line 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise _fault(path, line, f"this is not CSV ({error})") from error
        if row is None:
            return
        if row and len(row) != width:
            raise _fault(path, line, f"there are {len(row)} fields; expected are {width}, as in the header")
        if row:
            yield line, [row[place] for place in places]


def _lines(path: Path, raw: Iterator[bytes]) -> Iterator[str]:
    for number, line in enumerate(raw, start=1):
        text = line.removeprefix(_BOM) if number == 1 else line
        if len(line) > MAX_LINE_BYTES:
            raise _fault(path, number, f"the line is longer than {MAX_LINE_BYTES:,} bytes")
        if b"\0" in text:
            raise _fault(path, number, "there is a NUL character")
        try:
            yield text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _fault(path, number, "this is not UTF-8") from error


def _fields(header: str, delimiter: str) -> list[str]:
    try:
        fields = next(csv.reader([header], delimiter=delimiter), [])
    except csv.Error:
        return []
    return [field.strip().casefold() for field in fields]


def _places(path: Path, header: str, columns: tuple[str, ...]) -> tuple[str, list[int]]:
    for delimiter in _DELIMITERS:
        fields = _fields(header, delimiter)
        if len(fields) <= MAX_COLUMNS and set(columns) <= set(fields):
            return delimiter, [fields.index(column) for column in columns]
    wanted = " and ".join(f"'{column}'" for column in columns)
    raise ImportFileError(
        f"Line 1 of {path} names no column {wanted}, but begins with {_shown(header.strip())}. {_EXPECTED}",
        "Add the header line, or name the right file.",
    )


def _shown(text: str) -> str:
    """A text from the file as a person may see it: short, on one line."""
    return ascii(text if len(text) <= 60 else text[:57] + "...")


def _fault(path: Path, line: int, what: str) -> ImportFileError:
    return ImportFileError(f"Line {line} of {path}: {what}.", "Correct the file, or download it again; nothing was imported.")
