"""The boxes of an ISO base media file (HEIF, AVIF): an open file in, nothing out, or ``SkippedFileError`` (damaged).

ISO/IEC 14496-12: a file is a row of boxes, each with its length; HEIF (23008-12) keeps its pictures as items, and ``iloc``
says where each item lies. A file is whole where its boxes end with it and every item lies within it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader

from helios_desktop.domain import SkipReason
from helios_desktop.errors import SkippedFileError

MOST_BOXES = 10_000
LARGEST_META_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its four letters, where its content begins and where it ends."""

    name: bytes
    start: int
    end: int


def check_boxes(file: BufferedReader, size: int) -> None:
    """Raise ``SkippedFileError`` (damaged) where a box or an item reaches past the end, or there is no picture at all."""
    boxes = list(_top_boxes(file, size))
    names = {box.name for box in boxes}
    meta = next((box for box in boxes if box.name == b"meta"), None)
    if meta is None:
        if b"moov" in names and b"mdat" in names:
            return
        raise _damaged("the box that lists its pictures is missing")
    if meta.end - meta.start > LARGEST_META_BYTES:
        raise _damaged("the list of its pictures is longer than any could be")
    file.seek(meta.start)
    content = file.read(meta.end - meta.start)
    inner = {box.name: box for box in _inner_boxes(content, 4)}
    if b"mdat" not in names and b"idat" not in inner:
        raise _damaged("the box that holds its pixels is missing")
    if b"iloc" in inner:
        location = inner[b"iloc"]
        _check_items(content[location.start : location.end], size)


def turns_itself(file: BufferedReader, size: int) -> bool:
    """Whether the container says how to turn its pictures (``irot``, ``imir``): its decoder does, and EXIF only repeats it."""
    return any(name in {b"irot", b"imir"} for name, _ in _properties(file, size))


def promised_size(file: BufferedReader, size: int) -> tuple[int, int] | None:
    """Width and height of the largest picture by its ``ispe`` property (23008-12, 6.5.3); None where there is none."""
    sizes = [
        (int.from_bytes(content[4:8], "big"), int.from_bytes(content[8:12], "big"))
        for name, content in _properties(file, size)
        if name == b"ispe"
    ]
    return max(sizes, key=lambda found: found[0] * found[1], default=None)


def without_exif(file: BufferedReader, size: int) -> bytes:
    """The whole content with its EXIF item renamed in the list of items (``iinf``), so that no decoder looks at it."""
    meta = next((box for box in _top_boxes(file, size) if box.name == b"meta"), None)
    file.seek(0)
    content = file.read(size)
    if meta is None:
        return content
    items = next((box for box in _inner_boxes(content[: meta.end], meta.start + 4) if box.name == b"iinf"), None)
    if items is None:
        return content
    renamed = content[items.start : items.end].replace(b"Exif", b"none")
    return content[: items.start] + renamed + content[items.end :]


def _properties(file: BufferedReader, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of every property of the pictures (``meta``, ``iprp``, ``ipco``)."""
    meta = next((box for box in _top_boxes(file, size) if box.name == b"meta"), None)
    if meta is None:
        return
    file.seek(meta.start)
    content, start = file.read(min(meta.end - meta.start, LARGEST_META_BYTES)), 4
    for name in (b"iprp", b"ipco"):
        inner = next((box for box in _inner_boxes(content, start) if box.name == name), None)
        content, start = content[inner.start : inner.end] if inner is not None else b"", 0
    for box in _inner_boxes(content, 0):
        yield box.name, content[box.start : box.end]


def _damaged(what: str) -> SkippedFileError:
    return SkippedFileError(SkipReason.DAMAGED, f"The file was cut off or broken: {what}.")


def _top_boxes(file: BufferedReader, size: int) -> Iterator[Box]:
    position = 0
    for _ in range(MOST_BOXES):
        if position == size:
            return
        file.seek(position)
        box = _box(file.read(16), position, size)
        if box.end > size:
            raise _damaged(f"a box ends at byte {box.end:,} of {size:,}")
        yield box
        position = box.end
    raise _damaged("it has too many boxes")


def _inner_boxes(content: bytes, position: int) -> Iterator[Box]:
    while position + 8 <= len(content):
        box = _box(content[position : position + 16], position, len(content))
        if box.end > len(content):
            raise _damaged("a box is longer than the one around it")
        yield box
        position = box.end


def _box(head: bytes, position: int, end_of_all: int) -> Box:
    """Length 1 means that 8 bytes of length follow the name, 0 that the box reaches to the end."""
    if len(head) < 8:
        raise _damaged("bytes that are no box follow the last one")
    length, name, start = int.from_bytes(head[:4], "big"), head[4:8], 8
    if length == 1:
        length, start = int.from_bytes(head[8:16], "big"), 16
    if length == 0:
        return Box(name, position + start, end_of_all)
    if length < start:
        raise _damaged("a box is shorter than its own header")
    return Box(name, position + start, position + length)


class _Numbers:
    """Reads big-endian numbers of any length, one after another."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._position = 0

    def take(self, length: int) -> int:
        """The next number of ``length`` bytes; 0 bytes are the number 0."""
        part = self._content[self._position : self._position + length]
        if len(part) < length:
            raise _damaged("the list of places ends early")
        self._position += length
        return int.from_bytes(part, "big")


def _check_items(content: bytes, size: int) -> None:
    """Follow ``iloc`` (14496-12, 8.11.3): every extent that lies in this file must end within it."""
    numbers = _Numbers(content)
    version = numbers.take(1)
    numbers.take(3)
    widths = numbers.take(2)
    offset_bytes, length_bytes, base_bytes = widths >> 12, widths >> 8 & 15, widths >> 4 & 15
    index_bytes = widths & 15 if version in {1, 2} else 0
    for _ in range(numbers.take(4 if version == 2 else 2)):
        numbers.take(4 if version == 2 else 2)
        method = numbers.take(2) & 15 if version in {1, 2} else 0
        reference = numbers.take(2)
        base = numbers.take(base_bytes)
        for _ in range(numbers.take(2)):
            numbers.take(index_bytes)
            start = base + numbers.take(offset_bytes)
            end = start + numbers.take(length_bytes)
            if method == 0 and reference == 0 and end > size:
                raise _damaged(f"a part of the picture ends at byte {end:,} of {size:,}")
