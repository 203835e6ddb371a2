"""The layout of a TIFF: an open file in, nothing out, or ``SkippedFileError`` (damaged) where strips lie past the end.

TIFF 6.0 and BigTIFF: a chain of directories, each a list of entries; entries longer than a few bytes lie elsewhere in the file,
and two of them list the strips or tiles with the pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BufferedReader
from itertools import repeat
from typing import Literal

from helios_desktop.domain import SkipReason
from helios_desktop.errors import SkippedFileError

MOST_PAGES = 4096
"""Later pages are not asked whether they are there; a loop of directories ends here too."""
MOST_STRIPS = 4_000_000
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_STARTS = frozenset({273, 324})
_LENGTHS = frozenset({279, 325})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """How this TIFF writes numbers; ``word`` is the length of an offset, ``count`` of a directory's number of entries."""

    order: Literal["little", "big"]
    word: int
    count: int

    def number(self, content: bytes) -> int:
        return int.from_bytes(content, self.order)


def check_tiff(file: BufferedReader, size: int) -> None:
    """Raise ``SkippedFileError`` (damaged) where a directory, a value or a strip reaches past the end of the file."""
    head = file.read(16)
    order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
    is_big = int.from_bytes(head[2:4], order) == 43
    layout = _Layout(order=order, word=8 if is_big else 4, count=8 if is_big else 2)
    position = layout.number(head[8:16] if is_big else head[4:8])
    seen: set[int] = set()
    while position and position not in seen and len(seen) < MOST_PAGES:
        seen.add(position)
        position = _check_page(file, size, layout, position)
    if not seen:
        raise _cut("the TIFF has no directory")


def _cut(what: str) -> SkippedFileError:
    return SkippedFileError(SkipReason.DAMAGED, f"The file was cut off: {what}.")


def _check_page(file: BufferedReader, size: int, layout: _Layout, position: int) -> int:
    """Check one directory; return where the next one begins, 0 after the last."""
    file.seek(position)
    head = file.read(layout.count)
    entry_bytes = 4 + 2 * layout.word
    length = layout.number(head) * entry_bytes + layout.word
    if len(head) < layout.count or position + layout.count + length > size:
        raise _cut("a TIFF directory ends after the file")
    table = file.read(length)
    starts: list[int] = []
    lengths: list[int] = []
    for at in range(0, length - layout.word, entry_bytes):
        entry = table[at : at + entry_bytes]
        tag = layout.number(entry[:2])
        values = _values(file, size, layout, entry, is_wanted=tag in _STARTS | _LENGTHS)
        if tag in _STARTS:
            starts = values
        elif tag in _LENGTHS:
            lengths = values
    if starts and max(map(sum, zip(starts, lengths or repeat(0), strict=False)), default=0) > size:
        raise _cut("a strip of the TIFF ends after the file")
    return layout.number(table[-layout.word :])


def _values(file: BufferedReader, size: int, layout: _Layout, entry: bytes, *, is_wanted: bool) -> list[int]:
    """The numbers of one entry, where they are wanted; that they lie within the file is checked for every entry."""
    each = _TYPE_BYTES.get(layout.number(entry[2:4]), 1)
    count = layout.number(entry[4 : 4 + layout.word])
    content = entry[4 + layout.word :]
    if each * count > layout.word:
        start = layout.number(content)
        if start + each * count > size:
            raise _cut("a value of the TIFF lies after the file")
        if not is_wanted or count > MOST_STRIPS:
            return []
        file.seek(start)
        content = file.read(each * count)
    return [layout.number(content[at * each : (at + 1) * each]) for at in range(count)] if is_wanted else []
