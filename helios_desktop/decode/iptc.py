"""IPTC-IIM 4.2: the bytes of an IPTC block in, title, caption and keywords out. What is broken ends the reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from helios_desktop.decode.text import clean, clean_all

_MARK, _APPLICATION_RECORD = 0x1C, 2
_TITLE, _KEYWORD, _HEADLINE, _CAPTION = 5, 25, 105, 120
_UTF8 = b"\x1b%G"
"""ISO 2022 escape in dataset 1:90: the texts are UTF-8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What an IPTC block says."""

    title: str = ""
    caption: str = ""
    keywords: tuple[str, ...] = ()


def parse(block: bytes) -> Records:
    """Read a block; texts that are not UTF-8 are taken as Latin-1, as old programs wrote them."""
    values: dict[int, list[str]] = {}
    is_utf8 = False
    for record, dataset, value in _datasets(block):
        if (record, dataset) == (1, 90):
            is_utf8 = value == _UTF8
        elif record == _APPLICATION_RECORD:
            values.setdefault(dataset, []).append(_decode(value, is_utf8=is_utf8))
    titles = values.get(_TITLE, []) + values.get(_HEADLINE, [])
    return Records(
        title=clean(titles[0]) if titles else "",
        caption=clean(" ".join(values.get(_CAPTION, []))),
        keywords=clean_all(values.get(_KEYWORD, [])),
    )


def _decode(value: bytes, *, is_utf8: bool) -> str:
    if is_utf8:
        return value.decode("utf-8", "replace")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _datasets(block: bytes) -> Iterator[tuple[int, int, bytes]]:
    position = 0
    while position + 5 <= len(block) and block[position] == _MARK:
        length = int.from_bytes(block[position + 3 : position + 5], "big")
        start = position + 5
        if length & 0x8000:
            return
        yield block[position + 1], block[position + 2], block[start : start + length]
        position = start + length
